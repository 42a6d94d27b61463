// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

type voucherHeader struct {
	Alg string `json:"alg"`
	Use string `json:"use"`
	Typ string `json:"typ"`
	Kid string `json:"kid"`
}

// voucherClaims are the claims of both kinds of voucher. The audience is one text: the
// platform joins several with commas.
type voucherClaims struct {
	Jti            string          `json:"jti"`
	Iss            string          `json:"iss"`
	Aud            string          `json:"aud"`
	ClientID       string          `json:"client_id"`
	Sub            string          `json:"sub"`
	Iat            int64           `json:"iat"`
	Nbf            int64           `json:"nbf"`
	Exp            int64           `json:"exp"`
	PurposeID      string          `json:"purposeId,omitempty"`
	Digest         json.RawMessage `json:"digest,omitempty"`
	ProducerID     string          `json:"producerId,omitempty"`
	ConsumerID     string          `json:"consumerId,omitempty"`
	EserviceID     string          `json:"eserviceId,omitempty"`
	DescriptorID   string          `json:"descriptorId,omitempty"`
	OrganizationID string          `json:"organizationId,omitempty"`
	Role           string          `json:"role,omitempty"`
	AdminID        string          `json:"adminId,omitempty"`
	Cnf            *confirmation   `json:"cnf,omitempty"`
}

type confirmation struct {
	JKT string `json:"jkt"`
}

func (s *Server) voucherClaims(a *assertion, g grant, proof *rules.Proof, now time.Time) (voucherClaims, error) {
	jti, err := rules.UUID(s.opts.Rand)
	if err != nil {
		return voucherClaims{}, err
	}
	c := voucherClaims{
		Jti:      jti,
		Iss:      s.opts.Issuer,
		ClientID: a.clientID,
		Sub:      a.clientID,
		Iat:      now.Unix(),
		Nbf:      now.Unix(),
	}
	if proof != nil {
		c.Cnf = &confirmation{JKT: proof.JKT}
	}
	if g.client.Kind == API {
		c.Aud = s.opts.M2MAudience
		c.Exp = c.Iat + int64(s.opts.M2MLifespan/time.Second)
		c.OrganizationID = g.client.TenantID
		c.Role = "m2m"
		if g.client.AdminID != "" {
			c.Role, c.AdminID = "m2m-admin", g.client.AdminID
		}
		return c, nil
	}
	c.Aud = strings.Join(g.descriptor.Audience, ",")
	c.Exp = c.Iat + int64(g.descriptor.VoucherLifespan)
	c.PurposeID = g.purpose.ID
	c.Digest = a.digest
	c.ProducerID = g.eservice.ProducerID
	c.ConsumerID = g.purpose.ConsumerID
	c.EserviceID = g.eservice.ID
	c.DescriptorID = g.descriptor.ID
	return c, nil
}

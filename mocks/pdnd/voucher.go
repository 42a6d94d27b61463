// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/m2m"
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

// sign makes a JWS with the newest key of the platform, under the header of a voucher.
func (s *Server) sign(claims any) (string, error) {
	s.mu.RLock()
	signer := s.signing[0]
	s.mu.RUnlock()
	return rules.Sign(s.opts.Rand, signer.key, voucherHeader{"RS256", "sig", "at+jwt", signer.kid}, claims)
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
	if g.Client.Kind == API {
		c.Aud = s.opts.M2MAudience
		c.Exp = c.Iat + int64(s.opts.M2MLifespan/time.Second)
		c.OrganizationID = g.Client.TenantID
		c.Role = m2m.RoleM2M
		if g.Client.AdminID != "" {
			c.Role, c.AdminID = m2m.RoleAdmin, g.Client.AdminID
		}
		return c, nil
	}
	c.Aud = strings.Join(g.Descriptor.Audience, ",")
	c.Exp = c.Iat + int64(g.Descriptor.VoucherLifespan)
	c.PurposeID = g.Purpose.ID
	c.Digest = a.digest
	c.ProducerID = g.Eservice.ProducerID
	c.ConsumerID = g.Purpose.ConsumerID
	c.EserviceID = g.Eservice.ID
	c.DescriptorID = g.Descriptor.ID
	return c, nil
}

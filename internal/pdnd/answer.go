// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/uuid"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// maxVoucherLife is the longest voucherLifespan that PDND allows a descriptor.
const maxVoucherLife = 24 * time.Hour

// readVoucher reads the reply to a token request sent at began. A reply that is no
// voucher for this request is a PDND that does not work: registry.ErrPDND. A voucher that is
// right but of another consumer is a purpose that the configuration gives to the wrong
// ente: registry.ErrConfig.
func readVoucher(body []byte, r VoucherRequest, began time.Time) (Voucher, error) {
	v, err := parseVoucher(body, r, began)
	if err != nil {
		return Voucher{}, &registry.Fault{Kind: registry.ErrPDND, Status: 200, Text: textBadVoucher(), Err: err}
	}
	if r.ConsumerID != "" && v.ConsumerID != r.ConsumerID {
		found := v.ConsumerID
		if !uuid.Valid(found) {
			found = "?"
		}
		return Voucher{}, &registry.Fault{Kind: registry.ErrConfig, Status: 200, Text: textOtherConsumer(r, found)}
	}
	return v, nil
}

func parseVoucher(body []byte, r VoucherRequest, began time.Time) (Voucher, error) {
	var reply struct {
		AccessToken string  `json:"access_token"`
		TokenType   string  `json:"token_type"`
		ExpiresIn   float64 `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return Voucher{}, errors.New("the reply is no JSON object of a token")
	}
	bound := r.Client.thumbprint()
	if want := tokenType(bound); !strings.EqualFold(reply.TokenType, want) {
		return Voucher{}, fmt.Errorf("token_type is not %s", want)
	}
	if reply.ExpiresIn < 1 || reply.ExpiresIn > maxVoucherLife.Seconds() {
		return Voucher{}, errors.New("expires_in is not between a second and a day")
	}
	claims, err := peek(reply.AccessToken)
	if err != nil {
		return Voucher{}, err
	}
	if err := claims.match(r, bound); err != nil {
		return Voucher{}, err
	}
	return Voucher{
		Token: reply.AccessToken, JTI: claims.JTI, JKT: bound, ConsumerID: claims.ConsumerID,
		ProducerID: claims.ProducerID, EserviceID: claims.EserviceID, DescriptorID: claims.DescriptorID,
		// Counted from before the request, by our clock: whatever PDND's clock says,
		// the voucher does not live longer than this.
		ExpiresAt: began.Add(time.Duration(reply.ExpiresIn * float64(time.Second))),
	}, nil
}

// peeked are claims read without verification, see Voucher.
type peeked struct {
	JTI          string          `json:"jti"`
	ConsumerID   string          `json:"consumerId"`
	ClientID     string          `json:"client_id"`
	PurposeID    string          `json:"purposeId"`
	ProducerID   string          `json:"producerId"`
	EserviceID   string          `json:"eserviceId"`
	DescriptorID string          `json:"descriptorId"`
	Digest       *voucher.Digest `json:"digest"`
	Bound        struct {
		JKT string `json:"jkt"`
	} `json:"cnf"`
}

func tokenType(bound string) string {
	if bound == "" {
		return string(dpop.SchemeBearer)
	}
	return string(dpop.SchemeDPoP)
}

// peek reads the claims of a voucher whose shape is that of one.
func peek(compact string) (peeked, error) {
	if _, err := token.Parse(compact, token.Voucher()); err != nil {
		return peeked{}, fmt.Errorf("access_token: %w", err)
	}
	var claims peeked
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil {
		return peeked{}, errors.New("access_token: claims of the wrong type")
	}
	return claims, nil
}

// match refuses a voucher that is for someone or something else than was asked, or bound to
// another DPoP key than bound, "" for none.
func (c peeked) match(r VoucherRequest, bound string) error {
	switch {
	case c.JTI == "" || len(c.JTI) > 128:
		return errors.New("the voucher has no usable jti")
	case c.ClientID != r.Client.ClientID:
		return errors.New("the voucher is for another client")
	case c.PurposeID != r.PurposeID:
		return errors.New("the voucher is for another purpose")
	case c.Bound.JKT != bound:
		return errors.New("the voucher is bound to another DPoP key")
	case (c.Digest == nil) != (r.Digest == nil), c.Digest != nil && *c.Digest != *r.Digest:
		return errors.New("the voucher is bound to another tracking evidence")
	}
	return nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// assertion checks the client assertion of a token request as PDND would, which hides
// its reasons. Where PDND is not named by --audience, the one that the assertion names is
// taken, if it is one of PDND's.
func (v Verification) assertion(ctx context.Context, m *message.Message) (Verdict, error) {
	compact := formAssertion(m)
	if compact == "" {
		compact, _ = m.Get("client_assertion")
	}
	if compact == "" {
		return Verdict{}, bilingual.Errorf("nel corpo non c'è client_assertion: serve la richiesta al token endpoint, o il token da solo",
			"there is no client_assertion in the body: the request to the token endpoint is needed, or the token alone")
	}
	p, _ := decode(compact)
	e := voucher.AssertionExpectation{ClientID: v.ClientID, Audience: v.Audience, API: !has(p.body, "purposeId"), Now: v.Clock()}
	var out Verdict
	if e.ClientID == "" {
		e.ClientID = str(p.body, "sub")
		out.Unchecked = append(out.Unchecked, text("sub non è confrontato con nulla: indicare --client-id", "sub is compared with nothing: give --client-id"))
	}
	if e.Audience == "" {
		e.Audience = assertionAudience(audience(p.body))
	}
	u, err := token.Parse(compact, token.ClientAssertion())
	if err == nil {
		var key modi.Key
		key, err = v.Keys.ResolveKey(ctx, u.KID())
		if errors.Is(err, modi.ErrKeyUnknown) {
			err = errOtherKeys(u.KID())
		}
		if err != nil {
			return Verdict{}, needed(err)
		}
		e.Public = key.Public
		err = voucher.CheckAssertion(compact, e)
	}
	var refusal *modi.Refusal
	switch {
	case errors.As(err, &refusal):
		out.Violations = refusal.Violations
	case err != nil:
		return Verdict{}, err
	default:
		out.Accepted = true
		out.Proofs = []Proof{assertionProof(p)}
	}
	return out, nil
}

// assertionAudience is the audience of the environment that an assertion means: the one
// whose host it names, else production.
func assertionAudience(got []string) string {
	all := []string{
		"auth.interop.pagopa.it/client-assertion", "auth.uat.interop.pagopa.it/client-assertion", "auth.att.interop.pagopa.it/client-assertion",
	}
	for _, known := range all {
		host, _, _ := strings.Cut(known, "/")
		if slices.ContainsFunc(got, func(a string) bool { return strings.Contains(strings.ToLower(a), host) }) {
			return known
		}
	}
	return all[0]
}

func assertionProof(p parts) Proof {
	at := func(claim string) time.Time {
		t, _ := instant(p.body[claim])
		return t
	}
	return Proof{
		Pattern: modi.PatternClientAssertion, Issuer: str(p.body, "iss"), Subject: str(p.body, "sub"), Audience: strings.Join(audience(p.body), " "),
		JTI: str(p.body, "jti"), KID: str(p.head, "kid"), Algorithm: str(p.head, "alg"), IssuedAt: at("iat"), Expires: at("exp"),
	}
}

// Wrap makes a message of a token alone, so that it can be verified by the rules of the
// one pattern it is said to be of.
func Wrap(compact string, p modi.Pattern) *message.Message {
	field := message.Field{Name: rest.HeaderSignature, Value: compact}
	switch p {
	case modi.PatternVoucher, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
		field = message.Field{Name: "Authorization", Value: "Bearer " + compact}
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
		field.Name = rest.HeaderTrackingEvidence
	case modi.PatternDPoP:
		field.Name = "DPoP"
	case modi.PatternClientAssertion:
		field.Name = "client_assertion"
	default:
	}
	return &message.Message{Method: "GET", Target: "/", Proto: "HTTP/1.1", Fields: []message.Field{field}}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package vectors_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/vectors"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// checker verifies vectors of one set.
type checker struct {
	keys         moditest.Keys
	certificates moditest.Certificates
	now          time.Time
}

func (c checker) clock() time.Time { return c.now }

// check runs the verifier of the vector's pattern with a token and body in the place of
// the vector's own.
func (c checker) check(ctx context.Context, v vectors.Vector, compact, body string) error {
	e := v.Expect
	h := v.Header.Clone()
	switch v.Pattern {
	case modi.PatternClientAssertion:
		return c.checkAssertion(v, compact)
	case modi.PatternVoucher:
		_, err := voucher.Verifier{
			Issuer: e.Issuer, Audience: e.Audience, ProducerID: e.ProducerID, EserviceID: e.EserviceID,
			DescriptorIDs: []string{e.DescriptorID}, AllowBound: e.JKT != "", Keys: c.keys, Clock: c.clock, Times: modi.VoucherTimes(),
		}.Verify(ctx, compact)
		return err
	case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
		h.Set(rest.HeaderAuthorization, "Bearer "+compact)
		_, err := rest.IDAuthVerifier{
			Pattern: v.Pattern, Audience: e.Audience, Organization: e.Organization,
			Certificates: c.certificates, Clock: c.clock, Times: modi.PartyTimes(),
		}.Verify(ctx, h)
		return err
	case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternPDNDResponse:
		h.Set(rest.HeaderSignature, compact)
		_, err := rest.IntegrityVerifier{
			Pattern: v.Pattern, Audience: e.Audience, Issuer: e.Issuer, Owner: e.Owner, Organization: e.Organization,
			RequestDigest: e.RequestDigest, Keys: c.keys, Certificates: c.certificates, Clock: c.clock, Times: modi.PartyTimes(),
		}.Verify(ctx, rest.Message{Header: h, Body: modi.Bytes(body)})
		return err
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
		h.Set(rest.HeaderTrackingEvidence, compact)
		verifier := rest.AuditVerifier{
			Pattern: v.Pattern, Audience: e.Audience, Owner: e.Owner, PurposeID: e.PurposeID,
			Keys: c.keys, Clock: c.clock, Times: modi.PartyTimes(),
		}
		if e.VoucherDigest != "" {
			verifier.Digest = &voucher.Digest{Alg: voucher.DigestAlg, Value: e.VoucherDigest}
		}
		_, err := verifier.Verify(ctx, h)
		return err
	case modi.PatternDPoP:
		return c.checkPossession(v, h, compact)
	case modi.PatternProvenance:
		return c.verifyWithSetKey(compact, token.Provenance())
	default:
		return fmt.Errorf("pattern %q", v.Pattern)
	}
}

func (c checker) checkPossession(v vectors.Vector, h http.Header, compact string) error {
	h.Set(dpop.HeaderProof, compact)
	verifier := dpop.Verifier{Clock: c.clock, Times: modi.ProofTimes()}
	request := dpop.Request{Method: v.Expect.Method, URL: v.Expect.URL, Header: h}
	if h.Get(rest.HeaderAuthorization) == "" {
		_, err := verifier.VerifyTokenRequest(request)
		return err
	}
	presented, err := dpop.Present(h)
	if err != nil {
		return err
	}
	_, err = verifier.Verify(request, presented, v.Expect.JKT)
	return err
}

func (c checker) checkAssertion(v vectors.Vector, compact string) error {
	u, err := token.Parse(compact, token.ClientAssertion())
	if err != nil {
		return err
	}
	return voucher.CheckAssertion(compact, voucher.AssertionExpectation{
		ClientID: v.Expect.ClientID, Audience: v.Expect.Audience, Now: c.now, Public: c.keys.ByKID[u.KID()].Public,
	})
}

func (c checker) verifyWithSetKey(compact string, k token.Kind) error {
	u, err := token.Parse(compact, k)
	if err != nil {
		return err
	}
	_, err = u.Verify(c.keys.ByKID[u.KID()].Public)
	return err
}

func load(t testing.TB) (vectors.Set, checker) {
	t.Helper()
	set, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	return set, checker{
		keys: moditest.Keys{ByKID: set.Keys}, certificates: moditest.Certificates{Trusted: set.Trusted}, now: set.Now,
	}
}

func TestVectorsAreAccepted(t *testing.T) {
	set, c := load(t)
	for _, v := range set.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			moditest.WantRules(t, c.check(t.Context(), v, v.Compact, v.Body))
		})
	}
}

// mutations spoil a token in ways that leave no signature of the owner behind.
func mutations(t *testing.T, compact string) map[string]string {
	t.Helper()
	p := strings.Split(compact, ".")
	recode := func(part, from, to string) string {
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || !strings.Contains(string(data), from) {
			t.Fatalf("nothing to mutate: %q is not in the part, %v", from, err)
		}
		return base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(data), from, to, 1)))
	}
	last := "A"
	if strings.HasSuffix(p[2], "A") {
		last = "Q"
	}
	return map[string]string{
		"payload member added":   p[0] + "." + recode(p[1], "{", `{"x":1,`) + "." + p[2],
		"payload re-spaced":      p[0] + "." + recode(p[1], "{", `{ `) + "." + p[2],
		"iat moved":              p[0] + "." + recode(p[1], `"iat":17`, `"iat":18`) + "." + p[2],
		"alg none":               recode(p[0], `"alg":"`, `"alg":"none","x":"`) + "." + p[1] + ".",
		"alg renamed":            recode(p[0], `S256"`, `S512"`) + "." + p[1] + "." + p[2],
		"header re-spaced":       recode(p[0], "{", "{ ") + "." + p[1] + "." + p[2],
		"crit added":             recode(p[0], "{", `{"crit":["b64"],"b64":false,`) + "." + p[1] + "." + p[2],
		"kid repeated":           recode(p[0], "{", `{"kid":"x",`) + "." + p[1] + "." + p[2],
		"signature first letter": p[0] + "." + p[1] + "." + flip(p[2][0]) + p[2][1:],
		"signature last letter":  p[0] + "." + p[1] + "." + p[2][:len(p[2])-2] + last + last,
		"signature of 1 byte":    p[0] + "." + p[1] + ".AA",
		"no signature":           p[0] + "." + p[1] + ".",
		"two segments":           p[0] + "." + p[1],
		"four segments":          compact + ".AA",
		"padding":                compact + "==",
		"line break":             compact + "\n",
		"line break inside":      p[0] + "." + p[1][:8] + "\n" + p[1][8:] + "." + p[2],
		"parts exchanged":        p[1] + "." + p[0] + "." + p[2],
		"JSON serialisation":     fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, p[0], p[1], p[2]),
	}
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

func TestMutatedVectorsAreRefused(t *testing.T) {
	set, c := load(t)
	for _, v := range set.Vectors {
		for name, compact := range mutations(t, v.Compact) {
			t.Run(v.Name+"/"+name, func(t *testing.T) {
				err := c.check(t.Context(), v, compact, v.Body)
				if len(moditest.Rules(t, err)) != 1 {
					t.Errorf("error %v, want one rule of shape, algorithm, key or signature", err)
				}
			})
		}
		if v.Body != "" {
			t.Run(v.Name+"/body changed", func(t *testing.T) {
				moditest.WantRules(t, c.check(t.Context(), v, v.Compact, v.Body+" "), modi.IntegrityDigestMismatch)
			})
		}
	}
}

// A token is good for its own kind and header only.
func TestVectorsOfOneKindAreRefusedAsAnother(t *testing.T) {
	set, c := load(t)
	for _, v := range set.Vectors {
		for _, as := range set.Vectors {
			if v.Pattern == as.Pattern || moreThan(v.Pattern, as.Pattern) {
				continue
			}
			t.Run(v.Name+" as "+as.Name, func(t *testing.T) {
				err := c.check(t.Context(), as, v.Compact, as.Body)
				if len(moditest.Rules(t, err)) == 0 {
					t.Error("accepted")
				}
			})
		}
	}
}

// moreThan tells whether a token of pattern p is one of the other pattern too: it only
// promises more.
func moreThan(p, other modi.Pattern) bool {
	return p == modi.PatternIDAuthREST02 && other == modi.PatternIDAuthREST01 ||
		p == modi.PatternAuditREST02 && other == modi.PatternAuditREST01
}

func TestEveryPatternHasAVector(t *testing.T) {
	set, _ := load(t)
	for _, p := range []modi.Pattern{
		modi.PatternVoucher, modi.PatternClientAssertion, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02,
		modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternAuditREST01, modi.PatternAuditREST02,
		modi.PatternDPoP, modi.PatternPDNDResponse, modi.PatternProvenance,
	} {
		if !slices.ContainsFunc(set.Vectors, func(v vectors.Vector) bool { return v.Pattern == p }) {
			t.Errorf("%s has no vector", p)
		}
	}
}

func TestCertificatesOfTheVectorsComeFromTheirCA(t *testing.T) {
	set, _ := load(t)
	for _, cert := range set.Trusted {
		if err := cert.CheckSignatureFrom(set.CA); err != nil {
			t.Errorf("%s: %v", cert.Subject, err)
		}
	}
}

func TestVectorsExpire(t *testing.T) {
	set, c := load(t)
	c.now = set.Now.Add(24 * time.Hour)
	for _, v := range set.Vectors {
		if v.Pattern == modi.PatternProvenance {
			continue // a statement about the past does not expire
		}
		if err := c.check(t.Context(), v, v.Compact, v.Body); len(moditest.Rules(t, err)) == 0 {
			t.Errorf("%s: accepted a day later", v.Name)
		}
	}
}

func TestVectorHeadersAreCanonical(t *testing.T) {
	set, _ := load(t)
	for _, v := range set.Vectors {
		for name := range v.Header {
			if http.CanonicalHeaderKey(name) != name {
				t.Errorf("%s: header %q", v.Name, name)
			}
		}
	}
}

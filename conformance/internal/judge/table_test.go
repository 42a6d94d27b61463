// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package judge_test

import (
	"crypto"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/conformance/internal/judge"
	"github.com/snodo-pa/snodo/modi"
)

// theWorld holds the keys of all tests.
var theWorld = sync.OnceValue(func() *forge.World {
	return forge.NewWorld(time.Unix(1772442000, 0), rand.Reader, forge.InventedNames())
})

func keys(t testing.TB, names ...string) map[string]crypto.PublicKey {
	t.Helper()
	out := map[string]crypto.PublicKey{}
	for _, name := range names {
		k, err := theWorld().Key(name)
		if err != nil {
			t.Fatal(err)
		}
		out[k.KID] = k.Signer.Public()
	}
	return out
}

// policyOf is what the parties of a case agreed.
func policyOf(t testing.TB, c cases.Case) judge.Policy {
	t.Helper()
	n := theWorld().Names
	p := judge.Policy{
		Patterns: c.Patterns, Audience: n["audience"], ReplyAudience: n["client"], AssertionAudience: n["assertion-aud"], PurposeID: n["purpose"], Client: n["client"],
		Keys: keys(t, "client", "client-ec", "client-ec384", "client-ec521", "consumer", "weak-rsa"), Platform: keys(t, "platform"),
	}
	if c.Direction == cases.Response {
		p.Keys = keys(t, "producer-keychain", "consumer")
	}
	return p
}

func judged(t testing.TB, c cases.Case) []judge.Finding {
	t.Helper()
	m, err := theWorld().Build(c.Subject, c.Steps)
	if err != nil {
		t.Fatal(err)
	}
	p := policyOf(t, c)
	message := judge.Message{Method: m.Method, URL: m.URL, Status: m.Status, Header: m.Header, Body: m.Body, At: theWorld().Now, Asked: m.Asked}
	switch {
	case c.Patterns[0] == modi.PatternClientAssertion:
		return p.TokenRequest(message)
	case c.Direction == cases.Response:
		return p.Reply(message)
	default:
		return p.Request(message)
	}
}

// theCases are those of the table that the judge has a say in: a party's own messages,
// with the settings of the platform.
func theCases(t testing.TB) []cases.Case {
	t.Helper()
	all, err := cases.All()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(c cases.Case) bool {
		reply := c.Direction == cases.Response && c.Subject != "integrity-02-response"
		return c.Layer != cases.LayerModi || reply || c.Subject == "voucher" || len(c.Given) > 0 || configured(c) || c.Expect.Undecided
	})
}

func configured(c cases.Case) bool {
	s := c.Setup
	return len(s.References)+len(s.Algorithms)+len(s.SignedHeaders)+len(s.Claims) > 0 || s.SignatureHeader != "" || s.EmptyPayload != "" || s.Optional || s.Organisation != ""
}

// lenient are good messages that a party need not send: the judge of what is sent is
// stricter than a verifier may be.
func lenient(id string) bool {
	for _, part := range []string{
		"accept#scheme-lower-case", "accept#htu", "accept#url-with-query", "accept#audience-commas", "accept#content-type", "accept#jwk", "accept#rs512-proof",
		"accept#dpop-rsa", "accept#proof", "accept#empty", "accept#no-body", "accept#certificate", "accept#x5",
	} {
		if strings.HasPrefix(id, part) {
			return true
		}
	}
	return false
}

// TestGoodMessagesHaveNoFindings: what the table calls good, the judge does as well. The
// two were written apart.
func TestGoodMessagesHaveNoFindings(t *testing.T) {
	played := 0
	for _, c := range theCases(t) {
		if c.Verdict != cases.Accept || lenient(c.ID) {
			continue
		}
		played++
		t.Run(c.ID, func(t *testing.T) {
			list := judged(t, c)
			if len(list) == 0 && !slices.ContainsFunc(c.Steps, func(s cases.Step) bool { return s.Do == "message.empty" }) {
				t.Error("nothing was judged")
			}
			for _, f := range list {
				if !f.OK {
					t.Errorf("%s: expected %s, found %s", f.Rule, f.Expected, f.Found)
				}
			}
		})
	}
	if played < 50 {
		t.Errorf("%d good messages", played)
	}
}

// unseen are the bad messages of the table that the judge of what is sent lets pass: it
// knows no clients' owners, and leaves the finer forms to the verifiers.
func unseen() []string {
	return []string{
		// who signs with which certificate is for who trusts it
		"modi.id-auth/reference-not-allowed#x5u.id-auth-01", "modi.integrity/reference-not-allowed#x5u.integrity-01",
		"modi.id-auth/certificate-malformed#x5t-short.id-auth-01", "modi.integrity/certificate-malformed#x5t-short.integrity-01",
		"modi.id-auth/references-disagree#x5t-of-another.id-auth-01", "modi.integrity/references-disagree#x5t-of-another.integrity-01",
		"modi.integrity/signer-mismatch#other-certificate.both-headers",
		// INTEGRITY_REST_01 asks for a jti only beside ID_AUTH_REST_02
		"modi.integrity/jti-missing#absent.integrity-01", "modi.integrity/jti-malformed#empty.integrity-01", "modi.integrity/jti-malformed#number.integrity-01",
		"modi.integrity/jti-malformed#ten-thousand.integrity-01",
		// what was agreed about non repudiation is not told to the judge of one message
		"modi.integrity/request-digest-missing#absent.integrity-02-response",
		"modi.integrity/signed-header-mismatch#empty-reply.integrity-02-response",
	}
}

// TestBadMessagesHaveFindings: what the table calls bad, the judge finds something in.
func TestBadMessagesHaveFindings(t *testing.T) {
	played, passed := 0, []string{}
	for _, c := range theCases(t) {
		if c.Verdict != cases.Reject {
			continue
		}
		played++
		if !slices.ContainsFunc(judged(t, c), func(f judge.Finding) bool { return !f.OK }) && !slices.Contains(unseen(), c.ID) {
			passed = append(passed, c.ID)
		}
	}
	if played < 500 {
		t.Errorf("%d bad messages", played)
	}
	if len(passed) > 0 {
		t.Errorf("%d of %d pass:\n%s", len(passed), played, strings.Join(passed, "\n"))
	}
}

// TestFindingsHaveAPlace: every rule that the judge can name has a check that tells it.
func TestFindingsHaveAPlace(t *testing.T) {
	checks, err := cases.Checks()
	if err != nil {
		t.Fatal(err)
	}
	known := map[modi.RuleID]bool{}
	for _, c := range checks {
		known[c.Rule] = true
	}
	for _, c := range theCases(t) {
		for _, f := range judged(t, c) {
			if !known[f.Rule] {
				t.Errorf("%s, found in %s, has no check", f.Rule, c.ID)
				known[f.Rule] = true
			}
		}
	}
}

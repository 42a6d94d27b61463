// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package check_test

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/token"
)

// Each tolerance is checked on its last allowed second and on the first refused one.
func TestCheckTimesAtTheEdges(t *testing.T) {
	now := moditest.Now()
	for name, c := range map[string]struct {
		iat, nbf, exp time.Duration // from now
		times         modi.Times
		rules         []modi.RuleID
	}{
		"plain":                        {-time.Second, -time.Second, time.Minute, modi.PartyTimes(), nil},
		"iat at the tolerance":         {5 * time.Second, 0, time.Minute, modi.PartyTimes(), nil},
		"iat past the tolerance":       {6 * time.Second, 0, time.Minute, modi.PartyTimes(), []modi.RuleID{modi.AuditIssuedInFuture}},
		"iat at the age":               {-300 * time.Second, 0, time.Minute, modi.PartyTimes(), nil},
		"iat past the age":             {-301 * time.Second, 0, time.Minute, modi.PartyTimes(), []modi.RuleID{modi.AuditTooOld}},
		"nbf at the tolerance":         {0, 5 * time.Second, time.Minute, modi.PartyTimes(), nil},
		"nbf past the tolerance":       {0, 6 * time.Second, time.Minute, modi.PartyTimes(), []modi.RuleID{modi.AuditNotYetValid}},
		"exp in a second":              {0, 0, time.Second, modi.PartyTimes(), nil},
		"exp now":                      {-time.Second, 0, 0, modi.PartyTimes(), []modi.RuleID{modi.AuditExpired}},
		"life at the limit":            {0, 0, time.Hour, modi.PartyTimes(), nil},
		"life past the limit":          {0, 0, time.Hour + time.Second, modi.PartyTimes(), []modi.RuleID{modi.AuditLifetimeTooLong}},
		"voucher of a day, used late":  {-23 * time.Hour, -23 * time.Hour, time.Hour, modi.VoucherTimes(), nil},
		"exp before iat":               {3 * time.Second, 0, 2 * time.Second, modi.PartyTimes(), []modi.RuleID{modi.AuditExpBeforeIAT}},
		"two faults are both reported": {6 * time.Second, 6 * time.Second, time.Minute, modi.PartyTimes(), []modi.RuleID{modi.AuditIssuedInFuture, modi.AuditNotYetValid}},
	} {
		t.Run(name, func(t *testing.T) {
			f := check.For(token.Audit())
			f.CheckTimes(check.Instants{IssuedAt: now.Add(c.iat), NotBefore: now.Add(c.nbf), ExpiresAt: now.Add(c.exp)}, now, c.times)
			moditest.WantRules(t, f.Err(), c.rules...)
		})
	}
}

func TestAbsentTimesAreNotJudged(t *testing.T) {
	f := check.For(token.Audit())
	f.CheckTimes(check.Instants{}, moditest.Now(), modi.PartyTimes())
	moditest.WantRules(t, f.Err())
}

// The part of an audience that differs is often its end, so it is shown; a hostile one
// is cut and escaped.
func TestAudienceTextsAreSafe(t *testing.T) {
	f := check.For(token.Audit())
	f.CheckAudience([]string{moditest.Audience + "/", "\u202e\r\n", strings.Repeat("x", 5000), "y"}, moditest.Audience)
	err := f.Err()
	moditest.WantRules(t, err, modi.AuditAudienceMismatch)
	text := err.Error()
	if !strings.Contains(text, moditest.Audience+`/"`) || len(text) > 1000 || strings.ContainsAny(text, "\r\n\u202e") || !strings.Contains(text, "and 1 more") {
		t.Errorf("error %q", text)
	}
}

func TestOpenTellsNoFromDontKnow(t *testing.T) {
	key := moditest.RSA(t, 0)
	kid := moditest.Thumbprint(t, key.Public())
	compact := moditest.Forge(t, `{"alg":"RS256","kid":"`+kid+`","typ":"JWT"}`, `{}`, key)
	var refusal *modi.Refusal
	_, err := check.Open(t.Context(), compact, token.Audit(), moditest.Keys{})
	if !errors.As(err, &refusal) || errors.Is(err, modi.ErrUndecided) {
		t.Errorf("unknown key: %v", err)
	}
	for _, down := range []error{context.Canceled, errors.New("refused")} {
		_, err = check.Open(t.Context(), compact, token.Audit(), moditest.Keys{Down: down})
		if !errors.Is(err, modi.ErrUndecided) || !errors.Is(err, down) {
			t.Errorf("registry down: %v", err)
		}
	}
	o, err := check.Open(t.Context(), compact, token.Audit(), moditest.Only(kid, "", key.Public()))
	if err != nil || o.Faults.Err() != nil || o.Key.KID != kid {
		t.Errorf("good token: %+v, %v", o, err)
	}
}

func TestOpenCertified(t *testing.T) {
	key := moditest.RSA(t, 0)
	cert := moditest.Certificate(t, key, moditest.Organization)
	signing := token.SigningKey{KID: "nostro", Algorithm: token.RS256, Signer: key, Chain: []*x509.Certificate{cert}}
	compact, err := token.Sign(token.IDAuth(), token.HeaderExtra{}, map[string]any{"aud": "x"}, signing)
	if err != nil {
		t.Fatal(err)
	}
	o, err := check.OpenCertified(t.Context(), compact, token.IDAuth(), moditest.Certificates{Trusted: []*x509.Certificate{cert}})
	if err != nil || o.Certificate != cert || o.Key.Owner != moditest.Organization || o.Key.KID != "nostro" {
		t.Fatalf("opened %+v, %v", o, err)
	}
	other := token.IDAuth().WithTypes("modi+jwt")
	o, err = check.OpenCertified(t.Context(), compact, other, moditest.Certificates{Trusted: []*x509.Certificate{cert}})
	if err != nil || o.Certificate != cert {
		t.Fatalf("opened %+v, %v", o, err)
	}
	moditest.WantRules(t, o.Faults.Err(), modi.IDAuthTypeMismatch)

	_, err = check.OpenCertified(t.Context(), "x", token.IDAuth(), moditest.Certificates{})
	moditest.WantRules(t, err, modi.IDAuthMalformed)
	_, err = check.OpenCertified(t.Context(), compact, token.IDAuth(), moditest.Certificates{})
	moditest.WantRules(t, err, modi.IDAuthCertificateUntrusted)
	for name, store := range map[string]modi.CertificateResolver{
		"none": nil, "down": moditest.Certificates{Down: errors.New("no answer")}, "silent": silent{},
	} {
		_, err = check.OpenCertified(t.Context(), compact, token.IDAuth(), store)
		var refusal *modi.Refusal
		if !errors.Is(err, modi.ErrUndecided) || errors.As(err, &refusal) {
			t.Errorf("%s: %v, want undecided", name, err)
		}
	}
}

// silent is a resolver that says neither yes nor no.
type silent struct{}

func (silent) ResolveCertificate(context.Context, modi.CertificateReference) (modi.TrustedCertificate, error) {
	return modi.TrustedCertificate{}, nil
}

// A list in a string is looked into only where that is tolerated, and only for strings.
func TestAudienceInAString(t *testing.T) {
	kind := token.Audit().WithLenient(modi.Lenient{modi.LenientAudienceJSON})
	for aud, ok := range map[string]bool{
		`["a","ours"]`: true, `["ours"]`: true, `[["ours"]]`: false, `[1,"a"]`: false, `["ours",1]`: false, `[null,"ours"]`: false, `{"ours":1}`: false, `ours,a`: false, `["ours"`: false,
	} {
		f := check.For(kind)
		f.CheckAudience([]string{aud}, "ours")
		if got := f.Err() == nil; got != ok {
			t.Errorf("%s: accepted %t, want %t", aud, got, ok)
		}
	}
	f := check.For(kind)
	f.CheckAudience([]string{`["ours"]`, "x"}, "ours")
	moditest.WantRules(t, f.Err(), modi.AuditAudienceMismatch)
}

// A voucher signed by a party, or a party's token with PDND's kid, is told apart.
func TestUnknownKeyOfTheWrongRegistry(t *testing.T) {
	key := moditest.RSA(t, 0)
	kid := moditest.Thumbprint(t, key.Public())
	for _, c := range []struct {
		kind token.Kind
		typ  string
		hint bool
	}{{token.Voucher(), "at+jwt", true}, {token.Audit(), "JWT", false}} {
		compact := moditest.Forge(t, `{"alg":"RS256","kid":"`+kid+`","typ":"`+c.typ+`"}`, `{"aud":"x"}`, key)
		_, err := check.Open(t.Context(), compact, c.kind, moditest.Keys{})
		var refusal *modi.Refusal
		if !errors.As(err, &refusal) || (refusal.Violations[0].Hint != modi.Text{}) != c.hint {
			t.Errorf("%s: %+v", c.typ, err)
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/token"
)

// shape asks the strict parser what it refuses first, before any key.
func (t *Token) shape() {
	kind, ok := kindOf(t.Pattern)
	if !ok {
		return
	}
	_, err := token.Parse(t.compact, kind)
	var refusal *modi.Refusal
	if errors.As(err, &refusal) {
		v := refusal.Violations[0]
		if strings.HasSuffix(string(v.Rule), "/"+string(modi.FaultKIDMalformed)) && v.Hint == (modi.Text{}) {
			v.Hint = hint.KID(str(t.parts.head, "kid"))
		}
		t.near(v.Rule, Advice(v))
	}
	if alg := str(t.parts.head, "alg"); strings.EqualFold(alg, "none") || strings.HasPrefix(alg, "HS") {
		t.near(kind.Violation(modi.FaultAlgorithmNotAllowed, "", "").Rule, text(
			fmt.Sprintf("alg è %q, che non prova chi ha firmato: serve RS256 o un altro RS o ES", alg),
			fmt.Sprintf("alg is %q, which does not prove who signed: RS256 or another RS or ES is needed", alg)))
	}
	if want, typ := typeOf(t.Pattern), str(t.parts.head, "typ"); !strings.EqualFold(typ, want) {
		t.near(kind.Violation(modi.FaultTypeMismatch, "", "").Rule, text(
			fmt.Sprintf("typ è %q: per questo pattern è %s", typ, want), fmt.Sprintf("typ is %q: for this pattern it is %s", typ, want)))
	}
}

// Advice is what helps most with a violation: the hint, else the remedy of its rule with
// the title in front.
func Advice(v modi.Violation) modi.Text {
	if v.Hint != (modi.Text{}) {
		return v.Hint
	}
	r := RuleOf(v.Rule)
	return text(r.Title.IT+": "+r.Remedy.IT, r.Title.EN+": "+r.Remedy.EN)
}

// RuleOf finds a rule of the table; the zero Rule when it is not there.
func RuleOf(id modi.RuleID) modi.Rule {
	rules := modi.Rules()
	i := slices.IndexFunc(rules, func(r modi.Rule) bool { return r.ID == id })
	if i < 0 {
		return modi.Rule{}
	}
	return rules[i]
}

// spelling looks for claims of almost the right name, such as loa for LoA.
func (t *Token) spelling() {
	var names []string
	known := claimsOf(t.Pattern)
	for name := range t.parts.body {
		if !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, want := range known {
		if !has(t.parts.body, want) {
			t.near("", hint.Claim(names, want))
		}
	}
}

// tolerated is how far ahead a time may lie.
const tolerated = 5 * time.Second

func (t *Token) times(now time.Time) {
	kind, known := kindOf(t.Pattern)
	rule := func(f modi.Fault) modi.RuleID {
		if !known {
			return ""
		}
		return kind.Violation(f, "", "").Rule
	}
	read := map[string]time.Time{}
	for _, c := range []struct {
		claim     string
		malformed modi.Fault
	}{{"iat", modi.FaultIssuedAtMalformed}, {"nbf", modi.FaultNotBeforeInvalid}, {"exp", modi.FaultExpiryMalformed}} {
		raw, ok := t.parts.body[c.claim]
		if !ok {
			continue
		}
		t.near(rule(c.malformed), hint.Date(raw))
		at, ok := instant(raw)
		if !ok {
			t.near(rule(c.malformed), text(c.claim+" non è una data in secondi dal 1970", c.claim+" is not a date in seconds since 1970"))
			continue
		}
		read[c.claim] = at
		t.Times = append(t.Times, Time{Claim: c.claim, At: at, Words: TimeWords(c.claim, at, now)})
	}
	iat, nbf, exp := read["iat"], read["nbf"], read["exp"]
	if !iat.IsZero() && iat.Sub(now) > tolerated {
		t.near(rule(modi.FaultIssuedInFuture), hint.Skew(iat.Sub(now)))
	}
	if !nbf.IsZero() && nbf.Sub(now) > tolerated {
		t.near(rule(modi.FaultNotYetValid), hint.Skew(nbf.Sub(now)))
	}
	if !iat.IsZero() && !exp.IsZero() && !exp.After(iat) {
		t.near(rule(modi.FaultExpiryBeforeIssue), text("exp non è dopo iat: il token non è mai stato valido", "exp is not after iat: the token was never valid"))
	}
}

// TimeWords says what a time of a token means now.
func TimeWords(claim string, at, now time.Time) modi.Text {
	w := fromNow(at, now)
	switch {
	case claim == "iat":
		return text("creato "+w.IT, "issued "+w.EN)
	case claim == "nbf" && at.After(now):
		return text("utilizzabile "+w.IT, "usable "+w.EN)
	case claim == "nbf":
		return text("utilizzabile da "+inWords(at.Sub(now)).IT, "usable since "+w.EN)
	case at.After(now):
		return text("scade "+w.IT, "expires "+w.EN)
	default:
		return text("scaduto "+w.IT, "expired "+w.EN)
	}
}

// audience compares aud with the right one, if somebody said which. That of a client
// assertion is known.
func (t *Token) audience(want string) {
	got := audience(t.parts.body)
	if t.Pattern == modi.PatternClientAssertion && want == "" {
		want = assertionAudience(got)
	}
	if want == "" || len(got) == 0 || slices.Contains(got, want) {
		return
	}
	var rule modi.RuleID
	if kind, ok := kindOf(t.Pattern); ok {
		rule = kind.Violation(modi.FaultAudienceMismatch, "", "").Rule
	}
	h := hint.Audience(got, want)
	if h == (modi.Text{}) {
		h = text("è un'altra", "it is another one")
	}
	t.near(rule, text("aud: "+h.IT+"; attesa "+want, "aud: "+h.EN+"; expected "+want))
}

// extra finds what a pattern does not admit, or mistakes in the form of its claims.
func (t *Token) extra() {
	b := t.parts.body
	switch t.Pattern {
	case modi.PatternClientAssertion:
		for _, name := range []string{"nbf", "client_id"} {
			if has(b, name) {
				t.near(modi.AssertionClaimNotAllowed, text(
					"c'è "+name+": PDND rifiuta le client assertion con claim in più", "there is "+name+": PDND refuses client assertions with more claims"))
			}
		}
	case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternPDNDResponse:
		var list []json.RawMessage
		if raw, ok := b["signed_headers"]; ok && json.Unmarshal(raw, &list) != nil {
			t.near(modi.IntegritySignedHeadersMalformed, text(
				"signed_headers non è una lista: va scritto [{\"digest\":...},{\"content-type\":...}]",
				"signed_headers is not a list: write [{\"digest\":...},{\"content-type\":...}]"))
		}
	case modi.PatternVoucher:
		if o := members(b["cnf"]); has(o, "jkt") && !token.ValidKID(str(o, "jkt")) {
			t.near(modi.VoucherCNFMalformed, text("cnf.jkt non è un'impronta di 43 caratteri base64url", "cnf.jkt is not a thumbprint of 43 base64url characters"))
		}
	default:
	}
}

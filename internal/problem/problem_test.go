// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

func TestEveryRowIsComplete(t *testing.T) {
	form := regexp.MustCompile(`^(hub|modi|pdnd)\.[a-z-]+/[a-z0-9-]+$`)
	seen := map[modi.RuleID]bool{}
	for _, r := range Table() {
		if seen[r.Rule] {
			t.Errorf("%s stands twice", r.Rule)
		}
		seen[r.Rule] = true
		if !form.MatchString(string(r.Rule)) {
			t.Errorf("%s: form of the id", r.Rule)
		}
		if r.Title.IT == "" || r.Title.EN == "" || r.Remedy.IT == "" || r.Remedy.EN == "" || r.Source == "" {
			t.Errorf("%s: a text is missing", r.Rule)
		}
		if strings.HasSuffix(r.Title.IT, ".") || strings.HasSuffix(r.Title.EN, ".") {
			t.Errorf("%s: a title ends with a stop", r.Rule)
		}
		if r.Status < 400 || r.Status > 599 {
			t.Errorf("%s: status %d", r.Rule, r.Status)
		}
	}
	for _, r := range modi.Rules() {
		if !seen[r.ID] {
			t.Errorf("%s of the protocol is not in the table", r.ID)
		}
	}
}

// TestEveryRuleConstantHasARow reads the source, so that a constant added without a row fails.
func TestEveryRuleConstantHasARow(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "rules.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		lit, ok := node.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING || !strings.HasPrefix(lit.Value, `"hub.`) {
			return true
		}
		id, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := Lookup(modi.RuleID(id)); !ok {
			t.Errorf("%s has no row", id)
		}
		n++
		return true
	})
	if n < 30 {
		t.Errorf("only %d constants were found", n)
	}
}

func TestTableIsTheCallersOwn(t *testing.T) {
	Table()[0].Status = 1
	if Table()[0].Status == 1 {
		t.Error("a caller changed the table")
	}
}

func TestExplains(t *testing.T) {
	refusal := modi.Refuse(
		modi.Violation{Rule: modi.IntegrityDigestMismatch, Expected: "a", Found: "b"},
		modi.Violation{Rule: modi.IntegrityExpired},
	)
	for name, tc := range map[string]struct {
		err    error
		rule   modi.RuleID
		status int
		retry  time.Duration
	}{
		"own":                 {New(RulePratica), RulePratica, 422, 0},
		"own, wrapped":        {fmt.Errorf("x: %w", New(RulePratica)), RulePratica, 422, 0},
		"own with a wait":     {New(RuleQuotaTotal).After(time.Hour), RuleQuotaTotal, 429, time.Hour},
		"default wait of 429": {New(RuleQuotaTotal), RuleQuotaTotal, 429, DefaultRetryThrottled},
		"refusal":             {refusal, modi.IntegrityDigestMismatch, 400, 0},
		"refusal of voucher":  {modi.Refuse(modi.Violation{Rule: modi.VoucherExpired}), modi.VoucherExpired, 401, 0},
		"refusal, other key":  {modi.Refuse(modi.Violation{Rule: modi.IntegrityOwnerMismatch}), modi.IntegrityOwnerMismatch, 403, 0},
		"refusal, replay":     {modi.Refuse(modi.Violation{Rule: modi.IntegrityReplayed}), modi.IntegrityReplayed, 409, 0},
		"empty refusal":       {modi.Refuse(), RuleUnexpected, 500, 0},
		"undecided":           {fmt.Errorf("x: %w", modi.ErrUndecided), RuleKeysUndecided, 503, DefaultRetryUnavailable},
		"not found":           {&registry.Fault{Kind: registry.ErrNotFound}, RuleRegistryNotFound, 404, 0},
		"ambiguous":           {&registry.Fault{Kind: registry.ErrAmbiguous}, RuleRegistryAmbiguous, 409, 0},
		"invalid":             {registry.ErrInvalid, RuleRegistryInvalid, 422, 0},
		"denied":              {registry.ErrDenied, RuleRegistryDenied, 502, 0},
		"throttled":           {&registry.Fault{Kind: registry.ErrThrottled, RetryAfter: 3 * time.Second}, RuleRegistryThrottled, 429, 3 * time.Second},
		"configuration":       {registry.ErrConfig, RuleRegistryConfig, 502, 0},
		"signature":           {registry.ErrSignature, RuleRegistrySignature, 502, 0},
		"bad reply":           {&registry.Fault{Kind: registry.ErrBadReply, Violations: refusal.Violations, Err: refusal}, RuleRegistryBadReply, 502, 0},
		"not ready":           {registry.ErrNotReady, RuleRegistryNotReady, 503, DefaultRetryUnavailable},
		"unavailable":         {registry.ErrUnavailable, RuleRegistryUnavailable, 503, DefaultRetryUnavailable},
		"PDND":                {registry.ErrPDND, RulePDNDUnavailable, 503, DefaultRetryUnavailable},
		"settings":            {&registry.Fault{Kind: registry.ErrSettings}, RuleRegistrySettings, 502, 0},
		"own state":           {fmt.Errorf("number: %w", registry.ErrState), RuleStore, 503, DefaultRetryUnavailable},
		"own state undecided": {fmt.Errorf("%w: %w", modi.ErrUndecided, registry.ErrState), RuleStore, 503, DefaultRetryUnavailable},
		"unsupported":         {registry.ErrUnsupported, RuleRegistryUnsupported, 501, 0},
		"fault of no kind":    {&registry.Fault{Kind: errors.New("x")}, RuleUnexpected, 500, 0},
		"deadline":            {context.DeadlineExceeded, RuleDeadline, 503, DefaultRetryUnavailable},
		"caller left":         {context.Canceled, RuleStopping, 503, DefaultRetryUnavailable},
		"anything":            {errors.New("x"), RuleUnexpected, 500, 0},
		"outcome lost":        {New(RuleOutcomeNotStored).After(time.Hour), RuleOutcomeNotStored, 500, 0},
		"rule of no table":    {New("hub.x/y"), "hub.x/y", 500, 0},
	} {
		x := Explain(tc.err)
		if x.Row.Rule != tc.rule || x.Row.Status != tc.status || x.RetryAfter != tc.retry {
			t.Errorf("%s: %s %d %v, want %s %d %v", name, x.Row.Rule, x.Row.Status, x.RetryAfter, tc.rule, tc.status, tc.retry)
		}
		if Status(tc.err) != tc.status {
			t.Errorf("%s: Status", name)
		}
	}
	want := []string{"hub.registry/bad-reply", "modi.integrity/digest-mismatch", "modi.integrity/expired"}
	got := Rules(&registry.Fault{Kind: registry.ErrBadReply, Violations: append(refusal.Violations, refusal.Violations...)})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDocument(t *testing.T) {
	err := At(&registry.Fault{
		Kind: registry.ErrDenied, Code: "EN148", RegistryID: "g-1", Text: modi.Text{IT: "Negato.", EN: "Denied."},
		Err: errors.New("secret cause"),
	}, Place{Exchange: "00000000-0000-4000-8000-000000000001", Ente: "c_a", Servizio: "anpr-c030"})
	p, retry := From(err, "en", "https://ente.example/p")
	want := Problem{
		Type: "https://ente.example/p/hub.registry/denied", Title: "The registry denies access to the ente", Status: 502,
		Detail: "Denied.", Instance: "urn:uuid:00000000-0000-4000-8000-000000000001", Rule: RuleRegistryDenied,
		Rimedio: p.Rimedio, Scambio: "00000000-0000-4000-8000-000000000001", Ente: "c_a", Servizio: "anpr-c030",
		Codice: "EN148", GovWayID: "g-1",
	}
	if diff := cmp.Diff(want, p); diff != "" || retry != 0 {
		t.Error(diff, retry)
	}
	text, jsonErr := json.Marshal(p)
	if jsonErr != nil || strings.Contains(string(text), "secret") {
		t.Errorf("%s, %v", text, jsonErr)
	}
	if italian, _ := From(err, "it", ""); italian.Detail != "Negato." || !strings.HasPrefix(italian.Type, DefaultBase) {
		t.Errorf("%+v", italian)
	}
}

func TestViolationsAreToldWithTheirTitles(t *testing.T) {
	p, _ := From(modi.Refuse(
		modi.Violation{Rule: modi.IntegrityAudienceMismatch, Pattern: modi.PatternIntegrityREST02, Expected: "x", Found: "y"},
		modi.Violation{Rule: "modi.none/such"},
	), "it", "")
	if len(p.Violations) != 2 || p.Violations[0].Title == "" || p.Violations[0].Expected != "x" || p.Violations[1].Title != "" {
		t.Errorf("%+v", p.Violations)
	}
	if !strings.HasPrefix(p.Detail, p.Violations[0].Title+"; atteso: x; trovato: y. ") || !strings.HasSuffix(p.Detail, "modi.none/such") {
		t.Errorf("detail %q", p.Detail)
	}
}

func TestAtKeepsNil(t *testing.T) {
	if At(nil, Place{Exchange: "x"}) != nil {
		t.Error("no error became one")
	}
	inner := New(RulePratica)
	if err := At(inner, Place{}); !errors.Is(err, error(inner)) || err.Error() != inner.Error() {
		t.Error("the error is lost")
	}
}

func TestErrorText(t *testing.T) {
	cause := errors.New("cause")
	err := Newf(RulePratica, "a", "b").Because(cause)
	err.Violations = []modi.Violation{{Rule: RuleSchema, Found: "/x"}}
	if got := err.Error(); got != "hub.acquisition/pratica: b; hub.request/schema in body: cause" {
		t.Errorf("got %q", got)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
}

func TestLanguage(t *testing.T) {
	for header, want := range map[string]string{
		"": "it", "en": "en", "en-GB,en;q=0.9": "en", "it-IT,it;q=0.9,en;q=0.8": "it", "en;q=0.2, it;q=0.8": "it", "de": "it",
		"en;q=x": "it", "de, en;q=0.1": "en", "*": "it", "EN": "en", "en;q=0": "it",
	} {
		if got := Language(header); got != want {
			t.Errorf("Language(%q) = %s", header, got)
		}
	}
	if Say(modi.Text{IT: "a"}, "en") != "a" {
		t.Error("a text without English is lost")
	}
}

func TestChallenge(t *testing.T) {
	for name, tc := range map[string]struct{ err, want any }{
		"no key":      {New(RuleNoKey), `Bearer realm="snodo"`},
		"no voucher":  {modi.Refuse(modi.Violation{Rule: modi.VoucherTokenMissing}), `Bearer realm="snodo"`},
		"bad voucher": {modi.Refuse(modi.Violation{Rule: modi.VoucherExpired}), `Bearer realm="snodo", error="invalid_token"`},
		"not a 401":   {New(RuleSchema), ""},
	} {
		err, ok := tc.err.(error)
		if !ok {
			t.Fatal("not an error")
		}
		if p, _ := From(err, "it", ""); p.Challenge() != tc.want {
			t.Errorf("%s: %q", name, p.Challenge())
		}
	}
}

func TestPages(t *testing.T) {
	pages := Pages()
	if len(pages) != len(Table())+1 {
		t.Errorf("%d pages for %d rules", len(pages), len(Table()))
	}
	page := pages["modi.integrity/digest-mismatch.md"]
	for _, want := range []string{"SPDX-License-Identifier: CC-BY-4.0", "# modi.integrity/digest-mismatch", "INTEGRITY_REST_02", "| HTTP | 400 |", "## Che cosa fare", "In English"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q:\n%s", want, page)
		}
	}
	index := strings.Split(pages["README.md"], "\n")
	if !slices.IsSorted(slices.DeleteFunc(index, func(l string) bool { return !strings.HasPrefix(l, "| [`") })) {
		t.Error("the index is not sorted")
	}
	if escape("a|b<c>\n") != `a\|b&lt;c&gt; ` {
		t.Errorf("escape: %q", escape("a|b<c>\n"))
	}
}

// TestWhatWasExpectedIsToldInTheLanguageOfTheCaller: the verifiers speak English alone.
func TestWhatWasExpectedIsToldInTheLanguageOfTheCaller(t *testing.T) {
	err := &Error{Rule: "pdnd.voucher/token-missing", Violations: []modi.Violation{
		{Rule: "pdnd.voucher/token-missing", Expected: "the header Authorization: Bearer", Found: "none"},
	}}
	for lang, want := range map[string][2]string{
		"it": {"l'intestazione Authorization: Bearer", "nessuno"}, "en": {"the header Authorization: Bearer", "none"},
	} {
		p, _ := From(err, lang, "")
		if v := p.Violations[0]; v.Expected != want[0] || v.Found != want[1] || !strings.Contains(p.Detail, want[0]) {
			t.Errorf("%s: %+v, %s", lang, v, p.Detail)
		}
	}
}

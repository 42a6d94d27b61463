// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// errorsOfCallers are the errors whose documents testdata holds, by name of the archive.
func errorsOfCallers() map[string]error {
	place := Place{Exchange: "00000000-0000-4000-8000-000000000001", Ente: "c_bf01", Servizio: "anpr-c020"}
	cause := errors.New("SEGRETO BNCMRC85C12D612V")
	fault := func(kind error, code string, after time.Duration) error {
		return At(&registry.Fault{
			Kind: kind, Service: "anpr-c020", Status: 400, Code: code, RegistryID: "g-1", RetryAfter: after, Err: cause,
			Text: modi.Text{IT: "parole della ricetta", EN: "words of the recipe"},
		}, place)
	}
	return map[string]error{
		"no-key":              New(RuleNoKey).Because(cause),
		"revoked-key":         New(RuleRevokedKey),
		"malformed-json":      Newf(RuleMalformedJSON, "Errore di sintassi al byte 7.", "Syntax error at byte 7."),
		"method":              &Error{Rule: RuleMethod, Allow: []string{"GET", "POST"}},
		"schema":              schemaError(3),
		"schema-many":         schemaError(MaxViolations + 5),
		"unknown-service":     At(Unknown(RuleUnknownService, "path servizio", "anpr-c099", []string{"anpr-c030", "anpr-c020", "anpr-c020"}), place),
		"codice-fiscale":      &Error{Rule: RuleCodiceFiscale, Spots: []Spot{{Rule: RuleCodiceFiscale, Where: "/richiesta/codiceFiscale"}}},
		"quota":               New(RuleQuotaTotal).After(90 * time.Minute),
		"outcome-not-stored":  At(New(RuleOutcomeNotStored).After(time.Minute).Because(cause), place),
		"registry-not-found":  fault(registry.ErrNotFound, "EN122", 0),
		"registry-denied":     fault(registry.ErrDenied, "EN148", 0),
		"registry-throttled":  fault(registry.ErrThrottled, "", 13*time.Hour),
		"registry-down":       fault(registry.ErrUnavailable, "", 0),
		"registry-not-ready":  fault(registry.ErrNotReady, "", 30*time.Second),
		"registry-wordless":   &registry.Fault{Kind: registry.ErrInvalid, Err: cause},
		"bad-reply-signature": fmt.Errorf("acquire: %w", &registry.Fault{Kind: registry.ErrBadReply, Violations: brokenRules(), Err: cause}),
		"protocol":            modi.Refuse(brokenRules()...),
		"undecided":           fmt.Errorf("keys: %w", modi.ErrUndecided),
		"deadline":            fmt.Errorf("call: %w", context.DeadlineExceeded),
		"unexpected":          fmt.Errorf("acquire: %w", cause),
	}
}

func brokenRules() []modi.Violation {
	return []modi.Violation{
		{Rule: modi.IntegrityDigestMismatch, Pattern: modi.PatternIntegrityREST02, Expected: "SHA-256=a", Found: "SHA-256=b"},
		{Rule: modi.IntegrityExpired, Pattern: modi.PatternIntegrityREST02},
	}
}

func schemaError(n int) error {
	e := &Error{Rule: RuleSchema}
	for i := range n {
		e.Spots = append(e.Spots, Spot{
			Rule: RuleSchema, Where: fmt.Sprintf("/richiesta/%d", i),
			Expected: modi.Text{IT: "un testo", EN: "a string"}, Found: modi.Text{IT: "un numero", EN: "a number"},
		})
	}
	return e
}

// document writes what a caller receives: the wait and the challenge that go into the
// header, then the body.
func document(t *testing.T, err error, lang string) string {
	t.Helper()
	p, retry := From(err, lang, "")
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP %d\n", p.Status)
	if retry != 0 {
		fmt.Fprintf(&b, "Retry-After: %.0f\n", retry.Seconds())
	}
	if challenge := p.Challenge(); challenge != "" {
		fmt.Fprintf(&b, "WWW-Authenticate: %s\n", challenge)
	}
	if allow := Explain(err).Allow; len(allow) > 0 {
		fmt.Fprintf(&b, "Allow: %s\n", strings.Join(allow, ", "))
	}
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestDocuments compares what callers receive, in both languages, with testdata: an
// archive for each error holds it.txt and en.txt.
func TestDocuments(t *testing.T) {
	all := errorsOfCallers()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			a, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Files) != 2 || a.Files[0].Name != "it.txt" || a.Files[1].Name != "en.txt" {
				t.Fatalf("files are %+v", a.Files)
			}
			for _, f := range a.Files {
				lang := strings.TrimSuffix(f.Name, ".txt")
				if diff := cmp.Diff(string(f.Data), document(t, all[name], lang)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}
		})
	}
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) != len(all) {
		t.Errorf("%d archives for %d errors, %v", len(archives), len(all), err)
	}
}

// TestCausesNeverReachCallers, neither in the document nor in the detail of any language.
func TestCausesNeverReachCallers(t *testing.T) {
	for name, err := range errorsOfCallers() {
		for _, lang := range []string{"it", "en", "de", ""} {
			if text := document(t, err, lang); strings.Contains(text, "SEGRETO") || strings.Contains(text, "BNCMRC") {
				t.Errorf("%s, %q: the document shows the cause:\n%s", name, lang, text)
			}
		}
	}
}

// TestEveryRuleSpeaksBothLanguages: no document of a rule is the same in both, none is
// without a remedy, and a wait is told exactly where asking again may help.
func TestEveryRuleSpeaksBothLanguages(t *testing.T) {
	for _, row := range Table() {
		italian, waitIT := From(New(row.Rule), "it", "")
		english, waitEN := From(New(row.Rule), "en", "")
		if italian.Title == english.Title || italian.Rimedio == english.Rimedio || italian.Rimedio == "" {
			t.Errorf("%s: %q / %q, %q / %q", row.Rule, italian.Title, english.Title, italian.Rimedio, english.Rimedio)
		}
		if waitIT != waitEN || (waitIT > 0) != (row.Status == 429 || row.Status == 503) {
			t.Errorf("%s: status %d, wait %v and %v", row.Rule, row.Status, waitIT, waitEN)
		}
		if italian.Type != DefaultBase+string(row.Rule) || italian.Rule != row.Rule || italian.Status != row.Status {
			t.Errorf("%s: document is %+v", row.Rule, italian)
		}
		if challenge := italian.Challenge(); (challenge != "") != (row.Status == 401) {
			t.Errorf("%s: status %d, challenge %q", row.Rule, row.Status, challenge)
		}
	}
}

// TestTypeURL: one slash between base and rule, whatever the configuration says.
func TestTypeURL(t *testing.T) {
	for base, want := range map[string]string{
		"":                        "https://snodo.example/problems/hub.request/schema",
		"https://ente.example/p":  "https://ente.example/p/hub.request/schema",
		"https://ente.example/p/": "https://ente.example/p/hub.request/schema",
		"/errori":                 "/errori/hub.request/schema",
	} {
		if got := TypeURL(base, RuleSchema); got != want {
			t.Errorf("%q: %s", base, got)
		}
	}
}

// TestTheDeepestMeaningWins when errors are wrapped in one another: what the hub says of
// itself before the registry, the registry before the protocol, all before a sentinel.
func TestTheDeepestMeaningWins(t *testing.T) {
	fault := &registry.Fault{Kind: registry.ErrDenied, Err: context.DeadlineExceeded}
	for name, c := range map[string]struct {
		err  error
		want modi.RuleID
	}{
		"own around a fault":        {New(RulePratica).Because(fault), RulePratica},
		"fault around a deadline":   {fault, RuleRegistryDenied},
		"fault around a refusal":    {&registry.Fault{Kind: registry.ErrBadReply, Err: modi.Refuse(brokenRules()...)}, RuleRegistryBadReply},
		"refusal around a deadline": {errors.Join(modi.Refuse(brokenRules()...), context.DeadlineExceeded), modi.IntegrityDigestMismatch},
		"fault beside a refusal":    {errors.Join(modi.Refuse(brokenRules()...), fault), RuleRegistryDenied},
		"placed twice":              {At(At(fault, Place{Ente: "a"}), Place{Ente: "b"}), RuleRegistryDenied},
		"sentinel beside another":   {errors.Join(context.Canceled, registry.ErrNotFound), RuleRegistryNotFound},
		"nil kind":                  {&registry.Fault{}, RuleUnexpected},
	} {
		if got := Explain(c.err).Row.Rule; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if p, _ := From(At(At(fault, Place{Ente: "a"}), Place{Ente: "b"}), "it", ""); p.Ente != "b" {
		t.Errorf("the outer place is the one told: %q", p.Ente)
	}
}

// TestTheTableServesManyCallers at once, and no caller changes it.
func TestTheTableServesManyCallers(t *testing.T) {
	before := Table()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for _, row := range Table() {
				if got, ok := Lookup(row.Rule); !ok || got.Status != row.Status {
					t.Errorf("%s: %+v", row.Rule, got)
				}
				if p, _ := From(New(row.Rule), "en", ""); p.Status != row.Status {
					t.Errorf("%s: document is %+v", row.Rule, p)
				}
			}
			clear(Table())
		})
	}
	all.Wait()
	if diff := cmp.Diff(before, Table()); diff != "" {
		t.Errorf("the table has changed (-before +after):\n%s", diff)
	}
}

// TestPagesAreSafeMarkdown: one heading, one table, no text that opens HTML or a cell.
func TestPagesAreSafeMarkdown(t *testing.T) {
	for name, page := range Pages() {
		text := strings.TrimPrefix(page, docHeader)
		if text == page || !strings.HasSuffix(name, ".md") || strings.Contains(name, "..") {
			t.Errorf("%s begins %q", name, page[:40])
		}
		if strings.Count(text, "\n# ")+strings.Count("\n"+text, "\n# ") < 1 || strings.ContainsAny(text, "<\x00\r") {
			t.Errorf("%s: headings or markup:\n%s", name, text)
		}
		columns := map[int]bool{}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "|") {
				columns[strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")] = true
			}
		}
		if len(columns) != 1 {
			t.Errorf("%s: rows of %v cells", name, columns)
		}
	}
}

// FuzzUnknown: whatever is asked for, a codice fiscale is never repeated.
func FuzzUnknown(f *testing.F) {
	for _, seed := range []string{"anpr-c020", "BNCMRC85C12D612V", "xBNCMRC85C12D612Vx", "bncmrcurcmndsmnb", "01234567890", "a\nb", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		err := Unknown(RuleUnknownEnte, "/contesto/ente", asked, []string{"c_bf01"})
		p, _ := From(err, "en", "")
		if found := p.Violations[0].Found; found != "another name" && (found != asked || personForm.MatchString(found) || len(found) > 64) {
			t.Errorf("%q is told as %q", asked, found)
		}
		if text := ForLog(err); len(asked) > 3 && asked != "hub." && strings.Contains(text, asked) && !strings.Contains("hub.acquisition/unknown-ente; hub.acquisition/unknown-ente in body", asked) {
			t.Errorf("%q stands in the log: %s", asked, text)
		}
	})
}

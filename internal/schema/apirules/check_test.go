// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package apirules

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/snodo-pa/snodo/modi"
)

// sound is a document with no finding.
func sound(t testing.TB) []byte {
	t.Helper()
	document, err := os.ReadFile(filepath.Join("..", "..", "..", "registry", "recipes", "exposes", "stato-istanza.openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestASoundDocumentHasNoFindings(t *testing.T) {
	for _, f := range Check(sound(t)) {
		t.Error(f)
	}
}

// mutant is a change of the sound document that one rule must notice.
type mutant struct {
	name  string
	at    string // JSON pointer of what is set
	value string // JSON; empty removes it
	rule  modi.RuleID
}

const (
	search = "/paths/~1ricerche/post"
	show   = "/paths/~1istanze~1{id}/get"
	status = "/paths/~1status/get"
	answer = "/components/responses/StatoIstanza"
	tooMany,
	down = "/components/responses/TroppeRichieste", "/components/responses/NonDisponibile"
	headerString = `{"description":"x","schema":{"type":"string","maxLength":8}}`
	someProblem  = `{"description":"x","headers":{"X-RateLimit-Limit":{},"X-RateLimit-Remaining":{},"X-RateLimit-Reset":{}},"content":{"application/json":{"schema":{"type":"object"}}}}`
)

func mutants() []mutant {
	parameter := func(text string) string { return "[" + text + "]" }
	patch := `{"operationId":"x","security":[{"bearerAuth":[]}],"responses":{"default":{"$ref":"#/components/responses/Errore"}},"requestBody":`
	return []mutant{
		{name: "swagger", at: "/openapi", value: "", rule: OldVersion},
		{name: "no title", at: "/info/title", value: "", rule: Invalid},
		{name: "dangling reference", at: search + "/responses/400", value: `{"$ref":"#/components/responses/Nessuna"}`, rule: Invalid},
		{name: "bad example", at: answer + "/content/application~1json/example", value: `{"istanza":7}`, rule: BadExample},
		{name: "no x-summary", at: "/info/x-summary", rule: SummaryMissing},
		{name: "blank x-summary", at: "/info/x-summary", value: `" "`, rule: SummaryMissing},
		{name: "no contact", at: "/info/contact", rule: ContactMissing},
		{name: "empty contact", at: "/info/contact", value: "{}", rule: ContactMissing},
		{name: "version 1", at: "/info/version", value: `"1"`, rule: VersionNotSemantic},
		{name: "version v1.0.0", at: "/info/version", value: `"v1.0.0"`, rule: VersionNotSemantic},
		{name: "no terms", at: "/info/termsOfService", rule: TermsMissing},
		{name: "no x-api-id", at: "/info/x-api-id", rule: APIIDMissing},
		{name: "no servers", at: "/servers", rule: ServersMissing},
		{name: "server without words", at: "/servers/0/description", rule: ServerNotDescribed},
		{name: "http", at: "/servers/0/url", value: `"http://ente.example"`, rule: ServerNotHTTPS},
		{name: "http for one path", at: "/paths/~1ricerche/servers", value: `[{"url":"http://a","description":"x"}]`, rule: ServerNotHTTPS},
		{name: "no /status", at: "/paths/~1status", rule: StatusMissing},
		{name: "/status without get", at: status, rule: StatusMissing},
		{name: "up as text", at: status + "/responses/200/content", value: `{"text/plain":{"schema":{"type":"string","maxLength":9}}}`, rule: StatusUpMedia},
		{name: "down as json", at: status + "/responses/503", value: someProblem, rule: StatusDownMedia},
		{name: "/status with a token", at: status + "/security", value: `[{"bearerAuth":[]}]`, rule: StatusNeedsAToken},
		{name: "error as json", at: search + "/responses/400", value: someProblem, rule: NotAProblem},
		{name: "default as json", at: search + "/responses/default", value: someProblem, rule: NotAProblem},
		{name: "own error fields", at: "/components/schemas/Problem/properties", value: `{"code":{"type":"string","maxLength":8}}`, rule: ProblemFields},
		{name: "204 with a body", at: search + "/responses/204", value: someProblem, rule: NoContentBody},
		{name: "a bare list", at: answer + "/content/application~1json/schema", value: `{"type":"array","maxItems":3,"items":{"type":"boolean"}}`, rule: NotAnObject},
		{name: "no 503", at: search + "/responses/503", rule: No503},
		{name: "503 without Retry-After", at: down + "/headers/Retry-After", rule: NoRetryAfter503},
		{name: "503 without headers", at: down + "/headers", rule: NoRetryAfter503},
		{name: "no 429", at: search + "/responses/429", rule: No429},
		{name: "429 without Retry-After", at: tooMany + "/headers/Retry-After", rule: NoRetryAfter429},
		{name: "429 without headers", at: tooMany + "/headers", rule: Incomplete429},
		{name: "429 without Reset", at: tooMany + "/headers/X-RateLimit-Reset", rule: Incomplete429},
		{name: "429 mixed", at: tooMany + "/headers/RateLimit-Reset", value: headerString, rule: RateLimitMixed},
		{name: "200 without Remaining", at: answer + "/headers/X-RateLimit-Remaining", rule: RateLimitMissing},
		{name: "200 mixed", at: answer + "/headers/RateLimit-Limit", value: headerString, rule: RateLimitMixed},
		{name: "Authorization", at: show + "/parameters", value: parameter(`{"name":"authorization","in":"header","schema":{"type":"string","maxLength":9}}`), rule: ReservedHeader},
		{name: "Content-Type in an answer", at: answer + "/headers/Content-Type", value: headerString, rule: ReservedHeader},
		{name: "X-Ufficio", at: show + "/parameters", value: parameter(`{"name":"X-Ufficio","in":"header","schema":{"type":"string","maxLength":9}}`), rule: ExperimentalName},
		{name: "X-Esito in an answer", at: answer + "/headers/X-Esito", value: headerString, rule: ExperimentalName},
		{name: "lower case header", at: answer + "/headers/esito", value: headerString, rule: HeaderNotTrain},
		{name: "cache without words", at: "/components/headers/Cache-Control/description", value: `"x"`, rule: CacheNotDescribed},
		{name: "cache asked without words", at: show + "/parameters", value: parameter(`{"name":"Cache-Control","in":"header","schema":{"type":"string","maxLength":9}}`), rule: CacheNotDescribed},
		{name: "snake_case path", at: "/paths/~1ricerche_di_istanze", value: `{}`, rule: PathNotKebab},
		{name: "nome of a person", at: "/components/schemas/Persona", value: `{"type":"object","properties":{"nome":{"type":"string","maxLength":9},"tax_code":{"type":"string","maxLength":16}}}`, rule: NotRecommended},
		{name: "codice_fiscale in a body", at: "/components/schemas/Istanza/properties/codice_fiscale", value: `{"type":"string","maxLength":16}`, rule: NotRecommended},
		{name: "snake_case schema", at: "/components/schemas/una_cosa", value: `{"type":"object"}`, rule: SchemaNotPascal},
		{name: "no operationId", at: show + "/operationId", rule: OperationUnnamed},
		{name: "GET with a body", at: show + "/requestBody", value: `{"content":{"application/json":{"schema":{"type":"object"}}}}`, rule: GetBody},
		{name: "DELETE with a body", at: "/paths/~1istanze~1{id}/delete", value: patch + `{"content":{}}}`, rule: DeleteBody},
		{name: "PATCH without a body", at: "/paths/~1ricerche/patch", value: patch + `null}`, rule: PatchNoBody},
		{name: "PATCH with JSON", at: "/paths/~1ricerche/patch", value: patch + `{"required":true,"content":{"application/json":{"schema":{"type":"object"}}}}}`, rule: PatchMedia},
		{name: "JSON Patch that is no list", at: "/paths/~1ricerche/patch", value: patch + `{"required":true,"content":{"application/json-patch+json":{"schema":{"type":"object"}}}}}`, rule: PatchNotAList},
		{name: "number", at: "/components/schemas/Istanza/properties/x", value: `{"type":"number"}`, rule: NumberFormat},
		{name: "integer", at: "/components/schemas/Istanza/properties/x", value: `{"type":"integer"}`, rule: IntegerFormat},
		{name: "integer within a list", at: search + "/parameters/0/schema", value: `{"type":"array","maxItems":2,"items":{"type":"integer"}}`, rule: IntegerFormat},
		{name: "int128", at: "/components/schemas/Istanza/properties/x", value: `{"type":"integer","format":"int128"}`, rule: UnknownFormat},
		{name: "endless text", at: "/components/schemas/Istanza/properties/x", value: `{"type":"string"}`, rule: StringUnbounded},
		{name: "endless text named example", at: "/components/schemas/Istanza/properties/example", value: `{"type":"string"}`, rule: StringUnbounded},
		{name: "endless list", at: "/components/schemas/Istanza/properties/x", value: `{"type":"array","items":{"type":"boolean"}}`, rule: ListUnbounded},
		{name: "endless integer", at: "/components/schemas/Istanza/properties/x", value: `{"type":"integer","format":"int64"}`, rule: IntegerUnbounded},
		{name: "codice fiscale in the path", at: "/components/schemas/NumeroIstanza/pattern", value: `"^[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$"`, rule: FiscalCodeInURL},
		{name: "tax_code in the query", at: show + "/parameters", value: parameter(`{"name":"tax_code","in":"query","schema":{"type":"string","maxLength":16}}`), rule: FiscalCodeInURL},
		{name: "codiceFiscaleRichiedente in the path", at: show + "/parameters", value: parameter(`{"name":"codiceFiscaleRichiedente","in":"path","required":true,"schema":{"type":"string","maxLength":16}}`), rule: FiscalCodeInURL},
		{name: "a codice fiscale as example", at: show + "/parameters", value: parameter(`{"name":"q","in":"query","example":"RSSMRA85T10A562S","schema":{"type":"string","maxLength":16}}`), rule: FiscalCodeInURL},
		{name: "for all methods of a path", at: "/paths/~1ricerche/parameters", value: parameter(`{"name":"cf","in":"query","schema":{"type":"string","maxLength":16}}`), rule: FiscalCodeInURL},
		{name: "password in the query", at: show + "/parameters", value: parameter(`{"name":"userPassword","in":"query","schema":{"type":"string","maxLength":16}}`), rule: CredentialInURL},
		{name: "no security", at: show + "/security", rule: NoSecurity},
		{name: "empty security", at: show + "/security", value: "[]", rule: NoSecurity},
		{name: "security that may be absent", at: show + "/security", value: `[{"bearerAuth":[]},{}]`, rule: NoSecurity},
		{name: "unknown scheme", at: show + "/security", value: `[{"voucher":[]}]`, rule: SchemeNotDefined},
		{name: "key in the query", at: "/components/securitySchemes/chiave", value: `{"type":"apiKey","in":"query","name":"k"}`, rule: KeyInQuery},
		{name: "OAuth in clear", at: "/components/securitySchemes/o", value: `{"type":"oauth2","flows":{"clientCredentials":{"tokenUrl":"http://a.example","scopes":{}}}}`, rule: OAuthNotHTTPS},
		{name: "implicit", at: "/components/securitySchemes/o", value: `{"type":"oauth2","flows":{"implicit":{"authorizationUrl":"https://a.example","scopes":{}}}}`, rule: OAuthUnsafeFlow},
	}
}

// set writes a JSON value at a pointer, making what is missing above it; no value removes.
func set(t *testing.T, root map[string]any, at, value string) {
	t.Helper()
	names := strings.Split(at[1:], "/")
	for i := range names {
		names[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(names[i])
	}
	var v any
	if value != "" {
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			t.Fatalf("%s: %v", value, err)
		}
	}
	into := root
	for _, name := range names[:len(names)-1] {
		if l, isList := into[name].([]any); isList {
			into = map[string]any{"0": l[0]} // only the first item is ever named, and it is shared
			continue
		}
		into, _ = into[name].(map[string]any)
	}
	if value == "" {
		delete(into, names[len(names)-1])
		return
	}
	into[names[len(names)-1]] = v
}

// soundJSON is the sound document in the form that is read fastest.
func soundJSON(t *testing.T) []byte {
	t.Helper()
	out, err := readSound()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var readSound = sync.OnceValues(func() ([]byte, error) {
	document, err := os.ReadFile(filepath.Join("..", "..", "..", "registry", "recipes", "exposes", "stato-istanza.openapi.yaml"))
	if err != nil {
		return nil, err
	}
	return yaml.YAMLToJSON(document)
})

func mutated(t *testing.T, m mutant) []byte {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal(soundJSON(t), &root); err != nil {
		t.Fatal(err)
	}
	set(t, root, m.at, m.value)
	out, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryMutantIsFound(t *testing.T) {
	met := map[modi.RuleID]bool{Unreadable: true, TooLarge: true}
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			var rules []modi.RuleID
			for _, f := range Check(mutated(t, m)) {
				rules = append(rules, f.Rule)
				if f.Text.IT == "" || f.Text.EN == "" || f.Source == "" || f.Severity == "" {
					t.Errorf("%s: no words, source or severity", f.Rule)
				}
			}
			if !slices.Contains(rules, m.rule) {
				t.Errorf("%s is not found, only %v", m.rule, rules)
			}
		})
		met[m.rule] = true
	}
	for _, r := range Rules() {
		if !met[r.ID] {
			t.Errorf("no mutant breaks %s", r.ID)
		}
	}
}

// TestAnswersThatAreExcused: a specification above the guideline (SUAP) may have errors of its own form.
// TestTheNameOfAThingIsItsOwn: nome is of a person only where another name of a person stands beside it.
func TestTheNameOfAThingIsItsOwn(t *testing.T) {
	root := map[string]any{}
	if err := json.Unmarshal(soundJSON(t), &root); err != nil {
		t.Fatal(err)
	}
	set(t, root, "/components/schemas/Nido", `{"type":"object","properties":{"nome":{"type":"string","maxLength":9},"zona":{"type":"string","maxLength":9}}}`)
	document, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Check(document) {
		t.Error(f)
	}
}

func TestAnswersThatAreExcused(t *testing.T) {
	excused := strings.Replace(someProblem, "{", `{"x-noqa":true,`, 1)
	for _, f := range Check(mutated(t, mutant{at: search + "/responses/400", value: excused})) {
		if f.Rule == NotAProblem || f.Rule == ProblemFields {
			t.Error(f)
		}
	}
}

// TestOrdinaryParametersAreNoCodes: what only looks like an identifier is not taken for a person's.
func TestOrdinaryParametersAreNoCodes(t *testing.T) {
	for _, p := range []string{
		`{"name":"pratica","in":"query","schema":{"type":"string","maxLength":16}}`,
		`{"name":"pratica","in":"query","schema":{"type":"string","maxLength":16,"pattern":"^[A-Z0-9]{16}$"}}`,
		`{"name":"pratica","in":"query","example":"ABCDEF00A00A000A","schema":{"type":"string","maxLength":16,"pattern":"^.*$"}}`,
		`{"name":"confine","in":"query","schema":{"type":"string","maxLength":16,"pattern":"["}}`,
	} {
		for _, f := range Check(mutated(t, mutant{at: show + "/parameters", value: "[" + p + "]"})) {
			if f.Rule == FiscalCodeInURL {
				t.Errorf("%s is taken for a codice fiscale", p)
			}
		}
	}
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 8; i++ {
		one := "*a" + itoa(i-1)
		bomb += "a" + itoa(i) + ": &a" + itoa(i) + " [" + strings.Repeat(one+", ", 8) + one + "]\n"
	}
	for name, c := range map[string]struct {
		document string
		want     modi.RuleID
	}{
		"nothing":  {"", Unreadable},
		"no YAML":  {"openapi: [", Unreadable},
		"a text":   {"openapi", Unreadable},
		"a list":   {"[]", Unreadable},
		"aliases":  {bomb, TooLarge},
		"nesting":  {"openapi: 3.0.3\nx: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), TooLarge},
		"too long": {strings.Repeat(" ", maxDocument+1), TooLarge},
		"swagger":  {"swagger: '2.0'", OldVersion},
		"a loop":   {"openapi: 3.0.3\npaths: {/a: {$ref: '#/paths/~1a'}}", Invalid},
	} {
		found := Check([]byte(c.document))
		if !slices.ContainsFunc(found, func(f Finding) bool { return f.Rule == c.want && f.Severity == Error }) {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestDocumentsThatAreNotServed(t *testing.T) {
	if f, err := Refuse(sound(t)); err != nil {
		t.Error(f, err)
	}
	bad := mutant{at: show + "/parameters", value: `[{"name":"cf","in":"query","schema":{"type":"string"}}]`}
	if f, err := Refuse(mutated(t, bad)); err == nil || f.Rule != FiscalCodeInURL {
		t.Error(f, err)
	}
	if f, err := Refuse(mutated(t, mutant{at: "/info/contact"})); err != nil {
		t.Error("a document without a contact is not served:", f)
	}
}

func TestErrorsComeFirstAndAlone(t *testing.T) {
	all := Check([]byte("openapi: 3.0.3\ninfo: {title: x, version: 1.0.0}\npaths: {}"))
	bad := Errors(all)
	if len(bad) == 0 || len(bad) == len(all) || all[0].Severity != Error || all[len(all)-1].Severity != Warning {
		t.Errorf("%d of %d", len(bad), len(all))
	}
	if s := all[0].String(); !strings.HasPrefix(s, "error oas.") {
		t.Error(s)
	}
}

// TestAPublishedDocumentHasNoErrors: that of the Department's own e-service, which stays outside the repository.
func TestAPublishedDocumentHasNoErrors(t *testing.T) {
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	document, err := os.ReadFile(filepath.Join(shared, "oas", "eservice-example.yaml"))
	if err != nil {
		t.Skip("needs-shared: no published documents; set SNODO_SHARED")
	}
	for _, f := range Errors(Check(document)) {
		t.Error(f)
	}
}

// FuzzCheck: whatever the document, there is an answer, and a rule of the table behind each finding.
func FuzzCheck(f *testing.F) {
	f.Add(sound(f))
	f.Add([]byte("openapi: 3.0.3\npaths: {/a: {get: {responses: {'': 1, 4: [], default: x}, parameters: {}}}}"))
	f.Fuzz(func(t *testing.T, document []byte) {
		for _, found := range Check(document) {
			if !slices.ContainsFunc(Rules(), func(r Rule) bool { return r.ID == found.Rule }) {
				t.Error(found)
			}
		}
	})
}

// TestSpectralFindsNoMore: a mutant in which the published rules find an error has one by these rules too. Neither those rules nor
// the program that reads them are always here.
func TestSpectralFindsNoMore(t *testing.T) {
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "shared")
	}
	rules, err := filepath.Abs(filepath.Join(shared, "oas", "spectral.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(rules); err != nil {
		t.Skip("needs-shared: no published rules; set SNODO_SHARED")
	}
	spectral, err := exec.LookPath("spectral")
	if err != nil {
		t.Skip("needs-shared: no spectral to read the published rules with")
	}
	dir, ours := t.TempDir(), map[string]bool{}
	for i, m := range mutants() {
		file := filepath.Join(dir, itoa(i)+".json")
		document := mutated(t, m)
		ours[file] = len(Errors(Check(document))) > 0
		if err := os.WriteFile(file, document, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	report := filepath.Join(dir, "report")
	out, _ := exec.CommandContext(ctx, spectral, "lint", "--ruleset", rules, "--format", "json", "--output", report, filepath.Join(dir, "*.json")).CombinedOutput() // it fails on findings
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var found []struct {
		Source, Code, Message string
		Severity              int
	}
	if err := json.Unmarshal(text, &found); err != nil || len(found) < 20 {
		t.Fatalf("%d findings, %v", len(found), err)
	}
	for _, f := range found {
		if f.Severity == 0 && !ours[f.Source] {
			i, _ := strconv.Atoi(strings.TrimSuffix(filepath.Base(f.Source), ".json"))
			t.Errorf("%s: only the published rules find an error: %s %s", mutants()[i].name, f.Code, f.Message)
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package adaptertest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// private is the word of the request that must not show: an invented person's code.
const private = "BNCMRC85C12D612V"

// toy is the smallest adapter: one operation that asks a registry of names. Its defect,
// when it has one, is what the suite must find.
type toy struct {
	deps   registry.Deps
	defect string
}

func (a toy) Services() []string {
	if a.defect == "serves nothing" {
		return nil
	}
	return []string{"nomi"}
}

func (a toy) Call(ctx context.Context, service, operation string, in registry.Request) (registry.Response, error) {
	if (service != "nomi" || operation != "nome") && a.defect != "answers every operation" {
		return registry.Response{}, registry.ErrUnsupported
	}
	var asked struct{ Codice string }
	if err := json.Unmarshal(in.Richiesta, &asked); err != nil {
		return registry.Response{}, registry.ErrInvalid
	}
	number, err := a.deps.State.Next(ctx, in.Scope.Ente, "nomi", 1)
	if err != nil {
		return registry.Response{}, err
	}
	if a.defect == "uses a number twice" {
		number = 1
	}
	call := registry.Call{
		Service: "nomi", Method: http.MethodPost, Path: "/nome", Body: in.Richiesta, Idempotent: true,
		Header: http.Header{"Content-Type": {"application/json"}}, OperationID: strconv.FormatUint(number, 10), Classify: a.classify,
	}
	switch a.defect {
	case "takes any type":
		call.Header.Set("Accept", "*/*, text/html, text/plain, application/octet-stream")
	case "writes names to the log":
		slog.Default().InfoContext(ctx, "asking for "+asked.Codice)
	case "sends what the contract does not have":
		call.Path += "?verbose=1"
	case "sends what the recipe does not have":
		call.Path = "/altro"
	case "calls twice":
		_, _ = a.deps.Transport.Do(ctx, in.Scope, call)
	case "ignores its caller":
		ctx = context.WithoutCancel(ctx)
	case "changes the request":
		defer func() { in.Richiesta[0] = ' ' }()
	}
	reply, err := a.deps.Transport.Do(ctx, in.Scope, call)
	if err != nil {
		return registry.Response{}, a.fail(err, asked.Codice)
	}
	return a.read(reply)
}

func (a toy) fail(err error, code string) error {
	switch a.defect {
	case "names the person":
		return fmt.Errorf("asking for %s: %w", code, err)
	case "hides the kind":
		return errors.New("it did not work")
	default:
		return err
	}
}

func (a toy) classify(r registry.Reply) error {
	if r.Status == http.StatusNotFound && (strings.Contains(string(r.Body), "ignoto") || a.defect == "takes every 404 for an answer") {
		return &registry.Fault{Kind: registry.ErrNotFound, Service: "nomi", Status: r.Status}
	}
	err := registry.ClassifyByStatus(r)
	var f *registry.Fault
	if errors.As(err, &f) {
		f.Service = "nomi"
		if errors.Is(f.Kind, registry.ErrNotFound) && a.defect != "takes a strange 404 for an answer" {
			f.Kind = registry.ErrUnavailable
		}
		if f.RegistryID != "" && a.defect == "loses the id of the help desk" {
			f.RegistryID = ""
		}
		if a.defect == "loses Retry-After" {
			f.RetryAfter = 0
		}
	}
	return err
}

func (a toy) read(r registry.Reply) (registry.Response, error) {
	var got struct{ Nome string }
	if err := json.Unmarshal(r.Body, &got); err != nil && a.defect != "delivers what it cannot read" {
		return registry.Response{}, &registry.Fault{Kind: registry.ErrBadReply, Service: "nomi"}
	}
	dati := fmt.Sprintf(`{"nome":%q}`, got.Nome)
	if a.defect == "delivers something else" {
		dati = `{"nome":"altro"}`
	}
	out := registry.Response{Dati: json.RawMessage(dati), Notes: []registry.Note{{Fields: []string{"nome"}, Text: modi.Text{IT: "nota", EN: "note"}}}}
	switch a.defect {
	case "notes what nobody may see":
		out.Notes[0].Fields = []string{"cognome"}
	case "notes no field":
		out.Notes[0].Fields = nil
	case "warns of a person":
		out.Avvisi = []modi.Text{{IT: "su " + private, EN: "about " + private}}
	}
	return out, nil
}

func toySubject(defect string) adaptertest.Subject {
	field := "nome"
	if defect == "has an undocumented field" {
		field = "cognome"
	}
	contract, err := adaptertest.OpenAPI(map[string][]byte{"nomi": []byte(toyContract)})
	if err != nil {
		panic(err)
	}
	codice := map[string]any{"type": "string", "description": "codice fiscale"}
	if defect == "documents nothing" {
		delete(codice, "description")
	}
	return adaptertest.Subject{
		Contract: contract,
		New:      func(d registry.Deps) (registry.Adapter, error) { return toy{d, defect}, nil },
		Now:      time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC),
		Recipes: map[string]*registry.Recipe{"nomi": {Name: "nomi", Operations: map[string]registry.RecipeOperation{
			"nome": {Method: http.MethodPost, Path: "/nome", Idempotent: true, Fields: []string{field}, Input: map[string]any{
				"type": "object", "properties": map[string]any{"codice": codice},
			}},
		}}},
		Probes: []adaptertest.Probe{{
			Service: "nomi", Operation: "nome", Richiesta: json.RawMessage(`{"codice":"` + private + `"}`),
			Answers: []registry.Reply{{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"nome":"Marco"}`)}},
			Dati:    json.RawMessage(`{"nome":"Marco"}`),
			Absent:  registry.Reply{Status: 404, Header: http.Header{}, Body: []byte(`{"errore":"ignoto"}`)},
			Private: []string{private},
		}},
	}
}

const toyContract = `
openapi: 3.0.3
info: {title: Nomi, version: "1"}
paths:
  /nome:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, additionalProperties: false, required: [codice], properties: {codice: {type: string, minLength: 16}}}
      responses: {"200": {description: il nome}}
`

func TestContractRefusesWhatTheDocumentDoesNotHave(t *testing.T) {
	sound := registry.Call{
		Service: "nomi", Method: http.MethodPost, Path: "/nome", Body: []byte(`{"codice":"` + private + `"}`),
		Header: http.Header{"Content-Type": {"application/json"}},
	}
	admits := toySubject("").Contract
	if err := admits(sound); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*registry.Call){
		"service": func(c *registry.Call) { c.Service = "altro" },
		"method":  func(c *registry.Call) { c.Method = http.MethodGet },
		"path":    func(c *registry.Call) { c.Path = "/altro" },
		"query":   func(c *registry.Call) { c.Path = "/nome?x=1" },
		"member":  func(c *registry.Call) { c.Body = []byte(`{"codice":"` + private + `","altro":1}`) },
		"value":   func(c *registry.Call) { c.Body = []byte(`{"codice":"corto"}`) },
		"type":    func(c *registry.Call) { c.Header = http.Header{"Content-Type": {"text/plain"}} },
	} {
		c := sound
		change(&c)
		if admits(c) == nil {
			t.Errorf("another %s is admitted", name)
		}
	}
	if _, err := adaptertest.OpenAPI(map[string][]byte{"x": []byte("openapi: 3")}); err == nil {
		t.Error("a broken document is taken")
	}
}

// TestExemptionsNeedAReason runs the suite with exemptions that are none.
func TestExemptionsNeedAReason(t *testing.T) {
	if os.Getenv(defectEnv) != "" {
		return // already the other process
	}
	for _, exemption := range []string{"=no question has this name, whatever the reason", "absent record=no"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestExemptions$")
		cmd.Env = append(os.Environ(), exemptEnv+"="+exemption)
		if out, err := cmd.CombinedOutput(); err == nil {
			t.Errorf("%q passes:\n%s", exemption, out)
		}
	}
}

const exemptEnv = "SNODO_TEST_TOY_EXEMPTION"

func TestExemptions(t *testing.T) {
	s := toySubject("takes every 404 for an answer")
	s.Exempt = map[string]string{
		"404 of another shape":              "the toy registry says nothing else in a 404",
		"nomi/nome: faults of the registry": "its gateway answers a 404 like the registry does",
	}
	if name, reason, given := strings.Cut(os.Getenv(exemptEnv), "="); given {
		s.Exempt[name] = reason
	}
	adaptertest.Run(t, s)
}

// defectEnv tells a run of this test binary which defect its toy has.
const defectEnv = "SNODO_TEST_TOY_DEFECT"

func TestASoundAdapterPasses(t *testing.T) {
	adaptertest.Run(t, toySubject(os.Getenv(defectEnv)))
}

// TestTheSuiteFindsEveryDefect runs the test above in a process of its own for each
// defect: the suite must fail there.
func TestTheSuiteFindsEveryDefect(t *testing.T) {
	if os.Getenv(defectEnv) != "" {
		return // already the other process
	}
	for _, defect := range []string{
		"serves nothing", "answers every operation", "uses a number twice", "sends what the recipe does not have", "calls twice",
		"ignores its caller", "changes the request", "names the person", "hides the kind", "takes every 404 for an answer",
		"loses the id of the help desk", "loses Retry-After", "delivers what it cannot read", "delivers something else",
		"notes what nobody may see", "notes no field", "warns of a person",
		"has an undocumented field", "documents nothing", "takes any type", "writes names to the log",
		"sends what the contract does not have", "takes a strange 404 for an answer",
	} {
		t.Run(defect, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestASoundAdapterPasses$")
			cmd.Env = append(os.Environ(), defectEnv+"="+defect)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || !strings.Contains(string(out), "FAIL") {
				t.Errorf("the suite passed an adapter that %s (%v):\n%s", defect, err, out)
			}
		})
	}
}

func TestPlayGivesTheRepliesOfEachScopeInTheirOrder(t *testing.T) {
	tr := adaptertest.Play(registry.Reply{Status: 200}, registry.Reply{Status: 204})
	for range 2 {
		scope := &registry.Scope{Calls: &registry.CallLog{}}
		var got []int
		for range 3 {
			r, err := tr.Do(t.Context(), scope, registry.Call{})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.Status)
		}
		if fmt.Sprint(got) != "[200 204 204]" {
			t.Errorf("statuses are %v", got)
		}
	}
	if n := len(tr.Calls()); n != 6 {
		t.Errorf("%d calls are kept, want 6", n)
	}
	_, err := adaptertest.Play(registry.Reply{Status: 500}).Do(t.Context(), &registry.Scope{Calls: &registry.CallLog{}}, registry.Call{})
	if !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("without a Classify a 500 is %v", err)
	}
}

func TestNumbersGrowForEachName(t *testing.T) {
	var s adaptertest.Numbers
	var got []uint64
	for _, c := range []struct {
		ente, name string
		floor      uint64
	}{{"a", "x", 5}, {"a", "x", 5}, {"a", "x", 3}, {"a", "y", 1}, {"b", "x", 1}, {"a", "x", 100}} {
		n, err := s.Next(t.Context(), c.ente, c.name, c.floor)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if fmt.Sprint(got) != "[5 6 7 1 1 100]" {
		t.Errorf("numbers are %v", got)
	}
}

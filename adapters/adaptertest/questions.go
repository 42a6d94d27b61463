// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package adaptertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// build makes the adapter over a transport.
func (s Subject) build(t *testing.T, tr registry.Transport) registry.Adapter {
	t.Helper()
	a, err := s.New(s.Deps(tr))
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return a
}

// ask calls the adapter over answers of which the last is replaced by last.
func (s Subject) ask(t *testing.T, p Probe, last registry.Reply) error {
	t.Helper()
	answers := slices.Clone(p.Answers)
	answers[len(answers)-1] = last
	return s.fail(t, p, Play(answers...))
}

// fail calls the adapter, which must refuse without naming anybody.
func (s Subject) fail(t *testing.T, p Probe, tr registry.Transport) error {
	t.Helper()
	out, err := s.build(t, tr).Call(context.Background(), p.Service, p.Operation, registry.Request{Scope: p.scope(s), Richiesta: p.Richiesta})
	if err == nil {
		t.Fatal("the call succeeded")
	}
	if out.Dati != nil {
		t.Error("data came beside an error")
	}
	discreet(t, p, err)
	return err
}

// discreet looks for words of the request in every text of an error.
func discreet(t *testing.T, p Probe, err error) {
	t.Helper()
	texts := []string{err.Error(), fmt.Sprintf("%+v %#v", err, err)}
	var f *registry.Fault
	if errors.As(err, &f) {
		texts = append(texts, f.Text.IT, f.Text.EN, f.Code, f.RegistryID, fmt.Sprint(f.Err), fmt.Sprintf("%+v", *f))
	}
	for _, word := range p.Private {
		for _, text := range texts {
			if strings.Contains(strings.ToUpper(text), strings.ToUpper(word)) {
				t.Errorf("an error holds the word %q of the request: %s", word, text)
			}
		}
	}
}

func (s Subject) services(t *testing.T) {
	services := s.build(t, Play(registry.Reply{})).Services()
	if len(services) == 0 || !slices.IsSorted(services) {
		t.Errorf("services are %v: want at least one, sorted", services)
	}
	for _, name := range services {
		if s.Recipes[name] == nil {
			t.Errorf("service %s has no recipe", name)
		}
	}
}

func (s Subject) coverage(t *testing.T) {
	for service, recipe := range s.Recipes {
		for operation := range recipe.Operations {
			if !slices.ContainsFunc(s.Probes, func(p Probe) bool { return p.Service == service && p.Operation == operation }) {
				t.Errorf("no probe asks %s/%s", service, operation)
			}
		}
	}
}

func (s Subject) unknown(t *testing.T) {
	p := s.Probes[0]
	tr := Play(p.Answers...)
	a := s.build(t, tr)
	for _, name := range [][2]string{{p.Service, "no-such-operation"}, {"no-such-service", p.Operation}, {"", ""}} {
		_, err := a.Call(context.Background(), name[0], name[1], registry.Request{Scope: p.scope(s), Richiesta: p.Richiesta})
		if !errors.Is(err, registry.ErrUnsupported) {
			t.Errorf("%q: error is %v, want ErrUnsupported", name, err)
		}
	}
	if n := len(tr.Calls()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
}

func (s Subject) answer(t *testing.T, p Probe) {
	tr := Play(p.Answers...)
	scope, richiesta := p.scope(s), bytes.Clone(p.Richiesta)
	out, err := s.build(t, tr).Call(context.Background(), p.Service, p.Operation, registry.Request{Scope: scope, Richiesta: richiesta})
	if err != nil {
		t.Fatal(err)
	}
	if !same(t, out.Dati, p.Dati) {
		t.Errorf("dati are\n%s\nwant\n%s", out.Dati, p.Dati)
	}
	s.notes(t, p, out)
	if !bytes.Equal(richiesta, p.Richiesta) {
		t.Error("the adapter changed the request")
	}
	calls := tr.Calls()
	if len(calls) != len(p.Answers) || len(scope.Calls.All()) != len(p.Answers) {
		t.Errorf("%d calls, %d recorded, want %d", len(calls), len(scope.Calls.All()), len(p.Answers))
	}
	for i, c := range calls {
		if recipe := s.Recipes[c.Service]; recipe == nil {
			t.Errorf("call %d names %q, which is no service", i, c.Service)
		} else if !describes(recipe, c) {
			t.Errorf("call %d (%s %s, idempotent %v) is no operation of recipe %s", i, c.Method, c.Path, c.Idempotent, c.Service)
		}
		if len(c.Body) > 0 && c.Header.Get("Content-Type") == "" {
			t.Errorf("call %d has a body without Content-Type", i)
		}
	}
}

// notes must name fields that a procedimento may be given: one about no field, or about
// an unknown one, is told to nobody. What everybody is told names nobody.
func (s Subject) notes(t *testing.T, p Probe, out registry.Response) {
	t.Helper()
	allowed := s.Recipes[p.Service].Operations[p.Operation].Fields
	for _, n := range out.Notes {
		if len(n.Fields) == 0 {
			t.Errorf("note %q is about no field", n.Text.EN)
		}
		for _, field := range n.Fields {
			if !slices.Contains(allowed, field) {
				t.Errorf("note %q is about %s, which is not among the fields of the recipe", n.Text.EN, field)
			}
		}
	}
	for _, word := range p.Private {
		if strings.Contains(fmt.Sprint(out.Avvisi, out.Notes), word) {
			t.Error("a warning holds a word of the request that no error may hold")
		}
	}
}

// describes tells whether a recipe has the call: an operation or the second call of one.
func describes(recipe *registry.Recipe, c registry.Call) bool {
	for _, op := range recipe.Operations {
		if c.Method == op.Method && fits(op.Path, c.Path) && c.Idempotent == (op.Idempotent || op.Method == http.MethodGet) {
			return true
		}
		if op.Then != nil && c.Method == op.Then.Method && fits(op.Then.Path, c.Path) {
			return true
		}
	}
	return false
}

// fits compares a path with one whose parts in braces stand for anything.
func fits(template, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return len(want) == len(got) && slices.EqualFunc(want, got, func(a, b string) bool {
		return a == b || strings.Contains(a, "{") && b != ""
	})
}

func (s Subject) contract(t *testing.T, p Probe) {
	if s.Contract == nil {
		t.Fatal("nothing says which requests the registry admits: set Contract")
	}
	tr := Play(p.Answers...)
	if _, err := s.build(t, tr).Call(context.Background(), p.Service, p.Operation, registry.Request{Scope: p.scope(s), Richiesta: p.Richiesta}); err != nil {
		t.Fatal(err)
	}
	for i, c := range tr.Calls() {
		if err := s.Contract(c); err != nil {
			t.Errorf("call %d is not one the registry admits: %v", i, err)
		}
	}
}

// documented looks for the description of everything a caller may write.
func (s Subject) documented(t *testing.T) {
	for service, recipe := range s.Recipes {
		for operation, op := range recipe.Operations {
			properties, _ := op.Input["properties"].(map[string]any) // absent is empty
			for name, schema := range properties {
				one, _ := schema.(map[string]any)      // what is no schema has no description
				text, _ := one["description"].(string) // and what is no text is none
				if text == "" {
					t.Errorf("%s/%s: input %s has no description", service, operation, name)
				}
			}
		}
	}
}

func same(t *testing.T, a, b json.RawMessage) bool {
	t.Helper()
	var x, y any
	if err := errors.Join(json.Unmarshal(a, &x), json.Unmarshal(b, &y)); err != nil {
		t.Fatalf("dati are not JSON: %v", err)
	}
	return reflect.DeepEqual(x, y)
}

func (s Subject) fields(t *testing.T, p Probe) {
	var dati map[string]json.RawMessage
	if err := json.Unmarshal(p.Dati, &dati); err != nil {
		t.Fatalf("dati are not an object: %v", err)
	}
	allowed := s.Recipes[p.Service].Operations[p.Operation].Fields
	for field := range dati {
		if !slices.Contains(allowed, field) {
			t.Errorf("field %s is not among those of the recipe: no procedimento could be given it", field)
		}
	}
}

func (s Subject) absent(t *testing.T, p Probe) {
	if err := s.ask(t, p, p.Absent); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("error is %v, want ErrNotFound", err)
	}
}

func problem(status int, title string) registry.Reply {
	return registry.Reply{
		Status: status,
		Header: http.Header{"Content-Type": {"application/problem+json"}},
		Body: fmt.Appendf(nil, `{"type":"https://govway.org/handling-errors/%d/%s.html","title":%q,"status":%d,"detail":"x","govway_id":"id-7"}`,
			status, title, title, status),
	}
}

// unexplained: a 404 says that a record is not there only in the registry's own words;
// any other may come from a path that has moved.
func (s Subject) unexplained(t *testing.T, p Probe) {
	if err := s.ask(t, p, plain(404, `{"unforeseen":true}`)); !errors.Is(err, registry.ErrUnavailable) {
		t.Errorf("error is %v, want ErrUnavailable", err)
	}
}

// plain is an answer that no gateway has touched.
func plain(status int, body string) registry.Reply {
	return registry.Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

func (s Subject) faults(t *testing.T, p Probe) {
	for name, c := range map[string]struct {
		reply registry.Reply
		want  error
	}{
		"denied":               {problem(403, "AuthorizationDeny"), registry.ErrDenied},
		"token refused":        {problem(401, "TokenAuthenticationFailed"), registry.ErrSignature},
		"profile refused":      {problem(400, "InteroperabilityInvalidRequest"), registry.ErrSignature},
		"token seen twice":     {problem(409, "Conflict"), registry.ErrSignature},
		"unknown to a gateway": {problem(404, "NotFound"), registry.ErrUnavailable},
		"quota":                {problem(429, "LimitExceeded"), registry.ErrThrottled},
		"service down":         {problem(503, "APIUnavailable"), registry.ErrUnavailable},
		"500":                  {registry.Reply{Status: 500, Header: http.Header{}}, registry.ErrUnavailable},
		"502":                  {registry.Reply{Status: 502, Header: http.Header{}, Body: []byte("<html>")}, registry.ErrUnavailable},
		"429":                  {registry.Reply{Status: 429, Header: http.Header{}}, registry.ErrThrottled},
		"403":                  {registry.Reply{Status: 403, Header: http.Header{}}, registry.ErrDenied},
		"401":                  {registry.Reply{Status: 401, Header: http.Header{}}, registry.ErrSignature},
		"404 page":             {registry.Reply{Status: 404, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<html>")}, registry.ErrUnavailable},
		"400 unexplained":      {plain(400, ""), registry.ErrInvalid},
		"400 of another shape": {plain(400, `{"unforeseen":true}`), registry.ErrInvalid},
		"409":                  {plain(409, ""), registry.ErrInvalid},
		"500 of another shape": {plain(500, `{"unforeseen":true}`), registry.ErrUnavailable},
		"504 page":             {registry.Reply{Status: 504, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<html>")}, registry.ErrUnavailable},
		"redirect":             {registry.Reply{Status: 302, Header: http.Header{"Location": {"https://elsewhere.example"}}}, registry.ErrBadReply},
	} {
		t.Run(name, func(t *testing.T) {
			err := s.ask(t, p, c.reply)
			var f *registry.Fault
			if !errors.Is(err, c.want) || !errors.As(err, &f) {
				t.Fatalf("error is %v, want %v", err, c.want)
			}
			if f.Status != c.reply.Status || f.Service == "" || f.Text.IT == "" || f.Text.EN == "" {
				t.Errorf("fault does not tell status, service and what to do: %+v", f)
			}
			if strings.Contains(string(c.reply.Body), "id-7") && f.RegistryID != "id-7" {
				t.Errorf("the id that the help desk asks for is lost: %+v", f)
			}
		})
	}
}

func (s Subject) retryAfter(t *testing.T, p Probe) {
	for _, value := range []string{"90", s.Now.Add(90 * time.Second).UTC().Format(http.TimeFormat)} {
		for _, status := range []int{429, 503} {
			err := s.ask(t, p, registry.Reply{Status: status, Header: http.Header{"Retry-After": {value}}, Received: s.Now})
			var f *registry.Fault
			if !errors.As(err, &f) || f.RetryAfter != 90*time.Second {
				t.Errorf("%d with Retry-After %q gives %v, want 90s", status, value, err)
			}
		}
	}
}

// transport: what the transport reports reaches the caller as it is.
func (s Subject) transport(t *testing.T, p Probe) {
	for _, kind := range []error{
		registry.ErrUnavailable, registry.ErrPDND, registry.ErrConfig, registry.ErrThrottled, registry.ErrBadReply, registry.ErrDenied,
	} {
		want := &registry.Fault{Kind: kind, Service: p.Service, RetryAfter: 7 * time.Second}
		err := s.fail(t, p, &Transport{Script: func(context.Context, int, registry.Call) (registry.Reply, error) {
			return registry.Reply{}, want
		}})
		var got *registry.Fault
		if !errors.Is(err, kind) || !errors.As(err, &got) || got.RetryAfter != want.RetryAfter {
			t.Errorf("%v became %v", want, err)
		}
	}
}

func (s Subject) unreadable(t *testing.T, p Probe) {
	whole := p.Answers[len(p.Answers)-1]
	for name, body := range map[string][]byte{
		"empty":          {},
		"cut":            whole.Body[:len(whole.Body)/2],
		"HTML":           []byte("<html><body>GovWay-OP20000-9999</body></html>"),
		"a list":         []byte("[]"),
		"text":           []byte(`"ok"`),
		"doubled":        append(bytes.Clone(whole.Body), whole.Body...),
		"not even UTF-8": {0xff, 0xfe, 0x00},
		"deep":           bytes.Repeat([]byte("["), 1<<20),
		"large":          append(bytes.Repeat([]byte(" "), 4<<20), '['),
	} {
		reply := registry.Reply{Status: whole.Status, Header: whole.Header, Body: body}
		if err := s.ask(t, p, reply); !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("%s: error is %v, want ErrBadReply", name, err)
		}
	}
}

// otherType: an adapter says which types it reads, and reads no others.
func (s Subject) otherType(t *testing.T, p Probe) {
	whole := p.Answers[len(p.Answers)-1]
	for _, mediaType := range []string{"", "text/html; charset=utf-8", "text/plain", "application/octet-stream", "not a type"} {
		reply := registry.Reply{Status: whole.Status, Header: http.Header{"Content-Type": {mediaType}}, Body: whole.Body}
		if err := s.ask(t, p, reply); !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("content of type %q: error is %v, want ErrBadReply", mediaType, err)
		}
	}
}

// timeout: time that has run out is told as such, and never as an answer.
func (s Subject) timeout(t *testing.T, p Probe) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	s.leave(ctx, t, p, context.DeadlineExceeded, func(ctx context.Context) error {
		<-ctx.Done()
		return &registry.Fault{Kind: registry.ErrUnavailable, Service: p.Service, Err: ctx.Err()}
	})
}

func (s Subject) cancelled(t *testing.T, p Probe) {
	ctx, cancel := context.WithCancel(context.Background())
	s.leave(ctx, t, p, context.Canceled, func(ctx context.Context) error {
		cancel()
		<-ctx.Done()
		return fmt.Errorf("no answer: %w", ctx.Err())
	})
}

// leave calls the adapter over a transport that never answers, for a caller who leaves.
func (s Subject) leave(ctx context.Context, t *testing.T, p Probe, want error, do func(context.Context) error) {
	t.Helper()
	a := s.build(t, &Transport{Script: func(ctx context.Context, _ int, _ registry.Call) (registry.Reply, error) {
		return registry.Reply{}, do(ctx)
	}})
	done := make(chan error, 1)
	go func() {
		_, err := a.Call(ctx, p.Service, p.Operation, registry.Request{Scope: p.scope(s), Richiesta: p.Richiesta})
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, want) || errors.Is(err, registry.ErrNotFound) {
			t.Errorf("error is %v, want %v", err, want)
		}
		discreet(t, p, err)
	case <-time.After(5 * time.Second):
		t.Fatal("the adapter went on after its caller left")
	}
}

// silent: what an adapter wrote to the log of the process would be beyond redaction.
func (s Subject) silent(t *testing.T, p Probe) {
	var lines bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	a := s.build(t, Play(p.Answers...))
	in := registry.Request{Scope: p.scope(s), Richiesta: p.Richiesta}
	if _, err := a.Call(context.Background(), p.Service, p.Operation, in); err != nil {
		t.Fatal(err)
	}
	_ = s.ask(t, p, problem(403, "AuthorizationDeny")) // what it returns is another question's
	for _, word := range p.Private {
		if strings.Contains(strings.ToUpper(lines.String()), strings.ToUpper(word)) {
			t.Errorf("the log holds the word %q of the request", word)
		}
	}
}

func (s Subject) many(t *testing.T, p Probe) {
	tr := Play(p.Answers...)
	a := s.build(t, tr)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			out, err := a.Call(context.Background(), p.Service, p.Operation, registry.Request{Scope: p.scope(s), Richiesta: p.Richiesta})
			if err != nil {
				t.Errorf("one of many callers: %v", err)
			} else if !same(t, out.Dati, p.Dati) {
				t.Errorf("one of many callers got %s", out.Dati)
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, c := range tr.Calls() {
		if c.OperationID != "" && ids[c.Service+c.OperationID] {
			t.Errorf("operation id %s went out twice", c.OperationID)
		}
		ids[c.Service+c.OperationID] = true
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package adaptertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	if !bytes.Equal(richiesta, p.Richiesta) {
		t.Error("the adapter changed the request")
	}
	calls := tr.Calls()
	if len(calls) != len(p.Answers) || len(scope.Calls.All()) != len(p.Answers) {
		t.Errorf("%d calls, %d recorded, want %d", len(calls), len(scope.Calls.All()), len(p.Answers))
	}
	for i, c := range calls {
		recipe := s.Recipes[c.Service]
		if recipe == nil {
			t.Errorf("call %d names %q, which is no service", i, c.Service)
			continue
		}
		known := false
		for _, op := range recipe.Operations {
			known = known || (c.Method == op.Method && strings.HasPrefix(c.Path, op.Path) && c.Idempotent == op.Idempotent)
		}
		if !known {
			t.Errorf("call %d (%s %s, idempotent %v) is no operation of recipe %s", i, c.Method, c.Path, c.Idempotent, c.Service)
		}
		if len(c.Body) > 0 && c.Header.Get("Content-Type") == "" {
			t.Errorf("call %d has a body without Content-Type", i)
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
	} {
		reply := registry.Reply{Status: whole.Status, Header: whole.Header, Body: body}
		if err := s.ask(t, p, reply); !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("%s: error is %v, want ErrBadReply", name, err)
		}
	}
}

func (s Subject) cancelled(t *testing.T, p Probe) {
	ctx, cancel := context.WithCancel(context.Background())
	a := s.build(t, &Transport{Script: func(ctx context.Context, _ int, _ registry.Call) (registry.Reply, error) {
		cancel()
		<-ctx.Done()
		return registry.Reply{}, fmt.Errorf("no answer: %w", ctx.Err())
	}})
	done := make(chan error, 1)
	go func() {
		_, err := a.Call(ctx, p.Service, p.Operation, registry.Request{Scope: p.scope(s), Richiesta: p.Richiesta})
		done <- err
	}()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want context.Canceled", err)
		}
		discreet(t, p, err)
	case <-time.After(5 * time.Second):
		t.Fatal("the adapter went on after its caller left")
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

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/registry"
)

// TestOnlyPDNDsOwnWordIsNo: a page of a proxy, a fault of the server, a voucher that was
// refused and too many requests say nothing of the file.
func TestOnlyPDNDsOwnWordIsNo(t *testing.T) {
	const word = `{"errors":[{"code":"TRACING_ALREADY_EXISTS","detail":"x"}]}`
	for name, c := range map[string]struct {
		status int
		body   string
		no     string
	}{
		"a word":                {400, word, "TRACING_ALREADY_EXISTS"},
		"a word of a conflict":  {409, word, "TRACING_ALREADY_EXISTS"},
		"a word of not found":   {404, word, "TRACING_NOT_FOUND"},
		"the first of two":      {400, `{"errors":[{"code":"A"},{"code":"B"}]}`, "A"},
		"a page":                {400, "<html>", ""},
		"nothing":               {404, "", ""},
		"no errors":             {400, `{"errors":[]}`, ""},
		"other errors":          {400, `{"errors":"no"}`, ""},
		"a word without end":    {400, `{"errors":[{"code":"` + strings.Repeat("A", 65) + `"}]}`, ""},
		"a voucher refused":     {401, word, ""},
		"too many requests":     {429, word, ""},
		"a fault of the server": {500, word, ""},
		"a gateway":             {502, word, ""},
		"a redirect":            {302, word, ""},
		"another success":       {202, word, ""},
	} {
		t.Run(name, func(t *testing.T) {
			body := c.body
			if c.no != "" {
				body = strings.Replace(body, "TRACING_ALREADY_EXISTS", c.no, 1)
			}
			err := refusal(&outbound.Response{Status: c.status, Body: []byte(body)})
			var no *RefusedError
			if got := errors.As(err, &no); got != (c.no != "") || got && (no.Code != c.no || no.Status != c.status) {
				t.Errorf("%v, expected %q", err, c.no)
			}
			if err == nil || strings.Contains(err.Error(), "html") {
				t.Errorf("%v", err)
			}
		})
	}
}

// scripted is PDND Tracing as a list of answers, asked one after the other by a client of
// its own.
type scripted struct {
	answers []outbound.Response
	asked   []string
}

func (s *scripted) Do(_ context.Context, req *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	path := req.URL.Path
	if query, err := url.QueryUnescape(req.URL.RawQuery); err == nil && query != "" {
		path += "?" + query
	}
	s.asked = append(s.asked, req.Method+" "+path)
	if len(s.answers) == 0 {
		return nil, errors.New("connection refused")
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	return &next, nil
}

func answer(status int, value any) outbound.Response {
	raw, _ := json.Marshal(value) // only values that have JSON
	return outbound.Response{Status: status, Body: raw}
}

// newClient is a client of the scripted service, with vouchers of a mock platform.
func newClient(w *pdndtest.World, answers ...outbound.Response) (*client, *scripted) {
	s := &scripted{answers: answers}
	return &client{platform: w.Platform, who: w.Reader(), http: s, base: "https://tracing.example"}, s
}

const tracingID = "50000000-0000-4000-8000-000000000001"

func pageOf(total int, days ...remote) map[string]any {
	return map[string]any{"results": days, "totalCount": total}
}

// TestADayIsLookedForOnEveryPage, with the date alone or with a time behind it, and not
// for ever.
func TestADayIsLookedForOnEveryPage(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	mine := remote{ID: tracingID, Date: "2026-11-02T00:00:00.000Z", State: Completed}
	other := remote{ID: "x", Date: "2026-11-01", State: Failed}
	for name, c := range map[string]struct {
		answers []outbound.Response
		found   bool
		pages   int
		fails   bool
	}{
		"on the first":            {[]outbound.Response{answer(200, pageOf(2, other, mine))}, true, 1, false},
		"on the second":           {[]outbound.Response{answer(200, pageOf(51, other)), answer(200, pageOf(51, mine))}, true, 2, false},
		"nowhere":                 {[]outbound.Response{answer(200, pageOf(1, other))}, false, 1, false},
		"no days at all":          {[]outbound.Response{answer(200, pageOf(0))}, false, 1, false},
		"a count that is wrong":   {[]outbound.Response{answer(200, pageOf(1000, other)), answer(200, pageOf(1000))}, false, 2, false},
		"a page that fails":       {[]outbound.Response{answer(200, pageOf(60, other)), answer(503, nil)}, false, 2, true},
		"a page that is no JSON":  {[]outbound.Response{{Status: 200, Body: []byte("<html>")}}, false, 1, true},
		"nobody answers":          {nil, false, 1, true},
		"a date that only begins": {[]outbound.Response{answer(200, pageOf(1, remote{ID: "x", Date: "2026-11-0"}))}, false, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			cl, s := newClient(w, c.answers...)
			got, found, err := cl.find(t.Context(), "2026-11-02")
			if found != c.found || (err != nil) != c.fails || found && got != mine {
				t.Errorf("%+v, %t, %v", got, found, err)
			}
			if len(s.asked) != c.pages || s.asked[0] != "GET /tracings?offset=0&limit=50" && s.asked[0] != "GET /tracings?limit=50&offset=0" {
				t.Errorf("asked %q", s.asked)
			}
		})
	}
}

// TestWhatAFileIsAnsweredWith: an id that is none is no receipt; a "no" and "don't know"
// stay apart, and only the second has the code of an outage.
func TestWhatAFileIsAnsweredWith(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	for name, c := range map[string]struct {
		answers []outbound.Response
		id, no  string
	}{
		"a receipt":      {[]outbound.Response{answer(200, map[string]any{"tracingId": tracingID, "errors": true})}, tracingID, ""},
		"no id":          {[]outbound.Response{answer(200, map[string]any{"errors": false})}, "", ""},
		"an id of no id": {[]outbound.Response{answer(200, map[string]any{"tracingId": "x"})}, "", ""},
		"no":             {[]outbound.Response{answer(400, map[string]any{"errors": []any{map[string]string{"code": codeFuture}}})}, "", codeFuture},
		"silence":        {nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cl, s := newClient(w, c.answers...)
			id, err := cl.submit(t.Context(), "2026-11-02", []byte("date,purpose_id,token_id,status,requests_count\n"))
			var no *RefusedError
			if (err == nil) != (c.id != "") || err == nil && id != c.id || errors.As(err, &no) != (c.no != "") || no != nil && no.Code != c.no {
				t.Errorf("%q, %v", id, err)
			}
			if diff := cmp.Diff([]string{"POST /tracings/submit"}, s.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWhenADayHasMovedOnMeanwhile: three words say that PDND knows the day in another state
// than a moment ago; any other is about the file or the day. None is lost.
func TestWhenADayHasMovedOnMeanwhile(t *testing.T) {
	s := &sending{}
	for code, moved := range map[string]bool{
		codeExists: true, codeUpdate: true, codeMissing: true, codeFuture: false, "BAD_REQUEST": false, "": false, "tracing_already_exists": false,
	} {
		err := s.refused(t.Context(), &RefusedError{Status: 400, Code: code})
		if got := errors.Is(err, errAgain); got != moved {
			t.Errorf("%q: %v", code, err)
		}
		var no *RefusedError
		if !errors.As(err, &no) || no.Code != code {
			t.Errorf("%q is lost: %v", code, err)
		}
	}
}

// TestWhoSendsMustBeSaid: an ente that is not known, one that has not said that this hub
// sends, and an environment without an address are three errors, before anything is asked.
func TestWhoSendsMustBeSaid(t *testing.T) {
	const ente, silent = "c_z001", "c_z002"
	environment := config.Environment{Name: registry.Locale}
	d := &Desk{o: Options{
		Config: &config.Config{
			Enti: map[string]*config.Ente{
				ente:   {Tracing: map[string]config.Tracing{registry.Locale: {Invia: config.TracingSnodo}}},
				silent: {},
			},
			Environments: map[string]config.Environment{registry.Locale: environment},
		},
		Platforms:   map[string]*pdnd.Platform{registry.Locale: {}},
		Credentials: func(string, string) (pdnd.Credentials, error) { return pdnd.Credentials{}, errors.New("no key") },
	}}
	for name, c := range map[string]struct {
		ente, environment string
		want              error
	}{
		"an ente nobody knows":        {"c_z009", registry.Locale, ErrUnknown},
		"an environment nobody knows": {ente, "collaudo", ErrUnknown},
		"an ente that has not said":   {silent, registry.Locale, ErrOff},
	} {
		if _, err := d.client(c.ente, c.environment); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.client(ente, registry.Locale); err == nil || !strings.Contains(err.Error(), "tracingURL") {
		t.Errorf("no address: %v", err)
	}
	environment.TracingURL = "https://tracing.example"
	d.o.Config.Environments[registry.Locale] = environment
	if _, err := d.client(ente, registry.Locale); err == nil || err.Error() != "no key" {
		t.Errorf("no credentials: %v", err)
	}
}

// TestOnlyWhatPDNDImportedIsFinal, and the hub's own words are not.
func TestOnlyWhatPDNDImportedIsFinal(t *testing.T) {
	for state, final := range map[State]bool{
		Completed: true, Warning: true, Pending: false, Failed: false, Missing: false, Sending: false, "": false,
	} {
		if state.Final() != final || state.Waits() != (state == Failed) {
			t.Errorf("%q: final %t, waits %t", state, state.Final(), state.Waits())
		}
	}
}

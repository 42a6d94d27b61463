// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package host

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
)

// hello answers the same body to everything.
func hello(w http.ResponseWriter, r *http.Request) {
	Refused(r.Context(), "because "+r.URL.Path)
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte(strings.Repeat("x", 1000)))
}

func started(t *testing.T) *Host {
	t.Helper()
	h := New(http.HandlerFunc(hello), nil, time.Now)
	if err := h.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// answer is what came back, as far as it came.
type answer struct {
	status int
	length int64 // announced
	header http.Header
	body   []byte
}

// get makes a request over a connection of its own.
func get(ctx context.Context, method, url, body string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	read, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.ContentLength, resp.Header, read}, err
}

func TestStopAndRestartKeepTheAddress(t *testing.T) {
	h := started(t)
	url := h.URL()
	if !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("URL %q", url)
	}
	if err := h.Start(t.Context(), ""); !errors.Is(err, ErrStarted) {
		t.Fatalf("started twice: %v", err)
	}
	for range 3 {
		if a, err := get(t.Context(), http.MethodGet, url, ""); err != nil || len(a.body) != 1000 {
			t.Fatalf("running: %v, %d bytes", err, len(a.body))
		}
		if err := errors.Join(h.Stop(), h.Stop()); err != nil {
			t.Fatal(err)
		}
		if _, err := get(t.Context(), http.MethodGet, url, ""); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("stopped, yet: %v", err)
		}
		if err := h.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h.URL() != url {
			t.Fatalf("the address changed from %s to %s", url, h.URL())
		}
	}
}

func TestRestartBeforeStart(t *testing.T) {
	h := New(http.HandlerFunc(hello), nil, time.Now)
	if err := h.Restart(t.Context()); !errors.Is(err, ErrNotStarted) {
		t.Fatalf("got %v", err)
	}
	if h.URL() != "" || h.Addr() != "" {
		t.Fatal("an address before the start")
	}
	if err := h.Start(t.Context(), "256.0.0.1:0"); err == nil {
		t.Fatal("listened on an impossible address")
	}
}

func TestRecordsExchangesWithTokensDecoded(t *testing.T) {
	h := started(t)
	const compact = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJqIn0.c2ln"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL()+"/a", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+compact)
	req.Header.Set("Agid-JWT-Signature", compact)
	req.Header.Set("X-Plain", "seen")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	all := h.Requests()
	if len(all) != 1 {
		t.Fatalf("%d exchanges", len(all))
	}
	e := all[0]
	if e.Method != http.MethodPost || e.Path != "/a" || e.Status != http.StatusOK || e.Refusal != "because /a" ||
		string(e.RequestBody) != "body" || len(e.ResponseBody) != 1000 || e.RequestHeader.Get("X-Plain") != "seen" {
		t.Errorf("recorded %+v", e)
	}
	if len(e.RequestTokens) != 2 || e.RequestTokens[0].Payload["jti"] != "j" || e.RequestTokens[0].Header["alg"] != "RS256" {
		t.Errorf("tokens %+v", e.RequestTokens)
	}
	if e.RequestHeader.Get("Authorization") != "" || e.RequestHeader.Get("Agid-JWT-Signature") != "" {
		t.Error("a whole token is kept")
	}
	h.ResetRequests()
	if len(h.Requests()) != 0 {
		t.Error("reset forgets nothing")
	}
	h.SetRecording(false)
	if a, err := get(t.Context(), http.MethodPost, h.URL(), "body"); err != nil || len(a.body) != 1000 || len(h.Requests()) != 0 {
		t.Errorf("recorded although turned off: %v, %v", h.Requests(), err)
	}
	h.SetRecording(true)
	if _, err := get(t.Context(), http.MethodPost, h.URL(), "body"); err != nil || len(h.Requests()) != 1 {
		t.Errorf("not recorded although turned on: %v, %v", h.Requests(), err)
	}
}

func TestTokenFormsAndAnswersAreNotKeptWhole(t *testing.T) {
	const compact = "eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiJqIn0.c2ln"
	h := New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		JSON(w, http.StatusOK, "application/json", map[string]string{"access_token": compact})
	}), nil, time.Now)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token", strings.NewReader("client_assertion="+compact))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.Handler().ServeHTTP(httptest.NewRecorder(), req)
	e := h.Requests()[0]
	if len(e.RequestTokens) != 1 || e.RequestTokens[0].Name != "client_assertion" {
		t.Errorf("request tokens %+v", e.RequestTokens)
	}
	if len(e.ResponseTokens) != 1 || e.ResponseTokens[0].Name != "access_token" {
		t.Errorf("response tokens %+v", e.ResponseTokens)
	}
	if bytes.Contains(e.RequestBody, []byte("c2ln")) || bytes.Contains(e.ResponseBody, []byte("c2ln")) {
		t.Error("a whole token is kept")
	}
}

func TestRejectsOversizedRequest(t *testing.T) {
	h := New(http.HandlerFunc(hello), nil, time.Now)
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", io.LimitReader(zeros{}, maxRequest+1))
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, req)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Fatalf("status %d", w.Code)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestFaultsOverTheWire(t *testing.T) {
	h := started(t)
	put := func(list ...faults.Fault) {
		t.Helper()
		if err := h.SetFaults(list...); err != nil {
			t.Fatal(err)
		}
	}
	put(faults.Fault{Kind: faults.Cut})
	if a, err := get(t.Context(), http.MethodGet, h.URL(), ""); !errors.Is(err, io.ErrUnexpectedEOF) || a.length != 1000 || len(a.body) != 500 {
		t.Errorf("cut: %v, %d bytes", err, len(a.body))
	}
	put(faults.Fault{Kind: faults.Down})
	_, err := get(t.Context(), http.MethodGet, h.URL(), "")
	if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("down: %v", err)
	}
	for _, kind := range []faults.Kind{faults.Hang, faults.Stall} {
		put(faults.Fault{Kind: kind})
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		_, err := get(short, http.MethodPost, h.URL(), "body")
		cancel()
		var timeout net.Error
		if !errors.Is(err, context.DeadlineExceeded) && (!errors.As(err, &timeout) || !timeout.Timeout()) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	put(faults.Fault{Kind: faults.HTML, Status: http.StatusBadGateway})
	if a, err := get(t.Context(), http.MethodGet, h.URL(), ""); err != nil || a.status != http.StatusBadGateway ||
		!strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !bytes.Contains(a.body, []byte("GovWay-OP20000-9999")) {
		t.Errorf("html: %v %s", err, a.body)
	}
}

func TestHangEndsWhenTheServerStops(t *testing.T) {
	h := started(t)
	if err := h.SetFaults(faults.Fault{Kind: faults.Hang}); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", h.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := conn.Read(make([]byte, 1))
		failed <- err
	}()
	if err := h.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil {
		t.Fatal("a stopped mock answered")
	}
}

func TestFaultsByHTTP(t *testing.T) {
	h := started(t)
	url := h.URL() + "/_mock/faults"
	status := func(method, body string) int {
		t.Helper()
		a, err := get(t.Context(), method, url, body)
		if err != nil {
			t.Fatal(err)
		}
		return a.status
	}
	if got := status(http.MethodPut, `[{"kind":"status","status":503,"retry_after":"7"}]`); got != http.StatusNoContent {
		t.Fatalf("put: %d", got)
	}
	a, err := get(t.Context(), http.MethodGet, h.URL()+"/x", "")
	if err != nil || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "7" {
		t.Fatalf("the fault is not in force: %v %v", a, err)
	}
	if a, err := get(t.Context(), http.MethodGet, url, ""); err != nil || !bytes.Contains(a.body, []byte(`"retry_after":"7"`)) {
		t.Fatalf("get: %s %v", a.body, err)
	}
	for _, bad := range []string{`{}`, `[{"kind":"nonsense"}]`, `[{"kind":"status","typo":1}]`, `x`} {
		if got := status(http.MethodPut, bad); got != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, got)
		}
	}
	if got := status(http.MethodDelete, ""); got != http.StatusNoContent {
		t.Fatalf("delete: %d", got)
	}
	if a, err := get(t.Context(), http.MethodGet, h.URL()+"/x", ""); err != nil || a.status != http.StatusOK {
		t.Fatalf("the fault stays: %v %v", a, err)
	}
}

func TestJSONThatCannotBeEncoded(t *testing.T) {
	w := httptest.NewRecorder()
	JSON(w, http.StatusOK, "application/json", func() {})
	if w.Code != http.StatusInternalServerError {
		t.Fatalf("status %d", w.Code)
	}
}

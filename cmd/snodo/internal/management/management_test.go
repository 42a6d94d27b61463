// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package management_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
)

// serve answers on a Unix socket in a folder of the test.
func serve(t *testing.T, handler http.HandlerFunc) *management.Client {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return management.New(socket, "en")
}

func TestGetSendsQueryAndLanguage(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/chiavi" || r.URL.Query().Get("ente") != "c_bf01" || r.Header.Get("Accept-Language") != "en" {
			t.Errorf("request %s %v", r.URL, r.Header)
		}
		_, _ = io.WriteString(w, `{"chiavi":["a"]}`)
	})
	var into struct{ Chiavi []string }
	if err := client.Get(t.Context(), "/v1/chiavi", url.Values{"ente": {"c_bf01"}}, &into); err != nil {
		t.Fatal(err)
	}
	if len(into.Chiavi) != 1 {
		t.Errorf("answer %+v", into)
	}
}

func TestPostSendsJSON(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || string(body) != `{"a":"b"}` {
			t.Errorf("%s %s %q", r.Method, r.Header.Get("Content-Type"), body)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"1"}`)
	})
	var into struct{ ID string }
	if err := client.Post(t.Context(), "/v1/chiavi", map[string]string{"a": "b"}, &into); err != nil || into.ID != "1" {
		t.Errorf("%v, %+v", err, into)
	}
}

func TestRefusalIsTold(t *testing.T) {
	for body, want := range map[string]string{
		`{"title":"unknown ente","detail":"c_xx99","rule":"hub.management/unknown-ente","rimedio":"name one"}`: "unknown ente: c_xx99 [hub.management/unknown-ente]",
		`{"title":"off","rule":"hub.tracing/off","rimedio":"say who sends"}`:                                   "off: say who sends [hub.tracing/off]",
		`{"title":"off"}`: "off",
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, body)
		})
		err := client.Delete(t.Context(), "/v1/chiavi/1")
		var refused *management.RefusedError
		if !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
			t.Fatalf("error %v", err)
		}
		if err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}

func TestAnswersThatDecideNothing(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"error without a problem": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html>")
		},
		"not JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") },
	} {
		t.Run(name, func(t *testing.T) {
			var into any
			err := serve(t, handler).Get(t.Context(), "/x", nil, &into)
			var refused *management.RefusedError
			if err == nil || errors.As(err, &refused) {
				t.Errorf("error %v, want one that is no refusal", err)
			}
		})
	}
}

func TestNoHubIsNoAnswer(t *testing.T) {
	client := management.New(filepath.Join(t.TempDir(), "absent"), "it")
	err := client.Get(t.Context(), "/x", nil, nil)
	if !errors.Is(err, management.ErrUnreachable) || !strings.Contains(err.Error(), "absent") {
		t.Errorf("error %v, want ErrUnreachable naming the socket", err)
	}
}

func TestStreamCopiesEverything(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			_, _ = io.WriteString(w, "a line of an export\n")
		}
	})
	var out strings.Builder
	if err := client.Stream(t.Context(), "/x", nil, &out); err != nil || out.Len() != 20000 {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
}

func TestCutStreamIsAnError(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		panic(http.ErrAbortHandler)
	})
	if err := client.Stream(t.Context(), "/x", nil, io.Discard); err == nil {
		t.Error("a cut export passes for a whole one")
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What must never show in an error: it would end in a log or in an answer.
const (
	secretToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzZWdyZXRvIn0.ZmlybWE"
	secretCF    = "RSSMRA85T10A562S"
	secretBody  = "corpo-segreto-della-richiesta"
)

func TestErrorsHoldNoSecret(t *testing.T) {
	echo := func(r *http.Request) string {
		body, _ := io.ReadAll(r.Body)
		return r.Header.Get("Authorization") + r.URL.String() + string(body)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		switch r.URL.Path {
		case "/echoed-as-protocol":
			fmt.Fprintf(conn, "%s\r\n\r\n", echo(r))
		case "/echoed-as-status":
			fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", echo(r))
		case "/echoed-as-header":
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%s\r\n\r\n", echo(r))
		case "/cut":
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n%s", echo(r))
		case "/hang":
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	base := []string{
		server.URL + "/echoed-as-protocol", server.URL + "/echoed-as-status", server.URL + "/echoed-as-header",
		server.URL + "/cut", server.URL + "/hang", server.URL + "/lost",
		"http://127.0.0.1:1/refused", "http://nome-che-non-esiste.invalid/", "https://" + server.Listener.Addr().String() + "/tls",
		"http://10.0.0.1/private", "ftp://registro.example/",
	}
	for _, target := range base {
		t.Run(target, func(t *testing.T) {
			s := quick()
			s.HeaderTimeout = 50 * time.Millisecond
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			req := post(t, target+"?cf="+secretCF, secretBody)
			req.Header.Set("Authorization", "Bearer "+secretToken)
			_, err := newClient(t, s).Do(ctx, req, Exchange{Attempts: 2, Retryable: always})
			if err == nil {
				t.Fatal("no error")
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				assertNoSecret(t, fmt.Sprintf("%v %+v %q", e, e, e))
			}
		})
	}
}

func assertNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{secretToken, secretCF, secretBody, "eyJ", "?cf=", "/echoed", "Bearer"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows %q", text, secret)
		}
	}
}

func TestFailureOfPrepareKeepsItsCauseButNotItsText(t *testing.T) {
	cause := fmt.Errorf("signing %s failed", secretToken)
	_, err := newClient(t, quick()).Do(t.Context(), get(t, "http://registro.example/"), Exchange{
		Prepare: func(int, *http.Request) error { return cause },
	})
	if !errors.Is(err, cause) {
		t.Fatalf("Do = %v", err)
	}
	assertNoSecret(t, err.Error())
}

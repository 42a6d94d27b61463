// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// raw sends bytes over a fresh connection and reads one answer; a closed connection is
// status 0.
func raw(t *testing.T, address, text string) (int, http.Header, string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, text) // a server may close before it has read everything
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, nil, ""
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body) // cut when the server closed before it had read everything
	return resp.StatusCode, resp.Header, string(body)
}

// goodBody is an acquisition that succeeds when nothing is changed in it.
func goodBody(t *testing.T) string {
	t.Helper()
	r := demoRequest()
	body, err := json.Marshal(map[string]any{"contesto": r.Context, "richiesta": r.Richiesta})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

const acquirePath = "/v1/acquisizioni/anpr-c020/residenza"

// head writes a request head; the body is appended by the caller.
func head(method, path, key string, more ...string) string {
	lines := []string{method + " " + path + " HTTP/1.1", "Host: snodo"}
	if key != "" {
		lines = append(lines, "Authorization: Bearer "+key)
	}
	return strings.Join(append(lines, more...), "\r\n") + "\r\n\r\n"
}

// Whatever reaches the router gets a problem document; none of it is a 500, and nothing
// that identifies a person is logged.
func TestBadInputGetsAProblem(t *testing.T) {
	s := newSite(t)
	key := s.key[ambiente.BorgoFiorito().CodiceIPA]
	good := goodBody(t)
	post := func(path, body string, more ...string) string {
		more = append(more, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
		return head(http.MethodPost, path, key, more...) + body
	}
	swap := func(old, replacement string) string {
		return post(acquirePath, strings.Replace(good, old, replacement, 1))
	}
	tests := map[string]struct {
		text   string
		status int
	}{
		"malformed JSON":        {post(acquirePath, good[:len(good)-1]), http.StatusBadRequest},
		"two JSON values":       {post(acquirePath, good+good), http.StatusBadRequest},
		"repeated member":       {swap(`"richiesta"`, `"contesto":{},"richiesta"`), http.StatusBadRequest},
		"unknown field":         {swap(`"richiesta"`, `"altro":1,"richiesta"`), http.StatusBadRequest},
		"not an object":         {post(acquirePath, `[]`), http.StatusBadRequest},
		"empty body":            {post(acquirePath, ``), http.StatusBadRequest},
		"oversized body":        {post(acquirePath, `{"x":"`+strings.Repeat("a", 2<<20)+`"}`), http.StatusRequestEntityTooLarge},
		"another media type":    {strings.Replace(post(acquirePath, good), "application/json", "text/plain", 1), http.StatusUnsupportedMediaType},
		"wrong codice fiscale":  {swap("D612V", "D612W"), http.StatusUnprocessableEntity},
		"wrong length":          {swap("D612V", "D612"), http.StatusUnprocessableEntity},
		"unknown ente":          {swap(`"c_bf01"`, `"c_xx99"`), http.StatusUnprocessableEntity},
		"unknown procedimento":  {swap(`"iscrizione-asilo"`, `"tributi"`), http.StatusUnprocessableEntity},
		"unknown servizio":      {post("/v1/acquisizioni/anpr-c099/residenza", good), http.StatusNotFound},
		"unknown operazione":    {post("/v1/acquisizioni/anpr-c020/famiglia", good), http.StatusNotFound},
		"unknown path":          {post("/v2/altro", good), http.StatusNotFound},
		"unknown method":        {head(http.MethodGet, acquirePath, key), http.StatusMethodNotAllowed},
		"no key":                {head(http.MethodPost, acquirePath, "", "Content-Type: application/json", "Content-Length: 2") + "{}", http.StatusUnauthorized},
		"unknown key":           {strings.Replace(post(acquirePath, good), key, key[:len(key)-4]+"AAAA", 1), http.StatusUnauthorized},
		"two Authorization":     {post(acquirePath, good, "Authorization: Bearer "+key), http.StatusBadRequest},
		"path outside UTF-8":    {head(http.MethodGet, "/v1/%ff%fe", key), http.StatusNotFound},
		"the exposed side here": {head(http.MethodGet, "/modi/c_bf01/stato-istanza/v1/status", ""), http.StatusNotFound},
		"management here":       {head(http.MethodGet, "/health/live", ""), http.StatusNotFound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, header, body := raw(t, s.applicazioni, tt.text)
			if status != tt.status {
				t.Errorf("status %d, want %d: %s", status, tt.status, body)
			}
			if header.Get("Content-Type") != "application/problem+json" || ruleOf([]byte(body)) == "-" {
				t.Errorf("no problem document: %s %q", header.Get("Content-Type"), body)
			}
			if strings.Contains(body, "BNCMRC") {
				t.Errorf("the problem repeats the codice fiscale: %s", body)
			}
		})
	}
	t.Run("omocodia is accepted", func(t *testing.T) {
		status, _, body := raw(t, s.applicazioni, swap("BNCMRC85C12D612V", omocode(t)))
		if status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
	})
	assertQuietLog(t, s)
}

// omocode is the registry's person whose codice fiscale has a letter for a digit.
func omocode(t *testing.T) string {
	t.Helper()
	for _, row := range testApp().demoPeople() {
		if strings.Contains(row[2], "omocodia") {
			return row[0]
		}
	}
	t.Fatal("no such person")
	return ""
}

// Below the router the server answers a bare 4xx or closes the connection.
func TestBrokenFramingNeverReachesTheRouter(t *testing.T) {
	s := newSite(t)
	key := s.key[ambiente.BorgoFiorito().CodiceIPA]
	good := goodBody(t)
	length := fmt.Sprintf("Content-Length: %d", len(good))
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(good), good)
	media := "Content-Type: application/json"
	tests := map[string]string{
		"content length and chunked":     head(http.MethodPost, acquirePath, key, media, length, "Transfer-Encoding: chunked") + chunked,
		"chunked and content length":     head(http.MethodPost, acquirePath, key, media, "Transfer-Encoding: chunked", length) + chunked,
		"two content lengths":            head(http.MethodPost, acquirePath, key, media, length, "Content-Length: 5") + good,
		"two equal content lengths":      head(http.MethodPost, acquirePath, key, media, length, length) + good,
		"signed content length":          head(http.MethodPost, acquirePath, key, media, "Content-Length: +5") + good,
		"space before the colon":         head(http.MethodPost, acquirePath, key, media, "Transfer-Encoding : chunked") + chunked,
		"folded header":                  head(http.MethodPost, acquirePath, key, media, "X-A: b\r\n c", length) + good,
		"head too large":                 head(http.MethodPost, acquirePath, key, "X-Large: "+strings.Repeat("a", 80<<10)),
		"no request line":                "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
		"unknown version":                "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
		"no host":                        "GET /v1/openapi.json HTTP/1.1\r\n\r\n",
		"smuggled second request by two": head(http.MethodPost, acquirePath, key, "Content-Length: 0", "Content-Length: 44") + "GET /v1/openapi.json HTTP/1.1\r\nHost: snodo\r\n\r\n",
	}
	for name, text := range tests {
		for listener, address := range map[string]string{"applicazioni": s.applicazioni, "esposizione": s.esposizione} {
			t.Run(name+", "+listener, func(t *testing.T) {
				status, _, body := raw(t, address, text)
				if status != 0 && (status < 400 || status >= 500) {
					t.Errorf("status %d %s, want a 4xx or a closed connection", status, body)
				}
				if ruleOf([]byte(body)) != "-" {
					t.Errorf("the router has answered: %s", body)
				}
			})
		}
	}
	assertQuietLog(t, s)
}

// assertQuietLog checks that the log of a site names no person and holds no credential.
func assertQuietLog(t *testing.T, s *site) {
	t.Helper()
	log := s.logs.String()
	if log == "" {
		t.Error("the log is empty")
	}
	for _, secret := range []string{"BNCMRC", "BIANCHI", "eyJ", "snodo_", "NIDO-2026"} {
		if at := strings.Index(log, secret); at >= 0 {
			t.Errorf("the log holds %q: %s", secret, log[max(0, at-200):min(len(log), at+40)])
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scripted

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const pratiche = `
name: ricerca-pratiche
tables:
  pratiche:
    - {id: P-1, risposta: {id: P-1, stato: aperta}}
routes:
  - method: GET
    path: /pratiche/{id}
    find: {in: pratiche, by: {id: path.id}}
    replies:
      - {when: found, status: 200, headers: {ETag: '"1"'}, body: "${record.risposta}"}
      - {when: absent, status: 404, body: {title: Non c'è, status: 404}}
  - method: POST
    path: /ricerche
    checks: [{at: body.id, required: true, reply: {status: 400, body: {title: Manca id, status: 400}}}]
    find: {in: pratiche, by: {id: body.id}}
    replies:
      - {when: found, status: 200, body: {trovata: "${record.id}", quando: "${today}"}}
      - {when: absent, status: 404, body: {title: Non c'è, status: 404}}
  - {method: DELETE, path: "/pratiche/{id}", replies: [{status: 204}]}
  - {method: GET, path: /contenuto, replies: [{status: 200, headers: {ETag: '"1"'}, type: application/octet-stream, body: abcdef}]}
  - {method: GET, path: /testo, replies: [{status: 410, type: text/plain, body: non più}]}
`

func backEnd(t *testing.T) *BackEndServer {
	t.Helper()
	b, err := ParseBackEnd([]byte(pratiche))
	must(t, err)
	s, err := NewBackEnd(b, BackEndOptions{Clock: func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }})
	must(t, err, s.Start(t.Context(), ""))
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestBackEndAnswersWithoutAnyToken(t *testing.T) {
	s := backEnd(t)
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"found":            {"GET", "/pratiche/p-1", "", 200, `{"id":"P-1","stato":"aperta"}`},
		"absent":           {"GET", "/pratiche/P-2", "", 404, "Non c'è"},
		"by body":          {"POST", "/ricerche", `{"id":"P-1"}`, 200, `{"quando":"2026-11-22","trovata":"P-1"}`},
		"check":            {"POST", "/ricerche", `{}`, 400, "Manca id"},
		"no JSON":          {"POST", "/ricerche", `{"id":`, 400, "non è JSON"},
		"two documents":    {"POST", "/ricerche", `{"id":"P-1"}{}`, 400, "non è JSON"},
		"without a body":   {"DELETE", "/pratiche/P-1", "", 204, ""},
		"another method":   {"PUT", "/pratiche/P-1", "", 405, ""},
		"nowhere":          {"GET", "/altro", "", 404, ""},
		"found, no suffix": {"GET", "/pratiche/P-1/x", "", 404, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL()+c.path, bytes.NewReader([]byte(c.body)))
		must(t, err)
		req.Header.Set("Content-Type", "application/merge-patch+json")
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		got, err := io.ReadAll(resp.Body)
		must(t, err, resp.Body.Close())
		if resp.StatusCode != c.status || !strings.Contains(string(got), c.want) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, got)
		}
	}
}

func TestBackEndsThatCannotBeServed(t *testing.T) {
	for name, text := range map[string]string{
		"no YAML":      "name: [",
		"unknown key":  pratiche + "altro: 1\n",
		"no routes":    "name: x\n",
		"no name":      strings.Replace(pratiche, "ricerca-pratiche", "", 1),
		"no table":     strings.ReplaceAll(pratiche, "in: pratiche", "in: altre"),
		"no such word": strings.Replace(pratiche, "when: found", "when: trovata", 1),
	} {
		if _, err := LoadBackEnds(fstest.MapFS{"x.yaml": {Data: []byte(text)}}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b, err := ParseBackEnd([]byte(strings.Replace(pratiche, "DELETE", "GET", 1)))
	must(t, err)
	if _, err := NewBackEnd(b, BackEndOptions{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("two routes of one place: %v", err)
	}
	all, err := LoadBackEnds(fstest.MapFS{"x.yaml": {Data: []byte(pratiche)}, "x.txt": {}})
	must(t, err)
	if len(all) != 1 || all["ricerca-pratiche"].Name == "" {
		t.Errorf("got %v", all)
	}
}

// TestBackEndHandsContentsOutInPieces, with the conditions of RFC 9110.
func TestBackEndHandsContentsOutInPieces(t *testing.T) {
	s := backEnd(t)
	for name, c := range map[string]struct {
		method, path, header, value string
		status                      int
		want                        string
	}{
		"whole":       {"GET", "/contenuto", "X-Altro", "x", 200, "abcdef"},
		"a piece":     {"GET", "/contenuto", "Range", "bytes=1-2", 206, "bc"},
		"beyond":      {"GET", "/contenuto", "Range", "bytes=9-", 416, `"status":416`},
		"another one": {"GET", "/contenuto", "If-Match", `"2"`, 412, `"status":412`},
		"not changed": {"GET", "/contenuto", "If-None-Match", `"1"`, 304, ""},
		"head":        {"HEAD", "/contenuto", "X-Altro", "x", 200, ""},
		"a text":      {"GET", "/testo", "X-Altro", "x", 410, "non più"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL()+c.path, http.NoBody)
		must(t, err)
		req.Header.Set(c.header, c.value)
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		got, err := io.ReadAll(resp.Body)
		must(t, err, resp.Body.Close())
		if resp.StatusCode != c.status || !strings.Contains(string(got), c.want) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, got)
		}
	}
}

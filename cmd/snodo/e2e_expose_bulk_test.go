// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/gateway/identity"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/modi/token"
)

const bulkRecipe = `patterns: {request: [AUDIT_REST_02, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}
operations: {download: {bulk: true}}
`

// pages are n bytes that no compression shortens and no two tests share.
func pages(n int) []byte {
	var seed [32]byte
	seed[0] = byte(n)
	content := make([]byte, n)
	_, _ = rand.NewChaCha8(seed).Read(content) // never fails
	return content
}

// TestBulkResourceOverTCP is BULK_RESOURCE_REST through the hub, from a back end behind a Unix socket: HEAD, the whole,
// parts, conditions, what is slow and what is not what was signed.
func TestBulkResourceOverTCP(t *testing.T) {
	content := pages(3 << 20)
	back := &shelf{
		documents: map[string][]byte{"atto": content, "lento": content, "falso": content},
		digest:    map[string]string{"falso": digestOf([]byte("another"))}, release: make(chan struct{}),
	}
	s := newSite(t, withArchivio(bulkRecipe, ""), behindSocket(back))
	e := ambiente.BorgoFiorito()

	var credentials http.Header // of a GET: nothing in them is for one request alone
	head := s.call(t, http.MethodHead, "/documenti/atto", "", fruitore.Hooks{Request: func(r *http.Request) { credentials = r.Header.Clone() }})
	if head.Status != http.StatusOK || head.Header.Get("Content-Length") != "3145728" || head.Header.Get("Accept-Ranges") != "bytes" ||
		head.Header.Get("Cache-Control") != "no-store" || head.Header.Get("Agid-Jwt-Signature") == "" || len(head.Body) != 0 {
		t.Fatalf("HEAD: %d %v", head.Status, head.Header)
	}
	whole := s.call(t, http.MethodGet, "/documenti/atto", "", fruitore.Hooks{})
	if whole.Status != http.StatusOK || !bytes.Equal(whole.Body, content) || whole.Header.Get("Etag") != `"atto"` {
		t.Fatalf("GET: %d, %d bytes, %v", whole.Status, len(whole.Body), whole.Header)
	}
	if head.Header.Get("Digest") != digestOf(content) || whole.Header.Get("Digest") != head.Header.Get("Digest") {
		t.Errorf("HEAD has not the digest of GET: %q", head.Header.Get("Digest"))
	}
	if err := s.Unione(e).CheckReply(whole, s.keychainOf(t, e)); err != nil {
		t.Errorf("signature of a streamed answer: %v", err)
	}
	for name, tc := range map[string]struct {
		headers []string
		status  int
		body    []byte
	}{
		"a part":          {[]string{"Range", "bytes=10-19"}, http.StatusPartialContent, content[10:20]},
		"the last part":   {[]string{"Range", "bytes=-5"}, http.StatusPartialContent, content[len(content)-5:]},
		"out of it":       {[]string{"Range", "bytes=9999999-"}, http.StatusRequestedRangeNotSatisfiable, nil},
		"not changed":     {[]string{"If-None-Match", `"atto"`}, http.StatusNotModified, nil},
		"another version": {[]string{"Range", "bytes=0-1", "If-Range", `"vecchio"`}, http.StatusOK, content},
		"a list of parts": {[]string{"Range", "bytes=0-1,5-6"}, http.StatusBadGateway, nil}, // multipart: the document has no such answer
	} {
		t.Run(name, func(t *testing.T) {
			reply := s.call(t, http.MethodGet, "/documenti/atto", "", header(tc.headers...))
			if reply.Status != tc.status || tc.body != nil && !bytes.Equal(reply.Body, tc.body) {
				t.Fatalf("%d, %d bytes", reply.Status, len(reply.Body))
			}
			if signed := reply.Header.Get("Agid-Jwt-Signature") != ""; reply.Status == http.StatusPartialContent && signed {
				t.Error("a part is signed")
			}
		})
	}
	t.Run("the first bytes come before the last are there", func(t *testing.T) {
		reply := s.open(t, "/documenti/lento", credentials)
		defer reply.Body.Close()
		if _, err := io.ReadFull(reply.Body, make([]byte, len(content)/4)); err != nil {
			t.Fatal(err)
		}
		close(back.release)
		if rest, err := io.ReadAll(reply.Body); err != nil || len(rest) != len(content)-len(content)/4 {
			t.Errorf("%d bytes, %v", len(rest), err)
		}
	})
	t.Run("what is not what was signed is cut", func(t *testing.T) {
		reply := s.open(t, "/documenti/falso", credentials)
		defer reply.Body.Close()
		if got, err := io.ReadAll(reply.Body); err == nil || len(got) >= len(content) {
			t.Errorf("%d bytes of %d, %v", len(got), len(content), err)
		}
	})
}

// open makes a GET with credentials and leaves its body to be read.
func (s *site) open(t *testing.T, path string, credentials http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.exposedURL(ambiente.BorgoFiorito())+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = credentials.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		t.Fatalf("%d", resp.StatusCode)
	}
	return resp
}

// TestBackEndVerifiesWhoCalls with the keys that the hub publishes: the statement is about the very request.
func TestBackEndVerifiesWhoCalls(t *testing.T) {
	type received struct {
		compact, method, path string
		body                  []byte
		header                http.Header
	}
	got := make(chan received, 1)
	back := &shelf{seen: func(r *http.Request, body []byte) {
		got <- received{r.Header.Get(identity.Header), r.Method, r.URL.EscapedPath(), body, r.Header.Clone()}
	}}
	s := newSite(t, withArchivio(bulkRecipe, ""), withIdentity, behindSocket(back),
		editFile("enti/"+ambiente.BorgoFiorito().CodiceIPA+"/exposes.yaml", "    deadline: 5s\n", "    deadline: 5s\n    identity: jwt\n"))
	if reply := s.call(t, http.MethodPost, "/ricerche", `{"a":1}`, fruitore.Hooks{}); reply.Status != http.StatusOK {
		t.Fatalf("%d %s", reply.Status, reply.Body)
	}
	_, _, published := get(t, "http://"+s.applicazioni+"/v1/enti/"+ambiente.BorgoFiorito().CodiceIPA+"/identita/jwks.json")
	set, err := token.ParseJWKSet([]byte(published))
	if err != nil || len(set) != 1 {
		t.Fatalf("%s: %v", published, err)
	}
	r := <-got
	audience := s.config.Enti[ambiente.BorgoFiorito().CodiceIPA].Exposes["stato-istanza"].BackEnd.URL
	statement, err := identity.Verify(t.Context(), r.compact, identity.Request{
		Audience: audience, Method: r.method, Path: r.path, Body: r.body,
	}, s.app.clock(), provenance.Keys(set))
	if err != nil || statement.Subject != ambiente.UnioneTenantID || statement.Operation != "search" {
		t.Errorf("%+v, %v", statement, err)
	}
	for name := range r.header {
		if strings.HasPrefix(name, "X-Snodo-") && name != identity.Header && name != "X-Snodo-Exchange" {
			t.Errorf("the back end was sent %s", name)
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// archivio is an invented contract that has one of everything: a search, documents that are streamed, a merge patch, a
// read that wants If-Match, XML.
const archivio = `openapi: 3.0.3
info: {title: Archivio, version: 1.0.0}
paths:
  /ricerche:
    post:
      operationId: search
      requestBody: {required: true, content: {application/json: {schema: {type: object}}, application/xml: {schema: {type: object}}}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
  /documenti/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^[a-zA-Z0-9]{1,20}$'}}]
    get:
      operationId: download
      responses:
        '200': {description: ok, content: {application/pdf: {schema: {type: string, format: binary}}}}
        '206': {description: parte, content: {application/pdf: {schema: {type: string, format: binary}}}}
        '304': {description: non cambiato}
        '416': {description: fuori, content: {text/plain: {schema: {type: string}}}}
    patch:
      operationId: change
      requestBody: {required: true, content: {application/merge-patch+json: {schema: {type: object}}}}
      responses: {'204': {description: ok}}
  /versioni/{id}:
    get:
      operationId: version
      parameters:
      - {name: id, in: path, required: true, schema: {type: string, pattern: '^[a-z0-9]{1,20}$'}}
      - {name: If-Match, in: header, required: true, schema: {type: string}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
`

// archivioRecipe is its recipe; what a test adds follows.
const archivioRecipe = `name: stato-istanza
title: {it: Archivio, en: Archive}
major: 1
openapi: stato-istanza.openapi.yaml
requestHeaders: [If-Match]
`

// withArchivio takes the place of stato-istanza in both enti. recipe is added to the recipe, binding to the bindings, where
// {dir} is the folder.
func withArchivio(recipe, binding string) func(t testing.TB, dir string) {
	return func(t testing.TB, dir string) {
		t.Helper()
		own := filepath.Join(dir, "recipes", "exposes")
		if err := os.MkdirAll(own, 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(own, "stato-istanza.yaml"), archivioRecipe+recipe)
		writeFile(t, filepath.Join(own, "stato-istanza.openapi.yaml"), archivio)
		appendRecipesDir(t, dir)
		for _, e := range ambiente.Enti() {
			file := filepath.Join(dir, "enti", e.CodiceIPA, "exposes.yaml")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, file, string(text)+strings.ReplaceAll(binding, "{dir}", dir))
		}
	}
}

// withIdentity gives Borgo Fiorito a key of identity.
func withIdentity(t testing.TB, dir string) {
	t.Helper()
	ente := filepath.Join("enti", ambiente.BorgoFiorito().CodiceIPA)
	file := filepath.Join(ente, "chiavi", "identita.pem")
	if _, err := keys.Generate(rand.Reader, keys.RoleIdentity, filepath.Join(dir, file)); err != nil {
		t.Fatal(err)
	}
	editFile(filepath.Join(ente, "ente.yaml"), "seal:\n", "seal:\n  identity: "+file+"\n")(t, dir)
}

// behindSocket puts a handler behind a Unix socket and has Borgo Fiorito's e-service call it.
func behindSocket(h http.Handler) func(t testing.TB, dir string) {
	return func(t testing.TB, dir string) {
		t.Helper()
		path := filepath.Join(filepath.Dir(dir), "g")
		l, err := new(net.ListenConfig).Listen(context.Background(), "unix", path)
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
		done := make(chan struct{})
		go func() { defer close(done); _ = server.Serve(l) }()
		t.Cleanup(func() { _ = server.Close(); <-done })
		editFile(filepath.Join("enti", ambiente.BorgoFiorito().CodiceIPA, "exposes.yaml"), "  backEnd:\n", "  backEnd:\n    socket: "+path+"\n")(t, dir)
	}
}

// keychainOf is the public key of an ente's keychain, as consumers find it on PDND.
func (s *site) keychainOf(t testing.TB, e ambiente.Ente) *rsa.PublicKey {
	t.Helper()
	key, err := (&stage{app: s.app, world: s.world}).keychainKey(e)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// call makes one exchange of the Unione with Borgo Fiorito.
func (s *site) call(t testing.TB, method, path, body string, hooks fruitore.Hooks) *fruitore.Reply {
	t.Helper()
	e := ambiente.BorgoFiorito()
	reply, err := s.Unione(e).Do(context.Background(), method, s.exposedURL(e)+path, []byte(body), hooks)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// header is a hook that sets headers of the finished request.
func header(pairs ...string) fruitore.Hooks {
	return fruitore.Hooks{Request: func(r *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			r.Header.Set(pairs[i], pairs[i+1])
		}
	}}
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

// shelf is a back end of archivio: documents by name.
type shelf struct {
	documents map[string][]byte
	digest    map[string]string // instead of the true one
	release   chan struct{}     // lets the second half of "lento" go
	seen      func(r *http.Request, body []byte)
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if s.seen != nil {
		s.seen(r, body)
	}
	resource, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	content, known := s.documents[id]
	if resource != "documenti" || r.Method == http.MethodPatch || !known {
		if r.Method == http.MethodPatch {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"esito":"ok"}`)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Etag", `"`+id+`"`)
	w.Header().Set("Digest", digestOf(content))
	if other := s.digest[id]; other != "" {
		w.Header().Set("Digest", other)
	}
	if id == "lento" {
		_, _ = w.Write(content[:len(content)/2])
		_ = http.NewResponseController(w).Flush()
		<-s.release
		_, _ = w.Write(content[len(content)/2:])
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

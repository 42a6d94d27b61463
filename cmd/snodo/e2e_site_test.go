// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/registry"
)

// site is a whole installation under test: the mock world and one hub, over real TCP.
type site struct {
	*world
	app    *app
	config *config.Config
	run    *running
	manage *management.Client
	logs   *lockedBuffer
	apps   map[string]*acquire.Client // by ente
	key    map[string]string          // of the application, by ente
}

// lockedBuffer collects a hub's log while it is read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func testApp() *app {
	return &app{
		io:     stdio{in: strings.NewReader(""), out: io.Discard, err: io.Discard},
		getenv: func(string) string { return "" }, clock: time.Now, rand: rand.Reader, lang: "it", output: "text",
		guard: registry.GuardSettings{OpenFor: time.Second},
	}
}

// newWorld starts the mocks and writes a configuration, which edits may change.
func newWorld(t testing.TB, edits ...func(t testing.TB, dir string)) *world {
	t.Helper()
	dir, err := os.MkdirTemp("", "snodo-e2e-") // short: a socket's path is bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	w, err := startWorld(context.Background(), testApp(), worldOptions{
		dir: filepath.Join(dir, "c"), applicazioni: "127.0.0.1:0", esposizione: "127.0.0.1:0", socket: "dati/s",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	for _, edit := range edits {
		edit(t, w.dir)
	}
	return w
}

// newSite starts a world and a hub in this process.
func newSite(t testing.TB, edits ...func(t testing.TB, dir string)) *site {
	t.Helper()
	s := &site{world: newWorld(t, edits...), app: testApp(), logs: &lockedBuffer{}}
	s.start(t)
	t.Cleanup(func() { s.stop(t) })
	return s
}

// start opens a hub on the site's folder.
func (s *site) start(t testing.TB) {
	t.Helper()
	s.serve(t, mustLoad(t, s.dir))
}

func mustLoad(t testing.TB, dir string) *config.Config {
	t.Helper()
	loaded, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// serve opens a hub and makes a key for the application of each ente.
func (s *site) serve(t testing.TB, loaded *config.Config) {
	t.Helper()
	var err error
	s.config = loaded
	s.run, err = startHub(context.Background(), s.app, s.config, s.logs)
	if err != nil {
		t.Fatal(err)
	}
	s.manage = management.New(s.config.Path(s.config.Hub.Listeners.Gestione.Socket), "it")
	s.apps, s.key = map[string]*acquire.Client{}, map[string]string{}
	for _, e := range ambiente.Enti() {
		s.key[e.CodiceIPA] = newKey(t, s.manage, e.CodiceIPA)
		s.apps[e.CodiceIPA], err = acquire.New("http://"+s.applicazioni, s.key[e.CodiceIPA], "")
		if err != nil {
			t.Fatal(err)
		}
	}
}

// stop drains the hub; stopping twice is harmless.
func (s *site) stop(t testing.TB) {
	t.Helper()
	if s.run == nil {
		return
	}
	if err := s.run.stop(); err != nil {
		t.Errorf("stop the hub: %v", err)
	}
	s.run = nil
}

func newKey(t testing.TB, manage *management.Client, ente string) string {
	t.Helper()
	var made httpapi.ChiaveNuova
	err := manage.Post(context.Background(), "/v1/chiavi", map[string]string{"ente": ente, "applicazione": folder.Applicazione}, &made)
	if err != nil {
		t.Fatal(err)
	}
	return made.Segreto
}

// acquisition is the demonstration's request with another person and ente.
func acquisition(e ambiente.Ente, richiesta string) acquire.Request {
	r := demoRequest()
	r.Context.Ente = e.CodiceIPA
	r.Richiesta = json.RawMessage(richiesta)
	return r
}

func byCodiceFiscale(codice string) string { return `{"codiceFiscale":"` + codice + `"}` }

// acquire asks as the application of the request's ente.
func (s *site) acquire(t testing.TB, r acquire.Request) *acquire.Answer {
	t.Helper()
	answer, err := s.apps[r.Context.Ente].Acquire(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// evidence lists the records of an ente, oldest first.
func (s *site) evidence(t testing.TB, ente string) []httpapi.Prova {
	t.Helper()
	const page = 1000
	var all []httpapi.Prova
	query := map[string]any{"ente": ente, "limite": page}
	for {
		var list evidenceList
		if err := s.manage.Post(context.Background(), "/v1/prove/ricerca", query, &list); err != nil {
			t.Fatal(err)
		}
		all = append(all, list.Prove...)
		if len(list.Prove) < page {
			return all
		}
		query["dopo"] = all[len(all)-1].Indice
	}
}

// eventually polls until ok holds.
func eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
		<-ticker.C
	}
}

// get fetches a URL over TCP.
func get(t testing.TB, url string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

// editFile replaces text in a file of the configuration; the text must be there.
func editFile(name, old, replacement string) func(t testing.TB, dir string) {
	return func(t testing.TB, dir string) {
		t.Helper()
		path := filepath.Join(dir, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), old) {
			t.Fatalf("%s holds no %q", name, old)
		}
		err = os.WriteFile(path, []byte(strings.ReplaceAll(string(data), old, replacement)), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// ownRecipe copies a recipe of the catalogue into the folder, changed. kind is consumes
// or exposes.
func ownRecipe(kind, name string, replace ...string) func(t testing.TB, dir string) {
	return func(t testing.TB, dir string) {
		t.Helper()
		target := filepath.Join(dir, "recipes", kind)
		if err := os.MkdirAll(target, 0o700); err != nil {
			t.Fatal(err)
		}
		source := filepath.Join("..", "..", "registry", "recipes", kind)
		for _, file := range []string{name + ".yaml", name + ".openapi.yaml"} {
			data, err := os.ReadFile(filepath.Join(source, file))
			if os.IsNotExist(err) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			text := string(data)
			if !strings.Contains(file, "openapi") {
				text = strings.NewReplacer(replace...).Replace(text)
			}
			if err := os.WriteFile(filepath.Join(target, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		appendRecipesDir(t, dir)
	}
}

func appendRecipesDir(t testing.TB, dir string) {
	t.Helper()
	path := filepath.Join(dir, "snodo.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "recipesDir:") {
		return
	}
	if err := os.WriteFile(path, append(data, "\nrecipesDir: recipes\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

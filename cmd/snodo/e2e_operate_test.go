// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// A second hub on one SQLite file would close the exchanges of the first as unknown and
// doubt its used tokens.
func TestSecondHubOnOneSQLiteFileIsRefused(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito()
	s.mustServe(t, ente)
	for _, args := range [][]string{{"serve"}, {"migrate", "status"}} {
		code, _, diagnostics := s.cli(t, "", append(args, "--config", s.dir)...)
		if code != exitUndecided || !strings.Contains(diagnostics, "un altro processo tiene aperta questa base SQLite") {
			t.Errorf("%v: exit code %d, %s", args, code, diagnostics)
		}
	}
	s.mustServe(t, ente)
	assertClosedOnce(t, s.evidence(t, ente.CodiceIPA), 0)
}

// The addresses are taken before anything is changed.
func TestSecondHubOnOneAddressTouchesNothing(t *testing.T) {
	s := newSite(t)
	loaded := mustLoad(t, s.dir)
	loaded.Hub.Store.Path = "altro/snodo.db"
	loaded.Hub.Evidence.CheckpointFile = "altro/checkpoint.log"
	if _, err := startHub(t.Context(), testApp(), loaded, io.Discard); err == nil || !strings.Contains(err.Error(), "listener applicazioni") {
		t.Errorf("a second hub on the address of the first: %v", err)
	}
	if _, err := filepath.EvalSymlinks(filepath.Join(s.dir, loaded.Hub.Evidence.CheckpointFile)); err == nil {
		t.Error("it has opened its evidence")
	}
	loaded.Hub.Listeners.Applicazioni.Address, loaded.Hub.Listeners.Esposizione.Address = "127.0.0.1:0", "127.0.0.1:0"
	loaded.Hub.Listeners.Gestione.Socket = "altro/s"
	twin, err := startHub(t.Context(), testApp(), loaded, io.Discard)
	if err != nil {
		t.Fatalf("after a failed start nothing stays taken: %v", err)
	}
	if err := twin.stop(); err != nil {
		t.Error(err)
	}
}

// What a crashed process has left is closed without waiting for a restart, what may be
// under way is not.
func TestAbandonedExchangesAreClosedWhileServing(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito().CodiceIPA
	h := s.run.hub
	longest := longestExchange(h.config)
	for exchange, age := range map[string]time.Duration{"dead": longest + time.Minute, "alive": longest - time.Minute} {
		_, err := h.evidence.Append(t.Context(), evidence.Record{Entry: evidence.Entry{
			Ente: ente, Environment: "locale", Kind: evidence.KindErogazioneIntento, Exchange: exchange,
			Instant: h.app.clock().Add(-age).UTC(),
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	h.tidy(t.Context())
	h.tidy(t.Context())
	var closed []string
	for _, r := range s.evidence(t, ente) {
		if r.Tipo == string(evidence.KindSconosciuto) {
			closed = append(closed, r.Scambio)
		}
	}
	if diff := cmp.Diff([]string{"dead"}, closed); diff != "" {
		t.Errorf("closed (-want +got):\n%s", diff)
	}
}

func TestServerTimesFollowTheConfiguration(t *testing.T) {
	for _, limit := range []time.Duration{time.Second, 10 * time.Minute} {
		h := &hub{config: &config.Config{Hub: config.Hub{Limits: config.Limits{Request: limit}}}}
		if o := h.serverOptions(); o.Request <= limit+bodyTime || o.Drain <= limit {
			t.Errorf("limits.request %s: a request has %s and a stop waits %s", limit, o.Request, o.Drain)
		}
	}
}

// A log outlives the key of its checkpoints.
func TestCheckpointSealIsReplaced(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito()
	base := filepath.Join("enti", ente.CodiceIPA)
	file := filepath.Join(base, "ente.yaml")
	s.mustServe(t, ente)
	assertExportVerifies(t, s.world, s.manage, ente)
	s.stop(t)

	writeFile(t, filepath.Join(s.dir, base, "chiavi", "checkpoint-2025.pub"), string(s.written.Checkpoint[ente.CodiceIPA]))
	made, err := keys.Generate(rand.Reader, keys.RoleCheckpoint, filepath.Join(s.dir, base, "chiavi", "checkpoint-2026.pem"))
	if err != nil {
		t.Fatal(err)
	}
	s.written.Checkpoint[ente.CodiceIPA] = made.PublicPEM
	current := "  checkpoint: " + base + "/chiavi/checkpoint.pem\n"
	renewed := strings.Replace(current, "checkpoint.pem", "checkpoint-2026.pem", 1)
	previous := "  previousCheckpoints: [" + base + "/chiavi/checkpoint-2025.pub]\n"

	editFile(file, current, renewed)(t, s.dir)
	s.start(t)
	err = s.manage.Stream(t.Context(), "/v1/prove/"+ente.CodiceIPA+"/export", nil, io.Discard)
	if err == nil {
		t.Error("checkpoints of a key that nobody names were believed")
	}
	s.stop(t)

	editFile(file, renewed, renewed+previous)(t, s.dir)
	s.start(t)
	s.mustServe(t, ente)
	assertExportVerifies(t, s.world, s.manage, ente)
}

func TestErasureOfAPerson(t *testing.T) {
	s := newSite(t)
	ente := ambiente.BorgoFiorito()
	if answer := s.acquire(t, acquisition(ente, byCodiceFiscale(demoPerson))); answer.Problem != nil {
		t.Fatalf("%s", answer.Raw)
	}
	about := func() int {
		t.Helper()
		var list evidenceList
		err := s.manage.Post(t.Context(), "/v1/prove/ricerca", map[string]any{"ente": ente.CodiceIPA, "soggetto": demoPerson}, &list)
		if err != nil {
			t.Fatal(err)
		}
		return len(list.Prove)
	}
	kept := about()
	if kept == 0 {
		t.Fatal("nothing is kept about the person")
	}
	erase := []string{"evidence", "erase", "--ente", ente.CodiceIPA, "--soggetto-file", "-"}
	code, out, diagnostics := s.cli(t, demoPerson+"\n", erase...)
	if code != exitUndecided || out != "" || !strings.Contains(diagnostics, "dati riservati da cancellare: "+strconv.Itoa(kept)+"; ") || about() != kept {
		t.Errorf("without anybody to ask: exit code %d, %s%s", code, out, diagnostics)
	}
	for answer, want := range map[string]int{"no": exitNo, "": exitNo, "x": exitNo} {
		code, _, diagnostics = s.typed(t, demoPerson+"\n"+answer+"\n", erase...)
		if code != want || !strings.Contains(diagnostics, "da cancellare per sempre: "+strconv.Itoa(kept)+".") || about() != kept {
			t.Errorf("answer %q: exit code %d, %s", answer, code, diagnostics)
		}
	}
	code, out, diagnostics = s.typed(t, demoPerson+"\nsì\n", append(erase, "--output", "json")...)
	if want := `{"cancellate":` + strconv.Itoa(kept) + `}`; code != exitYes || strings.Join(strings.Fields(out), "") != want {
		t.Errorf("exit code %d, %s, want %s %s", code, out, want, diagnostics)
	}
	if left := about(); left != 0 {
		t.Errorf("%d records still name the person", left)
	}
	code, out, diagnostics = s.cli(t, demoPerson+"\n", append(erase, "--yes")...)
	if code != exitYes || !strings.Contains(out, "dati riservati cancellati: 0") {
		t.Errorf("when nothing is left: exit code %d, %s%s", code, out, diagnostics)
	}
	assertExportVerifies(t, s.world, s.manage, ente)
	assertQuietLog(t, s)
	for name, args := range map[string][]string{
		"nobody named": {"--ente", ente.CodiceIPA},
		"no ente":      {"--soggetto-file", "-"},
		"unknown ente": {"--ente", "c_xx99", "--soggetto-file", "-", "--yes"},
		"not a person": {"--ente", ente.CodiceIPA, "--soggetto-file", "-"},
	} {
		in := demoPerson
		if name == "not a person" {
			in = "X"
		}
		code, _, diagnostics := s.cli(t, in, append([]string{"evidence", "erase"}, args...)...)
		if code != exitUndecided || diagnostics == "" || strings.Contains(diagnostics, demoPerson) {
			t.Errorf("%s: exit code %d, %q", name, code, diagnostics)
		}
	}
}

func TestReadinessNamesItsPartsInOrder(t *testing.T) {
	s := newSite(t)
	var answer struct {
		Verifiche []httpapi.CheckResult
	}
	if err := s.manage.Get(t.Context(), "/health/ready", nil, &answer); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range answer.Verifiche {
		names = append(names, c.Nome)
	}
	if diff := cmp.Diff([]string{"store", "evidence", "pdnd locale"}, names); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
}

// forwardProxy is a plain HTTP proxy that remembers what it was asked for.
type forwardProxy struct {
	*httptest.Server
	mu   sync.Mutex
	urls []string
}

func newForwardProxy(t *testing.T) *forwardProxy {
	t.Helper()
	p := &forwardProxy{}
	forward := &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.urls = append(p.urls, r.URL.String())
		p.mu.Unlock()
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *forwardProxy) saw(prefix string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, u := range p.urls {
		if strings.HasPrefix(u, prefix) {
			return true
		}
	}
	return false
}

// The public keys of PDND, which belong to no ente, go through the hub's network; a back
// end without one of its own through its ente's.
func TestNetworkOfTheHubAndOfTheBackEnd(t *testing.T) {
	ente := ambiente.BorgoFiorito()
	hubs, entes := newForwardProxy(t), newForwardProxy(t)
	s := newSite(t,
		editFile("snodo.yaml", "egress:", "rete:\n  proxy: "+hubs.URL+"\negress:"),
		editFile(filepath.Join("enti", ente.CodiceIPA, "ente.yaml"), "uffici:\n", "rete:\n  proxy: "+entes.URL+"\nuffici:\n"))
	s.mustServe(t, ente)
	backEnd := s.Procedures[ente.CodiceIPA].URL()
	if keySet := s.PDND.Profile().JWKSURL; !hubs.saw(keySet) || entes.saw(keySet) {
		t.Error("the public keys of PDND did not come through the proxy of the hub")
	}
	if !entes.saw(backEnd) || hubs.saw(backEnd) {
		t.Error("the back end was not reached through the proxy of its ente")
	}
}

// A demonstration whose hub ends by itself ends too, and says so.
func TestDemoEndsWithItsHub(t *testing.T) {
	s := newSite(t)
	stage := &stage{app: s.app, w: terminal.New(io.Discard, 0, false), world: s.world, running: s.run, key: "k"}
	if err := s.run.hub.faces[0].listener.Close(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		err := stage.stay(context.WithoutCancel(t.Context()))
		_ = stage.running.stop() // it fails as the hub did
		ended <- err
	}()
	select {
	case err := <-ended:
		if err == nil || strings.Contains(err.Error(), "%!w") {
			t.Errorf("stay = %v, want why the hub ended", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the demonstration hangs")
	}
	s.run = nil // closed above
}

// Whoever asks for a verdict gets one, also when a scene cannot be played.
func TestDemoOnceEndsWithAVerdict(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "occupata"), "x")
	var out, diagnostics bytes.Buffer
	code := run(t.Context(), []string{"demo", "--once", "--dir", dir}, func(string) string { return "" },
		stdio{in: strings.NewReader(""), out: &out, err: &diagnostics})
	if code != exitNo || diagnostics.Len() == 0 {
		t.Errorf("exit code %d, %q, want 1 and the reason", code, diagnostics.String())
	}
}

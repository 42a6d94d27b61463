// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/store/pgtest"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// onPostgreSQL makes the site keep its state in an empty PostgreSQL database.
func onPostgreSQL(dsn string) func(t testing.TB, dir string) {
	return func(t testing.TB, dir string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "dsn"), []byte(dsn+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		editFile("snodo.yaml", "kind: sqlite\n  path: dati/snodo.db", "kind: postgresql\n  dsnFile: dsn")(t, dir)
	}
}

// replica starts another hub on the configuration and the database of s, at addresses of
// its own.
func (s *site) replica(t *testing.T) *site {
	t.Helper()
	twin := &site{world: &world{Ambiente: s.Ambiente, dir: s.dir, written: s.written}, app: s.app, logs: &lockedBuffer{}}
	loaded, err := config.Load(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []struct {
		address *string
		known   *string
	}{
		{&loaded.Hub.Listeners.Applicazioni.Address, &twin.applicazioni},
		{&loaded.Hub.Listeners.Esposizione.Address, &twin.esposizione},
	} {
		*a.known, err = freeAddress("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		*a.address = *a.known
	}
	loaded.Hub.Listeners.Gestione.Socket = "dati/t"
	loaded.Hub.Evidence.CheckpointFile = "dati/checkpoint-t.log"
	twin.serve(t, loaded)
	t.Cleanup(func() { twin.stop(t) })
	return twin
}

// prepare signs a request of the Unione without using it.
func (s *site) prepare(t testing.TB, e ambiente.Ente) http.Header {
	t.Helper()
	var header http.Header
	hooks := fruitore.Hooks{Request: func(r *http.Request) {
		header = r.Header.Clone()
		r.URL.Path = strings.Replace(r.URL.Path, "/ricerche", "/status", 1)
	}}
	_, err := s.Unione(e).Do(context.Background(), http.MethodPost, s.exposedURL(e)+"/ricerche", []byte(demoSearch), hooks)
	if err != nil {
		t.Fatal(err)
	}
	return header
}

func TestReplicasShareOneDatabase(t *testing.T) {
	dsn := pgtest.Start(t).NewDatabase(t)
	w := newWorld(t, onPostgreSQL(dsn))
	first := &site{world: w, app: testApp(), logs: &lockedBuffer{}}
	if _, err := startHub(t.Context(), first.app, mustLoad(t, w.dir), first.logs); err == nil || !strings.Contains(err.Error(), "snodo migrate up") {
		t.Fatalf("on a schema that nobody has migrated: %v", err)
	}
	if code, _, diagnostics := first.cli(t, "", "migrate", "up"); code != exitYes {
		t.Fatalf("migrate: %s", diagnostics)
	}
	first.start(t)
	t.Cleanup(func() { first.stop(t) })
	ente := ambiente.BorgoFiorito()

	if err := w.Procedures[ente.CodiceIPA].SetFaults(faults.Fault{Kind: faults.Delay, DelayMS: 1500, Times: 1}); err != nil {
		t.Fatal(err)
	}
	var underWay sync.WaitGroup
	underWay.Go(func() { first.mustServe(t, ente) })
	eventually(t, 10*time.Second, "a call is under way", func() bool { return len(first.evidence(t, ente.CodiceIPA)) == 1 })
	second := first.replica(t)
	underWay.Wait()
	if n := count(first.evidence(t, ente.CodiceIPA), "sconosciuto", 0); n != 0 {
		t.Errorf("the second hub has closed %d exchanges of the first", n)
	}

	t.Run("a message is used once, wherever it arrives", func(t *testing.T) {
		for range 8 {
			header := first.prepare(t, ente)
			statuses, errs := make([]int, 2), make([]error, 2)
			var group sync.WaitGroup
			for i, hub := range []*site{first, second} {
				group.Go(func() { statuses[i], _, errs[i] = captured{hub.exposedURL(ente) + "/ricerche", header}.send() })
			}
			group.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			slices.Sort(statuses)
			if diff := cmp.Diff([]int{http.StatusOK, http.StatusConflict}, statuses); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
		}
	})
	t.Run("one log for both", func(t *testing.T) {
		var group sync.WaitGroup
		for range 5 {
			for _, hub := range []*site{first, second} {
				group.Go(func() { hub.mustServe(t, ente) })
			}
		}
		group.Wait()
		all := second.evidence(t, ente.CodiceIPA)
		assertClosedOnce(t, all, 0)
		for i, r := range all {
			if r.Indice != int64(i) {
				t.Fatalf("record %d stands at %d", r.Indice, i)
			}
		}
		assertExportVerifies(t, w, first.manage, ente)
	})
	t.Run("a consumer suspended at one is refused by both", func(t *testing.T) { suspendsEverywhere(t, first, second, ente) })
	t.Run("one memory of idempotent answers", func(t *testing.T) {
		r := identifier(ente)
		r.IdempotencyKey = "nido-43"
		a, b := first.acquire(t, r), second.acquire(t, r)
		if a.Problem != nil || string(a.Raw) != string(b.Raw) {
			t.Errorf("%s\n%s", a.Raw, b.Raw)
		}
	})
}

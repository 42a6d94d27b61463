// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// serveProcess runs `snodo serve` in a process of its own and waits until it answers.
func serveProcess(t testing.TB, w *world) (*process, *management.Client) {
	t.Helper()
	loaded, err := config.Load(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	p := startProcess(t, "serve", "--config", w.dir)
	manage := management.New(loaded.Path(loaded.Hub.Listeners.Gestione.Socket), "it")
	eventually(t, 30*time.Second, "the hub answers", func() bool {
		return manage.Get(context.Background(), "/health/live", nil, nil) == nil
	})
	return p, manage
}

func records(t testing.TB, manage *management.Client, ente string) []httpapi.Prova {
	t.Helper()
	var all []httpapi.Prova
	query := map[string]any{"ente": ente, "limite": 500}
	for {
		var page evidenceList
		if err := manage.Post(context.Background(), "/v1/prove/ricerca", query, &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Prove) == 0 {
			return all
		}
		all = append(all, page.Prove...)
		query["dopo"] = all[len(all)-1].Indice
	}
}

// count tells how many records have a kind and, unless 0, a status.
func count(all []httpapi.Prova, kind string, status int) int {
	n := 0
	for _, r := range all {
		if r.Tipo == kind && (status == 0 || r.Stato == status) {
			n++
		}
	}
	return n
}

// A hub killed with calls in flight loses no evidence of what it has answered, and what
// it had begun is closed as sconosciuto, each exchange once.
func TestKilledHubLosesNoAcknowledgedEvidence(t *testing.T) {
	const callers = 6
	w := newWorld(t)
	ente := ambiente.BorgoFiorito()
	hub, manage := serveProcess(t, w)
	err := w.Procedures[ente.CodiceIPA].SetFaults(faults.Fault{Kind: faults.Hang, Every: 7})
	if err != nil {
		t.Fatal(err)
	}
	var answered atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for {
				reply, err := w.Unione(ente).Do(context.Background(), http.MethodPost, w.exposedURL(ente)+"/ricerche", []byte(demoSearch), fruitore.Hooks{})
				if err != nil {
					return // the hub is dead
				}
				if reply.Status == http.StatusOK {
					answered.Add(1)
				}
			}
		})
	}
	size, still := 0, 0
	eventually(t, 3*time.Minute, "every caller waits for the back end", func() bool {
		all := records(t, manage, ente.CodiceIPA)
		if len(all) != size {
			size, still = len(all), 0
		}
		still++ // polls without a new record
		return still > 10 && count(all, "erogazione/intento", 0)-count(all, "erogazione/esito", 0) == callers
	})
	if err := hub.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = hub.cmd.Wait() // it was killed: its exit code says nothing
	group.Wait()

	if err := w.Procedures[ente.CodiceIPA].SetFaults(); err != nil {
		t.Fatal(err)
	}
	hub, manage = serveProcess(t, w)
	all := records(t, manage, ente.CodiceIPA)
	if got := count(all, "erogazione/esito", http.StatusOK); int64(got) != answered.Load() || got == 0 {
		t.Errorf("%d outcomes of calls answered with 200, %d answers", got, answered.Load())
	}
	assertClosedOnce(t, all, callers)
	assertExportVerifies(t, w, manage, ente)

	// A second restart finds nothing left open.
	hub.stop(t)
	hub, manage = serveProcess(t, w)
	if again := records(t, manage, ente.CodiceIPA); len(again) != len(all) {
		t.Errorf("the second restart adds %d records", len(again)-len(all))
	}
	hub.stop(t)
}

// assertClosedOnce checks that every intent is closed by exactly one record, and want of
// them as unknown.
func assertClosedOnce(t *testing.T, all []httpapi.Prova, want int) {
	t.Helper()
	closed := map[int64]int{}
	unknown := 0
	for _, r := range all {
		if r.Chiude != nil {
			closed[*r.Chiude]++
		}
		if r.Tipo == "sconosciuto" {
			unknown++
		}
	}
	for _, r := range all {
		if strings.HasSuffix(r.Tipo, "/intento") && closed[r.Indice] != 1 {
			t.Errorf("intent %d is closed %d times", r.Indice, closed[r.Indice])
		}
	}
	if unknown != want {
		t.Errorf("%d exchanges closed as sconosciuto, want %d", unknown, want)
	}
}

func assertExportVerifies(t *testing.T, w *world, manage *management.Client, e ambiente.Ente) {
	t.Helper()
	var export bytes.Buffer
	if err := manage.Stream(t.Context(), "/v1/prove/"+e.CodiceIPA+"/export", url.Values{}, &export); err != nil {
		t.Fatal(err)
	}
	fingerprint, err := checkpointFingerprint(w.written.Checkpoint[e.CodiceIPA])
	if err != nil {
		t.Fatal(err)
	}
	trust, err := evidence.ParseTrust(fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.Verify(&export, trust); err != nil {
		t.Errorf("the export does not verify: %v", err)
	}
}

// A hub that is asked to stop lets the exchanges under way finish.
func TestStopDrainsCallsUnderWay(t *testing.T) {
	w := newWorld(t)
	ente := ambiente.ValSerena()
	hub, manage := serveProcess(t, w)
	err := w.Procedures[ente.CodiceIPA].SetFaults(faults.Fault{Kind: faults.Delay, DelayMS: 1500})
	if err != nil {
		t.Fatal(err)
	}
	status := make(chan int, 1)
	go func() {
		reply, err := w.Unione(ente).Do(context.Background(), http.MethodPost, w.exposedURL(ente)+"/ricerche", []byte(demoSearch), fruitore.Hooks{})
		if err != nil {
			status <- 0
			return
		}
		status <- reply.Status
	}()
	eventually(t, 20*time.Second, "the call is under way", func() bool {
		return count(records(t, manage, ente.CodiceIPA), "erogazione/intento", 0) == 1
	})
	hub.stop(t)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the call under way got %d", got)
	}
}

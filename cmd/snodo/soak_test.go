// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// soakTime is how long TestSoak runs when SNODO_SOAK does not say.
const soakTime = 2 * time.Second

// TestSoak keeps both sides busy while registry and back end misbehave now and then.
// Nothing may be answered with a 500, no memory or goroutine may be lost, and the logs
// of both enti must verify in the end.
func TestSoak(t *testing.T) {
	duration := soakTime
	if text := os.Getenv("SNODO_SOAK"); text != "" {
		parsed, err := time.ParseDuration(text)
		if err != nil {
			t.Fatalf("SNODO_SOAK: %v", err)
		}
		duration = parsed
	}
	s := newSite(t, patientGuard("anpr-c020"), patientGuard("anpr-c030"))
	if err := s.ANPR.SetFaults(faults.Fault{Kind: faults.Status, Status: 503, Every: 11}, faults.Fault{Kind: faults.BadSignature, Every: 17}); err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Procedures {
		if err := p.SetFaults(faults.Fault{Kind: faults.Cut, Every: 13}); err != nil {
			t.Fatal(err)
		}
	}
	s.soak(t, time.Second) // pools and caches fill
	before := residentState()
	good, bad := s.soak(t, duration)
	if good == 0 || bad > 0 {
		t.Errorf("%d good answers, %d with status 500", good, bad)
	}
	eventually(t, 30*time.Second, "goroutines and memory are given back", func() bool {
		after := residentState()
		return after.goroutines <= before.goroutines+20 && after.heap <= 2*before.heap+32<<20
	})
	for _, e := range ambiente.Enti() {
		assertClosedOnce(t, records(t, s.manage, e.CodiceIPA), 0)
		assertExportVerifies(t, s.world, s.manage, e)
	}
	assertQuietLog(t, s)
}

type resident struct {
	goroutines int
	heap       uint64
}

func residentState() resident {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return resident{goroutines: runtime.NumGoroutine(), heap: m.HeapAlloc}
}

// soak runs acquisitions and exposed calls for a while and counts answers of 200 and of
// 500.
func (s *site) soak(t *testing.T, duration time.Duration) (good, bad int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), duration)
	defer cancel()
	var ok, failed atomic.Int64
	tally := func(status int) {
		switch status {
		case http.StatusOK:
			ok.Add(1)
		case http.StatusInternalServerError:
			failed.Add(1)
		}
	}
	people := anpr.People()
	var group sync.WaitGroup
	for _, e := range ambiente.Enti() {
		group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				r := acquisition(e, byCodiceFiscale(people[i%len(people)].CodiceFiscale))
				answer, err := s.apps[e.CodiceIPA].Acquire(context.Background(), r)
				if err != nil {
					t.Error(err)
					return
				}
				tally(answer.Status)
			}
		})
		group.Go(func() {
			for ctx.Err() == nil {
				reply, err := s.Unione(e).Do(context.Background(), http.MethodPost, s.exposedURL(e)+"/ricerche", []byte(demoSearch), fruitore.Hooks{})
				if err != nil {
					t.Error(err)
					return
				}
				tally(reply.Status)
			}
		})
	}
	group.Wait()
	return ok.Load(), failed.Load()
}

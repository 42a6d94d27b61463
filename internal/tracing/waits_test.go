// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/internal/tracing"
	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	mocktracing "github.com/snodo-pa/snodo/mocks/pdnd/tracing"
	"github.com/snodo-pa/snodo/registry"
)

const unlisted = "30000000-0000-4000-8000-0000000000fe" // a purpose that PDND does not know yet

func (w *week) submit(day string) {
	w.t.Helper()
	if _, err := w.desk.Submit(w.t.Context(), comune, registry.Locale, day); err != nil {
		w.t.Fatal(err)
	}
}

// wantDead checks how many dead letters there are, each of one code.
func (w *week) wantDead(code string, n int) {
	w.t.Helper()
	dead := w.dead()
	if len(dead) != n {
		w.t.Errorf("%d dead letters, want %d: %+v", len(dead), n, dead)
	}
	for _, d := range dead {
		if d.Code != code {
			w.t.Errorf("dead letter %s, want %s", d.Code, code)
		}
	}
}

func (w *week) state(day string) string {
	w.t.Helper()
	overview, err := w.desk.Days(w.t.Context(), comune, registry.Locale)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range overview.Giorni {
		if d.Giorno == day {
			return d.Stato
		}
	}
	return ""
}

// TestADayThatWaitsForAPersonMakesOneDeadLetter, and not one every night: a file that PDND refused, and the file of
// another system.
func TestADayThatWaitsForAPersonMakesOneDeadLetter(t *testing.T) {
	t.Run("a refused file", func(t *testing.T) {
		w := newWeek(t)
		w.log.acquired(w.at(2, 10, 0), unlisted, voucher(1), 200)
		for day := 3; day < 7; day++ {
			w.night(day, 4)
		}
		w.wantDead("tracing/refused", 1)
		w.want("2026-11-03", mocktracing.Completed, map[string]int{})
	})
	t.Run("a refused request", func(t *testing.T) {
		w := newWeek(t)
		w.http.refuse("/tracings/submit", "TRACING_NOT_ALLOWED", 1)
		w.log.acquired(w.at(2, 10, 0), pdndtest.PurposeID, voucher(1), 200)
		w.night(3, 4)
		w.night(4, 4)
		w.wantDead("tracing/refused", 1)
		if got := w.state("2026-11-02"); got != string(tracing.Refused) {
			t.Errorf("state %s", got)
		}
		w.submit("2026-11-02")
		w.night(5, 4)
		w.want("2026-11-02", mocktracing.Completed, map[string]int{"0006 0001 200": 1})
	})
	t.Run("another sender", func(t *testing.T) {
		w := newWeek(t)
		w.night(3, 4)
		stranger := *w // a second hub, with a database of its own
		stranger.jobs = jobstest.New(t, w.clock.Now)
		stranger.begin()
		for day := 4; day < 7; day++ {
			stranger.night(day, 4)
		}
		// The night of its start it finds one day of somebody else; the later days it sends itself.
		stranger.wantDead("tracing/other-sender", 1)
		if got := stranger.state("2026-11-02"); got != string(tracing.OtherSender) {
			t.Errorf("state %s", got)
		}
	})
}

// TestAForcedFileIsSentWhateverCameBetween: PDND is out of order when a person asks to send a refused file again, as it is.
func TestAForcedFileIsSentWhateverCameBetween(t *testing.T) {
	w := newWeek(t)
	w.log.acquired(w.at(2, 10, 0), unlisted, voucher(1), 200)
	w.night(3, 4)
	w.wantDead("tracing/refused", 1)
	err := w.Mock.AddPurpose(platform.Purpose{
		ID: unlisted, ConsumerID: pdndtest.ComuneID, DescriptorID: pdndtest.DescriptorID, Clients: []string{pdndtest.ConsumerID},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.set(w.at(4, 2, 0))
	w.submit("2026-11-02")
	w.faults(faults.Fault{Kind: faults.Status, Status: 503, Path: "/tracing", Times: 2})
	w.night(4, 4)
	w.want("2026-11-02", mocktracing.Completed, map[string]int{"00fe 0001 200": 1})
	w.wantDead("tracing/refused", 1)
}

// TestAForcedFileIsSentOnce: that PDND refuses it again is the end.
func TestAForcedFileIsSentOnce(t *testing.T) {
	w := newWeek(t)
	w.log.acquired(w.at(2, 10, 0), unlisted, voucher(1), 200)
	w.night(3, 4)
	w.clock.set(w.at(4, 2, 0))
	w.submit("2026-11-02")
	w.http.count("/recover")
	w.night(4, 4)
	w.wantDead("tracing/refused", 2)
	if n := w.http.counted(); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// TestAFullerFileIsNotReplacedAfterAnErasure: what was erased was told of while it was there.
func TestAFullerFileIsNotReplacedAfterAnErasure(t *testing.T) {
	w := newWeek(t)
	w.log.acquired(w.at(2, 10, 0), pdndtest.PurposeID, voucher(1), 200)
	w.log.acquired(w.at(2, 10, 1), pdndtest.PurposeID, voucher(2), 200)
	w.night(3, 4)
	full := map[string]int{"0006 0001 200": 1, "0006 0002 200": 1}
	w.want("2026-11-02", mocktracing.Completed, full)
	w.log.all[0].Side, w.log.all[0].SideState = nil, evidence.SideErased
	w.submit("2026-11-02")
	w.night(4, 4)
	w.want("2026-11-02", mocktracing.Completed, full)
	w.wantDead("tracing/incomplete", 1)

	// What was added elsewhere is more than what was lost: that is worth telling.
	w.file("2026-11-02-late.csv", "date,purpose_id,token_id,status,requests_count\n2026-11-02,"+pdndtest.PurposeID+","+voucher(9)+",200,7\n")
	w.submit("2026-11-02")
	w.night(5, 4)
	w.want("2026-11-02", mocktracing.Completed, map[string]int{"0006 0002 200": 1, "0006 0009 200": 7})
}

// reads counts how often the evidence is listed.
type reads struct {
	tracing.Evidence

	n int
}

func (r *reads) List(ctx context.Context, q evidence.Query) ([]evidence.Stored, error) {
	r.n++
	return r.Evidence.List(ctx, q)
}

// TestEvidenceIsNotReadWhilePDNDLooksAtTheFile: reading it decrypts every side record of the day.
func TestEvidenceIsNotReadWhilePDNDLooksAtTheFile(t *testing.T) {
	w := newWeek(t)
	count := &reads{Evidence: w.log}
	w.evidence = count
	w.begin()
	w.log.acquired(w.at(2, 10, 0), pdndtest.PurposeID, voucher(1), 200)
	w.clock.set(w.at(3, 2, 0))
	w.submit("2026-11-02")
	w.jobs.Drain(t, w.set)
	after := count.n
	for minute := 2; minute < 10; minute += 2 {
		w.clock.set(w.at(3, 2, minute))
		w.jobs.Drain(t, w.set)
	}
	if state, _ := w.imported("2026-11-02"); state != mocktracing.Pending || w.state("2026-11-02") != "PENDING" {
		t.Fatalf("the day is %s", state)
	}
	if diff := cmp.Diff(after, count.n); diff != "" {
		t.Errorf("lists of evidence while the day is pending: %s", diff)
	}
}

// refuse has requests to a path refused in PDND's words; count counts them.
func (f *forgetful) refuse(path, code string, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused, f.no, f.noes = path, &outbound.Response{
		Status: http.StatusBadRequest, Body: []byte(`{"errors":[{"code":"` + code + `"}]}`),
	}, times
}

func (f *forgetful) count(path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watched, f.seen = path, 0
}

func (f *forgetful) counted() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen
}

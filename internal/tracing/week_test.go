// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/internal/tracing"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	mocktracing "github.com/snodo-pa/snodo/mocks/pdnd/tracing"
	"github.com/snodo-pa/snodo/registry"
)

const comune = "c_bf01"

// fakeLog is an evidence log that tests write by hand.
type fakeLog struct{ all []evidence.Stored }

func (f *fakeLog) List(_ context.Context, q evidence.Query) ([]evidence.Stored, error) {
	var out []evidence.Stored
	for _, s := range f.all {
		if s.Ente != q.Ente || s.Environment != q.Environment || s.Kind != q.Kind || s.Instant.Before(q.From) ||
			!s.Instant.Before(q.To) || q.After != nil && s.Index <= *q.After {
			continue
		}
		if out = append(out, s); len(out) == evidence.MaxPage {
			break
		}
	}
	return out, nil
}

func (f *fakeLog) put(kind evidence.Kind, at time.Time, s evidence.Stored) {
	s.Ente, s.Environment, s.Kind, s.Instant, s.Index = comune, registry.Locale, kind, at, int64(len(f.all))
	f.all = append(f.all, s)
}

// acquired is an exchange of one call that was answered.
func (f *fakeLog) acquired(at time.Time, purpose, voucher string, status int) {
	f.put(evidence.KindAcquisizioneEsito, at.Add(time.Second), evidence.Stored{
		Entry: evidence.Entry{Purpose: purpose, Vouchers: []string{voucher}}, SideState: evidence.SidePresent,
		Side: &evidence.Side{Calls: []evidence.Call{{Purpose: purpose, VoucherJTI: voucher, Status: status, Started: at}}},
	})
}

// exposed is a call of another administration.
func (f *fakeLog) exposed(kind evidence.Kind, at time.Time, purpose, voucher string, status int) {
	f.put(kind, at, evidence.Stored{Entry: evidence.Entry{Purpose: purpose, Vouchers: []string{voucher}, Status: status}})
}

// forgetful loses answers after the request has arrived.
type forgetful struct {
	pdnd.Doer

	mu      sync.Mutex
	path    string
	left    int
	refused string // path of requests that do not arrive
	no      *outbound.Response
	noes    int
	watched string
	seen    int
}

func (f *forgetful) lose(path string, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.path, f.left = path, times
}

func (f *forgetful) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	if no := f.noted(req.URL.Path); no != nil {
		return no, nil
	}
	reply, err := f.Doer.Do(ctx, req, x)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && f.left > 0 && strings.HasSuffix(req.URL.Path, f.path) {
		f.left--
		return nil, errors.New("connection lost")
	}
	return reply, err
}

// noted counts a request and gives its refusal, nil for none.
func (f *forgetful) noted(path string) *outbound.Response {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watched != "" && strings.HasSuffix(path, f.watched) {
		f.seen++
	}
	if f.noes > 0 && strings.HasSuffix(path, f.refused) {
		f.noes--
		return f.no
	}
	return nil
}

// week is an ente that sends its tracing, day after day.
type week struct {
	*pdndtest.World

	t     *testing.T
	clock *clock
	log   *fakeLog
	jobs  *jobstest.World
	set   *jobs.Handlers
	desk  *tracing.Desk
	http  *forgetful
	ente  *config.Ente
	other string // folder of the ente's other systems
	rome  *time.Location

	evidence tracing.Evidence // log, unless a test puts another in its place
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

func newWeek(t *testing.T) *week {
	t.Helper()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	w := &week{t: t, clock: &clock{now: time.Date(2026, 11, 2, 8, 0, 0, 0, rome)}, log: &fakeLog{}, other: t.TempDir(), rome: rome}
	w.World = pdndtest.New(t, mock.Options{Clock: w.clock.Now, TracingDelay: 10 * time.Minute})
	w.jobs = jobstest.New(t, w.clock.Now)
	w.http = &forgetful{Doer: w.HTTP}
	w.ente = &config.Ente{CodiceIPA: comune, Tracing: map[string]config.Tracing{
		registry.Locale: {Invia: config.TracingSnodo, Dal: "2026-11-02", Altri: w.other},
	}}
	w.evidence = w.log
	w.begin()
	return w
}

// begin starts a hub over the database of w.jobs.
func (w *week) begin() {
	w.t.Helper()
	environment := w.Environment()
	environment.TracingURL = w.Mock.Profile().TracingURL
	w.desk = tracing.New(tracing.Options{
		Config: &config.Config{
			Enti: map[string]*config.Ente{comune: w.ente}, Environments: map[string]config.Environment{registry.Locale: environment},
		},
		Platforms: map[string]*pdnd.Platform{registry.Locale: w.Platform},
		Credentials: func(string, string) (pdnd.Credentials, error) {
			return w.Reader(), nil // it has a DPoP key, which tracing must not use
		},
		HTTP: w.http, Evidence: w.evidence, Store: w.jobs.Store, Queue: w.jobs.Queue, Clock: w.clock.Now, Location: w.rome,
		Logger: slog.New(slog.DiscardHandler),
	})
	w.set = jobs.NewHandlers()
	if err := w.desk.Register(w.set); err != nil {
		w.t.Fatal(err)
	}
	w.jobs.Drain(w.t, w.set)
}

// at is an instant of November 2026 in Italy.
func (w *week) at(day, hour, minute int) time.Time {
	return time.Date(2026, 11, day, hour, minute, 0, 0, w.rome)
}

// night lets the jobs of a night run, looking every few minutes until hour.
func (w *week) night(day, hour int) {
	w.t.Helper()
	for now := w.at(day, 2, 50); now.Before(w.at(day, hour, 0)); now = now.Add(3 * time.Minute) {
		w.clock.set(now)
		w.jobs.Drain(w.t, w.set)
	}
}

func voucher(n int) string { return fmt.Sprintf("40000000-0000-4000-8000-%012d", n) }

// imported is what PDND has of a day, by purpose, voucher and status.
func (w *week) imported(day string) (mocktracing.State, map[string]int) {
	for _, one := range w.Mock.Tracing().Tracings(pdndtest.ComuneID) {
		if one.Date != day {
			continue
		}
		rows := map[string]int{}
		for _, r := range one.Rows {
			rows[fmt.Sprintf("%s %s %d", r.PurposeID[32:], r.TokenID[32:], r.Status)] = r.Count
		}
		return one.State, rows
	}
	return "", nil
}

func (w *week) want(day string, state mocktracing.State, rows map[string]int) {
	w.t.Helper()
	got, imported := w.imported(day)
	if got != state || !cmp.Equal(rows, imported) {
		w.t.Errorf("%s: %s %v, want %s %v", day, got, imported, state, rows)
	}
}

// TestAWeekWithFaults: whatever happens, every day is told of once and truly.
func TestAWeekWithFaults(t *testing.T) {
	w := newWeek(t)
	// Monday: both roles; an attempt without answer and a retry under the same voucher.
	w.log.acquired(w.at(2, 10, 0), pdndtest.PurposeID, voucher(1), 200)
	w.log.acquired(w.at(2, 10, 1), pdndtest.PurposeID, voucher(1), 200)
	w.log.acquired(w.at(2, 10, 2), pdndtest.PurposeID, voucher(1), 0)
	w.log.acquired(w.at(2, 23, 59), pdndtest.PurposeID, voucher(2), 404) // stored on Tuesday, made on Monday
	w.log.exposed(evidence.KindErogazioneEsito, w.at(2, 11, 0), pdndtest.PurposeID, voucher(3), 200)
	w.log.exposed(evidence.KindErogazioneRifiuto, w.at(2, 11, 1), pdndtest.PurposeID, voucher(3), 429)
	w.night(3, 6)
	w.want("2026-11-02", mocktracing.Completed, map[string]int{
		"0006 0001 200": 2, "0006 0002 404": 1, "0006 0003 200": 1, "0006 0003 429": 1,
	})

	// Tuesday: PDND Tracing is out of order for the first half of the night.
	w.log.acquired(w.at(3, 9, 0), pdndtest.PurposeID, voucher(4), 520) // no status that PDND knows
	w.faults(faults.Fault{Kind: faults.Status, Status: 503, Path: "/tracing", Times: 6})
	w.night(4, 8)
	w.want("2026-11-03", mocktracing.Completed, map[string]int{"0006 0004 500": 1})

	// Wednesday: the answer to the submission is lost; nothing is sent twice as another day.
	w.log.acquired(w.at(4, 9, 0), pdndtest.PurposeID, voucher(5), 200)
	w.http.lose("/tracings/submit", 1)
	w.night(5, 8)
	w.want("2026-11-04", mocktracing.Completed, map[string]int{"0006 0005 200": 1})

	// Thursday and Friday: the hub is switched off. PDND notes the missing days.
	w.log.acquired(w.at(5, 9, 0), pdndtest.PurposeID, voucher(6), 200)
	w.clock.set(w.at(7, 2, 0))
	if state, _ := w.imported("2026-11-05"); state != mocktracing.Missing {
		t.Fatalf("Thursday is %q, want MISSING", state)
	}

	// Saturday night: it catches up, with the file of another system of the ente.
	w.file("2026-11-07-gestionale.csv", "status,date,purpose_id,token_id,requests_count\n"+
		"200,2026-11-07,"+pdndtest.PurposeID+","+voucher(7)+",40\n201,2026-11-07,"+pdndtest.DelegatedID+","+voucher(8)+",2\n")
	w.log.acquired(w.at(7, 9, 0), pdndtest.PurposeID, voucher(7), 200)
	w.night(7, 6)
	w.night(8, 6)
	w.want("2026-11-05", mocktracing.Completed, map[string]int{"0006 0006 200": 1})
	w.want("2026-11-06", mocktracing.Completed, map[string]int{}) // a silent day is an empty file
	w.want("2026-11-07", mocktracing.Completed, map[string]int{"0006 0007 200": 41, "0007 0008 201": 2})

	if dead, err := w.jobs.Queue.Dead(t.Context(), jobs.DeadQuery{}); err != nil || len(dead) > 0 {
		t.Errorf("dead letters %+v, %v", dead, err)
	}
	days, err := w.desk.Days(t.Context(), comune, registry.Locale)
	if err != nil || len(days.Giorni) != 6 {
		t.Fatalf("%+v, %v", days, err)
	}
	for _, d := range days.Giorni {
		if d.Stato != "COMPLETED" || d.TracingID == "" {
			t.Errorf("%+v", d)
		}
	}
}

func (w *week) faults(list ...faults.Fault) {
	w.t.Helper()
	if err := w.Mock.SetFaults(list...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *week) file(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.other, name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *week) dead() []jobs.Info {
	w.t.Helper()
	dead, err := w.jobs.Queue.Dead(w.t.Context(), jobs.DeadQuery{})
	if err != nil {
		w.t.Fatal(err)
	}
	return dead
}

// TestARefusedFileWaitsForAPersonAndIsRecovered: PDND imports nothing of it; the reasons are
// kept, it is not sent over and over, and once it is right it is recovered.
func TestARefusedFileWaitsForAPersonAndIsRecovered(t *testing.T) {
	w := newWeek(t)
	unknown := "30000000-0000-4000-8000-0000000000ff" // PDND has no such purpose
	w.log.acquired(w.at(2, 10, 0), unknown, voucher(1), 200)
	w.night(3, 6)
	dead := w.dead()
	if len(dead) != 1 || dead[0].Code != "tracing/refused" {
		t.Fatalf("dead letters %+v", dead)
	}
	days, err := w.desk.Days(t.Context(), comune, registry.Locale)
	if err != nil || len(days.Giorni) != 1 || days.Giorni[0].Stato != "ERROR" {
		t.Fatalf("%+v, %v", days, err)
	}
	want := []tracing.Fault{{Purpose: unknown, Severity: "INVALID", Code: "PURPOSE_NOT_FOUND", Row: 2}}
	if diff := cmp.Diff(want, days.Giorni[0].Errori); diff != "" {
		t.Error(diff)
	}
	w.log.all[0].Side.Calls[0].Purpose = pdndtest.PurposeID
	if _, err := w.desk.Submit(t.Context(), comune, registry.Locale, "2026-11-02"); err != nil {
		t.Fatal(err)
	}
	w.night(4, 6)
	w.want("2026-11-02", mocktracing.Completed, map[string]int{"0006 0001 200": 1})
}

// TestAFileThatChangedReplacesTheOneBefore: another system was late.
func TestAFileThatChangedReplacesTheOneBefore(t *testing.T) {
	w := newWeek(t)
	w.night(3, 6)
	w.want("2026-11-02", mocktracing.Completed, map[string]int{})
	w.file("2026-11-02-late.csv", "date,purpose_id,token_id,status,requests_count\n2026-11-02,"+pdndtest.PurposeID+","+voucher(9)+",200,7\n")
	if _, err := w.desk.Submit(t.Context(), comune, registry.Locale, "2026-11-02"); err != nil {
		t.Fatal(err)
	}
	w.http.lose("/replace", 1) // and the answer is lost
	w.night(4, 6)
	w.want("2026-11-02", mocktracing.Completed, map[string]int{"0006 0009 200": 7})
}

// TestTheFileOfAnotherSystemIsNeverReplaced: somebody else sends, whatever the ente says.
func TestTheFileOfAnotherSystemIsNeverReplaced(t *testing.T) {
	w := newWeek(t)
	w.log.acquired(w.at(2, 10, 0), pdndtest.PurposeID, voucher(1), 200)
	w.night(3, 6)
	w.want("2026-11-02", mocktracing.Completed, map[string]int{"0006 0001 200": 1})
	w.log.acquired(w.at(2, 10, 5), pdndtest.PurposeID, voucher(2), 200)
	stranger := *w // a second hub, with a database of its own, that sends for the same tenant
	stranger.jobs = jobstest.New(t, w.clock.Now)
	stranger.begin()
	stranger.night(4, 6)
	dead := stranger.dead()
	if len(dead) == 0 || dead[0].Code != "tracing/other-sender" {
		t.Fatalf("dead letters %+v", dead)
	}
	w.want("2026-11-02", mocktracing.Completed, map[string]int{"0006 0001 200": 1})
}

func TestNothingIsSentUntilTheEnteSaysWhoSends(t *testing.T) {
	for name, settings := range map[string]map[string]config.Tracing{
		"nobody has said":      nil,
		"another system sends": {registry.Locale: {Invia: config.TracingAltri, Dal: "2026-11-02"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWeek(t)
			w.log.acquired(w.at(2, 10, 0), pdndtest.PurposeID, voucher(1), 200)
			w.ente.Tracing = settings
			w.night(3, 6)
			if state, _ := w.imported("2026-11-02"); state != "" {
				t.Errorf("sent: %s", state)
			}
			if _, err := w.desk.Submit(t.Context(), comune, registry.Locale, "2026-11-02"); !errors.Is(err, tracing.ErrOff) {
				t.Errorf("Submit = %v", err)
			}
			file, err := w.desk.Export(t.Context(), comune, registry.Locale, "2026-11-02")
			want := "date,purpose_id,token_id,status,requests_count\n2026-11-02," + pdndtest.PurposeID + "," + voucher(1) + ",200,1\n"
			if err != nil || string(file.CSV) != want {
				t.Errorf("export %q, %v", file.CSV, err)
			}
		})
	}
}

func TestWhatCannotBeExportedIsNo(t *testing.T) {
	w := newWeek(t)
	w.clock.set(w.at(5, 9, 0))
	w.file("2026-11-03.csv", "date,purpose_id,token,status,requests_count\n")
	for name, test := range map[string]struct {
		ente, day string
		want      error
	}{
		"today":       {comune, "2026-11-05", tracing.ErrDay},
		"no day":      {comune, "5/11/2026", tracing.ErrDay},
		"nobody":      {"c_x", "2026-11-04", tracing.ErrUnknown},
		"before dal":  {comune, "2026-11-01", tracing.ErrDay},
		"a bad file":  {comune, "2026-11-03", nil},
		"in the past": {comune, "2026-11-04", nil},
	} {
		_, err := w.desk.Submit(t.Context(), test.ente, registry.Locale, test.day)
		var other *tracing.OtherFileError
		switch {
		case name == "a bad file":
			if !errors.As(err, &other) || other.File != "2026-11-03.csv" || other.Row.Line != 1 {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.Is(err, test.want):
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

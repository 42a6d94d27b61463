// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
)

var (
	errBase   = errors.New("base")
	errSilent = errors.New("the store does not answer")
	noon      = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

// newTestWorker is a worker over a store, which may be nil, with randomness of zeros: a
// delay is then drawn in full.
func newTestWorker(t *testing.T, s Store, random io.Reader) *Worker {
	t.Helper()
	sealer, err := seal.New(bytes.Repeat([]byte{7}, 32), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	q := &Queue{cfg: Config{
		Store: s, Sealer: sealer, Clock: func() time.Time { return noon }, Rand: random, Logger: slog.New(slog.DiscardHandler), Observer: unobserved{},
	}}
	w, err := NewWorker(q, NewHandlers(), WorkerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestHowARunEnds decides for each error of a handler and each cause of the end of its
// context.
func TestHowARunEnds(t *testing.T) {
	policy := Policy{Backoff: Backoff{Base: 10 * time.Second, Max: time.Hour}}
	dead := func(code string) End { return End{State: StateDead, At: noon, Code: code} }
	again := func(code string, after time.Duration) End {
		return End{State: StatePending, At: noon, Code: code, RunAt: noon.Add(after)}
	}
	later := func(after time.Duration) End {
		return End{State: StatePending, At: noon, Code: CodeError, RunAt: noon.Add(after), Uncount: true}
	}
	for name, c := range map[string]struct {
		err, cause error
		timedOut   bool
		attempt    int
		deadline   time.Time
		outcome    string
		end        End
	}{
		"done":                             {nil, nil, false, 1, time.Time{}, OutcomeDone, End{State: StateDone, At: noon}},
		"done although the hub stops":      {nil, ErrShutdown, false, 1, time.Time{}, OutcomeDone, End{State: StateDone, At: noon}},
		"done although the lease was lost": {nil, ErrLeaseLost, false, 1, time.Time{}, OutcomeDone, End{State: StateDone, At: noon}},
		"failed with the lease":            {errBase, ErrLeaseLost, false, 1, time.Time{}, OutcomeLost, End{}},
		"interrupted by the hub":           {errBase, ErrShutdown, false, 8, time.Time{}, OutcomeReleased, End{State: StatePending, At: noon, RunAt: noon, Uncount: true}},
		"failed":                           {errBase, nil, false, 1, time.Time{}, OutcomeRetry, again(CodeError, 10*time.Second)},
		"failed again":                     {errBase, nil, false, 3, time.Time{}, OutcomeRetry, again(CodeError, 40*time.Second)},
		"failed for the last time":         {errBase, nil, false, 8, time.Time{}, OutcomeDead, dead(CodeError)},
		"failed for good":                  {Permanent(errBase), nil, false, 1, time.Time{}, OutcomeDead, dead(CodeError)},
		"failed for good, with a code":     {Permanent(Coded("pdnd/refused", errBase)), nil, false, 1, time.Time{}, OutcomeDead, dead("pdnd/refused")},
		"a code around a verdict":          {Coded("pdnd/refused", Permanent(errBase)), nil, false, 1, time.Time{}, OutcomeDead, dead("pdnd/refused")},
		"a verdict under a text":           {fmt.Errorf("ask: %w", Permanent(errBase)), nil, false, 1, time.Time{}, OutcomeDead, dead(CodeError)},
		"asked to come back":               {Retry(errBase, time.Hour), nil, false, 1, time.Time{}, OutcomeRetry, again(CodeError, time.Hour)},
		"asked to come back at any time":   {Retry(errBase, 0), nil, false, 2, time.Time{}, OutcomeRetry, again(CodeError, 20*time.Second)},
		"asked to come back in the past":   {Retry(errBase, -time.Hour), nil, false, 1, time.Time{}, OutcomeRetry, again(CodeError, 10*time.Second)},
		"come back, but no attempt left":   {Retry(errBase, time.Hour), nil, false, 8, time.Time{}, OutcomeDead, dead(CodeError)},
		"postponed":                        {Postpone(errBase, time.Hour), nil, false, 1, time.Time{}, OutcomePostponed, later(time.Hour)},
		"postponed in the last attempt":    {Postpone(errBase, time.Hour), nil, false, 8, time.Time{}, OutcomePostponed, later(time.Hour)},
		"postponed to any time":            {Postpone(errBase, 0), nil, false, 5, time.Time{}, OutcomePostponed, later(10 * time.Second)},
		"postponed beyond the deadline":    {Postpone(errBase, time.Hour), nil, false, 8, noon.Add(time.Hour), OutcomeDead, dead(CodeError)},
		"a code around a postponement":     {Coded("pdnd/refused", Postpone(errBase, time.Hour)), nil, false, 8, noon.Add(time.Hour), OutcomeDead, dead("pdnd/refused")},
		"before the deadline":              {errBase, nil, false, 1, noon.Add(11 * time.Second), OutcomeRetry, again(CodeError, 10*time.Second)},
		"at the deadline":                  {errBase, nil, false, 1, noon.Add(10 * time.Second), OutcomeDead, dead(CodeError)},
		"come back after the deadline":     {Retry(errBase, time.Hour), nil, false, 1, noon.Add(time.Minute), OutcomeDead, dead(CodeError)},
		"out of time":                      {errBase, nil, true, 8, time.Time{}, OutcomeDead, dead(CodeTimeout)},
		"out of time, told as cancelled":   {context.Canceled, nil, true, 8, time.Time{}, OutcomeDead, dead(CodeTimeout)},
		"out of time, with a code":         {Coded("pdnd/slow", errBase), nil, true, 8, time.Time{}, OutcomeDead, dead("pdnd/slow")},
		"a call of its own timed out":      {context.DeadlineExceeded, nil, false, 8, time.Time{}, OutcomeDead, dead(CodeTimeout)},
		"a call of its own was called off": {context.Canceled, nil, false, 8, time.Time{}, OutcomeDead, dead(CodeCancelled)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWorker(t, nil, zeros{})
			r := &Row{Attempt: c.attempt, MaxAttempts: 8, Deadline: c.deadline}
			outcome, end, err := w.judge(r, policy, c.err, c.cause, c.timedOut, noon)
			if diff := cmp.Diff(c.end, end); diff != "" || outcome != c.outcome || err != nil {
				t.Errorf("%s, %v, expected %s (-want +got):\n%s", outcome, err, c.outcome, diff)
			}
		})
	}
}

// TestWithoutRandomnessNoEndIsDecided: the job stays leased and runs again when the lease
// has run out; what needs no delay is decided all the same.
func TestWithoutRandomnessNoEndIsDecided(t *testing.T) {
	w := newTestWorker(t, nil, iotest.ErrReader(errSilent))
	if _, end, err := w.judge(&Row{Attempt: 1, MaxAttempts: 8}, Policy{}, errBase, nil, false, noon); !errors.Is(err, errSilent) || end != (End{}) {
		t.Errorf("%+v, %v", end, err)
	}
	for name, failed := range map[string]error{"done": nil, "dead": Permanent(errBase)} {
		if outcome, _, err := w.judge(&Row{Attempt: 1, MaxAttempts: 8}, Policy{}, failed, nil, false, noon); err != nil || outcome != name {
			t.Errorf("%s: %s, %v", name, outcome, err)
		}
	}
}

// TestACodeIsNoText: what is stored of an error is a word of the program.
func TestACodeIsNoText(t *testing.T) {
	for code, want := range map[string]string{
		"":                           CodeError,
		"known":                      "known",
		"pdnd.events/unavailable":    "pdnd.events/unavailable",
		"two words":                  CodeError,
		"Capital":                    CodeError,
		"line\nbreak":                CodeError,
		strings.Repeat("a", 65):      CodeError,
		"rssmra80a01h501u":           CodeError, // has the form of a codice fiscale
		"person/rssmra80a01h501u":    CodeError,
		"<script>":                   CodeError,
		"citt\u00e0":                 CodeError,
		"token=eyJhbGciOiJSUzI1NiJ9": CodeError,
	} {
		if got := codeOf(Coded(code, errBase), nil); got != want {
			t.Errorf("%q is stored as %q, expected %q", code, got, want)
		}
	}
	if got := codeOf(Coded("outer", Coded("inner", errBase)), nil); got != "outer" {
		t.Errorf("of two codes %q", got)
	}
}

// TestReasonsForDiscarding are one line of at most 200 bytes that names nobody.
func TestReasonsForDiscarding(t *testing.T) {
	for reason, good := range map[string]bool{
		"già fatto a mano":              true,
		strings.Repeat("a", 200):        true,
		strings.Repeat("a", 201):        false,
		strings.Repeat("à", 101):        false, // bytes, not characters
		"":                              false,
		"due\nrighe":                    false,
		"con\ttabulazione":              false,
		"con\x7f":                       false,
		"con\u2028separatore":           false,
		"con\u2029separatore":           false,
		"byte \xff sciolto":             false,
		"di RSSMRA80A01H501U":           false,
		"di rssmra80a01h501u":           false,
		"di RSSMRA8LALMHRLMU, omocodia": false,
		"pratica 2026/0001":             true,
	} {
		if err := checkReason(reason); (err == nil) != good || err != nil && !errors.Is(err, ErrReason) {
			t.Errorf("%.30q: %v", reason, err)
		}
	}
}

// silent is a store that answers nothing; put is how many rows it takes before.
type silent struct {
	Store

	taken int
	due   []ScheduleRow
	fire  func(row ScheduleRow) (Fired, error)
	puts  []string
}

func (s *silent) Get(context.Context, string) (Row, error) { return Row{}, errSilent }
func (s *silent) Dead(_ context.Context, q DeadQuery) ([]Row, error) {
	return nil, fmt.Errorf("%d: %w", q.Limit, errSilent)
}
func (s *silent) Retry(context.Context, string, time.Time) error           { return ErrNotDead }
func (s *silent) Discard(context.Context, string, string, time.Time) error { return ErrNotFound }
func (s *silent) Stats(context.Context, time.Time) ([]KindStats, error)    { return nil, errSilent }
func (s *silent) Purge(context.Context, time.Time) (int, error)            { return 3, errSilent }
func (s *silent) PutJob(context.Context, Row) (string, bool, error)        { return "", false, errSilent }

func (s *silent) PutSchedule(_ context.Context, r ScheduleRow) error {
	if len(s.puts) >= s.taken {
		return errSilent
	}
	s.puts = append(s.puts, r.Name)
	return nil
}

func (s *silent) DueSchedules(context.Context, time.Time) ([]ScheduleRow, error) {
	if s.due == nil {
		return nil, errSilent
	}
	return s.due, nil
}

func (s *silent) Fire(_ context.Context, row ScheduleRow, _ time.Time, _ Row) (Fired, error) {
	return s.fire(row)
}

// TestAnErrorOfTheStoreIsPassedOn, with what was being done; nothing is made up.
func TestAnErrorOfTheStoreIsPassedOn(t *testing.T) {
	w := newTestWorker(t, &silent{}, rand.Reader)
	woken, leave := w.q.subscribe()
	defer leave()
	for name, c := range map[string]struct {
		run  func() (any, error)
		want error
		text string
	}{
		"get":     {func() (any, error) { return w.q.Get(t.Context(), "x") }, errSilent, "read job: "},
		"dead":    {func() (any, error) { return w.q.Dead(t.Context(), DeadQuery{}) }, errSilent, "list dead letters: 100: "},
		"limit":   {func() (any, error) { return w.q.Dead(t.Context(), DeadQuery{Limit: 7}) }, errSilent, "list dead letters: 7: "},
		"retry":   {func() (any, error) { return nil, w.q.Retry(t.Context(), "x") }, ErrNotDead, "retry job: "},
		"discard": {func() (any, error) { return nil, w.q.Discard(t.Context(), "x", "non serve") }, ErrNotFound, "discard job: "},
		"reason":  {func() (any, error) { return nil, w.q.Discard(t.Context(), "x", "") }, ErrReason, ""},
		"stats":   {func() (any, error) { return w.q.Stats(t.Context()) }, errSilent, "count jobs: "},
		"purge":   {func() (any, error) { return w.q.Purge(t.Context(), noon) }, errSilent, "purge jobs: "},
		"enqueue": {func() (any, error) { return Kind[int]{Name: "n"}.Enqueue(t.Context(), w.q, Spec{}, 1) }, errSilent, "enqueue n: "},
	} {
		if _, err := c.run(); !errors.Is(err, c.want) || !strings.HasPrefix(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	select {
	case <-woken:
		t.Error("a worker was woken for nothing")
	default:
	}
	if n, err := w.q.Purge(t.Context(), noon); n != 0 || err == nil {
		t.Errorf("%d forgotten, as far as anybody knows, with %v", n, err)
	}
}

// TestWhatIsSealedOpensInItsPlaceOnly: in another row, or changed, it is dead at once;
// under another master key it waits for the right one.
func TestWhatIsSealedOpensInItsPlaceOnly(t *testing.T) {
	w := newTestWorker(t, nil, rand.Reader)
	sealed := func(edit func(r *Row)) *Row {
		r, err := w.q.row("kind", Policy{}.withDefaults(), Spec{Ente: "c_z001", Environment: "collaudo", Key: "k"}, []byte(`{"a":1}`))
		if err != nil {
			t.Fatal(err)
		}
		edit(&r)
		return &r
	}
	other := newTestWorker(t, nil, rand.Reader)
	var err error
	if other.q.cfg.Sealer, err = seal.New(bytes.Repeat([]byte{8}, 32), rand.Reader); err != nil {
		t.Fatal(err)
	}
	noJSON := sealed(func(*Row) {})
	if noJSON.Box, err = w.q.cfg.Sealer.Seal(sealContext(noJSON), []byte("x")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		q         *Queue
		row       *Row
		code      string
		permanent bool
	}{
		"in its place":              {w.q, sealed(func(*Row) {}), "", false},
		"another id":                {w.q, sealed(func(r *Row) { r.ID = "x" }), CodeSealed, true},
		"another kind":              {w.q, sealed(func(r *Row) { r.Kind = "other" }), CodeSealed, true},
		"another ente":              {w.q, sealed(func(r *Row) { r.Ente = "c_z002" }), CodeSealed, true},
		"another environment":       {w.q, sealed(func(r *Row) { r.Environment = "produzione" }), CodeSealed, true},
		"ente and environment swap": {w.q, sealed(func(r *Row) { r.Ente, r.Environment = r.Environment, r.Ente }), CodeSealed, true},
		"nothing":                   {w.q, sealed(func(r *Row) { r.Box = seal.Box{} }), "", false},
		"sealed, but no envelope":   {w.q, noJSON, CodePayload, true},
		"another master key":        {other.q, sealed(func(*Row) {}), CodeMasterKey, false},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := c.q.open(c.row)
			if name == "nothing" {
				if err == nil {
					t.Error("an empty box opens")
				}
				return
			}
			if c.code == "" {
				if err != nil || e.Key != "k" || string(e.Payload) != `{"a":1}` {
					t.Errorf("%+v, %v", e, err)
				}
				return
			}
			var v *verdict
			permanent := errors.As(err, &v) && v.permanent
			if codeOf(err, nil) != c.code || permanent != c.permanent {
				t.Errorf("%v: code %s, permanent %t; expected %s, %t", err, codeOf(err, nil), permanent, c.code, c.permanent)
			}
		})
	}
}

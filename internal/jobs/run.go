// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"time"
)

// endAgain is how long a worker waits before it tries again to store how a run ended.
const endAgain = time.Second

// run runs a claimed job and stores how that ended. handling ends when the hub does.
func (w *Worker) run(handling context.Context, h *handler, r *Row) {
	began := w.q.cfg.Clock()
	held, lose := context.WithCancelCause(handling)
	defer lose(nil)
	renewing, stopRenewing := context.WithCancel(held)
	defer stopRenewing()
	go w.renew(renewing, h.policy, r, began, lose)

	running, cancel := context.WithTimeout(held, h.policy.Timeout)
	err := w.call(running, h, r)
	timedOut := errors.Is(running.Err(), context.DeadlineExceeded)
	cancel()

	now := w.q.cfg.Clock()
	outcome, end, decideErr := w.judge(r, h.policy, err, context.Cause(held), timedOut, now)
	if decideErr == nil && outcome != OutcomeLost {
		decideErr = w.end(held, r, end)
	}
	switch {
	case errors.Is(decideErr, ErrLeaseLost):
		outcome = OutcomeLost
	case decideErr != nil:
		// Whether the end is stored is not known; if not, the lease runs out and the job runs again.
		outcome = OutcomeLost
		w.log(handling, slog.LevelError, "esito del lavoro non registrato", r, slog.String("errore", decideErr.Error()))
	}
	w.q.cfg.Observer.JobEnded(r.Kind, outcome, max(began.Sub(r.RunAt), 0), now.Sub(began))
	w.tell(handling, r, outcome, end.Code)
}

// judge decides how a run ends. cause is why the context of the handler ended, if it did.
func (w *Worker) judge(
	r *Row, p Policy, err, cause error, timedOut bool, now time.Time,
) (outcome string, e End, undecided error) {
	switch {
	case err == nil:
		return OutcomeDone, End{State: StateDone, At: now}, nil // the fence decides whether the lease still holds
	case errors.Is(cause, ErrLeaseLost):
		return OutcomeLost, End{}, nil
	case errors.Is(cause, ErrShutdown):
		return OutcomeReleased, End{State: StatePending, At: now, RunAt: now, Uncount: true}, nil
	}
	e = End{State: StateDead, At: now, Code: codeOf(err, w.q.cfg.Classify)}
	if timedOut && (e.Code == CodeError || e.Code == CodeCancelled) {
		e.Code = CodeTimeout
	}
	var v *verdict
	if !errors.As(err, &v) {
		v = &verdict{}
	}
	if v.permanent || !v.postponed && r.Attempt >= r.MaxAttempts {
		return OutcomeDead, e, nil
	}
	outcome, attempt := OutcomeRetry, r.Attempt
	if v.postponed {
		outcome, attempt, e.Uncount = OutcomePostponed, 1, true
	}
	part, err := w.q.part()
	if err != nil {
		return "", End{}, err
	}
	again := now.Add(p.Backoff.delay(attempt, part))
	if v.after > 0 {
		again = now.Add(v.after)
	}
	if !r.Deadline.IsZero() && !again.Before(r.Deadline) {
		e.Uncount = false
		return OutcomeDead, e, nil
	}
	e.State, e.RunAt = StatePending, again
	return outcome, e, nil
}

// end stores how a run ended; while the store does not answer it tries again until the lease is lost or the hub ends.
func (w *Worker) end(held context.Context, r *Row, e End) error {
	again := time.NewTicker(endAgain)
	defer again.Stop()
	for {
		err := w.q.cfg.Store.End(context.WithoutCancel(held), Lease{ID: r.ID, Fence: r.Fence}, e)
		if err == nil || errors.Is(err, ErrLeaseLost) {
			return err
		}
		select {
		case <-again.C:
		case <-held.Done():
			return err
		}
	}
}

// renew keeps the lease until ctx ends, but not for a handler that goes on long after its time is over. It calls lose
// when the lease is somebody else's or has run out by this process's clock.
func (w *Worker) renew(ctx context.Context, p Policy, r *Row, began time.Time, lose context.CancelCauseFunc) {
	ticker := time.NewTicker(max(p.Lease/3, time.Millisecond))
	defer ticker.Stop()
	overdue := time.NewTimer(p.Timeout + p.Lease)
	defer overdue.Stop()
	until := began.Add(p.Lease)
	for {
		select {
		case <-ctx.Done():
			return
		case <-overdue.C:
			lose(ErrLeaseLost)
			return
		case <-ticker.C:
		}
		next := w.q.cfg.Clock().Add(p.Lease)
		err := w.q.cfg.Store.Renew(ctx, Lease{ID: r.ID, Fence: r.Fence}, next)
		switch {
		case err == nil:
			until = next
		case ctx.Err() != nil:
			return
		case errors.Is(err, ErrLeaseLost) || !w.q.cfg.Clock().Before(until):
			lose(ErrLeaseLost)
			return
		}
	}
}

// call calls the handler, in a goroutine of its own so that whatever ends it leaves the worker whole.
func (w *Worker) call(ctx context.Context, h *handler, r *Row) error {
	e, err := w.q.open(r)
	if err != nil {
		return err
	}
	result := make(chan error, 1)
	go func() {
		err := Permanent(Coded(CodePanic, errPanic))
		defer func() {
			if p := recover(); p != nil {
				w.log(ctx, slog.LevelError, "errore di programma in un lavoro", r, slog.String("stack", stack()))
			}
			result <- err
		}()
		err = h.run(ctx, r, e)
	}()
	return <-result
}

// stack returns the functions on the stack, without their arguments and without what was panicked with.
func stack() string {
	const skip = 4 // runtime.Callers, this function, the deferred function, runtime.gopanic
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(skip, pcs)])
	var b strings.Builder
	for {
		f, more := frames.Next()
		fmt.Fprintf(&b, "%s:%d ", f.Function, f.Line)
		if !more {
			return strings.TrimSpace(b.String())
		}
	}
}

// lost tells of a job that ended, or was freed, without its worker.
func (w *Worker) lost(ctx context.Context, l Loss) {
	outcome := OutcomeLost
	if l.Dead {
		outcome = OutcomeDead
	}
	w.q.cfg.Observer.JobEnded(w.label(l.Kind), outcome, 0, 0)
	w.tell(ctx, &Row{ID: l.ID, Kind: l.Kind, Ente: l.Ente, Environment: l.Environment}, outcome, l.Code)
}

// tell logs what an operator wants to know of.
func (w *Worker) tell(ctx context.Context, r *Row, outcome, code string) {
	switch outcome {
	case OutcomeDead:
		w.log(ctx, slog.LevelError, "lavoro non riuscito: attende una decisione", r, slog.String("codice", code))
	case OutcomeRetry:
		w.log(ctx, slog.LevelWarn, "lavoro non riuscito: sarà ripetuto", r, slog.String("codice", code))
	case OutcomeLost:
		w.log(ctx, slog.LevelWarn, "lavoro passato ad altri: tempo scaduto", r, slog.String("codice", code))
	}
}

func (w *Worker) log(ctx context.Context, level slog.Level, text string, r *Row, more ...slog.Attr) {
	attrs := append([]slog.Attr{
		slog.String("lavoro", r.ID), slog.String("tipo", r.Kind), slog.String("ente", r.Ente),
		slog.String("ambiente", r.Environment), slog.Int("tentativo", r.Attempt),
	}, more...)
	w.q.cfg.Logger.LogAttrs(ctx, level, text, attrs...)
}

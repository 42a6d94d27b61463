// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// A Schedule has a job enqueued at certain instants: once over all replicas, and once for all the instants that passed
// while no hub ran. Name, Ente and Environment identify it. Its runs are in a lane of their own: they never overlap, and
// at most one waits behind the one under way, which stands for all the instants that have passed since.
type Schedule struct {
	Name              string // as that of a kind
	Ente, Environment string
	When              When
	// AtOnce has it fire as soon as it is first seen, and when When has changed, instead of at its next instant.
	AtOnce bool
}

// A Tick is the payload of a scheduled job.
type Tick struct {
	Schedule string    `json:"schedule"`
	Due      time.Time `json:"due"`   // the oldest of the instants that it stands for
	Fired    time.Time `json:"fired"` // when it was enqueued
}

type scheduleID struct{ name, ente, environment string }

func (s *Schedule) id() scheduleID { return scheduleID{s.Name, s.Ente, s.Environment} }

// scheduled is a schedule with its kind of jobs.
type scheduled struct {
	Schedule

	kind Kind[Tick]
}

// putSchedules stores the schedules of this process. It is repeated until it has succeeded once.
func (w *Worker) putSchedules(ctx context.Context) error {
	if w.scheduled {
		return nil
	}
	now := w.q.cfg.Clock()
	for i := range w.set.schedules {
		s := &w.set.schedules[i]
		next := now
		if !s.AtOnce {
			var err error
			if next, err = w.instant(s.When, now, now); err != nil {
				return err
			}
		}
		row := ScheduleRow{Name: s.Name, Ente: s.Ente, Environment: s.Environment, When: s.When.String(), Next: next}
		if err := w.q.cfg.Store.PutSchedule(ctx, row); err != nil {
			return fmt.Errorf("store schedule %s: %w", s.Name, err)
		}
	}
	w.scheduled = true
	return nil
}

// instant returns the one after due, or after now when that has passed too, with its jitter.
func (w *Worker) instant(when When, due, now time.Time) (time.Time, error) {
	next := when.Next(due)
	if !next.After(now) {
		next = when.Next(now)
	}
	if when.jitter == 0 {
		return next, nil
	}
	part, err := w.q.part()
	return next.Add(time.Duration(part * float64(when.jitter))), err
}

// fire enqueues the jobs of the schedules whose instant has come and returns how many it enqueued. A schedule stored
// with another When belongs to another version of the hub, which fires it.
func (w *Worker) fire(ctx context.Context) (int, error) {
	if len(w.set.schedules) == 0 {
		return 0, nil
	}
	if err := w.putSchedules(ctx); err != nil {
		return 0, err
	}
	now := w.q.cfg.Clock()
	due, err := w.q.cfg.Store.DueSchedules(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("read schedules: %w", err)
	}
	n := 0
	for _, row := range due {
		s := w.find(row)
		if s == nil || s.When.String() != row.When {
			continue
		}
		fired, err := w.fireOne(ctx, s, row, now)
		if err != nil {
			return n, fmt.Errorf("fire schedule %s: %w", s.Name, err)
		}
		if fired == FiredMerged {
			w.q.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "pianificazione in ritardo: l'esecuzione precedente non è ancora iniziata",
				slog.String("pianificazione", s.Name), slog.String("ente", s.Ente), slog.String("ambiente", s.Environment))
		}
		if fired == FiredJob {
			n++
		}
	}
	return n, nil
}

func (w *Worker) find(row ScheduleRow) *scheduled {
	for i := range w.set.schedules {
		s := &w.set.schedules[i]
		if s.id() == (scheduleID{row.Name, row.Ente, row.Environment}) {
			return s
		}
	}
	return nil
}

func (w *Worker) fireOne(ctx context.Context, s *scheduled, row ScheduleRow, now time.Time) (Fired, error) {
	next, err := w.instant(s.When, row.Next, now)
	if err != nil {
		return FiredByOther, err
	}
	payload, err := json.Marshal(Tick{Schedule: s.Name, Due: row.Next, Fired: now})
	if err != nil {
		return FiredByOther, err
	}
	spec := Spec{Ente: s.Ente, Environment: s.Environment, Lane: "schedule/" + s.Name}
	job, err := w.q.row(s.kind.Name, s.kind.Policy.withDefaults(), spec, payload)
	if err != nil {
		return FiredByOther, err
	}
	return w.q.cfg.Store.Fire(ctx, row, next, job)
}

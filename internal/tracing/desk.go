// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/store"
)

// lookBack is how many days back a day that was not told of is caught up with. Side records
// of older ones may be erased.
const lookBack = 30

// DayJob is what a job sends: one day.
type DayJob struct {
	Day string `json:"day"`
	// Force sends a file that PDND has refused once more as it is: what it lacked may be there
	// by now. It holds until a file was sent after the job was made.
	Force bool `json:"force,omitempty"`
}

// DailyKind looks, once a day, which days are not told of.
func DailyKind() jobs.Kind[jobs.Tick] {
	return jobs.Kind[jobs.Tick]{Name: "tracing.daily", Policy: jobs.Policy{MaxAttempts: jobs.Unlimited, GiveUpAfter: 20 * time.Hour}}
}

// DayKind sends the file of one day until PDND has imported it. A file that PDND refuses is a
// dead letter at once: a person has to look.
func DayKind() jobs.Kind[DayJob] {
	return jobs.Kind[DayJob]{Name: "tracing.day", Policy: jobs.Policy{
		MaxAttempts: jobs.Unlimited, Backoff: jobs.Backoff{Base: time.Minute, Max: 2 * time.Hour}, GiveUpAfter: 5 * 24 * time.Hour,
		Timeout: time.Hour, Concurrency: 2,
	}}
}

// Kinds are the names of both.
func Kinds() []string { return []string{DailyKind().Name, DayKind().Name} }

// Register gives the jobs their handlers and every ente that wants this hub to send its
// schedule: some hours after midnight, when every exchange of the day before is over.
func (d *Desk) Register(set *jobs.Handlers) error {
	when, err := jobs.ParseWhen("daily 03:00 jitter 30m")
	if err != nil {
		return err
	}
	DailyKind().Handle(set, d.daily)
	DayKind().Handle(set, func(ctx context.Context, job jobs.Job[DayJob]) error {
		var forced time.Time
		if job.Payload.Force {
			forced = job.EnqueuedAt
		}
		return d.settle(ctx, job.Ente, job.Environment, job.Payload.Day, forced)
	})
	for _, codice := range slices.Sorted(maps.Keys(d.o.Config.Enti)) {
		settings := d.o.Config.Enti[codice].Tracing
		for _, environment := range slices.Sorted(maps.Keys(settings)) {
			if settings[environment].Invia == config.TracingSnodo {
				set.Schedule(jobs.Schedule{Name: "tracing", Ente: codice, Environment: environment, When: when}, DailyKind())
			}
		}
	}
	return nil
}

// daily enqueues every day since the first, not older than lookBack, that PDND is not known
// to have imported and that does not wait for a person.
func (d *Desk) daily(ctx context.Context, job jobs.Job[jobs.Tick]) error {
	ente := d.o.Config.Enti[job.Ente]
	if ente == nil || ente.Tracing[job.Environment].Invia != config.TracingSnodo {
		return nil // it was taken out of the configuration
	}
	today := d.o.Clock().In(d.o.Location)
	first := max(ente.Tracing[job.Environment].Dal, today.AddDate(0, 0, -lookBack).Format(time.DateOnly))
	last := today.AddDate(0, 0, -1).Format(time.DateOnly)
	noted, err := d.o.Store.Tracing(ctx, job.Ente, job.Environment, first, last)
	if err != nil {
		return err
	}
	over := map[string]bool{}
	for _, n := range noted {
		over[n.Day] = State(n.State).Final() || State(n.State).Waits()
	}
	for n := lookBack; n > 0; n-- {
		day := today.AddDate(0, 0, -n).Format(time.DateOnly)
		if day < first || over[day] {
			continue
		}
		if _, err := d.enqueue(ctx, job.Ente, job.Environment, DayJob{Day: day}, today.Format(time.DateOnly)); err != nil {
			return err
		}
	}
	return nil
}

// enqueue makes the job of a day, one for each occasion. Those of one day run one at a time.
func (d *Desk) enqueue(ctx context.Context, ente, environment string, what DayJob, occasion string) (string, error) {
	receipt, err := DayKind().Enqueue(ctx, d.o.Queue, jobs.Spec{
		Ente: ente, Environment: environment, Key: what.Day + " " + occasion, Lane: "tracing/" + what.Day,
	}, what)
	return receipt.ID, err
}

// Submit has the file of a day sent now, and again if it has changed since; it returns the
// job. The error is ErrOff, ErrDay, ErrUnknown or *OtherFileError, or means "don't know".
func (d *Desk) Submit(ctx context.Context, ente, environment, day string) (string, error) {
	known := d.o.Config.Enti[ente]
	if known == nil {
		return "", ErrUnknown
	}
	settings := known.Tracing[environment]
	if settings.Invia != config.TracingSnodo {
		return "", ErrOff
	}
	if day < settings.Dal {
		return "", fmt.Errorf("%w: before the first day, %s", ErrDay, settings.Dal)
	}
	if _, err := d.Export(ctx, ente, environment, day); err != nil {
		return "", err // told now rather than by a dead letter
	}
	return d.enqueue(ctx, ente, environment, DayJob{Day: day, Force: true}, d.o.Clock().UTC().Format(time.RFC3339Nano))
}

// Status is what is known of one day.
type Status struct {
	Giorno    string     `json:"giorno"`
	Stato     string     `json:"stato"` // PDND's word, one of the hub's own (State), or "" for not told of
	TracingID string     `json:"tracingId,omitempty"`
	Righe     int64      `json:"righe"`
	Richieste int64      `json:"richieste"`
	Errori    []Fault    `json:"errori,omitempty"`
	Alle      *time.Time `json:"alle,omitempty"`
}

// Overview is what an ente has told PDND Tracing of.
type Overview struct {
	Ente     string   `json:"ente"`
	Ambiente string   `json:"ambiente"`
	Invia    string   `json:"invia"` // snodo, altri, or "" while nobody has said
	Dal      string   `json:"dal,omitempty"`
	Giorni   []Status `json:"giorni"`
}

// Days tells what became of the last days of an ente, the missing ones included. The error is
// ErrUnknown or means "don't know".
func (d *Desk) Days(ctx context.Context, ente, environment string) (Overview, error) {
	known := d.o.Config.Enti[ente]
	if known == nil || d.o.Platforms[environment] == nil {
		return Overview{}, ErrUnknown
	}
	settings := known.Tracing[environment]
	out := Overview{Ente: ente, Ambiente: environment, Invia: settings.Invia, Dal: settings.Dal, Giorni: []Status{}}
	today := d.o.Clock().In(d.o.Location)
	noted, err := d.o.Store.Tracing(ctx, ente, environment, today.AddDate(0, 0, -lookBack).Format(time.DateOnly), today.Format(time.DateOnly))
	if err != nil {
		return Overview{}, err
	}
	by := map[string]store.TracingDay{}
	for _, n := range noted {
		by[n.Day] = n
	}
	for n := lookBack; n > 0; n-- {
		day := today.AddDate(0, 0, -n).Format(time.DateOnly)
		one, there := by[day]
		if !there && (settings.Invia != config.TracingSnodo || day < settings.Dal) {
			continue
		}
		out.Giorni = append(out.Giorni, statusOf(day, one))
	}
	return out, nil
}

func statusOf(day string, n store.TracingDay) Status {
	s := Status{Giorno: day, Stato: n.State, TracingID: n.TracingID, Righe: n.Lines, Richieste: n.Requests}
	if !n.ChangedAt.IsZero() {
		s.Alle = &n.ChangedAt
	}
	if json.Unmarshal([]byte(n.Faults), &s.Errori) != nil {
		s.Errori = nil // none
	}
	return s
}

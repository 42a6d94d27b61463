// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/jobs"
)

// sweepBack is how far back the weekly reading of everything goes, fetched before or not.
const sweepBack = 15 * 24 * time.Hour

// firstBack is how far back the first reading ever goes.
const firstBack = 7 * 24 * time.Hour

// lateAck is how long an ACK may take before somebody is told.
const lateAck = 24 * time.Hour

// readKind is the reading of what SIOPE+ has; sweepKind reads everything once more.
func readKind() jobs.Kind[jobs.Tick]  { return tickKind("tesoreria/lettura") }
func sweepKind() jobs.Kind[jobs.Tick] { return tickKind("tesoreria/ricontrollo") }

func tickKind(name string) jobs.Kind[jobs.Tick] {
	return jobs.Kind[jobs.Tick]{Name: name, Policy: jobs.Policy{
		MaxAttempts: 6, Concurrency: 4, Timeout: 30 * time.Minute, Lease: 6 * time.Second, Backoff: jobs.Backoff{Base: 2 * time.Second, Max: 5 * time.Minute},
	}}
}

// Kinds are the names of the kinds of job of this package.
func Kinds() []string {
	return []string{sendKind().Name, readKind().Name, sweepKind().Name, noticeKind().Name}
}

// Register gives the jobs of this package their handlers, and every treasury its schedules.
func (d *Desk) Register(set *jobs.Handlers) error {
	sendKind().Handle(set, d.send)
	noticeKind().Handle(set, d.notify)
	readKind().Handle(set, func(ctx context.Context, job jobs.Job[jobs.Tick]) error { return d.readAll(ctx, job.Ente, false) })
	sweepKind().Handle(set, func(ctx context.Context, job jobs.Job[jobs.Tick]) error { return d.readAll(ctx, job.Ente, true) })
	for _, ente := range d.Enti() {
		c := d.channels[ente]
		often, err := jobs.ParseWhen("every " + c.cfg.Ogni.String())
		if err != nil {
			return fmt.Errorf("tesoreria: %w", err)
		}
		weekly, err := jobs.ParseWhen("every 168h jitter 1h")
		if err != nil {
			return fmt.Errorf("tesoreria: %w", err)
		}
		set.Schedule(jobs.Schedule{Name: readKind().Name, Ente: ente, Environment: c.Environment, When: often, AtOnce: true}, readKind())
		set.Schedule(jobs.Schedule{Name: sweepKind().Name, Ente: ente, Environment: c.Environment, When: weekly}, sweepKind())
	}
	return nil
}

// readAll reads every list and every message of an ente. A list that does not answer does not keep the others from
// being read.
func (d *Desk) readAll(ctx context.Context, ente string, sweep bool) error {
	c, err := d.channel(ente)
	if err != nil {
		return jobs.Permanent(jobs.Coded(CodeNoEnte, err))
	}
	var faults []error
	for _, list := range lists() {
		faults = append(faults, d.readOn(ctx, c, list, sweep))
	}
	faults = append(faults, d.readMessages(ctx, c, all), d.lookForLateAcks(ctx, c))
	if err := errors.Join(faults...); err != nil {
		return jobs.Coded(CodeReading, err)
	}
	return nil
}

// readOn reads a list from where it was read to, with an overlap: messages are listed late. The position moves only
// when every page was noted.
func (d *Desk) readOn(ctx context.Context, c *channel, list string, sweep bool) error {
	now := d.Clock()
	if sweep {
		return d.readList(ctx, c, list, now.Add(-sweepBack), now, false)
	}
	before, err := d.Position.Position(ctx, c.Channel, list)
	if err != nil {
		return err
	}
	from := now.Add(-firstBack)
	if last, err := time.Parse(time.RFC3339Nano, before); err == nil {
		from = last.Add(-c.cfg.Sovrapposizione)
	}
	if err := d.readList(ctx, c, list, from, now, c.cfg.Elenco == config.ElencoNuovi); err != nil {
		return err
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		return tx.MovePosition(ctx, c.Channel, list, now.UTC().Format(time.RFC3339Nano), before)
	})
	if errors.Is(err, ErrMoved) {
		return nil // another replica has read it
	}
	return err
}

// maxPages bounds what one list may make the hub read.
const maxPages = 10_000

// readList notes every message of a window, durably, before any of them is fetched: SIOPE+ does not list again as new
// what was fetched by a process that ended with it.
func (d *Desk) readList(ctx context.Context, c *channel, list string, from, to time.Time, fresh bool) error {
	for page := 1; page <= maxPages; page++ {
		items, pages, err := c.siope.List(ctx, list, from, to.Add(time.Minute), page, fresh)
		if err != nil {
			return fmt.Errorf("list %s: %w", list, err)
		}
		err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
			for _, i := range items {
				at := i.At
				if at.IsZero() {
					at = to
				}
				m := MessageRow{Channel: c.Channel, Location: i.Location, List: list, At: at.UTC(), State: MessageListed, Facts: put(messageFacts{})}
				if _, err := tx.AddMessage(ctx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || page >= pages {
			return err
		}
	}
	return fmt.Errorf("list %s: more than %d pages", list, maxPages)
}

// all chooses every message.
func all(MessageRow) bool { return true }

// readMessages fetches what was listed and is chosen, and acts on it, list after list, the oldest first. One that fails
// does not keep the others from being read: when SIOPE+ is down the circuit breaker makes the rest of them short.
func (d *Desk) readMessages(ctx context.Context, c *channel, chosen func(MessageRow) bool) error {
	waiting, err := d.Store.Messages(ctx, c.Channel, MessageListed)
	if err != nil {
		return err
	}
	slices.SortStableFunc(waiting, func(a, b MessageRow) int { return slices.Index(lists(), a.List) - slices.Index(lists(), b.List) })
	var faults []error
	for _, m := range waiting {
		if !chosen(m) {
			continue
		}
		if ctx.Err() != nil {
			return errors.Join(append(faults, context.Cause(ctx))...)
		}
		if err := d.readMessage(ctx, c, m); err != nil && len(faults) < maxFaults {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// maxFaults bounds what is told of messages that could not be read.
const maxFaults = 10

// lookForLateAcks tells of flows whose ACK has not come for a day: those that arrived, and those of which nobody knows.
func (d *Desk) lookForLateAcks(ctx context.Context, c *channel) error {
	sent, err := d.Store.Flows(ctx, c.Channel, Sent, 1000)
	if err != nil {
		return err
	}
	open, err := d.Store.Flows(ctx, c.Channel, Sending, 1000)
	if err != nil {
		return err
	}
	for _, row := range append(sent, open...) {
		facts, err := get[flowFacts](row.Facts)
		if err != nil {
			return err
		}
		if facts.Late || !facts.ackIsLate(d.Clock()) {
			continue
		}
		d.Logger.LogAttrs(ctx, slog.LevelWarn, "tesoreria: ACK mancante", slog.String("ente", c.Ente), slog.String("flusso", row.ID), slog.Int("esercizio", row.Year))
		if err := d.late(ctx, c, row); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) late(ctx context.Context, c *channel, row FlowRow) error {
	whole, err := d.Store.Flow(ctx, c.Channel, row.FlowKey)
	if err != nil || whole.State != row.State {
		return err
	}
	facts, err := get[flowFacts](whole.Facts)
	if err != nil {
		return err
	}
	facts.Late = true
	whole.Facts = put(facts)
	err = d.note(ctx, c, event{exchange: "tesoreria/" + row.String() + "/ack-mancante", operation: "flusso/ack-mancante", target: row.String()})
	if err != nil {
		return err
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		if err := tx.SetFlow(ctx, whole); err != nil {
			return err
		}
		return d.tell(ctx, tx, c.Channel, notice{ID: row.String() + "/ack-mancante", Evento: "allarme", Flusso: row.ID, Esercizio: row.Year, Stato: row.State, Codice: "ack-mancante"})
	})
	if errors.Is(err, ErrMoved) {
		return nil
	}
	return err
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// Poller reads the feeds. It is safe for concurrent use.
type Poller struct{ o Options }

// NewPoller returns a Poller.
func NewPoller(o Options) *Poller { return &Poller{o: o} }

// codeUnavailable is what an operator sees of a feed that could not be read.
const codeUnavailable = "pdnd.events/unavailable"

// keyFeeds are those that every tenant sees whole; enteFeeds hold what one sees.
func keyFeeds() []api.Feed { return []api.Feed{api.FeedKeys, api.FeedProducerKeys} }

func enteFeeds() []api.Feed {
	return []api.Feed{api.FeedPurposes, api.FeedAgreements, api.FeedEservices, api.FeedClients}
}

// pollKeys reads the feeds of keys by the first ente whose API client can.
func (p *Poller) pollKeys(ctx context.Context, job jobs.Job[jobs.Tick]) error {
	var faults []error
	for _, codice := range p.readers(job.Environment) {
		err := p.poll(ctx, store.CursorName{Environment: job.Environment}, codice, keyFeeds())
		if err == nil || errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
			return jobs.Coded(codeUnavailable, err)
		}
		faults = append(faults, fmt.Errorf("%s: %w", codice, err))
	}
	return jobs.Coded(codeUnavailable, errors.Join(faults...))
}

func (p *Poller) pollEnte(ctx context.Context, job jobs.Job[jobs.Tick]) error {
	at := store.CursorName{Ente: job.Ente, Environment: job.Environment}
	return jobs.Coded(codeUnavailable, p.poll(ctx, at, job.Ente, enteFeeds()))
}

// poll reads the feeds to their ends as an ente: one that cannot be read holds up no other. at
// says whose the cursors are.
func (p *Poller) poll(ctx context.Context, at store.CursorName, codice string, feeds []api.Feed) error {
	platform := p.o.Platforms[at.Environment]
	if platform == nil {
		return fmt.Errorf("no platform for environment %s", at.Environment)
	}
	credentials, err := p.o.Credentials(codice, at.Environment)
	if err != nil {
		return err
	}
	client := api.New(platform, credentials)
	var faults []error
	for _, feed := range feeds {
		at.Feed = string(feed)
		if err := p.read(ctx, at, client, feed); err != nil && !errors.Is(err, store.ErrCursorMoved) {
			faults = append(faults, fmt.Errorf("%s: %w", feed, err)) // moved: another process reads the same feed
		}
	}
	return errors.Join(faults...)
}

// more marks a cursor behind which events were seen to be left: its own age counts, not the
// time it was moved.
const more = "+"

// read follows one feed to its end, or to the end of what one run reads.
func (p *Poller) read(ctx context.Context, at store.CursorName, client *api.Client, feed api.Feed) error {
	cursor, err := p.o.Store.State().Cursor(ctx, at)
	if err != nil {
		return err
	}
	if p.lost(cursor) {
		return p.restart(ctx, at, cursor.Value)
	}
	value := cursor.Value
	for range pages {
		after := strings.TrimSuffix(value, more)
		list, err := client.Events(ctx, feed, api.EventQuery{After: after})
		if err != nil {
			return err
		}
		next := after
		if len(list) > 0 {
			next = list[len(list)-1].ID
		}
		if len(list) == api.MaxEvents {
			next += more
		}
		notices := p.notices(at, feed, list)
		err = p.o.Store.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.PutNotices(ctx, notices); err != nil {
				return err
			}
			return tx.SetCursor(ctx, at, next, value)
		})
		if err != nil || len(list) < api.MaxEvents {
			return err
		}
		value = next
	}
	return nil
}

// lost tells whether there may be events that the cursor has not seen and PDND no longer has.
// A cursor that was at the end when it was last moved has seen all until then, however old
// the last event was.
func (p *Poller) lost(c store.Cursor) bool {
	now := p.o.Clock()
	if c.Value == "" {
		return true
	}
	if id, left := strings.CutSuffix(c.Value, more); left {
		return api.CursorTooOld(id, now, Retention)
	}
	return now.Sub(c.MovedAt) >= Retention
}

// restart forgets everything that the feed could have spoken of and goes on from now: an id
// of that instant, made by the rule of the platform's own (UUIDv7), since a feed has no other
// end to ask for. What is remembered is asked for again by whoever needs it, which is the
// listing anew.
func (p *Poller) restart(ctx context.Context, at store.CursorName, old string) error {
	id, err := uuid.NewAt(p.o.Clock().Add(-margin), zeros{})
	if err != nil {
		return err
	}
	level, text := slog.LevelWarn, "eventi PDND: si riparte da ora e si dimentica tutto ciò che dicevano"
	if old == "" {
		level, text = slog.LevelInfo, "eventi PDND: si leggono da ora"
	}
	p.o.Logger.LogAttrs(ctx, level, text,
		slog.String("ente", at.Ente), slog.String("ambiente", at.Environment), slog.String("eventi", at.Feed))
	all := store.Notice{Environment: at.Environment, Kind: noticeAll}
	if at.Ente != "" {
		all.Kind, all.Subject = noticeMissed, at.Ente
	}
	return p.o.Store.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.PutNotices(ctx, []store.Notice{all}); err != nil {
			return err
		}
		return tx.SetCursor(ctx, at, id, old)
	})
}

// zeros is the least random part an id can have.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Alive tells whether the feeds of keys of an environment have been read to the end within
// three intervals. The error means "don't know".
func Alive(ctx context.Context, s *store.Store, environment string, now time.Time, every time.Duration) (bool, error) {
	for _, feed := range keyFeeds() {
		c, err := s.State().Cursor(ctx, store.CursorName{Environment: environment, Feed: string(feed)})
		if err != nil {
			return false, err
		}
		if c.Value == "" || strings.HasSuffix(c.Value, more) || now.Sub(c.MovedAt) > 3*every {
			return false, nil
		}
	}
	return true, nil
}

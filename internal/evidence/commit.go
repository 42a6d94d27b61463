// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A pending record waits for its commit. Only the committer writes row.Index and err, before it tells done.
type pending struct {
	row       Row
	hash      tlog.Hash
	closes    *int64
	abandoned func() error // the caller's ctx.Err
	done      chan struct{}
	err       error
}

// intent is the one that the record closes.
func (p *pending) intent() OpenIntent { return OpenIntent{Index: *p.closes, Exchange: p.row.Exchange} }

func (p *pending) notOpen() error {
	return fmt.Errorf("%w: index %d of %s", ErrNotOpen, *p.closes, p.row.Ente)
}

// commitBatch stores a batch and tells each caller. Batches come one at a time: while one is being made durable the next
// gathers, so that the cost of the disk is shared by as many records as arrive meanwhile.
func (l *Log) commitBatch(records []*pending) {
	if err := l.commit(records); err != nil {
		for _, p := range records {
			if p.err == nil {
				p.err = fmt.Errorf("%w: %w", ErrUnavailable, err)
			}
		}
	}
	for _, p := range records {
		p.done <- struct{}{}
	}
}

// commit stores a batch in one transaction. A record that cannot be stored for a reason of its own gets its error in
// p.err and the others go on; the error returned is for all of the others.
func (l *Log) commit(records []*pending) error {
	byEnte := make(map[string][]*pending)
	for _, p := range records {
		if err := p.abandoned(); err != nil {
			p.err = fmt.Errorf("%w: the caller left before the commit: %w", ErrUnavailable, err)
			continue
		}
		byEnte[p.row.Ente] = append(byEnte[p.row.Ente], p)
	}
	if len(byEnte) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), l.cfg.CommitTimeout)
	defer cancel()
	grown := make(map[string]*edge)
	enti := slices.Sorted(maps.Keys(byEnte))
	err := l.store.Update(ctx, enti, func(tx Tx) error {
		for _, ente := range enti {
			e, err := l.appendTo(ctx, tx, ente, byEnte[ente])
			if err != nil {
				return fmt.Errorf("append to the log of %s: %w", ente, err)
			}
			grown[ente] = e
		}
		return nil
	})
	if err != nil {
		l.health.committed(err, l.cfg.Clock())
		// What the database holds now is not known: read the edges again next time.
		for _, ente := range enti {
			delete(l.edges, ente)
		}
		return err
	}
	l.health.committed(nil, time.Time{})
	l.adopt(grown)
	return nil
}

// adopt keeps the edges just committed and asks for a checkpoint where a log passed a multiple of CheckpointEvery.
func (l *Log) adopt(grown map[string]*edge) {
	for ente, e := range grown {
		before := int64(0)
		if old := l.edges[ente]; old != nil {
			before = old.size
		}
		if e.size/l.cfg.CheckpointEvery > before/l.cfg.CheckpointEvery {
			select {
			case l.kick <- struct{}{}:
			default: // already asked
			}
		}
		l.edges[ente] = e
	}
}

// appendTo adds the records of one ente inside a transaction and returns the edge after them.
func (l *Log) appendTo(ctx context.Context, tx Tx, ente string, records []*pending) (*edge, error) {
	e, err := l.edgeOf(ctx, tx, ente)
	if err != nil {
		return nil, err
	}
	open, err := tx.Open(ente)
	if err != nil {
		return nil, err
	}
	open = closeIntents(open, records)
	var rows []Row
	var tiles []Tile
	for _, p := range records {
		if p.err != nil {
			continue
		}
		p.row.Index = e.size
		full, err := e.append(p.hash)
		if err != nil {
			return nil, err
		}
		if p.row.Kind.opens() {
			open = append(open, OpenIntent{Index: p.row.Index, Exchange: p.row.Exchange})
		}
		rows = append(rows, p.row)
		tiles = append(tiles, full...)
	}
	if len(rows) == 0 {
		return e, nil
	}
	return e, tx.Append(ctx, ente, rows, append(tiles, e.growing()...), open)
}

// closeIntents takes out of the open intents those that the records are the outcomes of. A record whose intent is not
// open, or is closed by one before it, gets its error.
func closeIntents(open []OpenIntent, records []*pending) []OpenIntent {
	closing := make(map[OpenIntent]*pending)
	for _, p := range records {
		switch {
		case p.closes == nil:
		case closing[p.intent()] != nil:
			p.err = p.notOpen()
		default:
			closing[p.intent()] = p
		}
	}
	open = slices.DeleteFunc(open, func(intent OpenIntent) bool {
		_, closed := closing[intent]
		delete(closing, intent)
		return closed
	})
	for _, p := range closing {
		p.err = p.notOpen()
	}
	return open
}

// edgeOf returns a private copy of the edge of a log: the one last committed here, or the stored one when another
// process has appended since.
func (l *Log) edgeOf(ctx context.Context, tx Tx, ente string) (*edge, error) {
	size := tx.Size(ente)
	if e := l.edges[ente]; e != nil && e.size == size {
		return e.clone(), nil
	}
	e, err := loadEdge(size, func(level int, n int64) ([]byte, error) { return tx.Tile(ctx, ente, level, n) })
	if errors.Is(err, ErrTampered) {
		l.cfg.Logger.LogAttrs(ctx, levelAlarm, "evidence log cannot be extended", attrEnte(ente), attrError(err))
	}
	return e, err
}

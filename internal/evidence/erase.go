// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// farFuture is later than any instant of an entry.
var farFuture = time.Date(2261, 1, 1, 0, 0, 0, 0, time.UTC)

// CloseUnknown closes as [KindSconosciuto] every intent, of every ente, without outcome and older than before, and
// returns how many it closed. Each is closed once, however many processes try.
//
// It is called at start, before the first request. With one process before is the start; with several on one database
// it is earlier than the start by the longest exchange, so that what the others are doing is left alone.
func (l *Log) CloseUnknown(ctx context.Context, before time.Time) (int, error) {
	rows, err := l.store.Open(ctx, "", before)
	if err != nil {
		return 0, readError("list open intents", err)
	}
	closed := 0
	for i := range rows {
		intent, err := ParseLeaf(rows[i].Leaf)
		if err != nil {
			return closed, fmt.Errorf("%w: entry %d of %s: %w", ErrTampered, rows[i].Index, rows[i].Ente, err)
		}
		_, err = l.Append(ctx, Record{Entry: unknownOutcome(&intent, rows[i].Index)})
		switch {
		case errors.Is(err, ErrNotOpen): // another process, or its outcome, came first
		case err != nil:
			return closed, fmt.Errorf("close intent %d of %s: %w", rows[i].Index, rows[i].Ente, err)
		default:
			closed++
		}
	}
	return closed, nil
}

func unknownOutcome(intent *Entry, index int64) Entry {
	return Entry{
		Ente: intent.Ente, Environment: intent.Environment, Kind: KindSconosciuto, Exchange: intent.Exchange,
		Service: intent.Service, Operation: intent.Operation, Eservice: intent.Eservice,
		Descriptor: intent.Descriptor, Purpose: intent.Purpose, Client: intent.Client, Closes: &index,
	}
}

// Erase destroys what the log of an ente holds about a person (GDPR art. 17): of every side record whose Subjects name
// them, the data key, its salt, the data and the lookup index. The log still verifies. It returns how many side
// records were destroyed, also beside an error, which wraps [ErrUnavailable]: then copies may be left, and it is to be
// called again.
func (l *Log) Erase(ctx context.Context, ente, codiceFiscale string) (int, error) {
	return l.erase(ctx, Erasure{Ente: ente, Subject: l.subject(ente, codiceFiscale)})
}

// EraseExchange destroys the side records of one exchange as [Log.Erase] does.
func (l *Log) EraseExchange(ctx context.Context, ente, exchange string) (int, error) {
	return l.erase(ctx, Erasure{Ente: ente, Exchange: exchange})
}

// Prune destroys the side records, of every ente, whose retention ended at or before now.
func (l *Log) Prune(ctx context.Context, now time.Time) (int, error) {
	return l.erase(ctx, Erasure{ExpiredAt: now})
}

func (l *Log) erase(ctx context.Context, e Erasure) (int, error) {
	e.At = l.cfg.Clock().UTC()
	n, err := l.store.Erase(ctx, e)
	if err != nil {
		return n, readError("erase side records", err)
	}
	return n, nil
}

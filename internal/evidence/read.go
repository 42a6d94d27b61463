// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
)

// A SideState says what became of the side record of an entry.
type SideState string

// The states of a side record.
const (
	SideNone    SideState = "none"    // the entry never had one
	SidePresent SideState = "present" // readable, and what the entry commits to
	SideErased  SideState = "erased"  // destroyed on request or at the end of its retention
	SideSealed  SideState = "sealed"  // sealed under a master key that this hub does not have
	SideAltered SideState = "altered" // missing, or not what the entry commits to
)

// A Stored entry is one entry as the log holds it.
type Stored struct {
	Entry
	Index     int64
	LeafHash  tlog.Hash
	SideState SideState
	Side      *Side // nil unless SideState is [SidePresent]
}

// A Query selects entries of one ente. Zero fields do not restrict.
type Query struct {
	Ente        string // mandatory
	Environment string
	Kind        Kind
	Exchange    string
	Subject     string    // a codice fiscale
	From, To    time.Time // From <= instant < To
	After       *int64    // only entries of a greater index: where the page before ended
	Limit       int       // at most this many; zero means [MaxPage]
}

// MaxPage is the most entries that one [Log.List] returns.
const MaxPage = 1000

// Get returns one entry. The error wraps [ErrNotFound], [ErrUnavailable] or [ErrTampered].
func (l *Log) Get(ctx context.Context, ente string, index int64) (Stored, error) {
	if index < 0 {
		return Stored{}, fmt.Errorf("%w: negative index", ErrNotFound)
	}
	rows, err := l.store.Rows(ctx, Filter{Ente: ente, FromIndex: index, ToIndex: index + 1})
	if err != nil {
		return Stored{}, readError("read entry", err)
	}
	if len(rows) == 0 {
		return Stored{}, fmt.Errorf("%w: index %d of %s", ErrNotFound, index, ente)
	}
	return l.stored(&rows[0])
}

// List returns the entries that match, by ascending index. No match is an empty list and no error.
func (l *Log) List(ctx context.Context, q Query) ([]Stored, error) {
	f := Filter{
		Ente: q.Ente, Environment: q.Environment, Kind: q.Kind, Exchange: q.Exchange,
		From: q.From, To: q.To, Limit: q.Limit,
	}
	if q.Subject != "" {
		f.Subject = l.subject(q.Ente, q.Subject)
	}
	if q.After != nil {
		f.FromIndex = *q.After + 1
	}
	if f.Limit <= 0 || f.Limit > MaxPage {
		f.Limit = MaxPage
	}
	rows, err := l.store.Rows(ctx, f)
	if err != nil {
		return nil, readError("list entries", err)
	}
	return l.storedAll(rows)
}

// OpenIntents returns the intents of an ente that have no outcome yet.
func (l *Log) OpenIntents(ctx context.Context, ente string) ([]Stored, error) {
	rows, err := l.store.Open(ctx, ente, farFuture)
	if err != nil {
		return nil, readError("list open intents", err)
	}
	return l.storedAll(rows)
}

// Heads returns the size of the log of every ente, sorted by ente.
func (l *Log) Heads(ctx context.Context) ([]Head, error) {
	heads, err := l.store.Heads(ctx)
	if err != nil {
		return nil, readError("list logs", err)
	}
	return heads, nil
}

// InclusionProof proves that the entry of that index is in the log of an ente when it had size entries (RFC 6962,
// 2.1.1). Check it with tlog.CheckRecord against a checkpoint of that size.
func (l *Log) InclusionProof(ctx context.Context, ente string, index, size int64) (tlog.RecordProof, error) {
	head, err := l.head(ctx, ente)
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= size || size > head.Size {
		return nil, fmt.Errorf("%w: index %d in %d entries of %s, which has %d", ErrNotFound, index, size, ente, head.Size)
	}
	proof, err := tlog.ProveRecord(size, index, hashReader(l.tiles(ctx, ente)))
	if err != nil {
		return nil, readError("prove inclusion", err)
	}
	return proof, nil
}

func (l *Log) head(ctx context.Context, ente string) (Head, error) {
	heads, err := l.store.Heads(ctx)
	if err != nil {
		return Head{}, readError("read head", err)
	}
	for _, h := range heads {
		if h.Ente == ente {
			return h, nil
		}
	}
	return Head{}, fmt.Errorf("%w: %s has no log", ErrNotFound, ente)
}

func (l *Log) tiles(ctx context.Context, ente string) readTile {
	return func(level int, n int64) ([]byte, error) { return l.store.Tile(ctx, ente, level, n) }
}

// subject is the lookup index of a person in the log of one ente. The scope keeps two enti of one hub from being
// correlated by whoever reads the database.
func (l *Log) subject(ente, codiceFiscale string) []byte {
	return l.cfg.Sealer.Index("subject|"+ente, strings.ToUpper(strings.TrimSpace(codiceFiscale)))
}

func (l *Log) storedAll(rows []Row) ([]Stored, error) {
	all := make([]Stored, 0, len(rows))
	for i := range rows {
		s, err := l.stored(&rows[i])
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func (l *Log) stored(r *Row) (Stored, error) {
	e, err := ParseLeaf(r.Leaf)
	if err != nil {
		return Stored{}, fmt.Errorf("%w: entry %d of %s: %w", ErrTampered, r.Index, r.Ente, err)
	}
	s := Stored{Entry: e, Index: r.Index, LeafHash: tlog.RecordHash(r.Leaf)}
	salted, state := l.unseal(r, &e)
	if state == SidePresent {
		if s.Side, err = salted.decode(); err != nil {
			state = SideAltered
		}
	}
	s.SideState = state
	return s, nil
}

// unseal returns the side of a row, when it can be read and is what the entry commits to.
func (l *Log) unseal(r *Row, e *Entry) (saltedSide, SideState) {
	switch {
	case len(e.Commitment) == 0 && !r.HasSide:
		return nil, SideNone
	case len(e.Commitment) == 0 || !r.HasSide:
		return nil, SideAltered
	case r.SideKey == nil:
		return nil, SideErased
	}
	plain, err := l.cfg.Sealer.Open(sideContext(e), seal.Box{Key: r.SideKey, Data: r.SideData})
	switch {
	case errors.Is(err, seal.ErrOtherKey):
		return nil, SideSealed
	case err != nil || len(plain) < saltSize || !bytes.Equal(saltedSide(plain).commitment(), e.Commitment):
		return nil, SideAltered
	}
	return plain, SidePresent
}

// readError keeps [ErrTampered] and [ErrNotFound] as they are and makes all else "don't know".
func readError(doing string, err error) error {
	if errors.Is(err, ErrTampered) || errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
}

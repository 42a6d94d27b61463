// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A Store keeps the rows of the logs. internal/store implements it on SQLite and PostgreSQL; the suite evidencetest
// says what it must do. Every error is "don't know": absence is an empty result. A Store is safe for concurrent use.
type Store interface {
	// Update runs fn in one transaction that holds the heads of the enti named, which come sorted, so that no other
	// writer, in this process or another, appends to those logs until it ends. The transaction is durable when Update
	// returns nil; when Update returns an error nothing of it may become visible, unless the error came from the
	// commit itself, whose result may be unknown.
	Update(ctx context.Context, enti []string, fn func(tx Tx) error) error

	// Heads returns the size of every log, sorted by ente.
	Heads(ctx context.Context) ([]Head, error)
	// Tile returns the stored data of one tile, nil when there is none.
	Tile(ctx context.Context, ente string, level int, n int64) ([]byte, error)
	// Rows returns the rows that match, by ascending index.
	Rows(ctx context.Context, f Filter) ([]Row, error)
	// Span returns the smallest range [lo, hi) of indexes that holds every entry with from <= instant < to.
	Span(ctx context.Context, ente string, from, to time.Time) (lo, hi int64, err error)
	// Open returns the intents without outcome whose instant is before the given one, by ascending index; of all enti
	// when ente is empty.
	Open(ctx context.Context, ente string, before time.Time) ([]Row, error)
	// Checkpoints returns the checkpoints of a log with at least minSize leaves, by ascending size.
	Checkpoints(ctx context.Context, ente string, minSize int64) ([]Checkpoint, error)
	// LastCheckpoint returns the largest checkpoint of a log, the zero Checkpoint when there is none.
	LastCheckpoint(ctx context.Context, ente string) (Checkpoint, error)
	// PutCheckpoint keeps a checkpoint; one of that size already kept stays as it is.
	PutCheckpoint(ctx context.Context, c Checkpoint) error
	// Erase destroys the wrapped keys, the data and the subjects of the side records chosen, durably, and returns how
	// many it destroyed.
	Erase(ctx context.Context, e Erasure) (int, error)
}

// A Tx is what [Store.Update] gives to its function. It is used by one goroutine and dies with the function.
type Tx interface {
	// Size returns the number of leaves of the log of one of the enti named; zero for a log that does not exist yet.
	Size(ente string) int64
	// Tile is [Store.Tile] inside the transaction.
	Tile(ctx context.Context, ente string, level int, n int64) ([]byte, error)
	// Open returns the intents of one of the enti named that wait for their outcome, by ascending index. The slice is the
	// caller's.
	Open(ente string) ([]OpenIntent, error)
	// Append adds rows, whose indexes follow each other from Size, replaces tiles, and sets the new size and the intents
	// that are open now, by ascending index.
	Append(ctx context.Context, ente string, rows []Row, tiles []Tile, open []OpenIntent) error
}

// An OpenIntent is an intent that waits for its outcome.
type OpenIntent struct {
	Index    int64
	Exchange string
}

// A Head is the size of the log of one ente.
type Head struct {
	Ente string
	Size int64
}

// A Row is one stored entry. The fields beside Leaf repeat what the leaf says, for lookup: what is verified is the leaf.
type Row struct {
	Ente        string
	Index       int64
	Instant     time.Time // to the nanosecond
	Environment string
	Kind        Kind
	Exchange    string
	Leaf        []byte

	HasSide     bool      // a side record was stored with the entry
	SideKey     []byte    // wrapped data key; nil once erased
	SideData    []byte    // nil once erased
	RetainUntil time.Time // zero: no term
	Subjects    [][]byte  // written, never read back
}

// A Tile is one tile of height [TileHeight]: up to 256 hashes of 32 bytes. The last tile of a level grows in place.
type Tile struct {
	Level int
	N     int64
	Data  []byte
}

// A Filter selects rows of one ente. Zero fields do not restrict.
type Filter struct {
	Ente        string // mandatory
	Environment string
	Kind        Kind
	Exchange    string
	Subject     []byte
	From, To    time.Time // From <= instant < To
	FromIndex   int64     // inclusive
	ToIndex     int64     // exclusive; zero: no end
	Limit       int       // zero: no limit
}

// An Erasure selects side records: exactly one of Subject, Exchange and ExpiredAt is set.
type Erasure struct {
	Ente      string    // with Subject or Exchange
	Subject   []byte    // all sides about this person
	Exchange  string    // all sides of this exchange
	ExpiredAt time.Time // all sides, of every ente, whose retention ended at or before this instant
	At        time.Time // when the erasure happens
}

// A Checkpoint is a signed state of one log.
type Checkpoint struct {
	Ente string
	Size int64
	Root tlog.Hash
	Note []byte // the signed note: origin, size, root, signature
}

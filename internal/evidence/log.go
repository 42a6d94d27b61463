// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/snodo-pa/snodo/internal/evidence/batch"
	"github.com/snodo-pa/snodo/internal/evidence/seal"
)

// Defaults of [Config].
const (
	DefaultCheckpointEvery    = 1024
	DefaultCheckpointInterval = time.Minute
	DefaultWindow             = 10 * time.Millisecond
	DefaultPause              = 2 * time.Millisecond
	DefaultCommitTimeout      = 5 * time.Second
	DefaultMaxBatch           = 256
	DefaultMaxPending         = 4096
)

// Config says how a [Log] works. Zero durations and counts mean the defaults of this package.
type Config struct {
	Hub     string                             // first half of the origin of every log: no white space, no "+"
	Sealer  *seal.Sealer                       // seals side records and derives the subject index
	Signers func(ente string) (Signers, error) // the seal of an ente; an error leaves its log without checkpoints
	Clock   func() time.Time
	Rand    io.Reader
	Sink    CheckpointSink // nil: checkpoints stay in the database only
	Logger  *slog.Logger

	CheckpointEvery    int64         // entries after which a checkpoint is signed at once
	CheckpointInterval time.Duration // at most this long between an entry and a checkpoint over it
	Window             time.Duration // under load, how long a commit waits for company; see batch.Config
	Pause              time.Duration // the wait is over once nothing has come for this long
	CommitTimeout      time.Duration // limit of one transaction
	MaxBatch           int           // most records in one transaction
	MaxPending         int           // most records waiting; above it Append refuses at once
}

func (c Config) withDefaults() (Config, error) {
	switch {
	case c.Sealer == nil, c.Signers == nil, c.Clock == nil, c.Rand == nil, c.Logger == nil:
		return c, errors.New("evidence: sealer, signers, clock, randomness and logger are mandatory")
	case !validOrigin(Origin(c.Hub, "x")) || c.Hub == "":
		return c, errors.New("evidence: hub name must be without white space and +")
	}
	c.CheckpointEvery = cmp.Or(max(c.CheckpointEvery, 0), DefaultCheckpointEvery)
	c.CheckpointInterval = cmp.Or(max(c.CheckpointInterval, 0), DefaultCheckpointInterval)
	c.Window = cmp.Or(max(c.Window, 0), DefaultWindow)
	c.Pause = cmp.Or(max(c.Pause, 0), DefaultPause)
	c.CommitTimeout = cmp.Or(max(c.CommitTimeout, 0), DefaultCommitTimeout)
	c.MaxBatch = cmp.Or(max(c.MaxBatch, 0), DefaultMaxBatch)
	c.MaxPending = cmp.Or(max(c.MaxPending, 0), DefaultMaxPending)
	return c, nil
}

// A Log is the logs of all enti of one hub over one [Store]. It is safe for concurrent use; several processes may each
// have a Log over the same database.
type Log struct {
	store Store
	cfg   Config

	queue *batch.Batcher[*pending]
	told  sync.Pool        // of channels with room for the one word that a commit is done
	edges map[string]*edge // committer only: the edge of each log as last committed here

	kick   chan struct{} // a log has grown by CheckpointEvery
	stop   chan struct{} // closed by Close: ends the checkpointer
	done   sync.WaitGroup
	closer sync.Once

	health      health
	checkpoints sync.Mutex // one checkpoint at a time: sink and database see them in order of size
}

// Open starts a log over store: one goroutine commits, one signs checkpoints. [Log.Close] ends both.
func Open(store Store, cfg Config) (*Log, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	l := &Log{
		store: store, cfg: cfg, edges: make(map[string]*edge),
		kick: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	l.queue = batch.New(batch.Config{Max: cfg.MaxBatch, Pending: cfg.MaxPending, Window: cfg.Window, Pause: cfg.Pause}, l.commitBatch)
	l.done.Go(l.checkpointLoop)
	return l, nil
}

// Append keeps one record. It returns nil only once the record is durable: entry, side and tree together.
//
// An error wrapping [ErrInvalid] or [ErrNotOpen] means that the record was refused and not stored. Any other error wraps
// [ErrUnavailable]: nothing may be delivered on it. When ctx ends before the commit starts the record is not
// stored; a commit that has started is waited for, at most CommitTimeout, so that its result is known.
func (l *Log) Append(ctx context.Context, r Record) (Receipt, error) {
	if r.Instant.IsZero() {
		r.Instant = l.cfg.Clock().UTC()
	}
	if err := r.validate(); err != nil {
		return Receipt{}, err
	}
	row, err := l.seal(&r)
	if err != nil {
		return Receipt{}, err
	}
	done, pooled := l.told.Get().(chan struct{})
	if !pooled {
		done = make(chan struct{}, 1)
	}
	defer l.told.Put(done) // empty again, or never given away
	p := &pending{row: row, hash: tlog.RecordHash(row.Leaf), closes: r.Closes, abandoned: ctx.Err, done: done}
	if err := l.queue.Add(p); err != nil {
		return Receipt{}, fmt.Errorf("%w: evidence queue: %w", ErrUnavailable, err)
	}
	<-p.done
	if p.err != nil {
		return Receipt{}, p.err
	}
	return Receipt{Ente: r.Ente, Index: p.row.Index, LeafHash: p.hash}, nil
}

// seal turns a record into the row that is stored, all but its index. It runs in the caller's goroutine: encryption is
// not serialised by the committer.
func (l *Log) seal(r *Record) (Row, error) {
	row := Row{
		Ente: r.Ente, Instant: r.Instant, Environment: r.Environment, Kind: r.Kind, Exchange: r.Exchange,
	}
	if !r.Side.isZero() || len(r.Subjects) > 0 {
		salted, err := newSaltedSide(&r.Side, l.cfg.Rand)
		if err != nil {
			return Row{}, err
		}
		r.Commitment = salted.commitment()
		box, err := l.cfg.Sealer.SealOver(sideContext(&r.Entry), salted)
		if err != nil {
			return Row{}, fmt.Errorf("%w: seal side record: %w", ErrUnavailable, err)
		}
		row.HasSide, row.SideKey, row.SideData, row.RetainUntil = true, box.Key, box.Data, r.Side.RetainUntil
		for _, s := range r.Subjects {
			row.Subjects = append(row.Subjects, l.subject(r.Ente, s))
		}
	}
	leaf, err := MarshalLeaf(r.Entry)
	if err != nil || len(leaf) > MaxLeaf {
		return Row{}, fmt.Errorf("%w: leaf cannot be encoded in %d bytes", ErrInvalid, MaxLeaf)
	}
	row.Leaf = leaf
	return row, nil
}

// sideContext binds a sealed side to its entry: a box moved to the row of another act does not open.
func sideContext(e *Entry) []byte {
	return []byte("side|" + e.Ente + "|" + e.Exchange + "|" + string(e.Kind))
}

// Close refuses new records, commits those already accepted, signs a last checkpoint of each log and returns. It does
// not close the store.
func (l *Log) Close() error {
	l.closer.Do(func() {
		l.queue.Close()
		close(l.stop)
		l.done.Wait()
		l.checkpointAll(make(map[string]int64))
	})
	return nil
}

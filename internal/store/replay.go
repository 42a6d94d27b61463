// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/batch"
	"github.com/snodo-pa/snodo/internal/replay"
)

const (
	sqlUse = `INSERT INTO replay_keys (key, expires) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET expires = excluded.expires WHERE replay_keys.expires <= $3`
	sqlUnuse       = `DELETE FROM replay_keys WHERE key = $1`
	sqlPurgeReplay = `DELETE FROM replay_keys WHERE expires <= $1`

	sqlReplayState    = `SELECT clean, not_before FROM replay_state WHERE id = 1`
	sqlSetReplayState = `UPDATE replay_state SET clean = $1, not_before = $2 WHERE id = 1`
)

const (
	useBatch   = 64
	usePending = 4096
	useWindow  = 10 * time.Millisecond // under load: fewer transactions cost less than the wait
	usePause   = 2 * time.Millisecond
)

// replayCache keeps used tokens in a table. On SQLite the table has a file of its own whose commits a power failure may
// undo; the file therefore knows whether it was closed, and NotBefore covers what may be missing.
type replayCache struct {
	s         *Store
	notBefore time.Time
	// queue groups uses into transactions on SQLite, which has one writer. On PostgreSQL it is nil: transactions run
	// side by side, and two that lock many keys in different orders would wait for each other.
	queue *batch.Batcher[*use]
	close sync.Once
}

var _ replay.Cache = (*replayCache)(nil)

// A use is one call of Use. Only the queue writes err, before it closes done.
type use struct {
	sums      [][sha256.Size]byte
	expires   int64
	now       int64
	abandoned func() error // the caller's ctx.Err
	done      chan struct{}
	err       error
}

// Replay opens the cache of used tokens. A SQLite store has at most one open cache: a second is refused with an error.
func (s *Store) Replay(ctx context.Context) (replay.Cache, error) {
	c := &replayCache{s: s}
	if s.dialect != DialectSQLite {
		return c, nil // a commit is durable: nothing can be lost
	}
	if !s.cacheTaken.CompareAndSwap(false, true) {
		return nil, errors.New("the cache of used tokens is already open")
	}
	if err := c.open(ctx); err != nil {
		s.cacheTaken.Store(false)
		return nil, unavailable("open the cache of used tokens", err)
	}
	c.queue = batch.New(
		batch.Config{Max: useBatch, Pending: usePending, Window: useWindow, Pause: usePause}, c.useBatch)
	return c, nil
}

// open reads what the last cache left and marks the file as open.
func (c *replayCache) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.s.cfg.Timeout)
	defer cancel()
	var clean bool
	var notBefore int64
	if err := c.s.used.db.QueryRowContext(ctx, sqlReplayState).Scan(&clean, &notBefore); err != nil {
		return err
	}
	if !clean {
		notBefore = nanos(c.s.cfg.Clock())
	}
	if notBefore != 0 {
		c.notBefore = time.Unix(0, notBefore).UTC()
	}
	return c.setState(ctx, false)
}

// setState records, on disk, whether the file is closed. The instant stays recorded after a clean stop: it still
// bounds what the unclean stop before it lost.
func (c *replayCache) setState(ctx context.Context, clean bool) error {
	notBefore := int64(0)
	if !c.notBefore.IsZero() {
		notBefore = nanos(c.notBefore)
	}
	flag := 0
	if clean {
		flag = 1
	}
	if _, err := c.s.used.db.ExecContext(ctx, sqlSetReplayState, flag, notBefore); err != nil {
		return err
	}
	// Copying the write-ahead log into the file syncs both, which a commit with synchronous=NORMAL does not.
	_, err := c.s.used.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// Use implements [replay.Cache].
func (c *replayCache) Use(ctx context.Context, expires time.Time, keys ...replay.Key) error {
	if len(keys) == 0 {
		return errors.New("use token: no keys")
	}
	u := &use{
		sums: make([][sha256.Size]byte, len(keys)), expires: nanos(expires), now: nanos(c.s.cfg.Clock()),
		abandoned: ctx.Err, done: make(chan struct{}),
	}
	if u.expires <= u.now {
		return replay.ErrLate
	}
	for i, k := range keys {
		u.sums[i] = k.Sum()
	}
	// In order of the hashes two processes cannot wait for each other.
	slices.SortFunc(u.sums, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	if len(slices.Compact(slices.Clone(u.sums))) != len(u.sums) {
		return fmt.Errorf("%w: one key given twice", replay.ErrReplayed)
	}
	if c.queue == nil {
		return c.useAlone(ctx, u)
	}
	if err := c.queue.Add(u); err != nil {
		return unavailable("use token", err)
	}
	<-u.done
	return u.err
}

// useAlone marks the keys of one use in a transaction of its own.
func (c *replayCache) useAlone(ctx context.Context, u *use) error {
	err := c.s.used.update(ctx, []string{sqlUse}, func(ctx context.Context, tx *writeTx) error {
		_, err := u.mark(ctx, tx)
		return err
	})
	switch {
	case errors.Is(err, replay.ErrReplayed):
		return err
	case err != nil:
		return unavailable("use token", err)
	}
	return nil
}

// mark marks the keys of a use one after the other and returns how many it marked: all of them, or those before the
// one that the error is about.
func (u *use) mark(ctx context.Context, tx *writeTx) (marked int, err error) {
	for i := range u.sums {
		n, err := tx.exec(ctx, sqlUse, u.sums[i][:], u.expires, u.now)
		if err != nil {
			return i, err
		}
		if n == 0 {
			return i, replay.ErrReplayed
		}
	}
	return len(u.sums), nil
}

// useBatch marks the keys of many uses in one transaction and tells each caller.
func (c *replayCache) useBatch(uses []*use) {
	err := c.s.used.update(context.Background(), []string{sqlUse, sqlUnuse},
		func(ctx context.Context, tx *writeTx) error {
			for _, u := range uses {
				if err := u.abandoned(); err != nil {
					u.err = unavailable("use token", err)
					continue
				}
				if err := u.markOrUndo(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
	for _, u := range uses {
		if err != nil {
			// A "no" counts for nothing either: the use it was about may have been in this transaction.
			u.err = unavailable("use token", err)
		}
		close(u.done)
	}
}

// markOrUndo marks all keys of a use, or none: those before one already used are freed again. It returns an error only
// when the whole transaction has to fail.
func (u *use) markOrUndo(ctx context.Context, tx *writeTx) error {
	marked, err := u.mark(ctx, tx)
	if !errors.Is(err, replay.ErrReplayed) {
		return err
	}
	u.err = err
	for i := range marked {
		// What was there before, if anything, had expired.
		if _, err := tx.exec(ctx, sqlUnuse, u.sums[i][:]); err != nil {
			return err
		}
	}
	return nil
}

// Purge implements [replay.Cache].
func (c *replayCache) Purge(ctx context.Context, now time.Time) (int, error) {
	var n int64
	err := c.s.used.update(ctx, []string{sqlPurgeReplay}, func(ctx context.Context, tx *writeTx) (err error) {
		n, err = tx.exec(ctx, sqlPurgeReplay, nanos(now))
		return err
	})
	if err != nil {
		return 0, unavailable("purge used tokens", err)
	}
	return int(n), nil
}

// NotBefore implements [replay.Cache].
func (c *replayCache) NotBefore() time.Time { return c.notBefore }

// Close implements [replay.Cache].
func (c *replayCache) Close() error {
	var err error
	c.close.Do(func() {
		if c.s.dialect != DialectSQLite {
			return
		}
		c.queue.Close()
		ctx, cancel := context.WithTimeout(context.Background(), c.s.cfg.Timeout)
		defer cancel()
		if err = c.setState(ctx, true); err != nil {
			err = unavailable("close the cache of used tokens", err)
		}
		c.s.cacheTaken.Store(false)
	})
	return err
}

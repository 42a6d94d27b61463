// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/batch"
	"github.com/snodo-pa/snodo/internal/replay"
)

const (
	sqlReplayState    = `SELECT clean, not_before FROM replay_state WHERE id = 1`
	sqlSetReplayState = `UPDATE replay_state SET clean = $1, not_before = $2 WHERE id = 1`
	sqlLiveReplay     = `SELECT used FROM replay_journal WHERE until > $1 ORDER BY id`
	sqlJournal        = `INSERT INTO replay_journal (until, used) VALUES ($1, $2)`
	sqlPurgeJournal   = `DELETE FROM replay_journal WHERE until <= $1`
)

const (
	// maxLiveKeys bounds the used tokens that have not expired, about 100 bytes each. One more is refused as a "don't
	// know": nothing is forgotten to make room.
	maxLiveKeys = 1 << 20

	journalBatch   = 256
	journalPending = 1 << 15
	journalWindow  = 50 * time.Millisecond // under load: nobody waits for the file

	instantSize = 8
	usedSize    = instantSize + sha256.Size // of one token in a row of the journal
)

// fileReplay is the cache of used tokens of the one process that has a SQLite store open. It decides in memory; the file
// behind it carries what was used over a restart. What a crash or a power failure takes of the file is covered by
// NotBefore: the file knows whether it was closed, with everything in it.
type fileReplay struct {
	s          *Store
	live       *replay.Memory
	notBefore  time.Time
	journal    *batch.Batcher[usedKeys]
	incomplete atomic.Bool // something used is not in the file
	closed     atomic.Bool
	close      sync.Once
}

var _ replay.Cache = (*fileReplay)(nil)

// usedKeys is what one Use marked.
type usedKeys struct {
	sums    [][sha256.Size]byte
	expires time.Time
}

// appendTo adds them to the row of a journal.
func (u usedKeys) appendTo(row []byte) []byte {
	for i := range u.sums {
		row = binary.BigEndian.AppendUint64(row, uint64(nanos(u.expires))) // #nosec G115 -- restore reads the same bits
		row = append(row, u.sums[i][:]...)
	}
	return row
}

func (s *Store) openReplayFile(ctx context.Context) (replay.Cache, error) {
	if !s.cacheTaken.CompareAndSwap(false, true) {
		return nil, errors.New("the cache of used tokens is already open")
	}
	c := &fileReplay{s: s, live: replay.NewMemory(maxLiveKeys, s.cfg.Clock)}
	if err := c.open(ctx); err != nil {
		s.cacheTaken.Store(false)
		return nil, unavailable("open the cache of used tokens", err)
	}
	c.journal = batch.New(
		batch.Config{Max: journalBatch, Pending: journalPending, Window: journalWindow}, c.write)
	return c, nil
}

// open reads what the last cache left and marks the file as open.
func (c *fileReplay) open(ctx context.Context) error {
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
	if err := c.restore(ctx); err != nil {
		return err
	}
	return c.setState(ctx, false)
}

func (c *fileReplay) restore(ctx context.Context) error {
	now := c.s.cfg.Clock()
	rows, err := c.s.used.db.QueryContext(ctx, sqlLiveReplay, nanos(now))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Err tells what matters
	for rows.Next() {
		var used []byte
		if err := rows.Scan(&used); err != nil {
			return err
		}
		if len(used)%usedSize != 0 {
			return fmt.Errorf("used tokens in %d bytes, not a multiple of %d", len(used), usedSize)
		}
		for token := range slices.Chunk(used, usedSize) {
			expires := time.Unix(0, int64(binary.BigEndian.Uint64(token))) // #nosec G115 -- the bits that appendTo wrote
			if expires.After(now) {
				c.live.Restore([sha256.Size]byte(token[instantSize:]), expires)
			}
		}
	}
	return rows.Err()
}

// setState records, on disk, whether the file is closed. The instant stays recorded after a clean stop: it still
// bounds what the unclean stop before it lost.
func (c *fileReplay) setState(ctx context.Context, clean bool) error {
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
	var busy, pages, copied int
	if err := c.s.used.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied); err != nil {
		return err
	}
	if busy != 0 {
		return errors.New("another program reads the file: whether it is closed cannot be noted on disk")
	}
	return nil
}

// Use implements [replay.Cache].
func (c *fileReplay) Use(ctx context.Context, expires time.Time, keys ...replay.Key) error {
	if c.closed.Load() {
		return unavailable("use token", batch.ErrClosed)
	}
	sums := replay.Sums(keys)
	if err := c.live.UseSums(ctx, expires, sums); err != nil {
		return err
	}
	if err := c.journal.Add(usedKeys{sums, expires}); err != nil {
		c.incomplete.Store(true)
		return unavailable("use token", err)
	}
	return nil
}

// write stores what many uses marked.
func (c *fileReplay) write(uses []usedKeys) {
	var row []byte
	var until time.Time
	for _, u := range uses {
		row = u.appendTo(row)
		if u.expires.After(until) {
			until = u.expires
		}
	}
	err := c.s.used.update(context.Background(), []string{sqlJournal}, func(ctx context.Context, tx *writeTx) error {
		_, err := tx.exec(ctx, sqlJournal, nanos(until), row)
		return err
	})
	if err != nil {
		// This process remembers them; the next one is told that the file does not.
		c.incomplete.Store(true)
	}
}

// Purge implements [replay.Cache].
func (c *fileReplay) Purge(ctx context.Context, now time.Time) (int, error) {
	n, err := c.live.Purge(ctx, now)
	if err != nil {
		return 0, unavailable("purge used tokens", err)
	}
	if _, err := c.s.used.exec(ctx, "purge used tokens", sqlPurgeJournal, nanos(now)); err != nil {
		return 0, err
	}
	return n, nil
}

// NotBefore implements [replay.Cache].
func (c *fileReplay) NotBefore() time.Time { return c.notBefore }

// Close implements [replay.Cache]. A file that does not hold all that was used is left as after a crash.
func (c *fileReplay) Close() error {
	var err error
	c.close.Do(func() {
		c.closed.Store(true)
		c.journal.Close()
		defer c.s.cacheTaken.Store(false)
		if c.incomplete.Load() {
			err = unavailable("close the cache of used tokens", errors.New("the file does not hold all that was used"))
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), c.s.cfg.Timeout)
		defer cancel()
		if err = c.setState(ctx, true); err != nil {
			err = unavailable("close the cache of used tokens", err)
		}
	})
	return err
}

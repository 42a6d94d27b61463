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
	"time"

	"github.com/snodo-pa/snodo/internal/replay"
)

const (
	sqlUse = `INSERT INTO replay_keys (key, expires) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET expires = excluded.expires WHERE replay_keys.expires <= $3`
	sqlPurgeReplay = `DELETE FROM replay_keys WHERE expires <= $1`
)

// Replay opens the cache of used tokens. A SQLite store has at most one open cache: a second is refused with an error.
func (s *Store) Replay(ctx context.Context) (replay.Cache, error) {
	if s.dialect == DialectSQLite {
		return s.openReplayFile(ctx)
	}
	return sharedReplay{s}, nil
}

// sharedReplay keeps used tokens in a table of PostgreSQL, where the replicas of a hub see each other's. A commit is
// durable: nothing can be lost.
type sharedReplay struct{ s *Store }

var _ replay.Cache = sharedReplay{}

// Use implements [replay.Cache].
func (c sharedReplay) Use(ctx context.Context, expires time.Time, keys ...replay.Key) error {
	if len(keys) == 0 {
		return errors.New("use token: no keys")
	}
	now := c.s.cfg.Clock()
	if !expires.After(now) {
		return replay.ErrLate
	}
	sums := replay.Sums(keys)
	// In order of the hashes two processes cannot wait for each other.
	slices.SortFunc(sums, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	if len(slices.Compact(slices.Clone(sums))) != len(sums) {
		return fmt.Errorf("%w: one key given twice", replay.ErrReplayed)
	}
	err := c.s.used.update(ctx, []string{sqlUse}, func(ctx context.Context, tx *writeTx) error {
		for i := range sums {
			n, err := tx.exec(ctx, sqlUse, sums[i][:], nanos(expires), nanos(now))
			if err != nil {
				return err
			}
			if n == 0 {
				return replay.ErrReplayed
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, replay.ErrReplayed):
		return err
	case err != nil:
		return unavailable("use token", err)
	}
	return nil
}

// Purge implements [replay.Cache].
func (c sharedReplay) Purge(ctx context.Context, now time.Time) (int, error) {
	n, err := c.s.used.exec(ctx, "purge used tokens", sqlPurgeReplay, nanos(now))
	return int(n), err
}

// NotBefore implements [replay.Cache].
func (c sharedReplay) NotBefore() time.Time { return time.Time{} }

// Close implements [replay.Cache].
func (c sharedReplay) Close() error { return nil }

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"time"
)

const (
	sqlPutNotice    = `INSERT INTO pdnd_notices (environment, kind, subject, at) VALUES ($1, $2, $3, $4)`
	sqlNotices      = `SELECT seq, environment, kind, subject, at FROM pdnd_notices WHERE at >= $1 ORDER BY seq`
	sqlDropNotices  = `DELETE FROM pdnd_notices WHERE at < $1`
	noticesKeptFor  = 26 * time.Hour // longer than a voucher of PDND may live
	noticesForgiven = 25 * time.Hour
)

// A Notice tells every process of something that is no longer as it may remember it. It names no person.
type Notice struct {
	Seq                        int64 // given by the store; a greater one may become visible first
	Environment, Kind, Subject string
	At                         time.Time // by the clock of who put it
}

// NoticesReach is how far back [Store.Notices] is whole: who has not looked for longer has missed some.
const NoticesReach = noticesForgiven

// PutNotices stores notices in the transaction.
func (t *Tx) PutNotices(ctx context.Context, list []Notice) error {
	at := nanos(t.s.cfg.Clock())
	for _, n := range list {
		if _, err := t.tx.exec(ctx, sqlPutNotice, n.Environment, n.Kind, n.Subject, at); err != nil {
			return unavailable("put notice", err)
		}
	}
	return nil
}

// Notices returns those put since an instant. The error wraps [ErrUnavailable].
func (s *Store) Notices(ctx context.Context, since time.Time) ([]Notice, error) {
	return readAll(ctx, s, "read notices", func(rows *sql.Rows) (n Notice, err error) {
		var at int64
		err = rows.Scan(&n.Seq, &n.Environment, &n.Kind, &n.Subject, &at)
		n.At = time.Unix(0, at).UTC()
		return n, err
	}, sqlNotices, nanos(since))
}

// PurgeNotices forgets those that every process has seen, or has missed, and returns how many they were.
func (s *Store) PurgeNotices(ctx context.Context, now time.Time) (int, error) {
	n, err := s.write.exec(ctx, "purge notices", sqlDropNotices, nanos(now.Add(-noticesKeptFor)))
	return int(n), err
}

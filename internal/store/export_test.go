// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"errors"
	"strconv"
)

// Synchronous returns PRAGMA synchronous of the connections that write evidence and used tokens; -1 when unknown.
func (s *Store) Synchronous(ctx context.Context) (evidence, used int) {
	read := func(w *writer) int {
		v := -1
		if err := w.db.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&v); errors.Is(err, context.Canceled) {
			return -1
		}
		return v
	}
	return read(s.write), read(s.used)
}

// LimitPages sets how many pages the evidence file may have, as a full disk does.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	_, err := s.write.db.ExecContext(ctx, "PRAGMA max_page_count = "+strconv.Itoa(pages))
	return err
}

// MigrateTo brings the schema of the main database up or down to a version.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	p, err := s.schemas()[0].provider()
	if err != nil {
		return err
	}
	now, err := p.GetDBVersion(ctx)
	switch {
	case err != nil:
	case now > version:
		_, err = p.DownTo(ctx, version)
	default:
		_, err = p.UpTo(ctx, version)
	}
	return err
}

// ExecWrite runs a statement on the connection that writes, within the timeout of the store.
func (s *Store) ExecWrite(ctx context.Context, statement string) error {
	_, err := s.write.exec(ctx, "test", statement)
	return err
}

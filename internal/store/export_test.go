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

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"github.com/snodo-pa/snodo/internal/jobs"
)

// A Tx is a transaction that joins what its caller stores: jobs, cursors. It is for one goroutine, until the function
// that got it returns.
type Tx struct {
	s  *Store
	tx *writeTx
}

var _ jobs.Tx = (*Tx)(nil)

// Update runs fn in one transaction and commits it, durably, when fn returns nil. An error of fn undoes everything and
// comes back as it is; one of the database wraps [ErrUnavailable], and after it the transaction may have been committed.
//
// fn must not call the store otherwise than through tx: SQLite has one writer, which the transaction is. It should do
// nothing else that takes time.
func (s *Store) Update(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	var refused error
	err := s.write.update(ctx, txQueries(s.dialect), func(ctx context.Context, tx *writeTx) error {
		refused = fn(ctx, &Tx{s: s, tx: tx})
		return refused
	})
	switch {
	case refused != nil:
		return refused
	case err != nil:
		return unavailable("transaction", err)
	}
	return nil
}

// txQueries are the queries of the methods of Tx.
func txQueries(d Dialect) []string {
	return append(treasuryQueries(), sqlPutJob, sqlDedup, sqlFence+d.forUpdate(), sqlPutCursor, sqlMoveCursor, sqlDropCursor, sqlPutNotice,
		sqlPutInteraction, sqlEndInteraction, sqlOpenInteractions)
}

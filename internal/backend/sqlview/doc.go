// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package sqlview asks one read-only question of a database that is not the hub's: PostgreSQL, SQLite and, in a program
// built with the tag mariadb, MariaDB.
//
// It owns which statements may be asked ([Parse]: one SELECT, values only as bound parameters), the transaction that
// cannot write, its deadline and its bounds, and errors that hold neither SQL nor values. It depends on database/sql
// and the drivers; package store, beside it, is the only other one that sees them. It never builds a statement out of a
// value and never writes.
package sqlview

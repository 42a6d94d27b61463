// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package replay remembers the tokens that were already used, so that a signed message counts once (design D5).
//
// It depends on the standard library only. The caches of SQLite and PostgreSQL are in internal/store; the suite
// replaytest says what all must do. A cache holds hashes: it never stores or logs what a token says.
package replay

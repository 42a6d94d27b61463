// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import "errors"

var (
	// ErrUnavailable means "don't know": the entry was not stored, or may not have been, or could not be read.
	// Nothing may be delivered on it (design D6: 503).
	ErrUnavailable = errors.New("evidence is unavailable")
	// ErrNotFound means that the log answered and holds no such entry or ente.
	ErrNotFound = errors.New("no such evidence")
	// ErrInvalid means that a record breaks the rules of [Record]: a fault of the caller, not of the store.
	ErrInvalid = errors.New("invalid evidence record")
	// ErrNotOpen means that an outcome names an intent that is not open: unknown, of another exchange, or already closed.
	ErrNotOpen = errors.New("the intent is not open")
	// ErrTampered means that stored rows contradict each other or a signed checkpoint. Nothing is signed on them.
	ErrTampered = errors.New("evidence has been altered")
)

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import "errors"

var (
	// ErrAnswerRunning reports that the same request under the same key is still running.
	ErrAnswerRunning = errors.New("the same request is still running")
	// ErrAnswerMismatch reports a key already used for another request.
	ErrAnswerMismatch = errors.New("the key was used for another request")
	// ErrAnswerUnknown reports the same request made before, which may have acted and was not answered.
	ErrAnswerUnknown = errors.New("how the first request ended is unknown")
)

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build !unix

package store

import (
	"errors"
	"os"
)

// lockFile refuses: without the lock a second process would damage the first one's data.
func lockFile(string) (*os.File, error) {
	return nil, errors.New("this system has no file locks for a SQLite store: use PostgreSQL")
}

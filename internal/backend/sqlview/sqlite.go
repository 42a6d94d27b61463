// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package sqlview

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"modernc.org/sqlite"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// openSQLite opens the file for reading alone, twice over: as a file, and by the pragma for every connection.
func openSQLite(s Settings) (*Source, error) {
	q := url.Values{"mode": {"ro"}, "_pragma": {
		"query_only(1)", "trusted_schema(0)", "busy_timeout(" + strconv.FormatInt(s.Timeout.Milliseconds(), 10) + ")",
	}}
	dsn := url.URL{Scheme: "file", Path: s.DSN, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, bilingual.New("sqlite: il percorso non si può leggere", "sqlite: the path cannot be read")
	}
	return &Source{db: db, args: func(v any) any { return v }, failure: sqliteFault, words: sqliteWords}, nil
}

// The primary result codes of SQLite that whoever wrote the view can do something about.
const (
	sqliteError    = 1  // the statement: a name that is not there, syntax
	sqlitePerm     = 3  // no access
	sqliteReadOnly = 8  // a write
	sqliteCantOpen = 14 // no such file
	sqliteMismatch = 20 // types
	sqliteAuth     = 23 // not authorised
	sqliteRange    = 25 // parameters
	sqliteNotADB   = 26 // another file
)

func sqliteFault(err error) error {
	var own *sqlite.Error
	if !errors.As(err, &own) {
		return ErrUnavailable
	}
	code := own.Code() & 0xff
	switch code {
	case sqliteError, sqlitePerm, sqliteReadOnly, sqliteCantOpen, sqliteMismatch, sqliteAuth, sqliteRange, sqliteNotADB:
		return fmt.Errorf("%w: sqlite result code %d", ErrSettings, code)
	}
	return fmt.Errorf("%w: sqlite result code %d", ErrUnavailable, code)
}

// sqliteWords are "no such column: x" of "SQL logic error: no such column: x (1)".
func sqliteWords(err error) string {
	var own *sqlite.Error
	if !errors.As(err, &own) {
		return ""
	}
	words := strings.TrimPrefix(own.Error(), "SQL logic error: ")
	return strings.TrimSuffix(words, " ("+strconv.Itoa(own.Code())+")")
}

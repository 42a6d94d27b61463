// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package sqlview

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// openPostgreSQL makes sessions that cannot write and that the server itself ends in time.
func openPostgreSQL(s Settings) (*Source, error) {
	cfg, err := pgx.ParseConfig(s.DSN)
	if err != nil {
		return nil, bilingual.New("postgresql: la stringa di connessione non si può leggere", "postgresql: the connection string cannot be read") // the parser's error may quote it
	}
	ms := strconv.FormatInt(s.Timeout.Milliseconds(), 10)
	cfg.ConnectTimeout = s.Timeout
	cfg.RuntimeParams["default_transaction_read_only"] = "on"
	cfg.RuntimeParams["statement_timeout"] = ms
	cfg.RuntimeParams["lock_timeout"] = ms
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = ms
	cfg.RuntimeParams["application_name"] = "snodo"
	// The server tells the types of the parameters each time: nothing is kept on the session, which a pooler may share.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	return &Source{db: stdlib.OpenDB(*cfg), args: postgresArg, failure: postgresFault, words: postgresWords}, nil
}

// postgresArg writes every value as text, which the server reads as the type that it expects there.
func postgresArg(v any) any {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return v
}

func postgresFault(err error) error {
	var own *pgconn.PgError
	if !errors.As(err, &own) {
		return ErrUnavailable
	}
	// Classes of SQLSTATE: 22 data, 25 transaction (a write), 28 who connects, 3D and 3F names, 42 statement and rights.
	for _, class := range []string{"22", "25", "28", "3D", "3F", "42"} {
		if strings.HasPrefix(own.Code, class) {
			return fmt.Errorf("%w: SQLSTATE %s", ErrSettings, own.Code)
		}
	}
	return fmt.Errorf("%w: SQLSTATE %s", ErrUnavailable, own.Code)
}

func postgresWords(err error) string {
	var own *pgconn.PgError
	if !errors.As(err, &own) {
		return ""
	}
	return own.Message
}

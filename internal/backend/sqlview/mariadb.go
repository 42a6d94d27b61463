// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build mariadb

package sqlview

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-sql-driver/mysql"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

const builtMariaDB = true

// openMariaDB makes sessions that cannot write and that the server itself ends in time. Parameters go to the server
// apart from the statement, and a statement is one.
func openMariaDB(s Settings) (*Source, error) {
	cfg, err := mysql.ParseDSN(s.DSN)
	if err != nil {
		return nil, bilingual.New("mariadb: la stringa di connessione non si può leggere", "mariadb: the connection string cannot be read") // the parser's error may quote it
	}
	cfg.MultiStatements, cfg.InterpolateParams, cfg.ParseTime = false, false, true
	cfg.AllowAllFiles, cfg.AllowOldPasswords, cfg.AllowCleartextPasswords = false, false, false
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = s.Timeout, s.Timeout, s.Timeout
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["max_statement_time"] = strconv.FormatFloat(s.Timeout.Seconds(), 'f', 3, 64)
	cfg.Params["tx_read_only"] = "1"
	cfg.Logger = silent{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, bilingual.New("mariadb: la stringa di connessione non si può usare", "mariadb: the connection string cannot be used")
	}
	return &Source{db: sql.OpenDB(connector), args: func(v any) any { return v }, failure: mariaFault, words: mariaWords}, nil
}

// silent drops what the driver would print of its own.
type silent struct{}

// Print implements mysql.Logger.
func (silent) Print(...any) {}

func mariaFault(err error) error {
	var own *mysql.MySQLError
	if !errors.As(err, &own) {
		return ErrUnavailable
	}
	// 1044, 1045 and 1142, 1143: who connects and rights; 1046, 1049: which database; 1054, 1064, 1146, 1305: names and
	// syntax; 1792: a write.
	switch own.Number {
	case 1044, 1045, 1142, 1143, 1046, 1049, 1054, 1064, 1146, 1305, 1792:
		return fmt.Errorf("%w: mariadb error %d", ErrSettings, own.Number)
	}
	return fmt.Errorf("%w: mariadb error %d", ErrUnavailable, own.Number)
}

func mariaWords(err error) string {
	var own *mysql.MySQLError
	if !errors.As(err, &own) {
		return ""
	}
	return own.Message
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package sqlview

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/store/pgtest"
)

// database is one under test: a table pratiche that somebody else fills.
type database struct {
	kind   Kind
	dsn    string
	writer *sql.DB
	slow   string // a query that takes long
	text   string // the type that a text is cast to
}

func (d database) fill(t *testing.T) {
	t.Helper()
	for _, statement := range []string{
		"CREATE TABLE pratiche (id VARCHAR(40) PRIMARY KEY, stato TEXT NOT NULL, anno INTEGER, importo NUMERIC(10,2), nota TEXT)",
		"INSERT INTO pratiche VALUES ('PRT-1', 'accolta', 2026, 12.50, NULL), ('PRT-2', 'respinta', 2025, 3, 'x')",
	} {
		if _, err := d.writer.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func sqliteDatabase(t *testing.T) database {
	path := filepath.Join(t.TempDir(), "una cartella? #1.db")
	writer, err := sql.Open("sqlite", "file:"+strings.NewReplacer("?", "%3f", "#", "%23", " ", "%20").Replace(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = writer.Close() })
	return database{
		kind: SQLite, dsn: path, writer: writer, text: "TEXT",
		slow: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
	}
}

func postgresDatabase(t *testing.T) database {
	dsn := pgtest.Start(t).NewDatabase(t)
	writer, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = writer.Close() })
	return database{kind: PostgreSQL, dsn: dsn, writer: writer, text: "TEXT", slow: "SELECT pg_sleep(60)"}
}

func TestSQLite(t *testing.T) { suite(t, sqliteDatabase(t)) }

func TestPostgreSQL(t *testing.T) { suite(t, postgresDatabase(t)) }

// suite is what every kind of database must do alike.
func suite(t *testing.T, d database) {
	d.fill(t)
	src, err := Open(Settings{Kind: d.kind, DSN: d.dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = src.Close() })
	ask := func(query string, values map[string]any, rows int) (Table, error) {
		t.Helper()
		q, err := Parse(d.kind, query)
		if err != nil {
			t.Fatal(err)
		}
		return src.Query(t.Context(), q, values, rows)
	}
	t.Run("ReadsByValuesOfEveryKind", func(t *testing.T) {
		for _, values := range []map[string]any{{"id": "PRT-1", "anno": int64(2026)}, {"id": "PRT-1", "anno": "2026"}} {
			got, err := ask("SELECT id, stato, anno, nota FROM pratiche WHERE id = :id AND anno = :anno", values, 1)
			want := Table{Columns: []string{"id", "stato", "anno", "nota"}, Rows: [][]any{{"PRT-1", "accolta", int64(2026), nil}}}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v: %v\n%s", values, err, diff)
			}
		}
	})
	t.Run("AMissingValueIsNull", func(t *testing.T) {
		got, err := ask("SELECT id FROM pratiche WHERE CAST(:stato AS "+d.text+") IS NULL OR stato = :stato", nil, 10)
		if err != nil || len(got.Rows) != 2 {
			t.Errorf("%v, %v", got, err)
		}
	})
	t.Run("AValueIsNeverPartOfTheStatement", func(t *testing.T) {
		for _, attack := range []string{"' OR '1'='1", "PRT-1'; DELETE FROM pratiche; --", "PRT-1' --", `\' OR 1=1 #`, "$1", ":id", "PRT-1\x00"} {
			got, err := ask("SELECT id FROM pratiche WHERE id = :id", map[string]any{"id": attack}, 10)
			if len(got.Rows) != 0 {
				t.Errorf("%q found %v, %v", attack, got, err)
			}
			if err != nil && strings.Contains(err.Error(), "PRT") {
				t.Errorf("the error holds the value: %v", err)
			}
		}
		var n int
		if err := d.writer.QueryRowContext(t.Context(), "SELECT count(*) FROM pratiche").Scan(&n); err != nil || n != 2 {
			t.Errorf("%d rows are left, %v", n, err)
		}
	})
	t.Run("CannotWriteWhateverTheStatement", func(t *testing.T) {
		for _, statement := range []string{"DELETE FROM pratiche", "CREATE TABLE x (a TEXT)", "UPDATE pratiche SET stato = 'x'"} {
			_, err := src.Query(t.Context(), &Statement{text: statement}, nil, 1)
			if !errors.Is(err, ErrSettings) {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
	t.Run("RowsAndBytesAreBounded", func(t *testing.T) {
		if _, err := ask("SELECT id FROM pratiche", nil, 1); !errors.Is(err, ErrTooMuch) {
			t.Errorf("two rows of one: %v", err)
		}
		if got, err := ask("SELECT id FROM pratiche", nil, 2); err != nil || len(got.Rows) != 2 {
			t.Errorf("two rows of two: %v", err)
		}
		large := map[string]any{"x": strings.Repeat("x", maxCell/2)}
		if _, err := ask("SELECT CAST(:x AS "+d.text+") AS a, CAST(:x AS "+d.text+") AS b, id FROM pratiche", large, 5); !errors.Is(err, ErrTooMuch) {
			t.Errorf("large values: %v", err)
		}
	})
	t.Run("EndsInTime", func(t *testing.T) {
		quick, err := Open(Settings{Kind: d.kind, DSN: d.dsn, Timeout: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = quick.Close() }()
		q, err := Parse(d.kind, d.slow)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := quick.Query(t.Context(), q, nil, 1); !errors.Is(err, ErrUnavailable) || time.Since(began) > 10*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := src.Query(gone, q, nil, 1); !errors.Is(err, ErrUnavailable) {
			t.Errorf("the caller is gone: %v", err)
		}
	})
	t.Run("ColumnsAreKnownWithoutARow", func(t *testing.T) {
		columns := func(query string) ([]string, error) {
			q, err := Parse(d.kind, query)
			if err != nil {
				t.Fatal(err)
			}
			return src.Columns(t.Context(), q)
		}
		for query, want := range map[string]string{
			"SELECT p.id, stato AS fase, anno FROM pratiche p WHERE id = :id AND anno = :anno ORDER BY anno LIMIT 3": "id fase anno",
			"WITH a AS (SELECT id FROM pratiche) SELECT id FROM a":                                                   "id",
		} {
			if got, err := columns(query); err != nil || strings.Join(got, " ") != want {
				t.Errorf("%s: %v, %v", query, got, err)
			}
		}
		for _, query := range []string{"SELECT segreta FROM pratiche WHERE id = :id", "SELECT a FROM segreta", "SELECT FROM WHERE"} {
			_, err := columns(query)
			var refused *QueryError
			if !errors.As(err, &refused) || strings.Contains(query, "segreta") && !strings.Contains(refused.Why.IT, "segreta") {
				t.Errorf("%s: %v", query, err)
			}
		}
	})
	t.Run("ErrorsTellNeitherSQLNorValues", func(t *testing.T) {
		for _, query := range []string{"SELECT segreta FROM pratiche WHERE id = :id", "SELECT a FROM segreta WHERE id = :id"} {
			_, err := ask(query, map[string]any{"id": "RSSMRA85T10A562S"}, 1)
			if !errors.Is(err, ErrSettings) || strings.Contains(err.Error(), "segreta") || strings.Contains(err.Error(), "RSSMRA") {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestAnAbsentFileIsASettingAndIsNotMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	src, err := Open(Settings{Kind: SQLite, DSN: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	q, _ := Parse(SQLite, "SELECT 1")
	if _, err := src.Query(t.Context(), q, nil, 1); !errors.Is(err, ErrSettings) {
		t.Error(err)
	}
	if found, _ := filepath.Glob(path); len(found) > 0 {
		t.Error("the file was made")
	}
}

func TestDSNIsNotRepeated(t *testing.T) {
	_, err := Open(Settings{Kind: PostgreSQL, DSN: "postgres://chi:segreto@host:porta/x"})
	if err == nil || strings.Contains(err.Error(), "segreto") {
		t.Error(err)
	}
	src, err := Open(Settings{Kind: PostgreSQL, DSN: "postgres://chi:segreto@127.0.0.1:1/x", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	q, _ := Parse(PostgreSQL, "SELECT 1")
	if _, err := src.Query(t.Context(), q, nil, 1); !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "segreto") {
		t.Error(err)
	}
}

func TestKindsThatAreNotBuilt(t *testing.T) {
	if _, err := Open(Settings{Kind: "oracle"}); !errors.Is(err, ErrNotBuilt) || Built("oracle") {
		t.Error(err)
	}
	if _, err := Open(Settings{Kind: MariaDB, DSN: "chi:segreto@tcp(127.0.0.1:1)/x"}); Built(MariaDB) != (err == nil) {
		t.Error(err)
	}
}

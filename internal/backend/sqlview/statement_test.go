// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package sqlview

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParametersAreBoundInTheFormOfEachDatabase(t *testing.T) {
	const query = "SELECT a::text, 'x: 10:30, l''altro' FROM t WHERE id = :id AND (:anno IS NULL OR anno = :anno);\n"
	for kind, want := range map[Kind]string{
		PostgreSQL: "SELECT a::text, 'x: 10:30, l''altro' FROM t WHERE id = $1 AND ($2 IS NULL OR anno = $2)",
		SQLite:     "SELECT a::text, 'x: 10:30, l''altro' FROM t WHERE id = ?1 AND (?2 IS NULL OR anno = ?2)",
		MariaDB:    "SELECT a::text, 'x: 10:30, l''altro' FROM t WHERE id = ? AND (? IS NULL OR anno = ?)",
	} {
		s, err := Parse(kind, query)
		if err != nil {
			t.Fatal(kind, err)
		}
		if s.text != want {
			t.Errorf("%s:\n%s\n%s", kind, s.text, want)
		}
		if diff := cmp.Diff([]string{"anno", "id"}, s.Names()); diff != "" {
			t.Error(diff)
		}
	}
	if s, _ := Parse(MariaDB, query); cmp.Diff([]string{"id", "anno", "anno"}, s.names) != "" {
		t.Errorf("positional parameters are %v", s.names)
	}
}

func TestAcceptsWhatOnlyReads(t *testing.T) {
	for _, query := range []string{
		"select 1",
		"WITH x AS (SELECT 1 AS n) SELECT n FROM x",
		`SELECT "update", replace(a, 'delete', 'into') FROM t WHERE b LIKE '%s' AND c @> d`,
		"SELECT città FROM comuni WHERE sigla = :sigla ORDER BY 1 LIMIT 5",
		"SELECT a FROM t WHERE b = ':' AND c = 'alle 10:30'",
	} {
		if _, err := Parse(PostgreSQL, query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestRefusesAQueryThat(t *testing.T) {
	for name, query := range map[string]string{
		"is empty":                            " ; ",
		"is two":                              "SELECT 1; SELECT 2",
		"is two, the second hidden by quotes": "SELECT 'a''; DELETE FROM t; --'; DELETE FROM t",
		"writes":                              "UPDATE t SET a = 1",
		"writes inside WITH":                  "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
		"writes inside WITH, in small":        "with x as (delete from t returning *) select * from x",
		"makes a table":                       "SELECT * INTO t2 FROM t",
		"writes a file":                       "SELECT a FROM t INTO OUTFILE 'x'",
		"locks":                               "SELECT a FROM t FOR UPDATE",
		"shares a lock":                       "SELECT a FROM t FOR SHARE",
		"explains":                            "EXPLAIN ANALYZE SELECT 1",
		"sets":                                "PRAGMA query_only = 0",
		"attaches":                            "ATTACH 'x' AS y",
		"has a comment to the end of line":    "SELECT 1 -- x",
		"has a comment":                       "SELECT /* x */ 1",
		"has an executable comment":           "SELECT /*! SLEEP(9) */ 1",
		"has a place without a name":          "SELECT a FROM t WHERE id = ?",
		"has a numbered place":                "SELECT a FROM t WHERE id = $1",
		"has a variable":                      "SELECT @a",
		"assigns a variable":                  "SELECT a := 1",
		"is quoted by dollars":                "SELECT $x$ a $x$",
		"is a template of Go":                 "SELECT a FROM {{.Table}}",
		"is a template of a shell":            "SELECT a FROM ${table}",
		"is a template of Python":             "SELECT a FROM t WHERE id = %(id)s",
		"has a parameter in quotes":           "SELECT a FROM t WHERE id = ':id'",
		"has a parameter in a pattern":        "SELECT a FROM t WHERE id LIKE '%:id%'",
		"has a backslash in quotes":           `SELECT 'a\' , b FROM t WHERE c = '`,
		"has a backslash":                     `SELECT \`,
		"leaves a quote open":                 "SELECT 'a",
		"leaves a name open":                  `SELECT "a`,
		"has a colon alone":                   "SELECT a : b",
		"has a number after the colon":        "SELECT a FROM t WHERE id = :1",
		"has a NUL":                           "SELECT 1\x00",
		"has a NUL in quotes":                 "SELECT '\x00'",
		"reads a file of the server":          "SELECT pg_read_file('/etc/passwd')",
		"is too long":                         "SELECT " + strings.Repeat("a", MaxQuery),
	} {
		for _, kind := range []Kind{PostgreSQL, SQLite, MariaDB} {
			_, err := Parse(kind, query)
			var refused *QueryError
			if !errors.As(err, &refused) || refused.Why.IT == "" || refused.Why.EN == "" {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
	}
	if _, err := Parse(MariaDB, "SELECT 1 # x"); err == nil {
		t.Error("a comment of MariaDB was read")
	}
}

// FuzzParse: what is accepted is one reading statement, and no parameter is left in the text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"SELECT 1", "SELECT ':a', :a::int", "WITH x AS (SELECT 'y''z') SELECT * FROM x;;", "SELECT \"a:b\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		s, err := Parse(MariaDB, query)
		if err != nil {
			return
		}
		bare := outside(s.text)
		if strings.ContainsAny(bare, ";@\\$#") && !strings.Contains(bare, "@>") || strings.Contains(bare, "--") || strings.Contains(bare, "/*") {
			t.Fatalf("%q became %q", query, s.text)
		}
		if strings.Count(bare, "?") != len(s.names) {
			t.Fatalf("%q: %d places for %v", query, strings.Count(bare, "?"), s.names)
		}
		if first := strings.ToUpper(strings.TrimLeft(bare, " \t\r\n(")); !strings.Contains(first, "SELECT") && !strings.Contains(first, "WITH") {
			t.Fatalf("%q became %q", query, s.text)
		}
	})
}

// outside is a statement without what is in quotes.
func outside(s string) string {
	var b strings.Builder
	var quote byte
	for i := range len(s) {
		switch c := s[i]; {
		case quote == 0 && strings.IndexByte("'\"`", c) >= 0:
			quote = c
		case quote == c:
			quote = 0
		case quote == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

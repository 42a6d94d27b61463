// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package sqlview

import (
	"slices"
	"strconv"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// MaxQuery is the length in bytes above which a query is refused unread.
const MaxQuery = 16 << 10

// A Statement is one query that has been looked at: it reads, and values reach it only as parameters.
type Statement struct {
	text  string   // as the driver takes it
	names []string // of the parameters, in the order in which the driver takes their values
}

// Names are the parameters of the query, each once, in alphabetical order.
func (s *Statement) Names() []string {
	names := slices.Clone(s.names)
	slices.Sort(names)
	return slices.Compact(names)
}

// A QueryError says why a query is refused. It repeats no more of it than one word.
type QueryError struct{ Why modi.Text }

// Error tells why in English.
func (e *QueryError) Error() string { return e.Why.EN }

func refuse(it, en string) error { return &QueryError{Why: modi.Text{IT: it, EN: en}} }

// Parse looks at a query of a configuration. Values are written :name, outside of quotes. Refused are: everything that
// does not begin with SELECT or WITH, a second statement, words that write, lock or leave the database, comments,
// parameters of other forms (?, $1, @name), the marks of text templates, backslashes in quotes (one database ends the
// text there and another does not) and a parameter inside quotes, where it would be a text. The error is a *QueryError.
func Parse(kind Kind, query string) (*Statement, error) {
	if len(query) > MaxQuery {
		return nil, refuse("la query è troppo lunga", "the query is too long")
	}
	for _, mark := range []string{"{{", "}}", "${", "#{", "%("} {
		if strings.Contains(query, mark) {
			return nil, refuse("contiene "+mark+": una query non è un modello di testo, i valori si scrivono :nome",
				"it contains "+mark+": a query is no text template, values are written :name")
		}
	}
	l := lexer{kind: kind, rest: strings.TrimRight(strings.TrimSpace(query), "; \t\r\n")}
	if err := l.run(); err != nil {
		return nil, err
	}
	return &Statement{text: l.out.String(), names: l.names}, nil
}

// lexer walks a query once, copying it with the parameters in the form of the driver.
type lexer struct {
	kind  Kind
	rest  string
	out   strings.Builder
	names []string
	words int
}

func (l *lexer) run() error {
	for l.rest != "" {
		if err := l.step(); err != nil {
			return err
		}
	}
	if l.words == 0 {
		return refuse("la query è vuota", "the query is empty")
	}
	return nil
}

func (l *lexer) step() error {
	c := l.rest[0]
	switch {
	case c == 0:
		return refuse("contiene un carattere NUL", "it contains a NUL character")
	case c == ';':
		return refuse("contiene più di un'istruzione", "it contains more than one statement")
	case strings.HasPrefix(l.rest, "--"), strings.HasPrefix(l.rest, "/*"), c == '#' && l.kind == MariaDB:
		return refuse("contiene un commento: scriverlo in YAML, sopra la query", "it contains a comment: write it in YAML, above the query")
	case c == '\'' || c == '"' || c == '`':
		return l.quoted(c)
	case strings.HasPrefix(l.rest, "::"), strings.HasPrefix(l.rest, "@>"), strings.HasPrefix(l.rest, ":="):
		if l.rest[:2] == ":=" {
			return refuse("contiene un'assegnazione (:=)", "it contains an assignment (:=)")
		}
		l.copy(2)
	case c == ':':
		return l.parameter()
	case c == '?' || c == '$' || c == '@' || c == '\\':
		return refuse("contiene "+string(c)+" fuori dagli apici: i valori si scrivono :nome",
			"it contains "+string(c)+" outside of quotes: values are written :name")
	case wordStart(c):
		return l.word()
	default:
		l.copy(1)
	}
	return nil
}

func (l *lexer) copy(n int) {
	l.out.WriteString(l.rest[:n])
	l.rest = l.rest[n:]
}

// quoted copies a text or a quoted name. A doubled quote goes on, as it does in every dialect.
func (l *lexer) quoted(quote byte) error {
	for i := 1; i < len(l.rest); i++ {
		switch {
		case l.rest[i] == '\\':
			return refuse(`contiene una barra inversa tra apici: le basi dati la leggono in modi diversi`,
				"it contains a backslash in quotes: databases read it in different ways")
		case l.rest[i] == 0:
			return refuse("contiene un carattere NUL", "it contains a NUL character")
		case l.rest[i] != quote:
		case i+1 < len(l.rest) && l.rest[i+1] == quote:
			i++
		default:
			if inner := l.rest[1:i]; holdsParameter(inner) {
				return refuse("un parametro sta tra apici, dove è solo testo: scriverlo fuori, o comporre con || o CONCAT",
					"a parameter is in quotes, where it is only text: write it outside, or join with || or CONCAT")
			}
			l.copy(i + 1)
			return nil
		}
	}
	return refuse("un apice non è chiuso", "a quote is not closed")
}

// holdsParameter tells a text that holds what looks like a parameter; times such as '10:30' do not.
func holdsParameter(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == ':' && wordStart(s[i+1]) && (i == 0 || !wordPart(s[i-1]) && s[i-1] != ':') {
			return true
		}
	}
	return false
}

func (l *lexer) parameter() error {
	end := 1
	for end < len(l.rest) && wordPart(l.rest[end]) {
		end++
	}
	if end == 1 || !wordStart(l.rest[1]) {
		return refuse("contiene i due punti senza il nome di un parametro", "it contains a colon without the name of a parameter")
	}
	name := l.rest[1:end]
	l.rest = l.rest[end:]
	if l.kind == MariaDB {
		l.names = append(l.names, name)
		l.out.WriteByte('?')
		return nil
	}
	at := slices.Index(l.names, name)
	if at < 0 {
		at = len(l.names)
		l.names = append(l.names, name)
	}
	mark := "$"
	if l.kind == SQLite {
		mark = "?"
	}
	l.out.WriteString(mark + strconv.Itoa(at+1))
	return nil
}

// word copies a keyword or a name without quotes.
func (l *lexer) word() error {
	end := 1
	for end < len(l.rest) && wordPart(l.rest[end]) {
		end++
	}
	upper := strings.ToUpper(l.rest[:end])
	l.words++
	if l.words == 1 && upper != "SELECT" && upper != "WITH" {
		return refuse("non comincia con SELECT o WITH", "it does not begin with SELECT or WITH")
	}
	call := strings.HasPrefix(strings.TrimLeft(l.rest[end:], " \t\r\n"), "(")
	if slices.Contains(writing(), upper) && (!call || upper != "REPLACE") {
		return refuse("contiene "+upper+": una vista legge soltanto (un nome uguale va tra virgolette)",
			"it contains "+upper+": a view only reads (a name that is the same goes in quotes)")
	}
	l.copy(end)
	return nil
}

// writing are the words by which a statement that begins with SELECT or WITH may still write, lock rows, run another
// statement or leave the database. The transaction refuses to write in any case.
func writing() []string {
	return []string{
		"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "INTO", "CREATE", "ALTER", "DROP", "TRUNCATE", "GRANT", "REVOKE",
		"CALL", "EXEC", "EXECUTE", "COPY", "ATTACH", "DETACH", "PRAGMA", "VACUUM", "LOCK", "SHARE", "OUTFILE", "DUMPFILE",
		"LOAD_FILE", "LOAD_EXTENSION", "DBLINK", "DBLINK_EXEC", "LO_IMPORT", "LO_EXPORT", "PG_READ_FILE", "PG_READ_BINARY_FILE",
		"PG_LS_DIR", "QUERY_TO_XML", "SET_CONFIG", "NEXTVAL", "SETVAL", "PG_ADVISORY_LOCK", "PG_NOTIFY", "GET_LOCK",
	}
}

// wordStart and wordPart are the ASCII letters of names without quotes, and every byte of a character beyond ASCII.
func wordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func wordPart(c byte) bool { return wordStart(c) || c >= '0' && c <= '9' }

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/internal/backend/sqlview"
	"github.com/snodo-pa/snodo/internal/schema"
)

// ErrKind means a kind of source that there is not.
var ErrKind = errors.New("no such kind of source")

// Skeleton writes a view of a document for whoever completes it: every operation that can be read, with the parameters
// and members of the document. Columns are called as the members, and the table as the operation. The error is ErrKind.
func Skeleton(document *schema.Document, kind string) (string, error) {
	s := Source{Kind: kind}
	var b strings.Builder
	b.WriteString("# Which rows answer the operations of the e-service. See docs/backends.md.\nsource:\n  kind: " + kind + "\n")
	switch {
	case s.hasDSN():
		b.WriteString("  dsnFile: chiavi/vista.dsn # readable by its owner alone; a user of the database that may only read\n")
	case s.isFile(), kind == string(sqlview.SQLite):
		b.WriteString("  path: dati/vista." + map[bool]string{true: kind, false: "db"}[s.isFile()] + "\n")
	default:
		return "", ErrKind
	}
	if kind == kindCSV {
		b.WriteString("  separator: \",\"\n")
	}
	b.WriteString("timeout: 5s\nrows: 100\noperations:\n")
	for _, o := range document.Operations() {
		if o.Method == http.MethodGet || o.Method == http.MethodPost {
			skeleton(&b, o, s.isFile())
		} else {
			fmt.Fprintf(&b, "  # %s is a %s: a view only reads. Give the e-service a procedure, or take the operation out.\n", o.ID, o.Method)
		}
	}
	return b.String(), nil
}

func skeleton(b *strings.Builder, o *schema.Operation, file bool) {
	type filter struct {
		name, from string
		optional   bool // a request without it asks for all
	}
	var filters []filter
	for _, p := range o.Parameters() {
		if p.In != fromHeader {
			filters = append(filters, filter{plain(p.Name), p.In + "." + p.Name, !p.Required})
		}
	}
	for _, m := range o.BodyMembers() {
		filters = append(filters, filter{name: plain(m), from: fromBody + "." + m})
	}
	into, list := listOf(o)
	fmt.Fprintf(b, "  %s:\n", o.ID)
	members := membersOf(o, into, list)
	if file {
		b.WriteString("    where: # column: value of the request that it equals\n")
	} else {
		b.WriteString("    query: >-\n      SELECT " + strings.Join(columns(members), ", ") + "\n      FROM " + plain(o.ID))
		for i, f := range filters {
			condition := f.name + " = :" + f.name
			if f.optional { // in this order: PostgreSQL takes the type of the parameter from the column
				condition = "(" + condition + " OR :" + f.name + " IS NULL)"
			}
			b.WriteString(map[bool]string{true: "\n      WHERE ", false: "\n      AND "}[i == 0] + condition)
		}
		b.WriteString("\n    params: # name in the query: value of the request\n")
	}
	for _, f := range filters {
		fmt.Fprintf(b, "      %s: %s\n", f.name, f.from)
	}
	if list {
		b.WriteString("    result: list\n")
		if into != "" {
			fmt.Fprintf(b, "    list: %s\n", into)
		}
	}
	b.WriteString("    members: # member of the answer: column\n")
	for _, m := range members {
		fmt.Fprintf(b, "      %s: %s\n", m, plain(m))
	}
}

// listOf finds the list of an answer: the answer itself, or the only member that is one.
func listOf(o *schema.Operation) (into string, list bool) {
	if k, ok := o.AnswerMember(http.StatusOK); ok && k.Type == "array" {
		return "", true
	}
	found := ""
	for _, m := range o.AnswerMembers(http.StatusOK) {
		if k, ok := o.AnswerMember(http.StatusOK, m); ok && k.Type == "array" {
			if found != "" {
				return "", false
			}
			found = m
		}
	}
	return found, found != ""
}

func membersOf(o *schema.Operation, into string, list bool) []string {
	var place []string
	if into != "" {
		place = append(place, into)
	}
	if list {
		place = append(place, schema.Items)
	}
	return o.AnswerMembers(http.StatusOK, place...)
}

func columns(members []string) []string {
	if len(members) == 0 {
		return []string{"*"}
	}
	list := make([]string, 0, len(members))
	for _, m := range members {
		list = append(list, plain(m))
	}
	return list
}

// plain is a name that needs no quotes in a query.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}

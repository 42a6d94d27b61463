// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/backend/sqlview"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// Plan is a view that was read and checked against its document. It is read-only.
type Plan struct {
	Source     Source
	timeout    time.Duration
	document   *schema.Document
	operations map[string]*operation // by operationId
	file       *yamlfile.Document    // where each of its values stands
}

// operation is one operation of a plan.
type operation struct {
	statement *sqlview.Statement // databases
	values    map[string]value   // by parameter of the statement, or by column
	rows      int
	list      bool
	into      []string // members down to the list
	members   []member
	empty     bool   // no rows are an empty list, not a 404
	media     string // of the answer
	problem   string // media type of the 404
}

// value is where a value of a request is.
type value struct {
	from string   // path, query, header, body, caller
	name []string // one name, or the members down to it
	kind string   // type by the document
}

// member is one member of the answer and the column that it is read from.
type member struct {
	path     []string
	column   string
	kind     string
	nullable bool // no value is null; otherwise the member is left out
}

// parseValue reads the name of a value; false when it is none.
func parseValue(text string) (value, bool) {
	from, rest, _ := strings.Cut(text, ".")
	v := value{from: from, name: []string{rest}}
	switch from {
	case fromBody:
		v.name = strings.Split(rest, ".")
	case fromPath, fromQuery, fromHeader:
	case fromCaller:
		if callerHeader(rest) == "" {
			return value{}, false
		}
	default:
		return value{}, false
	}
	for _, step := range v.name {
		if step == "" {
			return value{}, false
		}
	}
	return v, true
}

func (s Source) isFile() bool { return s.Kind == kindCSV || s.Kind == kindJSON }

// hasDSN tells whether the source is reached by a connection string.
func (s Source) hasDSN() bool {
	return s.Kind == string(sqlview.PostgreSQL) || s.Kind == string(sqlview.MariaDB)
}

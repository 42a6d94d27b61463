// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package backend answers an exposed e-service without code: a view says, for each operation of the OpenAPI document,
// which rows of a database or of a file are the answer ([Read]), and a [View] does what the procedure behind the
// e-service would do: it takes the request of package gateway and gives a whole answer, which the gateway holds against
// the document as any other.
//
// It owns the format of views, how values of a request become parameters and how rows become JSON. It depends on schema
// for the document, on sqlview and fileview for the rows. It never writes, never makes a query out of a value, and its
// errors hold neither SQL nor values.
package backend

import "time"

// Format is the file of a view.
type Format struct {
	Source     Source               `yaml:"source"`
	Timeout    time.Duration        `yaml:"timeout"` // of one query, 0 = 5s
	Rows       int                  `yaml:"rows"`    // at most so many in a list, 0 = 100
	Operations map[string]Operation `yaml:"operations"`
}

// Source says where the rows are. Paths are relative to the configuration folder.
type Source struct {
	Kind      string `yaml:"kind"`      // sqlite | postgresql | mariadb | csv | json
	Path      string `yaml:"path"`      // sqlite, csv, json
	DSNFile   string `yaml:"dsnFile"`   // postgresql, mariadb: a file with the connection string
	DSNEnv    string `yaml:"dsnEnv"`    // or the environment variable that holds it
	Separator string `yaml:"separator"` // csv: one character, "" = comma
}

// Operation says what answers one operation, named by its operationId.
//
// A value of the request is named path.NAME, query.NAME, header.NAME, body.MEMBER(.MEMBER...), or caller.consumer,
// caller.client, caller.purpose of the verified voucher.
type Operation struct {
	Query    string            `yaml:"query"`    // databases: one SELECT; values are written :name
	Params   map[string]string `yaml:"params"`   // databases: name in the query → value of the request
	Where    map[string]string `yaml:"where"`    // files: column → value of the request that it must equal
	Result   string            `yaml:"result"`   // object (default) | list
	List     string            `yaml:"list"`     // list: member of the answer that holds it; "" = the answer is the list
	Members  map[string]string `yaml:"members"`  // member of the answer (of an item, in a list), dots within → column
	Types    map[string]string `yaml:"types"`    // member → type, where the document does not say one
	NotFound string            `yaml:"notFound"` // problem: 404 (default of an object) | empty: an empty list (default of a list)
}

// The values of the format.
const (
	kindCSV, kindJSON     = "csv", "json"
	resultObject          = "object"
	resultList            = "list"
	notFoundProblem       = "problem"
	notFoundEmpty         = "empty"
	defaultRows, maxRows  = 100, 10_000
	minTimeout            = 10 * time.Millisecond
	maxTimeout            = time.Minute
	fromPath, fromQuery   = "path", "query"
	fromHeader, fromBody  = "header", "body"
	fromCaller            = "caller"
	typeText, typeInteger = "string", "integer"
	typeNumber, typeBool  = "number", "boolean"
	typeDate, typeInstant = "date", "date-time"
	typeJSON              = "json"
)

// types are the ones that a view may name.
func types() []string {
	return []string{typeText, typeInteger, typeNumber, typeBool, typeDate, typeInstant, typeJSON}
}

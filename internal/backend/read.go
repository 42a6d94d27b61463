// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/backend/sqlview"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// Read reads a view and holds it against the OpenAPI document of its e-service: every operation is answered, every value
// of a request and every member of an answer is one of the document, every query only reads. The document comes without
// what the hub serves itself; headers are those of the caller that reach a back end. The error is yamlfile.Faults, with every
// fault at its line; the source is not opened: see Plan.Probe.
func Read(file string, data []byte, document *schema.Document, headers []string) (*Plan, error) {
	doc, err := yamlfile.Parse(file, data)
	if err != nil {
		return nil, err
	}
	var f Format
	r := reader{Report: doc.Report(doc.Into(&f)), headers: headers, f: f, plan: &Plan{
		Source: f.Source, timeout: f.Timeout, document: document, operations: map[string]*operation{}, file: doc,
	}}
	r.source()
	r.bounds()
	r.operations()
	if faults := r.Faults(); len(faults) > 0 {
		return nil, faults.Err()
	}
	return r.plan, nil
}

// reader is one run of Read.
type reader struct {
	*yamlfile.Report
	f       Format
	headers []string
	plan    *Plan
}

func (r reader) oneOf(value string, allowed []string, path ...any) bool {
	if slices.Contains(allowed, value) {
		return true
	}
	r.Addf(path, "%s: scrivere uno tra %s", "%s: write one of %s", yamlfile.Name(path), strings.Join(allowed, ", "))
	return false
}

func (r reader) source() {
	s := r.f.Source
	known := []string{string(sqlview.SQLite), string(sqlview.PostgreSQL), string(sqlview.MariaDB), kindCSV, kindJSON}
	if !r.oneOf(s.Kind, known, "source", "kind") {
		return
	}
	if !s.isFile() && !sqlview.Built(sqlview.Kind(s.Kind)) {
		r.Addf(yamlfile.Path("source", "kind"), "questo programma non ha il driver di %s: va compilato con -tags %s",
			"this program has no driver for %s: it has to be built with -tags %s", s.Kind, s.Kind)
	}
	switch {
	case s.hasDSN() && (s.DSNFile == "") == (s.DSNEnv == ""):
		r.Addf(yamlfile.Path("source"), "una base dati %s prende la stringa di connessione da dsnFile oppure da dsnEnv",
			"a database of kind %s takes its connection string from either dsnFile or dsnEnv", s.Kind)
	case s.hasDSN() && s.Path != "":
		r.Addf(yamlfile.Path("source", "path"), "source.path è per sqlite, csv e json", "source.path is for sqlite, csv and json")
	case !s.hasDSN() && (s.DSNFile != "" || s.DSNEnv != ""):
		r.Addf(yamlfile.Path("source"), "%s ha un path, non una stringa di connessione", "%s has a path, no connection string", s.Kind)
	case !s.hasDSN():
		r.Require(s.Path, "source", "path")
	}
	c, size := utf8.DecodeRuneInString(s.Separator)
	if s.Separator != "" && (s.Kind != kindCSV || size != len(s.Separator) || strings.ContainsRune("\"\r\n", c)) {
		r.Addf(yamlfile.Path("source", "separator"), "source.separator è un solo carattere, e solo per csv",
			"source.separator is one character, and for csv alone")
	}
}

func (r reader) bounds() {
	if t := r.f.Timeout; t != 0 && (t < minTimeout || t > maxTimeout) {
		r.Addf(yamlfile.Path("timeout"), "timeout è %s: scrivere una durata da %s a %s", "timeout is %s: write a duration from %s to %s", t, minTimeout, maxTimeout)
	}
	if n := r.f.Rows; n < 0 || n > maxRows || n == 0 && r.Doc().Text("rows") != "" {
		r.Addf(yamlfile.Path("rows"), "rows è %d: scrivere da 1 a %d", "rows is %d: write from 1 to %d", n, maxRows)
	}
}

// operations wants an answer for every operation of the document and for no other.
func (r reader) operations() {
	left := map[string]*schema.Operation{}
	for _, o := range r.plan.document.Operations() {
		left[o.ID] = o
	}
	known := strings.Join(slices.Sorted(maps.Keys(left)), ", ")
	for _, id := range slices.Sorted(maps.Keys(r.f.Operations)) {
		o := left[id]
		if o == nil {
			r.Addf(yamlfile.Path("operations", id), "il documento OpenAPI non ha l'operazione %s: ci sono %s",
				"the OpenAPI document has no operation %s: there are %s", id, known)
			continue
		}
		delete(left, id)
		c := operationReader{reader: r, o: o, f: r.f.Operations[id], at: yamlfile.Path("operations", id)}
		r.plan.operations[id] = c.read()
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		r.Addf(yamlfile.Path("operations"), "l'operazione %s del documento OpenAPI non ha risposta nella vista",
			"operation %s of the OpenAPI document has no answer in the view", id)
	}
}

// operationReader reads one operation.
type operationReader struct {
	reader
	o  *schema.Operation
	f  Operation
	at []any
}

func (c operationReader) path(steps ...any) []any { return slices.Concat(c.at, steps) }

func (c operationReader) read() *operation {
	if c.o.Method != http.MethodGet && c.o.Method != http.MethodPost {
		c.Addf(c.at, "l'operazione è una %s: una vista legge soltanto", "the operation is a %s: a view only reads", c.o.Method)
	}
	op := &operation{values: map[string]value{}, rows: 1, list: c.f.Result == resultList}
	if op.list {
		op.rows = c.reader.f.Rows
		if op.rows == 0 {
			op.rows = defaultRows
		}
	}
	c.question(op)
	c.everyFilter(op)
	c.shape(op)
	c.notFound(op)
	c.members(op)
	return op
}

// question reads the query or the columns that are searched.
func (c operationReader) question(op *operation) {
	if c.reader.f.Source.isFile() {
		if c.f.Query != "" || len(c.f.Params) > 0 {
			c.Addf(c.at, "query e params sono delle basi dati: per un file scrivere where", "query and params are of databases: write where for a file")
		}
		for _, column := range slices.Sorted(maps.Keys(c.f.Where)) {
			c.value(op, column, c.f.Where[column], c.path("where", column))
		}
		return
	}
	if len(c.f.Where) > 0 {
		c.Addf(c.path("where"), "where è dei file: per una base dati scrivere query e params", "where is of files: write query and params for a database")
	}
	for _, name := range slices.Sorted(maps.Keys(c.f.Params)) {
		c.value(op, name, c.f.Params[name], c.path("params", name))
	}
	if !c.Require(c.f.Query, c.path("query")...) {
		return
	}
	statement, err := sqlview.Parse(sqlview.Kind(c.reader.f.Source.Kind), c.f.Query)
	var refused *sqlview.QueryError
	if errors.As(err, &refused) {
		c.Addf(c.path("query"), "query: %s", "query: %s", refused.Why)
		return
	}
	op.statement = statement
	for _, name := range statement.Names() {
		if _, ok := c.f.Params[name]; !ok {
			c.Addf(c.path("query"), "la query usa :%s, che params non dice", "the query uses :%s, which params does not tell", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.f.Params)) {
		if !slices.Contains(statement.Names(), name) {
			c.Addf(c.path("params", name), "la query non usa :%s", "the query does not use :%s", name)
		}
	}
}

// value reads one value of the request.
func (c operationReader) value(op *operation, name, text string, at []any) {
	v, ok := parseValue(text)
	if !ok {
		c.Addf(at, "%q: scrivere path.NOME, query.NOME, header.NOME, body.MEMBRO, caller.consumer, caller.client o caller.purpose",
			"%q: write path.NAME, query.NAME, header.NAME, body.MEMBER, caller.consumer, caller.client or caller.purpose", text)
		return
	}
	var found bool
	switch v.from {
	case fromCaller:
		found, v.kind = true, typeText
	case fromBody:
		var kind schema.Kind
		kind, found = c.o.BodyMember(v.name...)
		v.kind = kind.Type
		if found && (kind.Type == "object" || kind.Type == "array") {
			c.Addf(at, "%s non è un valore semplice", "%s is no simple value", text)
		}
	default:
		for _, p := range c.o.Parameters() {
			if p.In == v.from && (p.Name == v.name[0] || v.from == fromHeader && strings.EqualFold(p.Name, v.name[0])) {
				found, v.kind = true, p.Kind.Type
			}
		}
	}
	reaches := func(header string) bool { return strings.EqualFold(header, v.name[0]) }
	switch {
	case !found:
		c.Addf(at, "l'operazione non ha %s nel documento OpenAPI", "the operation has no %s in the OpenAPI document", text)
	case v.from == fromHeader && !slices.ContainsFunc(c.headers, reaches):
		c.Addf(at, "%s non arriva alla vista: elencarlo in requestHeaders della ricetta", "%s does not reach the view: list it in requestHeaders of the recipe", text)
	}
	op.values[name] = v
}

// everyFilter wants the view to use all that the path and the query ask for: what it ignored would be answered as if it
// had not been asked.
func (c operationReader) everyFilter(op *operation) {
	for _, p := range c.o.Parameters() {
		used := p.In == fromHeader
		for _, v := range op.values {
			used = used || v.from == p.In && v.name[0] == p.Name
		}
		if !used {
			c.Addf(c.at, "%s.%s non è usato: la risposta ignorerebbe ciò che si chiede", "%s.%s is not used: the answer would ignore what is asked", p.In, p.Name)
		}
	}
}

func (c operationReader) shape(op *operation) {
	if c.f.Result != "" {
		c.oneOf(c.f.Result, []string{resultObject, resultList}, c.path("result")...)
	}
	if c.f.List != "" {
		if !op.list {
			c.Addf(c.path("list"), "list è di un risultato list", "list is of a result list")
		}
		op.into = strings.Split(c.f.List, ".")
	}
	media, ok := c.o.AnswerMedia(http.StatusOK)
	if !ok || media == "" {
		c.Addf(c.at, "l'operazione non ha una risposta 200 con un corpo", "the operation has no answer 200 with a body")
		return
	}
	op.media = media
	if kind, found := c.o.AnswerMember(http.StatusOK, op.into...); op.list && (!found || kind.Type != "" && kind.Type != "array") {
		c.Addf(c.at, "nel documento OpenAPI la risposta non ha lì un elenco: dire in list quale membro lo è",
			"in the OpenAPI document the answer has no list there: say in list which member is one")
	} else if !op.list && found && kind.Type == "array" {
		c.Addf(c.at, "nel documento OpenAPI la risposta è un elenco: scrivere result: list", "in the OpenAPI document the answer is a list: write result: list")
	}
}

func (c operationReader) notFound(op *operation) {
	choice := c.f.NotFound
	if choice == "" {
		choice = map[bool]string{true: notFoundEmpty, false: notFoundProblem}[op.list]
	}
	if !c.oneOf(choice, []string{notFoundProblem, notFoundEmpty}, c.path("notFound")...) {
		return
	}
	if op.empty = choice == notFoundEmpty; op.empty {
		if !op.list {
			c.Addf(c.path("notFound"), "notFound: empty è di un elenco", "notFound: empty is of a list")
		}
		return
	}
	media, ok := c.o.AnswerMedia(http.StatusNotFound)
	if !ok {
		c.Addf(c.at, "l'operazione non ha una risposta 404 nel documento OpenAPI", "the operation has no answer 404 in the OpenAPI document")
	}
	op.problem = media
}

// members reads what the answer is made of.
func (c operationReader) members(op *operation) {
	if len(c.f.Members) == 0 {
		c.Addf(c.at, "members manca: dire da quale colonna viene ogni membro della risposta", "members is missing: say from which column each member of the answer comes")
	}
	place := op.into
	if op.list {
		place = append(slices.Clone(place), schema.Items)
	}
	for _, name := range slices.Sorted(maps.Keys(c.f.Members)) {
		at := c.path("members", name)
		m := member{path: strings.Split(name, "."), column: c.f.Members[name]}
		kind, found := c.o.AnswerMember(http.StatusOK, slices.Concat(place, m.path)...)
		if !found {
			c.Addf(at, "la risposta non ha il membro %s nel documento OpenAPI", "the answer has no member %s in the OpenAPI document", name)
			continue
		}
		c.Require(m.column, at...)
		m.nullable, m.kind = kind.Nullable, typeOf(kind)
		if own := c.f.Types[name]; own != "" && c.oneOf(own, types(), c.path("types", name)...) {
			m.kind = own
		}
		if m.kind == "" {
			c.Addf(at, "il documento OpenAPI non dice il tipo di %s: scriverlo in types", "the OpenAPI document does not say the type of %s: write it in types", name)
		}
		for _, other := range op.members {
			if overlap(other.path, m.path) {
				c.Addf(at, "%s sta dentro un altro membro della vista", "%s is within another member of the view", name)
			}
		}
		op.members = append(op.members, m)
	}
	for _, name := range slices.Sorted(maps.Keys(c.f.Types)) {
		if _, ok := c.f.Members[name]; !ok {
			c.Addf(c.path("types", name), "members non ha %s", "members has no %s", name)
		}
	}
	c.required(op, place)
	c.fits(op)
}

// fits wants the longest list to be one that the hub delivers: it counts every value of an answer, and every object.
func (c operationReader) fits(op *operation) {
	objects := map[string]bool{}
	for _, m := range op.members {
		for i := range m.path {
			objects[strings.Join(m.path[:i], ".")] = true
		}
	}
	each := len(op.members) + len(objects)
	most := (schema.MaxValues - len(op.into) - 1) / max(each, 1)
	if op.list && op.rows > most {
		c.Addf(yamlfile.Path("rows"), "rows è %d: con i membri di %s una risposta ha posto per %d righe (%d valori in tutto)",
			"rows is %d: with the members of %s an answer has room for %d rows (%d values in all)", op.rows, c.o.ID, most, schema.MaxValues)
	}
}

// required wants a column for every member that the document requires; deeper than the first level the check of every
// answer says it.
func (c operationReader) required(op *operation, place []string) {
	for _, name := range c.o.AnswerRequires(http.StatusOK, place...) {
		has := func(m member) bool { return m.path[0] == name }
		if !slices.ContainsFunc(op.members, has) {
			c.Addf(c.path("members"), "la risposta deve avere il membro %s", "the answer must have the member %s", name)
		}
	}
}

// typeOf is the type of a view for what the document says; "" when it does not say.
func typeOf(k schema.Kind) string {
	switch k.Type {
	case "object", "array":
		return typeJSON
	case typeText:
		if k.Format == typeDate || k.Format == typeInstant {
			return k.Format
		}
	}
	return k.Type
}

func overlap(a, b []string) bool {
	n := min(len(a), len(b))
	return slices.Equal(a[:n], b[:n])
}

// Faults are the faults of an error of Read; nil for another error.
func Faults(err error) yamlfile.Faults {
	var faults yamlfile.Faults
	errors.As(err, &faults)
	return faults
}

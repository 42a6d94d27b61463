// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/backend/fileview"
	"github.com/snodo-pa/snodo/internal/backend/sqlview"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// View is a plan with its source: it answers as the procedure behind an e-service does. It is safe for concurrent use.
type View struct {
	plan *Plan
	sql  *sqlview.Source
	file *fileview.Source
}

// Open opens a plan: path resolves the files that it names, dsn is the connection string where it has one. The source is
// first asked when somebody calls.
func Open(p *Plan, path func(string) string, dsn string) (*View, error) {
	v := &View{plan: p}
	if p.Source.isFile() {
		separator, _ := utf8.DecodeRuneInString(p.Source.Separator)
		if p.Source.Separator == "" {
			separator = 0
		}
		v.file = fileview.Open(fileview.Settings{Kind: fileview.Kind(p.Source.Kind), Path: path(p.Source.Path), Separator: separator})
		return v, nil
	}
	if !p.Source.hasDSN() {
		dsn = path(p.Source.Path)
	}
	var err error
	v.sql, err = sqlview.Open(sqlview.Settings{Kind: sqlview.Kind(p.Source.Kind), DSN: dsn, Timeout: p.timeout})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Close closes the source.
func (v *View) Close() error {
	if v.sql == nil {
		return nil
	}
	return v.sql.Close()
}

var _ gateway.Doer = (*View)(nil)

// Do answers a request of the gateway, whose path is that of an operation of the document. A *problem.Error says that
// the view, or what it found, is not as it should be, or, where it wraps registry.ErrUnavailable, that the source did not
// answer.
func (v *View) Do(ctx context.Context, req *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	match, err := v.plan.document.Match(req.Method, req.URL.EscapedPath())
	if err != nil {
		return nil, problem.New(problem.RuleBackEndSettings).Because(errors.New("the view has no such operation"))
	}
	op := v.plan.operations[match.ID]
	values, whole, err := gather(op, match, req)
	if err != nil {
		return nil, err
	}
	if !whole && v.file != nil { // a query compares with NULL, which equals nothing; a file would leave the filter out
		return op.nothing()
	}
	columns, rows, err := v.find(ctx, op, values)
	if err != nil {
		return nil, v.fault(match.ID, err)
	}
	answer, err := op.answer(columns, rows)
	if err != nil {
		return nil, v.fault(match.ID, err)
	}
	return answer, nil
}

func (v *View) find(ctx context.Context, op *operation, values map[string]any) ([]string, [][]any, error) {
	if v.sql != nil {
		t, err := v.sql.Query(ctx, op.statement, values, op.rows)
		return t.Columns, t.Rows, err
	}
	where := make(map[string]string, len(values))
	for column, value := range values {
		if n, ok := value.(float64); ok { // as people write it: 1000000, not 1e+06
			where[column] = strconv.FormatFloat(n, 'f', -1, 64)
			continue
		}
		where[column] = fmt.Sprint(value)
	}
	t, err := v.file.Find(ctx, where, op.rows)
	return t.Columns, t.Rows, err
}

// fault tells what the hub makes of an error, and of which operation: only a source that does not answer counts against it.
func (v *View) fault(operation string, err error) error {
	where := "operation " + operation
	if v.file != nil {
		where += ", file " + v.plan.Source.Path
	}
	err = fmt.Errorf("%s: %w", where, err)
	switch {
	case errors.Is(err, sqlview.ErrSettings), errors.Is(err, fileview.ErrSettings), errors.Is(err, errColumn):
		return problem.New(problem.RuleBackEndSettings).Because(err)
	case errors.Is(err, sqlview.ErrTooMuch), errors.Is(err, fileview.ErrTooMuch), errors.Is(err, errValue):
		return problem.New(problem.RuleBackEndBadAnswer).Because(err)
	default:
		return problem.New(problem.RuleBackEndUnavailable).Because(silence{err})
	}
}

// silence is a source that does not answer: the breaker of the e-service counts it.
type silence struct{ err error }

func (s silence) Error() string { return s.err.Error() }

func (s silence) Unwrap() []error { return []error{registry.ErrUnavailable, s.err} }

// gather takes the values of an operation out of a request that the gateway has held against the document. One that the
// request does not have is left out; whole tells whether what is left still restricts: no header is missing, and not every
// member of the body by which is asked.
func gather(op *operation, match schema.Match, req *http.Request) (found map[string]any, whole bool, err error) {
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return nil, false, problem.New(problem.RuleSchema)
	}
	body, err := bodyOf(op, req)
	if err != nil {
		return nil, false, err
	}
	found, whole = map[string]any{}, true
	asked := false // by members of the body
	for name, v := range op.values {
		text, there := match.Params[v.name[0]], true
		switch v.from {
		case fromQuery:
			text, there = query.Get(v.name[0]), query.Has(v.name[0])
		case fromHeader:
			text, there = req.Header.Get(v.name[0]), len(req.Header.Values(v.name[0])) > 0
		case fromCaller:
			text = req.Header.Get(callerHeader(v.name[0]))
			if text == "" { // a restriction to the caller that fell away would show everything
				return nil, false, problem.New(problem.RuleBackEndSettings).Because(errors.New("the caller's identity did not reach the view"))
			}
		case fromBody:
			asked = true
			if inside := follow(body, v.name); inside != nil {
				found[name] = typed(v.kind, inside)
			}
			continue
		}
		if there {
			found[name] = typed(v.kind, text)
		}
		whole = whole && (there || v.from == fromQuery)
	}
	return found, whole && (len(found) > 0 || !asked), nil
}

func callerHeader(name string) string {
	return map[string]string{
		"consumer": gateway.HeaderConsumer, "client": gateway.HeaderClient, "purpose": gateway.HeaderPurpose,
	}[name]
}

// bodyOf decodes the body when the operation reads it; numbers stay as they are written.
func bodyOf(op *operation, req *http.Request) (any, error) {
	needed := false
	for _, v := range op.values {
		needed = needed || v.from == fromBody
	}
	if !needed || req.Body == nil {
		return nil, nil //nolint:nilnil // no body is a value of its own
	}
	data, err := io.ReadAll(req.Body)
	if err != nil || len(data) == 0 {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var body any
	if err := dec.Decode(&body); err != nil {
		return nil, problem.New(problem.RuleMalformedJSON)
	}
	return body, nil
}

func follow(v any, path []string) any {
	for _, name := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

// typed gives a value the type that the document says; what does not fit stays a text, which the database refuses.
func typed(kind string, v any) any {
	s, isText := v.(string)
	if n, ok := v.(json.Number); ok {
		s, isText = n.String(), true
	}
	if !isText {
		return v
	}
	switch kind {
	case typeInteger:
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
	case typeNumber:
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return f
		}
	case typeBool:
		if b, err := strconv.ParseBool(strings.ToLower(s)); err == nil {
			return b
		}
	}
	return s
}

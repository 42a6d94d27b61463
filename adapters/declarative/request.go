// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/pick"
)

const mediaJSON = "application/json"

var escapedOctet = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// message is a call under way: what its lines have written.
type message struct {
	call   registry.Call
	path   string
	query  url.Values
	body   any
	header http.Header
}

// build writes the call of a step.
func (r *run) build(ctx context.Context, s step, src answered) (*message, error) {
	m := &message{
		path: s.path, query: url.Values{},
		header: http.Header{"Accept": {mediaJSON + ", application/problem+json"}},
	}
	if uses(s.lines, registry.FromNumber) && r.number == "" {
		number, err := r.draw(ctx)
		if err != nil {
			return nil, err
		}
		r.number, src.number = number, number
	}
	for _, line := range s.lines {
		v, ok, err := line.eval(src)
		if err == nil && ok {
			err = m.put(line, v)
		}
		if err != nil {
			return nil, r.invalid(err)
		}
	}
	m.call = registry.Call{
		Service: r.recipe.Name, Method: s.method, Header: m.header,
		Idempotent: r.Idempotent || s.method == http.MethodGet, OperationID: r.number,
	}
	if m.body != nil {
		body, err := json.Marshal(m.body)
		if err != nil {
			return nil, fmt.Errorf("write the request for %s: %w", r.recipe.Name, err)
		}
		m.call.Body = body
		m.header.Set("Content-Type", mediaJSON)
	}
	return m, nil
}

// put writes one value where its line says.
func (m *message) put(line rule, v any) error {
	if line.to.Root == registry.ToBody {
		body, err := line.to.Path.Set(m.body, v)
		if err != nil {
			return &misplaced{line.To, err}
		}
		m.body = body
		return nil
	}
	name := line.to.Path[0]
	values, ok := texts(v)
	if !ok || len(values) != 1 && line.to.Root != registry.ToQuery {
		return &misplaced{line.To, errNotText}
	}
	switch line.to.Root {
	case registry.ToPath:
		if !plainSegment(values[0]) {
			return &misplaced{line.To, errors.New("it cannot be part of a path")}
		}
		m.path = strings.ReplaceAll(m.path, "{"+name+"}", url.PathEscape(values[0]))
	case registry.ToHeader:
		if strings.ContainsFunc(values[0], func(c rune) bool { return c < ' ' || c > '~' }) {
			return &misplaced{line.To, errors.New("it cannot be the value of a header")}
		}
		m.header.Set(name, values[0])
	default:
		m.query[name] = values
	}
	return nil
}

// plainSegment tells a part of a path that every server reads alike. What some decode
// before they look for the operation (slashes, the semicolon of matrix parameters, an
// escape within the escape) would lead to another one than the procedimento may use.
func plainSegment(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, `/\;`) && !escapedOctet.MatchString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// texts are the words of a value or of a list of values.
func texts(v any) ([]string, bool) {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	words := make([]string, len(list))
	for i, one := range list {
		s, ok := pick.Text(one)
		if !ok {
			return nil, false
		}
		words[i] = s
	}
	return words, true
}

// target is the path with its query, in which a space is %20 for those who take a plus
// for itself.
func (m *message) target() string {
	query := m.query.Encode()
	if query == "" {
		return m.path
	}
	return m.path + "?" + strings.ReplaceAll(query, "+", "%20")
}

func uses(lines []rule, root string) bool {
	return slices.ContainsFunc(lines, func(line rule) bool { return line.from != nil && line.from.Root == root })
}

// draw takes the next number of the ente at the registry. It starts from the clock, so
// that it keeps growing when the store of the numbers is lost.
func (r *run) draw(ctx context.Context) (string, error) {
	floor, err := strconv.ParseUint(r.now.UTC().Format("20060102150405"), 10, 64)
	if err == nil {
		var n uint64
		if n, err = r.adapter.deps.State.Next(ctx, r.scope.Ente, r.recipe.Name+"/"+r.scope.Environment, floor); err == nil {
			return strconv.FormatUint(n, 10), nil
		}
	}
	return "", &registry.Fault{
		Kind: registry.ErrState, Service: r.recipe.Name, Err: err,
		Text: modi.Text{
			IT: "il numero dell'operazione non può essere assegnato ora: nulla è stato inviato, riprovare",
			EN: "the number of the operation cannot be drawn now: nothing was sent, try again",
		},
	}
}

// sleep waits, or returns why not.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

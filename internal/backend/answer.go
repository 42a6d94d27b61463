// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/schema"
)

var (
	errColumn = errors.New("a column that members names is not in what was found")
	errValue  = errors.New("a value is not of the type of its member")
)

// answer makes the answer of the rows that were found.
func (o *operation) answer(columns []string, rows [][]any) (*outbound.Response, error) {
	if len(rows) == 0 && !o.empty {
		return o.nothing()
	}
	at := make([]int, len(o.members))
	for i, m := range o.members {
		at[i] = slices.Index(columns, m.column)
		if at[i] < 0 || slices.Contains(columns[at[i]+1:], m.column) {
			return nil, fmt.Errorf("%w: column of %s", errColumn, strings.Join(m.path, "."))
		}
	}
	items := make([]any, 0, len(rows))
	for _, row := range rows {
		item, err := o.item(row, at)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	if o.list {
		return o.found(items)
	}
	return o.found(items[0])
}

// found puts what was found where the document wants it.
func (o *operation) found(whole any) (*outbound.Response, error) {
	for _, name := range slices.Backward(o.into) {
		whole = map[string]any{name: whole}
	}
	return reply(http.StatusOK, o.media, whole)
}

// nothing is the answer when nothing was found: an empty list, or a 404.
func (o *operation) nothing() (*outbound.Response, error) {
	if o.empty {
		return o.found([]any{})
	}
	if o.problem == "" {
		return &outbound.Response{Status: http.StatusNotFound, Header: http.Header{}}, nil
	}
	return reply(http.StatusNotFound, o.problem, map[string]any{"title": "Nessun risultato", "status": http.StatusNotFound})
}

func reply(status int, media string, body any) (*outbound.Response, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, errValue
	}
	return &outbound.Response{Status: status, Header: http.Header{"Content-Type": {media}}, Body: data}, nil
}

func (o *operation) item(row []any, at []int) (map[string]any, error) {
	item := map[string]any{}
	for i, m := range o.members {
		raw := row[at[i]]
		if raw == nil && !m.nullable {
			continue
		}
		v, err := convert(m.kind, raw)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is not %s", errValue, strings.Join(m.path, "."), m.kind)
		}
		inside := item
		for _, name := range m.path[:len(m.path)-1] {
			next, ok := inside[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				inside[name] = next
			}
			inside = next
		}
		inside[m.path[len(m.path)-1]] = v
	}
	return item, nil
}

// convert turns a value of a column into JSON of a type. Nothing is rounded or guessed.
func convert(kind string, v any) (any, error) {
	if v == nil {
		return nil, nil //nolint:nilnil // null is a value of JSON
	}
	switch kind {
	case typeInteger, typeNumber:
		return number(kind, v)
	case typeBool:
		return boolean(v)
	case typeDate, typeInstant:
		return instant(kind, v)
	case typeJSON:
		s, ok := v.(string)
		if !ok {
			return nil, errValue
		}
		if _, err := schema.ParseJSON([]byte(s)); err != nil {
			return nil, errValue
		}
		return json.RawMessage(s), nil
	default:
		return text(v)
	}
}

func number(kind string, v any) (any, error) {
	var s string
	switch v := v.(type) {
	case int64:
		return v, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errValue
		}
		s = strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return number(kind, float64(v))
	case json.Number:
		s = v.String()
	case string:
		s = strings.TrimSpace(v)
	default:
		return nil, errValue
	}
	if kind == typeInteger {
		if whole, fraction, cut := strings.Cut(s, "."); cut && strings.Trim(fraction, "0") == "" {
			s = whole // NUMERIC(10,2) writes 3.00
		}
		if _, err := strconv.ParseInt(s, 10, 64); err != nil {
			return nil, errValue
		}
	}
	var n json.Number
	if err := json.Unmarshal([]byte(s), &n); err != nil || strings.HasPrefix(s, `"`) || n == "" {
		return nil, errValue // 1.234,56 and 007 are no numbers of JSON
	}
	return n, nil
}

func boolean(v any) (any, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case int64:
		if v == 0 || v == 1 {
			return v == 1, nil
		}
	case string:
		switch strings.ToLower(v) {
		case "true", "t", "1":
			return true, nil
		case "false", "f", "0":
			return false, nil
		}
	}
	return nil, errValue
}

// instant reads dates: those of the database as they are, texts in the forms of RFC 3339 alone. An instant without a
// zone would be guessed, and is refused.
func instant(kind string, v any) (any, error) {
	layout := map[string]string{typeDate: time.DateOnly, typeInstant: time.RFC3339Nano}[kind]
	switch v := v.(type) {
	case time.Time:
		if kind == typeInstant {
			v = v.UTC()
		}
		return v.Format(layout), nil
	case string:
		t, err := time.Parse(layout, v)
		if err != nil {
			return nil, errValue
		}
		return t.Format(layout), nil
	}
	return nil, errValue
}

func text(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case bool:
		return strconv.FormatBool(v), nil
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return nil, errValue
}

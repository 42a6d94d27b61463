// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scripted

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// values are what the places of a script stand for while one request is answered.
type values struct {
	request *http.Request
	body    any
	record  map[string]any
	job     *job
	item    any // of $each
	base    string
	caller  string // whose jobs are seen: script and client
	clock   func() time.Time
	random  io.Reader
}

// get returns the value at a place such as path.id or record.codiceFiscale.
func (v *values) get(place string) (any, bool) {
	root, rest, _ := strings.Cut(place, ".")
	switch root {
	case "path":
		return given(v.request.PathValue(rest))
	case "query":
		return given(v.request.URL.Query().Get(rest))
	case "header":
		return given(v.request.Header.Get(rest))
	case "body":
		return walk(v.body, rest)
	case "record":
		return walk(v.record, rest)
	case "item":
		return walk(v.item, rest)
	case "job":
		return v.ofJob(rest)
	case "base":
		return v.base, true
	case "now":
		return v.clock().UTC().Format(time.RFC3339), true
	case "today":
		return v.clock().UTC().Format(time.DateOnly), true
	case "uuid":
		id, err := rules.UUID(v.random)
		return id, err == nil
	default:
		return nil, false
	}
}

func (v *values) ofJob(name string) (any, bool) {
	if v.job == nil {
		return nil, false
	}
	switch name {
	case "items":
		return v.job.items, true
	case "id":
		return v.job.id, true
	default:
		return nil, false
	}
}

func given(s string) (any, bool) { return s, s != "" }

func walk(doc any, path string) (any, bool) {
	for step := range strings.SplitSeq(path, ".") {
		if step == "" {
			break
		}
		switch x := doc.(type) {
		case map[string]any:
			doc = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			doc = x[i]
		default:
			return nil, false
		}
	}
	return doc, doc != nil
}

var place = regexp.MustCompile(`\$\{([^}]+)\}`)

// fill puts values in the places of a template; ok is false when a text is a place that
// holds nothing.
func (v *values) fill(template any, tables map[string][]map[string]any) (any, bool) {
	switch t := template.(type) {
	case string:
		return v.fillText(t)
	case []any:
		out := make([]any, 0, len(t))
		for _, one := range t {
			if filled, ok := v.fill(one, tables); ok {
				out = append(out, filled)
			}
		}
		return out, true
	case map[string]any:
		if _, each := t["$each"]; each {
			return v.each(t, tables), true
		}
		out := make(map[string]any, len(t))
		for name, one := range t {
			if filled, ok := v.fill(one, tables); ok {
				out[name] = filled
			}
		}
		return out, true
	default:
		return template, template != nil
	}
}

// fillText gives a text that is one place the value there, whatever its type.
func (v *values) fillText(s string) (any, bool) {
	if m := place.FindString(s); m != "" && m == s {
		return v.get(s[2 : len(s)-1])
	}
	return place.ReplaceAllStringFunc(s, func(m string) string {
		found, ok := v.get(m[2 : len(m)-1])
		if !ok {
			return ""
		}
		return fmt.Sprint(found)
	}), true
}

// each makes a list: for every item at the place of $each, the template found or absent,
// by whether the table in has a record whose column by is the item.
func (v *values) each(t map[string]any, tables map[string][]map[string]any) []any {
	items, _ := v.fill(t["$each"], tables)
	list, _ := items.([]any)         // what is no list gives none
	table, _ := t["in"].(string)     // absent finds nothing
	column, _ := t["by"].(string)    // absent finds nothing
	out := make([]any, 0, len(list)) // never null on the wire
	for _, item := range list {
		inner := *v
		inner.item, inner.record = item, nil
		template := t["absent"]
		for _, record := range tables[table] {
			if strings.EqualFold(fmt.Sprint(record[column]), fmt.Sprint(item)) {
				inner.record, template = maps.Clone(record), t["found"]
				break
			}
		}
		if filled, ok := inner.fill(template, tables); ok {
			out = append(out, filled)
		}
	}
	return out
}

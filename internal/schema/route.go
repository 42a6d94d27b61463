// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// route is one path template with its operations.
type route struct {
	segments   []segment
	operations map[string]*Operation // by method
}

// segment is a literal, or the name of a parameter that takes the whole segment.
type segment struct{ literal, param string }

func newRoute(template string) *route {
	r := &route{operations: map[string]*Operation{}}
	for part := range strings.SplitSeq(strings.TrimPrefix(template, "/"), "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			r.segments = append(r.segments, segment{param: strings.TrimSuffix(name, "}")})
			continue
		}
		r.segments = append(r.segments, segment{literal: part})
	}
	return r
}

func (r *route) methods() []string { return slices.Sorted(maps.Keys(r.operations)) }

func (r *route) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	var params map[string]string
	for i, s := range r.segments {
		if s.param == "" {
			if s.literal != segments[i] {
				return nil, false
			}
			continue
		}
		if params == nil {
			params = make(map[string]string, len(r.segments))
		}
		params[s.param] = segments[i]
	}
	return params, true
}

// path fills the template in.
func (r *route) path(params map[string]string) string {
	var b strings.Builder
	for _, s := range r.segments {
		text := s.literal
		if s.param != "" {
			text = params[s.param]
		}
		b.WriteByte('/')
		b.WriteString(url.PathEscape(text))
	}
	return b.String()
}

// moreSpecific orders literals before parameters, so that /a/b wins over /a/{id} (OpenAPI 3.0, path templating).
func moreSpecific(a, b *route) int {
	for i := range min(len(a.segments), len(b.segments)) {
		x, y := a.segments[i], b.segments[i]
		if (x.param == "") != (y.param == "") {
			if x.param == "" {
				return -1
			}
			return 1
		}
		if c := strings.Compare(x.literal, y.literal); c != 0 {
			return c
		}
	}
	return len(a.segments) - len(b.segments)
}

// split decodes an escaped path into its segments. Refused is every segment that may mean something else to the next
// hop than here.
func split(escapedPath string) ([]string, bool) {
	rest, ok := strings.CutPrefix(escapedPath, "/")
	if !ok {
		return nil, false
	}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		decoded, err := url.PathUnescape(part)
		if err != nil || !plain(decoded) {
			return nil, false
		}
		parts[i] = decoded
	}
	return parts, true
}

// plain tells a segment that every server reads alike: not empty, not a dot segment, and without what servers take for
// a separator (slash, backslash, the semicolon of matrix parameters) or cut a text at (control characters).
func plain(segment string) bool {
	return segment != "" && segment != "." && segment != ".." && utf8.ValidString(segment) &&
		!strings.ContainsAny(segment, `/\;`) && !strings.ContainsFunc(segment, unicode.IsControl)
}

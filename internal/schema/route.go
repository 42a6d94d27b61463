// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"maps"
	"net/url"
	"slices"
	"strings"
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

// split decodes an escaped path into its segments. Empty and dot segments are refused: what they mean to the next hop
// is not what they mean here. So is an encoded slash that would add a dot segment there.
func split(escapedPath string) ([]string, bool) {
	rest, ok := strings.CutPrefix(escapedPath, "/")
	if !ok {
		return nil, false
	}
	parts := strings.Split(rest, "/")
	for i, part := range parts {
		decoded, err := url.PathUnescape(part)
		if err != nil || decoded == "" || hasDots(decoded) {
			return nil, false
		}
		parts[i] = decoded
	}
	return parts, true
}

func hasDots(segment string) bool {
	for part := range strings.FieldsFuncSeq(segment, func(r rune) bool { return r == '/' || r == '\\' }) {
		if part == "." || part == ".." {
			return true
		}
	}
	return false
}

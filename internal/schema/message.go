// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// Request is what of a request is held against the document.
type Request struct {
	Params map[string]string // of the Match
	Query  url.Values
	Header http.Header
	Body   []byte
	// Unread is the length of a body that is not here, in place of Body: its media type is one of TakesBinary.
	Unread int64
}

// CheckRequest holds a request against the operation. The error is a *JSONError, a *XMLError, a *MediaTypeError or
// *Violations. The decoded body is returned, nil when there is none or it is not JSON.
func (o *Operation) CheckRequest(r Request) (any, error) {
	var items []Violation
	known := map[string]bool{}
	for _, p := range o.params {
		items = append(items, p.check(p.values(r.Params, r.Query, r.Header))...)
		if p.in == openapi3.ParameterInQuery {
			known[p.name] = true
		}
	}
	for name := range r.Query {
		if !known[name] {
			items = append(items, Violation{Where: "query " + Name(name), Keyword: KeywordUnknown})
		}
	}
	value, found, err := o.checkRequestBody(r)
	if err != nil {
		return nil, err
	}
	return value, result(append(items, found...))
}

func (o *Operation) checkRequestBody(r Request) (any, []Violation, error) {
	if len(r.Body) == 0 && r.Unread == 0 {
		if o.bodyRequired {
			return nil, []Violation{{Where: "/", Keyword: "required"}}, nil
		}
		return nil, nil, nil
	}
	if o.body == nil {
		return nil, []Violation{{Where: "/", Keyword: KeywordUnknown}}, nil
	}
	return checkBody(o.body, r.Header, r.Body, options().request)
}

// TakesBinary tells whether a request with this head has a body that is held against nothing but its media type.
func (o *Operation) TakesBinary(header http.Header) bool {
	if !o.binary {
		return false
	}
	media, readable := MediaType(header)
	return readable && o.body[media] != nil && isBinary(media)
}

// CheckResponse holds an answer against the operation. A status that the document does not list is a violation. The
// error is a *JSONError, a *XMLError, a *MediaTypeError or *Violations.
func (o *Operation) CheckResponse(status int, header http.Header, body []byte) error {
	want, ok := o.response(status)
	switch {
	case !ok:
		return result([]Violation{{Where: "status", Keyword: KeywordUnknown}})
	case want.body == nil && len(body) == 0:
		return nil
	case want.body == nil:
		return result([]Violation{{Where: "/", Keyword: KeywordUnknown}})
	case len(body) == 0:
		return result([]Violation{{Where: "/", Keyword: "required"}})
	}
	_, items, err := checkBody(want.body, header, body, options().response)
	if err != nil {
		return err
	}
	return result(items)
}

// CheckHead holds the head of an answer against the operation, for a body that nobody reads whole. The error is a
// *MediaTypeError or *Violations.
func (o *Operation) CheckHead(status int, header http.Header) error {
	want, ok := o.response(status)
	if !ok {
		return result([]Violation{{Where: "status", Keyword: KeywordUnknown}})
	}
	if want.body == nil {
		return nil
	}
	if media, readable := MediaType(header); !readable || want.body[media] == nil {
		return &MediaTypeError{Want: slices.Sorted(maps.Keys(want.body))}
	}
	return nil
}

func checkBody(
	content map[string]*openapi3.Schema, header http.Header, body []byte, use purpose,
) (any, []Violation, error) {
	media, readable := MediaType(header)
	want, ok := content[media]
	if !ok || !readable {
		return nil, nil, &MediaTypeError{Want: slices.Sorted(maps.Keys(content))}
	}
	switch {
	case isXML(media):
		return nil, nil, CheckXML(body)
	case !isJSON(media):
		return nil, nil, nil
	}
	value, err := ParseJSON(body)
	if err != nil {
		return nil, nil, err
	}
	return value, check(want, value, nil, use), nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
)

// signedHeader is one element of signed_headers: one value of one header.
type signedHeader struct{ name, value string }

// MarshalJSON writes the single-member object of the guideline.
func (s signedHeader) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{s.name: s.value})
}

// parseSignedHeaders reads signed_headers: a non-empty list of objects with exactly one
// member each, a lower-case header name and a string.
func parseSignedHeaders(raw json.RawMessage) ([]signedHeader, error) {
	var items []json.RawMessage
	err := json.Unmarshal(raw, &items)
	if err != nil {
		return nil, errors.New("not a list")
	}
	if len(items) == 0 {
		return nil, errors.New("an empty list")
	}
	out := make([]signedHeader, len(items))
	for i, item := range items {
		o, err := jose.ParseObject(item)
		if err != nil || len(o) != 1 {
			return nil, fmt.Errorf("element %d is not an object with one member", i)
		}
		if !lowerCaseToken(o[0].Name) {
			return nil, fmt.Errorf("element %d does not name a header in lower case", i)
		}
		value, ok := jose.Unquote(o[0].Value)
		if !ok {
			return nil, fmt.Errorf("element %d has a value that is not a string", i)
		}
		out[i] = signedHeader{name: o[0].Name, value: value}
	}
	return out, nil
}

// lowerCaseToken tells whether s is a field name of RFC 9110 §5.1 without upper case.
func lowerCaseToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}

// checkSignedHeaders compares the signed list with the headers of the message: same
// number of values, same order, same bytes. Content-Type is compared by meaning.
func checkSignedHeaders(signed []signedHeader, h http.Header, f *check.Findings) {
	var order []string
	byName := make(map[string][]string, len(signed))
	for _, s := range signed {
		if _, ok := byName[s.name]; !ok {
			order = append(order, s.name)
		}
		byName[s.name] = append(byName[s.name], s.value)
	}
	for _, name := range order {
		want, got := byName[name], h.Values(name)
		equal := func(a, b string) bool { return a == b }
		if name == "content-type" {
			equal = sameContentType
		}
		switch {
		case len(got) == 0:
			f.Add(modi.FaultSignedHeaderMissing, "the header "+jose.Quote(name), "none")
		case len(got) != len(want):
			f.Add(modi.FaultSignedHeaderCount, fmt.Sprintf("%d values of %s", len(want), jose.Quote(name)), fmt.Sprintf("%d", len(got)))
		case !slices.EqualFunc(want, got, equal):
			f.Add(modi.FaultSignedHeaderMismatch, "the signed value of "+jose.Quote(name), "another value")
		}
	}
	for _, must := range []struct {
		name  string
		fault modi.Fault
	}{
		{"content-type", modi.FaultContentTypeNotSigned},
		{"content-encoding", modi.FaultContentEncodingNotSigned},
	} {
		if _, ok := byName[must.name]; !ok && len(h.Values(must.name)) > 0 {
			f.Add(must.fault, must.name+" among signed_headers", "not listed")
		}
	}
}

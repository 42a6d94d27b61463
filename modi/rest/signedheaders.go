// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
)

// maxSignedHeaders bounds the list: messages have a few dozen headers.
const maxSignedHeaders = 256

// signedHeader is one element of signed_headers: one value of one header.
type signedHeader struct{ name, value string }

// MarshalJSON writes the single-member object of the guideline.
func (s signedHeader) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{s.name: s.value})
}

// parseSignedHeaders reads signed_headers: a non-empty list of objects with exactly one
// member each, a lower-case header name and a string. Where it is tolerated an object may
// have more members: they count in their written order.
func parseSignedHeaders(raw string, lenient modi.Lenient) ([]signedHeader, error) {
	items, err := jose.ParseArray(raw)
	if err != nil {
		return nil, errors.New("not a list")
	}
	if len(items) == 0 {
		return nil, errors.New("an empty list")
	}
	if len(items) > maxSignedHeaders {
		return nil, fmt.Errorf("a list of %d elements, more than %d", len(items), maxSignedHeaders)
	}
	out := make([]signedHeader, 0, len(items))
	for i, item := range items {
		o, err := jose.ParseObject(item)
		if err != nil || len(o) == 0 || len(o) > 1 && !lenient.Allows(modi.LenientTwoMembers) {
			return nil, fmt.Errorf("element %d is not an object with one member", i)
		}
		if len(out)+len(o) > maxSignedHeaders {
			return nil, fmt.Errorf("more than %d members in all", maxSignedHeaders)
		}
		for _, member := range o {
			if !lowerCaseToken(member.Name) {
				return nil, fmt.Errorf("element %d does not name a header in lower case", i)
			}
			value, ok := jose.Unquote(member.Value)
			if !ok {
				return nil, fmt.Errorf("element %d has a value that is not a string", i)
			}
			out = append(out, signedHeader{name: member.Name, value: value})
		}
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
// number of values, same order, same bytes. Content-Type is compared by meaning. Then it
// wants those that must be signed to be among them.
func (v IntegrityVerifier) checkSignedHeaders(signed []signedHeader, m Message, f *check.Findings) {
	for i, s := range signed {
		if slices.ContainsFunc(signed[:i], func(before signedHeader) bool { return before.name == s.name }) {
			continue // its values were compared together
		}
		var want []string
		for _, other := range signed[i:] {
			if other.name == s.name {
				want = append(want, other.value)
			}
		}
		compareHeader(s.name, want, m.values(s.name), f)
	}
	must := func(name string, fault modi.Fault, off bool) {
		if !off && !lists(signed, name) && len(m.values(name)) > 0 {
			f.Add(fault, name+" among signed_headers", "not listed")
		}
	}
	must("content-type", modi.FaultContentTypeNotSigned, v.Lenient.Allows(modi.LenientContentType))
	must("content-encoding", modi.FaultContentEncodingNotSigned, v.Lenient.Allows(modi.LenientContentEncoding))
	for _, name := range v.MustSign {
		must(strings.ToLower(name), modi.FaultHeaderNotSigned, false)
	}
}

// compareHeader holds the values of one header against those that were signed.
func compareHeader(name string, want, got []string, f *check.Findings) {
	equal := func(a, b string) bool { return a == b }
	if name == "content-type" {
		equal = sameContentType
	}
	switch {
	case len(got) == 0:
		var near modi.Text
		if name == headerHost {
			near = modi.Text{
				IT: "chi verifica non ha ricevuto Host: non è tra le intestazioni che passano un proxy, meglio non firmarlo",
				EN: "the verifier was not given Host: it is not among the headers that pass a proxy, better not to sign it",
			}
		}
		f.AddHint(modi.FaultSignedHeaderMissing, "the header "+jose.Quote(name), "none", near)
	case len(got) != len(want):
		f.Add(modi.FaultSignedHeaderCount, fmt.Sprintf("%d values of %s", len(want), jose.Quote(name)), fmt.Sprintf("%d", len(got)))
	case !slices.EqualFunc(want, got, equal):
		var near modi.Text
		if name == "content-type" {
			near = hint.ContentType(want[0], got[0])
		}
		f.AddHint(modi.FaultSignedHeaderMismatch, "the signed value of "+jose.Quote(name), "another value", near)
	}
}

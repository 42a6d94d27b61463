// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// CheckSignedHeaders verifies the signed_headers claim of Agid-JWT-Signature against
// the headers received: a non-empty array of objects with one member each; digest
// signed; content-type and content-encoding signed when they are on the wire; every
// signed header present with the same values in the same order. Content-Type is
// compared as a media type, all else byte by byte.
func CheckSignedHeaders(c Members, h http.Header) *Fault {
	signed, fault := signedHeaders(c)
	if fault != nil {
		return fault
	}
	if _, ok := signed["digest"]; !ok {
		return profile("digest-unsigned", "digest is not among the signed headers")
	}
	for _, name := range []string{"content-type", "content-encoding"} {
		if _, ok := signed[name]; !ok && len(h.Values(name)) > 0 {
			return profile("header-unsigned", "header "+name+" is present but not signed")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(signed)) {
		received := h.Values(name)
		if len(received) == 0 {
			return profile("header-missing", "signed header "+name+" is absent")
		}
		if len(received) != len(signed[name]) {
			return profile("header-count", "signed header "+name+" has another number of values")
		}
		for i, value := range signed[name] {
			if !sameHeader(name, value, received[i]) {
				return profile("header-mismatch", "signed header "+name+" has another value")
			}
		}
	}
	return nil
}

func signedHeaders(c Members) (map[string][]string, *Fault) {
	if !c.Has("signed_headers") {
		return nil, profile("signed-headers-missing", "signed_headers is absent")
	}
	items, ok := c["signed_headers"].([]any)
	if !ok || len(items) == 0 {
		return nil, profile("signed-headers-format", "signed_headers is not a non-empty array")
	}
	signed := make(map[string][]string)
	for _, item := range items {
		object, ok := item.(map[string]any)
		if !ok || len(object) != 1 {
			return nil, profile("signed-headers-format", "an element of signed_headers is not an object with one member")
		}
		for name, value := range object {
			text, ok := value.(string)
			if !ok || name == "" {
				return nil, profile("signed-headers-format", "a signed header has no text value")
			}
			key := strings.ToLower(name)
			signed[key] = append(signed[key], text)
		}
	}
	return signed, nil
}

func sameHeader(name, signed, received string) bool {
	if signed == received {
		return true
	}
	if name != "content-type" {
		return false
	}
	mediaS, paramsS, errS := mime.ParseMediaType(signed)
	mediaR, paramsR, errR := mime.ParseMediaType(received)
	return errS == nil && errR == nil && mediaS == mediaR && maps.Equal(paramsS, paramsR)
}

// SignedHeaders builds the signed_headers claim for a message with the given digest and
// content type.
func SignedHeaders(digest, contentType string) []map[string]string {
	signed := []map[string]string{{"digest": digest}}
	if contentType != "" {
		signed = append(signed, map[string]string{"content-type": contentType})
	}
	return signed
}

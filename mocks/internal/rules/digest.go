// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"strings"
)

// Digest returns the Digest header of the bytes: SHA-256 in padded standard base64
// (RFC 3230 as the guideline uses it).
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return DigestOf(sum[:])
}

// DigestOf is [Digest] for bytes whose SHA-256 is known.
func DigestOf(sum []byte) string { return "SHA-256=" + base64.StdEncoding.EncodeToString(sum) }

// CheckDigest verifies the Digest header over the raw bytes of a body: exactly one
// header, one algorithm among SHA-256, SHA-384 and SHA-512 in upper case, base64.
func CheckDigest(h http.Header, body []byte) *Fault {
	values := h.Values("Digest")
	switch {
	case len(values) == 0:
		return profile("digest-missing", "header Digest is absent")
	case len(values) > 1:
		return profile("digest-repeated", "header Digest is present more than once")
	}
	name, value, _ := strings.Cut(values[0], "=")
	var sum []byte
	switch name {
	case "SHA-256":
		s := sha256.Sum256(body)
		sum = s[:]
	case "SHA-384":
		s := sha512.Sum384(body)
		sum = s[:]
	case "SHA-512":
		s := sha512.Sum512(body)
		sum = s[:]
	default:
		return profile("digest-format", "header Digest has an unsupported form")
	}
	if value != base64.StdEncoding.EncodeToString(sum) {
		return profile("digest-mismatch", "header Digest does not match the body")
	}
	return nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// The Digest header of RFC 3230 with the algorithms of RFC 5843 that AgID admits,
// written exactly: name in upper case, standard base64 with padding.
func digestAlgorithm(name string) (crypto.Hash, bool) {
	switch name {
	case "SHA-256":
		return crypto.SHA256, true
	case "SHA-384":
		return crypto.SHA384, true
	case "SHA-512":
		return crypto.SHA512, true
	default:
		return 0, false
	}
}

var errDigestForm = errors.New("not SHA-256=, SHA-384= or SHA-512= followed by padded base64 of that length")

// digestValue is one digest of the header.
type digestValue struct {
	alg crypto.Hash
	sum []byte
}

// maxDigests is how many digests a header may list: one of each algorithm. The body is
// hashed once for each.
const maxDigests = 3

// parseDigest reads a Digest header: one value, or, where that is tolerated, one of each
// algorithm.
func parseDigest(s string, lenient modi.Lenient) ([]digestValue, error) {
	items := []string{s}
	if lenient.Allows(modi.LenientDigestList) {
		items = strings.Split(s, ",")
	}
	if len(items) > maxDigests {
		return nil, errDigestForm
	}
	out := make([]digestValue, len(items))
	for i, item := range items {
		if len(items) > 1 {
			item = strings.Trim(item, " \t")
		}
		var err error
		out[i], err = parseOneDigest(item, lenient)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out[:i], func(d digestValue) bool { return d.alg == out[i].alg }) {
			return nil, errDigestForm
		}
	}
	return out, nil
}

func parseOneDigest(s string, lenient modi.Lenient) (digestValue, error) {
	name, value, _ := strings.Cut(s, "=")
	if lenient.Allows(modi.LenientDigestCase) {
		name = upperASCII(name)
	}
	alg, ok := digestAlgorithm(name)
	if !ok || strings.ContainsAny(value, "\r\n") {
		return digestValue{}, errDigestForm
	}
	if sum, err := base64.StdEncoding.Strict().DecodeString(value); err == nil && len(sum) == alg.Size() {
		return digestValue{alg, sum}, nil
	}
	for _, other := range tolerated(lenient) {
		if sum, err := other(value); err == nil && len(sum) == alg.Size() {
			return digestValue{alg, sum}, nil
		}
	}
	return digestValue{}, errDigestForm
}

// upperASCII is strings.ToUpper without the letters that only Unicode takes for others.
func upperASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// tolerated lists the encodings that leniencies let in.
func tolerated(lenient modi.Lenient) []func(string) ([]byte, error) {
	var out []func(string) ([]byte, error)
	unpadded, web := lenient.Allows(modi.LenientDigestUnpadded), lenient.Allows(modi.LenientDigestBase64URL)
	if lenient.Allows(modi.LenientDigestHex) {
		out = append(out, hex.DecodeString)
	}
	if unpadded {
		out = append(out, base64.RawStdEncoding.Strict().DecodeString)
	}
	if web {
		out = append(out, base64.URLEncoding.Strict().DecodeString)
	}
	if unpadded && web {
		out = append(out, base64.RawURLEncoding.Strict().DecodeString)
	}
	return out
}

// formatDigest writes the Digest header of a sum made with alg.
func formatDigest(alg crypto.Hash, sum []byte, hexadecimal bool) string {
	if hexadecimal {
		return fmt.Sprintf("%s=%x", alg, sum)
	}
	return alg.String() + "=" + base64.StdEncoding.EncodeToString(sum)
}

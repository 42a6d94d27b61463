// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"crypto"
	"encoding/base64"
	"errors"
	"strings"
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

func parseDigest(s string) (crypto.Hash, []byte, error) {
	name, value, _ := strings.Cut(s, "=")
	alg, ok := digestAlgorithm(name)
	if !ok || strings.ContainsAny(value, "\r\n") {
		return 0, nil, errDigestForm
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil || len(sum) != alg.Size() {
		return 0, nil, errDigestForm
	}
	return alg, sum, nil
}

func formatDigest(sum []byte) string {
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum)
}

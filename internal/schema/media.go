// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"mime"
	"net/http"
	"strings"
)

// MediaType reads the one Content-Type of a message, in lower case and without parameters. It refuses a body that
// is not UTF-8 as it stands (RFC 8259 §8.1): a Content-Encoding, or a charset under which another reader would see
// another text than the one that was checked.
func MediaType(h http.Header) (string, bool) {
	if len(h.Values("Content-Type")) != 1 || h.Get("Content-Encoding") != "" {
		return "", false
	}
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return "", false
	}
	charset, stated := params["charset"]
	return media, !stated || strings.EqualFold(charset, "utf-8")
}

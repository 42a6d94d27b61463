// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

const (
	mediaJSON         = "application/json"
	headerContentType = "Content-Type"
)

// Identity headers that tell the back end who called. Their values come from verified tokens.
const (
	HeaderExchange         = "X-Snodo-Exchange"
	HeaderOperation        = "X-Snodo-Operation" // operationId, where a statement tells it
	HeaderConsumer         = "X-Snodo-Consumer"
	HeaderClient           = "X-Snodo-Client"
	HeaderPurpose          = "X-Snodo-Purpose"
	HeaderOperator         = "X-Snodo-Operator"          // userID of the tracking evidence
	HeaderOperatorLocation = "X-Snodo-Operator-Location" // userLocation
	HeaderOperatorLoA      = "X-Snodo-Operator-LoA"
)

// hopByHop tells whether a header belongs to one connection (RFC 9110 §7.6.1), by itself or because Connection names it.
func hopByHop(h http.Header, canonical string) bool {
	switch canonical {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	for _, list := range h.Values("Connection") {
		for name := range strings.SplitSeq(list, ",") {
			if textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)) == canonical {
				return true
			}
		}
	}
	return false
}

// answerHeaders are what a back end may say to the consumer. Everything else stops here: cookies, servers' names,
// proofs that are the hub's to make.
func answerHeaders() []string {
	return []string{headerContentType, "Content-Language", "Etag", "Last-Modified", "Retry-After", "X-Correlation-Id"}
}

// headerSafe writes a claim into a header. Printable ASCII stays as it is; a claim with anything else in it, with a
// percent sign or with spaces at its ends is percent-encoded whole. Undoing percent-encoding therefore always gives the
// claim back: no two claims are one header, and none adds a line.
func headerSafe(s string) string {
	inner := strings.TrimSpace(s) == s && !strings.Contains(s, "%")
	if inner && printableASCII(strings.ReplaceAll(s, " ", "_")) {
		return s
	}
	return url.PathEscape(s)
}

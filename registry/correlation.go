// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import "net/http"

// Headers of the interaction patterns (LG Interoperabilità, Pattern di interazione).
const (
	HeaderReplyTo     = "X-ReplyTo"
	HeaderCorrelation = "X-Correlation-ID"
)

// maxCorrelation bounds an identifier that somebody else made.
const maxCorrelation = 255

// Correlation reads X-Correlation-ID: one value of visible ASCII, at most 255 bytes. Whatever else is none ("").
func Correlation(h http.Header) string {
	values := h.Values(HeaderCorrelation)
	if len(values) != 1 || len(values[0]) > maxCorrelation {
		return ""
	}
	for i := range len(values[0]) {
		if c := values[0][i]; c <= ' ' || c > '~' {
			return ""
		}
	}
	return values[0]
}

// Accepted is the X-Correlation-ID of an answer that accepts a request of NONBLOCK_PUSH_REST: 202 with one; else "".
func Accepted(r Reply) string {
	if r.Status != http.StatusAccepted {
		return ""
	}
	return Correlation(r.Header)
}

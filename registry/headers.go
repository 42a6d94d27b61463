// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"net/textproto"
	"slices"
	"strings"
)

// ForwardableHeader tells whether a consumer's request header, in any case, may be
// allow-listed towards a back end. What may not: credentials and cookies, the proofs of
// the patterns, the headers with which the hub itself speaks to a back end or to a
// proxy, and the framing and connection fields of one hop (RFC 9110, 7.6.1). The
// loader of recipes refuses the others, and the gateway drops them again.
func ForwardableHeader(name string) bool {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	if slices.Contains(hubHeaders(), canonical) {
		return false
	}
	return !slices.ContainsFunc(hubPrefixes(), func(prefix string) bool { return strings.HasPrefix(canonical, prefix) })
}

func hubHeaders() []string {
	return []string{
		"Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Cookie", "Digest",
		"Dpop", "Expect", "Forwarded", "Host", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "X-Real-Ip",
	}
}

func hubPrefixes() []string { return []string{"Agid-", "Proxy-", "X-Forwarded-", "X-Snodo-"} }

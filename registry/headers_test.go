// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"testing"

	"github.com/snodo-pa/snodo/registry"
)

// TestForwardableHeader holds a literal copy of what must never reach a back end, so that
// a header missing in the code cannot also go missing here.
func TestForwardableHeader(t *testing.T) {
	for _, name := range []string{
		"Authorization", "authorization", "Cookie", "DPoP", "Digest", "Agid-JWT-Signature", "AGID-JWT-TRACKINGEVIDENCE",
		"Agid-Altro", "X-Snodo-Consumer", "X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Anything", "Forwarded",
		"X-Real-IP", "Proxy-Authorization", "Proxy-Connection", "Proxy-Altro", "Host", "Content-Length", "Content-Encoding",
		"Accept-Encoding", "Expect", "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
	} {
		if registry.ForwardableHeader(name) {
			t.Errorf("%s may reach a back end", name)
		}
	}
	for _, name := range []string{"Accept", "accept-language", "Content-Type", "If-None-Match", "Idempotency-Key", "X-Correlation-Id", "Digests"} {
		if !registry.ForwardableHeader(name) {
			t.Errorf("%s may not reach a back end", name)
		}
	}
}

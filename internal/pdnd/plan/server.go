// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"bytes"
	"strconv"
	"strings"
)

// withServer gives an OpenAPI document in YAML one server, in place of those of its
// top-level `servers` block: PDND reads the address of the e-service out of it. The rest of
// the document keeps its bytes. A recipe's document has been read as OpenAPI when it was
// loaded.
func withServer(document []byte, url string) []byte {
	var out bytes.Buffer
	inside := false
	for line := range strings.Lines(string(document)) {
		top := line != "" && !strings.ContainsAny(line[:1], " \t\r\n#-")
		if top {
			inside = strings.HasPrefix(line, "servers:")
		}
		if !inside {
			out.WriteString(line)
		}
	}
	if n := out.Len(); n > 0 && out.Bytes()[n-1] != '\n' {
		out.WriteByte('\n')
	}
	// The catalogue's rules want a description too.
	out.WriteString("servers:\n  - url: " + strconv.Quote(url) + "\n    description: Indirizzo dell'e-service\n")
	return out.Bytes()
}

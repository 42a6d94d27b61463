// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package message_test

import (
	"fmt"

	"github.com/snodo-pa/snodo/modi/message"
)

// A message written in an editor is read, a header is put in, and the rest stays as it was.
// What had to be tolerated is told.
func Example() {
	m, err := message.Parse([]byte("POST /v1/istanze HTTP/1.1\nhost: api.ente.example\nContent-Length: 2\n\n{}\n"))
	if err != nil {
		panic(err)
	}
	for _, note := range m.Notes {
		fmt.Println(note.Kind, note.N)
	}
	err = m.Set("Digest", "SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=")
	if err != nil {
		panic(err)
	}
	fmt.Println(m.URL("https"))
	fmt.Printf("%s\n", m.Bytes())
	// Output:
	// line-feeds 0
	// body-cut 1
	// https://api.ente.example/v1/istanze
	// POST /v1/istanze HTTP/1.1
	// host: api.ente.example
	// Content-Length: 2
	// Digest: SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=
	//
	// {}
}

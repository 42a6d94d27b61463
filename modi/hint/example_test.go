// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package hint_test

import (
	"fmt"

	"github.com/snodo-pa/snodo/modi/hint"
)

func ExampleAudience() {
	got := []string{"https://modipa.ente.example/rest/Porta-PDND/v1"}
	fmt.Println(hint.Audience(got, "https://modipa.ente.example/rest/Porta/v1").EN)
	// Output: differs by -PDND: the audience of the service is not the address at which it is called
}

func ExampleDigest() {
	const header = "SHA-256=24880f1fa7c1c6decde3a75fdae1e408f20457867a45070f35fdccd98e5443e9"
	fmt.Println(hint.Digest(header, []byte(`{"codiceFiscale":"XXXYYY00A00A000X"}`), "").EN)
	// Output: this is in hexadecimal: use base64
}

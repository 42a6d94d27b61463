// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"bytes"
	"errors"
	"testing"
)

// TestABombIsNotUnpacked: what counts is what comes out, not what the zip says.
func TestABombIsNotUnpacked(t *testing.T) {
	for size, fits := range map[int]bool{1000: true, 1001: false, 100_000: false} {
		packed, err := Pack(bytes.Repeat([]byte("0"), size))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := unpack(packed, 1000)
		if (err == nil) != fits || err != nil && !errors.Is(err, ErrReply) || len(doc) > 1000 {
			t.Errorf("%d bytes: %d, %v", size, len(doc), err)
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadmesPromiseTheSame holds the two languages of the README to the same commands:
// those of README.md are executed, so those of README.it.md work too.
func TestReadmesPromiseTheSame(t *testing.T) {
	var blocks [2][]string
	for i, name := range []string{"README.md", "README.it.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		blocks[i] = shellBlocks(string(text))
	}
	if diff := cmp.Diff(blocks[0], blocks[1]); diff != "" {
		t.Errorf("commands differ (-README.md +README.it.md):\n%s", diff)
	}
}

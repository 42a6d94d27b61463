// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// prelude stands in for the commands of a reader's machine: make is only asked whether
// it knows the target, and what make build and go run would build is already on the path.
const prelude = `
set -eu
make() { command make --dry-run -C "$REPOSITORY" "$@" >/dev/null; }
go() {
	if [ "$1 $2" != "run ./cmd/snodo" ]; then echo "go $*: not a command a reader can be promised" >&2; exit 64; fi
	shift 2
	snodo "$@"
}
git() { :; }
cd() { :; }
mkdir -p bin
ln -sf "$(command -v snodo)" bin/snodo
`

// TestReadmeCommands executes every sh block of the README in one scratch folder, in
// order, as a reader would. Blocks that read snodo-demo/demo.env find a demonstration
// running there, as `snodo demo --dir snodo-demo` would leave it.
func TestReadmeCommands(t *testing.T) {
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlocks(string(text))
	if len(blocks) == 0 {
		t.Fatal("README.md holds no sh block")
	}
	scratch := shortDir(t)
	if strings.Contains(strings.Join(blocks, ""), "snodo-demo/") {
		demo := startDemo(t, filepath.Join(scratch, "snodo-demo"))
		defer demo.stop(t)
	}
	for i, block := range blocks {
		out, err := runBlock(t, repository, scratch, block)
		if err != nil {
			t.Errorf("block %d: %v\n%s\n--- output\n%s", i+1, err, block, out)
		}
	}
}

func runBlock(t *testing.T, repository, scratch, block string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", prelude+block)
	cmd.Dir = scratch
	cmd.Env = append(os.Environ(), "REPOSITORY="+repository, "SNODO_LANG=")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// shellBlocks returns the contents of the fenced blocks marked sh.
func shellBlocks(markdown string) []string {
	var blocks []string
	var block []string
	inside, wanted := false, false
	for _, line := range strings.Split(markdown, "\n") {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && !inside:
			inside, wanted, block = true, fence == "sh", nil
		case isFence:
			if wanted {
				blocks = append(blocks, strings.Join(block, "\n")+"\n")
			}
			inside = false
		case inside:
			block = append(block, line)
		}
	}
	return blocks
}

func TestShellBlocksAreFound(t *testing.T) {
	got := shellBlocks("text\n```sh\nmake demo\n```\n```go\nx\n```\n  ```sh\n  a\n  b\n  ```\n```sh\nopen")
	if len(got) != 2 || got[0] != "make demo\n" || got[1] != "  a\n  b\n" {
		t.Errorf("blocks %q", got)
	}
}

func TestReadmePreludeRefusesWhatIsNotThere(t *testing.T) {
	repository, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		block string
		ok    bool
	}{
		"known target":    {"make demo\n", true},
		"unknown target":  {"make demonstration\n", false},
		"known command":   {"go run ./cmd/snodo version\n", true},
		"unknown command": {"go run ./cmd/snodo vers\n", false},
		"other program":   {"go run ./cmd/other\n", false},
		"failing line":    {"false\nmake demo\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := runBlock(t, repository, t.TempDir(), tt.block)
			if (err == nil) != tt.ok {
				t.Errorf("error %v, want success %t\n%s", err, tt.ok, out)
			}
		})
	}
}

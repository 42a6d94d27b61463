// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updatePages = flag.Bool("update", false, "write what the commands of docs/patterns print")

// console is one command of a page, in one or more lines, and what it prints.
var console = regexp.MustCompile("(?s)(```console\n\\$ snodo )(.*?[^\\\\])(\n)(.*?)(```)")

// The commands of the pages about patterns are run as they are written, and print what the
// pages say.
func TestPagesRun(t *testing.T) {
	root, err := filepath.Abs("../../docs/patterns")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(root + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "examples"))
	commands := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		made := console.ReplaceAllStringFunc(string(text), func(block string) string {
			commands++
			parts := console.FindStringSubmatch(block)
			_, out, diagnostics := command(t, "", strings.Fields(strings.ReplaceAll(parts[2], "\\\n", " "))...)
			if out == "" {
				t.Errorf("%s: %s\n%s", filepath.Base(file), parts[2], diagnostics)
			}
			return parts[1] + parts[2] + parts[3] + out + parts[5]
		})
		switch {
		case *updatePages:
			err = os.WriteFile(file, []byte(made), 0o644)
			if err != nil {
				t.Fatal(err)
			}
		case made != string(text):
			t.Errorf("%s: a command prints something else: go test ./cmd/snodo -run TestPagesRun -update (-want +got):\n%s",
				filepath.Base(file), cmp.Diff(made, string(text)))
		}
	}
	if commands < 10 {
		t.Errorf("%d commands in %d pages", commands, len(files))
	}
}

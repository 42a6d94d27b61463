// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// operationsPages are the two languages of one page, with the heading of the first start.
func operationsPages() map[string]string {
	return map[string]string{"operations.md": "## First start", "operations.it.md": "## Primo avvio"}
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fences are the contents of all fenced blocks, without their comments.
func fences(page string) []string {
	var blocks []string
	comment := regexp.MustCompile(`[ \t]+#.*$`)
	for i, part := range strings.Split(page, "\n```") {
		if i%2 == 0 {
			continue
		}
		lines := strings.Split(part, "\n")
		for j := range lines {
			lines[j] = comment.ReplaceAllString(lines[j], "")
		}
		blocks = append(blocks, strings.Join(lines, "\n"))
	}
	return blocks
}

// skeleton is what the two languages of a page share: headings, lists, tables, code.
func skeleton(page string) []string {
	var lines []string
	fenced := false
	for _, line := range strings.Split(page, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		mark := regexp.MustCompile("^(#+ |- |[0-9]\\. |\\*\\*[0-9]\\. |```[a-z]*|\\| `[a-z_{}A-Z.\"=/-]+`)").FindString(line)
		if mark != "" && !fenced {
			lines = append(lines, mark)
		}
	}
	return lines
}

// TestOperationsPagesSayTheSame holds the two languages to the same parts, commands and files.
func TestOperationsPagesSayTheSame(t *testing.T) {
	english, italian := readPage(t, "operations.md"), readPage(t, "operations.it.md")
	if diff := cmp.Diff(skeleton(english), skeleton(italian)); diff != "" {
		t.Errorf("parts differ (-English +Italian):\n%s", diff)
	}
	en, it := fences(english), fences(italian)
	if len(en) != len(it) || len(en) < 10 {
		t.Fatalf("%d blocks in English, %d in Italian", len(en), len(it))
	}
	for i := range en {
		if strings.HasPrefix(strings.TrimSpace(en[i]), "/usr/local/bin/snodo") {
			continue // the list of files, whose words are translated
		}
		if diff := cmp.Diff(strings.ReplaceAll(en[i], "<fingerprint>", "<impronta>"), it[i]); diff != "" {
			t.Errorf("block %d differs (-English +Italian):\n%s", i+1, diff)
		}
	}
}

// TestOperationsCommandsExist parses every command line of the pages as snodo would.
func TestOperationsCommandsExist(t *testing.T) {
	for name := range operationsPages() {
		seen := 0
		for _, block := range fences(readPage(t, name)) {
			for _, line := range strings.Split(block, "\n") {
				line = strings.TrimPrefix(line, "runuser -u snodo -- ")
				args := strings.Fields(line)
				if len(args) < 2 || args[0] != "snodo" {
					continue
				}
				seen++
				if err := parses(args[1:]); err != nil {
					t.Errorf("%s: %s: %v", name, line, err)
				}
			}
		}
		if seen < 20 {
			t.Errorf("%s: only %d commands found", name, seen)
		}
	}
}

// parses finds a command and gives it its flags and arguments, without running it.
func parses(args []string) error {
	a := testApp()
	cmd, rest, err := a.rootCommand().Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	if err := cmd.Args(cmd, cmd.Flags().Args()); err != nil {
		return err
	}
	return a.checkRequired(cmd)
}

// TestFirstStartOfOperations does what the section says, below a folder of its own: makes
// the keys, writes the files, asks for the steps on PDND, and checks the configuration.
func TestFirstStartOfOperations(t *testing.T) {
	for name, heading := range operationsPages() {
		t.Run(name, func(t *testing.T) {
			_, section, found := strings.Cut(readPage(t, name), heading+"\n")
			section, _, _ = strings.Cut(section, "\n## ")
			if !found {
				t.Fatalf("no section %q", heading)
			}
			root := t.TempDir()
			inside := func(text string) string {
				return strings.NewReplacer("/etc/snodo", root+"/etc", "/var/lib/snodo", root+"/var", "/run/snodo", root+"/run").Replace(text)
			}
			for _, folder := range []string{"etc/chiavi", "etc/enti/c_bf01/chiavi", "etc/enti/c_bf01/procedimenti", "var", "run"} {
				if err := os.MkdirAll(filepath.Join(root, folder), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			files := regexp.MustCompile("(?s)`(/etc/snodo/[^`]+\\.yaml)`:\n\n```yaml\n(.*?)\n```").FindAllStringSubmatch(section, -1)
			if len(files) != 4 {
				t.Fatalf("%d files, want 4", len(files))
			}
			for _, f := range files {
				writeFile(t, inside(f[1]), inside(f[2])+"\n")
			}
			done := map[string]bool{}
			t.Chdir(filepath.Join(root, "etc"))
			for _, block := range fences(section) {
				for _, line := range strings.Split(inside(block), "\n") {
					args := strings.Fields(strings.TrimPrefix(line, "runuser -u snodo -- "))
					if len(args) < 3 || args[0] != "snodo" || !runsAlone(args[1]) || args[2] == "api" {
						continue
					}
					var out bytes.Buffer
					code := run(t.Context(), args[1:], func(string) string { return "" }, stdio{in: strings.NewReader(""), out: &out, err: &out})
					if code != exitYes {
						t.Fatalf("%s: exit code %d\n%s", line, code, out.String())
					}
					done[args[1]+" "+args[2]] = true
				}
			}
			want := map[string]bool{"keys generate": true, "config onboarding": true, "config check": true, "migrate up": true}
			if diff := cmp.Diff(want, done); diff != "" {
				t.Errorf("commands (-want +run):\n%s", diff)
			}
		})
	}
}

// runsAlone tells the commands that need no running hub and end by themselves.
func runsAlone(command string) bool {
	return command == "keys" || command == "config" || command == "migrate"
}

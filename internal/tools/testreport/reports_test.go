// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestReports compares whole reports with testdata. In an archive events-* are streams as
// go test writes them, steps the other steps; home and ci are the reports of a machine
// and of continuous integration, follow what is printed while the first stream comes.
func TestReports(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			files := unpack(t, path)
			for _, name := range []string{"home", "ci", "follow"} {
				if diff := cmp.Diff(files[name], reported(t, files, name)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func unpack(t *testing.T, path string) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

// reported makes one report of an archive; its last line tells how the command ended.
func reported(t *testing.T, files map[string]string, name string) string {
	t.Helper()
	dir := t.TempDir()
	var streams []string
	for file, text := range files {
		if strings.HasPrefix(file, "events-") {
			at := filepath.Join(dir, file)
			write(t, at, text)
			streams = append(streams, at)
		}
	}
	slices.Sort(streams)
	var args []string
	switch name {
	case "follow":
		args = []string{"-save", filepath.Join(dir, "saved")}
	case "ci":
		args = append([]string{"-ci"}, streams...)
	default:
		args = streams
	}
	if steps, ok := files["steps"]; ok && name != "follow" {
		write(t, filepath.Join(dir, "steps"), steps)
		args = append([]string{"-steps", filepath.Join(dir, "steps")}, args...)
	}
	var out bytes.Buffer
	err := run(args, strings.NewReader(files["events-1"]), &out)
	switch {
	case errors.Is(err, errFailed):
		out.WriteString("ends with 1\n")
	case err != nil:
		fmt.Fprintf(&out, "ends with 1: %s\n", strings.ReplaceAll(err.Error(), dir, "DIR"))
	default:
		out.WriteString("ends with 0\n")
	}
	return out.String()
}

// TestALineLongerThanAnyIsAnError: what cannot be read is not taken for a good run.
func TestALineLongerThanAnyIsAnError(t *testing.T) {
	long := io.MultiReader(strings.NewReader(`{"Action":"output","Output":"`), io.LimitReader(endless{}, 17<<20))
	if _, err := readEvents(long, nil); err == nil {
		t.Error("a line of 17 megabytes was read")
	}
	path := filepath.Join(t.TempDir(), "events")
	write(t, path, stream("pass a TestX", "pass a")+strings.Repeat("x", 17<<20))
	if err := run([]string{path}, nil, io.Discard); err == nil || errors.Is(err, errFailed) {
		t.Errorf("error is %v, want one about reading", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestOutputIsBounded for each test: its beginning is kept.
func TestOutputIsBounded(t *testing.T) {
	var lines []string
	for range 200 {
		lines = append(lines, "output a TestX "+strings.Repeat("y", 1000))
	}
	results, err := readEvents(strings.NewReader(stream(append([]string{"output a TestX first"}, lines...)...)), nil)
	if err != nil || len(results) != 1 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if out := results[0].output.String(); len(out) > maxOutput+1001 || !strings.HasPrefix(out, "first\n") {
		t.Errorf("%d bytes are kept, beginning %.10q", len(out), out)
	}
}

// FuzzReadEvents: whatever a process prints, counting it ends, and never in less failures
// than the events say.
func FuzzReadEvents(f *testing.F) {
	f.Add(stream("pass a TestX", "fail a TestY", "fail a"))
	f.Add(`{"Action":"fail"}` + "\n" + `{"Action":"fail","Test":"/"}`)
	f.Add(`{"Action":"0","Test":"0"}` + "\n" + `{"Action":"fail"}`)
	f.Add("{}\nnull\n[1]\n\x00")
	f.Fuzz(func(t *testing.T, text string) {
		results, err := readEvents(strings.NewReader(text), &printer{out: io.Discard})
		if err != nil {
			return
		}
		failures := 0
		for _, r := range results {
			if r.outcome == failed {
				failures++
			}
		}
		var total tally
		total.addResults(results, true)
		if failures > 0 && total.failed == 0 {
			t.Errorf("%d failures are counted as none", failures)
		}
		total.print(io.Discard)
	})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWritingAnAdapter follows docs/adapters/writing-an-adapter.md: every block that
// begins with "# file:" is saved, every sh block is run, in one shell and one folder. Only
// the ports are others.
func TestWritingAnAdapter(t *testing.T) {
	docs, err := filepath.Abs(filepath.Join("..", "..", "docs", "adapters"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(docs, "writing-an-adapter.md"))
	if err != nil {
		t.Fatal(err)
	}
	folder := shortDir(t)
	document, err := os.ReadFile(filepath.Join(docs, "registro-patentini.openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "registro-patentini.openapi.yaml"), document, 0o600); err != nil {
		t.Fatal(err)
	}
	script := literally(t, string(page))
	for _, port := range []string{"18080", "18081"} {
		script = strings.ReplaceAll(script, port, freePort(t))
	}
	script = strings.ReplaceAll(script, "--port 19090", "--port 0")
	out, err := runPage(t, folder, "set -eu\n"+script)
	if err != nil {
		t.Fatalf("%v\n%s%s%s", err, out, logOf(folder, "mock.log"), logOf(folder, "serve.log"))
	}
	if n := strings.Count(script, "ask "); n < 4 {
		t.Errorf("the page asks the registry %d times", n)
	}
}

// literally turns a page into a script: blocks that begin with "# file: path" become files.
func literally(t *testing.T, page string) string {
	t.Helper()
	var script strings.Builder
	files := 0
	for i, part := range strings.Split(page, "```") {
		if i%2 == 0 {
			continue
		}
		language, body, _ := strings.Cut(part, "\n")
		path, rest, isFile := strings.Cut(strings.TrimPrefix(body, "# file: "), "\n")
		switch {
		case strings.HasPrefix(body, "# file: ") && isFile:
			files++
			fmt.Fprintf(&script, "cat > %s <<'END_OF_FILE'\n%sEND_OF_FILE\n", path, rest)
		case language == "sh":
			script.WriteString(body)
		default:
			t.Errorf("a block of %s is neither a file nor a command", language)
		}
	}
	if files == 0 || script.Len() == 0 {
		t.Fatal("the page holds no files or no commands")
	}
	return script.String()
}

// runPage runs a script and ends every process it started.
func runPage(t *testing.T, folder, script string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "SNODO_LANG=", "SNODO_CONFIG=", "SNODO_CHIAVE=", "SNODO_URL=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.Cancel = kill
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	_ = kill() // what runs in the background: its group outlives the shell
	return out.String(), err
}

func logOf(folder, name string) string {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return ""
	}
	return "\n--- " + name + "\n" + string(text)
}

func freePort(t *testing.T) string {
	t.Helper()
	address, err := freeAddress("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// process is the command running beside a test.
type process struct {
	cmd *exec.Cmd
	out *lockedBuffer
}

// startProcess runs the command itself in a process of its own.
func startProcess(t testing.TB, args ...string) *process {
	t.Helper()
	path, err := exec.LookPath("snodo")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(path, args...), out: &lockedBuffer{}}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.Env = append(os.Environ(), "SNODO_LANG=", "SNODO_CONFIG=")
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	return p
}

// stop asks the process to end and expects exit code 0.
func (p *process) stop(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("%v\n%s", err, p.out)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}

// startDemo runs the demonstration until it waits for trials.
func startDemo(t testing.TB, dir string) *process {
	t.Helper()
	p := startProcess(t, "demo", "--dir", dir, "--applicazioni", "127.0.0.1:0", "--esposizione", "127.0.0.1:0")
	eventually(t, time.Minute, "the demonstration is up", func() bool { return strings.Contains(p.out.String(), "Ctrl-C") })
	return p
}

func runOnce(t *testing.T, args ...string) string {
	t.Helper()
	var out, diagnostics bytes.Buffer
	args = append([]string{"demo", "--once", "--applicazioni", "127.0.0.1:0", "--esposizione", "127.0.0.1:0"}, args...)
	code := run(t.Context(), args, func(string) string { return "" }, stdio{in: strings.NewReader(""), out: &out, err: &diagnostics})
	if code != exitYes {
		t.Fatalf("exit code %d\n%s\n%s", code, diagnostics.String(), out.String())
	}
	return out.String()
}

var wholeToken = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)

func TestDemoOnceShowsTheWholeStory(t *testing.T) {
	dir := filepath.Join(shortDir(t), "d")
	out := runOnce(t, "--dir", dir)
	for _, want := range []string{
		"Borgo Fiorito", "POST /token.oauth2", "anpr-service-e002", `"firma"`, "PRT-2026-0000123",
		"modi.integrity/replayed", "pdnd.voucher/", "modi.integrity/digest-mismatch", "acquisizione/esito", "erogazione/rifiuto",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not shown", want)
		}
	}
	if strings.Contains(out, "✗") {
		t.Errorf("a check does not hold:\n%s", out)
	}
	if whole := wholeToken.FindString(out); whole != "" {
		t.Errorf("a token is shown whole: %.30s…", whole)
	}
	if strings.Contains(out, "\x1b[") {
		t.Error("colour although the output is no terminal")
	}
	for _, line := range strings.Split(out, "\n") {
		if utf8.RuneCountInString(line) > 100 {
			t.Errorf("line of %d columns: %s", utf8.RuneCountInString(line), line)
		}
	}
	t.Run("its evidence verifies", func(t *testing.T) {
		file := filepath.Join(dir, "prove-c_bf01.jsonl")
		var printed bytes.Buffer
		code := run(t.Context(), []string{"evidence", "verify", file}, func(string) string { return "" }, stdio{out: &printed, err: &printed})
		if code != exitUndecided || !strings.Contains(printed.String(), "impronta") {
			t.Errorf("without a key: exit code %d, %s", code, printed.String())
		}
	})
	t.Run("its log names nobody", func(t *testing.T) {
		log, err := os.ReadFile(filepath.Join(dir, "dati", "snodo.log"))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{demoPerson, "BIANCHI", "eyJ", "snodo_"} {
			if bytes.Contains(log, []byte(secret)) {
				t.Errorf("the log holds %q", secret)
			}
		}
	})
}

func TestDemoStaysUntilItIsStopped(t *testing.T) {
	p := startDemo(t, filepath.Join(shortDir(t), "d"))
	header := regexp.MustCompile(`(?m)^ *Authorization: Bearer snodo_\S+$`)
	eventually(t, time.Minute, "the key is shown on a line of its own", func() bool { return header.MatchString(p.out.String()) })
	p.stop(t)
	if !strings.HasSuffix(p.out.String(), "• fermato\n") {
		t.Errorf("it does not say that it has stopped:\n%s", p.out)
	}
}

func TestDemoSpeaksEnglish(t *testing.T) {
	out := runOnce(t, "--lang", "en")
	if !strings.Contains(out, "the residence has arrived") || strings.Contains(out, "la residenza è arrivata") {
		t.Errorf("not in English:\n%s", out)
	}
}

func TestDemoAsJSON(t *testing.T) {
	var result struct {
		OK     bool
		Checks []check
	}
	if err := json.Unmarshal([]byte(runOnce(t, "--output", "json")), &result); err != nil {
		t.Fatal(err)
	}
	if !result.OK || len(result.Checks) < 8 {
		t.Errorf("%+v", result)
	}
}

// shortDir is a temporary folder with a short name: the path of a socket is bounded.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "snodo-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// sample is a client of the acquisition API in docs/esempi and the program that runs it.
type sample struct {
	file string
	run  []string
}

func samples() []sample {
	return []sample{
		{"acquisizione.sh", []string{"curl", "sh"}}, // both have to be there; the last is run
		{"acquisizione.py", []string{"python3"}},
		{"acquisizione.php", []string{"php"}},
		{"Acquisizione.java", []string{"javac", "java"}},
		{"Acquisizione.cs", []string{"dotnet", "dotnet", "run"}},
	}
}

// present tells whether what runs a sample is on this machine. scripts/test.sh says at its end which samples it is not
// there for, by the same names.
func (s sample) present() bool {
	for _, program := range s.run[:min(len(s.run), 2)] {
		if _, err := exec.LookPath(program); err != nil {
			return false
		}
	}
	return true
}

// TestSamplesAcquire runs every sample whose program is here against a hub: data, a refusal, and no hub at all.
func TestSamplesAcquire(t *testing.T) {
	s := newSite(t)
	for _, one := range samples() {
		if !one.present() {
			t.Logf("%s: %s is not here", one.file, one.run[0])
			continue
		}
		t.Run(one.file, func(t *testing.T) {
			code, out := one.execute(t, s, "http://"+s.applicazioni, folder.Pratica)
			var answer struct {
				Esito       string
				Dati        struct{ Residenza json.RawMessage }
				Provenienza struct{ Servizio string }
				Firma       string
			}
			if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 || answer.Esito != "acquisito" ||
				len(answer.Dati.Residenza) == 0 || answer.Provenienza.Servizio != "anpr-c020" || strings.Count(answer.Firma, ".") != 2 {
				t.Errorf("%d %s (%v)", code, out, err)
			}
			if code, out = one.execute(t, s, "http://"+s.applicazioni, `fuori "forma`); code != 1 || !strings.Contains(out, "hub.acquisition/pratica") {
				if one.file != "acquisizione.sh" || code != 1 { // a shell does not write JSON: its pratica must need no escape
					t.Errorf("a refusal: %d %s", code, out)
				}
			}
			if code, out = one.execute(t, s, "http://127.0.0.1:"+freePort(t), folder.Pratica); code != 2 {
				t.Errorf("no hub: %d %s", code, out)
			}
		})
	}
}

func (s sample) execute(t *testing.T, at *site, url, pratica string) (code int, out string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	path, err := filepath.Abs(filepath.Join("..", "..", "docs", "esempi", s.file))
	if err != nil {
		t.Fatal(err)
	}
	program := s.run[len(s.run)-1:]
	if s.run[0] == "dotnet" {
		program = s.run[1:]
	}
	args := append(slices.Clone(program[1:]), path)
	cmd := exec.CommandContext(ctx, program[0], args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "SNODO_URL="+url, "SNODO_CHIAVE="+at.key[ambiente.BorgoFiorito().CodiceIPA],
		"SNODO_ENTE="+ambiente.BorgoFiorito().CodiceIPA, "SNODO_PRATICA="+pratica)
	cmd.Stdin = strings.NewReader(demoPerson + "\n")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v %s", err, stderr.String())
	}
	t.Logf("%s", stderr.String())
	return cmd.ProcessState.ExitCode(), stdout.String()
}

// TestEverySampleIsRun: a file in docs/esempi that no program is known for is run by nobody.
func TestEverySampleIsRun(t *testing.T) {
	files, err := os.ReadDir(filepath.Join("..", "..", "docs", "esempi"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join("..", "..", "scripts", "test.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if filepath.Ext(f.Name()) == ".md" {
			continue
		}
		i := slices.IndexFunc(samples(), func(s sample) bool { return s.file == f.Name() })
		if i < 0 {
			t.Errorf("%s is run by nobody", f.Name())
			continue
		}
		if !strings.Contains(string(script), samples()[i].run[0]+":"+f.Name()) {
			t.Errorf("scripts/test.sh does not tell when %s is not run", f.Name())
		}
	}
}

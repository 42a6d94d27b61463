// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package mutants

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/conformance"
	"github.com/snodo-pa/snodo/conformance/internal/standintest"
	"github.com/snodo-pa/snodo/modi"
)

// party is who is built and judged.
type party struct {
	main          string // its program, from the root of the module
	role          conformance.Role
	path          string // of its operation
	patterns      []modi.Pattern
	replyPatterns []modi.Pattern
}

func parties() map[string]party {
	const peer = "./conformance/mutants/testdata/peer"
	signs := []modi.Pattern{modi.PatternIntegrityREST02}
	all := []modi.Pattern{modi.PatternVoucher, modi.PatternAuditREST02, modi.PatternIntegrityREST02}
	return map[string]party{
		"signed":   {peer, conformance.RoleErogatore, "/servizio", all, signs},
		"bound":    {peer, conformance.RoleErogatore, "/servizio", []modi.Pattern{modi.PatternVoucher, modi.PatternDPoP}, nil},
		"both":     {peer, conformance.RoleErogatore, "/servizio", []modi.Pattern{modi.PatternIDAuthREST02, modi.PatternIntegrityREST01}, nil},
		"identity": {peer, conformance.RoleErogatore, "/servizio", []modi.Pattern{modi.PatternIDAuthREST01}, nil},
		"consumer": {peer, conformance.RoleFruitore, "/servizio", all, signs},
		"holder":   {peer, conformance.RoleFruitore, "/servizio", []modi.Pattern{modi.PatternVoucher, modi.PatternDPoP}, nil},
		"hub":      {"./conformance/mutants/testdata/exposednode", conformance.RoleErogatore, "/modi/c_bf01/stato-istanza/v1/ricerche", all, signs},
	}
}

const root = "../.."

// bench is what all mutants share: keys, and places for what is built.
type bench struct {
	dir string
	key *rsa.PrivateKey
}

func newBench(t *testing.T) *bench {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{dir: t.TempDir(), key: key}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, "own.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	return b
}

func (b *bench) write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// build builds a program, with the overlay of a mutant when there is one.
func (b *bench) build(t *testing.T, main, name string, m *mutant) string {
	t.Helper()
	out := filepath.Join(b.dir, name)
	args := []string{"build", "-ldflags=-s -w", "-o", out}
	if m != nil {
		args = append(args, "-overlay", b.overlay(t, name, *m))
	}
	cmd := exec.CommandContext(t.Context(), "go", append(args, main)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the mutant does not compile: %v\n%s", err, text)
	}
	return out
}

// overlay writes the changed file and the list that the compiler reads.
func (b *bench) overlay(t *testing.T, name string, m mutant) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		t.Fatalf("%s holds the text %d times, not once: the mutant must follow the source\n%s", m.file, n, m.old)
	}
	changed := b.write(t, name+".go.txt", []byte(strings.Replace(string(source), m.old, m.new, 1)))
	list, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	return b.write(t, name+".json", list)
}

// judge runs the suite against a program.
func (b *bench) judge(t *testing.T, p party, program string, only ...string) *conformance.Report {
	t.Helper()
	c := conformance.Config{
		Role: p.role, Target: "http://127.0.0.1:1", Patterns: p.patterns, ReplyPatterns: p.replyPatterns, Only: only, Parallel: 4, Setup: []string{"setup:non-repudiation"},
		Parties: invented(), Keys: conformance.Keys{Folder: filepath.Join(b.dir, "keys"), Consumer: filepath.Join(b.dir, "own.pem"), Producer: filepath.Join(b.dir, "own.pem")},
		Operations: []conformance.Operation{{Method: "POST", Path: p.path, Body: `{"istanza":"PRT-2026-0000123"}`, Safe: true, Idempotent: true}},
	}
	base := ""
	c.Trigger.Call = func(ctx context.Context) (bool, error) { return call(ctx, base) }
	s, err := conformance.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	at, err := s.Addresses()
	if err != nil {
		t.Fatal(err)
	}
	base = b.start(t, program, b.terms(t, p, at))
	s.SetTarget(base)
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// invented are the parties; those of the suite itself where nothing is set.
func invented() conformance.Parties {
	return conformance.Parties{
		Audience: "https://api.ente.example/rest/anagrafe/v1", ReplyAudience: "5c1d8a20-1111-4c00-8000-0000000000a1", Client: "5c1d8a20-1111-4c00-8000-0000000000a1",
		Purpose: "5c1d8a20-2222-4c00-8000-0000000000b1", Producer: "5c1d8a20-3333-4c00-8000-0000000000c1", Consumer: "5c1d8a20-4444-4c00-8000-0000000000c2",
		Eservice: "5c1d8a20-5555-4c00-8000-0000000000d1", Descriptor: "5c1d8a20-6666-4c00-8000-0000000000e1", Keychain: "5c1d8a20-7777-4c00-8000-0000000000f1",
		Issuer: "uat.example", AssertionAudience: "auth.uat.example/client-assertion",
	}
}

func (b *bench) terms(t *testing.T, p party, at conformance.Addresses) standintest.Terms {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(b.key)
	if err != nil {
		t.Fatal(err)
	}
	n := invented()
	return standintest.Terms{
		Consumer: p.role == conformance.RoleFruitore, Patterns: p.patterns, ReplyPatterns: p.replyPatterns, Suite: at.Base, Eservice: at.Eservice + p.path, CA: at.CA,
		Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), Audience: n.Audience, Issuer: n.Issuer, AssertionAud: n.AssertionAudience,
		Client: n.Client, Purpose: n.Purpose, Producer: n.Producer, EserviceID: n.Eservice, Descriptor: n.Descriptor, Keychain: n.Keychain,
	}
}

// start runs a program until the test ends and returns its address.
func (b *bench) start(t *testing.T, program string, terms standintest.Terms) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	cmd := exec.CommandContext(ctx, program)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // the program ends with its input
		_ = cmd.Wait()
		cancel()
	})
	if err := json.NewEncoder(in).Encode(terms); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if line == "" {
		t.Fatal("the program did not start")
	}
	return strings.TrimSpace(line)
}

// TestEveryMutantIsCaught breaks one thing at a time and wants its case to fail.
func TestEveryMutantIsCaught(t *testing.T) {
	b := newBench(t)
	all := table()
	if len(all) < 40 {
		t.Fatalf("%d mutants, at least 40 are wanted", len(all))
	}
	sound := b.sound(t, all)
	for i, m := range all {
		t.Run(m.party+"/"+m.name, func(t *testing.T) {
			t.Parallel()
			if v := sound[m.party][m.caught]; v != conformance.Pass {
				t.Fatalf("%s is %q without the mutant: it must pass", m.caught, v)
			}
			p := parties()[m.party]
			program := b.build(t, p.main, fmt.Sprintf("mutant%d", i), &m)
			r := b.judge(t, p, program, m.caught)
			for _, one := range r.Results {
				if one.Case.ID == m.caught && one.Verdict == conformance.Fail {
					return
				}
			}
			t.Errorf("the mutant survives: %s, %s → %s; %v %v; caught by %v", m.file, m.old, m.new, r.Counts, r.Notes, b.who(t, p, program))
		})
	}
}

// who lists the cases that see a mutant, for who mends the table. It is slow.
func (b *bench) who(t *testing.T, p party, program string) []string {
	t.Helper()
	if os.Getenv("SNODO_MUTANTS") == "" {
		return []string{"(SNODO_MUTANTS=1 plays every case)"}
	}
	var ids []string
	for _, one := range b.judge(t, p, program).Results {
		if one.Verdict == conformance.Fail {
			ids = append(ids, one.Case.ID)
		}
	}
	return ids
}

// sound judges the programs without any mutant: every case that is to see one must pass.
func (b *bench) sound(t *testing.T, all []mutant) map[string]map[string]conformance.Verdict {
	t.Helper()
	only := map[string][]string{}
	for _, m := range all {
		only[m.party] = append(only[m.party], m.caught)
	}
	out := map[string]map[string]conformance.Verdict{}
	built := map[string]string{}
	for name, ids := range only {
		p := parties()[name]
		if built[p.main] == "" {
			built[p.main] = b.build(t, p.main, filepath.Base(p.main), nil)
		}
		out[name] = map[string]conformance.Verdict{}
		for _, r := range b.judge(t, p, built[p.main], ids...).Results {
			out[name][r.Case.ID] = r.Verdict
		}
	}
	return out
}

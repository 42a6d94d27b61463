// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/vectors"
)

// command runs a command line in this process.
func command(t *testing.T, stdin string, args ...string) (code int, out, diagnostics string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, func(string) string { return "" }, stdio{in: strings.NewReader(stdin), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

// vectorFiles writes the public keys of the fixed vectors as PDND publishes them: one
// file for its own keys, one for each key of a party.
func vectorFiles(t *testing.T, set vectors.Set) (flags []string) {
	t.Helper()
	for kid, key := range set.Keys {
		jwk, err := token.MarshalJWK(key.Public, kid, token.Algorithm(algorithmOf(key)))
		if err != nil {
			t.Fatal(err)
		}
		text := `{"keys":[` + string(jwk) + `]}`
		if key.Owner != "" {
			text = `{"clientId":"` + key.Owner + `","jwk":` + string(jwk) + `}`
		}
		file := filepath.Join(t.TempDir(), "key.json")
		if err = os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		flags = append(flags, "--keys", file)
	}
	return flags
}

func algorithmOf(key modi.Key) string {
	if key.Algorithm != "" {
		return key.Algorithm
	}
	return string(defaultAlgorithm(key.Public))
}

// certificateFiles writes the CA of the fixed vectors and the certificates that sign.
func certificateFiles(t *testing.T, set vectors.Set) (flags []string) {
	t.Helper()
	write := func(name string, list ...*x509.Certificate) {
		var text bytes.Buffer
		for _, c := range list {
			text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
		}
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		flags = append(flags, "--ca", file)
	}
	write("ca.pem", set.CA)
	write("pins.pem", set.Trusted...)
	return flags
}

// isReply tells the vectors that are replies by what they must say.
func isReply(v vectors.Vector) bool {
	return v.Pattern == modi.PatternPDNDResponse || v.Expect.RequestDigest != "" || v.Expect.Audience == v.Expect.ClientID && v.Expect.ClientID != ""
}

// rawMessage writes a vector as a file that somebody saved.
func rawMessage(v vectors.Vector) string {
	var b strings.Builder
	b.WriteString("POST /istanze HTTP/1.1\r\nHost: api.ente.example\r\n")
	if isReply(v) {
		b.Reset()
		b.WriteString("HTTP/1.1 200 OK\r\n")
	}
	for name, values := range v.Header {
		for _, value := range values {
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	if v.Pattern == modi.PatternClientAssertion {
		return b.String() + "\r\nclient_assertion=" + v.Compact
	}
	return b.String() + "\r\n" + v.Body
}

// vectorArgs is the command that verifies a vector.
func vectorArgs(set vectors.Set, v vectors.Vector, audience string) []string {
	args := []string{"modi", "verify", "--output", "json", "--pattern", string(v.Pattern), "--at", set.Now.Format(time.RFC3339)}
	for flag, value := range map[string]string{
		"--audience": audience, "--organization": v.Expect.Organization, "--request-digest": v.Expect.RequestDigest, "--url": v.Expect.URL,
	} {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	if v.Pattern == modi.PatternPDNDResponse {
		args = append(args, "--issuer", v.Expect.Issuer)
	}
	if isReply(v) {
		args = append(args, "--response")
	} else if v.Expect.ClientID != "" {
		args = append(args, "--client-id", v.Expect.ClientID)
	}
	return args
}

// The fixed vectors, signed by code that shares nothing with ours, are accepted by the
// command; with another audience they are refused, under the rule that says so.
func TestModiVerifyDecidesOnTheFixedVectors(t *testing.T) {
	set, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	trust := append(vectorFiles(t, set), certificateFiles(t, set)...)
	for _, v := range set.Vectors {
		if v.Pattern == modi.PatternProvenance {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			code, out, diagnostics := command(t, rawMessage(v), append(vectorArgs(set, v, v.Expect.Audience), trust...)...)
			if v.Pattern == modi.PatternVoucher && v.Expect.JKT != "" {
				if code != exitNo { // a bound voucher is worth nothing without its proof
					t.Fatalf("exit code %d: %s%s", code, out, diagnostics)
				}
				return
			}
			if code != exitYes {
				t.Fatalf("exit code %d: %s%s", code, out, diagnostics)
			}
			if got := decodeVerdict(t, out); !got.Accepted || len(got.Proofs) != 1 || got.Proofs[0].Pattern != v.Pattern {
				t.Fatalf("%s", out)
			}
			if v.Expect.Audience == "" {
				return
			}
			code, out, diagnostics = command(t, rawMessage(v), append(vectorArgs(set, v, v.Expect.Audience+"/"), trust...)...)
			if code != exitNo {
				t.Fatalf("another audience: exit code %d: %s%s", code, out, diagnostics)
			}
			got := decodeVerdict(t, out)
			if got.Accepted || len(got.Violations) != 1 || !strings.HasSuffix(string(got.Violations[0].Rule), "/audience-mismatch") || got.Violations[0].Hint == "" {
				t.Errorf("another audience: %s", out)
			}
		})
	}
}

// Of every fixed vector inspect tells the pattern, and finds nothing wrong in the message.
func TestModiInspectRecognisesTheFixedVectors(t *testing.T) {
	set, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range set.Vectors {
		if v.Pattern == modi.PatternProvenance {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			code, out, diagnostics := command(t, v.Compact, "modi", "inspect", "-", "--output", "json", "--at", set.Now.Format(time.RFC3339))
			var report modiReport
			err := json.Unmarshal([]byte(out), &report)
			if code != exitYes || err != nil || len(report.Tokens) != 1 || report.Tokens[0].Pattern != v.Pattern {
				t.Errorf("exit code %d: %s%s", code, out, diagnostics)
			}
			for _, token := range report.Tokens {
				if len(token.NearMisses) > 0 {
					t.Errorf("near misses %v", token.NearMisses)
				}
			}
		})
	}
}

// decodeVerdict reads the form that scripts read, and no other.
func decodeVerdict(t *testing.T, text string) modiVerdict {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	var v modiVerdict
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// Scripts read these names: they are all there, whatever the verdict.
func TestModiVerdictHasItsDocumentedMembers(t *testing.T) {
	a := &app{lang: "it"}
	empty, err := json.Marshal(a.modiVerdict(verdictOf(nil, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(empty); got != `{"accepted":false,"violations":[],"proofs":[]}` {
		t.Errorf("empty verdict %s", got)
	}
	full, err := json.Marshal(a.modiVerdict(verdictOf(
		[]modi.Violation{{Rule: modi.IntegrityExpired, Pattern: modi.PatternIntegrityREST02, Expected: "a", Found: "b", Hint: modi.Text{IT: "c", EN: "d"}}},
		&time.Time{},
	)))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"accepted":false,"violations":[{"rule":"modi.integrity/expired","pattern":"INTEGRITY_REST_02","expected":"a","found":"b","hint":"c"}],` +
		`"proofs":[{"pattern":"INTEGRITY_REST_02","issuer":"i","subject":"s","audience":"a","jti":"j","kid":"k","alg":"RS256","issuedAt":"2026-03-02T09:00:00Z","expires":""}]}`
	if diff := cmp.Diff(want, string(full)); diff != "" {
		t.Error(diff)
	}
}

// A person reads the same in the language that was asked for.
func TestModiVerifySpeaksBothLanguages(t *testing.T) {
	const file = "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
	args := []string{"modi", "verify", "--pattern", "INTEGRITY_REST_02", "--audience", "a"}
	code, it, _ := command(t, file, args...)
	if code != exitNo || !strings.Contains(it, "✗ RIFIUTATO: 1 regola violata") || !strings.Contains(it, "rimedio: ") || strings.Contains(it, "remedy") {
		t.Errorf("exit code %d: %s", code, it)
	}
	code, en, _ := command(t, file, append(args, "--lang", "en")...)
	if code != exitNo || !strings.Contains(en, "✗ REFUSED: 1 broken rule") || !strings.Contains(en, "remedy: ") || strings.Contains(en, "rimedio") {
		t.Errorf("exit code %d: %s", code, en)
	}
}

// Whatever they are given, the commands end with one of their three codes, and what is
// not decided leaves standard output to nobody.
func TestModiCommandsOnHostileInput(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":          "",
		"binary":           "\x00\x01\x02",
		"UTF-16":           "\xff\xfeP\x00O\x00",
		"a folded header":  "GET / HTTP/1.1\r\n x\r\n\r\n",
		"an enormous line": "GET / HTTP/1.1\r\nA: " + strings.Repeat("x", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			for _, args := range [][]string{
				{"modi", "verify", "--pattern", "VOUCHER,INTEGRITY_REST_02", "--audience", "a"},
				{"modi", "inspect", "-"},
			} {
				code, out, diagnostics := command(t, text, args...)
				if code != exitUndecided || args[1] == "verify" && out != "" {
					t.Errorf("%v: exit code %d, %.100q, %.200q", args, code, out, diagnostics)
				}
			}
		})
	}
}

// What the commands tell holds no token: what is printed cannot be replayed.
func TestModiCommandsNeverPrintSignatures(t *testing.T) {
	set, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range set.Vectors {
		signature := v.Compact[strings.LastIndexByte(v.Compact, '.')+1:]
		for _, args := range [][]string{{"modi", "inspect", "-"}, {"modi", "inspect", "-", "--output", "json"}, {"modi", "verify", "--pattern", "VOUCHER", "--audience", "a"}} {
			_, out, diagnostics := command(t, rawMessage(v), args...)
			if strings.Contains(out+diagnostics, signature) {
				t.Errorf("%s: %v prints a signature", v.Name, args)
			}
		}
	}
}

func verdictOf(violations []modi.Violation, expires *time.Time) byhand.Verdict {
	v := byhand.Verdict{Violations: violations}
	if expires != nil {
		v.Proofs = []byhand.Proof{{
			Pattern: modi.PatternIntegrityREST02, Issuer: "i", Subject: "s", Audience: "a", JTI: "j", KID: "k", Algorithm: "RS256",
			IssuedAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Expires: *expires,
		}}
	}
	return v
}

// A status line says that a message is a reply: --response adds nothing to it, and of a
// request it is refused.
func TestModiVerifyTellsARequestFromAReply(t *testing.T) {
	key := rsaSigner(t)
	const reply = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
	code, out, diagnostics := command(t, reply, "modi", "sign", "--pattern", "INTEGRITY_REST_02", "--key", key.key, "--client-id", "erogatore", "--audience", "c-1")
	if code != exitYes {
		t.Fatal(diagnostics)
	}
	for _, more := range [][]string{nil, {"--response"}} {
		args := append([]string{"modi", "verify", "--pattern", "INTEGRITY_REST_02", "--keys", key.public, "--client-id", "c-1"}, more...)
		code, got, diagnostics := command(t, out, args...)
		if code != exitYes || !strings.Contains(diagnostics, "di quale erogatore è la chiave") {
			t.Errorf("%v: exit code %d: %s%s", more, code, got, diagnostics)
		}
	}
	if code, _, diagnostics := command(t, signed, "modi", "verify", "--pattern", "INTEGRITY_REST_02", "--audience", "a", "--response"); code != exitUndecided || !strings.Contains(diagnostics, "richiesta") {
		t.Errorf("a request: exit code %d: %s", code, diagnostics)
	}
	// Without a token there is nothing that could be the issuer's, and the verdict is no.
	if code, _, diagnostics := command(t, reply, "modi", "verify", "--pattern", "PDND_API_V3_RESPONSE", "--keys", key.public); code != exitNo {
		t.Errorf("no token: exit code %d: %s", code, diagnostics)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/modi"
)

// saved writes a message into a file as a person would copy it.
func saved(t testing.TB, subject string, steps ...cases.Step) string {
	t.Helper()
	m, err := theKeys().Build(subject, steps)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	u, err := url.Parse(m.URL)
	if err != nil {
		t.Fatal(err)
	}
	if m.Status == 0 {
		fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", m.Method, u.RequestURI(), u.Host)
	} else {
		fmt.Fprintf(&b, "HTTP/1.1 %d OK\r\n", m.Status)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		for _, value := range m.Header[name] {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(m.Body), m.Body)
	return file(t, "messaggio.http", b.Bytes())
}

func file(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// jwksOf writes the public keys of parties of the suite into a file.
func jwksOf(t testing.TB, names ...string) string {
	t.Helper()
	set, err := (&Suite{world: theKeys()}).jwks(names...)
	if err != nil {
		t.Fatal(err)
	}
	return file(t, "jwks.json", set)
}

func judgeFiles(t *testing.T, change func(*Config), files ...string) *Report {
	t.Helper()
	p := parties()
	p.ReplyAudience = p.Client
	c := Config{
		Role: RoleToken, Files: files, Parties: p, At: theKeys().Now.Format(time.RFC3339),
		Patterns:      []modi.Pattern{modi.PatternVoucher, modi.PatternAuditREST02, modi.PatternIntegrityREST02},
		ReplyPatterns: []modi.Pattern{modi.PatternIntegrityREST02},
		Keys:          Keys{Consumer: jwksOf(t, "client"), Producer: jwksOf(t, "producer-keychain"), Platform: jwksOf(t, "platform")},
	}
	if change != nil {
		change(&c)
	}
	r, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestGoodFilesPass: a request, a reply and a token request from files.
func TestGoodFilesPass(t *testing.T) {
	t.Parallel()
	r := judgeFiles(t, func(c *Config) { c.Patterns = append(c.Patterns, modi.PatternClientAssertion) },
		saved(t, "audit-02-integrity-02"), saved(t, "integrity-02-response"), saved(t, "assertion"))
	tellFailures(t, r)
	for _, id := range []string{
		"modi.integrity/digest-mismatch#sent", "modi.integrity/digest-mismatch#answered", "modi.audit/digest-mismatch#sent", "pdnd.assertion/subject-mismatch#sent",
		"pdnd.voucher/signature-invalid#issued",
	} {
		if got := resultOf(t, r, id); got.Verdict != Pass {
			t.Errorf("%s: %s %s", id, got.Verdict, got.Reason.EN)
		}
	}
	if r.ExitCode() != ExitPass {
		t.Errorf("%v", r.Counts)
	}
}

// TestAVoucherIsJudgedUnderEitherScheme, in any case: one bound to a key comes as DPoP.
func TestAVoucherIsJudgedUnderEitherScheme(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"DPoP": saved(t, "dpop"), "bearer": saved(t, "voucher", cases.Step{Do: "token.scheme", Token: forge.Voucher, Value: "bearer"}),
	} {
		r := judgeFiles(t, func(c *Config) { c.Patterns = []modi.Pattern{modi.PatternVoucher} }, path)
		if got := resultOf(t, r, "pdnd.voucher/signature-invalid#issued"); got.Verdict != Pass {
			t.Errorf("%s: %s %s", name, got.Verdict, got.Reason.EN)
		}
	}
}

// TestBadFilesFail by the rule that they break, with the exchange as witness.
func TestBadFilesFail(t *testing.T) {
	t.Parallel()
	for id, path := range map[string]string{
		"modi.integrity/digest-mismatch#sent":            saved(t, "integrity-02", cases.Step{Do: "wire.body", Value: "{}"}),
		"modi.integrity/signature-invalid#answered":      saved(t, "integrity-02-response", cases.Step{Do: "compact.flip", Name: "signature"}),
		"modi.audit/dnonce-missing#sent":                 saved(t, "audit-02", cases.Step{Do: "claim.remove", Name: "dnonce"}),
		"pdnd.assertion/claim-not-allowed#sent":          saved(t, "assertion", cases.Step{Do: "claim.set", Name: "nbf", Value: 1}),
		"modi.integrity/content-type-not-signed#sent":    saved(t, "integrity-02", cases.Step{Do: "claim.signs", Value: []any{"digest"}}),
		"modi.integrity/request-digest-missing#answered": "",
	} {
		if path == "" {
			continue
		}
		r := judgeFiles(t, func(c *Config) { c.Patterns = append(c.Patterns, modi.PatternClientAssertion) }, path)
		if got := resultOf(t, r, id); got.Verdict != Fail || len(got.Exchanges) != 1 || got.Mend.EN == "" {
			t.Errorf("%s: %+v", id, got)
		}
		if r.ExitCode() != ExitFail {
			t.Errorf("%s: %v", id, r.Counts)
		}
	}
}

// TestATokenAlone is judged by the one pattern that says what it is.
func TestATokenAlone(t *testing.T) {
	t.Parallel()
	for pattern, c := range map[modi.Pattern]struct{ subject, place, id string }{
		modi.PatternVoucher:         {"voucher", forge.Voucher, "pdnd.voucher/signature-invalid#issued"},
		modi.PatternClientAssertion: {"assertion", forge.Assertion, "pdnd.assertion/signature-invalid#sent"},
		modi.PatternAuditREST01:     {"audit-01", forge.Evidence, "modi.audit/signature-invalid#sent"},
		modi.PatternIDAuthREST01:    {"id-auth-01", forge.Identity, "modi.id-auth/signature-invalid#sent"},
	} {
		m, err := theKeys().Build(c.subject, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := judgeFiles(t, func(config *Config) { config.Patterns, config.ReplyPatterns = []modi.Pattern{pattern}, nil }, file(t, "token", []byte(m.Tokens[c.place]+"\n")))
		if got := resultOf(t, r, c.id); got.Verdict != Pass {
			t.Errorf("%s: %+v", pattern, got)
		}
		tellFailures(t, r)
	}
}

// TestFilesThatCannotBeJudged are wrong use.
func TestFilesThatCannotBeJudged(t *testing.T) {
	t.Parallel()
	m, err := theKeys().Build("voucher", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]Config{
		"absent":          {Files: []string{"nessuno.http"}, Patterns: []modi.Pattern{modi.PatternVoucher}},
		"not a message":   {Files: []string{file(t, "x", []byte("ciao"))}, Patterns: []modi.Pattern{modi.PatternVoucher}},
		"several":         {Files: []string{file(t, "x", []byte(m.Tokens[forge.Voucher]))}, Patterns: []modi.Pattern{modi.PatternVoucher, modi.PatternAuditREST02}},
		"needs a message": {Files: []string{file(t, "x", []byte(m.Tokens[forge.Voucher]))}, Patterns: []modi.Pattern{modi.PatternIntegrityREST02}},
		"bad keys":        {Files: []string{"x"}, Patterns: []modi.Pattern{modi.PatternVoucher}, Keys: Keys{Platform: file(t, "k", []byte("{}"))}},
		"absent keys":     {Files: []string{"x"}, Patterns: []modi.Pattern{modi.PatternVoucher}, Keys: Keys{Consumer: "nessuno.pem"}},
		"bad time":        {Files: []string{"x"}, Patterns: []modi.Pattern{modi.PatternVoucher}, At: "ieri"},
	} {
		c.Role = RoleToken
		var wrong *Misuse
		if _, err := Run(t.Context(), c); !errors.As(err, &wrong) || wrong.In("it") == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestKeysOfTheUserAreRead, and what is no key is said to be none.
func TestKeysOfTheUserAreRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := file(t, "client.pem", privatePEM(t, ownKey()))
	base := Config{Role: RoleErogatore, Target: "http://127.0.0.1:1", Operations: posting(), Parties: parties(), keysOf: nil}
	for name, k := range map[string]Keys{
		"absent":              {Client: filepath.Join(dir, "x.pem")},
		"no key":              {Client: file(t, "x", []byte("ciao"))},
		"certificate alone":   {Certificate: good},
		"no certificate":      {Client: good, Certificate: good},
		"certificate absent":  {Client: good, Certificate: filepath.Join(dir, "x.pem")},
		"folder that is none": {Folder: good},
	} {
		c := base
		c.Keys = k
		s, err := Open(t.Context(), c)
		var wrong *Misuse
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_ = s.Close()
		}
	}
	for name, data := range map[string][]byte{"public": publicPEM(t, ownKey()), "JWKS": must(os.ReadFile(jwksOf(t, "client")))} {
		if set, err := readPublic(data); err != nil || len(set) != 1 {
			t.Errorf("%s: %v, %v", name, set, err)
		}
	}
	answer := must(os.ReadFile("../docs/patterns/examples/client.json"))
	for name, data := range map[string]string{
		"answer of PDND": string(answer), "without a kid": regexp.MustCompile(`"kid": "[^"]+",`).ReplaceAllString(string(answer), ""),
		"one key": regexp.MustCompile(`(?s)^.*"jwk": (.*)}\s*$`).ReplaceAllString(string(answer), "$1"),
	} {
		set, err := readPublic([]byte(data))
		if _, there := set["aB1SOXEYGCE1GglNcOLqm547x968MY65w2ytqkXj3e0"]; err != nil || !there {
			t.Errorf("%s: %v, %v", name, set, err)
		}
	}
	for _, data := range []string{"{}", `{"jwk":{"kty":"oct"}}`, "", "ciao", `{"keys":[{"kty":"oct","kid":"1"}]}`, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		if set, err := readPublic([]byte(data)); err == nil {
			t.Errorf("%q: %v", data, set)
		}
	}
}

// TestTheFolderKeepsTheKeys from one run to the next, so that a service is set up once.
func TestTheFolderKeepsTheKeys(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "chiavi")
	kids := map[string]string{}
	var ca string
	for range 2 {
		c := Config{Role: RoleErogatore, Target: "http://127.0.0.1:1", Operations: posting(), Parties: parties(), Keys: Keys{Folder: folder}}
		s, err := Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.Addresses()
		if err != nil {
			t.Fatal(err)
		}
		if ca != "" && ca != string(at.CA) {
			t.Error("the authority is another")
		}
		ca = string(at.CA)
		for _, name := range []string{"client", "platform", "consumer"} {
			_, kid, err := s.Key(name)
			if err != nil {
				t.Fatal(err)
			}
			if kids[name] != "" && kids[name] != kid {
				t.Errorf("the key of %s is another", name)
			}
			kids[name] = kid
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if data := must(os.ReadFile(filepath.Join(folder, "jwks.json"))); !strings.Contains(string(data), kids["platform"]) || strings.Contains(string(data), `"d"`) {
		t.Errorf("%s", data)
	}
	if err := os.WriteFile(filepath.Join(folder, "client.pem"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Role: RoleErogatore, Target: "http://127.0.0.1:1", Operations: posting(), Parties: parties(), Keys: Keys{Folder: folder}}); err == nil {
		t.Error("a key that is none was taken")
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/conformance/cases"
)

// probe applies steps to a subject and looks at what became of it.
type probe struct {
	subject string
	steps   []cases.Step
	look    func(t *testing.T, before, after *Message)
}

func do(name string, parameters ...any) cases.Step {
	s := cases.Step{Do: name}
	if len(parameters) > 0 {
		s.Name = fmt.Sprint(parameters[0])
	}
	if len(parameters) > 1 {
		s.Value = parameters[1]
	}
	return s
}

func on(token string, s cases.Step) cases.Step {
	s.Token = token
	return s
}

// claim wants the text of a claim.
func claim(place, name, want string) func(*testing.T, *Message, *Message) {
	return memberIs(place, name, want, func(o opened) string { return o.body })
}

// jose wants the text of a member of the header.
func jose(place, name, want string) func(*testing.T, *Message, *Message) {
	return memberIs(place, name, want, func(o opened) string { return o.headText })
}

func memberIs(place, name, want string, text func(opened) string) func(*testing.T, *Message, *Message) {
	return func(t *testing.T, _, after *Message) {
		t.Helper()
		var got map[string]json.RawMessage
		err := json.Unmarshal([]byte(text(open(t, after.Tokens[place]))), &got)
		if err != nil || string(got[name]) != want {
			t.Errorf("%s is %s, want %s (%v)", name, got[name], want, err)
		}
	}
}

// field wants the values of an HTTP field.
func field(name string, want ...string) func(*testing.T, *Message, *Message) {
	return func(t *testing.T, _, after *Message) {
		t.Helper()
		if got := after.Header.Values(name); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// compact wants a change of the compact form.
func compact(place string, holds func(before, after string) bool) func(*testing.T, *Message, *Message) {
	return func(t *testing.T, before, after *Message) {
		t.Helper()
		if !holds(before.Tokens[place], after.Tokens[place]) {
			t.Errorf("%.60q became %.60q", before.Tokens[place], after.Tokens[place])
		}
	}
}

// holds wants something of the message after the change.
func holds(what func(m *Message) bool) func(*testing.T, *Message, *Message) {
	return func(t *testing.T, _, after *Message) {
		t.Helper()
		if !what(after) {
			t.Errorf("%+v", after)
		}
	}
}

func TestEveryMutationDoesWhatItSays(t *testing.T) {
	probed := map[string]bool{}
	for _, group := range []map[string]probe{messageProbes(), wireProbes(), headerProbes(), claimProbes(), tokenProbes(), compactProbes()} {
		for name, p := range group {
			probed[name] = true
			t.Run(name, func(t *testing.T) {
				// The claims that are random stay out of the way: what differs is the step's doing.
				p.look(t, build(t, p.subject), build(t, p.subject, p.steps...))
			})
		}
	}
	for name, doc := range Mutations() {
		if !probed[name] || doc == "" {
			t.Errorf("%s has no test or no text", name)
		}
	}
	if len(probed) != len(Mutations()) {
		t.Errorf("%d mutations are probed, there are %d", len(probed), len(Mutations()))
	}
}

func TestEveryMutationIsUsedByTheTable(t *testing.T) {
	all, err := cases.All()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, c := range all {
		for _, s := range c.Steps {
			used[s.Do] = true
		}
	}
	for name := range Mutations() {
		if !used[name] {
			t.Errorf("no case uses %s", name)
		}
	}
	for name := range used {
		if Mutations()[name] == "" {
			t.Errorf("the table uses %s, which does not exist", name)
		}
	}
}

// TestCasesOfOtherLayersCanBeBuilt builds what no test judges yet.
func TestCasesOfOtherLayersCanBeBuilt(t *testing.T) {
	all, err := cases.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Layer != cases.LayerGateway && c.Layer != cases.LayerInteraction {
			continue
		}
		_, err := theWorld().Build(c.Subject, c.Steps)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
	}
}

func messageProbes() map[string]probe {
	digestOf := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	}
	prefix := func(want string, length int) func(*testing.T, *Message, *Message) {
		return holds(func(m *Message) bool {
			got := m.Header.Get("Digest")
			return strings.HasPrefix(got, want) && len(got) == len(want)+length
		})
	}
	return map[string]probe{
		"message.method": {"voucher", []cases.Step{do("message.method", "", "PUT")}, holds(func(m *Message) bool { return m.Method == "PUT" })},
		"message.url":    {"voucher", []cases.Step{do("message.url", "", "${url}?a=1")}, holds(func(m *Message) bool { return strings.HasSuffix(m.URL, "/verifiche?a=1") })},
		"message.body":   {"integrity-02", []cases.Step{do("message.body", "", "abc")}, field("Digest", digestOf("abc"))},
		"message.status": {"integrity-02-response", []cases.Step{do("message.status", "", 202)}, holds(func(m *Message) bool { return m.Status == 202 })},
		"message.empty": {"integrity-02", []cases.Step{do("message.empty")}, holds(func(m *Message) bool {
			return len(m.Body) == 0 && m.Header.Get("Digest") == "" && m.Header.Get("Content-Type") == ""
		})},
		"message.gzip": {"integrity-02", []cases.Step{do("message.gzip")}, holds(func(m *Message) bool {
			return bytes.HasPrefix(m.Body, []byte{0x1f, 0x8b}) && m.Header.Get("Digest") == digestOf(string(m.Body)) && m.Header.Get("Content-Encoding") == "gzip"
		})},
		"field.set":        {"voucher", []cases.Step{do("field.set", "X-A", "1")}, field("X-A", "1")},
		"field.add":        {"voucher", []cases.Step{do("field.add", "X-A", "1"), do("field.add", "X-A", "2")}, field("X-A", "1", "2")},
		"digest.none":      {"integrity-02", []cases.Step{do("digest.none")}, field("Digest")},
		"digest.of":        {"integrity-02", []cases.Step{do("digest.of", "", "xyz")}, field("Digest", digestOf("xyz"))},
		"digest.encoding":  {"integrity-02", []cases.Step{do("digest.encoding", "", "hex")}, prefix("SHA-256=", 64)},
		"digest.text":      {"integrity-02", []cases.Step{do("digest.text", "", "UNIXsum=1")}, field("Digest", "UNIXsum=1")},
		"digest.name":      {"integrity-02", []cases.Step{do("digest.name", "", "sha-256")}, prefix("sha-256=", 44)},
		"digest.algorithm": {"integrity-02", []cases.Step{do("digest.algorithm", "", "SHA-512")}, prefix("SHA-512=", 88)},
		"digest.last-byte": {"integrity-02", []cases.Step{do("digest.last-byte")}, holds(func(m *Message) bool {
			raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(m.Header.Get("Digest"), "SHA-256="))
			sum := sha256.Sum256(m.Body)
			return err == nil && bytes.Equal(raw[:31], sum[:31]) && raw[31] != sum[31]
		})},
		"digest.stray-bits": {"integrity-02", []cases.Step{do("digest.stray-bits")}, holds(func(m *Message) bool {
			text := strings.TrimPrefix(m.Header.Get("Digest"), "SHA-256=")
			raw, err := base64.StdEncoding.DecodeString(text)
			sum := sha256.Sum256(m.Body)
			return err == nil && bytes.Equal(raw, sum[:]) && text != base64.StdEncoding.EncodeToString(sum[:])
		})},
		"digest.twice": {"integrity-02", []cases.Step{do("digest.twice")}, holds(func(m *Message) bool {
			values := m.Header.Values("Digest")
			return len(values) == 2 && values[0] == values[1] && values[0] == digestOf(requestBody)
		})},
		"digest.also": {"integrity-02", []cases.Step{do("digest.also", "", "SHA-512")}, prefix(digestOf(requestBody)+",SHA-512=", 88)},
	}
}

func wireProbes() map[string]probe {
	voucherOf := func(m *Message) string { return m.Tokens[Voucher] }
	return map[string]probe{
		"wire.set":    {"integrity-02", []cases.Step{do("wire.set", "Digest", "x")}, field("Digest", "x")},
		"wire.add":    {"voucher", []cases.Step{do("wire.add", "Content-Type", "x")}, field("Content-Type", "application/json", "x")},
		"wire.remove": {"voucher", []cases.Step{do("wire.remove", "Authorization")}, field("Authorization")},
		"wire.repeat": {"voucher", []cases.Step{do("wire.repeat", "Content-Type")}, field("Content-Type", "application/json", "application/json")},
		"wire.join":   {"voucher", []cases.Step{do("wire.join", "Content-Type")}, field("Content-Type", "application/json, application/json")},
		"wire.copy": {"integrity-02", []cases.Step{do("wire.copy", "Agid-JWT-Signature", "Authorization")}, holds(func(m *Message) bool {
			return m.Header.Get("Agid-JWT-Signature") == voucherOf(m)
		})},
		"wire.body": {"integrity-02", []cases.Step{do("wire.body", "", "x")}, holds(func(m *Message) bool { return string(m.Body) == "x" && m.Header.Get("Digest") != "" })},
		"wire.swap": {"integrity-02", []cases.Step{do("wire.swap", "0042", "0043")}, holds(func(m *Message) bool { return strings.Contains(string(m.Body), "2026/0043") })},
		"wire.gzip": {"integrity-02", []cases.Step{do("wire.gzip")}, holds(func(m *Message) bool { return bytes.HasPrefix(m.Body, []byte{0x1f, 0x8b}) })},
		"wire.url":  {"dpop", []cases.Step{do("wire.url", "", "${url}?a=1")}, holds(func(m *Message) bool { return strings.HasSuffix(m.URL, "?a=1") })},
	}
}

func headerProbes() map[string]probe {
	x5c := func(t testing.TB, m *Message) string {
		t.Helper()
		list, _ := open(t, m.Tokens[Identity]).head["x5c"].([]any)
		text, _ := list[0].(string)
		return text
	}
	return map[string]probe{
		"jose.set":    {"voucher", []cases.Step{do("jose.set", "typ", "JWT")}, jose(Voucher, "typ", `"JWT"`)},
		"jose.text":   {"voucher", []cases.Step{do("jose.text", "x", "[1]")}, jose(Voucher, "x", `[1]`)},
		"jose.add":    {"voucher", []cases.Step{do("jose.add", "alg", "none")}, holds(func(m *Message) bool { return strings.Count(headOf(m, Voucher), `"alg"`) == 2 })},
		"jose.remove": {"voucher", []cases.Step{do("jose.remove", "alg")}, holds(func(m *Message) bool { return !strings.Contains(headOf(m, Voucher), `"alg"`) })},
		"jose.reference": {"id-auth-01", []cases.Step{do("jose.reference", "kid", "client")}, func(t *testing.T, before, after *Message) {
			jose(Identity, "kid", fmt.Sprintf("%q", key(t, "client").KID))(t, before, after)
		}},
		"jose.references": {"id-auth-01", []cases.Step{do("jose.references", "", []any{"x5t#S256"})}, holds(func(m *Message) bool {
			return strings.Contains(headOf(m, Identity), `"x5t#S256"`) && !strings.Contains(headOf(m, Identity), `"x5c"`)
		})},
		"jwk.set":     {"dpop", []cases.Step{do("jwk.set", "kid", "a")}, holds(func(m *Message) bool { return strings.Contains(headOf(m, Proof), `"kid":"a"`) })},
		"jwk.private": {"dpop", []cases.Step{do("jwk.private")}, holds(func(m *Message) bool { return strings.Contains(headOf(m, Proof), `"d":"`) })},
		"x5c.rewrite": {"id-auth-01", []cases.Step{do("x5c.rewrite", "", "\n")}, func(t *testing.T, before, after *Message) {
			if got := x5c(t, after); got[64:65] != "\n" || strings.ReplaceAll(got, "\n", "") != x5c(t, before) {
				t.Errorf("%.80q", got)
			}
		}},
		"x5c.base64url": {"id-auth-01", []cases.Step{do("x5c.base64url")}, func(t *testing.T, _, after *Message) {
			der, err := base64.RawURLEncoding.DecodeString(x5c(t, after))
			if err != nil || !bytes.Equal(der, key(t, "consumer").Leaf()) || !strings.ContainsAny(x5c(t, after), "-_") {
				t.Errorf("%v", err)
			}
		}},
	}
}

func headOf(m *Message, place string) string {
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(m.Tokens[place], ".")[0])
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func bodyOf(m *Message, place string) string {
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(m.Tokens[place], ".")[1])
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func claimProbes() map[string]probe {
	now := theWorld().Now.Unix()
	return map[string]probe{
		"claim.set":         {"voucher", []cases.Step{do("claim.set", "aud", []any{"${audience}", 7})}, claim(Voucher, "aud", `["`+theWorld().Names["audience"]+`",7]`)},
		"claim.text":        {"voucher", []cases.Step{do("claim.text", "exp", "1e400")}, claim(Voucher, "exp", "1e400")},
		"claim.add":         {"voucher", []cases.Step{do("claim.add", "aud", "x")}, holds(func(m *Message) bool { return strings.Count(bodyOf(m, Voucher), `"aud"`) == 2 })},
		"claim.add-escaped": {"voucher", []cases.Step{do("claim.add-escaped", "aud", "x")}, holds(func(m *Message) bool { return strings.Contains(bodyOf(m, Voucher), `"\u0061ud":"x"`) })},
		"claim.remove":      {"voucher", []cases.Step{do("claim.remove", "aud")}, claim(Voucher, "aud", "")},
		"claim.rename":      {"voucher", []cases.Step{do("claim.rename", "aud", "AUD")}, claim(Voucher, "AUD", `"`+theWorld().Names["audience"]+`"`)},
		"claim.time":        {"voucher", []cases.Step{do("claim.time", "iat", -61)}, claim(Voucher, "iat", fmt.Sprint(now-61))},
		"claim.time-text":   {"voucher", []cases.Step{do("claim.time-text", "iat", `"%d"@-5`)}, claim(Voucher, "iat", fmt.Sprintf("%q", fmt.Sprint(now-5)))},
		"claim.repeat-char": {"voucher", []cases.Step{do("claim.repeat-char", "jti", 3)}, claim(Voucher, "jti", `"jjj"`)},
		"claim.signs":       {"integrity-02", []cases.Step{do("claim.signs", "", []any{"content-type"})}, claim(Signature, "signed_headers", `[{"content-type":"application/json"}]`)},
		"claim.signs-merged": {"integrity-02", []cases.Step{do("claim.signs-merged")}, holds(func(m *Message) bool {
			return strings.Contains(bodyOf(m, Signature), `"signed_headers":[{"content-type":"application/json","digest":"SHA-256=`)
		})},
		"claim.copy-jti": {"both-headers", []cases.Step{do("claim.copy-jti", "", Identity)}, func(t *testing.T, _, after *Message) {
			one, two := open(t, after.Tokens[Identity]).claims["jti"], open(t, after.Tokens[Signature]).claims["jti"]
			if one == nil || one != two {
				t.Errorf("%v and %v", one, two)
			}
		}},
	}
}

func tokenProbes() map[string]probe {
	signedBy := func(place, name string, namesIt bool) func(*testing.T, *Message, *Message) {
		return func(t *testing.T, _, after *Message) {
			t.Helper()
			o := open(t, after.Tokens[place])
			if !o.verifies(key(t, name).Signer.Public()) || (o.head["kid"] == key(t, name).KID) != namesIt {
				t.Errorf("not signed by %s, or kid is %v", name, o.head["kid"])
			}
		}
	}
	bound := func(name, want string) func(*testing.T, *Message, *Message) {
		return func(t *testing.T, _, after *Message) {
			t.Helper()
			digest, _ := open(t, after.Tokens[Voucher]).claims["digest"].(map[string]any)
			evidence := evidenceDigest(after.Tokens[Evidence])["value"]
			got := strings.ReplaceAll(fmt.Sprint(digest[name]), evidence, "same")
			got = strings.ReplaceAll(got, strings.ToUpper(evidence), "SAME")
			if got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
	}
	onVoucher := func(s cases.Step) []cases.Step { return []cases.Step{on(Voucher, s)} }
	return map[string]probe{
		"token.algorithm": {"integrity-02", []cases.Step{do("token.algorithm", "", "PS256")}, func(t *testing.T, before, after *Message) {
			jose(Signature, "alg", `"PS256"`)(t, before, after)
			if open(t, after.Tokens[Signature]).verifies(key(t, "client").Signer.Public()) {
				t.Error("still signed as RS256")
			}
		}},
		"token.key":      {"integrity-02", []cases.Step{do("token.key", "", "other-client")}, signedBy(Signature, "other-client", true)},
		"token.signer":   {"integrity-02", []cases.Step{do("token.signer", "", "other-client")}, signedBy(Signature, "other-client", false)},
		"token.header":   {"voucher", []cases.Step{do("token.header", "", "[]")}, holds(func(m *Message) bool { return headOf(m, Voucher) == "[]" })},
		"token.payload":  {"voucher", []cases.Step{do("token.payload", "", "[]")}, holds(func(m *Message) bool { return bodyOf(m, Voucher) == "[]" })},
		"token.trailing": {"voucher", []cases.Step{do("token.trailing", "", "{}")}, holds(func(m *Message) bool { return strings.HasSuffix(bodyOf(m, Voucher), "}{}") })},
		"token.scheme":   {"voucher", []cases.Step{do("token.scheme", "", "Basic")}, holds(func(m *Message) bool { return m.Header.Get("Authorization") == "Basic "+m.Tokens[Voucher] })},
		"token.field": {"integrity-02", []cases.Step{do("token.field", "", "X-Firma")}, holds(func(m *Message) bool {
			return m.Header.Get("X-Firma") == m.Tokens[Signature] && m.Header.Get("Agid-JWT-Signature") == ""
		})},
		"token.drop":    {"integrity-02", []cases.Step{do("token.drop")}, field("Agid-JWT-Signature")},
		"token.unbound": {"audit-02", onVoucher(do("token.unbound")), bound("value", "<nil>")},
		"bind.alg":      {"audit-02", onVoucher(do("bind.alg", "", "MD5")), bound("alg", "MD5")},
		"bind.remove":   {"audit-02", onVoucher(do("bind.remove", "alg")), bound("alg", "<nil>")},
		"bind.upper":    {"audit-02", onVoucher(do("bind.upper")), bound("value", "SAME")},
		"bind.base64": {"audit-02", onVoucher(do("bind.base64")), func(t *testing.T, _, after *Message) {
			digest, _ := open(t, after.Tokens[Voucher]).claims["digest"].(map[string]any)
			sum := sha256.Sum256([]byte(after.Tokens[Evidence]))
			if digest["value"] != base64.StdEncoding.EncodeToString(sum[:]) {
				t.Errorf("value %v", digest["value"])
			}
		}},
		"bind.other": {"audit-02", onVoucher(do("bind.other")), bound("value", strings.Repeat("0f", 32))},
		"bind.payload": {"audit-02", onVoucher(do("bind.payload")), func(t *testing.T, before, after *Message) {
			bound("value", evidenceDigest(bodyOf(after, Evidence))["value"])(t, before, after)
		}},
	}
}

func compactProbes() map[string]probe {
	parts := func(n int) func(string) int { return func(s string) int { return len(strings.Split(s, ".")[n]) } }
	sameBytes := func(a, b string) bool {
		one, errA := base64.RawURLEncoding.DecodeString(a[strings.LastIndex(a, ".")+1:])
		two, errB := base64.RawURLEncoding.DecodeString(b[strings.LastIndex(b, ".")+1:])
		return errA == nil && errB == nil && len(one) == len(two) && len(one) == 256
	}
	return map[string]probe{
		"compact.value": {"voucher", []cases.Step{do("compact.value", "", "x")}, compact(Voucher, func(_, after string) bool { return after == "x" })},
		"compact.parts": {"voucher", []cases.Step{do("compact.parts", "", 5)}, compact(Voucher, func(_, after string) bool { return strings.Count(after, ".") == 4 })},
		"compact.insert": {"voucher", []cases.Step{do("compact.insert", "payload", "+")}, compact(Voucher, func(before, after string) bool {
			return parts(1)(after) == parts(1)(before)+1 && strings.Contains(after, "+")
		})},
		"compact.pad":      {"voucher", []cases.Step{do("compact.pad", "signature")}, compact(Voucher, func(_, after string) bool { return strings.HasSuffix(after, "==") })},
		"compact.truncate": {"voucher", []cases.Step{do("compact.truncate", "signature", 4)}, compact(Voucher, func(_, after string) bool { return parts(2)(after) == 336 })},
		"compact.stray-bits": {"voucher", []cases.Step{do("compact.stray-bits", "signature")}, compact(Voucher, func(before, after string) bool {
			_, err := base64.RawURLEncoding.Strict().DecodeString(after[strings.LastIndex(after, ".")+1:])
			return sameBytes(before, after) && err != nil
		})},
		"compact.der": {"dpop", []cases.Step{do("compact.der", "signature")}, holds(func(m *Message) bool {
			return strings.Contains(m.Tokens[Proof], ".MEU") || strings.Contains(m.Tokens[Proof], ".ME")
		})},
		"compact.empty": {"voucher", []cases.Step{do("compact.empty", "signature")}, compact(Voucher, func(_, after string) bool { return strings.HasSuffix(after, ".") })},
		"compact.flip": {"voucher", []cases.Step{do("compact.flip", "signature")}, func(t *testing.T, _, after *Message) {
			if open(t, after.Tokens[Voucher]).verifies(key(t, "platform").Signer.Public()) {
				t.Error("the signature still verifies")
			}
		}},
		"compact.claim": {"voucher", []cases.Step{do("compact.claim", `"iat":1`, `"iat":2`)}, func(t *testing.T, _, after *Message) {
			o := open(t, after.Tokens[Voucher])
			if o.verifies(key(t, "platform").Signer.Public()) || !strings.Contains(o.body, `"iat":2`) {
				t.Errorf("%s", o.body)
			}
		}},
	}
}

func TestCertificatesHaveTheDefectOfTheirName(t *testing.T) {
	now := theWorld().Now
	for name, bad := range map[string]func(c *x509.Certificate, chain int) bool{
		"consumer":           func(c *x509.Certificate, _ int) bool { return c.NotAfter.Before(now) || c.NotBefore.After(now) },
		"expired":            func(c *x509.Certificate, _ int) bool { return !c.NotAfter.Before(now) },
		"future":             func(c *x509.Certificate, _ int) bool { return !c.NotBefore.After(now) },
		"self-signed":        func(c *x509.Certificate, _ int) bool { return !bytes.Equal(c.RawIssuer, c.RawSubject) },
		"unknown-authority":  func(c *x509.Certificate, _ int) bool { return !strings.HasSuffix(c.Issuer.CommonName, "stranger") },
		"authority-as-leaf":  func(c *x509.Certificate, _ int) bool { return !c.IsCA },
		"no-signature-usage": func(c *x509.Certificate, _ int) bool { return c.KeyUsage&x509.KeyUsageDigitalSignature != 0 },
		"via-intermediate": func(c *x509.Certificate, chain int) bool {
			return chain != 2 || !strings.HasSuffix(c.Issuer.CommonName, "intermediate")
		},
		"intermediate-missing": func(c *x509.Certificate, chain int) bool {
			return chain != 1 || !strings.HasSuffix(c.Issuer.CommonName, "intermediate")
		},
		"wrong-intermediate": func(c *x509.Certificate, chain int) bool {
			return chain != 2 || !strings.HasSuffix(c.Issuer.CommonName, "intermediate")
		},
		"no-organisation": func(c *x509.Certificate, _ int) bool { return strings.Contains(c.Subject.String(), "2.5.4.97") },
	} {
		k := key(t, name)
		c, err := x509.ParseCertificate(k.Leaf())
		if err != nil {
			t.Fatal(err)
		}
		if bad(c, len(k.Chain)) {
			t.Errorf("%s: %v", name, c.Subject)
		}
	}
}

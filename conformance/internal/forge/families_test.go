// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/conformance/cases"
)

// example is a step on a message that can take it.
type example struct {
	subject, place string // of the token that is changed, or that signs what is
	step           cases.Step
}

// beforeSigning are the mutations that happen before a token is signed, one example each:
// their fault must be the only one, so the signature holds.
func beforeSigning() map[string]example {
	signed := func(s cases.Step) example { return example{"integrity-02", Signature, s} }
	certified := func(s cases.Step) example { return example{"id-auth-01", Identity, s} }
	proved := func(s cases.Step) example { return example{"dpop", Proof, s} }
	bound := func(s cases.Step) example { return example{"audit-02", Voucher, on(Voucher, s)} }
	return map[string]example{
		"message.method": signed(do("message.method", "", "PUT")), "message.url": signed(do("message.url", "", "https://altrove.example")),
		"message.body": signed(do("message.body", "", "{}")), "message.empty": signed(do("message.empty")), "message.gzip": signed(do("message.gzip")),
		"message.status": {"integrity-02-response", Signature, do("message.status", "", 404)},
		"field.set":      signed(do("field.set", "Content-Type", "text/plain")), "field.add": signed(do("field.add", "Content-Type", "text/plain")),
		"digest.none": signed(do("digest.none")), "digest.of": signed(do("digest.of", "", "x")), "digest.text": signed(do("digest.text", "", "x")),
		"digest.encoding": signed(do("digest.encoding", "", "base64url")), "digest.name": signed(do("digest.name", "", "sha256")),
		"digest.algorithm": signed(do("digest.algorithm", "", "MD5")), "digest.also": signed(do("digest.also", "", "SHA-384")),
		"digest.twice":     signed(do("digest.twice")),
		"digest.last-byte": signed(do("digest.last-byte")), "digest.stray-bits": signed(do("digest.stray-bits")),
		"jose.set": signed(do("jose.set", "crit", []any{"exp"})), "jose.text": signed(do("jose.text", "kid", "7")),
		"jose.add": signed(do("jose.add", "kid", "x")), "jose.remove": signed(do("jose.remove", "typ")),
		"jose.reference": certified(do("jose.reference", "kid", "consumer")), "jose.references": certified(do("jose.references", "", []any{"jwk"})),
		"jwk.set": proved(do("jwk.set", "alg", "ES256")), "jwk.private": proved(do("jwk.private")),
		"x5c.rewrite": certified(do("x5c.rewrite", "", " ")), "x5c.base64url": certified(do("x5c.base64url")),
		"claim.set": signed(do("claim.set", "aud", "x")), "claim.text": signed(do("claim.text", "exp", "1e3")), "claim.add": signed(do("claim.add", "iss", "x")),
		"claim.add-escaped": signed(do("claim.add-escaped", "iss", "x")), "claim.remove": signed(do("claim.remove", "iss")),
		"claim.rename": signed(do("claim.rename", "iss", "issuer")), "claim.time": signed(do("claim.time", "exp", -1)),
		"claim.time-text": signed(do("claim.time-text", "exp", "%d.5")), "claim.repeat-char": signed(do("claim.repeat-char", "jti", 4097)),
		"claim.signs": signed(do("claim.signs", "", []any{"digest"})), "claim.signs-merged": signed(do("claim.signs-merged")),
		"claim.copy-jti": {"both-headers", Signature, do("claim.copy-jti", "", Identity)},
		"token.header":   signed(do("token.header", "", `{"alg":"RS256"}`)), "token.payload": signed(do("token.payload", "", "[]")),
		"token.trailing": signed(do("token.trailing", "", " {}")), "token.scheme": {"voucher", Voucher, do("token.scheme", "", "bearer")},
		"token.field": signed(do("token.field", "", "X-Firma")), "token.unbound": bound(do("token.unbound")),
		"bind.alg": bound(do("bind.alg", "", "SHA-256")), "bind.remove": bound(do("bind.remove", "value")), "bind.upper": bound(do("bind.upper")),
		"bind.base64": bound(do("bind.base64")), "bind.other": bound(do("bind.other")), "bind.payload": bound(do("bind.payload")),
	}
}

// otherFamilies are the mutations whose effect on the signature is the point of them.
func otherFamilies() []string {
	return []string{"token.algorithm", "token.key", "token.signer", "token.drop"}
}

func TestEveryMutationHasAFamily(t *testing.T) {
	known := beforeSigning()
	for name := range Mutations() {
		_, before := known[name]
		after := strings.HasPrefix(name, "wire.") || strings.HasPrefix(name, "compact.")
		if before == after && !slices.Contains(otherFamilies(), name) {
			t.Errorf("%s is in no family", name)
		}
	}
}

// TestChangesBeforeSigningLeaveOneFault: the token is signed as it is sent.
func TestChangesBeforeSigningLeaveOneFault(t *testing.T) {
	for name, e := range beforeSigning() {
		t.Run(name, func(t *testing.T) {
			m := build(t, e.subject, e.step)
			signer := key(t, signers(e.subject)[e.place])
			if !open(t, m.Tokens[e.place]).verifies(signer.Signer.Public()) {
				t.Errorf("the signature of %s is broken too", e.place)
			}
		})
	}
}

// TestAChangeOfOneTokenLeavesTheOthers: whatever is done to a token, the rest of the
// message is genuine.
func TestAChangeOfOneTokenLeavesTheOthers(t *testing.T) {
	for name, m := range mutations() {
		if m.whole {
			continue
		}
		e, known := beforeSigning()[name]
		if !known || name == "claim.copy-jti" || strings.HasPrefix(name, "bind.") {
			continue
		}
		if e.subject == "id-auth-01" {
			e.subject = "both-headers" // where there is another token
		}
		e.step.Token = e.place
		t.Run(name, func(t *testing.T) {
			for place, compact := range build(t, e.subject, e.step).Tokens {
				if place == e.place {
					continue
				}
				o := open(t, compact)
				if !o.verifies(key(t, signers(e.subject)[place]).Signer.Public()) {
					t.Errorf("%s is not genuine", place)
				}
				checkTimes(t, place, o.claims)
			}
		})
	}
}

// TestChangesOfTheCompactFormAreSeen: of the edits that keep the bytes, the text differs;
// of the others, the signature fails or there is no token.
func TestChangesOfTheCompactFormAreSeen(t *testing.T) {
	for name, e := range map[string]struct {
		step      cases.Step
		sameBytes bool
	}{
		"another text":        {do("compact.value", "", "a.b.c"), false},
		"four parts":          {do("compact.parts", "", 4), false},
		"two parts":           {do("compact.parts", "", 2), false},
		"no part":             {do("compact.parts", "", 0), false},
		"a padded signature":  {do("compact.pad", "signature"), true},
		"a stray bit":         {do("compact.stray-bits", "signature"), true},
		"a shorter signature": {do("compact.truncate", "signature", 1), false},
		"a shorter payload":   {do("compact.truncate", "payload", 1), false},
		"more than it has":    {do("compact.truncate", "signature", 10_000), false},
		"an empty header":     {do("compact.empty", "header"), false},
		"an empty payload":    {do("compact.empty", "payload"), false},
		"an empty signature":  {do("compact.empty", "signature"), false},
		"another header byte": {do("compact.flip", "header"), false},
		"another payload":     {do("compact.flip", "payload"), false},
		"another signature":   {do("compact.flip", "signature"), false},
		"another claim":       {do("compact.claim", `"aud"`, `"dua"`), false},
		"a stray character":   {do("compact.insert", "signature", "!"), false},
	} {
		t.Run(name, func(t *testing.T) {
			m := build(t, "voucher", e.step)
			compact := m.Tokens[Voucher]
			if got := m.Header.Get("Authorization"); got != "Bearer "+compact {
				t.Errorf("sent %.40q", got)
			}
			parts := strings.Split(compact, ".")
			if !e.sameBytes {
				if len(parts) != 3 {
					return
				}
				signature, err := base64.RawURLEncoding.DecodeString(parts[2])
				o := opened{parts: parts, signature: signature}
				if err == nil && o.verifies(key(t, "platform").Signer.Public()) {
					t.Error("it verifies all the same")
				}
				return
			}
			plain := make([]string, 3)
			strict := true
			for i, part := range parts {
				_, err := base64.RawURLEncoding.Strict().DecodeString(part)
				strict = strict && err == nil
				raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "="))
				if err != nil {
					t.Fatal(err)
				}
				plain[i] = base64.RawURLEncoding.EncodeToString(raw)
			}
			if strict || !open(t, strings.Join(plain, ".")).verifies(key(t, "platform").Signer.Public()) {
				t.Errorf("strict %t, or the bytes are not those that were signed", strict)
			}
		})
	}
}

// TestDERSignatureIsTheSameSignature: what compact.der writes is the sequence of X.509
// with the R and S of the genuine signature.
func TestDERSignatureIsTheSameSignature(t *testing.T) {
	compact := build(t, "dpop", do("compact.der", "signature")).Tokens[Proof]
	parts := strings.Split(compact, ".")
	der, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	var pair struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &pair)
	if err != nil || len(rest) != 0 {
		t.Fatalf("%v, %d bytes left", err, len(rest))
	}
	o := opened{parts: parts, signature: append(pair.R.FillBytes(make([]byte, 32)), pair.S.FillBytes(make([]byte, 32))...)}
	pub, ok := key(t, "dpop").Signer.Public().(*ecdsa.PublicKey)
	if !ok || !o.verifies(pub) {
		t.Error("R and S do not verify")
	}
}

// TestChangesOnTheWayLeaveTheTokens: wire mutations touch the field or the body they
// name, after everything was signed.
func TestChangesOnTheWayLeaveTheTokens(t *testing.T) {
	for name, e := range map[string]struct {
		step    cases.Step
		touched []string // fields
		body    bool
	}{
		"wire.set":    {do("wire.set", "Digest", "SHA-256=x"), []string{"Digest"}, false},
		"wire.add":    {do("wire.add", "Digest", "SHA-256=x"), []string{"Digest"}, false},
		"wire.remove": {do("wire.remove", "Digest"), []string{"Digest"}, false},
		"wire.repeat": {do("wire.repeat", "Agid-JWT-Signature"), []string{"Agid-Jwt-Signature"}, false},
		"wire.join":   {do("wire.join", "Agid-JWT-Signature"), []string{"Agid-Jwt-Signature"}, false},
		"wire.copy":   {do("wire.copy", "Agid-JWT-Signature", "Authorization"), []string{"Agid-Jwt-Signature"}, false},
		"wire.body":   {do("wire.body", "", "{}"), nil, true},
		"wire.swap":   {do("wire.swap", "verifica", "estrazione"), nil, true},
		"wire.gzip":   {do("wire.gzip"), []string{"Content-Encoding"}, true},
		"wire.url":    {do("wire.url", "", "https://altrove.example/x"), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := build(t, "integrity-02", e.step)
			for place, compact := range m.Tokens {
				if !open(t, compact).verifies(key(t, signers("integrity-02")[place]).Signer.Public()) {
					t.Errorf("%s was signed anew or not at all", place)
				}
			}
			genuine := map[string]string{
				"Content-Type": "application/json", "Authorization": "Bearer " + m.Tokens[Voucher], "Agid-Jwt-Signature": m.Tokens[Signature],
			}
			for field, value := range genuine {
				got := m.Header.Values(field)
				if touched := slices.Contains(e.touched, field); touched == (len(got) == 1 && got[0] == value) {
					t.Errorf("%s: touched %t, and it is %.40q", field, touched, got)
				}
			}
			if touched := string(m.Body) != requestBody; touched != e.body {
				t.Errorf("the body is %q", m.Body)
			}
			if (m.URL != theWorld().Names["url"]) != (name == "wire.url") {
				t.Errorf("sent to %s", m.URL)
			}
		})
	}
}

// TestCompressedBodiesOpen: both compressions give back what was to be sent, and only the
// one before signing has the Digest of the compressed bytes.
func TestCompressedBodiesOpen(t *testing.T) {
	for _, step := range []string{"message.gzip", "wire.gzip"} {
		m := build(t, "integrity-02", do(step))
		z, err := gzip.NewReader(bytes.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil || string(plain) != requestBody || m.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %q, %v", step, plain, err)
		}
		list := fmt.Sprint(open(t, m.Tokens[Signature]).claims["signed_headers"])
		if signed := strings.Contains(list, "content-encoding:gzip"); signed != (step == "message.gzip") {
			t.Errorf("%s: content-encoding signed %t", step, signed)
		}
	}
}

// TestStepsAreDoneInTheirOrder: a later step sees what an earlier one did.
func TestStepsAreDoneInTheirOrder(t *testing.T) {
	for name, c := range map[string]struct {
		steps []cases.Step
		look  func(*testing.T, *Message, *Message)
	}{
		"the last value stands":    {[]cases.Step{do("claim.set", "aud", "a"), do("claim.set", "aud", "b")}, claim(Voucher, "aud", `"b"`)},
		"taken out, then set":      {[]cases.Step{do("claim.remove", "aud"), do("claim.set", "aud", "b")}, claim(Voucher, "aud", `"b"`)},
		"renamed, then set":        {[]cases.Step{do("claim.rename", "aud", "dest"), do("claim.set", "dest", "b")}, claim(Voucher, "dest", `"b"`)},
		"a key, then another's":    {[]cases.Step{do("token.key", "", "client"), do("token.key", "", "platform")}, signedByPlatform},
		"edits one upon the other": {[]cases.Step{do("compact.empty", "signature"), do("compact.insert", "signature", "x")}, compact(Voucher, func(_, after string) bool { return strings.HasSuffix(after, ".x") })},
		"on the way, twice":        {[]cases.Step{do("wire.set", "X-A", "1"), do("wire.add", "X-A", "2")}, field("X-A", "1", "2")},
		"signed, then on the way":  {[]cases.Step{do("wire.set", "Content-Type", "b"), do("field.set", "Content-Type", "a")}, field("Content-Type", "b")},
	} {
		t.Run(name, func(t *testing.T) { c.look(t, build(t, "voucher"), build(t, "voucher", c.steps...)) })
	}
}

func signedByPlatform(t *testing.T, _, after *Message) {
	t.Helper()
	if o := open(t, after.Tokens[Voucher]); !o.verifies(key(t, "platform").Signer.Public()) || o.head["kid"] != key(t, "platform").KID {
		t.Errorf("signed by another, kid %v", o.head["kid"])
	}
}

// TestATokenThatIsDroppedIsNowhere: neither in the message nor in what is said of it.
func TestATokenThatIsDroppedIsNowhere(t *testing.T) {
	for subject, place := range map[string]string{"integrity-02": Voucher, "both-headers": Identity, "audit-01": Evidence, "dpop": Proof} {
		before, m := build(t, subject), build(t, subject, on(place, do("token.drop")))
		if _, there := m.Tokens[place]; there || len(m.Tokens) != len(before.Tokens)-1 || len(m.Header) != len(before.Header)-1 {
			t.Errorf("%s without %s: %v", subject, place, m.Header)
		}
	}
}

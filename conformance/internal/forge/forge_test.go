// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/conformance/cases"
)

// theWorld holds the keys of all tests: making them is slow.
var theWorld = sync.OnceValue(func() *World {
	return NewWorld(time.Unix(1772442000, 0), rand.Reader, InventedNames())
})

func build(t testing.TB, subject string, steps ...cases.Step) *Message {
	t.Helper()
	m, err := theWorld().Build(subject, steps)
	if err != nil {
		t.Fatalf("%s: %v", subject, err)
	}
	return m
}

func key(t testing.TB, name string) *Key {
	t.Helper()
	k, err := theWorld().Key(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// opened is a token taken apart with the standard library alone.
type opened struct {
	compact         string
	parts           []string
	head, claims    map[string]any
	signature       []byte
	headText, body  string
	algorithm, kind string
}

func open(t testing.TB, compact string) opened {
	t.Helper()
	o := opened{compact: compact, parts: strings.Split(compact, ".")}
	if len(o.parts) != 3 {
		t.Fatalf("%d parts", len(o.parts))
	}
	for i, into := range []*string{&o.headText, &o.body} {
		raw, err := base64.RawURLEncoding.DecodeString(o.parts[i])
		if err != nil {
			t.Fatal(err)
		}
		*into = string(raw)
	}
	var err error
	o.signature, err = base64.RawURLEncoding.DecodeString(o.parts[2])
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal([]byte(o.headText), &o.head) // some tests break them on purpose
	_ = json.Unmarshal([]byte(o.body), &o.claims)
	o.algorithm, _ = o.head["alg"].(string)
	o.kind, _ = o.head["typ"].(string)
	return o
}

// verifies tells whether a key made the signature of a token.
func (o opened) verifies(pub crypto.PublicKey) bool {
	sum := sha256.Sum256([]byte(o.parts[0] + "." + o.parts[1]))
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], o.signature) == nil
	case *ecdsa.PublicKey:
		return len(o.signature) == 64 &&
			ecdsa.Verify(k, sum[:], new(big.Int).SetBytes(o.signature[:32]), new(big.Int).SetBytes(o.signature[32:]))
	default:
		return false
	}
}

// signers are who signs the tokens of the genuine messages.
func signers(subject string) map[string]string {
	response := strings.HasSuffix(subject, "-response")
	out := map[string]string{
		Identity: "consumer", Voucher: "platform", Evidence: "client", Proof: "dpop", Assertion: "client", Signature: "client",
	}
	byCertificate := strings.HasPrefix(subject, "integrity-01") || strings.HasPrefix(subject, "both") || subject == "voucher-integrity-01"
	switch {
	case subject == "pdnd-reply":
		out[Signature] = "platform-api"
	case response && byCertificate:
		out[Identity], out[Signature] = "provider", "provider"
	case response:
		out[Identity], out[Signature] = "provider", "producer-keychain"
	case byCertificate:
		out[Signature] = "consumer"
	}
	return out
}

func TestSubjectsAreThoseOfTheTable(t *testing.T) {
	var want []string
	for _, s := range cases.Subjects() {
		want = append(want, s.Name)
	}
	got := Subjects()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("forge makes %v, the table names %v", got, want)
	}
}

func TestGenuineTokensVerify(t *testing.T) {
	for _, subject := range Subjects() {
		t.Run(subject, func(t *testing.T) {
			m := build(t, subject)
			if len(m.Tokens) == 0 {
				t.Fatal("no token")
			}
			for place, compact := range m.Tokens {
				o := open(t, compact)
				signer := key(t, signers(subject)[place])
				if !o.verifies(signer.Signer.Public()) {
					t.Errorf("%s is not signed by %s", place, signer.Name)
				}
				if o.head["kid"] != nil && o.head["kid"] != signer.KID {
					t.Errorf("%s names the key %v, signed by %s", place, o.head["kid"], signer.KID)
				}
				checkTimes(t, place, o.claims)
			}
		})
	}
}

func checkTimes(t *testing.T, place string, claims map[string]any) {
	t.Helper()
	now := float64(theWorld().Now.Unix())
	if claims["iat"] != now {
		t.Errorf("%s: iat %v, now is %v", place, claims["iat"], now)
	}
	exp, ok := claims["exp"].(float64)
	if place != Proof && (!ok || exp <= now || exp > now+600) {
		t.Errorf("%s: exp %v", place, claims["exp"])
	}
}

func TestGenuineCertificatesVerify(t *testing.T) {
	root, _, err := theWorld().Authority("root")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	for _, subject := range []string{"id-auth-01", "id-auth-02-response", "integrity-01", "integrity-01-response", "both-headers"} {
		for place, compact := range build(t, subject).Tokens {
			list, ok := open(t, compact).head["x5c"].([]any)
			if !ok || len(list) != 1 {
				t.Fatalf("%s, %s: x5c %v", subject, place, list)
			}
			text, _ := list[0].(string)
			der, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			leaf, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			_, err = leaf.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: theWorld().Now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
			if err != nil {
				t.Errorf("%s, %s: %v", subject, place, err)
			}
		}
	}
}

func TestGenuineDigestAndSignedHeaders(t *testing.T) {
	for _, subject := range Subjects() {
		m := build(t, subject)
		compact, signed := m.Tokens[Signature]
		if !signed {
			continue
		}
		sum := sha256.Sum256(m.Body)
		want := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
		if got := m.Header.Values("Digest"); len(got) != 1 || got[0] != want {
			t.Errorf("%s: Digest %v, want %s", subject, got, want)
		}
		list, _ := open(t, compact).claims["signed_headers"].([]any)
		names := map[string]bool{}
		for _, item := range list {
			one, _ := item.(map[string]any)
			for name, value := range one {
				names[name] = true
				if len(one) != 1 || m.Header.Get(name) != value {
					t.Errorf("%s: signed %v, the message has %q", subject, one, m.Header.Get(name))
				}
			}
		}
		if !names["digest"] || !names["content-type"] {
			t.Errorf("%s: signs %v", subject, slices.Sorted(maps.Keys(names)))
		}
	}
}

func TestGenuineBindings(t *testing.T) {
	m := build(t, "audit-02")
	sum := sha256.Sum256([]byte(m.Tokens[Evidence]))
	bound, _ := open(t, m.Tokens[Voucher]).claims["digest"].(map[string]any)
	if bound["alg"] != "SHA256" || bound["value"] != hex.EncodeToString(sum[:]) {
		t.Errorf("the voucher is bound to %v", bound)
	}
	m = build(t, "dpop")
	sum = sha256.Sum256([]byte(m.Tokens[Voucher]))
	proof := open(t, m.Tokens[Proof])
	if proof.claims["ath"] != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Errorf("ath %v", proof.claims["ath"])
	}
	cnf, _ := open(t, m.Tokens[Voucher]).claims["cnf"].(map[string]any)
	if cnf["jkt"] != key(t, "dpop").KID {
		t.Errorf("cnf %v", cnf)
	}
	if got := m.Header.Get("Authorization"); got != "DPoP "+m.Tokens[Voucher] {
		t.Errorf("Authorization %.20q", got)
	}
}

// TestThumbprintOfTheRFC is the example of RFC 7638 §3.1.
func TestThumbprintOfTheRFC(t *testing.T) {
	n, err := base64.RawURLEncoding.DecodeString("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Thumbprint(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537})
	if err != nil || got != "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestNoMessageCarriesAPrivateKey(t *testing.T) {
	for _, subject := range Subjects() {
		for place, compact := range build(t, subject).Tokens {
			if jwk, ok := open(t, compact).head["jwk"].(map[string]any); ok && jwk["d"] != nil {
				t.Errorf("%s, %s: the private key is in the message", subject, place)
			}
		}
	}
}

func TestRefusesWhatItCannotMake(t *testing.T) {
	step := func(do, name string, value any) cases.Step { return cases.Step{Do: do, Name: name, Value: value} }
	for _, c := range []struct {
		name, subject string
		step          cases.Step
	}{
		{"unknown mutation", "voucher", step("claim.sing", "", nil)},
		{"token that the message has not", "voucher", cases.Step{Do: "claim.remove", Token: Signature, Name: "iat"}},
		{"claim that is not there", "voucher", step("claim.remove", "ait", nil)},
		{"field that is not there", "voucher", step("wire.remove", "Digest", nil)},
		{"text that is not in the body", "integrity-02", step("wire.swap", "nowhere", "x")},
		{"unknown name", "voucher", step("claim.set", "aud", "${nowhere}")},
		{"unknown key", "voucher", step("token.key", "", "nobody")},
		{"key without certificate", "id-auth-01", step("token.key", "", "client")},
		{"unknown algorithm", "voucher", step("token.algorithm", "", "XX999")},
		{"unknown digest", "integrity-02", step("digest.algorithm", "", "CRC")},
		{"unknown encoding", "integrity-02", step("digest.encoding", "", "base58")},
		{"text where a number belongs", "voucher", step("claim.time", "iat", "soon")},
		{"number where a text belongs", "voucher", step("token.scheme", "", 7)},
		{"unknown part", "voucher", step("compact.empty", "middle", nil)},
		{"jwk where there is none", "voucher", step("jwk.set", "kid", "x")},
		{"binding where there is none", "voucher", step("bind.other", "", nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := theWorld().Build(c.subject, []cases.Step{c.step})
			if err == nil {
				t.Error("made without an error")
			}
		})
	}
	_, err := theWorld().Build("nothing", nil)
	if err == nil {
		t.Error("made an unknown subject")
	}
}

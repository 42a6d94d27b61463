// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/snodo-pa/snodo/conformance/cases"
)

// holdsFor tells whether a public key made the signature of a token with an algorithm of
// RFC 7518 §3.1, by the standard library alone.
func (o opened) holdsFor(algorithm string, pub crypto.PublicKey) bool {
	input := []byte(o.parts[0] + "." + o.parts[1])
	hash := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512, "RS1": crypto.SHA1}[algorithm[len(algorithm)-3:]]
	if algorithm == "EdDSA" {
		k, ok := pub.(ed25519.PublicKey)
		return ok && ed25519.Verify(k, input, o.signature)
	}
	h := hash.New()
	h.Write(input)
	sum := h.Sum(nil)
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if strings.HasPrefix(algorithm, "PS") {
			options := rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}
			return rsa.VerifyPSS(k, hash, sum, o.signature, &options) == nil
		}
		return strings.HasPrefix(algorithm, "RS") && rsa.VerifyPKCS1v15(k, hash, sum, o.signature) == nil
	case *ecdsa.PublicKey:
		half := (k.Params().BitSize + 7) / 8
		return strings.HasPrefix(algorithm, "ES") && len(o.signature) == 2*half &&
			ecdsa.Verify(k, sum, new(big.Int).SetBytes(o.signature[:half]), new(big.Int).SetBytes(o.signature[half:]))
	default:
		return false
	}
}

// TestEveryAlgorithmOfAMessage signs a message with each algorithm and a key that fits,
// then verifies it and no other way.
func TestEveryAlgorithmOfAMessage(t *testing.T) {
	fits := map[string]string{
		"RS256": "client", "RS384": "client", "RS512": "client", "RS1": "client", "PS256": "client", "PS384": "client", "PS512": "client",
		"ES256": "client-ec", "ES384": "client-ec384", "ES512": "client-ec521", "EdDSA": "edwards",
	}
	for algorithm, name := range fits {
		t.Run(algorithm, func(t *testing.T) {
			m := build(t, "integrity-02", do("token.key", "", name), do("token.algorithm", "", algorithm))
			o, k := open(t, m.Tokens[Signature]), key(t, name)
			if o.algorithm != algorithm || o.head["kid"] != k.KID {
				t.Errorf("header %s", o.headText)
			}
			for other := range fits {
				if got := o.holdsFor(other, k.Signer.Public()); got != (other == algorithm) {
					t.Errorf("as %s it verifies: %t", other, got)
				}
			}
		})
	}
}

// TestAlgorithmsThatDoNotFitTheKey keep the hash they name and take the key's scheme: the
// token is wrong in its header alone.
func TestAlgorithmsThatDoNotFitTheKey(t *testing.T) {
	for _, c := range []struct{ algorithm, key, really string }{
		{"ES256", "client", "RS256"},
		{"ES512", "client", "RS512"},
		{"EdDSA", "client", "RS256"},
		{"RS256", "client-ec", "ES256"},
		{"PS256", "client-ec", "ES256"},
		{"RS256", "edwards", "EdDSA"},
		{"ES256", "edwards", "EdDSA"},
	} {
		m := build(t, "integrity-02", do("token.key", "", c.key), do("token.algorithm", "", c.algorithm))
		o := open(t, m.Tokens[Signature])
		if o.algorithm != c.algorithm || !o.holdsFor(c.really, key(t, c.key).Signer.Public()) {
			t.Errorf("%s with %s: header %s, or it is not %s inside", c.algorithm, c.key, o.headText, c.really)
		}
	}
}

// TestTheKeyShownIsTheKeyThatSigned reads the key out of each reference and verifies the
// token with it, as a credulous verifier would.
func TestTheKeyShownIsTheKeyThatSigned(t *testing.T) {
	for _, name := range []string{"consumer", "consumer-ec", "via-intermediate"} {
		algorithm := map[string]string{"consumer-ec": "ES256"}[name]
		if algorithm == "" {
			algorithm = "RS256"
		}
		m := build(t, "id-auth-01", do("token.key", "", name), do("token.algorithm", "", algorithm),
			do("jose.references", "", []any{"kid", "jwk", "x5c", "x5t#S256"}))
		o := open(t, m.Tokens[Identity])
		jwk, _ := o.head["jwk"].(map[string]any)
		if !o.holdsFor(algorithm, fromJWK(t, jwk)) {
			t.Errorf("%s: not by the jwk", name)
		}
		list, _ := o.head["x5c"].([]any)
		text, _ := list[0].(string)
		der, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil || !o.holdsFor(algorithm, leaf.PublicKey) {
			t.Errorf("%s: not by the certificate: %v", name, err)
		}
		sum := sha256.Sum256(der)
		if o.head["x5t#S256"] != base64.RawURLEncoding.EncodeToString(sum[:]) {
			t.Errorf("%s: x5t#S256 %v", name, o.head["x5t#S256"])
		}
		if o.head["kid"] != key(t, name).KID || len(list) != len(key(t, name).Chain) {
			t.Errorf("%s: kid %v, %d certificates", name, o.head["kid"], len(list))
		}
	}
}

// fromJWK reads a public key by RFC 7518 §6 and RFC 8037 §2.
func fromJWK(t *testing.T, jwk map[string]any) crypto.PublicKey {
	t.Helper()
	raw := func(name string) []byte {
		text, _ := jwk[name].(string)
		b, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || len(b) == 0 {
			t.Fatalf("%s is %q: %v", name, text, err)
		}
		return b
	}
	switch jwk["kty"] {
	case "RSA":
		return &rsa.PublicKey{N: new(big.Int).SetBytes(raw("n")), E: int(new(big.Int).SetBytes(raw("e")).Int64())}
	case "EC":
		curve := map[any]elliptic.Curve{"P-224": elliptic.P224(), "P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[jwk["crv"]]
		x, y := raw("x"), raw("y")
		if len(x) != (curve.Params().BitSize+7)/8 || len(y) != len(x) {
			t.Fatalf("coordinates of %d and %d bytes", len(x), len(y))
		}
		key, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
		if err != nil {
			t.Fatal(err)
		}
		return key
	case "OKP":
		return ed25519.PublicKey(raw("x"))
	default:
		t.Fatalf("kty %v", jwk["kty"])
		return nil
	}
}

// TestPublicJWKOfEveryKey: the members give the key back, and no other member is there.
func TestPublicJWKOfEveryKey(t *testing.T) {
	for name := range keyKinds() {
		k := key(t, name)
		jwk, err := PublicJWK(k.Signer.Public())
		if err != nil {
			t.Fatal(err)
		}
		same, ok := k.Signer.Public().(interface{ Equal(crypto.PublicKey) bool })
		if !ok || !same.Equal(fromJWK(t, jwk)) {
			t.Errorf("%s: the jwk is of another key", name)
		}
		if want := map[any]int{"RSA": 3, "EC": 4, "OKP": 3}[jwk["kty"]]; len(jwk) != want || jwk["d"] != nil {
			t.Errorf("%s: members %v", name, jwk)
		}
	}
	if _, err := PublicJWK("no key"); err == nil {
		t.Error("made a JWK of a text")
	}
	if _, err := Thumbprint(nil); err == nil {
		t.Error("made a thumbprint of nothing")
	}
}

// TestThePrivatePartIsThatOfTheProof: what jwk.private gives away is the real scalar, or
// the case would test nothing.
func TestThePrivatePartIsThatOfTheProof(t *testing.T) {
	o := open(t, build(t, "dpop", do("jwk.private")).Tokens[Proof])
	jwk, _ := o.head["jwk"].(map[string]any)
	text, _ := jwk["d"].(string)
	scalar, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil || !private.PublicKey.Equal(key(t, "dpop").Signer.Public()) {
		t.Errorf("it is another key's: %v", err)
	}
}

// TestChainsLeadWhereTheirNameSays verifies every certificate against the trusted root,
// with what travels beside it.
func TestChainsLeadWhereTheirNameSays(t *testing.T) {
	root, _, err := theWorld().Authority("root")
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]bool{
		"expired": true, "future": true, "self-signed": true, "unknown-authority": true, "intermediate-missing": true, "wrong-intermediate": true,
	}
	for name, plan := range certificatePlans() {
		k := key(t, name)
		leaf, err := x509.ParseCertificate(k.Leaf())
		if err != nil {
			t.Fatal(err)
		}
		options := x509.VerifyOptions{
			Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: theWorld().Now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		}
		options.Roots.AddCert(root)
		for _, der := range k.Chain[1:] {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			options.Intermediates.AddCert(c)
		}
		if _, err := leaf.Verify(options); (err != nil) != refused[name] {
			t.Errorf("%s: %v", name, err)
		}
		if len(leaf.OCSPServer) != 1 || leaf.OCSPServer[0] != OCSPAddress+plan.issuer || leaf.CRLDistributionPoints[0] != CRLAddress+plan.issuer {
			t.Errorf("%s: revocation at %v and %v", name, leaf.OCSPServer, leaf.CRLDistributionPoints)
		}
		if got, want := organisationOf(leaf), theWorld().Names[plan.organisation]; got != want {
			t.Errorf("%s: organisation %q, want %q", name, got, want)
		}
		if plan.shares != "" && key(t, plan.shares).Signer != k.Signer {
			t.Errorf("%s has a pair of its own", name)
		}
	}
}

// organisationOf reads organizationIdentifier (2.5.4.97) of a subject.
func organisationOf(c *x509.Certificate) string {
	for _, name := range c.Subject.Names {
		if name.Type.Equal(asn1.ObjectIdentifier{2, 5, 4, 97}) {
			text, _ := name.Value.(string)
			return text
		}
	}
	return ""
}

// TestParametersOfTheWrongKindAreErrors: a table with a slip in it must not build a
// genuine message and call it a case.
func TestParametersOfTheWrongKindAreErrors(t *testing.T) {
	for name, m := range mutations() {
		e := beforeSigning()[name]
		if e.subject == "" {
			e = example{"dpop", Proof, do(name, "signature", "x")}
		}
		if e.step.Value == nil || m.doc == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := e.step
			switch s.Do {
			case "claim.set", "jose.set", "jwk.set", "claim.add", "claim.add-escaped", "jose.add": // any value will do
				s.Value = map[string]any{"deep": []any{"${nowhere}"}}
				if s.Do == "jwk.set" {
					return
				}
			default:
				s.Value = struct{}{}
			}
			_, err := theWorld().Build(e.subject, []cases.Step{s})
			if err == nil && !parameterless(s.Do) {
				t.Error("made without an error")
			}
		})
	}
}

// parameterless are the mutations that take a name at most.
func parameterless(name string) bool {
	switch name {
	case "jose.remove", "claim.remove", "bind.remove", "compact.pad", "compact.empty", "compact.flip", "compact.stray-bits", "compact.der",
		"wire.remove", "wire.repeat", "wire.join", "wire.gzip", "token.drop", "digest.twice":
		return true
	default:
		return false
	}
}

// TestWithoutRandomnessThereIsNoMessage: every subject that needs an identifier says so,
// the others are built.
func TestWithoutRandomnessThereIsNoMessage(t *testing.T) {
	for _, subject := range Subjects() {
		build(t, subject) // its keys are made
	}
	w := theWorld()
	broken := &World{Now: w.Now, Names: w.Names, rand: iotest.ErrReader(errors.New("no randomness")), vault: w.vault}
	for _, subject := range Subjects() {
		_, err := broken.Build(subject, nil)
		needs := subject != "id-auth-01" && subject != "id-auth-01-response"
		if (err != nil) != needs || needs && !strings.Contains(err.Error(), "no randomness") {
			t.Errorf("%s: %v", subject, err)
		}
	}
}

// TestAnotherWorldHasOtherKeys: nothing of a world is written into the code.
func TestAnotherWorldHasOtherKeys(t *testing.T) {
	other := NewWorld(theWorld().Now, theWorld().rand, InventedNames())
	for _, name := range []string{"dpop", "client-ec"} {
		k, err := other.Key(name)
		if err != nil || k.KID == key(t, name).KID {
			t.Errorf("%s is the same in two worlds: %v", name, err)
		}
	}
	one, _, err := other.Authority("root")
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := theWorld().Authority("root")
	if err != nil || bytes.Equal(one.Raw, two.Raw) {
		t.Errorf("one root for two worlds: %v", err)
	}
	for _, name := range []string{"", "nobody", "revoked"} {
		if _, _, err := other.Authority(name); err == nil {
			t.Errorf("an authority %q", name)
		}
	}
}

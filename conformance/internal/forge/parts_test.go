// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestSignsAsTheAlgorithmSays(t *testing.T) {
	input := []byte("header.payload")
	for algorithm, keyName := range map[string]string{
		"RS256": "client", "RS384": "client", "RS512": "client", "RS1": "client", "PS256": "client", "PS384": "client",
		"ES256": "client-ec", "ES384": "client-ec384", "ES512": "client-ec521", "EdDSA": "edwards",
	} {
		t.Run(algorithm, func(t *testing.T) {
			k := key(t, keyName)
			signature, err := sign(rand.Reader, algorithm, k, input)
			if err != nil {
				t.Fatal(err)
			}
			hash, err := hashOf(algorithm)
			if err != nil {
				t.Fatal(err)
			}
			sum := digest(hash, input)
			switch pub := k.Signer.Public().(type) {
			case *rsa.PublicKey:
				err = rsa.VerifyPKCS1v15(pub, hash, sum, signature)
				if strings.HasPrefix(algorithm, "PS") {
					err = rsa.VerifyPSS(pub, hash, sum, signature, nil)
				}
			case *ecdsa.PublicKey:
				half := len(signature) / 2
				if !ecdsa.Verify(pub, sum, new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])) {
					err = errors.New("the signature does not verify")
				}
			case ed25519.PublicKey:
				if !ed25519.Verify(pub, input, signature) {
					err = errors.New("the signature does not verify")
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestECDSASignaturesHaveTheLengthOfTheCurve signs often enough to meet an R or S with
// leading zeros, which must be kept.
func TestECDSASignaturesHaveTheLengthOfTheCurve(t *testing.T) {
	for name, want := range map[string]int{"client-ec": 64, "client-ec384": 96, "client-ec521": 132, "weak-curve": 56} {
		for range 300 {
			signature, err := sign(rand.Reader, "ES256", key(t, name), []byte("x"))
			if err != nil || len(signature) != want {
				t.Fatalf("%s: %d bytes, %v; want %d", name, len(signature), err, want)
			}
		}
	}
}

func TestHMACIsKeyedWithThePublicKey(t *testing.T) {
	k := key(t, "client")
	got, err := sign(rand.Reader, "HS256", k, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(k.Signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	mac.Write([]byte("x"))
	if !hmac.Equal(got, mac.Sum(nil)) {
		t.Error("another secret was used")
	}
}

func TestNoneSignsNothing(t *testing.T) {
	got, err := sign(rand.Reader, "none", key(t, "client"), []byte("x"))
	if err != nil || len(got) != 0 {
		t.Errorf("%x, %v", got, err)
	}
}

func TestObjectKeepsOrderAndRepetitions(t *testing.T) {
	var o object
	for _, err := range []error{o.set("b", 1), o.set("a", "<è>"), o.set("b", 2), o.set("n", nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	o.add("a", "[]")
	o.setText("e", "1e400")
	o.setLate("l", func() (any, error) { return true, nil })
	got, err := o.write()
	const want = `{"b":2,"a":"<è>","n":null,"a":[],"e":1e400,"l":true}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if !o.remove("a") || o.remove("a") {
		t.Error("remove does not tell what it found")
	}
	got, err = o.write()
	if err != nil || strings.Contains(string(got), `"a"`) {
		t.Errorf("%s, %v", got, err)
	}
}

func TestObjectTellsWhatItCannotWrite(t *testing.T) {
	var o object
	if o.set("f", func() {}) == nil {
		t.Error("set a function")
	}
	o.setLate("l", func() (any, error) { return nil, errors.New("not known") })
	_, err := o.write()
	if err == nil || !strings.Contains(err.Error(), "member l: not known") {
		t.Errorf("%v", err)
	}
	o.setLate("l", func() (any, error) { return func() {}, nil })
	_, err = o.write()
	if err == nil {
		t.Error("wrote a function")
	}
}

func TestExpandsNames(t *testing.T) {
	w := NewWorld(time.Unix(0, 0), rand.Reader, Names{"a": "1", "b": "2"})
	for text, want := range map[string]string{"": "", "x": "x", "${a}": "1", "-${a}${b}-": "-12-", "$a": "$a", "a}": "a}"} {
		got, err := w.Expand(text)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"${c}", "${a", "${}"} {
		_, err := w.Expand(text)
		if err == nil {
			t.Errorf("%q expanded", text)
		}
	}
}

func TestKeysAreMadeOnce(t *testing.T) {
	one, two := key(t, "client"), key(t, "client")
	if one != two || one == key(t, "other-client") || one.KID == key(t, "other-client").KID {
		t.Error("the same name gives another key, or another name the same")
	}
	if key(t, "platform").KID != theWorld().Names["platform-kid"] {
		t.Errorf("kid of the platform %s", key(t, "platform").KID)
	}
	if key(t, "client").Leaf() != nil || key(t, "consumer").Leaf() == nil {
		t.Error("certificates on the wrong keys")
	}
	_, err := theWorld().Key("nobody")
	if err == nil {
		t.Error("made a key of nobody")
	}
}

// TestWorldUsesItsOwnRandomness makes two identifiers from two readers that give the
// same.
func TestWorldUsesItsOwnRandomness(t *testing.T) {
	var ids [2]string
	for i := range ids {
		id, err := NewWorld(time.Unix(0, 0), strings.NewReader("0123456789abcdef"), nil).uuid()
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = id
	}
	if ids[0] != ids[1] || ids[0] != "30313233-3435-4637-b839-616263646566" {
		t.Errorf("%v", ids)
	}
	_, err := NewWorld(time.Unix(0, 0), strings.NewReader(""), nil).uuid()
	if err == nil {
		t.Error("made an identifier of nothing")
	}
}

func TestRevocationListIsTheAuthoritys(t *testing.T) {
	revoked, err := x509.ParseCertificate(key(t, "revoked").Leaf())
	if err != nil {
		t.Fatal(err)
	}
	for _, issuer := range []string{"root", "intermediate"} {
		der, err := theWorld().RevocationList(issuer, "revoked")
		if err != nil {
			t.Fatal(err)
		}
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			t.Fatal(err)
		}
		ca, signer, err := theWorld().Authority(issuer)
		if err != nil || list.CheckSignatureFrom(ca) != nil {
			t.Errorf("%s did not sign its list: %v", issuer, err)
		}
		if pub, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !pub.Equal(ca.PublicKey) {
			t.Errorf("the key of %s is not that of its certificate", issuer)
		}
		if len(list.RevokedCertificateEntries) != 1 || list.RevokedCertificateEntries[0].SerialNumber.Cmp(revoked.SerialNumber) != 0 {
			t.Errorf("%v", list.RevokedCertificateEntries)
		}
	}
	_, err = theWorld().RevocationList("nobody")
	if err == nil {
		t.Error("made a list of nobody")
	}
	_, err = theWorld().RevocationList("root", "client")
	if err == nil {
		t.Error("revoked a certificate that does not exist")
	}
}

func TestDigestEncodings(t *testing.T) {
	for encoding, want := range map[string]string{
		"":          "SHA-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
		"base64":    "SHA-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
		"base64url": "SHA-256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=",
		"unpadded":  "SHA-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0",
		"hex":       "SHA-256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	} {
		got, err := (&digestPlan{name: "SHA-256", hash: crypto.SHA256, encoding: encoding}).write([]byte("abc"))
		if err != nil || got != want {
			t.Errorf("%q: %s, %v", encoding, got, err)
		}
	}
}

// TestDigestsOfTheBodiesTellEncodingsApart keeps the cases on base64url from passing
// because there is nothing to tell apart.
func TestDigestsOfTheBodiesTellEncodingsApart(t *testing.T) {
	for _, body := range []string{requestBody, responseBody} {
		got, err := (&digestPlan{name: "SHA-256", hash: crypto.SHA256}).write([]byte(body))
		if err != nil || !strings.ContainsAny(got, "+/") {
			t.Errorf("the Digest of %s is %s: the same in base64url", body, got)
		}
	}
}

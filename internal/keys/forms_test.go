// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/keystest"
)

// worldOfCertificates is a key with its certificate, its CA and a stranger's CA.
type worldOfCertificates struct {
	key                         *rsa.PrivateKey
	leaf, middle, root, foreign *x509.Certificate
}

func newWorldOfCertificates(t testing.TB) worldOfCertificates {
	t.Helper()
	issue := func(name string, key crypto.Signer, parent *x509.Certificate, by crypto.Signer) *x509.Certificate {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			BasicConstraintsValid: true, IsCA: name != "sigillo",
		}
		if parent == nil {
			parent = template
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	rootKey, middleKey := newEC(t), newEC(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	w := worldOfCertificates{key: key}
	w.root = issue("radice", rootKey, nil, rootKey)
	w.middle = issue("intermedia", middleKey, w.root, rootKey)
	w.leaf = issue("sigillo", key, w.middle, middleKey)
	foreign := newEC(t)
	w.foreign = issue("altra", foreign, nil, foreign)
	return w
}

func newEC(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// folder writes files that only their owner may read.
func folder(t testing.TB, files map[string][]byte) keys.Files {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return keys.Files{Path: func(name string) string { return filepath.Join(dir, name) }}
}

func wantChain(t *testing.T, p keys.Provider, ref string, want ...*x509.Certificate) {
	t.Helper()
	pair, err := p.Pair(ref)
	if err != nil || len(pair.Chain) != len(want) {
		t.Fatalf("Pair(%s): %d certificates, %v; want %d", ref, len(pair.Chain), err, len(want))
	}
	for i, c := range want {
		if !c.Equal(pair.Chain[i]) {
			t.Errorf("certificate %d is of %q, want %q", i, pair.Chain[i].Subject.CommonName, c.Subject.CommonName)
		}
	}
}

func TestPEMWithCertificates(t *testing.T) {
	w := newWorldOfCertificates(t)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(w.key)
	key := pemOf(t, "PRIVATE KEY", pkcs8, err)
	with := func(certificates ...*x509.Certificate) []byte {
		out := append([]byte{}, key...)
		for _, c := range certificates {
			out = append(out, pemOf(t, "CERTIFICATE", c.Raw, nil)...)
		}
		return out
	}
	p := folder(t, map[string][]byte{
		"none.pem": key, "leaf.pem": with(w.leaf), "shuffled.pem": with(w.root, w.foreign, w.leaf, w.middle),
		"self.pem": with(w.leaf, w.root), "foreign.pem": with(w.middle, w.foreign), "two.pem": append(with(w.leaf), key...),
	})
	keystest.Run(t, keystest.Subject{Provider: p, RSA: "leaf.pem", Certified: "shuffled.pem", Missing: "nessuno.pem"})
	wantChain(t, p, "none.pem")
	wantChain(t, p, "leaf.pem", w.leaf)
	wantChain(t, p, "shuffled.pem", w.leaf, w.middle, w.root)
	wantChain(t, p, "self.pem", w.leaf)
	if _, err := p.Pair("foreign.pem"); !errors.Is(err, keys.ErrUnsuitable) {
		t.Errorf("certificates of other keys: %v", err)
	}
	if _, err := p.Pair("two.pem"); !errors.Is(err, keys.ErrMalformed) {
		t.Errorf("two keys: %v", err)
	}
}

func TestPKCS12(t *testing.T) {
	w := newWorldOfCertificates(t)
	const password = "una password lunga è meglio"
	encode := func(e *pkcs12.Encoder, key any, leaf *x509.Certificate, cas ...*x509.Certificate) []byte {
		data, err := e.Encode(key, leaf, cas, password)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	modern := encode(pkcs12.Modern2023, w.key, w.leaf, w.root, w.middle)
	p := folder(t, map[string][]byte{
		"modern.p12": modern, "legacy.p12": encode(pkcs12.LegacyDES, w.key, w.leaf),
		"newest.p12": encode(pkcs12.Modern2026, w.key, w.leaf), "foreign.p12": encode(pkcs12.Modern2023, w.key, w.foreign),
		"cut.p12": modern[:len(modern)/2], "indefinite.p12": {0x30, 0x80, 0, 0},
		"pass": []byte(password + "\r\n"), "wrong": []byte("sbagliata"), "empty": []byte("\n"), "lines": []byte("a\nb\n"),
		"key.pem": pemOf(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(w.key), nil),
	})
	ref := func(file, pass string) string { return "file:" + file + "?pin-source=file:" + pass }
	keystest.Run(t, keystest.Subject{
		Provider: p, RSA: ref("modern.p12", "pass"), Certified: ref("legacy.p12", "pass"), Missing: ref("nessuno.p12", "pass"),
	})
	wantChain(t, p, ref("modern.p12", "pass"), w.leaf, w.middle, w.root)
	wantChain(t, p, ref("newest.p12", "pass"), w.leaf)
	for name, tc := range map[string]struct {
		ref  string
		want error
		says string
	}{
		"wrong password":       {ref("modern.p12", "wrong"), keys.ErrMalformed, "does not open it"},
		"no password":          {"modern.p12", keys.ErrMalformed, "pin-source"},
		"no password file":     {ref("modern.p12", "nessuno"), keys.ErrNotFound, "nessuno"},
		"empty password":       {ref("modern.p12", "empty"), keys.ErrMalformed, "one line"},
		"password of lines":    {ref("modern.p12", "lines"), keys.ErrMalformed, "one line"},
		"password for PEM":     {ref("key.pem", "pass"), keys.ErrMalformed, "takes no pin-source"},
		"another certificate":  {ref("foreign.p12", "pass"), keys.ErrUnsuitable, "none of its certificates"},
		"cut":                  {ref("cut.p12", "pass"), keys.ErrMalformed, "PKCS#12"},
		"BER":                  {ref("indefinite.p12", "pass"), keys.ErrMalformed, "DER"},
		"password in the URI":  {"file:modern.p12?pin-value=segreta", keys.ErrMalformed, "nothing else"},
		"password as a source": {"file:modern.p12?pin-source=segreta", keys.ErrMalformed, "never written"},
		"a command as source":  {"file:modern.p12?pin-source=%7Ccat%20pass", keys.ErrMalformed, "never written"},
		"two attributes":       {ref("modern.p12", "pass&x=1"), keys.ErrMalformed, "nothing else"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.Pair(tc.ref)
			if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("Pair = %v, want %v saying %q", err, tc.want, tc.says)
			}
			if strings.Contains(err.Error(), "segreta") || strings.Contains(err.Error(), "sbagliata") {
				t.Fatal("the error shows the password")
			}
			if italian := bilingual.In(err, "it"); italian == err.Error() {
				t.Errorf("not told in Italian: %s", italian)
			}
		})
	}
	if err := os.Chmod(p.Path("pass"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Pair(ref("modern.p12", "pass")); !errors.Is(err, keys.ErrPermissions) {
		t.Errorf("password that all may read: %v", err)
	}
}

func TestFileReferences(t *testing.T) {
	key := pemOf(t, "EC PRIVATE KEY", sec1(t), nil)
	p := folder(t, map[string][]byte{"k.pem": key, "a b?c%20.pem": key})
	for _, ref := range []string{"k.pem", "file:k.pem", "file:%6b.pem", "a b?c%20.pem", "file:a%20b%3Fc%2520.pem"} {
		if _, err := p.Pair(ref); err != nil {
			t.Errorf("%s: %v", ref, err)
		}
	}
	plain := keys.Files{}
	for _, ref := range []string{p.Path("k.pem"), "file:" + p.Path("k.pem"), "file://" + p.Path("k.pem")} {
		if _, err := plain.Pair(ref); err != nil {
			t.Errorf("%s: %v", ref, err)
		}
	}
	for ref, want := range map[string]error{
		"file:":                       keys.ErrMalformed,
		"file:%zz":                    keys.ErrMalformed,
		"file:%00":                    keys.ErrMalformed,
		"file://host/k.pem":           keys.ErrMalformed,
		"pkcs11:token=hub":            keys.ErrUnsuitable,
		"file:k.pem?":                 keys.ErrMalformed,
		"file:k.pem?pin-source=file:": keys.ErrMalformed,
	} {
		if _, err := p.Pair(ref); !errors.Is(err, want) {
			t.Errorf("Pair(%s) = %v, want %v", ref, err, want)
		}
		if _, err := p.Secret(ref); !errors.Is(err, want) {
			t.Errorf("Secret(%s) = %v, want %v", ref, err, want)
		}
	}
}

func sec1(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(newEC(t))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func rsaJWK(key *rsa.PrivateKey) map[string]any {
	return map[string]any{
		"kty": "RSA", "kid": "qualsiasi", "use": "sig", "alg": "RS256", "n": b64(key.N.Bytes()), "e": "AQAB", "d": b64(key.D.Bytes()),
		"p": b64(key.Primes[0].Bytes()), "q": b64(key.Primes[1].Bytes()),
	}
}

func ecJWK(t *testing.T, key *ecdsa.PrivateKey) map[string]any {
	t.Helper()
	d, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := len(point) / 2
	return map[string]any{"kty": "EC", "crv": key.Params().Name, "d": b64(d), "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}
}

func encodeJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestJWK(t *testing.T) {
	w := newWorldOfCertificates(t)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certified := rsaJWK(w.key)
	certified["x5c"] = [][]byte{w.leaf.Raw, w.middle.Raw}
	files := map[string][]byte{
		"rsa.jwk": encodeJSON(t, rsaJWK(w.key)), "certified.jwk": encodeJSON(t, certified), "ec.jwk": encodeJSON(t, ecJWK(t, newEC(t))),
		"ed.jwk": encodeJSON(t, map[string]any{"kty": "OKP", "crv": "Ed25519", "d": b64(edwards.Seed()), "x": b64(edwards[32:])}),
	}
	for _, curve := range []elliptic.Curve{elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		files[curve.Params().Name] = encodeJSON(t, ecJWK(t, key))
	}
	p := folder(t, files)
	keystest.Run(t, keystest.Subject{
		Provider: p, RSA: "rsa.jwk", EC: "ec.jwk", Ed25519: "ed.jwk", Certified: "certified.jwk", Missing: "nessuno.jwk",
	})
	wantChain(t, p, "certified.jwk", w.leaf, w.middle)
	for _, name := range []string{"P-384", "P-521"} {
		if _, err := p.Pair(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusesJWKs(t *testing.T) {
	w := newWorldOfCertificates(t)
	ec := ecJWK(t, newEC(t))
	change := func(base map[string]any, name string, value any) []byte {
		out := maps.Clone(base)
		out[name] = value
		if value == nil {
			delete(out, name)
		}
		return encodeJSON(t, out)
	}
	good := rsaJWK(w.key)
	otherEC := ecJWK(t, newEC(t))
	for name, tc := range map[string]struct {
		data []byte
		want error
		says string
	}{
		"public":               {change(good, "d", nil), keys.ErrMalformed, "public JWK"},
		"set":                  {encodeJSON(t, map[string]any{"keys": []any{good}}), keys.ErrMalformed, "set of JWKs"},
		"symmetric":            {[]byte(`{"kty":"oct","k":"AAAA"}`), keys.ErrUnsuitable, "symmetric"},
		"for encryption":       {change(good, "use", "enc"), keys.ErrUnsuitable, "not for signatures"},
		"for verifying":        {change(good, "key_ops", []string{"verify"}), keys.ErrUnsuitable, "not for signatures"},
		"three primes":         {change(good, "oth", []any{map[string]string{"r": "AQ"}}), keys.ErrUnsuitable, "two primes"},
		"without primes":       {change(good, "p", nil), keys.ErrMalformed, "n, e, d, p and q"},
		"another modulus":      {change(good, "n", b64(w.key.N.Bytes()[1:])), keys.ErrMalformed, "belong together"},
		"padded":               {change(good, "e", "AQAB="), keys.ErrMalformed, "does not parse"},
		"exponent of 8 bytes":  {change(good, "e", "AAAAAAABAAE"), keys.ErrMalformed, "n, e, d, p and q"},
		"another point":        {change(ec, "x", otherEC["x"]), keys.ErrMalformed, "belong together"},
		"short d":              {change(ec, "d", "AQ"), keys.ErrMalformed, "32 bytes"},
		"d of zero":            {change(ec, "d", b64(make([]byte, 32))), keys.ErrMalformed, "belong together"},
		"secp256k1":            {change(ec, "crv", "secp256k1"), keys.ErrUnsuitable, "secp256k1"},
		"unknown type":         {change(ec, "kty", "XYZ"), keys.ErrMalformed, "XYZ"},
		"X25519":               {[]byte(`{"kty":"OKP","crv":"X25519","d":"` + b64(make([]byte, 32)) + `"}`), keys.ErrUnsuitable, "Ed25519"},
		"Ed25519 of another x": {[]byte(`{"kty":"OKP","crv":"Ed25519","d":"` + b64(make([]byte, 32)) + `","x":"AQ"}`), keys.ErrMalformed, "belong together"},
		"x5c of rubbish":       {change(good, "x5c", []string{"AAAA"}), keys.ErrMalformed, "x5c"},
		"x5c of another":       {change(good, "x5c", [][]byte{w.root.Raw}), keys.ErrUnsuitable, "none of its certificates"},
		"text behind":          {append(encodeJSON(t, good), " {}"...), keys.ErrMalformed, "after the JWK"},
		"not JSON":             {[]byte("{kty: RSA}"), keys.ErrMalformed, "does not parse"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := folder(t, map[string][]byte{"k": tc.data}).Pair("k")
			if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("Pair = %v, want %v saying %q", err, tc.want, tc.says)
			}
			if bilingual.In(err, "it") == err.Error() {
				t.Error("not told in Italian")
			}
		})
	}
}

func TestRingKeepsTheCertificatesOfItsKeys(t *testing.T) {
	w := newWorldOfCertificates(t)
	c := world(t)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(w.key)
	file := write(t, "k.pem", append(pemOf(t, "PRIVATE KEY", pkcs8, err), pemOf(t, "CERTIFICATE", w.leaf.Raw, nil)...))
	setClient(c.Enti["c_bf01"], "tributi", func(client *config.Client) { client.ModIKey = file })
	ring, err := keys.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ring.Client("c_bf01", "tributi")
	if err != nil || len(client.ModI.Chain) != 1 || !client.ModI.Chain[0].Equal(w.leaf) || client.Assertion.Chain != nil {
		t.Fatalf("Client: %d certificates, %v", len(client.ModI.Chain), err)
	}
	got := ring.Certificates()
	if len(got) != 1 || !got[0].Leaf.Equal(w.leaf) || got[0].Where != "c_bf01: clients.tributi.modiKey" {
		t.Fatalf("Certificates = %v", got)
	}
}

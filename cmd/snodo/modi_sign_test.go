// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi/message"
)

// signer writes the files of one key: private key, certificate of itself, public key.
type signer struct{ key, cert, public string }

func newSigner(t *testing.T, private crypto.Signer) signer {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, der []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err = os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	template := certificateTemplate()
	var s signer
	der, err := x509.MarshalPKCS8PrivateKey(private)
	s.key = write("key.pem", "PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(private.Public())
	s.public = write("key.pub", "PUBLIC KEY", der, err)
	der, err = x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	s.cert = write("cert.pem", "CERTIFICATE", der, err)
	return s
}

func certificateTemplate() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Unix(1772442000-3600, 0), NotAfter: time.Unix(1772442000+3600, 0), BasicConstraintsValid: true,
	}
}

func ecSigner(t *testing.T, curve elliptic.Curve) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return newSigner(t, key)
}

func rsaSigner(t *testing.T) signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return newSigner(t, key)
}

// tokenIn decodes the token of a header of a message.
func tokenIn(t *testing.T, text, header string) (jose, claims map[string]any) {
	t.Helper()
	m, err := message.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	value, ok := m.Get(header)
	parts := strings.Split(strings.TrimPrefix(value, "Bearer "), ".")
	if !ok || len(parts) != 3 {
		t.Fatalf("no token in %s: %s", header, text)
	}
	for i, into := range []*map[string]any{&jose, &claims} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err = json.Unmarshal(data, into); err != nil {
			t.Fatal(err)
		}
	}
	return jose, claims
}

const signed = "POST /v1/istanze HTTP/1.1\r\nHost: api.ente.example\r\nX-A: 1\r\nX-A: 2\r\nContent-Type: application/json\r\n\r\n{}"

// Every option of sign changes what it says it changes, and what comes out verifies with
// the same option of verify.
func TestModiSignOptions(t *testing.T) {
	rsaKey, p256 := rsaSigner(t), ecSigner(t, elliptic.P256())
	const at = "2026-03-02T09:00:00Z"
	const now = 1772442000
	integrity := []string{"--pattern", "INTEGRITY_REST_02", "--client-id", "c-1"}
	certified := []string{"--pattern", "INTEGRITY_REST_01", "--issuer", "ente"}
	audit := []string{"--pattern", "AUDIT_REST_02", "--client-id", "c-1", "--purpose-id", "p-1", "--user-id", "u-1", "--user-location", "l-1"}
	type claims map[string]any
	for name, c := range map[string]struct {
		key          signer
		header       string
		args, verify []string
		jose, want   claims
	}{
		"by default": {
			rsaKey, "Agid-JWT-Signature", integrity, nil,
			claims{"alg": "RS256", "typ": "JWT"},
			claims{"iss": "c-1", "sub": "c-1", "aud": "a", "iat": now - 5.0, "nbf": now - 5.0, "exp": now + 295.0},
		},
		"--alg RS512":       {rsaKey, "Agid-JWT-Signature", append(integrity, "--alg", "rs512"), nil, claims{"alg": "RS512"}, nil},
		"EC P-256":          {p256, "Agid-JWT-Signature", integrity, nil, claims{"alg": "ES256"}, nil},
		"EC P-384":          {ecSigner(t, elliptic.P384()), "Agid-JWT-Signature", integrity, nil, claims{"alg": "ES384"}, nil},
		"EC P-521":          {ecSigner(t, elliptic.P521()), "Agid-JWT-Signature", integrity, nil, claims{"alg": "ES512"}, nil},
		"--issuer":          {rsaKey, "Agid-JWT-Signature", append(integrity, "--issuer", "i", "--subject", "s"), nil, nil, claims{"iss": "i", "sub": "s"}},
		"--lifetime":        {rsaKey, "Agid-JWT-Signature", append(integrity, "--lifetime", "60s", "--back-date", "0s"), nil, nil, claims{"iat": now + 0.0, "exp": now + 60.0}},
		"--digest":          {rsaKey, "Agid-JWT-Signature", append(integrity, "--digest", "sha-384"), nil, nil, claims{"signed_headers": "SHA-384="}},
		"--sign-header":     {rsaKey, "Agid-JWT-Signature", append(integrity, "--sign-header", "X-A"), []string{"--sign-header", "X-A"}, nil, claims{"signed_headers": "map[x-a:1] map[x-a:2]"}},
		"--header-name":     {rsaKey, "X-Firma", append(integrity, "--header-name", "X-Firma"), []string{"--header-name", "X-Firma"}, nil, nil},
		"x5c":               {rsaKey, "Agid-JWT-Signature", certified, nil, claims{"x5c": nil}, claims{"iss": "ente"}},
		"x5t#S256":          {p256, "Agid-JWT-Signature", append(certified, "--reference", "x5t#s256"), nil, claims{"alg": "ES256", "x5t#S256": nil}, nil},
		"x5c and x5t#S256":  {rsaKey, "Agid-JWT-Signature", append(certified, "--reference", "x5c-chain,x5t#S256"), nil, claims{"x5c": nil, "x5t#S256": nil}, nil},
		"ID_AUTH":           {rsaKey, "Authorization", []string{"--pattern", "ID_AUTH_REST_02", "--issuer", "i", "--client-id", "c"}, nil, claims{"x5c": nil}, claims{"iss": "i", "client_id": "c", "jti": nil}},
		"AUDIT":             {rsaKey, "Agid-JWT-TrackingEvidence", audit, nil, nil, claims{"userID": "u-1", "userLocation": "l-1", "purposeId": "p-1", "dnonce": nil}},
		"--loa":             {rsaKey, "Agid-JWT-TrackingEvidence", append(audit, "--loa", "LoA3"), nil, nil, claims{"LoA": "LoA3"}},
		"digest on request": {rsaKey, "Agid-JWT-Signature", append(integrity, "--request-digest", "SHA-256=AA=="), []string{"--request-digest", "SHA-256=AA=="}, nil, claims{"request_digest": "SHA-256=AA=="}},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"modi", "sign", "--key", c.key.key, "--audience", "a", "--at", at}, c.args...)
			if strings.Contains(c.args[1], "ID_AUTH") || strings.Contains(c.args[1], "_01") {
				args = append(args, "--cert", c.key.cert)
			}
			code, out, diagnostics := command(t, signed, args...)
			if code != exitYes {
				t.Fatalf("exit code %d: %s", code, diagnostics)
			}
			jose, body := tokenIn(t, out, c.header)
			for _, pair := range []struct{ want, got map[string]any }{{c.jose, jose}, {c.want, body}} {
				for member, want := range pair.want {
					got, there := pair.got[member]
					if !there || want != nil && got != want && !strings.Contains(fmt.Sprint(got), fmt.Sprint(want)) {
						t.Errorf("%s is %v, want %v", member, got, want)
					}
				}
			}
			args = append([]string{"modi", "verify", "--pattern", c.args[1], "--audience", "a", "--at", at, "--keys", c.key.public, "--ca", c.key.cert}, c.verify...)
			code, verdict, diagnostics := command(t, out, args...)
			if code != exitYes {
				t.Errorf("exit code %d: %s%s", code, verdict, diagnostics)
			}
		})
	}
}

// The body and the fields that nobody asked to change are the same bytes.
func TestModiSignChangesNothingElse(t *testing.T) {
	key := rsaSigner(t)
	for name, text := range map[string]string{
		"CRLF":       signed,
		"LF":         strings.ReplaceAll(signed, "\r\n", "\n"),
		"odd spaces": "POST /x HTTP/1.1\r\nHost:h\r\nX:  a \t\r\nContent-Length: 3\r\n\r\na\nb",
		"binary":     "POST /x HTTP/1.1\r\nHost: h\r\n\r\n\x00\xff\r\n",
		"reply":      "HTTP/1.1 201 Created\r\nLocation: /x\r\n\r\n{}",
	} {
		t.Run(name, func(t *testing.T) {
			code, out, diagnostics := command(t, text, "modi", "sign", "--pattern", "INTEGRITY_REST_02", "--key", key.key, "--client-id", "c", "--audience", "a")
			if code != exitYes {
				t.Fatalf("exit code %d: %s", code, diagnostics)
			}
			lines := slices.DeleteFunc(strings.SplitAfter(out, "\n"), func(line string) bool {
				return strings.HasPrefix(line, "Digest: ") || strings.HasPrefix(line, "Agid-JWT-Signature: ")
			})
			if got := strings.Join(lines, ""); got != text {
				t.Errorf("got %q, want %q", got, text)
			}
		})
	}
}

// A key that others may read is not used, and its path is told.
func TestModiSignRefusesKeysThatOthersCanRead(t *testing.T) {
	key := ecSigner(t, elliptic.P256())
	if err := os.Chmod(key.key, 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, diagnostics := command(t, signed, "modi", "sign", "--pattern", "INTEGRITY_REST_02", "--key", key.key, "--client-id", "c", "--audience", "a")
	if code != exitUndecided || out != "" || !strings.Contains(diagnostics, key.key) || !strings.Contains(diagnostics, "chmod 600") {
		t.Errorf("exit code %d: %s%s", code, out, diagnostics)
	}
}

// A certificate that every verifier will refuse is told when it signs, and not first by them.
func TestModiSignTellsOfACertificateThatWillBeRefused(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	files := newSigner(t, key)
	for name, c := range map[string]struct {
		change  func(*x509.Certificate)
		pattern string
		says    string
	}{
		"as openssl req -x509 makes it": {func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, 0 }, "INTEGRITY_REST_01", "basicConstraints=critical,CA:FALSE"},
		"without key usage":             {func(c *x509.Certificate) { c.KeyUsage = 0 }, "ID_AUTH_REST_02", "trovato nessun uso della chiave"},
		"expired":                       {func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(time.Minute) }, "ID_AUTH_REST_01", "rifiuta il certificato: vale dal"},
		"good":                          {func(*x509.Certificate) {}, "INTEGRITY_REST_01", ""},
	} {
		t.Run(name, func(t *testing.T) {
			template := certificateTemplate()
			c.change(template)
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "cert.pem")
			if err = os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
				t.Fatal(err)
			}
			code, out, diagnostics := command(t, signed, "modi", "sign", "--pattern", c.pattern, "--key", files.key, "--cert", file,
				"--audience", "a", "--at", "2026-03-02T09:00:00Z")
			if code != exitYes || out == "" || !strings.Contains(diagnostics, c.says) || (diagnostics == "") != (c.says == "") {
				t.Errorf("exit code %d: %s", code, diagnostics)
			}
		})
	}
}

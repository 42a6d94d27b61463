// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/keystest"
	"github.com/snodo-pa/snodo/modi/token"
)

func generate(t *testing.T, role keys.Role, path string) keys.Generated {
	t.Helper()
	g, err := keys.Generate(rand.Reader, role, path)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pemOf(t *testing.T, kind string, der []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestFileProvider(t *testing.T) {
	dir := t.TempDir()
	generate(t, keys.RoleClient, filepath.Join(dir, "rsa.pem"))
	generate(t, keys.RoleProvenance, filepath.Join(dir, "ec.pem"))
	generate(t, keys.RoleCheckpoint, filepath.Join(dir, "ed.pem"))
	generate(t, keys.RoleMaster, filepath.Join(dir, "master"))
	keystest.Run(t, keystest.Subject{
		Provider: keys.Files{Path: func(ref string) string { return filepath.Join(dir, ref) }},
		RSA:      "rsa.pem", EC: "ec.pem", Ed25519: "ed.pem", Secret: "master", Missing: "none.pem",
	})
}

func TestGenerateGivesTheKeyOfItsRole(t *testing.T) {
	for role, algorithm := range map[keys.Role]token.Algorithm{
		keys.RoleClient: token.RS256, keys.RoleModI: token.RS256, keys.RoleKeychain: token.RS256,
		keys.RoleProvenance: token.ES256, keys.RoleDPoP: token.ES256,
	} {
		t.Run(string(role), func(t *testing.T) {
			g := generate(t, role, filepath.Join(t.TempDir(), "k.pem"))
			key, err := keys.LoadSigning(g.Path, "")
			if err != nil || key.Algorithm != algorithm || key.KID != g.KID || len(g.KID) != 43 {
				t.Fatalf("LoadSigning = %v %v, %v; generated kid %q", key.KID, key.Algorithm, err, g.KID)
			}
			if !strings.HasPrefix(string(g.PublicPEM), "-----BEGIN PUBLIC KEY-----") {
				t.Fatalf("public part is %q", g.PublicPEM)
			}
			info, err := os.Stat(g.Path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("mode %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestGenerateCheckpointAndMaster(t *testing.T) {
	dir := t.TempDir()
	g := generate(t, keys.RoleCheckpoint, filepath.Join(dir, "c.pem"))
	if key, err := keys.LoadEd25519(g.Path); err != nil || len(key) == 0 || g.PublicPEM == nil {
		t.Fatalf("LoadEd25519: %v", err)
	}
	g = generate(t, keys.RoleMaster, filepath.Join(dir, "m"))
	if key, err := keys.LoadMasterKey(g.Path); err != nil || len(key) != 32 || g.PublicPEM != nil {
		t.Fatalf("LoadMasterKey: %d bytes, %v", len(key), err)
	}
	if _, err := keys.Generate(rand.Reader, "amica", filepath.Join(dir, "x")); !errors.Is(err, keys.ErrUnsuitable) {
		t.Fatalf("unknown role: %v", err)
	}
}

func TestGenerateNeverOverwrites(t *testing.T) {
	for _, role := range keys.Roles() {
		path := write(t, "k", []byte("prezioso"))
		_, err := keys.Generate(rand.Reader, role, path)
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: Generate = %v, want ErrExist", role, err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "prezioso" {
			t.Errorf("%s: the file is now %q, %v", role, data, err)
		}
	}
}

func TestReadsEveryPEMFormOfAPrivateKey(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err8 := x509.MarshalPKCS8PrivateKey(rsaKey)
	sec1, err1 := x509.MarshalECPrivateKey(ecKey)
	params := pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 5, 43, 129, 4, 0, 34}})
	for name, tc := range map[string]struct {
		data []byte
		want token.Algorithm
	}{
		"PKCS#8":               {pemOf(t, "PRIVATE KEY", pkcs8, err8), token.RS256},
		"PKCS#1":               {pemOf(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey), nil), token.RS256},
		"SEC 1":                {pemOf(t, "EC PRIVATE KEY", sec1, err1), token.ES384},
		"SEC 1 with its curve": {append(params, pemOf(t, "EC PRIVATE KEY", sec1, err1)...), token.ES384},
	} {
		t.Run(name, func(t *testing.T) {
			key, err := keys.LoadSigning(write(t, "k.pem", tc.data), "")
			if err != nil || key.Algorithm != tc.want {
				t.Fatalf("LoadSigning = %v, %v", key.Algorithm, err)
			}
		})
	}
}

func TestRefusesKeyFiles(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	smallDER, errSmall := x509.MarshalPKCS8PrivateKey(small)
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p224DER, err224 := x509.MarshalPKCS8PrivateKey(p224)
	good := generate(t, keys.RoleProvenance, filepath.Join(t.TempDir(), "g.pem"))
	goodPEM, err := os.ReadFile(good.Path)
	if err != nil {
		t.Fatal(err)
	}
	certificate := newWorldOfCertificates(t).leaf.Raw
	legacy := pem.EncodeToMemory(&pem.Block{
		Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: []byte{1},
	})
	for name, tc := range map[string]struct {
		data []byte
		want error
		says string
	}{
		"empty":               {nil, keys.ErrMalformed, "neither PEM"},
		"text":                {[]byte("ciao"), keys.ErrMalformed, "neither PEM"},
		"PEM cut":             {goodPEM[:len(goodPEM)-10], keys.ErrMalformed, "no PEM block"},
		"public key":          {good.PublicPEM, keys.ErrMalformed, "expected a private key"},
		"certificate":         {pemOf(t, "CERTIFICATE", certificate, nil), keys.ErrMalformed, "expected a private key"},
		"broken certificate":  {append(pemOf(t, "CERTIFICATE", []byte{1}, nil), goodPEM...), keys.ErrMalformed, "does not parse"},
		"encrypted PKCS#8":    {pemOf(t, "ENCRYPTED PRIVATE KEY", []byte{1}, nil), keys.ErrMalformed, "passphrase"},
		"encrypted PKCS#1":    {legacy, keys.ErrMalformed, "passphrase"},
		"encrypted SEC 1":     {bytes.Replace(legacy, []byte("RSA PRIVATE"), []byte("EC PRIVATE"), 2), keys.ErrMalformed, "openssl pkey"},
		"broken DER":          {pemOf(t, "PRIVATE KEY", []byte{0x30, 0x01}, nil), keys.ErrMalformed, "does not parse"},
		"two keys":            {append(append([]byte{}, goodPEM...), goodPEM...), keys.ErrMalformed, "more than one"},
		"rubbish behind":      {append(append([]byte{}, goodPEM...), "coda"...), keys.ErrMalformed, "after the PEM"},
		"OpenSSH key":         {pemOf(t, "OPENSSH PRIVATE KEY", []byte{1}, nil), keys.ErrMalformed, "OPENSSH"},
		"RSA of 1024 bits":    {pemOf(t, "PRIVATE KEY", smallDER, errSmall), keys.ErrUnsuitable, "1024"},
		"curve P-224":         {pemOf(t, "PRIVATE KEY", p224DER, err224), keys.ErrUnsuitable, "P-224"},
		"larger than any key": {make([]byte, 1<<20), keys.ErrMalformed, "larger"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keys.LoadSigning(write(t, "k.pem", tc.data), "")
			if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("LoadSigning = %v, want %v saying %q", err, tc.want, tc.says)
			}
		})
	}
}

func TestEd25519SignsNoToken(t *testing.T) {
	g := generate(t, keys.RoleCheckpoint, filepath.Join(t.TempDir(), "c.pem"))
	if _, err := keys.LoadSigning(g.Path, ""); !errors.Is(err, keys.ErrUnsuitable) {
		t.Fatalf("LoadSigning = %v", err)
	}
	g = generate(t, keys.RoleProvenance, filepath.Join(t.TempDir(), "p.pem"))
	if _, err := keys.LoadEd25519(g.Path); !errors.Is(err, keys.ErrUnsuitable) {
		t.Fatalf("LoadEd25519 = %v", err)
	}
}

func TestRefusesKeyFilesThatOthersMayRead(t *testing.T) {
	path := generate(t, keys.RoleClient, filepath.Join(t.TempDir(), "k.pem")).Path
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o644, 0o601} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := keys.LoadSigning(path, "")
		if !errors.Is(err, keys.ErrPermissions) || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.LoadSigning(path, ""); err != nil {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if _, err := keys.LoadSigning(filepath.Dir(path), ""); err == nil {
		t.Error("a folder was read as a key")
	}
}

func TestMasterKeyForms(t *testing.T) {
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(255 - i)
	}
	for name, tc := range map[string]struct {
		text string
		ok   bool
	}{
		"base64":            {base64.StdEncoding.EncodeToString(secret), true},
		"base64 unpadded":   {base64.RawStdEncoding.EncodeToString(secret), true},
		"base64url":         {base64.URLEncoding.EncodeToString(secret), true},
		"hexadecimal":       {hex.EncodeToString(secret), true},
		"upper case, lines": {strings.ToUpper(hex.EncodeToString(secret)) + "\r\n", true},
		"31 bytes":          {base64.StdEncoding.EncodeToString(secret[:31]), false},
		"33 bytes":          {base64.StdEncoding.EncodeToString(append(secret, 1)), false},
		"empty":             {"", false},
		"a passphrase":      {"correct horse battery staple", false},
		"raw bytes":         {string(secret), false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := keys.LoadMasterKey(write(t, "master", []byte(tc.text)))
			if (err == nil) != tc.ok || (tc.ok && string(got) != string(secret)) {
				t.Fatalf("LoadMasterKey = %d bytes, %v", len(got), err)
			}
			if err != nil && tc.text != "" && strings.Contains(err.Error(), tc.text) {
				t.Fatal("the error shows the secret")
			}
		})
	}
}

func FuzzLoadSigning(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Add([]byte(`{"kty":"EC","crv":"P-256","d":"AA","x":"AA","y":"AA"}`))
	f.Add([]byte(`{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ","p":"AQ","q":"AQ","x5c":["AA=="]}`))
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Add([]byte(""))
	path := filepath.Join(f.TempDir(), "k.pem")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		key, err := keys.LoadSigning(path, "")
		if (err == nil) != (key.Signer != nil) {
			t.Fatalf("LoadSigning = %v, %v", key.KID, err)
		}
	})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

//go:build pkcs11

package pkcs11_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ThalesGroup/crypto11"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/keystest"
	"github.com/snodo-pa/snodo/internal/keys/pkcs11"
	"github.com/snodo-pa/snodo/modi/token"
)

const pin = "48151623"

// softHSM is a token of SoftHSM in a folder of the test.
type softHSM struct {
	module, dir string
}

func newSoftHSM(t *testing.T) softHSM {
	t.Helper()
	h := softHSM{dir: t.TempDir()}
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil {
			h.module = path
		}
	}
	util, err := exec.LookPath("softhsm2-util")
	if h.module == "" || err != nil {
		t.Skip("not-run: SoftHSM is not installed (package softhsm2)")
	}
	conf := filepath.Join(h.dir, "softhsm2.conf")
	text := fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", h.dir)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	h.write(t, "pin", pin+"\n")
	h.write(t, "wrong", "00000000\n")
	out, err := exec.CommandContext(t.Context(), util, "--init-token", "--free", "--label", "hub", "--pin", pin, "--so-pin", "31415926").CombinedOutput()
	if err != nil {
		t.Fatalf("softhsm2-util: %v: %s", err, out)
	}
	return h
}

func (h softHSM) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (h softHSM) ref(key, pinFile string) string {
	return "pkcs11:token=hub;" + key + "?module-path=" + h.module + "&pin-source=file:" + pinFile
}

func (h softHSM) provider(t *testing.T) *pkcs11.Provider {
	t.Helper()
	p := pkcs11.Over(keys.Files{Path: func(name string) string { return filepath.Join(h.dir, name) }})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// fill puts keys in the token: rsa (id 1, with a certificate), ec (id 2), two named
// doppia (ids 3 and 4), storta (id 5, with the certificate of another key).
func (h softHSM) fill(t *testing.T) {
	t.Helper()
	session, err := crypto11.Configure(&crypto11.Config{Path: h.module, TokenLabel: "hub", Pin: pin})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	}()
	made, err := session.GenerateRSAKeyPairWithLabel([]byte{1}, []byte("rsa"), 2048)
	if err != nil {
		t.Fatal(err)
	}
	for label, ids := range map[string][]byte{"ec": {2}, "doppia": {3, 4}, "storta": {5}} {
		for _, id := range ids {
			if _, err := session.GenerateECDSAKeyPairWithLabel([]byte{id}, []byte(label), elliptic.P256()); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := certificate(t, made)
	for _, id := range []byte{1, 5} {
		if err := session.ImportCertificateWithLabel([]byte{id}, []byte("cert"), c); err != nil {
			t.Fatal(err)
		}
	}
}

func certificate(t *testing.T, key crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sigillo di prova"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTokenProvider(t *testing.T) {
	h := newSoftHSM(t)
	h.fill(t)
	keystest.Run(t, keystest.Subject{
		Provider: h.provider(t), RSA: h.ref("object=rsa", "pin"), EC: h.ref("id=%02", "pin"),
		Certified: h.ref("object=rsa;id=%01;type=private", "pin"), Missing: h.ref("object=nessuna", "pin"),
	})
}

func TestTokenRefuses(t *testing.T) {
	h := newSoftHSM(t)
	h.fill(t)
	h.write(t, "open", pin)
	if err := os.Chmod(filepath.Join(h.dir, "open"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		ref  string
		want error // nil: the token did not answer
		says string
	}{
		"two keys of a name":       {h.ref("object=doppia", "pin"), keys.ErrMalformed, "2 keys"},
		"label of another id":      {h.ref("object=ec;id=%01", "pin"), keys.ErrNotFound, "hub"},
		"certificate of another":   {h.ref("object=storta", "pin"), keys.ErrUnsuitable, "none of its certificates"},
		"no PIN file":              {h.ref("object=ec", "nessuno"), keys.ErrNotFound, "nessuno"},
		"PIN that others may read": {h.ref("object=ec", "open"), keys.ErrPermissions, "chmod 600"},
		"wrong PIN":                {h.ref("object=ec", "wrong"), nil, "PIN"},
		"no such token":            {strings.Replace(h.ref("object=ec", "pin"), "token=hub", "token=altro", 1), nil, "altro"},
		"no such module":           {"pkcs11:token=hub;object=ec?module-path=/nessuna.so&pin-source=file:pin", nil, "does not open"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.provider(t).Pair(tc.ref)
			if err == nil || !strings.Contains(err.Error(), tc.says) || tc.want != nil && !errors.Is(err, tc.want) {
				t.Fatalf("Pair = %v, want %v saying %q", err, tc.want, tc.says)
			}
			no := false
			for _, sentinel := range []error{keys.ErrNotFound, keys.ErrMalformed, keys.ErrUnsuitable, keys.ErrPermissions} {
				no = no || errors.Is(err, sentinel)
			}
			if no != (tc.want != nil) {
				t.Errorf("%v: no and don't know are mixed up", err)
			}
			if strings.Contains(err.Error(), pin) || strings.Contains(err.Error(), "00000000") {
				t.Errorf("%v shows the PIN", err)
			}
		})
	}
}

// A token is blocked after a few wrong PINs: however many keys a configuration names, one
// attempt is made.
func TestAWrongPINIsTriedOnce(t *testing.T) {
	h := newSoftHSM(t)
	h.fill(t)
	p := h.provider(t)
	_, first := p.Pair(h.ref("object=ec", "wrong"))
	h.write(t, "wrong", pin)
	_, second := p.Pair(h.ref("object=rsa", "wrong"))
	if first == nil || second == nil || first.Error() != second.Error() {
		t.Errorf("first %v, then %v", first, second)
	}
	if _, err := h.provider(t).Pair(h.ref("object=rsa", "wrong")); err != nil {
		t.Errorf("another provider: %v", err)
	}
}

// What is wrong with the place and not with the PIN may be mended while the program runs.
func TestAFailureThatIsNotThePINIsTriedAgain(t *testing.T) {
	h := newSoftHSM(t)
	h.fill(t)
	for name, mend := range map[string]struct{ ref, file, text string }{
		"a PIN file that was not there": {h.ref("object=ec", "later"), "later", pin},
		"a module that was not there":   {strings.Replace(h.ref("object=ec", "pin"), h.module, filepath.Join(h.dir, "module.so"), 1), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.provider(t)
			if _, err := p.Pair(mend.ref); err == nil {
				t.Fatal("opened")
			}
			if mend.file != "" {
				h.write(t, mend.file, mend.text)
			} else if err := os.Symlink(h.module, filepath.Join(h.dir, "module.so")); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Pair(mend.ref); err != nil {
				t.Errorf("after it was mended: %v", err)
			}
		})
	}
}

func TestASignerOfATokenCannotBeDeleted(t *testing.T) {
	h := newSoftHSM(t)
	h.fill(t)
	pair, err := h.provider(t).Pair(h.ref("object=ec", "pin"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := pair.Signer.(interface{ Delete() error }); ok {
		t.Error("whoever signs can delete the key")
	}
}

// A ring signs tokens with a key that never leaves its token.
func TestRingWithAKeyInAToken(t *testing.T) {
	h := newSoftHSM(t)
	h.fill(t)
	c := &config.Config{Dir: h.dir, Enti: map[string]*config.Ente{"c_bf01": {
		CodiceIPA: "c_bf01",
		Keychains: map[string]config.Keychain{"erogazione": {Environment: "locale", ID: "kc", Key: h.ref("object=rsa", "pin")}},
	}}}
	ring, err := keys.OpenWith(c, h.provider(t))
	if err != nil {
		t.Fatal(err)
	}
	k, err := ring.Keychain("c_bf01", "erogazione")
	if err != nil || len(k.Key.Chain) != 1 || len(ring.Certificates()) != 1 {
		t.Fatalf("Keychain: %d certificates, %v", len(k.Key.Chain), err)
	}
	compact, err := token.Sign(token.Integrity(), token.HeaderExtra{}, map[string]any{"jti": "1"}, k.Key)
	if err != nil {
		t.Fatal(err)
	}
	u, err := token.Parse(compact, token.Integrity())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Verify(k.Key.Signer.Public()); err != nil {
		t.Fatal(err)
	}
}

func TestReferenceOfASerialNumber(t *testing.T) {
	h := newSoftHSM(t)
	h.fill(t)
	out, err := exec.CommandContext(t.Context(), "softhsm2-util", "--show-slots").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(out), "Serial number:")
	serial, _, _ := strings.Cut(strings.TrimSpace(after), "\n")
	ref := strings.Replace(h.ref("object=ec", "pin"), "token=hub", "serial="+url.PathEscape(strings.TrimSpace(serial)), 1)
	if _, err := h.provider(t).Pair(ref); err != nil {
		t.Error(err)
	}
}

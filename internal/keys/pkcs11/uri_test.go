// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pkcs11_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/pkcs11"
)

func TestParse(t *testing.T) {
	for ref, want := range map[string]pkcs11.URI{
		"pkcs11:token=hub;object=sigillo?module-path=/lib/p11.so&pin-source=file:hub.pin": {
			Module: "/lib/p11.so", Token: "hub", Object: "sigillo", PINSource: "hub.pin",
		},
		"pkcs11:serial=01ab;id=%01%ff;type=private?pin-source=file:///etc/hub%20uno.pin&module-path=/lib/p%2011.so": {
			Module: "/lib/p 11.so", Serial: "01ab", ID: []byte{1, 0xff}, PINSource: "/etc/hub uno.pin",
		},
		"pkcs11:token=hub%3Buno;object=a%26b;id=%00?module-path=/m&pin-source=file:p": {
			Module: "/m", Token: "hub;uno", Object: "a&b", ID: []byte{0}, PINSource: "p",
		},
	} {
		got, err := pkcs11.Parse(ref)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", ref, err, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const query = "?module-path=/m&pin-source=file:p"
	for ref, says := range map[string]string{
		"file:k.pem":              "expected pkcs11:",
		"pkcs11:":                 "token or serial",
		"pkcs11:object=o" + query: "token or serial",
		"pkcs11:token=t" + query:  "object or id",
		"pkcs11:token=t;object=o": "module-path",
		"pkcs11:token=t;object=o?module-path=m&pin-source=file:p":                "absolute",
		"pkcs11:token=t;object=o?module-path=/m":                                 "pin-source",
		"pkcs11:token=t;object=o" + query + "&pin-value=12345678":                "stands in a file",
		"pkcs11:token=t;object=o?module-path=/m&pin-source=12345678":             "never written",
		"pkcs11:token=t;object=o?module-path=/m&pin-source=%7C/usr/bin/12345678": "never written",
		"pkcs11:token=t;serial=s;object=o" + query:                               "either token or serial",
		"pkcs11:token=t;token=u;object=o" + query:                                "repeated",
		"pkcs11:token=;object=o" + query:                                         "empty",
		"pkcs11:token;object=o" + query:                                          "not valid",
		"pkcs11:token=%zz;object=o" + query:                                      "not valid",
		"pkcs11:token=t;object=o;type=public" + query:                            "private",
		"pkcs11:token=t;object=o;slot-id=1" + query:                              "slot-id",
		"pkcs11:token=t;object=o;module-path=/m?pin-source=file:p":               "module-path",
		"pkcs11:token=t;object=o" + query + "&module-name=x":                     "module-name",
		"pkcs11:token=" + strings.Repeat("t", 5000) + ";object=o" + query:        "expected pkcs11:",
	} {
		_, err := pkcs11.Parse(ref)
		if !errors.Is(err, keys.ErrMalformed) || !strings.Contains(err.Error(), says) {
			t.Errorf("Parse(%.80s) = %v, want ErrMalformed saying %q", ref, err, says)
			continue
		}
		if strings.Contains(err.Error(), "12345678") {
			t.Errorf("%v shows the PIN", err)
		}
		if bilingual.In(err, "it") == err.Error() {
			t.Errorf("%v is not told in Italian", err)
		}
	}
}

// Whatever the build, references that are not of a token are files.
func TestOtherReferencesAreFiles(t *testing.T) {
	dir := t.TempDir()
	p := pkcs11.Over(keys.Files{Path: func(name string) string { return filepath.Join(dir, name) }})
	if _, err := p.Pair("k.pem"); !errors.Is(err, keys.ErrNotFound) {
		t.Errorf("Pair = %v", err)
	}
	if _, err := p.Secret("master"); !errors.Is(err, keys.ErrNotFound) {
		t.Errorf("Secret = %v", err)
	}
	if _, err := p.Pair("pkcs11:token=t"); !errors.Is(err, keys.ErrMalformed) {
		t.Errorf("Pair of a bad reference = %v", err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("pkcs11:token=hub;object=sigillo?module-path=/lib/p11.so&pin-source=file:hub.pin")
	f.Add("pkcs11:serial=1;id=%00%01;type=private?pin-source=file:///p&module-path=/m")
	f.Add("pkcs11:?&;=%")
	f.Fuzz(func(t *testing.T, ref string) {
		u, err := pkcs11.Parse(ref)
		if err != nil {
			if !errors.Is(err, keys.ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		if (u.Token == "") == (u.Serial == "") || u.Object == "" && len(u.ID) == 0 || !filepath.IsAbs(u.Module) || u.PINSource == "" {
			t.Fatalf("%q is read as %+v", ref, u)
		}
	})
}

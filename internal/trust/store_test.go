// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/trust"
)

func TestConfigIsReadFromYAML(t *testing.T) {
	const text = `
ca: [ca/qualificate.pem]
intermedie: [ca/intermedie.pem]
pins: [pin/comune.pem]
revoca: se disponibile
crl: [https://ca.example/r.crl]
x5u_host: [pki.ente.example/sigilli/]
`
	var got trust.Config
	if err := yaml.UnmarshalWithOptions([]byte(text), &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	want := trust.Config{
		CA: []string{"ca/qualificate.pem"}, Intermediates: []string{"ca/intermedie.pem"}, Pins: []string{"pin/comune.pem"},
		Revoca: trust.IfAvailable, CRL: []string{"https://ca.example/r.crl"}, X5UHost: []string{"pki.ente.example/sigilli/"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := yaml.Unmarshal([]byte("revoca: no"), &got); err != nil || got.Revoca != trust.Off {
		t.Errorf("revoca: no is read as %q, %v", got.Revoca, err)
	}
}

func TestOpenReportsEveryFaultAtOnce(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	seal := newSeal(t, &root, nil)
	key := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte{1}})
	good := pemOf(root.Certificate)
	_, err := trust.NewSources(nil, (&clock{now: noon}).Now).Open(trust.Config{
		CA: []string{
			"/nessuno/ca.pem", pemFile(t, seal.Certificate), write(t, "vuoto.pem", nil), write(t, "chiave.pem", key),
			write(t, "tronco.pem", append(append([]byte{}, good...), good[:len(good)/2]...)),
			write(t, "grande.pem", make([]byte, 5<<20)), pemFile(t, weakCA(t).Certificate),
			write(t, "rotto.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}})),
		},
		Intermediates: []string{"/nessuno/intermedie.pem"},
		Pins:          []string{pemFile(t, root.Certificate), "/nessuno/pin.pem"},
		CRL:           []string{"/nessuno/r.crl", t.TempDir()},
		X5UHost:       []string{"https://pki.ente.example", "", "pki.ente.example/c.pem", "pki.ente.example/a/../b/", "u@pki.ente.example"},
		Revoca:        "quando capita",
	}, nil)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"fiducia.ca[0]", "fiducia.ca[1]: ", "goes in pins", "fiducia.ca[2]", "no PEM block", "fiducia.ca[3]", `"EC PRIVATE KEY"`,
		"fiducia.ca[4]", "can be read", "fiducia.ca[5]", "more than", "fiducia.ca[6]", "1024", "fiducia.ca[7]", "does not parse",
		"fiducia.intermedie[0]", "fiducia.pins[0]", "certificate of a CA", "fiducia.pins[1]", "fiducia.crl[0]", "fiducia.crl[1]",
		"fiducia.x5u_host[0]", "fiducia.x5u_host[1]", "fiducia.x5u_host[2]", "fiducia.x5u_host[3]", "fiducia.x5u_host[4]",
		"fiducia.revoca", "quando capita",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the faults lack %q", want)
		}
	}
	if italian := bilingual.In(err, "it"); !strings.Contains(italian, "non è di una CA") || !strings.Contains(italian, "RSA di 1024 bit") {
		t.Errorf("the faults in Italian are\n%s", italian)
	}
	_, err = trust.NewSources(nil, (&clock{now: noon}).Now).Open(trust.Config{}, nil)
	if err == nil || !strings.Contains(err.Error(), "nobody would be trusted") {
		t.Errorf("an empty store: %v", err)
	}
}

func TestOpenResolvesFileNames(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	file := pemFile(t, root.Certificate)
	s, err := trust.NewSources(nil, (&clock{now: noon}).Now).Open(trust.Config{CA: []string{"c.pem"}, Revoca: trust.Off},
		func(name string) string { return filepath.Join(filepath.Dir(file), name) })
	if err != nil {
		t.Fatal(err)
	}
	wantTrusted(t, s, x5c(newSeal(t, &root, nil).Certificate), codice)
}

func TestExpiries(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	old := newCA(t, "Vecchia", nil, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(0, 0, -3) })
	pin := newSeal(t, nil, nil)
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate, old.Certificate)}, Pins: []string{pemFile(t, pin.Certificate)}})
	name := func(c party) string {
		return "c.pem " + base64.RawURLEncoding.EncodeToString(thumbprint(c.Certificate))[:8]
	}
	want := []trust.Expiry{
		{trust.KindCA, name(root), root.NotAfter}, {trust.KindCA, name(old), old.NotAfter}, {trust.KindPin, name(pin), pin.NotAfter},
	}
	if diff := cmp.Diff(want, s.Expiries()); diff != "" {
		t.Error(diff)
	}
}

func TestParseOrganizationID(t *testing.T) {
	for text, want := range map[string]trust.OrganizationID{
		"CF:IT-80012345674":                 {Scheme: "CF", Country: "IT", Code: "80012345674"},
		"VATIT-12345678903":                 {Scheme: "VAT", Country: "IT", Code: "12345678903"},
		"NTRIT-RM-123456":                   {Scheme: "NTR", Country: "IT", Code: "RM-123456"},
		"PSDIT-BI-1":                        {Scheme: "PSD", Country: "IT", Code: "BI-1"},
		"LEIXG-5299000J2N45DDNE4Y28":        {Scheme: "LEI", Country: "XG", Code: "5299000J2N45DDNE4Y28"},
		"CF:FR-ABC":                         {Scheme: "CF", Country: "FR", Code: "ABC"},
		"":                                  {},
		"CF:IT":                             {},
		"CF:IT-":                            {},
		"CF:IT-8001234567":                  {},
		"CF:IT-800123456740":                {},
		"CF:IT-80012345674 ":                {},
		"CF:IT-8001234567\u0664":            {},
		"cf:it-80012345674":                 {},
		"CF-IT-80012345674":                 {},
		"CFIT-80012345674":                  {},
		"CF:IT:80012345674":                 {},
		"VATIT-" + strings.Repeat("1", 200): {},
		"VATIT-1\n2":                        {},
	} {
		got, ok := trust.ParseOrganizationID(text)
		if got != want || ok != (want != trust.OrganizationID{}) {
			t.Errorf("ParseOrganizationID(%q) = %+v, %t", text, got, ok)
		}
	}
}

func FuzzParseOrganizationID(f *testing.F) {
	for _, seed := range []string{"CF:IT-80012345674", "VATIT-12345678903", "LEIXG-1", "CF:IT-", "::::::::"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, ok := trust.ParseOrganizationID(text)
		if !ok {
			if (id != trust.OrganizationID{}) {
				t.Fatalf("refused and read: %+v", id)
			}
			return
		}
		colon := ""
		if len(id.Scheme) == 2 {
			colon = ":"
		}
		if again := id.Scheme + colon + id.Country + "-" + id.Code; again != text {
			t.Fatalf("%q is read as %+v, which is %q", text, id, again)
		}
		if code := id.CodiceFiscale(); code != "" && len(code) != 11 && len(code) != 16 {
			t.Fatalf("codice fiscale %q", code)
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	root := newCA(f, "Radice", nil, nil)
	f.Add(pemOf(root.Certificate))
	f.Add(append([]byte("# commento\n"), pemOf(root.Certificate, root.Certificate)...))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("-----BEGIN "))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := trust.ParseBundle(data)
		if (err == nil) != (len(found) > 0) {
			t.Fatalf("%d certificates, %v", len(found), err)
		}
		again, err2 := trust.ParseBundle(pemOf(found...))
		if err == nil && (err2 != nil || len(again) != len(found)) {
			t.Fatalf("%d certificates become %d, %v", len(found), len(again), err2)
		}
	})
}

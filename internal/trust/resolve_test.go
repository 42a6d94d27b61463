// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
)

func TestTrustsACertificateOfAConfiguredCA(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	middle := newCA(t, "Intermedia", &root, nil)
	direct, below := newSeal(t, &root, nil), newSeal(t, &middle, nil)
	onlyRoot := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	wantTrusted(t, onlyRoot, x5c(direct.Certificate), codice)
	wantTrusted(t, onlyRoot, x5c(below.Certificate, middle.Certificate), codice)
	wantTrusted(t, onlyRoot, x5c(below.Certificate, middle.Certificate, root.Certificate), codice)
	wantTrusted(t, open(t, trust.Config{
		CA: []string{pemFile(t, root.Certificate)}, Intermediates: []string{pemFile(t, middle.Certificate)},
	}), x5c(below.Certificate), codice)
	// A CA that is not self-signed is an anchor as well.
	wantTrusted(t, open(t, trust.Config{CA: []string{pemFile(t, middle.Certificate)}}), x5c(below.Certificate), codice)
}

func TestRejectsCertificatesWithoutATrustedChain(t *testing.T) {
	root, other := newCA(t, "Radice", nil, nil), newCA(t, "Altra", nil, nil)
	middle := newCA(t, "Intermedia", &root, nil)
	namesake := newCA(t, "Radice", nil, nil)
	noCA := newSeal(t, &root, nil)
	flat := newCA(t, "Senza intermedie", nil, func(c *x509.Certificate) { c.MaxPathLenZero = true })
	tooDeep := newCA(t, "Di troppo", &flat, nil)
	constrained := newCA(t, "Solo un dominio", &root, func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"ente.example"}
	})
	// The key of the root signs, but the issuer is written as somebody else.
	borrowed := party{&x509.Certificate{Subject: pkix.Name{CommonName: "Nessuno"}, RawSubject: nil}, root.key}
	oldKey := weakCA(t)
	seal := func(ca party) *x509.Certificate { return newSeal(t, &ca, nil).Certificate }
	for name, ref := range map[string]modi.CertificateReference{
		"wrong CA":                            x5c(seal(other)),
		"wrong CA sent along":                 x5c(seal(other), other.Certificate),
		"self-signed":                         x5c(newSeal(t, nil, nil).Certificate),
		"missing intermediate":                x5c(seal(middle)),
		"wrong intermediate":                  x5c(seal(middle), other.Certificate),
		"CA of the same name, another key":    x5c(seal(namesake), namesake.Certificate),
		"issuer is not the subject of its CA": x5c(seal(borrowed)),
		"signed by a signer":                  x5c(seal(noCA), noCA.Certificate),
		"path longer than the CA allows":      x5c(seal(tooDeep), tooDeep.Certificate),
		"name outside the CA's constraint": x5c(newSeal(t, &constrained, func(c *x509.Certificate) {
			c.DNSNames = []string{"altrove.example"}
		}).Certificate, constrained.Certificate),
		"of another CA, and expired": x5c(newSeal(t, &other, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) }).Certificate),
		"CA with RSA of 1024 bits":   x5c(newSeal(t, &oldKey, nil).Certificate, oldKey.Certificate),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate, flat.Certificate)}})
			wantFault(t, s, ref, modi.FaultCertificateUntrusted)
		})
	}
}

// weakCA is an intermediate whose key is too short, below a root that the tests do not
// trust either: what matters is that it never becomes a path.
func weakCA(t *testing.T) party {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Debole"}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}, key, nil)
}

func TestRejectsWeakCABelowATrustedOne(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak := sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Debole"}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}, key, &root)
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	refused := wantFault(t, s, x5c(newSeal(t, &weak, nil).Certificate, weak.Certificate), modi.FaultCertificateUntrusted)
	if !strings.Contains(refused.Found, "1024") {
		t.Errorf("found %q", refused.Found)
	}
}

func TestRejectsCertificatesOutOfTheirValidity(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	old := newCA(t, "Intermedia scaduta", &root, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Second) })
	young := newCA(t, "Intermedia futura", &root, func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Hour) })
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	until := func(end time.Time) modi.CertificateReference {
		return x5c(newSeal(t, &root, func(c *x509.Certificate) { c.NotAfter = end }).Certificate)
	}
	from := func(start time.Time) modi.CertificateReference {
		return x5c(newSeal(t, &root, func(c *x509.Certificate) { c.NotBefore = start }).Certificate)
	}
	wantFault(t, s, until(noon.Add(-time.Second)), modi.FaultCertificateExpired)
	wantTrusted(t, s, until(noon), codice) // the last second counts
	wantFault(t, s, from(noon.Add(time.Second)), modi.FaultCertificateNotYetValid)
	wantTrusted(t, s, from(noon), codice)
	refused := wantFault(t, s, x5c(newSeal(t, &old, nil).Certificate, old.Certificate), modi.FaultCertificateExpired)
	if !strings.Contains(refused.Expected, "CA") {
		t.Errorf("expected %q does not say whose", refused.Expected)
	}
	wantFault(t, s, x5c(newSeal(t, &young, nil).Certificate, young.Certificate), modi.FaultCertificateNotYetValid)
}

func TestRejectsCertificatesThatMayNotSign(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	short, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*x509.Certificate)) *x509.Certificate { return newSeal(t, &root, change).Certificate }
	keyed := func(key crypto.Signer) *x509.Certificate {
		return sign(t, &x509.Certificate{
			NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		}, key, &root).Certificate
	}
	for name, leaf := range map[string]*x509.Certificate{
		"CA as leaf":              newCA(t, "Intermedia", &root, func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageDigitalSignature }).Certificate,
		"the anchor itself":       root.Certificate,
		"no digitalSignature":     with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }),
		"no key usage":            with(func(c *x509.Certificate) { c.KeyUsage = 0 }),
		"certificate signing":     with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign }),
		"RSA of 1024 bits":        keyed(small),
		"curve P-224":             keyed(short),
		"Ed25519, of no JWS here": keyed(edwards),
		"two codici fiscali": with(func(c *x509.Certificate) {
			c.Subject.ExtraNames = organizationName("CF:IT-80012345674", "CF:IT-80054321987")
		}),
		"critical extension of nobody's": with(func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Critical: true, Value: []byte{5, 0}}}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
			wantFault(t, s, x5c(leaf), modi.FaultCertificateUnsuitable)
		})
	}
}

func TestAcceptsEveryKeyOfModI(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signers := []crypto.Signer{big}
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, key)
	}
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	for _, key := range signers {
		for _, usage := range []x509.KeyUsage{x509.KeyUsageDigitalSignature, x509.KeyUsageContentCommitment} {
			leaf := sign(t, &x509.Certificate{NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0), KeyUsage: usage}, key, &root)
			wantTrusted(t, s, x5c(leaf.Certificate), "")
		}
	}
}

func TestOrganizationOfTheSubject(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	for name, tc := range map[string]struct {
		ids  []string
		want string
	}{
		"codice fiscale":               {[]string{"CF:IT-" + codice}, codice},
		"VAT number alone":             {[]string{"VATIT-12345678903"}, ""},
		"VAT number and codice":        {[]string{"VATIT-12345678903", "CF:IT-" + codice}, codice},
		"the same twice":               {[]string{"CF:IT-" + codice, "CF:IT-" + codice}, codice},
		"codice of another state":      {[]string{"CF:FR-" + codice}, ""},
		"codice that is none":          {[]string{"CF:IT-ENTE"}, ""},
		"nothing":                      {nil, ""},
		"codice of a person's company": {[]string{"CF:IT-RSSMRA80A01H501U"}, "RSSMRA80A01H501U"},
	} {
		t.Run(name, func(t *testing.T) {
			leaf := newSeal(t, &root, func(c *x509.Certificate) { c.Subject.ExtraNames = organizationName(tc.ids...) })
			wantTrusted(t, s, x5c(leaf.Certificate), tc.want)
		})
	}
}

func TestPins(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	selfSigned, ofCA := newSeal(t, nil, nil), newSeal(t, &root, nil)
	byThumb := newSeal(t, nil, nil)
	s := open(t, trust.Config{Pins: []string{
		pemFile(t, selfSigned.Certificate, ofCA.Certificate), base64.RawURLEncoding.EncodeToString(thumbprint(byThumb.Certificate)),
	}})
	for _, c := range []party{selfSigned, ofCA} {
		wantTrusted(t, s, x5c(c.Certificate), codice)
		wantTrusted(t, s, modi.CertificateReference{Thumbprint: thumbprint(c.Certificate)}, codice)
		wantTrusted(t, s, modi.CertificateReference{X5C: [][]byte{c.Raw}, Thumbprint: thumbprint(c.Certificate)}, codice)
	}
	wantTrusted(t, s, x5c(byThumb.Certificate), codice)
	refused := wantFault(t, s, modi.CertificateReference{Thumbprint: thumbprint(byThumb.Certificate)}, modi.FaultCertificateUnknown)
	if !strings.Contains(refused.Found, "without its certificate") {
		t.Errorf("found %q", refused.Found)
	}
	wantFault(t, s, x5c(newSeal(t, &root, nil).Certificate), modi.FaultCertificateUntrusted)
	wantFault(t, s, modi.CertificateReference{Thumbprint: thumbprint(root.Certificate)}, modi.FaultCertificateUnknown)

	clock := &clock{now: noon.AddDate(2, 0, 0)}
	late := openAt(t, trust.Config{Pins: []string{pemFile(t, selfSigned.Certificate)}, Revoca: trust.Off}, nil, clock)
	wantFault(t, late, x5c(selfSigned.Certificate), modi.FaultCertificateExpired)
}

func TestRejectsMalformedReferences(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	seal, other := newSeal(t, &root, nil), newSeal(t, &root, nil)
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	for name, tc := range map[string]struct {
		ref  modi.CertificateReference
		want modi.Fault
	}{
		"none":                   {modi.CertificateReference{}, modi.FaultCertificateMissing},
		"x5c empty":              {modi.CertificateReference{X5C: [][]byte{}}, modi.FaultCertificateMalformed},
		"x5c empty, x5t there":   {modi.CertificateReference{X5C: [][]byte{}, Thumbprint: thumbprint(seal.Certificate)}, modi.FaultCertificateMalformed},
		"x5c of rubbish":         {modi.CertificateReference{X5C: [][]byte{[]byte("ciao")}}, modi.FaultCertificateMalformed},
		"x5c with a tail":        {modi.CertificateReference{X5C: [][]byte{append(bytes.Clone(seal.Raw), 0)}}, modi.FaultCertificateMalformed},
		"x5c with a huge one":    {modi.CertificateReference{X5C: [][]byte{make([]byte, 64<<10)}}, modi.FaultCertificateMalformed},
		"x5c with a bad second":  {modi.CertificateReference{X5C: [][]byte{seal.Raw, {1}}}, modi.FaultCertificateMalformed},
		"x5c of eleven":          {x5c(repeat(seal.Certificate, 11)...), modi.FaultCertificateMalformed},
		"x5t too short":          {modi.CertificateReference{Thumbprint: make([]byte, 20)}, modi.FaultCertificateMalformed},
		"x5t unknown":            {modi.CertificateReference{Thumbprint: thumbprint(seal.Certificate)}, modi.FaultCertificateUnknown},
		"x5c and x5t disagree":   {modi.CertificateReference{X5C: [][]byte{seal.Raw}, Thumbprint: thumbprint(other.Certificate)}, modi.FaultReferencesDisagree},
		"x5t of the second":      {modi.CertificateReference{X5C: [][]byte{seal.Raw, root.Raw}, Thumbprint: thumbprint(root.Certificate)}, modi.FaultReferencesDisagree},
		"x5c good, x5u anywhere": {modi.CertificateReference{X5C: [][]byte{seal.Raw}, X5U: "https://altrove.example/c.pem"}, modi.FaultX5UNotAllowed},
	} {
		t.Run(name, func(t *testing.T) { wantFault(t, s, tc.ref, tc.want) })
	}
}

func repeat(c *x509.Certificate, n int) []*x509.Certificate {
	out := make([]*x509.Certificate, n)
	for i := range out {
		out[i] = c
	}
	return out
}

// What was seen before decides nothing: the same token gets the same answer on every
// replica and after every start.
func TestAChainSeenOnceDoesNotCompleteAnother(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	middle := newCA(t, "Intermedia", &root, nil)
	seal := newSeal(t, &middle, nil)
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateUntrusted)
	wantTrusted(t, s, x5c(seal.Certificate, middle.Certificate), codice)
	wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateUntrusted)
}

func TestARememberedVerdictEndsWithTheCertificate(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	seal := newSeal(t, &root, func(c *x509.Certificate) { c.NotAfter = noon.Add(time.Hour) })
	clock := &clock{now: noon}
	s := openAt(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}, Revoca: trust.Off}, nil, clock)
	wantTrusted(t, s, x5c(seal.Certificate), codice)
	clock.add(time.Hour)
	wantTrusted(t, s, x5c(seal.Certificate), codice)
	clock.add(time.Second)
	wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateExpired)
	clock.add(-2 * 365 * 24 * time.Hour)
	wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateNotYetValid)
}

// TestARememberedVerdictEndsWithItsCA: who asks after the root has expired gets the answer
// that a hub started then would give.
func TestARememberedVerdictEndsWithItsCA(t *testing.T) {
	root := newCA(t, "Radice", nil, func(c *x509.Certificate) { c.NotAfter = noon.Add(time.Hour) })
	seal := newSeal(t, &root, nil)
	clock := &clock{now: noon}
	s := openAt(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}, Revoca: trust.Off}, nil, clock)
	wantTrusted(t, s, x5c(seal.Certificate), codice)
	clock.add(time.Hour + time.Second)
	wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateExpired)
}

func BenchmarkRememberedVerdict(b *testing.B) {
	root := newCA(b, "Radice", nil, nil)
	ref := x5c(newSeal(b, &root, nil).Certificate)
	s := open(b, trust.Config{CA: []string{pemFile(b, root.Certificate)}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.ResolveCertificate(b.Context(), ref); err != nil {
			b.Fatal(err)
		}
	}
}

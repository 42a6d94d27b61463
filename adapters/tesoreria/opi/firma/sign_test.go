// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
)

const order = `<?xml version="1.0" encoding="UTF-8"?>
<flusso_ordinativi Id="f1">
  <!-- nota -->
  <esercizio>2026</esercizio>
  <mandato><numero_mandato>1287</numero_mandato><importo_mandato>1220.00</importo_mandato><causale>Mensa &amp; co. <![CDATA[<10>]]> àè</causale></mandato>
</flusso_ordinativi>
`

func signed(t testing.TB, who identity) string {
	t.Helper()
	out, err := Sign([]byte(order), who.key, []*x509.Certificate{who.cert}, now)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestSignedDocumentsVerify(t *testing.T) {
	for name, who := range map[string]identity{"ECDSA": person(), "RSA": personRSA()} {
		t.Run(name, func(t *testing.T) {
			doc := signed(t, who)
			found, err := Verify([]byte(doc), options())
			if err != nil {
				t.Fatal(err)
			}
			if found.Form != XAdES || found.Signer.CodiceFiscale != neri || found.Signer.Name != "ELENA NERI" || !found.Signer.SigningTime.Equal(now) {
				t.Errorf("got %s by %+v", found.Form, found.Signer)
			}
			if !bytes.Equal(found.XML, []byte(doc)) {
				t.Error("what was verified is not what was given")
			}
			before, after, _ := strings.Cut(doc, "<ds:Signature")
			_, after, _ = strings.Cut(after, "</ds:Signature>")
			if before+after != order {
				t.Error("signing changed the document")
			}
		})
	}
}

// TestAnOrderChangedAfterSigningIsRefused changes the document, and nothing but the document, in many ways.
func TestAnOrderChangedAfterSigningIsRefused(t *testing.T) {
	doc := signed(t, person())
	for name, change := range map[string][2]string{
		"amount":            {"1220.00", "9220.00"},
		"element taken out": {"<causale>", "<causale/><causale>"},
		"text":              {"Mensa", "mensa"},
		"white space":       {"  <esercizio>", " <esercizio>"},
		"attribute":         {`Id="f1"`, `Id="f2"`},
		"added attribute":   {`<mandato>`, `<mandato a="1">`},
		"namespace":         {`<mandato>`, `<mandato xmlns="urn:x">`},
		"instruction":       {`<mandato>`, `<?x y?><mandato>`},
		"outside the root":  {"<flusso_ordinativi", "<?x y?>\n<flusso_ordinativi"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(doc, change[0], change[1], 1)
			if changed == doc {
				t.Fatal("nothing was changed")
			}
			_, err := Verify([]byte(changed), options())
			wantRule(t, err, "digest")
		})
	}
}

func TestACommentIsNotSigned(t *testing.T) {
	doc := strings.Replace(signed(t, person()), "<!-- nota -->", "<!-- altra -->", 1)
	if _, err := Verify([]byte(doc), options()); err != nil {
		t.Error(err)
	}
}

func TestSignRefuses(t *testing.T) {
	who := person()
	if _, err := Sign([]byte(signed(t, who)), who.key, []*x509.Certificate{who.cert}, now); err == nil {
		t.Error("a second signature was made")
	}
	if _, err := Sign([]byte(order), who.key, nil, now); err == nil {
		t.Error("signed without a certificate")
	}
	if _, err := Sign([]byte("<a>"), who.key, []*x509.Certificate{who.cert}, now); err == nil {
		t.Error("signed what is no XML")
	}
	if _, err := Sign([]byte("<a></a><!-- x -->"), who.key, []*x509.Certificate{who.cert}, now); err == nil {
		t.Error("signed before a comment")
	}
	weakKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Sign([]byte(order), weakKey, []*x509.Certificate{who.cert}, now)
	wantRule(t, err, "key")
}

func TestRejectsCertificates(t *testing.T) {
	root := ca()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*x509.Certificate)) identity {
		return issueWith(&root, key, subject("TINIT-"+neri), false, change)
	}
	for name, c := range map[string]struct {
		who  identity
		rule string
	}{
		"expired":     {with(func(c *x509.Certificate) { c.NotAfter = now.Add(-1) }), "validity"},
		"to come":     {with(func(c *x509.Certificate) { c.NotBefore = now.Add(1e9) }), "validity"},
		"encryption":  {with(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), "usage"},
		"of a CA":     {with(func(c *x509.Certificate) { c.IsCA = true; c.KeyUsage = x509.KeyUsageCertSign }), "usage"},
		"self-issued": {issueWith(nil, key, subject("TINIT-"+neri), false, nil), "untrusted"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Sign([]byte(order), c.who.key, []*x509.Certificate{c.who.cert}, now)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Verify(doc, options())
			wantRule(t, err, c.rule)
		})
	}
}

// TestASignatoryNeedsACertificateForSigning: with a key that only authenticates, a log-in might sign an order.
func TestASignatoryNeedsACertificateForSigning(t *testing.T) {
	root := ca()
	for name, c := range map[string]struct {
		usage x509.KeyUsage
		rule  string
	}{
		"firma digitale":  {x509.KeyUsageContentCommitment, ""},
		"both":            {x509.KeyUsageContentCommitment | x509.KeyUsageDigitalSignature, ""},
		"authentication":  {x509.KeyUsageDigitalSignature, "usage"},
		"nothing is said": {0, "usage"},
	} {
		t.Run(name, func(t *testing.T) {
			who := issueWith(&root, person().key, subject("TINIT-"+neri), false, func(cert *x509.Certificate) { cert.KeyUsage = c.usage })
			doc, err := Sign([]byte(order), who.key, []*x509.Certificate{who.cert}, now)
			if err != nil {
				t.Fatal(err)
			}
			o := options()
			if _, err := Verify(doc, o); err != nil {
				t.Errorf("of anybody: %v", err)
			}
			o.Signatory = true
			_, err = Verify(doc, o)
			if c.rule != "" {
				wantRule(t, err, c.rule)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNotKnownIsNotNo keeps an error of the caller apart from a refusal.
func TestNotKnownIsNotNo(t *testing.T) {
	unavailable := errors.New("the list of revocations cannot be had")
	o := options()
	o.Trusted = func(*x509.Certificate, []*x509.Certificate) error { return unavailable }
	_, err := Verify([]byte(signed(t, person())), o)
	var refusal *Refusal
	if !errors.Is(err, unavailable) || errors.As(err, &refusal) {
		t.Errorf("got %v", err)
	}
	o.Trusted = nil
	if _, err := Verify([]byte(signed(t, person())), o); err == nil {
		t.Error("verified with nobody to trust")
	}
}

func TestOnlyAdmittedForms(t *testing.T) {
	o := options()
	o.Forms = []Form{CAdES}
	_, err := Verify([]byte(signed(t, person())), o)
	wantRule(t, err, "form")
	o.Forms = []Form{XAdES, CAdES}
	if _, err := Verify([]byte(signed(t, person())), o); err != nil {
		t.Error(err)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// xmlsec1 is the judge of enveloped signatures: another implementation, on libxml2 and OpenSSL.
func xmlsec1(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	if _, err := exec.LookPath("xmlsec1"); err != nil {
		t.Skip("not-run: xmlsec1 is not installed (Debian package xmlsec1)")
	}
	return exec.CommandContext(t.Context(), "xmlsec1", args...).CombinedOutput()
}

func write(t *testing.T, doc []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "doc.xml")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestXmlsec1SaysTheSame asks both about good and tampered documents.
func TestXmlsec1SaysTheSame(t *testing.T) {
	for name, who := range map[string]identity{"ECDSA": person(), "RSA": personRSA()} {
		_, _, root := pemFiles(t, who)
		doc := signed(t, who)
		for what, c := range map[string]struct{ doc string }{
			"good":              {doc},
			"amount":            {strings.Replace(doc, "1220.00", "9220.00", 1)},
			"signed properties": {strings.Replace(doc, "<xades:SigningTime>2026", "<xades:SigningTime>2025", 1)},
			"certificate":       {strings.Replace(doc, b64(who.cert.Raw), b64(issueFor("x").cert.Raw), 1)},
			"comment":           {strings.Replace(doc, "nota", "altra", 1)},
		} {
			if name == "ECDSA" && what != "good" && what != "amount" {
				continue
			}
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				out, theirs := xmlsec1(t, "--verify", "--trusted-pem", root, "--verification-time", "2026-10-12 09:30:00",
					"--id-attr:Id", xades+":SignedProperties", write(t, []byte(c.doc)))
				_, ours := Verify([]byte(c.doc), options())
				if (ours == nil) != (theirs == nil) {
					t.Errorf("xmlsec1: %v %s\nours: %v", theirs, out, ours)
				}
				if what == "good" && ours != nil {
					t.Error(ours)
				}
			})
		}
	}
}

// TestVerifiesWhatXmlsec1Signs signs documents with everything that canonical forms are about, in every form.
func TestVerifiesWhatXmlsec1Signs(t *testing.T) {
	const body = `<?xml version="1.0" encoding="UTF-8"?>
<?prima a  b?>
<!-- prima -->
<flusso_ordinativi xmlns:z="urn:z" xmlns:a="urn:a" b="2" a:c="1" xml:lang="it" Id="f1">
  <x xmlns="urn:x" z="  spazi	e
righe" y="&quot;&lt;&gt;&amp;&#9;&#10;&#13;'"><w xmlns=""/><z:w z:b="1" a:b="2" xmlns:a="urn:altro"/></x>
  <causale><![CDATA[<tra> & quelle]]> > ]] &#13; à € 😀</causale><vuoto></vuoto><vuoto/>
  <!-- dentro --><?dentro x?>
{SIG}</flusso_ordinativi>
<!-- dopo --><?dopo?>
`
	for name, c := range map[string]struct{ canonical, inner, method, digest string }{
		"exclusive":               {excC14N, excC14N, "rsa-sha256", sha256URI},
		"exclusive with comments": {excC14N + "WithComments", excC14N, "rsa-sha256", sha256URI},
		"inclusive":               {inclusive, inclusive, "rsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384"},
		"inclusive with comments": {inclusive + "#WithComments", "", "rsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512"},
		"inclusive 1.1":           {"http://www.w3.org/2006/12/xml-c14n11", "http://www.w3.org/2006/12/xml-c14n11", "rsa-sha256", sha256URI},
		"by default":              {inclusive, "", "rsa-sha256", sha256URI},
		"exclusive over 1.0":      {inclusive, excC14N, "rsa-sha256", sha256URI},
		"inclusive lines\r\n":     {inclusive, inclusive, "rsa-sha256", sha256URI},
		"prefixes of exclusive":   {excC14N, excC14N + `"><e:InclusiveNamespaces xmlns:e="` + excC14N + `" PrefixList="z #default a"/></ds:Transform><!--`, "rsa-sha256", sha256URI},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who := personRSA()
			key, cert, _ := pemFiles(t, who)
			inner := ""
			switch {
			case strings.HasSuffix(c.inner, "<!--"):
				inner = `<ds:Transform Algorithm="` + strings.TrimSuffix(c.inner, "<!--")
			case c.inner != "":
				inner = `<ds:Transform Algorithm="` + c.inner + `"/>`
			}
			sig := `<ds:Signature xmlns:ds="` + dsig + `"><ds:SignedInfo><!-- c --><ds:CanonicalizationMethod Algorithm="` + c.canonical +
				`"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#` + c.method + `"/><ds:Reference URI=""><ds:Transforms>` + takeOut + inner +
				`</ds:Transforms><ds:DigestMethod Algorithm="` + c.digest + `"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>` +
				`<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>`
			doc := strings.Replace(body, "{SIG}", sig, 1)
			if strings.HasSuffix(name, "\r\n") {
				doc = strings.ReplaceAll(doc, "\n", "\r\n")
			}
			out := filepath.Join(t.TempDir(), "signed.xml")
			if said, err := xmlsec1(t, "--sign", "--privkey-pem", key+","+cert, "--output", out, write(t, []byte(doc))); err != nil {
				t.Fatalf("xmlsec1 does not sign: %s", said)
			}
			made, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Verify(made, options()); err != nil {
				t.Fatalf("%v\n%s", err, made)
			}
			_, err = Verify(bytes.Replace(made, []byte("quelle"), []byte("queste"), 1), options())
			wantRule(t, err, "digest")
		})
	}
}

// TestVerifiesWhatOpenSSLSigns is the judge of p7m: CAdES-BES by OpenSSL, in DER, streamed BER and PEM.
func TestVerifiesWhatOpenSSLSigns(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("not-run: openssl is not installed (Debian package openssl)")
	}
	for name, who := range map[string]identity{"ECDSA": person(), "RSA": personRSA()} {
		forms := map[string][]string{"BER": {"-outform", "DER", "-stream"}, "PEM": {"-outform", "PEM"}}
		if name == "ECDSA" {
			forms = map[string][]string{
				"DER": {"-outform", "DER"}, "SHA-512": {"-outform", "DER", "-md", "sha512"}, "by key id": {"-outform", "DER", "-keyid"},
			}
		}
		for form, extra := range forms {
			t.Run(name+" "+form, func(t *testing.T) {
				t.Parallel()
				who := who
				if form == "by key id" && len(who.cert.SubjectKeyId) == 0 {
					root := ca()
					who = issueWith(&root, who.key, subject("TINIT-"+neri), false, withKeyID)
				}
				key, cert, root := pemFiles(t, who)
				out := filepath.Join(t.TempDir(), "order.p7m")
				args := append([]string{"cms", "-sign", "-cades", "-binary", "-nodetach", "-in", write(t, []byte(order)), "-signer", cert, "-inkey", key, "-out", out}, extra...)
				if said, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
					t.Fatalf("openssl does not sign: %s", said)
				}
				made, err := os.ReadFile(out)
				if err != nil {
					t.Fatal(err)
				}
				found, err := Verify(made, options())
				if err != nil {
					t.Fatal(err)
				}
				if found.Form != CAdES || string(found.XML) != order || found.Signer.CodiceFiscale != neri || found.Signer.SigningTime.IsZero() {
					t.Errorf("got %s by %s", found.Form, found.Signer.Name)
				}
				if form == "DER" {
					opensslAgrees(t, root)
				}
			})
		}
	}
}

// opensslAgrees shows OpenSSL a p7m that this package's tests make, so that what they forge is forged well.
func opensslAgrees(t *testing.T, root string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ours.p7m")
	if err := os.WriteFile(path, goodP7M().sign(t), 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", path, "-CAfile", root,
		"-purpose", "any", "-attime", "1791797400", "-out", os.DevNull).CombinedOutput()
	if err != nil {
		t.Errorf("openssl refuses what the tests make: %s", said)
	}
}

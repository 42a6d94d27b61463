// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	encodingasn1 "encoding/asn1"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// p7m is a CMS SignedData that a tester makes as he likes.
type p7m struct {
	content    string
	signed     string // what the digest is of; empty for the content
	who        identity
	certs      []*x509.Certificate
	digestOID  string
	sigOID     string
	dataOID    string
	attributes map[string]cryptobyte.BuilderContinuation
	order      []string
	unsigned   []string
	detached   bool
	times      int // signers
}

const (
	oidSHA256      = "2.16.840.1.101.3.4.2.1"
	oidECDSASHA256 = "1.2.840.10045.4.3.2"
)

func withKeyID(c *x509.Certificate) { c.SubjectKeyId = []byte("una chiave di prova.") }

func goodP7M() p7m {
	who := person()
	return p7m{
		content: order, who: who, certs: []*x509.Certificate{who.cert}, digestOID: oidSHA256, sigOID: oidECDSASHA256, dataOID: oidData, times: 1,
		order: []string{oidContentType, oidMessageDigest, oidCertificateV2}, attributes: map[string]cryptobyte.BuilderContinuation{},
	}
}

func addOID(b *cryptobyte.Builder, dotted string) {
	var id encodingasn1.ObjectIdentifier
	for part := range strings.SplitSeq(dotted, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			panic(err)
		}
		id = append(id, n)
	}
	b.AddASN1ObjectIdentifier(id)
}

func algorithmOf(b *cryptobyte.Builder, dotted string) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { addOID(b, dotted) })
}

func octets(b *cryptobyte.Builder, content []byte) { b.AddASN1OctetString(content) }

// value writes the value of a signed attribute.
func (p p7m) value(b *cryptobyte.Builder, id string) {
	if f, ok := p.attributes[id]; ok {
		f(b)
		return
	}
	signed := p.signed
	if signed == "" {
		signed = p.content
	}
	switch id {
	case oidContentType:
		addOID(b, oidData)
	case oidMessageDigest:
		octets(b, digest(crypto.SHA256, []byte(signed)))
	case oidCertificateV2:
		certificateV2(b, p.who.cert)
	}
}

func certificateV2(b *cryptobyte.Builder, c *x509.Certificate) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { octets(b, digest(crypto.SHA256, c.Raw)) })
		})
	})
}

func (p p7m) attribute(b *cryptobyte.Builder, id string) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, id)
		b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { p.value(b, id) })
	})
}

func (p p7m) signer(t testing.TB, b *cryptobyte.Builder) {
	var attrs cryptobyte.Builder
	for _, id := range p.order {
		p.attribute(&attrs, id)
	}
	inside := attrs.BytesOrPanic()
	toSign := withHeader(0x31, inside)
	if p.order == nil {
		toSign = []byte(p.content)
	}
	value, err := p.who.key.Sign(rand.Reader, digest(crypto.SHA256, toSign), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(p.who.cert.RawIssuer)
			b.AddASN1BigInt(p.who.cert.SerialNumber)
		})
		algorithmOf(b, p.digestOID)
		if p.order != nil {
			b.AddASN1(explicit0, func(b *cryptobyte.Builder) { b.AddBytes(inside) })
		}
		algorithmOf(b, p.sigOID)
		octets(b, value)
		if p.unsigned != nil {
			b.AddASN1(implicit1, func(b *cryptobyte.Builder) {
				for _, id := range p.unsigned {
					p.attribute(b, id)
				}
			})
		}
	})
}

func (p p7m) sign(t testing.TB) []byte {
	t.Helper()
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oidSignedData)
		b.AddASN1(explicit0, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { algorithmOf(b, p.digestOID) })
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					addOID(b, p.dataOID)
					if !p.detached {
						b.AddASN1(explicit0, func(b *cryptobyte.Builder) { octets(b, []byte(p.content)) })
					}
				})
				if p.certs != nil {
					b.AddASN1(explicit0, func(b *cryptobyte.Builder) {
						for _, c := range p.certs {
							b.AddBytes(c.Raw)
						}
					})
				}
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
					for range p.times {
						p.signer(t, b)
					}
				})
			})
		})
	})
	return b.BytesOrPanic()
}

func TestVerifiesP7M(t *testing.T) {
	der := goodP7M().sign(t)
	for name, data := range map[string][]byte{
		"DER": der, "base64": []byte(b64(der)), "base64 in lines": []byte(b64(der)[:80] + "\r\n" + b64(der)[80:]),
		"PEM": []byte("-----BEGIN PKCS7-----\n" + b64(der) + "\n-----END PKCS7-----\n"),
	} {
		found, err := Verify(data, options())
		if err != nil || found.Form != CAdES || string(found.XML) != order || found.Signer.CodiceFiscale != neri {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAP7MAroundASignedDocument is opened where that is asked for; what is inside has to be verified by itself.
func TestAP7MAroundASignedDocument(t *testing.T) {
	p := goodP7M()
	p.content = signed(t, person())
	data := p.sign(t)
	_, err := Verify(data, options())
	wantRule(t, err, "several")
	o := options()
	o.Envelope = true
	found, err := Verify(data, o)
	if err != nil || found.Form != CAdES {
		t.Fatal(err)
	}
	if within, err := Verify(found.XML, options()); err != nil || within.Form != XAdES {
		t.Errorf("%v", err)
	}
	p.signed = order
	_, err = Verify(p.sign(t), o)
	wantRule(t, err, "digest")
}

func TestRejectsP7M(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*p7m)
		rule   string
	}{
		"changed content":      {func(p *p7m) { p.signed = strings.Replace(order, "1220.00", "9220.00", 1) }, "digest"},
		"detached":             {func(p *p7m) { p.detached = true }, "missing"},
		"no signer":            {func(p *p7m) { p.times = 0 }, "missing"},
		"two signers":          {func(p *p7m) { p.times = 2 }, "several"},
		"no certificate":       {func(p *p7m) { p.certs = nil }, "certificate"},
		"other certificate":    {func(p *p7m) { p.certs = []*x509.Certificate{ca().cert} }, "certificate"},
		"SHA-1":                {func(p *p7m) { p.digestOID = "1.3.14.3.2.26" }, "algorithm"},
		"ECDSA with SHA-1":     {func(p *p7m) { p.sigOID = "1.2.840.10045.4.1" }, "algorithm"},
		"digests that differ":  {func(p *p7m) { p.sigOID = "1.2.840.10045.4.3.4" }, "algorithm"},
		"no signed attributes": {func(p *p7m) { p.order = nil }, "properties"},
		"no digest":            {func(p *p7m) { p.order = []string{oidContentType, oidCertificateV2} }, "malformed"},
		"no content type":      {func(p *p7m) { p.order = []string{oidMessageDigest, oidCertificateV2} }, "malformed"},
		"digest twice":         {func(p *p7m) { p.order = append(p.order, oidMessageDigest) }, "malformed"},
		"no certificate named": {func(p *p7m) { p.order = []string{oidContentType, oidMessageDigest} }, "properties"},
		"other certificate named": {func(p *p7m) {
			p.attributes[oidCertificateV2] = func(b *cryptobyte.Builder) { certificateV2(b, ca().cert) }
		}, "properties"},
		"content of another type": {func(p *p7m) { p.dataOID = "1.2.840.113549.1.9.16.1.4" }, "malformed"},
		"type of other content":   {func(p *p7m) { p.attributes[oidContentType] = func(b *cryptobyte.Builder) { addOID(b, oidSignedData) } }, "malformed"},
		"countersignature": {func(p *p7m) {
			p.unsigned = []string{oidCounter}
			p.attributes[oidCounter] = func(b *cryptobyte.Builder) { b.AddASN1NULL() }
		}, "several"},
		"content that is no XML": {func(p *p7m) { p.content = "ciao" }, "unreadable"},
		"signed XML inside":      {func(p *p7m) { p.content = signed(t, person()) }, "several"},
	} {
		t.Run(name, func(t *testing.T) {
			forged := goodP7M()
			c.change(&forged)
			_, err := Verify(forged.sign(t), options())
			wantRule(t, err, c.rule)
		})
	}
}

// TestRejectsSignedAttributesAsContent passes a signature over attributes off as one over a document.
func TestRejectsSignedAttributesAsContent(t *testing.T) {
	p := goodP7M()
	p.order, p.content = nil, string([]byte{0x31, 0x00})
	_, err := Verify(p.sign(t), options())
	wantRule(t, err, "properties")
}

func TestRejectsBER(t *testing.T) {
	der := goodP7M().sign(t)
	for name, data := range map[string][]byte{
		"nested without end":      bytes.Repeat([]byte{0x30, 0x80}, 3_000_000),
		"nested with lengths":     bytes.Repeat([]byte{0x30, 0x84, 0, 1, 0, 0}, 60),
		"trailing bytes":          append(bytes.Clone(der), 0),
		"cut off":                 der[:len(der)-1],
		"length of five bytes":    {0x30, 0x85, 0, 0, 0, 0, 1, 0},
		"huge length":             {0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
		"primitive without end":   {0x04, 0x80, 0, 0},
		"tag of many bytes":       {0x3f, 0x81, 0x01, 0x00},
		"sequence inside octets":  {0x24, 0x80, 0x30, 0x00, 0, 0},
		"one byte":                {0x30},
		"length without the rest": {0x30, 0x82, 0x01},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Verify(data, options())
			wantRule(t, err, "unreadable")
		})
	}
	o := options()
	o.Limits.Bytes = 100
	_, err := Verify(der, o)
	wantRule(t, err, "unreadable")
}

func TestBERBecomesDER(t *testing.T) {
	long := bytes.Repeat([]byte("x"), 300)
	for name, c := range map[string]struct{ ber, der []byte }{
		"lengths":      {[]byte{0x30, 0x84, 0, 0, 0, 3, 0x02, 0x81, 0x00}, []byte{0x30, 0x02, 0x02, 0x00}},
		"indefinite":   {[]byte{0x30, 0x80, 0x05, 0x00, 0, 0}, []byte{0x30, 0x02, 0x05, 0x00}},
		"octet pieces": {[]byte{0x24, 0x80, 0x04, 0x01, 'a', 0x04, 0x01, 'b', 0, 0}, []byte{0x04, 0x02, 'a', 'b'}},
		"pieces of pieces": {
			[]byte{0x24, 0x80, 0x24, 0x80, 0x04, 0x01, 'a', 0, 0, 0x04, 0x01, 'b', 0, 0}, []byte{0x04, 0x02, 'a', 'b'},
		},
		"long": {append([]byte{0x04, 0x83, 0x00, 0x01, 0x2c}, long...), append([]byte{0x04, 0x82, 0x01, 0x2c}, long...)},
	} {
		got, err := toDER(c.ber)
		if err != nil || !bytes.Equal(got, c.der) {
			t.Errorf("%s: %x, %v", name, got, err)
		}
	}
}

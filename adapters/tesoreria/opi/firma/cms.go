// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/subtle"
	"crypto/x509"
	encodingasn1 "encoding/asn1"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// Object identifiers of RFC 5652, 5035 and 5754.
const (
	oidData           = "1.2.840.113549.1.7.1"
	oidSignedData     = "1.2.840.113549.1.7.2"
	oidContentType    = "1.2.840.113549.1.9.3"
	oidMessageDigest  = "1.2.840.113549.1.9.4"
	oidSigningTime    = "1.2.840.113549.1.9.5"
	oidCounter        = "1.2.840.113549.1.9.6"
	oidCertificateV2  = "1.2.840.113549.1.9.16.2.47"
	oidRSA            = "1.2.840.113549.1.1.1"
	maxP7M            = 32 << 20
	explicit0         = asn1.Tag(0xa0)
	implicit1         = asn1.Tag(0xa1)
	implicitPrimitive = asn1.Tag(0x80)
)

// signedData is a CMS SignedData with one signer, taken apart.
type signedData struct {
	content      []byte
	certificates []*x509.Certificate

	issuer, serial, keyID []byte // of the signer's certificate: the first two, or the third
	digestOID, sigOID     string
	attributes            []byte // DER of the signed attributes as a SET
	signature             []byte
	unsigned              cryptobyte.String
}

func verifyCMS(data []byte, o Options) (*signature, error) {
	limit := cmp.Or(o.Limits.Bytes, maxP7M)
	if len(data) > 2*limit { // base64 takes a third more, the certificates some
		return nil, refuse("unreadable", "il p7m supera i limiti", "the p7m is beyond the limits")
	}
	der, err := toDER(unwrap(data))
	if err != nil {
		return nil, refuse("unreadable", "non è XML né un p7m", "neither XML nor a p7m")
	}
	sd, err := takeApart(der)
	if err != nil {
		return nil, err
	}
	hash, m, err := sd.algorithms()
	if err != nil {
		return nil, err
	}
	found, err := choose(sd.certificates, sd.isSigner)
	if err != nil {
		return nil, err
	}
	if err := m.verify(found.leaf.PublicKey, sd.attributes, sd.signature, false); err != nil {
		return nil, err
	}
	if found.claimed, err = sd.checkAttributes(hash, found.leaf); err != nil {
		return nil, err
	}
	doc, err := xmltree.Parse(sd.content, xmltree.Limits{Bytes: o.Limits.Bytes, Elements: o.Limits.Elements, Depth: o.Limits.Depth})
	if err != nil {
		return nil, refuse("unreadable", "nel p7m non c'è un documento XML leggibile", "there is no XML in the p7m that can be read")
	}
	if !o.Envelope && !unsigned(doc) {
		return nil, refuse("several", "il documento nel p7m ha una seconda firma", "the document in the p7m has a second signature")
	}
	found.form, found.content = CAdES, sd.content
	return found, nil
}

// takeApart reads a ContentInfo with a SignedData (RFC 5652 §3, §5.1).
func takeApart(der []byte) (*signedData, error) {
	wrong := malformed("CMS SignedData")
	input := cryptobyte.String(der)
	var info, explicit, sd, encapsulated, explicitContent, content, certificates, signers, rest cryptobyte.String
	var version int
	var hasContent, hasCertificates bool
	if !input.ReadASN1(&info, asn1.SEQUENCE) || oid(&info) != oidSignedData || !info.ReadASN1(&explicit, explicit0) ||
		!explicit.ReadASN1(&sd, asn1.SEQUENCE) || !sd.ReadASN1Integer(&version) || !sd.SkipASN1(asn1.SET) ||
		!sd.ReadASN1(&encapsulated, asn1.SEQUENCE) || oid(&encapsulated) != oidData ||
		!encapsulated.ReadOptionalASN1(&explicitContent, &hasContent, explicit0) ||
		!sd.ReadOptionalASN1(&certificates, &hasCertificates, explicit0) ||
		!sd.ReadOptionalASN1(&rest, nil, implicit1) || !sd.ReadASN1(&signers, asn1.SET) || !sd.Empty() || !info.Empty() {
		return nil, wrong
	}
	if !hasContent {
		return nil, refuse("missing", "il p7m è solo una firma: manca il documento", "the p7m is a signature alone: the document is missing")
	}
	if !explicitContent.ReadASN1(&content, asn1.OCTET_STRING) || !explicitContent.Empty() {
		return nil, wrong
	}
	out := &signedData{content: content}
	for hasCertificates && !certificates.Empty() {
		var one cryptobyte.String
		if !certificates.ReadASN1Element(&one, asn1.SEQUENCE) {
			return nil, wrong
		}
		c, err := x509.ParseCertificate(one)
		if err != nil || len(out.certificates) == maxCertificates {
			return nil, malformed("certificates")
		}
		out.certificates = append(out.certificates, c)
	}
	var signer cryptobyte.String
	if !signers.ReadASN1(&signer, asn1.SEQUENCE) {
		return nil, refuse("missing", "il p7m non ha firme", "the p7m has no signature")
	}
	if !signers.Empty() {
		return nil, refuse("several", "il p7m ha più di una firma: ne serve una", "the p7m has more than one signature: one is needed")
	}
	return out, out.signer(signer)
}

// signer reads a SignerInfo (RFC 5652 §5.3). One without signed attributes is refused: its signature could be passed
// off as one over other content.
func (sd *signedData) signer(s cryptobyte.String) error {
	wrong := malformed("SignerInfo")
	var version int
	if !s.ReadASN1Integer(&version) {
		return wrong
	}
	var id, attributes, digestAlg, sigAlg, value cryptobyte.String
	var byKey, signed bool
	if !s.ReadOptionalASN1(&id, &byKey, implicitPrimitive) {
		return wrong
	}
	if byKey {
		sd.keyID = id
	} else {
		var issuer cryptobyte.String
		serial := new(big.Int)
		if !s.ReadASN1(&id, asn1.SEQUENCE) || !id.ReadASN1Element(&issuer, asn1.SEQUENCE) || !id.ReadASN1Integer(serial) {
			return wrong
		}
		sd.issuer, sd.serial = issuer, serial.Bytes()
	}
	if !s.ReadASN1(&digestAlg, asn1.SEQUENCE) || !s.ReadOptionalASN1(&attributes, &signed, explicit0) ||
		!s.ReadASN1(&sigAlg, asn1.SEQUENCE) || !s.ReadASN1(&value, asn1.OCTET_STRING) ||
		!s.ReadOptionalASN1(&sd.unsigned, nil, implicit1) || !s.Empty() {
		return wrong
	}
	if !signed {
		return refuse("properties", "la firma p7m non ha attributi firmati", "the p7m has no signed attributes")
	}
	sd.digestOID, sd.sigOID = oid(&digestAlg), oid(&sigAlg)
	sd.attributes = withHeader(0x31, attributes) // as a SET, which is what is signed (§5.4)
	sd.signature = value
	return nil
}

// oid reads an object identifier; empty for anything else.
func oid(s *cryptobyte.String) string {
	var id encodingasn1.ObjectIdentifier
	if !s.ReadASN1ObjectIdentifier(&id) {
		return ""
	}
	return id.String()
}

// algorithms reads the digest and the way of signing, which name the same digest.
func (sd *signedData) algorithms() (crypto.Hash, method, error) {
	hashes := map[string]crypto.Hash{
		"2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384, "2.16.840.1.101.3.4.2.3": crypto.SHA512,
	}
	hash, ok := hashes[sd.digestOID]
	if !ok {
		return 0, method{}, weak(sd.digestOID)
	}
	methods := map[string]method{
		oidRSA:                  {rsaPKCS1, hash},
		"1.2.840.113549.1.1.11": {rsaPKCS1, crypto.SHA256},
		"1.2.840.113549.1.1.12": {rsaPKCS1, crypto.SHA384},
		"1.2.840.113549.1.1.13": {rsaPKCS1, crypto.SHA512},
		"1.2.840.10045.4.3.2":   {ecdsaScheme, crypto.SHA256},
		"1.2.840.10045.4.3.3":   {ecdsaScheme, crypto.SHA384},
		"1.2.840.10045.4.3.4":   {ecdsaScheme, crypto.SHA512},
	}
	m, ok := methods[sd.sigOID]
	if !ok || m.hash != hash {
		return 0, method{}, weak(sd.sigOID)
	}
	return hash, m, nil
}

func (sd *signedData) isSigner(c *x509.Certificate) bool {
	if sd.keyID != nil {
		return len(sd.keyID) > 0 && bytes.Equal(c.SubjectKeyId, sd.keyID)
	}
	return bytes.Equal(c.RawIssuer, sd.issuer) && bytes.Equal(c.SerialNumber.Bytes(), sd.serial)
}

// checkAttributes holds the signed attributes against content and certificate (RFC 5652 §5.3, §11; RFC 5035 §3), and
// refuses a signature of the signature. It gives the time that the signer states.
func (sd *signedData) checkAttributes(hash crypto.Hash, leaf *x509.Certificate) (time.Time, error) {
	signed, ok := attributesOf(sd.attributes)
	wrong := malformed("signedAttrs")
	if !ok {
		return time.Time{}, wrong
	}
	contentType, stated := signed[oidContentType], signed[oidMessageDigest]
	var sum cryptobyte.String
	if oid(&contentType) != oidData || !stated.ReadASN1(&sum, asn1.OCTET_STRING) {
		return time.Time{}, wrong
	}
	if subtle.ConstantTimeCompare(digest(hash, sd.content), sum) != 1 {
		return time.Time{}, refuse("digest", "il documento è stato modificato dopo la firma", "the document was changed after it was signed")
	}
	certificate, ok := signed[oidCertificateV2]
	if !ok {
		return time.Time{}, refuse("properties", "manca l'attributo signing-certificate-v2 (CAdES)", "the attribute signing-certificate-v2 is missing (CAdES)")
	}
	if !namesCertificate(certificate, leaf) {
		return time.Time{}, refuse("properties", "l'attributo signing-certificate-v2 è di un altro certificato",
			"the attribute signing-certificate-v2 is of another certificate")
	}
	unsigned, ok := attributesOf(withHeader(0x31, sd.unsigned))
	if _, counter := unsigned[oidCounter]; counter || !ok {
		return time.Time{}, refuse("several", "il p7m ha una controfirma: serve una firma sola", "the p7m has a countersignature: one signature is needed")
	}
	at := signed[oidSigningTime]
	var claimed time.Time
	switch {
	case at.PeekASN1Tag(asn1.UTCTime):
		at.ReadASN1UTCTime(&claimed)
	case at.PeekASN1Tag(asn1.GeneralizedTime):
		at.ReadASN1GeneralizedTime(&claimed)
	}
	return claimed, nil
}

// attributesOf reads a SET of attributes, each there once with one value.
func attributesOf(der []byte) (map[string]cryptobyte.String, bool) {
	input := cryptobyte.String(der)
	var all cryptobyte.String
	if !input.ReadASN1(&all, asn1.SET) {
		return nil, false
	}
	out := map[string]cryptobyte.String{}
	for !all.Empty() {
		var one, values, value cryptobyte.String
		if !all.ReadASN1(&one, asn1.SEQUENCE) {
			return nil, false
		}
		id := oid(&one)
		if !one.ReadASN1(&values, asn1.SET) || !values.ReadAnyASN1Element(&value, nil) || !values.Empty() {
			return nil, false
		}
		if _, twice := out[id]; twice || id == "" {
			return nil, false
		}
		out[id] = value
	}
	return out, true
}

// namesCertificate tells whether a SigningCertificateV2 begins with the digest of a certificate.
func namesCertificate(attribute cryptobyte.String, leaf *x509.Certificate) bool {
	var outer, certs, first, alg, sum cryptobyte.String
	var hasAlg bool
	if !attribute.ReadASN1(&outer, asn1.SEQUENCE) || !outer.ReadASN1(&certs, asn1.SEQUENCE) || !certs.ReadASN1(&first, asn1.SEQUENCE) ||
		!first.ReadOptionalASN1(&alg, &hasAlg, asn1.SEQUENCE) || !first.ReadASN1(&sum, asn1.OCTET_STRING) {
		return false
	}
	hash := crypto.SHA256
	if hasAlg {
		switch oid(&alg) {
		case "2.16.840.1.101.3.4.2.1":
		case "2.16.840.1.101.3.4.2.2":
			hash = crypto.SHA384
		case "2.16.840.1.101.3.4.2.3":
			hash = crypto.SHA512
		default:
			return false
		}
	}
	return bytes.Equal(digest(hash, leaf.Raw), sum)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token

import (
	"crypto"
	"errors"
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/internal/jose"
)

// Header is what the JOSE header says. Nothing in it is proven before Verify.
type Header struct {
	Algorithm Algorithm
	KID       string // empty for a DPoP proof, and maybe where a certificate names the key
	Type      string // typ as written, empty when absent
	Use       string // vouchers only
}

// Unverified is a token whose shape, header and algorithm are those of its kind and
// whose signature has not been looked at. Its claims cannot be read.
type Unverified struct {
	kind      Kind
	compact   string
	header    Header
	algorithm jose.Algorithm
	embedded  crypto.PublicKey
	reference modi.CertificateReference
	parts     jose.Compact
}

// Parse checks the shape of a token of kind k: at most 16 KiB, three non-empty parts of
// canonical base64url, JSON objects without repeated members, header members and
// algorithm of the kind, kid of the right form. The error is always a *modi.Refusal
// with the first fault. typ is left to Verify: it is only told to who signed.
func Parse(compact string, k Kind) (*Unverified, error) {
	parts, err := jose.ParseCompact(compact)
	if err != nil {
		return nil, k.refuse(err)
	}
	u := &Unverified{kind: k, compact: compact, parts: parts}
	err = u.readHeader()
	if err != nil {
		return nil, k.refuse(err)
	}
	return u, nil
}

// readHeader checks the members, then the algorithm, then the reference to the key.
func (u *Unverified) readHeader() error {
	for _, m := range u.parts.Header {
		if !slices.Contains(u.kind.members, m.Name) {
			return &jose.Fault{Kind: jose.HeaderNotAllowed, Expected: fmt.Sprintf("only %v", u.kind.members), Found: jose.Quote(m.Name)}
		}
	}
	var alg string
	for _, f := range []struct {
		name string
		into *string
	}{{"alg", &alg}, {"typ", &u.header.Type}, {"use", &u.header.Use}, {"kid", &u.header.KID}} {
		text, ok, there := u.parts.Header.Text(f.name)
		if !there {
			continue
		}
		*f.into = text
		if !ok {
			raw, _ := u.parts.Header.Get(f.name)
			return &jose.Fault{Kind: jose.Malformed, Expected: "a string in the header member " + f.name, Found: jsonType(raw)}
		}
	}
	u.header.Algorithm = Algorithm(alg)
	var ok bool
	u.algorithm, ok = jose.AlgorithmByName(alg)
	if !ok || !slices.Contains(u.kind.algorithms, u.header.Algorithm) {
		return &jose.Fault{Kind: jose.AlgorithmNotAllowed, Expected: "one of " + u.kind.algorithmList(), Found: jose.Quote(alg)}
	}
	if u.header.Use != "" && u.header.Use != "sig" {
		return &jose.Fault{Kind: jose.HeaderNotAllowed, Expected: "use sig", Found: jose.Quote(u.header.Use)}
	}
	return u.readKeyReference()
}

func (u *Unverified) readKeyReference() error {
	if u.kind.embedsKey() {
		return u.readEmbeddedKey()
	}
	if u.kind.references != nil {
		return u.readCertificate()
	}
	switch {
	case u.header.KID == "":
		return &jose.Fault{Kind: jose.KIDMissing, Expected: "the header member kid", Found: "none"}
	case !u.kind.validKID(u.header.KID):
		v := u.kind.Violation(modi.FaultKIDMalformed, u.kind.kidForm, fmt.Sprintf("%d characters of another form", len(u.header.KID)))
		if !u.kind.platform {
			v.Hint = hint.KID(u.header.KID)
		}
		return modi.Refuse(v)
	}
	return nil
}

func (u *Unverified) readEmbeddedKey() error {
	raw, ok := u.parts.Header.Get("jwk")
	if !ok {
		return &jose.Fault{Kind: jose.Malformed, Expected: "the header member jwk", Found: "none"}
	}
	if u.kind.exactJWK {
		key, err := jose.ParseEmbeddedJWK([]byte(raw))
		if err != nil {
			return &jose.Fault{Kind: jose.KeyUnsuitable, Expected: "a public key with exactly kty, n, e or kty, crv, x, y", Found: err.Error()}
		}
		u.embedded = key
		return nil
	}
	key, err := jose.ParseJWK([]byte(raw))
	switch {
	case err != nil:
		return &jose.Fault{Kind: jose.KeyUnsuitable, Expected: "a public key for signatures in jwk", Found: err.Error()}
	case key.Alg != "" && key.Alg != string(u.header.Algorithm):
		return &jose.Fault{Kind: jose.KeyUnsuitable, Expected: "the algorithm that jwk declares, " + jose.Quote(key.Alg), Found: string(u.header.Algorithm)}
	}
	u.embedded = key.Public
	return nil
}

// KID names the key. It is safe to look up; it proves nothing.
func (u *Unverified) KID() string { return u.header.KID }

// Header returns what the JOSE header says.
func (u *Unverified) Header() Header { return u.header }

// Certificate returns how the token names its certificate; zero for a kind whose key is
// not named so. It is safe to look up; it proves nothing.
func (u *Unverified) Certificate() modi.CertificateReference { return u.reference }

// Compact returns the token as it was received.
func (u *Unverified) Compact() string { return u.compact }

// EmbeddedKey returns the key that a DPoP proof carries; nil for every other kind.
func (u *Unverified) EmbeddedKey() crypto.PublicKey { return u.embedded }

// Verify checks the signature with pub and is the only way to the claims. A key that
// does not fit the algorithm and a signature that does not verify give a *modi.Refusal
// and nil claims. When the signature verifies but typ is not the kind's, both the
// claims and a *modi.Refusal are returned, so that a verifier can report this fault
// together with the others; a caller that only looks at the error is safe.
func (u *Unverified) Verify(pub crypto.PublicKey) (*Claims, error) {
	err := u.algorithm.Verify(pub, u.parts.Input, u.parts.Signature)
	if err != nil {
		return nil, u.kind.refuse(err)
	}
	c := &Claims{raw: u.parts.Raw, members: u.parts.Payload}
	if !u.kind.admitsType(u.header.Type) {
		found := "none"
		if u.header.Type != "" {
			found = jose.Quote(u.header.Type)
		}
		return c, modi.Refuse(u.kind.Violation(modi.FaultTypeMismatch, "typ "+u.kind.typ, found))
	}
	return c, nil
}

// refuse turns a fault of the JOSE core into a refusal under this kind's rule ids.
func (k Kind) refuse(err error) *modi.Refusal {
	var refusal *modi.Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	var f *jose.Fault
	if !errors.As(err, &f) {
		return modi.Refuse(k.Violation(modi.FaultMalformed, "a compact JWS", "something else"))
	}
	return modi.Refuse(k.Violation(faultOf(f.Kind), f.Expected, f.Found))
}

func faultOf(k jose.Kind) modi.Fault {
	switch k {
	case jose.HeaderNotAllowed:
		return modi.FaultHeaderNotAllowed
	case jose.AlgorithmNotAllowed:
		return modi.FaultAlgorithmNotAllowed
	case jose.KIDMissing:
		return modi.FaultKIDMissing
	case jose.KeyUnsuitable:
		return modi.FaultKeyUnsuitable
	case jose.SignatureInvalid:
		return modi.FaultSignatureInvalid
	case jose.Malformed:
		return modi.FaultMalformed
	default:
		return modi.FaultMalformed
	}
}

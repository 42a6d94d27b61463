// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package token

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/jose"
)

// Reference is a way of naming the certificate of the signer in the JOSE header.
type Reference uint8

// The references. Reading, X5C and X5CChain are the same: any chain is admitted and it is
// for the resolver to judge it.
const (
	X5C      Reference = iota + 1 // x5c; writing, the certificate of the signer alone
	X5CChain                      // x5c; writing, the whole chain
	X5TS256                       // x5t#S256
	X5U                           // x5u: only for a resolver that knows which hosts to ask
)

// bounds of what is read
const (
	maxChain = 5
	maxX5U   = 2048
	maxKID   = 255
)

// member is the name in the JOSE header.
func (r Reference) member() string {
	switch r {
	case X5C, X5CChain:
		return "x5c"
	case X5TS256:
		return "x5t#S256"
	case X5U:
		return "x5u"
	default:
		return ""
	}
}

// WithCertificates returns the kind with its key named by a certificate, in one of these
// ways and no other; without arguments by X5C or X5TS256. A kid may stand beside it and
// proves nothing.
func (k Kind) WithCertificates(refs ...Reference) Kind {
	if len(refs) == 0 {
		refs = []Reference{X5C, X5TS256}
	}
	k.references = refs
	k.members = certificateMembers
	return k
}

// admits tells whether the kind lets the key be named by a member of the header.
func (k Kind) admits(member string) bool {
	return slices.ContainsFunc(k.references, func(r Reference) bool { return r.member() == member })
}

func (k Kind) referenceList() string {
	var names []string
	for _, r := range k.references {
		if name := r.member(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// readCertificate reads how the header names the certificate. The certificates are not
// looked into: that is for the resolver.
func (u *Unverified) readCertificate() error {
	k := u.kind
	if len(u.header.KID) > maxKID {
		return modi.Refuse(k.Violation(modi.FaultMalformed, fmt.Sprintf("a kid of at most %d bytes", maxKID), fmt.Sprintf("%d", len(u.header.KID))))
	}
	found := false
	for _, name := range []string{"x5c", "x5t#S256", "x5u"} {
		raw, ok := u.parts.Header.Get(name)
		if !ok {
			continue
		}
		if !k.admits(name) {
			return modi.Refuse(k.Violation(modi.FaultReferenceNotAllowed, "the certificate named by "+k.referenceList(), name))
		}
		found = true
		err := u.readReference(name, raw)
		if err != nil {
			return modi.Refuse(k.Violation(modi.FaultCertificateMalformed, expectedReference(name), err.Error()))
		}
	}
	ref := u.reference
	switch {
	case !found:
		return modi.Refuse(k.Violation(modi.FaultCertificateMissing, "the certificate named by "+k.referenceList(), "none of them"))
	case ref.X5C != nil && ref.Thumbprint != nil && !bytes.Equal(thumbprintOf(ref.X5C[0]), ref.Thumbprint):
		return modi.Refuse(k.Violation(modi.FaultReferencesDisagree, "x5t#S256 to be that of the first certificate of x5c", "that of another one"))
	}
	return nil
}

func thumbprintOf(der []byte) []byte {
	sum := sha256.Sum256(der)
	return sum[:]
}

func expectedReference(name string) string {
	switch name {
	case "x5c":
		return "x5c with 1 to 5 certificates in padded base64, without line breaks"
	case "x5t#S256":
		return "x5t#S256 with 43 base64url characters"
	default:
		return "x5u with an absolute https address"
	}
}

func (u *Unverified) readReference(name, raw string) error {
	if name == "x5c" {
		var err error
		u.reference.X5C, err = readChain(raw, u.kind.lenient.Allows(modi.LenientX5CNewlines))
		return err
	}
	s, ok := jose.Unquote(raw)
	if !ok {
		return errors.New(jsonType(raw))
	}
	if name == "x5u" {
		u.reference.X5U = s
		return checkX5U(s)
	}
	sum, ok := jose.DecodeURL(s)
	if !ok || len(sum) != sha256.Size {
		return fmt.Errorf("%d characters that are not that", len(s))
	}
	u.reference.Thumbprint = sum
	return nil
}

func readChain(raw string, newlines bool) ([][]byte, error) {
	items, err := jose.ParseArray(raw)
	switch {
	case err != nil:
		return nil, errors.New(jsonType(raw))
	case len(items) == 0:
		return nil, errors.New("an empty list")
	case len(items) > maxChain:
		return nil, fmt.Errorf("%d of them", len(items))
	}
	out := make([][]byte, len(items))
	for i, item := range items {
		s, ok := jose.Unquote(item)
		if !ok {
			return nil, fmt.Errorf("entry %d is %s", i, jsonType(item))
		}
		if newlines {
			s = strings.NewReplacer("\r", "", "\n", "").Replace(s)
		}
		if strings.ContainsAny(s, "\r\n") {
			return nil, fmt.Errorf("entry %d has line breaks", i)
		}
		out[i], err = base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || len(out[i]) == 0 {
			return nil, fmt.Errorf("entry %d is not padded standard base64", i)
		}
	}
	return out, nil
}

// checkX5U wants an address that says nothing but where to look.
func checkX5U(s string) error {
	if len(s) > maxX5U {
		return fmt.Errorf("%d characters", len(s))
	}
	at, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("not an address")
	case at.Scheme != "https" || at.Host == "" || at.User != nil || strings.ContainsAny(s, "?#"):
		return errors.New("an address that is not https, or has a user, a query or a fragment")
	}
	return nil
}

// writeReferences adds the reference to the certificate to the header.
func (k Kind) writeReferences(members map[string]any, refs []Reference, key SigningKey) error {
	if len(refs) == 0 {
		refs = []Reference{X5C}
	}
	err := key.checkChain()
	if err != nil {
		return err
	}
	if key.KID != "" {
		members["kid"] = key.KID
	}
	for _, r := range refs {
		if !k.admits(r.member()) {
			return fmt.Errorf("the certificate may be named by %s only", k.referenceList())
		}
		switch r {
		case X5C:
			members[r.member()] = []string{base64.StdEncoding.EncodeToString(key.Chain[0].Raw)}
		case X5CChain:
			chain := make([]string, len(key.Chain))
			for i, c := range key.Chain {
				chain[i] = base64.StdEncoding.EncodeToString(c.Raw)
			}
			members[r.member()] = chain
		case X5TS256:
			members[r.member()] = base64.RawURLEncoding.EncodeToString(thumbprintOf(key.Chain[0].Raw))
		case X5U:
			err = checkX5U(key.X5U)
			if err != nil {
				return fmt.Errorf("x5u: %w", err)
			}
			members[r.member()] = key.X5U
		}
	}
	return nil
}

// checkChain wants the first certificate to be that of the signing key.
func (key SigningKey) checkChain() error {
	if len(key.Chain) == 0 {
		return errors.New("no certificate of the signing key")
	}
	if slices.Contains(key.Chain, nil) {
		return errors.New("a certificate of the chain is nil")
	}
	if !SamePublicKey(key.Chain[0].PublicKey, key.Signer.Public()) {
		return errors.New("the certificate is not that of the signing key")
	}
	return nil
}

// SamePublicKey tells whether two public keys are the same RSA or ECDSA key. Two keys of
// which one is of another type, or nil, are not. One and the same pointer, as caches give
// it, costs no comparison of numbers.
func SamePublicKey(a, b crypto.PublicKey) bool {
	switch key := a.(type) {
	case *rsa.PublicKey:
		if other, ok := b.(*rsa.PublicKey); ok && key == other {
			return key != nil
		}
	case *ecdsa.PublicKey:
		if other, ok := b.(*ecdsa.PublicKey); ok && key == other {
			return key != nil
		}
	}
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package check holds the steps that the verifiers of voucher and rest share: find the
// key, verify the signature, then collect every fault of the claims. It depends on
// modi, modi/token and modi/hint, does no I/O of its own and decides nothing that belongs to one
// pattern alone.
package check

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
)

// Opened is a token whose signature has verified, and the faults found so far.
type Opened struct {
	Token       *token.Unverified
	Claims      *token.Claims
	Key         modi.Key
	Certificate *x509.Certificate // where a certificate names the key
	Faults      Findings
}

// Open parses a token, asks keys for the key that it names and verifies the signature.
// A *modi.Refusal is the single fault that stopped it; an error wrapping
// modi.ErrUndecided means that the key registry did not answer. A wrong typ does not
// stop it: it is the first of the faults.
func Open(ctx context.Context, compact string, kind token.Kind, keys modi.KeyResolver) (*Opened, error) {
	u, err := token.Parse(compact, kind)
	if err != nil {
		return nil, err
	}
	if keys == nil {
		return nil, fmt.Errorf("%w: no key resolver", modi.ErrUndecided)
	}
	key, err := keys.ResolveKey(ctx, u.KID())
	switch {
	case errors.Is(err, modi.ErrKeyUnknown):
		v := kind.Violation(modi.FaultKeyUnknown, "a key that the registry publishes", "kid "+jose.Quote(u.KID()))
		if kind.Platform() {
			v.Hint = hint.PlatformKID(u.KID())
		}
		return nil, modi.Refuse(v)
	case err != nil:
		return nil, fmt.Errorf("%w: resolve key: %w", modi.ErrUndecided, err)
	case key.Algorithm != "" && key.Algorithm != string(u.Header().Algorithm):
		// RFC 8725 §3.1: a key is used with one algorithm only.
		return nil, modi.Refuse(kind.Violation(modi.FaultKeyUnsuitable, "the algorithm that the registry declares, "+jose.Quote(key.Algorithm), string(u.Header().Algorithm)))
	}
	return verify(u, kind, key)
}

// OpenCertified is Open for a token whose key is named by a certificate: certificates
// finds and judges it before the signature is looked at. The owner of the key is the
// organisation that the certificate names.
func OpenCertified(ctx context.Context, compact string, kind token.Kind, certificates modi.CertificateResolver) (*Opened, error) {
	u, err := token.Parse(compact, kind)
	if err != nil {
		return nil, err
	}
	if certificates == nil {
		return nil, fmt.Errorf("%w: no certificate resolver", modi.ErrUndecided)
	}
	trusted, err := certificates.ResolveCertificate(ctx, u.Certificate())
	var refused *modi.CertificateRefused
	switch {
	case errors.As(err, &refused):
		return nil, modi.Refuse(kind.Violation(refused.Fault, refused.Expected, refused.Found))
	case err != nil:
		return nil, fmt.Errorf("%w: resolve certificate: %w", modi.ErrUndecided, err)
	case trusted.Leaf == nil:
		return nil, fmt.Errorf("%w: the resolver gave no certificate", modi.ErrUndecided)
	}
	key := modi.Key{KID: u.KID(), Owner: trusted.Organization, Public: trusted.Leaf.PublicKey}
	o, err := verify(u, kind, key)
	if o != nil {
		o.Certificate = trusted.Leaf
	}
	return o, err
}

// verify checks the signature and keeps a wrong typ as the first fault.
func verify(u *token.Unverified, kind token.Kind, key modi.Key) (*Opened, error) {
	claims, err := u.Verify(key.Public)
	o := &Opened{Token: u, Claims: claims, Key: key, Faults: Findings{kind: kind}}
	if err != nil {
		var refusal *modi.Refusal
		if claims == nil || !errors.As(err, &refusal) {
			return nil, err
		}
		o.Faults.list = refusal.Violations
	}
	return o, nil
}

// Findings collects the faults of one token.
type Findings struct {
	kind token.Kind
	list []modi.Violation
}

// For starts an empty collection for tokens of a kind.
func For(kind token.Kind) Findings { return Findings{kind: kind} }

// Add records one fault. The texts must be safe to show to the caller.
func (f *Findings) Add(fault modi.Fault, expected, found string) {
	f.list = append(f.list, f.kind.Violation(fault, expected, found))
}

// AddHint records one fault with what probably went wrong.
func (f *Findings) AddHint(fault modi.Fault, expected, found string, h modi.Text) {
	v := f.kind.Violation(fault, expected, found)
	v.Hint = h
	f.list = append(f.list, v)
}

// Has tells whether a fault was recorded.
func (f *Findings) Has(fault modi.Fault) bool {
	rule := f.kind.Violation(fault, "", "").Rule
	return slices.ContainsFunc(f.list, func(v modi.Violation) bool { return v.Rule == rule })
}

// Err returns nil when nothing was found, else a *modi.Refusal with every fault.
func (f *Findings) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	return modi.Refuse(f.list...)
}

// Authorization takes the token out of the one Authorization header: one of schemes in any
// case, which is returned as schemes spells it, one space and the token. Nothing in the
// token is verified. The error is a *modi.Refusal under the kind.
func Authorization(h http.Header, kind token.Kind, schemes ...string) (scheme, compact string, err error) {
	wanted := strings.Join(schemes, " or ")
	values := h.Values("Authorization")
	switch len(values) {
	case 0:
		return "", "", modi.Refuse(kind.Violation(modi.FaultTokenMissing, "the header Authorization: "+wanted, "none"))
	case 1:
	default:
		return "", "", modi.Refuse(kind.Violation(modi.FaultTokenRepeated, "one Authorization header", strconv.Itoa(len(values))))
	}
	got, compact, _ := strings.Cut(values[0], " ")
	i := slices.IndexFunc(schemes, func(s string) bool { return strings.EqualFold(s, got) })
	if i < 0 {
		return "", "", modi.Refuse(kind.Violation(modi.FaultSchemeNotAllowed, "the scheme "+wanted, "another one"))
	}
	if strings.TrimSpace(compact) == "" {
		return "", "", modi.Refuse(kind.Violation(modi.FaultTokenMissing, "a token after the scheme", "nothing"))
	}
	return schemes[i], compact, nil
}

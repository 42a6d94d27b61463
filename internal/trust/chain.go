// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// maxPaths is how many ways from a certificate to an anchor are followed.
const maxPaths = 4

// judge decides on a signer's certificate: chain or pin, fitness, validity, revocation,
// in this order.
func (s *Store) judge(ctx context.Context, ders [][]byte, now time.Time) answer[modi.TrustedCertificate] {
	no := func(err error) answer[modi.TrustedCertificate] { return answer[modi.TrustedCertificate]{err: err} }
	given, err := parseChain(ders)
	if err != nil {
		return no(err)
	}
	leaf := given[0]
	_, pinned := s.pinned[sha256.Sum256(leaf.Raw)]
	paths, refused := s.paths(leaf, given[1:], pinned, now)
	if refused != nil && !pinned {
		return no(refused)
	}
	if refused = Unsuitable(leaf); refused != nil {
		return no(refused)
	}
	if refused = outOfTime(leaf, "certificate", now); refused != nil {
		return no(refused)
	}
	until, err := s.cleared(ctx, paths, now)
	if err != nil {
		return no(err)
	}
	code, _ := codiceFiscale(leaf.Subject) // two of them made it unsuitable
	return answer[modi.TrustedCertificate]{
		value: modi.TrustedCertificate{Leaf: leaf, Organization: code},
		ask:   earliest(until, ends(leaf, paths)...),
	}
}

// paths builds the chains from a certificate to the anchors, each from the leaf to its
// anchor. For a pinned one only what is configured counts: its holder could otherwise
// escape the question of revocation by leaving its CA out.
//
// What is given counts as far as it is a chain, in the order of RFC 7515 §4.1.6: it is a
// stranger who sends it, and CAs that all certify one another would cost more the more
// there are.
//
// The chain is judged at now or, when the leaf is not valid then, at the end of its
// validity that is nearest: a stranger's certificate is untrusted before it is expired.
func (s *Store) paths(leaf *x509.Certificate, given []*x509.Certificate, pinned bool, now time.Time) ([][]*x509.Certificate, *modi.CertificateRefused) {
	intermediates := s.intermediates
	var tooWeak error
	if !pinned && len(given) > 0 {
		given, tooWeak = inOrder(leaf, given)
		intermediates = intermediates.Clone()
		for _, c := range given {
			intermediates.AddCert(c)
		}
	}
	at := now
	if at.Before(leaf.NotBefore) {
		at = leaf.NotBefore
	}
	if at.After(leaf.NotAfter) {
		at = leaf.NotAfter
	}
	all, err := leaf.Verify(x509.VerifyOptions{
		Roots: s.roots, Intermediates: intermediates, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	switch {
	case err != nil && tooWeak != nil:
		return nil, weakCA(tooWeak)
	case err != nil:
		return nil, untrusted(leaf, err, at)
	}
	var sound [][]*x509.Certificate
	for _, path := range all {
		if err = weakPath(path); err == nil && len(sound) < maxPaths {
			sound = append(sound, path)
		}
	}
	if len(sound) == 0 {
		return nil, weakCA(err)
	}
	return sound, nil
}

func weakCA(err error) *modi.CertificateRefused {
	return refuse(modi.FaultCertificateUntrusted, "CAs with RSA of 2048 to 8192 bits, or EC", err.Error())
}

// inOrder returns the certificates that continue a chain, each that of the issuer of the one
// before it, up to the first that does not, has a key that was there before under the same
// name, or has one that is too weak; the error says that of the last.
func inOrder(leaf *x509.Certificate, given []*x509.Certificate) ([]*x509.Certificate, error) {
	last := leaf
	for i, c := range given {
		if !bytes.Equal(c.RawSubject, last.RawIssuer) || slices.ContainsFunc(given[:i], func(before *x509.Certificate) bool {
			return bytes.Equal(before.RawSubject, c.RawSubject) && bytes.Equal(before.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo)
		}) {
			return given[:i], nil
		}
		if err := weak(c); err != nil {
			return given[:i], fmt.Errorf("a CA with %w", err)
		}
		last = c
	}
	return given, nil
}

func weakPath(path []*x509.Certificate) error {
	for _, ca := range path[1:] {
		if err := weak(ca); err != nil {
			return fmt.Errorf("a CA with %w", err)
		}
	}
	return nil
}

// untrusted turns an error of chain building into a refusal.
func untrusted(leaf *x509.Certificate, err error, at time.Time) *modi.CertificateRefused {
	var invalid x509.CertificateInvalidError
	var critical x509.UnhandledCriticalExtension
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if refused := outOfTime(invalid.Cert, "its CA's certificate", at); refused != nil {
			return refused
		}
	case errors.As(err, &critical):
		return refuse(modi.FaultCertificateUnsuitable, "critical extensions that are known", "an unknown one")
	}
	return refuse(modi.FaultCertificateUntrusted, "certificate that chains to a CA of the service, or a pinned one",
		fmt.Sprintf("issuer %.100q, with %s", leaf.Issuer.CommonName, why(err)))
}

// why names the fault of a chain in words of this package.
func why(err error) string {
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) {
		return "no chain to a known CA: is an intermediate missing from x5c?"
	}
	switch invalid.Reason {
	case x509.NotAuthorizedToSign:
		return "an issuer that is not a CA"
	case x509.TooManyIntermediates:
		return "more intermediates than a CA of the chain allows"
	case x509.CANotAuthorizedForThisName, x509.UnconstrainedName, x509.NameConstraintsWithoutSANs, x509.TooManyConstraints:
		return "a name that its CA may not certify"
	case x509.NameMismatch:
		return "an issuer of another name"
	default:
		return "a chain that does not verify"
	}
}

// ends are the instants from which a certificate of the chains, the anchors among them, has
// expired: what was said before one of them is asked again.
func ends(leaf *x509.Certificate, paths [][]*x509.Certificate) []time.Time {
	all := []time.Time{leaf.NotAfter.Add(time.Second)}
	for _, path := range paths {
		for _, c := range path {
			all = append(all, c.NotAfter.Add(time.Second))
		}
	}
	return all
}

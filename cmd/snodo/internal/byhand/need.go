// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"context"
	"errors"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
)

// need is what a person must give before anything can be decided. It is told by itself,
// without what the verifiers put around it.
type need struct{ err error }

func (n need) Error() string { return n.err.Error() }
func (n need) Unwrap() error { return n.err }

// needed is the need at the root of an error, or the error as it is.
func needed(err error) error {
	var n need
	if errors.As(err, &n) {
		return n.err
	}
	return err
}

func errNoKeys() error {
	return need{bilingual.Errorf("serve la chiave pubblica di chi ha firmato: --keys FILE", "the public key of the signer is needed: --keys FILE")}
}

// errOtherKeys is no refusal: keys that come from files never tell that there is no other.
func errOtherKeys(kid string) error {
	return need{bilingual.Errorf("nessuna delle chiavi di --keys ha questo kid: %.64q. Nulla è deciso",
		"none of the keys of --keys has this kid: %.64q. Nothing is decided", kid)}
}

// noCertificates stands where no certificate is trusted: it asks for one.
type noCertificates struct{ because modi.Text }

var _ modi.CertificateResolver = noCertificates{}

func (n noCertificates) ResolveCertificate(context.Context, modi.CertificateReference) (modi.TrustedCertificate, error) {
	return modi.TrustedCertificate{}, need{bilingual.Errorf("%v", "%v", n.because)}
}

// certificates are those of --ca, or what asks for them.
func (v Verification) certificates(p modi.Pattern) modi.CertificateResolver {
	switch {
	case v.Certificates != nil:
		return v.Certificates
	case p == modi.PatternIDAuthREST01, p == modi.PatternIDAuthREST02:
		return noCertificates{text("serve la CA o il certificato di chi firma: --ca FILE", "the CA or the certificate of the signer is needed: --ca FILE")}
	default:
		return noCertificates{text("il token nomina un certificato: indicare --ca FILE", "the token names a certificate: give --ca FILE")}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"errors"
	"net/http"

	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/token"
)

// thumbprint names the DPoP key of the client: "" when its vouchers are Bearer, and when
// the key cannot be named, which the token request then reports.
func (c Credentials) thumbprint() string {
	if c.DPoP.Signer == nil {
		return ""
	}
	jkt, err := token.Thumbprint(c.DPoP.Signer.Public())
	if err != nil {
		return "?"
	}
	return jkt
}

// Authorize gives a request to an e-service or to the platform API its voucher, and, when
// the voucher is bound to a key, a new proof of possession for its method and URL. It is
// called for every attempt: a proof is used once (RFC 9449 §11.1). c are the credentials
// that the voucher was asked with.
func (p *Platform) Authorize(r *http.Request, c Credentials, v Voucher) error {
	r.Header.Del(dpop.HeaderProof)
	if v.JKT == "" {
		r.Header.Set("Authorization", string(dpop.SchemeBearer)+" "+v.Token)
		return nil
	}
	if c.thumbprint() != v.JKT {
		return errors.New("the voucher is bound to another DPoP key")
	}
	proof, err := dpop.Prove(dpop.Input{Method: r.Method, URL: r.URL.String(), Voucher: v.Token}, p.clock(), p.rand, c.DPoP)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", string(dpop.SchemeDPoP)+" "+v.Token)
	r.Header.Set(dpop.HeaderProof, proof)
	return nil
}

// prove gives a token request the proof that asks for a bound voucher. htu is the URL of
// the profile as text: PDND compares it byte by byte (PDND, DPoP code 0013).
func (p *Platform) prove(r *http.Request, c Credentials) error {
	if c.DPoP.Signer == nil {
		return nil
	}
	proof, err := dpop.Prove(dpop.Input{Method: r.Method, URL: p.profile.TokenURL}, p.clock(), p.rand, c.DPoP)
	if err != nil {
		return err
	}
	r.Header.Set(dpop.HeaderProof, proof)
	return nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/snodo-pa/snodo/modi"
)

// maxOCSP bounds an OCSP response in bytes.
const maxOCSP = 64 << 10

// Without nextUpdate a response says that newer ones are always at hand (RFC 6960 §4.2.2.1):
// it must be recent, and is asked again soon.
const (
	ocspRecent = time.Hour
	ocspKept   = time.Minute
)

// askOCSP asks a responder about a certificate of issuer. What it answers is remembered
// by certificate, whatever the store; the certificate of a delegated responder is cleared
// by the lists of st.
//
// No nonce is sent: most responders of CAs sign in advance (RFC 5019) and ignore it. That
// a response is not an old one is told by its times.
func (s *Sources) askOCSP(ctx context.Context, st *Store, address string, c, issuer *x509.Certificate, now time.Time) finding {
	key := strings.Join([]string{address, serial(c.SerialNumber), identity(issuer)}, "\x00")
	f, ask, err := s.answers.get(ctx, key, now, func(ctx context.Context) answer[finding] {
		f, err := s.fetchOCSP(ctx, st, address, c, issuer, now)
		if err != nil {
			return answer[finding]{err: fmt.Errorf("%w: %w", modi.ErrUndecided, err)}
		}
		return answer[finding]{value: f, ask: earliest(now.Add(maxKept), f.ask), until: f.ask}
	})
	if err != nil {
		return finding{why: "OCSP: " + strings.ReplaceAll(err.Error(), modi.ErrUndecided.Error()+": ", "")}
	}
	f.ask = ask
	return f
}

func (s *Sources) fetchOCSP(ctx context.Context, st *Store, address string, c, issuer *x509.Certificate, now time.Time) (finding, error) {
	question, err := ocsp.CreateRequest(c, issuer, nil)
	if err != nil {
		return finding{}, errors.New("no question can be made of the certificate")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(question))
	if err != nil {
		return finding{}, errors.New("its address cannot be read")
	}
	req.Header.Set("Content-Type", "application/ocsp-request")
	req.Header.Set("Accept", "application/ocsp-response")
	data, err := s.fetch(ctx, req, maxOCSP)
	if err != nil {
		return finding{}, err
	}
	resp, err := parseOCSP(data, question, c)
	if err != nil {
		return finding{}, err
	}
	if err = s.authorised(ctx, st, resp, issuer, now); err != nil {
		return finding{}, err
	}
	return readOCSP(resp, now)
}

// readOCSP takes the status out of a response whose signer is known.
func readOCSP(resp *ocsp.Response, now time.Time) (finding, error) {
	ask := resp.NextUpdate
	if ask.IsZero() {
		ask = earliest(now.Add(ocspKept), resp.ThisUpdate.Add(ocspRecent))
	}
	switch {
	case resp.ThisUpdate.After(now.Add(skew)):
		return finding{}, fmt.Errorf("the response is of %s, in the future", instant(resp.ThisUpdate))
	case !now.Before(ask):
		return finding{}, fmt.Errorf("the response is stale since %s", instant(ask))
	case resp.Status == ocsp.Good:
		return finding{status: good, ask: ask}, nil
	case resp.Status == ocsp.Revoked:
		return finding{status: revoked, at: resp.RevokedAt, ask: ask}, nil
	}
	return finding{}, errors.New("the responder does not know the certificate")
}

// parseOCSP reads a response and checks that it answers the question. The signature is
// not verified here: by whom it may be is decided by authorised.
func parseOCSP(data, question []byte, c *x509.Certificate) (*ocsp.Response, error) {
	resp, err := ocsp.ParseResponseForCert(data, c, nil)
	var status ocsp.ResponseError
	if errors.As(err, &status) {
		return nil, fmt.Errorf("the responder answers %q", status.Status.String())
	}
	if err != nil {
		return nil, errors.New("the response does not parse, or its signature does not fit the certificate in it")
	}
	asked, err := ocsp.ParseRequest(question)
	if err != nil {
		return nil, errors.New("the question does not parse")
	}
	var told responseData
	if _, err = asn1.Unmarshal(resp.TBSResponseData, &told); err != nil {
		return nil, errors.New("the response does not parse")
	}
	for _, one := range told.Responses {
		if one.ID.Serial == nil || one.ID.Serial.Cmp(asked.SerialNumber) != 0 {
			continue
		}
		if resp.IssuerHash == asked.HashAlgorithm && bytes.Equal(one.ID.NameHash, asked.IssuerNameHash) &&
			bytes.Equal(one.ID.KeyHash, asked.IssuerKeyHash) {
			return resp, nil
		}
		break // the parser read this one
	}
	return nil, errors.New("the response is about a certificate of another CA")
}

// authorised checks the signature of a response and that its signer may answer for
// issuer (RFC 6960 §4.2.2.2): issuer itself, or a certificate that issuer has signed and
// marked for it.
func (s *Sources) authorised(ctx context.Context, st *Store, resp *ocsp.Response, issuer *x509.Certificate, now time.Time) error {
	responder := resp.Certificate
	if weakSignature(resp.SignatureAlgorithm) {
		return fmt.Errorf("the response is signed with %s", resp.SignatureAlgorithm)
	}
	if responder == nil || bytes.Equal(responder.Raw, issuer.Raw) {
		if resp.CheckSignatureFrom(issuer) != nil {
			return errors.New("the response is signed by another key than the CA's")
		}
		return nil
	}
	switch {
	case resp.CheckSignatureFrom(responder) != nil:
		return errors.New("the response is not signed by the certificate in it")
	case !bytes.Equal(responder.RawIssuer, issuer.RawSubject) || responder.CheckSignatureFrom(issuer) != nil:
		return errors.New("the responder's certificate is not of the CA it answers for")
	case !slices.Contains(responder.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return errors.New("the responder's certificate is not for OCSP (no id-kp-OCSPSigning)")
	case outOfTime(responder, "responder", now) != nil:
		return errors.New("the responder's certificate is out of its validity")
	case weak(responder) != nil:
		return fmt.Errorf("the responder signs with %w", weak(responder))
	}
	return s.responderCleared(ctx, st, responder, issuer, now)
}

// responderCleared asks whether a delegated responder is revoked. A CA that does not want
// the question says so with id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1); otherwise a list
// must clear it, since to ask it about itself would prove nothing.
func (s *Sources) responderCleared(ctx context.Context, st *Store, responder, issuer *x509.Certificate, now time.Time) error {
	nocheck := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	for _, x := range responder.Extensions {
		if x.Id.Equal(nocheck) {
			return nil
		}
	}
	sources := append(slices.Clone(st.lists), webAddresses(responder.CRLDistributionPoints)...)
	switch f := st.askLists(ctx, sources, responder, issuer, now); f.status {
	case good:
		return nil
	case revoked:
		return errors.New("the responder's certificate is revoked")
	default:
		return errors.New("the responder's certificate has neither id-pkix-ocsp-nocheck nor a CRL that clears it")
	}
}

// responseData is ResponseData of RFC 6960 §4.2.1, as far as it is looked at.
type responseData struct {
	Version    int `asn1:"optional,default:0,explicit,tag:0"`
	Responder  asn1.RawValue
	ProducedAt time.Time `asn1:"generalized"`
	Responses  []singleResponse
}

type singleResponse struct{ ID certificateID }

type certificateID struct {
	Hash     pkix.AlgorithmIdentifier
	NameHash []byte
	KeyHash  []byte
	Serial   *big.Int
}

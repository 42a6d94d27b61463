// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust_test

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
)

// scripted answers requests as a test says and counts them.
type scripted struct {
	n  atomic.Int64
	do func(n int64, r *http.Request) (*outbound.Response, error)
}

func (f *scripted) Do(_ context.Context, r *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	return f.do(f.n.Add(1), r)
}

func TestRejectsCertificatesForOtherEnds(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	for name, tc := range map[string]struct {
		usages []x509.ExtKeyUsage
		other  []int // an object identifier
		ok     bool
	}{
		"not stated":                    {nil, nil, true},
		"any":                           {[]x509.ExtKeyUsage{x509.ExtKeyUsageAny}, nil, true},
		"TLS client":                    {[]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, nil, true},
		"TLS client and server":         {[]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}, nil, true},
		"e-mail":                        {[]x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, nil, true},
		"documents":                     {nil, []int{1, 3, 6, 1, 5, 5, 7, 3, 36}, true},
		"TLS server alone":              {[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, nil, false},
		"OCSP responder":                {[]x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, nil, false},
		"time stamps":                   {[]x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}, nil, false},
		"programs":                      {[]x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}, nil, false},
		"programs on a TLS server":      {[]x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageServerAuth}, nil, false},
		"programs and something unread": {[]x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}, []int{1, 3, 6, 1, 4, 1, 99999, 7}, true},
	} {
		t.Run(name, func(t *testing.T) {
			seal := newSeal(t, &root, func(c *x509.Certificate) {
				c.ExtKeyUsage = tc.usages
				if tc.other != nil {
					c.UnknownExtKeyUsage = append(c.UnknownExtKeyUsage, tc.other)
				}
			})
			if tc.ok {
				wantTrusted(t, s, x5c(seal.Certificate), codice)
				return
			}
			wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateUnsuitable)
		})
	}
}

// One CA, certified by two roots: its list reaches us on one of the two paths only.
func TestRevokedOnOnePathIsRevoked(t *testing.T) {
	first, second := newCA(t, "Radice 1", nil, nil), newCA(t, "Radice 2", nil, nil)
	key := ecKey(t)
	crossed := func(n int64, root *party) party {
		return sign(t, &x509.Certificate{
			SerialNumber: big.NewInt(n), Subject: pkix.Name{CommonName: "Emittente"}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0),
			BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}, key, root)
	}
	one, two := crossed(1, &first), crossed(2, &second)
	seal := newSeal(t, &one, func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://crl.example/i.crl"} })
	list := revocationList(t, one, nil, seal.Certificate)
	for _, answered := range []int64{1, 2} { // whichever path is asked first
		f := &scripted{do: func(n int64, _ *http.Request) (*outbound.Response, error) {
			if n == answered {
				return &outbound.Response{Status: http.StatusOK, Body: list}, nil
			}
			return nil, errors.New("the server of lists is slow today")
		}}
		s := openAt(t, trust.Config{
			CA: []string{pemFile(t, first.Certificate, second.Certificate)}, Intermediates: []string{pemFile(t, one.Certificate, two.Certificate)},
			Revoca: trust.IfAvailable,
		}, f, &clock{now: noon})
		wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateRevoked)
		if n := f.n.Load(); n != answered {
			t.Errorf("%d requests, want %d", n, answered)
		}
	}
	silent := &scripted{do: func(int64, *http.Request) (*outbound.Response, error) { return nil, errors.New("down") }}
	wantTrusted(t, openAt(t, trust.Config{
		CA: []string{pemFile(t, first.Certificate, second.Certificate)}, Intermediates: []string{pemFile(t, one.Certificate, two.Certificate)},
		Revoca: trust.IfAvailable,
	}, silent, &clock{now: noon}), x5c(seal.Certificate), codice)
}

// RFC 7515 §4.1.6: each certificate of x5c certifies the one before it.
func TestCertificatesOfX5COutOfOrderDoNotCount(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	upper := newCA(t, "Superiore", &root, nil)
	lower := newCA(t, "Inferiore", &upper, nil)
	seal := newSeal(t, &lower, nil)
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}})
	wantTrusted(t, s, x5c(seal.Certificate, lower.Certificate, upper.Certificate), codice)
	wantTrusted(t, s, x5c(seal.Certificate, lower.Certificate, upper.Certificate, root.Certificate), codice)
	wantTrusted(t, s, x5c(seal.Certificate, lower.Certificate, upper.Certificate, root.Certificate, seal.Certificate), codice)
	for name, ref := range map[string]modi.CertificateReference{
		"turned around":      x5c(seal.Certificate, upper.Certificate, lower.Certificate),
		"another between":    x5c(seal.Certificate, lower.Certificate, root.Certificate, upper.Certificate),
		"the leaf again":     x5c(seal.Certificate, seal.Certificate, lower.Certificate, upper.Certificate),
		"one of them twice":  x5c(seal.Certificate, lower.Certificate, lower.Certificate, upper.Certificate),
		"the first left out": x5c(seal.Certificate, upper.Certificate),
	} {
		t.Run(name, func(t *testing.T) { wantFault(t, s, ref, modi.FaultCertificateUntrusted) })
	}
	wantFault(t, s, x5c(repeat(seal.Certificate, 6)...), modi.FaultCertificateMalformed)
}

// Strangers name addresses as they like: what is known of peers stays, and the host is not
// asked for more than so much.
func TestStrangersDoNotUseUpX5U(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	seal := newSeal(t, &root, nil)
	f := &scripted{do: func(_ int64, r *http.Request) (*outbound.Response, error) {
		if r.URL.Path == "/certs/peer.pem" {
			return &outbound.Response{Status: http.StatusOK, Body: pemOf(seal.Certificate)}, nil
		}
		return &outbound.Response{Status: http.StatusNotFound}, nil
	}}
	now := &clock{now: noon}
	s := openAt(t, trust.Config{
		CA: []string{pemFile(t, root.Certificate)}, Revoca: trust.Off, X5UHost: []string{"pki.example/certs/", "other.example"},
	}, f, now)
	peer := at("https://pki.example/certs/peer.pem")
	wantTrusted(t, s, peer, codice)
	for i := range 300 {
		_, err := s.ResolveCertificate(t.Context(), at(fmt.Sprintf("https://pki.example/certs/%d.pem", i)))
		if want := i >= 59; errors.Is(err, modi.ErrUndecided) != want {
			t.Fatalf("address %d: %v", i, err)
		}
	}
	wantTrusted(t, s, peer, codice)
	if n := f.n.Load(); n != 60 {
		t.Errorf("%d requests", n)
	}
	now.add(11 * time.Minute) // the peer's is asked again, strangers or not
	for i := range 100 {
		_, _ = s.ResolveCertificate(t.Context(), at(fmt.Sprintf("https://pki.example/certs/x%d.pem", i)))
	}
	wantTrusted(t, s, peer, codice)
	if n := f.n.Load(); n != 60+60+1 {
		t.Errorf("%d requests", n)
	}
	wantFault(t, s, at("https://other.example/c.pem"), modi.FaultCertificateUnknown) // each host has its own
	now.add(time.Second)
	wantFault(t, s, at("https://pki.example/certs/late.pem"), modi.FaultCertificateUnknown)
	wantUndecided(t, s, at("https://pki.example/certs/later.pem"))
}

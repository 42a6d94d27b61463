// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
)

// world is a CA whose certificates name a responder.
type world struct {
	root  party
	seal  party
	at    *responder
	clock *clock
}

// newWorld makes a seal that names OCSP, CRL or both at the responder.
func newWorld(t testing.TB, withOCSP, withCRL bool) *world {
	t.Helper()
	w := &world{root: newCA(t, "Radice", nil, nil), at: newResponder(t), clock: &clock{now: noon}}
	w.seal = newSeal(t, &w.root, w.naming(withOCSP, withCRL))
	return w
}

func (w *world) naming(withOCSP, withCRL bool) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		if withOCSP {
			c.OCSPServer = []string{w.at.URL + "/ocsp"}
		}
		if withCRL {
			c.CRLDistributionPoints = []string{w.at.URL + "/crl"}
		}
	}
}

func (w *world) store(t testing.TB, policy trust.Revocation) *trust.Store {
	t.Helper()
	return openAt(t, trust.Config{CA: []string{pemFile(t, w.root.Certificate)}, Revoca: policy}, local(t, nil), w.clock)
}

func TestNotRevoked(t *testing.T) {
	w := newWorld(t, true, false)
	w.at.answer(ocspHandler(t, w.root, w.root, nil))
	wantTrusted(t, w.store(t, ""), x5c(w.seal.Certificate), codice)
	w = newWorld(t, false, true)
	w.at.answer(bytesHandler(revocationList(t, w.root, nil, w.root.Certificate)))
	wantTrusted(t, w.store(t, ""), x5c(w.seal.Certificate), codice)
	w.at.answer(bytesHandler(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: revocationList(t, w.root, nil)})))
	wantTrusted(t, w.store(t, ""), x5c(w.seal.Certificate), codice)
}

func TestRejectsRevokedByCRL(t *testing.T) {
	w := newWorld(t, false, true)
	w.at.answer(bytesHandler(revocationList(t, w.root, nil, w.seal.Certificate)))
	for _, policy := range []trust.Revocation{trust.Required, trust.IfAvailable} {
		refused := wantFault(t, w.store(t, policy), x5c(w.seal.Certificate), modi.FaultCertificateRevoked)
		if !strings.Contains(refused.Found, "2026-03-01T12:00:00Z") {
			t.Errorf("found %q does not say when", refused.Found)
		}
	}
	wantTrusted(t, w.store(t, trust.Off), x5c(w.seal.Certificate), codice)
}

func TestRejectsRevokedByOCSP(t *testing.T) {
	w := newWorld(t, true, false)
	w.at.answer(ocspHandler(t, w.root, w.root, func(r *ocsp.Response) {
		r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, noon.Add(-24*time.Hour), ocsp.KeyCompromise
	}))
	for _, policy := range []trust.Revocation{trust.Required, trust.IfAvailable} {
		wantFault(t, w.store(t, policy), x5c(w.seal.Certificate), modi.FaultCertificateRevoked)
	}
}

func TestRejectsRevokedByConfiguredCRL(t *testing.T) {
	root, other := newCA(t, "Radice", nil, nil), newCA(t, "Altra", nil, nil)
	seal, clear := newSeal(t, &root, nil), newSeal(t, &root, nil)
	s := openAt(t, trust.Config{
		CA: []string{pemFile(t, root.Certificate)},
		CRL: []string{
			write(t, "altra.crl", revocationList(t, other, nil)),
			write(t, "radice.crl", revocationList(t, root, nil, seal.Certificate)),
		},
	}, nil, &clock{now: noon})
	wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateRevoked)
	wantTrusted(t, s, x5c(clear.Certificate), codice)
}

func TestRejectsCertificateOfARevokedCA(t *testing.T) {
	w := newWorld(t, false, false)
	middle := newCA(t, "Intermedia", &w.root, w.naming(false, true))
	seal := newSeal(t, &middle, nil)
	w.at.answer(bytesHandler(revocationList(t, w.root, nil, middle.Certificate)))
	refused := wantFault(t, w.store(t, trust.IfAvailable), x5c(seal.Certificate, middle.Certificate), modi.FaultCertificateRevoked)
	if !strings.Contains(refused.Found, "CA") {
		t.Errorf("found %q does not say whose", refused.Found)
	}
}

func extension(t testing.TB, id asn1.ObjectIdentifier, value any) pkix.Extension {
	t.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: id, Critical: true, Value: der}
}

// issuingPoint writes IssuingDistributionPoint: an address, or "", and one flag.
func issuingPoint(t testing.TB, address string, flag int) pkix.Extension {
	t.Helper()
	type name struct {
		Full []asn1.RawValue `asn1:"optional,tag:0"`
	}
	type point struct {
		Point name `asn1:"optional,tag:0"`
		Users bool `asn1:"optional,tag:1"`
		CAs   bool `asn1:"optional,tag:2"`
		Ind   bool `asn1:"optional,tag:4"`
		Attr  bool `asn1:"optional,tag:5"`
	}
	p := point{Users: flag == 1, CAs: flag == 2, Ind: flag == 4, Attr: flag == 5}
	if address != "" {
		p.Point.Full = []asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(address)}}
	}
	return extension(t, asn1.ObjectIdentifier{2, 5, 29, 28}, p)
}

func TestCRLsThatClearNobody(t *testing.T) {
	w := newWorld(t, false, true)
	other, namesake := newCA(t, "Altra", nil, nil), newCA(t, "Radice", nil, nil)
	with := func(extensions ...pkix.Extension) []byte {
		return revocationList(t, w.root, func(l *x509.RevocationList) { l.ExtraExtensions = extensions })
	}
	good := revocationList(t, w.root, nil)
	changed := append([]byte{}, good...)
	changed[len(changed)-1] ^= 1
	for name, tc := range map[string]struct {
		serve http.HandlerFunc
		says  string
	}{
		"signed by another CA":       {bytesHandler(revocationList(t, other, nil)), "of another CA"},
		"signed by another key":      {bytesHandler(revocationList(t, namesake, nil)), "another key"},
		"signature changed":          {bytesHandler(changed), "another key"},
		"stale":                      {bytesHandler(revocationList(t, w.root, func(l *x509.RevocationList) { l.NextUpdate = noon.Add(-time.Minute) })), "stale"},
		"signed with SHA-1":          {bytesHandler(revocationList(t, w.root, func(l *x509.RevocationList) { l.SignatureAlgorithm = x509.ECDSAWithSHA1 })), "SHA1"},
		"of the future":              {bytesHandler(revocationList(t, w.root, func(l *x509.RevocationList) { l.ThisUpdate = noon.Add(time.Hour) })), "future"},
		"delta":                      {bytesHandler(with(extension(t, asn1.ObjectIdentifier{2, 5, 29, 27}, big.NewInt(1)))), "delta"},
		"indirect":                   {bytesHandler(with(issuingPoint(t, "", 4))), "indirect"},
		"of attributes":              {bytesHandler(with(issuingPoint(t, "", 5))), "indirect"},
		"of CAs only":                {bytesHandler(with(issuingPoint(t, "", 2))), "another part"},
		"of another part of the CA":  {bytesHandler(with(issuingPoint(t, "http://ca.example/altra.crl", 0))), "another part"},
		"scope that cannot be read":  {bytesHandler(with(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: []byte{4, 0}})), "cannot be read"},
		"unknown critical extension": {bytesHandler(with(pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}})), "1.2.3"},
		"entries of other CAs": {bytesHandler(revocationList(t, w.root, func(l *x509.RevocationList) {
			l.RevokedCertificateEntries = []x509.RevocationListEntry{{
				SerialNumber: big.NewInt(1), RevocationTime: noon,
				ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: []byte{0x30, 0}}},
			}}
		})), "indirect"},
		"rubbish":     {bytesHandler([]byte("<html>")), "does not parse"},
		"not there":   {statusHandler(http.StatusNotFound), "404"},
		"redirect":    {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/altrove", http.StatusFound) }, "302"},
		"server down": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "connection"},
	} {
		t.Run(name, func(t *testing.T) {
			w.at.answer(tc.serve)
			said := wantUndecided(t, w.store(t, trust.Required), x5c(w.seal.Certificate))
			if !strings.Contains(said, tc.says) {
				t.Errorf("%v does not say %q", said, tc.says)
			}
			wantTrusted(t, w.store(t, trust.IfAvailable), x5c(w.seal.Certificate), codice)
		})
	}
}

func TestCRLOfThePartThatTheCertificateNames(t *testing.T) {
	w := newWorld(t, false, true)
	for _, x := range []pkix.Extension{issuingPoint(t, w.at.URL+"/crl", 0), issuingPoint(t, "", 1)} {
		w.at.answer(bytesHandler(revocationList(t, w.root, func(l *x509.RevocationList) { l.ExtraExtensions = []pkix.Extension{x} })))
		wantTrusted(t, w.store(t, trust.Required), x5c(w.seal.Certificate), codice)
	}
}

// delegate makes the certificate of an OCSP responder.
func delegate(t testing.TB, issuer *party, change func(*x509.Certificate)) party {
	t.Helper()
	return newSeal(t, issuer, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}}
		if change != nil {
			change(c)
		}
	})
}

func TestOCSPByADelegatedResponder(t *testing.T) {
	w := newWorld(t, true, false)
	w.at.answer(ocspHandler(t, w.root, delegate(t, &w.root, nil), nil))
	wantTrusted(t, w.store(t, trust.Required), x5c(w.seal.Certificate), codice)
}

func TestOCSPByTheCAThatSendsItsOwnCertificate(t *testing.T) {
	w := newWorld(t, false, false)
	middle := newCA(t, "Intermedia", &w.root, nil)
	seal := newSeal(t, &middle, w.naming(true, false))
	w.at.answer(ocspHandler(t, middle, middle, func(r *ocsp.Response) { r.Certificate = middle.Certificate }))
	s := openAt(t, trust.Config{CA: []string{pemFile(t, middle.Certificate)}}, local(t, nil), w.clock)
	wantTrusted(t, s, x5c(seal.Certificate), codice)
}

func TestOCSPResponsesThatClearNobody(t *testing.T) {
	w := newWorld(t, true, false)
	other, namesake := newCA(t, "Altra", nil, nil), newCA(t, "Radice", nil, nil)
	stranger := delegate(t, &other, nil)
	renamed := sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Radice, rinominata"}, NotBefore: w.root.NotBefore, NotAfter: w.root.NotAfter,
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}, w.root.key, nil)
	signedBy := func(p party) http.HandlerFunc { return ocspHandler(t, w.root, p, nil) }
	changed := func(change func(*ocsp.Response)) http.HandlerFunc { return ocspHandler(t, w.root, w.root, change) }
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak := sign(t, delegate(t, &w.root, nil).Certificate, short, &w.root)
	without := func(c *x509.Certificate) { c.ExtraExtensions = nil }
	for name, tc := range map[string]struct {
		serve http.HandlerFunc
		says  string
	}{
		"undelegated responder":      {signedBy(newSeal(t, &w.root, nil)), "id-kp-OCSPSigning"},
		"delegate of another CA":     {signedBy(stranger), "not of the CA"},
		"delegate of a namesake":     {signedBy(delegate(t, &namesake, nil)), "not of the CA"},
		"delegate that has expired":  {signedBy(delegate(t, &w.root, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })), "out of its validity"},
		"delegate with a short key":  {signedBy(weak), "1024"},
		"delegate nobody can clear":  {signedBy(delegate(t, &w.root, without)), "nocheck"},
		"another CA's own key":       {ocspHandler(t, w.root, party{w.root.Certificate, other.key}, nil), "another key"},
		"certificate of another CA":  {ocspHandler(t, other, w.root, func(r *ocsp.Response) { r.Certificate = nil }), "another CA"},
		"certificate of a namesake":  {ocspHandler(t, namesake, w.root, func(r *ocsp.Response) { r.Certificate = nil }), "another CA"},
		"CA of another name":         {ocspHandler(t, renamed, w.root, func(r *ocsp.Response) { r.Certificate = nil }), "another CA"},
		"signed with SHA-1":          {changed(func(r *ocsp.Response) { r.SignatureAlgorithm = x509.ECDSAWithSHA1 }), "SHA1"},
		"certificate of another":     {changed(func(r *ocsp.Response) { r.SerialNumber = big.NewInt(5) }), "does not parse"},
		"unknown to the responder":   {changed(func(r *ocsp.Response) { r.Status = ocsp.Unknown }), "does not know"},
		"stale":                      {changed(func(r *ocsp.Response) { r.NextUpdate = noon.Add(-time.Minute) }), "stale"},
		"old, without nextUpdate":    {changed(func(r *ocsp.Response) { r.NextUpdate, r.ThisUpdate = time.Time{}, noon.Add(-2*time.Hour) }), "stale"},
		"of the future":              {changed(func(r *ocsp.Response) { r.ThisUpdate = noon.Add(time.Hour) }), "future"},
		"try later":                  {bytesHandler(ocsp.TryLaterErrorResponse), "try later"},
		"unauthorized":               {bytesHandler(ocsp.UnauthorizedErrorResponse), "unauthorized"},
		"rubbish":                    {bytesHandler([]byte("ciao")), "does not parse"},
		"empty":                      {bytesHandler(nil), "does not parse"},
		"larger than any":            {bytesHandler(make([]byte, 128<<10)), "larger"},
		"server down":                {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "connection"},
		"server that fails":          {statusHandler(http.StatusInternalServerError), "500"},
		"redirect to somewhere else": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/b", http.StatusTemporaryRedirect) }, "307"},
	} {
		t.Run(name, func(t *testing.T) {
			w.at.answer(tc.serve)
			said := wantUndecided(t, w.store(t, trust.Required), x5c(w.seal.Certificate))
			if !strings.Contains(said, tc.says) {
				t.Errorf("%v does not say %q", said, tc.says)
			}
			wantTrusted(t, w.store(t, trust.IfAvailable), x5c(w.seal.Certificate), codice)
		})
	}
}

func TestARevokedResponderClearsNobody(t *testing.T) {
	w := newWorld(t, true, false)
	responder := delegate(t, &w.root, func(c *x509.Certificate) { c.ExtraExtensions = nil })
	w.at.answer(ocspHandler(t, w.root, responder, nil))
	// The list covers users' certificates of the other kind only, so that it is asked of
	// the responder and leaves the seal to OCSP.
	of := func(revoked ...*x509.Certificate) *trust.Store {
		lists := newResponder(t)
		lists.answer(bytesHandler(revocationList(t, w.root, func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{issuingPoint(t, lists.URL+"/r", 0)}
		}, revoked...)))
		responder = delegate(t, &w.root, func(c *x509.Certificate) {
			c.SerialNumber, c.ExtraExtensions, c.CRLDistributionPoints = responder.SerialNumber, nil, []string{lists.URL + "/r"}
		})
		w.at.answer(ocspHandler(t, w.root, responder, nil))
		return w.store(t, trust.Required)
	}
	wantTrusted(t, of(), x5c(w.seal.Certificate), codice)
	said := wantUndecided(t, of(responder.Certificate), x5c(w.seal.Certificate))
	if !strings.Contains(said, "responder's certificate is revoked") {
		t.Error(said)
	}
}

func TestOCSPFailingTheCRLIsAsked(t *testing.T) {
	w := newWorld(t, true, true)
	list := revocationList(t, w.root, nil, w.seal.Certificate)
	w.at.answer(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/crl" {
			bytesHandler(list)(rw, r)
			return
		}
		rw.WriteHeader(http.StatusServiceUnavailable)
	})
	wantFault(t, w.store(t, trust.Required), x5c(w.seal.Certificate), modi.FaultCertificateRevoked)
}

func TestNoSourceOfRevocation(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	plain := newSeal(t, &root, nil)
	ldap := newSeal(t, &root, func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"ldap://ca.example/cn=crl"} })
	config := trust.Config{CA: []string{pemFile(t, root.Certificate)}}
	s := openAt(t, config, local(t, nil), &clock{now: noon})
	for _, c := range []party{plain, ldap} {
		if said := wantUndecided(t, s, x5c(c.Certificate)); !strings.Contains(said, "neither OCSP nor CRL") {
			t.Error(said)
		}
	}
	config.Revoca = trust.IfAvailable
	wantTrusted(t, openAt(t, config, local(t, nil), &clock{now: noon}), x5c(plain.Certificate), codice)
}

func TestWithoutNetworkRevocationIsNotKnown(t *testing.T) {
	w := newWorld(t, true, true)
	s := openAt(t, trust.Config{CA: []string{pemFile(t, w.root.Certificate)}}, nil, w.clock)
	if said := wantUndecided(t, s, x5c(w.seal.Certificate)); !strings.Contains(said, "network is not used") {
		t.Error(said)
	}
}

// A stranger's certificate names addresses too: none of them is called.
func TestNoRequestForCertificatesThatAreNotTrusted(t *testing.T) {
	w := newWorld(t, true, true)
	other := newCA(t, "Altra", nil, nil)
	w.at.answer(statusHandler(http.StatusOK))
	s := w.store(t, trust.Required)
	late := func(c *x509.Certificate) { w.naming(true, true)(c); c.NotAfter = noon.Add(-time.Hour) }
	wantFault(t, s, x5c(newSeal(t, &other, w.naming(true, true)).Certificate, other.Certificate), modi.FaultCertificateUntrusted)
	wantFault(t, s, x5c(newSeal(t, nil, w.naming(true, true)).Certificate), modi.FaultCertificateUntrusted)
	wantFault(t, s, x5c(newSeal(t, &w.root, late).Certificate), modi.FaultCertificateExpired)
	if n := w.at.count(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

func TestRevocationAtAPrivateAddressIsNotAsked(t *testing.T) {
	w := newWorld(t, true, true)
	w.at.answer(statusHandler(http.StatusOK))
	strict, err := outbound.New(outbound.Settings{Egress: outbound.Egress{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}})
	if err != nil {
		t.Fatal(err)
	}
	defer strict.Close()
	s := openAt(t, trust.Config{CA: []string{pemFile(t, w.root.Certificate)}}, strict, w.clock)
	if said := wantUndecided(t, s, x5c(w.seal.Certificate)); !strings.Contains(said, "loopback") {
		t.Error(said)
	}
	if n := w.at.count(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

func TestAPinIsRevokedOnlyThroughAConfiguredCA(t *testing.T) {
	w := newWorld(t, false, true)
	w.at.answer(bytesHandler(revocationList(t, w.root, nil, w.seal.Certificate)))
	pin := pemFile(t, w.seal.Certificate)
	alone := openAt(t, trust.Config{Pins: []string{pin}}, local(t, nil), w.clock)
	wantTrusted(t, alone, x5c(w.seal.Certificate, w.root.Certificate), codice)
	if n := w.at.count(); n != 0 {
		t.Errorf("%d requests were made for a certificate of no configured CA", n)
	}
	// Its holder cannot escape the question by leaving out the intermediate.
	below := openAt(t, trust.Config{Pins: []string{pin}, CA: []string{pemFile(t, w.root.Certificate)}}, local(t, nil), w.clock)
	wantFault(t, below, x5c(w.seal.Certificate), modi.FaultCertificateRevoked)
}

// What a peer sends along decides nothing about its pin: with and without its CA's
// certificate, the answer is the same.
func TestAPinIsJudgedByWhatIsConfigured(t *testing.T) {
	w := newWorld(t, false, false)
	middle := newCA(t, "Intermedia", &w.root, nil)
	seal := newSeal(t, &middle, w.naming(false, true))
	s := openAt(t, trust.Config{Pins: []string{pemFile(t, seal.Certificate)}, CA: []string{pemFile(t, w.root.Certificate)}}, local(t, nil), w.clock)
	wantTrusted(t, s, x5c(seal.Certificate), codice)
	wantTrusted(t, s, x5c(seal.Certificate, middle.Certificate), codice)
	if n := w.at.count(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

func TestAnswersAreKeptUntilNextUpdate(t *testing.T) {
	for name, tc := range map[string]struct {
		ocsp, crl bool
	}{"OCSP": {true, false}, "CRL": {false, true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.ocsp, tc.crl)
			serve := bytesHandler(revocationList(t, w.root, nil))
			if tc.ocsp {
				serve = ocspHandler(t, w.root, w.root, nil)
			}
			w.at.answer(serve)
			s := w.store(t, trust.Required)
			for range 5 {
				wantTrusted(t, s, x5c(w.seal.Certificate), codice)
				w.clock.add(20 * time.Minute)
			}
			if n := w.at.count(); n != 1 {
				t.Errorf("%d requests within nextUpdate", n)
			}
			w.clock.add(time.Hour)
			wantUndecided(t, s, x5c(w.seal.Certificate)) // the same answer is stale by now
			if n := w.at.count(); n != 2 {
				t.Errorf("%d requests after nextUpdate", n)
			}
		})
	}
}

func TestAnOCSPAnswerWithoutNextUpdateServesAMinute(t *testing.T) {
	w := newWorld(t, true, false)
	w.at.answer(ocspHandler(t, w.root, w.root, func(r *ocsp.Response) { r.NextUpdate, r.ThisUpdate = time.Time{}, noon.Add(-time.Minute) }))
	s := w.store(t, trust.Required)
	wantTrusted(t, s, x5c(w.seal.Certificate), codice)
	w.clock.add(30 * time.Second)
	wantTrusted(t, s, x5c(w.seal.Certificate), codice)
	w.clock.add(time.Minute)
	wantTrusted(t, s, x5c(w.seal.Certificate), codice)
	if n := w.at.count(); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// A list is asked again once a day; while that fails, the one at hand serves up to its
// own end.
func TestALongListIsRefreshedEachDay(t *testing.T) {
	w := newWorld(t, false, true)
	long := func(l *x509.RevocationList) { l.NextUpdate = noon.AddDate(0, 0, 7) }
	w.at.answer(bytesHandler(revocationList(t, w.root, long)))
	s := w.store(t, trust.Required)
	wantTrusted(t, s, x5c(w.seal.Certificate), codice)
	w.at.answer(statusHandler(http.StatusServiceUnavailable))
	w.clock.add(25 * time.Hour)
	wantTrusted(t, s, x5c(w.seal.Certificate), codice)
	if n := w.at.count(); n != 2 {
		t.Errorf("%d requests", n)
	}
	w.at.answer(bytesHandler(revocationList(t, w.root, long, w.seal.Certificate)))
	w.clock.add(time.Minute)
	wantFault(t, s, x5c(w.seal.Certificate), modi.FaultCertificateRevoked)
}

func TestAFailureIsNotAskedAgainAtOnce(t *testing.T) {
	w := newWorld(t, true, false)
	w.at.answer(statusHandler(http.StatusServiceUnavailable))
	s := w.store(t, trust.Required)
	for range 5 {
		wantUndecided(t, s, x5c(w.seal.Certificate))
		other := newSeal(t, &w.root, nil) // another verdict of the same store
		wantUndecided(t, s, x5c(w.seal.Certificate, other.Certificate))
	}
	if n := w.at.count(); n != 1 {
		t.Errorf("%d requests", n)
	}
	w.at.answer(ocspHandler(t, w.root, w.root, nil))
	w.clock.add(time.Minute)
	wantTrusted(t, s, x5c(w.seal.Certificate), codice)
}

func TestAStaleListIsNotAskedAgainAtOnce(t *testing.T) {
	w := newWorld(t, false, true)
	w.at.answer(bytesHandler(revocationList(t, w.root, func(l *x509.RevocationList) { l.NextUpdate = noon.Add(-time.Minute) })))
	s := w.store(t, trust.Required)
	for range 5 {
		wantUndecided(t, s, x5c(w.seal.Certificate, newSeal(t, &w.root, nil).Certificate))
	}
	if n := w.at.count(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestAListFileIsReadAgain(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	seal := newSeal(t, &root, nil)
	file := write(t, "r.crl", revocationList(t, root, nil))
	clock := &clock{now: noon}
	s := openAt(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}, CRL: []string{file}}, nil, clock)
	wantTrusted(t, s, x5c(seal.Certificate), codice)
	if err := os.WriteFile(file, revocationList(t, root, nil, seal.Certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	clock.add(2 * time.Minute)
	wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateRevoked)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	clock.add(2 * time.Minute) // what was read serves until its nextUpdate
	wantFault(t, s, x5c(seal.Certificate), modi.FaultCertificateRevoked)
	clock.add(3 * time.Hour)
	wantUndecided(t, s, x5c(seal.Certificate))
}

func TestManyCallersMakeOneRequest(t *testing.T) {
	w := newWorld(t, true, false)
	release := make(chan struct{})
	answer := ocspHandler(t, w.root, w.root, nil)
	w.at.answer(func(rw http.ResponseWriter, r *http.Request) { <-release; answer(rw, r) })
	s := w.store(t, trust.Required)
	hurried, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	left := make(chan error, 1)
	wg.Go(func() {
		_, err := s.ResolveCertificate(hurried, x5c(w.seal.Certificate))
		left <- err
	})
	errs := make(chan error, 32)
	for range cap(errs) {
		wg.Go(func() {
			_, err := s.ResolveCertificate(t.Context(), x5c(w.seal.Certificate))
			errs <- err
		})
	}
	cancel() // who leaves neither ends the work nor waits for it
	if err := <-left; err == nil {
		t.Error("the caller who left was answered")
	}
	close(release)
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if n := w.at.count(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// Stores of one source share what they ask; a policy of one is not that of another.
func TestStoresShareWhatIsAsked(t *testing.T) {
	w := newWorld(t, true, false)
	w.at.answer(ocspHandler(t, w.root, w.root, nil))
	sources := trust.NewSources(local(t, nil), w.clock.Now)
	config := trust.Config{CA: []string{pemFile(t, w.root.Certificate)}}
	for range 3 {
		s, err := sources.Open(config, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantTrusted(t, s, x5c(w.seal.Certificate), codice)
	}
	if n := w.at.count(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// fixed is a Fetcher that always answers the same.
type fixed []byte

func (f fixed) Do(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
	return &outbound.Response{Status: http.StatusOK, Body: f}, nil
}

// Whatever a source answers, nobody is cleared by it without the CA's signature. The only
// genuine answers among the seeds revoke the certificate.
func FuzzAnswersOfSources(f *testing.F) {
	w := newWorld(f, true, true)
	f.Add(revocationList(f, w.root, nil, w.seal.Certificate))
	f.Add(revocationList(f, newCA(f, "Altra", nil, nil), nil))
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: revocationList(f, w.root, nil, w.seal.Certificate)}))
	revoked, err := ocsp.CreateResponse(w.root.Certificate, w.root.Certificate, ocsp.Response{
		Status: ocsp.Revoked, SerialNumber: w.seal.SerialNumber, RevokedAt: noon, ThisUpdate: noon, NextUpdate: noon.Add(time.Hour),
	}, w.root.key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(revoked)
	f.Add(ocsp.TryLaterErrorResponse)
	file := pemFile(f, w.root.Certificate)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := openAt(t, trust.Config{CA: []string{file}}, fixed(data), w.clock)
		if got, err := s.ResolveCertificate(t.Context(), x5c(w.seal.Certificate)); err == nil {
			t.Fatalf("cleared: %v", got.Organization)
		}
	})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// Codici fiscali of invented organisations: one may call, the other has a good certificate too.
const (
	callerCode   = "81234500015"
	strangerCode = "80098765431"
)

// authority is a CA of a test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	key := p256(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA di prova"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return authority{made(t, template, template, key, key), key}
}

func p256(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func made(t testing.TB, template, parent *x509.Certificate, of, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, of.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// seal is a key with a certificate of an organisation.
func (a authority) seal(t testing.TB, codice string) token.SigningKey {
	t.Helper()
	key := p256(t)
	organisation := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: "CF:IT-" + codice}
	leaf := made(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Ente di prova", ExtraNames: []pkix.AttributeTypeAndValue{organisation}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}, a.certificate, key, a.key)
	return token.SigningKey{Algorithm: token.ES256, Signer: key, Chain: []*x509.Certificate{leaf}}
}

// TestPatternsOfSingleOperationsOverTCP: one e-service, where a search takes the identity from a certificate, a version a
// voucher bound to a key, and everything else what the e-service does.
func TestPatternsOfSingleOperationsOverTCP(t *testing.T) {
	ca := newAuthority(t)
	s := newSite(t,
		func(t testing.TB, dir string) {
			writeFile(t, filepath.Join(dir, "ca.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.certificate.Raw})))
		},
		withArchivio(`patterns: {request: [AUDIT_REST_02, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}
operations:
  search: {patterns: {request: [ID_AUTH_REST_02, INTEGRITY_REST_01, AUDIT_REST_01], response: [INTEGRITY_REST_02]}}
  version: {patterns: {request: []}, dpop: required}
`, "  fiducia: {ca: [ca.pem], revoca: \"no\", organizzazioni: {\""+callerCode+"\": \"\"}}\n"), behindSocket(&shelf{}))
	e := ambiente.BorgoFiorito()
	t.Run("by certificate", func(t *testing.T) { s.searchByCertificate(t, ca) })
	t.Run("bound to a key", func(t *testing.T) { s.readWithPossession(t) })
	t.Run("as the e-service", func(t *testing.T) {
		reply := s.call(t, http.MethodPatch, "/documenti/1", `{"a":1}`, fruitore.Hooks{ContentType: "application/merge-patch+json"})
		if reply.Status != http.StatusNoContent {
			t.Errorf("%d %s", reply.Status, reply.Body)
		}
		if reply := s.call(t, http.MethodPost, "/ricerche", `{}`, fruitore.Hooks{}); reply.Status != http.StatusBadRequest || !strings.HasPrefix(ruleOf(reply.Body), "modi.id-auth/") {
			t.Errorf("a voucher where a certificate is asked: %d %s", reply.Status, reply.Body)
		}
	})
	last := s.evidence(t, e.CodiceIPA)
	if len(last) == 0 {
		t.Error("no evidence")
	}
}

// searchByCertificate calls the search as the sender of ID_AUTH_REST_02, INTEGRITY_REST_01 and AUDIT_REST_01.
func (s *site) searchByCertificate(t *testing.T, ca authority) {
	e := ambiente.BorgoFiorito()
	caller, stranger, outsider := ca.seal(t, callerCode), ca.seal(t, strangerCode), newAuthority(t).seal(t, callerCode)
	send := func(h http.Header, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.exposedURL(e)+"/ricerche", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = h.Clone()
		return do(t, req)
	}
	build := func(identity, integrity token.SigningKey) http.Header {
		t.Helper()
		m := rest.Message{Header: http.Header{"Content-Type": {"application/json"}}, Body: modi.Bytes(`{"a":1}`)}
		stamp := rest.Stamp{Now: time.Now(), Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: time.Minute}
		if _, err := rest.SignIDAuth(&m, rest.IDAuthInput{Pattern: modi.PatternIDAuthREST02, Audience: e.Audience}, stamp, identity); err != nil {
			t.Fatal(err)
		}
		if _, err := rest.SignIntegrity(&m, rest.IntegrityInput{Pattern: modi.PatternIntegrityREST01, Audience: e.Audience}, stamp, integrity); err != nil {
			t.Fatal(err)
		}
		evidence, err := rest.SignAudit(rest.AuditInput{
			Pattern: modi.PatternAuditREST01, Audience: e.Audience, UserID: "operatore-01", UserLocation: "postazione-01", References: []token.Reference{token.X5C},
		}, stamp, identity)
		if err != nil {
			t.Fatal(err)
		}
		m.Header.Set(rest.HeaderTrackingEvidence, evidence.Compact)
		return m.Header
	}
	good := build(caller, caller)
	for _, c := range []struct {
		name   string
		header http.Header
		body   string
		status int
		rule   string
	}{
		{"good", good, `{"a":1}`, 200, "-"},
		{"sent again", good, `{"a":1}`, 409, "modi.integrity/replayed"},
		{"another body", build(caller, caller), `{"a":2}`, 400, "modi.integrity/digest-mismatch"},
		{"who may not call", build(stranger, stranger), `{"a":1}`, 403, "modi.id-auth/owner-mismatch"},
		{"two signers", build(caller, stranger), `{"a":1}`, 400, "modi.integrity/signer-mismatch"},
		{"a CA that nobody trusts", build(outsider, outsider), `{"a":1}`, 400, "modi.id-auth/certificate-untrusted"},
	} {
		if status, body := send(c.header, c.body); status != c.status || ruleOf([]byte(body)) != c.rule {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, body, c.status, c.rule)
		}
	}
}

// readWithPossession gets a voucher bound to a key from the mock PDND and calls with proofs of the key.
func (s *site) readWithPossession(t *testing.T) {
	e := ambiente.BorgoFiorito()
	key := token.SigningKey{Algorithm: token.ES256, Signer: p256(t)}
	prove := func(method, target, voucher string) string {
		t.Helper()
		proof, err := dpop.Prove(dpop.Input{Method: method, URL: target, Voucher: voucher}, time.Now(), rand.Reader, key)
		if err != nil {
			t.Fatal(err)
		}
		return proof
	}
	assertion, err := s.Unione(e).Assertion("", nil)
	if err != nil {
		t.Fatal(err)
	}
	target := s.PDND.Profile().TokenURL
	form := url.Values{
		"client_id": {ambiente.UnioneClientID}, "client_assertion": {assertion}, "grant_type": {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("DPoP", prove(http.MethodPost, target, ""))
	_, body := do(t, req)
	var answer struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.TokenType != "DPoP" {
		t.Fatalf("%s: %v", body, err)
	}
	resource := s.exposedURL(e) + "/versioni/1"
	send := func(scheme string, proofs ...string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, resource, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", scheme+" "+answer.AccessToken)
		req.Header.Set("If-Match", `"1"`)
		for _, p := range proofs {
			req.Header.Add("DPoP", p)
		}
		return do(t, req)
	}
	proof := prove(http.MethodGet, resource, answer.AccessToken)
	for _, c := range []struct {
		name, scheme string
		proofs       []string
		status       int
		rule         string
	}{
		{"good", "DPoP", []string{proof}, 200, "-"},
		{"sent again", "DPoP", []string{proof}, 401, "pdnd.dpop/replayed"},
		{"another proof, the same voucher", "DPoP", []string{prove(http.MethodGet, resource, answer.AccessToken)}, 200, "-"},
		{"no proof", "DPoP", nil, 401, "pdnd.dpop/token-missing"},
		{"two proofs", "DPoP", []string{proof, proof}, 401, "pdnd.dpop/token-repeated"},
		{"a proof for another method", "DPoP", []string{prove(http.MethodPost, resource, answer.AccessToken)}, 401, "pdnd.dpop/htm-mismatch"},
		{"as Bearer", "Bearer", []string{proof}, 401, "pdnd.dpop/scheme-not-allowed"},
	} {
		if status, body := send(c.scheme, c.proofs...); status != c.status || ruleOf([]byte(body)) != c.rule {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, body, c.status, c.rule)
		}
	}
}

// do sends a request over TCP.
func do(t testing.TB, req *http.Request) (int, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
)

// noon is the instant of the tests.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// clock is one that tests put forward.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// party is a certificate with its key.
type party struct {
	*x509.Certificate
	key crypto.Signer
}

func ecKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func serialNumber(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sign makes a certificate; without issuer it is self-signed.
func sign(t testing.TB, template *x509.Certificate, key crypto.Signer, issuer *party) party {
	t.Helper()
	if template.SerialNumber == nil {
		template.SerialNumber = serialNumber(t)
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return party{c, key}
}

// newCA makes a CA; change may be nil.
func newCA(t testing.TB, name string, issuer *party, change func(*x509.Certificate)) party {
	t.Helper()
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: name, Organization: []string{"Autorità di prova"}, Country: []string{"IT"}},
		NotBefore: noon.AddDate(-5, 0, 0), NotAfter: noon.AddDate(5, 0, 0),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if change != nil {
		change(template)
	}
	return sign(t, template, ecKey(t), issuer)
}

// codice is the codice fiscale of an invented ente.
const codice = "80012345674"

func organizationName(ids ...string) []pkix.AttributeTypeAndValue {
	var out []pkix.AttributeTypeAndValue
	for _, id := range ids {
		out = append(out, pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 97}, Value: id})
	}
	return out
}

// newSeal makes the certificate of a signer; change may be nil.
func newSeal(t testing.TB, issuer *party, change func(*x509.Certificate)) party {
	t.Helper()
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: "Comune di Borgofinto", ExtraNames: organizationName("CF:IT-" + codice)},
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	if change != nil {
		change(template)
	}
	return sign(t, template, ecKey(t), issuer)
}

func pemOf(certificates ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certificates {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pemFile(t testing.TB, certificates ...*x509.Certificate) string {
	t.Helper()
	return write(t, "c.pem", pemOf(certificates...))
}

func thumbprint(c *x509.Certificate) []byte {
	sum := sha256.Sum256(c.Raw)
	return sum[:]
}

func x5c(certificates ...*x509.Certificate) modi.CertificateReference {
	var out [][]byte
	for _, c := range certificates {
		out = append(out, c.Raw)
	}
	return modi.CertificateReference{X5C: out}
}

// local reaches servers of this machine; it trusts the certificate of server, which may
// be nil.
func local(t testing.TB, server *httptest.Server) *outbound.Client {
	t.Helper()
	s := outbound.Settings{Egress: outbound.Egress{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	if server != nil && server.Certificate() != nil {
		s.CA = pemOf(server.Certificate())
	}
	c, err := outbound.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// open makes a store at noon without network and without questions of revocation.
func open(t testing.TB, c trust.Config) *trust.Store {
	t.Helper()
	if c.Revoca == "" {
		c.Revoca = trust.Off
	}
	return openAt(t, c, nil, &clock{now: noon})
}

func openAt(t testing.TB, c trust.Config, f trust.Fetcher, clock *clock) *trust.Store {
	t.Helper()
	store, err := trust.NewSources(f, clock.Now).Open(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// wantFault checks that a reference is refused for one reason, in words that can be shown.
func wantFault(t testing.TB, s *trust.Store, ref modi.CertificateReference, want modi.Fault) modi.CertificateRefused {
	t.Helper()
	_, err := s.ResolveCertificate(t.Context(), ref)
	var refused *modi.CertificateRefused
	if !errors.As(err, &refused) || refused.Fault != want {
		t.Fatalf("ResolveCertificate = %v, want %s", err, want)
	}
	if refused.Expected == "" || refused.Found == "" || errors.Is(err, modi.ErrUndecided) {
		t.Fatalf("the refusal says %+v", refused)
	}
	return *refused
}

// wantUndecided checks that nothing is decided, and returns what is said.
func wantUndecided(t testing.TB, s *trust.Store, ref modi.CertificateReference) string {
	t.Helper()
	_, err := s.ResolveCertificate(t.Context(), ref)
	var refused *modi.CertificateRefused
	if !errors.Is(err, modi.ErrUndecided) || errors.As(err, &refused) {
		t.Fatalf("ResolveCertificate = %v, want ErrUndecided", err)
	}
	return err.Error()
}

func wantTrusted(t testing.TB, s *trust.Store, ref modi.CertificateReference, organization string) {
	t.Helper()
	got, err := s.ResolveCertificate(t.Context(), ref)
	if err != nil {
		t.Fatalf("ResolveCertificate: %v", err)
	}
	if got.Leaf == nil || got.Organization != organization {
		t.Fatalf("ResolveCertificate gives organization %q, want %q", got.Organization, organization)
	}
}

// responder is a server of revocation lists and OCSP that a test steers.
type responder struct {
	*httptest.Server
	mu   sync.Mutex
	hits int
	do   http.HandlerFunc
}

func newResponder(t testing.TB) *responder {
	t.Helper()
	r := &responder{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		r.hits++
		do := r.do
		r.mu.Unlock()
		do(w, q)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *responder) answer(do http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.do = do
}

func (r *responder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.hits
}

func bytesHandler(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(data)
	}
}

func statusHandler(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

// revocationList makes a list of a CA; change may be nil.
func revocationList(t testing.TB, ca party, change func(*x509.RevocationList), revoked ...*x509.Certificate) []byte {
	t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(7), ThisUpdate: noon.Add(-time.Hour), NextUpdate: noon.Add(2 * time.Hour)}
	for _, c := range revoked {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: c.SerialNumber, RevocationTime: noon.Add(-24 * time.Hour), ReasonCode: 1,
		})
	}
	if change != nil {
		change(l)
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, ca.Certificate, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// ocspHandler answers as signer for certificates of issuer; change may be nil.
func ocspHandler(t testing.TB, issuer, signer party, change func(*ocsp.Response)) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		question, err := ocsp.ParseRequest(data)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/ocsp-request" {
			t.Errorf("the question is no OCSP request: %s, %v", r.Method, err)
			return
		}
		template := ocsp.Response{
			Status: ocsp.Good, SerialNumber: question.SerialNumber,
			ThisUpdate: noon.Add(-time.Hour), NextUpdate: noon.Add(2 * time.Hour), IssuerHash: crypto.SHA1,
		}
		if !signer.Equal(issuer.Certificate) {
			template.Certificate = signer.Certificate
		}
		if change != nil {
			change(&template)
		}
		answer, err := ocsp.CreateResponse(issuer.Certificate, signer.Certificate, template, signer.key)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = w.Write(answer)
	}
}

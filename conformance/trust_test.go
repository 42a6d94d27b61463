// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
)

// pinned are the certificates that a store trusts by themselves.
func pinned() []string { return []string{"consumer", "provider"} }

// network answers what certificates name: lists, OCSP and x5u. Any other address is one
// that nobody may call.
type network struct {
	given []cases.Given

	mu    sync.Mutex
	wrong []string
}

func (n *network) has(g cases.Given) bool { return slices.Contains(n.given, g) }

// Do serves one request.
func (n *network) Do(_ context.Context, req *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	address := req.URL.String()
	switch {
	case strings.HasPrefix(address, forge.CRLAddress):
		if n.has(cases.RevocationDown) || n.has(cases.RevokedByOCSP) {
			return nil, errors.New("the list cannot be had")
		}
		return answer(n.revocationList(strings.TrimPrefix(address, forge.CRLAddress)))
	case strings.HasPrefix(address, forge.OCSPAddress):
		if n.has(cases.RevocationDown) || n.has(cases.RevokedByCRL) {
			return nil, errors.New("the responder does not answer")
		}
		question, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		return answer(n.status(strings.TrimPrefix(address, forge.OCSPAddress), question))
	case address == theWorld().Names["x5u"]:
		return n.x5u()
	default:
		n.mu.Lock()
		defer n.mu.Unlock()
		n.wrong = append(n.wrong, address)
		return nil, errors.New("nobody answers there")
	}
}

func answer(body []byte, err error) (*outbound.Response, error) {
	return &outbound.Response{Status: http.StatusOK, Header: http.Header{}, Body: body}, err
}

func (n *network) revocationList(issuer string) ([]byte, error) {
	if issuer == "root" && n.has(cases.RevokedByCRL) {
		return theWorld().RevocationList(issuer, "revoked")
	}
	return theWorld().RevocationList(issuer)
}

// status answers as the OCSP responder of an authority.
func (n *network) status(issuer string, question []byte) ([]byte, error) {
	asked, err := ocsp.ParseRequest(question)
	if err != nil {
		return nil, err
	}
	ca, signer, err := theWorld().Authority(issuer)
	if err != nil {
		return nil, err
	}
	template := ocsp.Response{
		Status: ocsp.Good, SerialNumber: asked.SerialNumber, IssuerHash: asked.HashAlgorithm,
		ThisUpdate: clock().Add(-time.Hour), NextUpdate: clock().Add(24 * time.Hour),
	}
	if n.has(cases.RevokedByOCSP) {
		template.Status, template.RevokedAt = ocsp.Revoked, clock().Add(-2*time.Hour)
	}
	return ocsp.CreateResponse(ca, ca, template, signer)
}

func (n *network) x5u() (*outbound.Response, error) {
	k, err := theWorld().Key("consumer")
	if err != nil {
		return nil, err
	}
	switch {
	case n.has(cases.X5UDown):
		return nil, errors.New("the host does not answer")
	case n.has(cases.X5UNotFound):
		return &outbound.Response{Status: http.StatusNotFound, Header: http.Header{}}, nil
	case n.has(cases.X5UNotACertificate):
		return answer([]byte("<html></html>"), nil)
	default:
		return answer(encodePEM(k.Leaf()), nil)
	}
}

func encodePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// certificates opens the trust store of a case.
func certificates(t testing.TB, c cases.Case) modi.CertificateResolver {
	t.Helper()
	net := &network{given: c.Given}
	config := trust.Config{CA: []string{file(t, authority(t, "root"))}}
	if has(c, cases.CertificatePinned) {
		config = trust.Config{}
		for _, name := range pinned() {
			config.Pins = append(config.Pins, file(t, key(t, name).Leaf()))
		}
	}
	if has(c, cases.X5UHostConfigured) {
		config.X5UHost = []string{"certificati.fruitore.example"}
	}
	store, err := trust.NewSources(net, clock).Open(config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		net.mu.Lock()
		defer net.mu.Unlock()
		if len(net.wrong) > 0 {
			t.Errorf("called %v, which nobody may", net.wrong)
		}
	})
	return store
}

func authority(t testing.TB, name string) []byte {
	t.Helper()
	ca, _, err := theWorld().Authority(name)
	if err != nil {
		t.Fatal(err)
	}
	return ca.Raw
}

// file writes a certificate.
func file(t testing.TB, der []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "certificato.pem")
	err := os.WriteFile(name, encodePEM(der), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// TestTheNetworkOfTheTestsAnswers keeps the circumstances from passing for want of an
// answer.
func TestTheNetworkOfTheTestsAnswers(t *testing.T) {
	n := &network{given: []cases.Given{cases.RevokedByCRL}}
	list, err := n.revocationList("root")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseRevocationList(list)
	if err != nil || len(parsed.RevokedCertificateEntries) != 1 {
		t.Errorf("%v, %v", parsed, err)
	}
	leaf, err := x509.ParseCertificate(key(t, "revoked").Leaf())
	if err != nil {
		t.Fatal(err)
	}
	ca, _, err := theWorld().Authority("root")
	if err != nil {
		t.Fatal(err)
	}
	question, err := ocsp.CreateRequest(leaf, ca, nil)
	if err != nil {
		t.Fatal(err)
	}
	for status, n := range map[int]*network{ocsp.Good: {}, ocsp.Revoked: {given: []cases.Given{cases.RevokedByOCSP}}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, forge.OCSPAddress+"root", bytes.NewReader(question))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := n.Do(t.Context(), req, outbound.Exchange{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := ocsp.ParseResponseForCert(resp.Body, leaf, ca)
		if err != nil || got.Status != status {
			t.Errorf("%v, %v; want status %d", fmt.Sprintf("%+v", got), err, status)
		}
	}
}

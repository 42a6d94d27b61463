// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package privateca

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// serve runs a TLS server of the authority.
func serve(t *testing.T, ca *CA, clientCertificates bool) string {
	t.Helper()
	config, err := ca.Server(clientCertificates)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.TLS = config
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func get(t *testing.T, url string, config *tls.Config) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func newCA(t *testing.T) *CA {
	t.Helper()
	ca, err := New(rand.Reader, "test")
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func TestOnlyTheOwnAuthorityIsTrusted(t *testing.T) {
	ca, other := newCA(t), newCA(t)
	url := serve(t, ca, false)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca.PEM()) {
		t.Fatal("the PEM of the CA cannot be read")
	}
	if err := get(t, url, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}); err != nil {
		t.Errorf("with the CA: %v", err)
	}
	if get(t, url, &tls.Config{RootCAs: other.Pool(), MinVersion: tls.VersionTLS12}) == nil {
		t.Error("another CA is trusted")
	}
	if get(t, url, &tls.Config{MinVersion: tls.VersionTLS12}) == nil {
		t.Error("a public store knows the private CA")
	}
	if get(t, url, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, ServerName: "example.org"}) == nil {
		t.Error("the certificate is good for another name")
	}
}

func TestClientCertificates(t *testing.T) {
	ca, other := newCA(t), newCA(t)
	url := serve(t, ca, true)
	config := func(issuer *CA) *tls.Config {
		t.Helper()
		certPEM, keyPEM, err := issuer.Client("ente")
		if err != nil {
			t.Fatal(err)
		}
		pair, err := tls.X509KeyPair(certPEM, keyPEM)
		if err != nil {
			t.Fatal(err)
		}
		return &tls.Config{RootCAs: ca.Pool(), MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	}
	if err := get(t, url, config(ca)); err != nil {
		t.Errorf("with a certificate: %v", err)
	}
	if get(t, url, &tls.Config{RootCAs: ca.Pool(), MinVersion: tls.VersionTLS12}) == nil {
		t.Error("accepted without a certificate")
	}
	if get(t, url, config(other)) == nil {
		t.Error("accepted a certificate of another CA")
	}
}

type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }

func TestNoRandomness(t *testing.T) {
	if _, err := New(empty{}, "x"); err == nil {
		t.Error("made a CA without randomness")
	}
	ca := newCA(t)
	ca.random = empty{}
	if _, err := ca.Server(false); err == nil {
		t.Error("made a certificate without randomness")
	}
	if _, _, err := ca.Client("x"); err == nil {
		t.Error("made a client certificate without randomness")
	}
}

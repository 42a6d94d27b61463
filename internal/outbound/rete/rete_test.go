// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rete_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/outbound/rete"
)

func open(t *testing.T, allow ...string) *rete.Clients {
	t.Helper()
	c, err := rete.New(&config.Config{Hub: config.Hub{Egress: config.Egress{AllowPrivate: allow}}}, outbound.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// certificate is a self-signed one with its key, in PEM.
func certificate(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "comune di prova"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...)
}

func get(t *testing.T, c *outbound.Client, url string) (*outbound.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c.Do(t.Context(), req, outbound.Exchange{})
}

func TestOneClientForEachDistinctSetting(t *testing.T) {
	c := open(t)
	client := func(settings ...*config.Rete) *outbound.Client {
		t.Helper()
		got, err := c.For(settings...)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	proxy, same, other := &config.Rete{Proxy: "http://p.example:3128"}, &config.Rete{Proxy: "http://p.example:3128"}, &config.Rete{Proxy: "http://q.example:3128"}
	if client() != client(nil, nil) || client() != client(&config.Rete{}) {
		t.Error("the default is not one client")
	}
	if client(proxy) != client(same) || client(proxy) == client(other) || client(proxy) == client() {
		t.Error("clients are not shared by setting")
	}
	if client(nil, proxy) != client(proxy) || client(other, proxy) != client(other) {
		t.Error("the first setting that is there does not win")
	}
}

func TestPrivateCAAndClientCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Peer", r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	client, err := open(t, "127.0.0.0/8").For(&config.Rete{
		CA: write(t, "ca.pem", ca), CertificatoClient: write(t, "client.pem", certificate(t)),
	})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := get(t, client, server.URL)
	if err != nil || resp.Header.Get("X-Peer") != "comune di prova" {
		t.Fatalf("Do = %v, %v", resp, err)
	}
}

// TestABackEndMayThink: what a registry may not take that long for, a procedure may, on the same network.
func TestABackEndMayThink(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Millisecond):
		}
	}))
	defer server.Close()
	c, err := rete.New(&config.Config{Hub: config.Hub{Egress: config.Egress{AllowPrivate: []string{"127.0.0.0/8"}}}},
		outbound.Settings{HeaderTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	registry, err := c.For()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, registry, server.URL); err == nil {
		t.Error("a registry was waited for")
	}
	backEnd, err := c.BackEnd("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, backEnd, server.URL); err != nil {
		t.Errorf("a back end was not waited for: %v", err)
	}
}

func TestSourceAddress(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-From", r.RemoteAddr)
	}))
	defer server.Close()
	client, err := open(t, "127.0.0.0/8").For(&config.Rete{IPUscita: "127.0.0.2"})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := get(t, client, server.URL)
	if err != nil || !strings.HasPrefix(resp.Header.Get("X-From"), "127.0.0.2:") {
		t.Fatalf("Do = %v, %v", resp, err)
	}
}

func TestEgressPolicyHoldsForEveryClient(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client, err := open(t, "10.0.0.0/8").For()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, client, server.URL); outbound.ReasonOf(err) != outbound.ReasonAddress {
		t.Fatalf("Do = %v", err)
	}
}

func TestFaultsNameTheKeyAndComeTogether(t *testing.T) {
	_, err := open(t).For(&config.Rete{
		CA: "/nessuno/ca.pem", CertificatoClient: write(t, "c.pem", []byte("vuoto")),
		Proxy: "http://utente:segreta@[::1", IPUscita: "casa",
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"rete.ca", "rete.certificato_client", "rete.proxy", "rete.ip_uscita"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "segreta") {
		t.Error("the error shows the password of the proxy")
	}
	if _, err := open(t).For(&config.Rete{CA: write(t, "ca.pem", []byte("niente"))}); err == nil {
		t.Error("a CA file without a certificate is accepted")
	}
	readable := write(t, "client.pem", certificate(t))
	if err := os.Chmod(readable, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t).For(&config.Rete{CertificatoClient: readable}); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a client key that all may read: %v", err)
	}
}

func TestAllowPrivateMustBePrefixes(t *testing.T) {
	c := &config.Config{Hub: config.Hub{Egress: config.Egress{AllowPrivate: []string{"10.0.0.1", "10.0.0.0/8", "casa"}}}}
	_, err := rete.New(c, outbound.Settings{})
	if err == nil || !strings.Contains(err.Error(), `"10.0.0.1"`) || !strings.Contains(err.Error(), `"casa"`) {
		t.Fatalf("New = %v", err)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func tlsServer(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) > 0 {
			w.Header().Set("X-Peer", r.TLS.PeerCertificates[0].Subject.String())
		}
	}))
	s.TLS = config
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func pemOf(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}

func TestPrivateCA(t *testing.T) {
	server := tlsServer(t, nil)
	s := quick()
	_, err := newClient(t, s).Do(t.Context(), get(t, server.URL), Exchange{Attempts: 3, Retryable: always})
	if ReasonOf(err) != ReasonCertificate || !strings.Contains(err.Error(), "rete.ca") {
		t.Fatalf("without the private root: %v", err)
	}
	s.CA = pemOf(server.Certificate())
	if _, err := newClient(t, s).Do(t.Context(), get(t, server.URL), Exchange{}); err != nil {
		t.Fatalf("with the private root: %v", err)
	}
}

func TestRefusesCertificateOfAnotherHost(t *testing.T) {
	server := tlsServer(t, nil)
	s := quick()
	s.CA = pemOf(server.Certificate())
	target := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	_, err := newClient(t, s).Do(t.Context(), get(t, target), Exchange{})
	if ReasonOf(err) != ReasonCertificate {
		t.Fatalf("Do = %v", err)
	}
}

func TestRefusesOldTLS(t *testing.T) {
	server := tlsServer(t, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	s := quick()
	s.CA = pemOf(server.Certificate())
	_, err := newClient(t, s).Do(t.Context(), get(t, server.URL), Exchange{})
	if err == nil {
		t.Fatal("TLS 1.1 was accepted")
	}
}

func TestRefusesPlainTextWhereTLSIsExpected(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, err := newClient(t, quick()).Do(t.Context(), get(t, strings.Replace(server.URL, "http:", "https:", 1)), Exchange{})
	if ReasonOf(err) != ReasonTLS && ReasonOf(err) != ReasonProtocol {
		t.Fatalf("Do = %v", err)
	}
}

func TestClientCertificateIsPresented(t *testing.T) {
	server := tlsServer(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert})
	s := quick()
	s.CA = pemOf(server.Certificate())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := newClient(t, s).Do(ctx, get(t, server.URL), Exchange{}); err == nil {
		t.Fatal("the server let a client in without a certificate")
	}
	s.ClientCertificate = &server.TLS.Certificates[0]
	resp, err := newClient(t, s).Do(ctx, get(t, server.URL), Exchange{})
	if err != nil || resp.Header.Get("X-Peer") == "" {
		t.Fatalf("Do = %v, %v", resp, err)
	}
}

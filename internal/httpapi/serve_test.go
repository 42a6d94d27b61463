// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

func ecdsaKey(t *testing.T) modi.Key {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return modi.Key{KID: kid, Public: key.Public()}
}

// TestBelowTheRouter sends what never becomes a request: a bare 400, 431 or 505, or a closed connection, never a 500
// and never a line of an access log.
func TestBelowTheRouter(t *testing.T) {
	w := newWorld(t).start(t)
	post := "POST /v1/acquisizioni/a/b HTTP/1.1\r\nHost: x\r\n"
	for name, tc := range map[string]struct{ text, want string }{
		"CL and TE":                {post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400 "},
		"duplicate Content-Length": {post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", "HTTP/1.1 400 "},
		"two Host":                 {post + "Host: y\r\n\r\n", "HTTP/1.1 400 "},
		"no Host":                  {"GET /v1/openapi.json HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		"bad path":                 {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 "},
		"space in a header name":   {post + "X : y\r\n\r\n", "HTTP/1.1 400 "},
		"expectation":              {post + "Expect: something\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 417 "},
		"noise":                    {"\x16\x03\x01\x02\x00\x01\n\n", "HTTP/1.1 400 "},
		"head too large":           {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", MaxHeaderBytes+20000) + "\r\n\r\n", "HTTP/1.1 431 "},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.raw(t, ListenerApplicazioni, tc.text)
			if got == "" && name == "head too large" {
				return // a reset may overtake the answer
			}
			if !strings.HasPrefix(got, tc.want) {
				t.Errorf("got %.80q", got)
			}
			if strings.Count(got, "HTTP/1.1 ") != 1 {
				t.Errorf("more than one answer: %.200q", got)
			}
		})
	}
	if w.log.String() != "" {
		t.Errorf("logged %s", w.log.String())
	}
}

func TestCutBodyIsAProblem(t *testing.T) {
	w := newWorld(t).start(t)
	got := w.raw(t, ListenerApplicazioni, "POST /v1/acquisizioni/a/b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+
		"Authorization: Bearer "+w.key+"\r\nContent-Length: 100\r\n\r\n{}")
	if !strings.HasPrefix(got, "HTTP/1.1 400 ") || !strings.Contains(got, "hub.request/incomplete-body") {
		t.Errorf("got %.300q", got)
	}
}

func TestKeepAliveServesMoreThanOne(t *testing.T) {
	w := newWorld(t).start(t)
	one := "GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
	got := w.raw(t, ListenerApplicazioni, one+one+"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if n := strings.Count(got, "HTTP/1.1 200 "); n != 3 {
		t.Errorf("%d answers", n)
	}
}

func TestSocketIsForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gestione.sock")
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	serveOn(t, config.Listener{Socket: path}, h)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if _, err := Listen(t.Context(), config.Listener{Socket: path}, func(p string) string { return p }, Share{}); err == nil {
		t.Error("a socket in use was taken over")
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	resp, err := client.Get("http://gestione/")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != 204 {
		t.Errorf("status %d, %v", resp.StatusCode, err)
	}
}

func TestStaleSocketIsReplacedAndFilesAreNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gestione.sock")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false) // as a process that was killed
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := Listen(t.Context(), config.Listener{Socket: path}, func(p string) string { return p }, Share{})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), config.Listener{Socket: file}, func(p string) string { return p }, Share{}); err == nil {
		t.Error("a file was taken for a socket")
	}
}

// pemFiles writes a self-signed certificate for 127.0.0.1 and its key.
func pemFiles(t *testing.T) (certificate, key string, pool *x509.CertPool, pair tls.Certificate) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "prova"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), crypto.Signer(private))
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, text := range map[string][]byte{certificate: certPEM, key: keyPEM} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	if pair, err = tls.X509KeyPair(certPEM, keyPEM); err != nil {
		t.Fatal(err)
	}
	return certificate, key, pool, pair
}

func TestTLS(t *testing.T) {
	certificate, key, pool, pair := pemFiles(t)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	open := serveOn(t, config.Listener{Address: "127.0.0.1:0", TLS: &config.TLS{Certificate: certificate, Key: key}}, h)
	mutual := serveOn(t, config.Listener{
		Address: "127.0.0.1:0", TLS: &config.TLS{Certificate: certificate, Key: key, ClientCA: certificate},
	}, h)
	post := func(address string, certs ...tls.Certificate) (string, error) {
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: certs, MinVersion: tls.VersionTLS12},
		}}
		resp, err := client.Post("https://"+address, "text/plain", strings.NewReader("ciao"))
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return string(text), err
	}
	if got, err := post(open); err != nil || got != "ciao" {
		t.Errorf("TLS: %q, %v", got, err)
	}
	if _, err := post(mutual); err == nil {
		t.Error("a client without certificate was served")
	}
	if got, err := post(mutual, pair); err != nil || got != "ciao" {
		t.Errorf("mTLS: %q, %v", got, err)
	}
	// The framing is watched inside TLS too.
	c, err := tls.Dial("tcp", open, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 12)
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "HTTP/1.1 400" {
		t.Errorf("got %q, %v", answer, err)
	}
}

func TestListenerFilesThatCannotBeRead(t *testing.T) {
	certificate, key, _, _ := pemFiles(t)
	for name, l := range map[string]config.Listener{
		"certificate": {Address: "127.0.0.1:0", TLS: &config.TLS{Certificate: "/nowhere", Key: key}},
		"client CA":   {Address: "127.0.0.1:0", TLS: &config.TLS{Certificate: certificate, Key: key, ClientCA: "/nowhere"}},
		"no CA":       {Address: "127.0.0.1:0", TLS: &config.TLS{Certificate: certificate, Key: key, ClientCA: key}},
		"address":     {Address: "127.0.0.1:99999"},
		"socket":      {Socket: filepath.Join(t.TempDir(), "missing", "x.sock")},
	} {
		if _, err := Listen(t.Context(), l, func(p string) string { return p }, Share{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestStopWaitsForRequestsUnderWay(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if r.Context().Err() != nil {
			t.Error("a request under way was cancelled by the stop")
		}
		w.WriteHeader(http.StatusNoContent)
	})
	listener, err := Listen(t.Context(), config.Listener{Address: "127.0.0.1:0"}, func(p string) string { return p }, Share{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served, answered := make(chan error, 1), make(chan int, 1)
	go func() { served <- Serve(ctx, listener, h, ServerOptions{}) }()
	go func() {
		resp, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answered <- 0
			return
		}
		_ = resp.Body.Close()
		answered <- resp.StatusCode
	}()
	<-entered
	stop()
	select {
	case err := <-served:
		t.Fatalf("the server ended with a request under way: %v", err)
	default:
	}
	close(release)
	if status := <-answered; status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	listener, err := Listen(t.Context(), config.Listener{Address: "127.0.0.1:0"}, func(p string) string { return p }, Share{})
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), listener, http.NotFoundHandler(), ServerOptions{}); err == nil {
		t.Error("no error")
	}
}

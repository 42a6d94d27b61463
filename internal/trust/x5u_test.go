// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package trust_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/trust"
	"github.com/snodo-pa/snodo/modi"
)

// shelf is an https server that serves certificates.
type shelf struct {
	*httptest.Server
	hits atomic.Int64
	do   atomic.Pointer[http.HandlerFunc]
}

func newShelf(t *testing.T, do http.HandlerFunc) *shelf {
	t.Helper()
	s := &shelf{}
	s.do.Store(&do)
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.hits.Add(1)
		(*s.do.Load())(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shelf) host() string { return strings.TrimPrefix(s.URL, "https://") }

func at(address string) modi.CertificateReference { return modi.CertificateReference{X5U: address} }

func TestX5UFromAConfiguredHost(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	middle := newCA(t, "Intermedia", &root, nil)
	seal, other := newSeal(t, &middle, nil), newSeal(t, &root, nil)
	server := newShelf(t, bytesHandler(pemOf(seal.Certificate, middle.Certificate)))
	clock := &clock{now: noon}
	s := openAt(t, trust.Config{
		CA: []string{pemFile(t, root.Certificate)}, Revoca: trust.Off, X5UHost: []string{server.host() + "/sigilli/"},
	}, local(t, server.Server), clock)
	address := server.URL + "/sigilli/comune.pem"
	for range 3 {
		wantTrusted(t, s, at(address), codice)
	}
	wantTrusted(t, s, modi.CertificateReference{X5U: address, Thumbprint: thumbprint(seal.Certificate)}, codice)
	wantTrusted(t, s, modi.CertificateReference{X5U: address, X5C: [][]byte{seal.Raw, middle.Raw}}, codice)
	wantFault(t, s, modi.CertificateReference{X5U: address, Thumbprint: thumbprint(other.Certificate)}, modi.FaultReferencesDisagree)
	wantFault(t, s, modi.CertificateReference{X5U: address, X5C: [][]byte{other.Raw}}, modi.FaultReferencesDisagree)
	if n := server.hits.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
	down := statusHandler(http.StatusBadGateway)
	server.do.Store(&down)
	clock.add(30 * time.Minute)
	wantTrusted(t, s, at(address), codice) // what was fetched serves for an hour
	clock.add(time.Hour)
	wantUndecided(t, s, at(address))
}

func TestRejectsX5UWithoutAnyRequest(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	server := newShelf(t, bytesHandler(pemOf(newSeal(t, &root, nil).Certificate)))
	client := local(t, server.Server)
	config := trust.Config{CA: []string{pemFile(t, root.Certificate)}, Revoca: trust.Off, X5UHost: []string{"pki.ente.example/sigilli/"}}
	s := openAt(t, config, client, &clock{now: noon})
	for name, address := range map[string]string{
		"host not listed":           server.URL + "/sigilli/c.pem",
		"internal address":          "https://127.0.0.1/sigilli/c.pem",
		"metadata address":          "https://169.254.169.254/latest/meta-data",
		"plain http":                "http://pki.ente.example/sigilli/c.pem",
		"file":                      "file://pki.ente.example/etc/passwd",
		"another port":              "https://pki.ente.example:8443/sigilli/c.pem",
		"listed host as user":       "https://pki.ente.example@altrove.example/sigilli/c.pem",
		"user before the host":      "https://u:p@pki.ente.example/sigilli/c.pem",
		"listed host as a prefix":   "https://pki.ente.example.altrove.example/sigilli/c.pem",
		"listed host as a suffix":   "https://altrove-pki.ente.example/sigilli/c.pem",
		"outside the path":          "https://pki.ente.example/altro/c.pem",
		"out of the path by dots":   "https://pki.ente.example/sigilli/../altro/c.pem",
		"out of the path, escaped":  "https://pki.ente.example/sigilli/%2e%2e/altro/c.pem",
		"out of the path, backward": `https://pki.ente.example/sigilli/..\altro/c.pem`,
		"empty part of the path":    "https://pki.ente.example/sigilli//altrove.example/c.pem",
		"fragment":                  "https://pki.ente.example/sigilli/c.pem#2",
		"empty fragment":            "https://pki.ente.example/sigilli/c.pem#",
		"query":                     "https://pki.ente.example/sigilli/c.pem?delete=1",
		"empty query":               "https://pki.ente.example/sigilli/c.pem?",
	} {
		t.Run(name, func(t *testing.T) { wantFault(t, s, at(address), modi.FaultX5UNotAllowed) })
	}
	for name, address := range map[string]string{
		"not a URL": "https://[::1", "relative": "sigilli/c.pem", "longer than any": "https://pki.ente.example/" + strings.Repeat("a", 4096),
	} {
		t.Run(name, func(t *testing.T) { wantFault(t, s, at(address), modi.FaultCertificateMalformed) })
	}
	config.X5UHost = nil
	wantFault(t, openAt(t, config, client, &clock{now: noon}), at("https://pki.ente.example/sigilli/c.pem"), modi.FaultX5UNotAllowed)
	if n := server.hits.Load(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

func TestX5UAnswersThatAreNoCertificate(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	seal := newSeal(t, &root, nil)
	inside := newShelf(t, bytesHandler(pemOf(seal.Certificate)))
	for name, tc := range map[string]struct {
		serve http.HandlerFunc
		want  modi.Fault // "" for not decided
	}{
		"redirect to an internal address": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, inside.URL+"/c.pem", http.StatusFound)
		}, modi.FaultX5UNotAllowed},
		"not there":        {statusHandler(http.StatusNotFound), modi.FaultCertificateUnknown},
		"forbidden":        {statusHandler(http.StatusForbidden), modi.FaultCertificateUnknown},
		"a web page":       {bytesHandler([]byte("<html>")), modi.FaultCertificateMalformed},
		"DER":              {bytesHandler(seal.Raw), modi.FaultCertificateMalformed},
		"empty":            {bytesHandler(nil), modi.FaultCertificateMalformed},
		"endless":          {bytesHandler(make([]byte, 1<<20)), modi.FaultCertificateMalformed},
		"six":              {bytesHandler(pemOf(repeat(seal.Certificate, 6)...)), modi.FaultCertificateMalformed},
		"too many asked":   {statusHandler(http.StatusTooManyRequests), ""},
		"server fails":     {statusHandler(http.StatusInternalServerError), ""},
		"connection drops": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := newShelf(t, tc.serve)
			s := openAt(t, trust.Config{
				CA: []string{pemFile(t, root.Certificate)}, Revoca: trust.Off, X5UHost: []string{server.host()},
			}, local(t, server.Server), &clock{now: noon})
			for range 3 { // what failed is not asked again at once
				if tc.want == "" {
					wantUndecided(t, s, at(server.URL+"/c.pem"))
				} else {
					wantFault(t, s, at(server.URL+"/c.pem"), tc.want)
				}
			}
			if n := server.hits.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
	if n := inside.hits.Load(); n != 0 {
		t.Errorf("the redirect was followed %d times", n)
	}
}

// A listed name that leads inside (DNS rebinding) is stopped at the dialled address.
func TestRejectsX5UThatLeadsToAnInternalAddress(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	server := newShelf(t, bytesHandler(pemOf(newSeal(t, &root, nil).Certificate)))
	strict, err := outbound.New(outbound.Settings{CA: pemOf(server.Certificate())})
	if err != nil {
		t.Fatal(err)
	}
	defer strict.Close()
	s := openAt(t, trust.Config{
		CA: []string{pemFile(t, root.Certificate)}, Revoca: trust.Off, X5UHost: []string{server.host()},
	}, strict, &clock{now: noon})
	wantFault(t, s, at(server.URL+"/c.pem"), modi.FaultX5UNotAllowed)
	if n := server.hits.Load(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

func TestX5UWithoutNetworkIsNotKnown(t *testing.T) {
	root := newCA(t, "Radice", nil, nil)
	s := open(t, trust.Config{CA: []string{pemFile(t, root.Certificate)}, X5UHost: []string{"PKI.ente.example."}})
	wantUndecided(t, s, at("https://pki.ente.example:443/c.pem"))
}

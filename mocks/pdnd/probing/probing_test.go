// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package probing

import (
	"crypto/rand"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// heard is what an e-service was asked.
type heard struct {
	method, path, body string
	header             http.Header
}

func service(t *testing.T, status int) (*httptest.Server, *heard) {
	t.Helper()
	h := new(heard)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*h = heard{r.Method, r.URL.Path, string(body), r.Header}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server, h
}

func prober(signed *any) *Prober {
	return &Prober{
		Issuer: "issuer", Rand: rand.Reader, Clock: func() time.Time { return time.Unix(1000, 0) },
		Sign: func(claims any) (string, error) {
			*signed = claims
			return "token", nil
		},
	}
}

func TestProbeOfREST(t *testing.T) {
	server, h := service(t, http.StatusNoContent)
	var signed any
	result := prober(&signed).Probe(t.Context(), Request{BaseURL: server.URL + "/modi/v1/", Audience: []string{"a", "b"}})
	if diff := cmp.Diff(Result{OK: true, Status: http.StatusNoContent}, result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if h.method != http.MethodGet || h.path != "/modi/v1/status" || h.header.Get("Authorization") != "Bearer token" ||
		h.header.Get("Content-Type") != "application/json" || !rules.IsUUID(h.header.Get("X-Correlation-Id")) {
		t.Errorf("heard %+v", *h)
	}
	got, _ := signed.(claims)
	if !rules.IsUUID(got.Jti) {
		t.Errorf("jti %q", got.Jti)
	}
	got.Jti = ""
	if diff := cmp.Diff(claims{Aud: []string{"a", "b"}, Iss: "issuer", Iat: 1000, Exp: 1001}, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
}

func TestProbeOfSOAP(t *testing.T) {
	server, h := service(t, http.StatusOK)
	var signed any
	if result := prober(&signed).Probe(t.Context(), Request{BaseURL: server.URL, Technology: "SOAP"}); !result.OK {
		t.Errorf("result %+v", result)
	}
	var doc struct {
		Body struct {
			Request *struct{} `xml:"http://it/pagopa/interop/probing probingRequest"`
		} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
	}
	if err := xml.Unmarshal([]byte(h.body), &doc); err != nil || doc.Body.Request == nil {
		t.Errorf("body %s: %v", h.body, err)
	}
	if h.method != http.MethodPost || h.path != "/status" || h.header.Get("SOAPAction") != "interop/probing" ||
		h.header.Get("Content-Type") != "text/xml" {
		t.Errorf("heard %+v", *h)
	}
}

func TestProbeWithoutToken(t *testing.T) {
	server, h := service(t, http.StatusOK)
	var signed any
	prober(&signed).Probe(t.Context(), Request{BaseURL: server.URL, WithoutToken: true, HTTP: server.Client()})
	if h.header.Get("Authorization") != "" || signed != nil {
		t.Error("a token was sent or made")
	}
}

func TestWhatIsNotOK(t *testing.T) {
	var signed any
	p := prober(&signed)
	for _, status := range []int{http.StatusNotFound, http.StatusUnauthorized, http.StatusInternalServerError, http.StatusNotModified} {
		server, _ := service(t, status)
		result := p.Probe(t.Context(), Request{BaseURL: server.URL})
		if result.OK || result.Status != status || result.Reason != strconv.Itoa(status) {
			t.Errorf("%d: %+v", status, result)
		}
	}
	closed, _ := service(t, http.StatusOK)
	closed.Close()
	if result := p.Probe(t.Context(), Request{BaseURL: closed.URL}); result.OK || result.Status != 0 || result.Reason != "no answer" {
		t.Errorf("refused: %+v", result)
	}
	if result := p.Probe(t.Context(), Request{BaseURL: "http://[::1"}); result.OK || result.Reason == "" {
		t.Errorf("no address: %+v", result)
	}
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(slow.Close)
	if result := p.Probe(t.Context(), Request{BaseURL: slow.URL, Timeout: 20 * time.Millisecond}); result.OK || result.Reason != "timeout" {
		t.Errorf("slow: %+v", result)
	}
}

func TestProbeThatCannotBeMade(t *testing.T) {
	var signed any
	p := prober(&signed)
	p.Sign = func(any) (string, error) { return "", errors.New("no key") }
	if result := p.Probe(t.Context(), Request{BaseURL: "http://localhost"}); result.OK || result.Reason != "no key" {
		t.Errorf("%+v", result)
	}
	p.Rand = iotest.ErrReader(errors.New("broken"))
	if result := p.Probe(t.Context(), Request{BaseURL: "http://localhost"}); result.OK || !strings.Contains(result.Reason, "broken") {
		t.Errorf("%+v", result)
	}
}

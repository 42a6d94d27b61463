// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package acquire_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/modi/token"
)

const key = "snodo_0123456789abcdef_secret"

func client(t *testing.T, handler http.HandlerFunc) *acquire.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := acquire.New(server.URL, key, "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAcquireSendsWhatTheAPIExpects(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		want := `{"contesto":{"ente":"c_bf01","procedimento":"p","pratica":"1","operatore":{"tipo":"persona","userID":"m"}},"richiesta":{"codiceFiscale":"x"}}`
		if string(body) != want || r.URL.Path != "/v1/acquisizioni/anpr-c020/residenza" {
			t.Errorf("%s %s", r.URL.Path, body)
		}
		if r.Header.Get("Authorization") != "Bearer "+key || r.Header.Get("Idempotency-Key") != "k1" || r.Header.Get("Accept-Language") != "en" {
			t.Errorf("headers %v", r.Header)
		}
		_, _ = io.WriteString(w, `{"esito":"acquisito","dati":{"a":1},"provenienza":{},"firma":"x.y.z"}`)
	})
	answer, err := c.Acquire(t.Context(), acquire.Request{
		Service: "anpr-c020", Operation: "residenza", IdempotencyKey: "k1", Lang: "en",
		Context:   acquire.Context{Ente: "c_bf01", Procedimento: "p", Pratica: "1", Operatore: acquire.Operator{Tipo: "persona", UserID: "m"}},
		Richiesta: json.RawMessage(`{"codiceFiscale":"x"}`),
	})
	if err != nil || answer.Problem != nil || answer.Esito != "acquisito" || string(answer.Dati) != `{"a":1}` {
		t.Errorf("%v, %+v", err, answer)
	}
}

func TestRefusalIsAProblemNotAnError(t *testing.T) {
	c := client(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"title":"registro non disponibile","status":503,"rule":"hub.registry/unavailable",
			"violations":[{"rule":"a/b","where":"/w","expected":"x","found":"y"},{"rule":"c/d"}]}`)
	})
	answer, err := c.Acquire(t.Context(), acquire.Request{})
	if err != nil || answer.Problem == nil {
		t.Fatalf("%v, %+v", err, answer)
	}
	p := answer.Problem
	if answer.Status != 503 || answer.RetryAfter != "7" || p.Rule != "hub.registry/unavailable" ||
		!slices.Equal(p.Violations, []acquire.Violation{{Rule: "a/b", Where: "/w", Expected: "x", Found: "y"}, {Rule: "c/d"}}) {
		t.Errorf("answer %+v, problem %+v", answer, p)
	}
}

func TestAnswerThatIsNone(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"not JSON":       func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"no problem":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"cut":            func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"HTML for a 404": func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, handler).Acquire(t.Context(), acquire.Request{Service: "s", Operation: "o"})
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), "127.0.0.1:") && name == "cut" {
				t.Errorf("the error holds the address: %v", err)
			}
		})
	}
}

func TestAddressMustBeHTTP(t *testing.T) {
	for _, base := range []string{"", "localhost:8080", "ftp://x", "http://", "://"} {
		if _, err := acquire.New(base, key, ""); err == nil {
			t.Errorf("%q: accepted", base)
		}
	}
}

func TestPrivateCA(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"esito":"acquisito"}`)
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	trusted, err := acquire.New(server.URL, key, file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trusted.Acquire(t.Context(), acquire.Request{}); err != nil {
		t.Errorf("with the private CA: %v", err)
	}
	untrusting, err := acquire.New(server.URL, key, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := untrusting.Acquire(t.Context(), acquire.Request{}); err == nil {
		t.Error("an unknown CA is trusted")
	}
	for name, path := range map[string]string{"absent": file + ".absent", "no PEM": os.DevNull} {
		if _, err := acquire.New(server.URL, key, path); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// sealed is a hub that publishes one seal and answers with what it signed.
type sealed struct {
	key    token.SigningKey
	public *ecdsa.PublicKey
}

func newSeal(t *testing.T) sealed {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return sealed{key: token.SigningKey{KID: kid, Algorithm: token.ES256, Signer: private}, public: &private.PublicKey}
}

func (s sealed) answer(t *testing.T, ente string) *acquire.Answer {
	t.Helper()
	dati := json.RawMessage(`{"idANPR":"QX48213ZB"}`)
	p := provenance.Provenance{Registro: "ANPR", Ente: ente, Scambio: "s1", Istante: time.Unix(1791801600, 0).UTC()}
	firma, err := provenance.Sign(dati, p, s.key)
	if err != nil {
		t.Fatal(err)
	}
	stated, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return &acquire.Answer{Dati: dati, Provenienza: stated, Firma: firma}
}

func (s sealed) publish(t *testing.T) *acquire.Client {
	t.Helper()
	jwk, err := token.MarshalJWK(s.public, s.key.KID, token.ES256)
	if err != nil {
		t.Fatal(err)
	}
	return client(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/enti/c_bf01/sigillo/jwks.json" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"keys":[%s]}`, jwk)
	})
}

func TestProvenanceVerifies(t *testing.T) {
	s := newSeal(t)
	if err := s.publish(t).VerifyProvenance(t.Context(), "c_bf01", s.answer(t, "c_bf01")); err != nil {
		t.Error(err)
	}
}

func TestForgedProvenanceIsANo(t *testing.T) {
	s := newSeal(t)
	tests := map[string]func(a *acquire.Answer){
		"data changed":       func(a *acquire.Answer) { a.Dati = json.RawMessage(`{"idANPR":"QX48213ZC"}`) },
		"statement changed":  func(a *acquire.Answer) { a.Provenienza = []byte(strings.Replace(string(a.Provenienza), "s1", "s2", 1)) },
		"statement no JSON":  func(a *acquire.Answer) { a.Provenienza = []byte(`"`) },
		"signature absent":   func(a *acquire.Answer) { a.Firma = "" },
		"another ente":       func(a *acquire.Answer) { *a = *s.answer(t, "c_vs02") },
		"another ente's key": func(a *acquire.Answer) { *a = *newSeal(t).answer(t, "c_bf01") },
	}
	for name, forge := range tests {
		t.Run(name, func(t *testing.T) {
			answer := s.answer(t, "c_bf01")
			forge(answer)
			err := s.publish(t).VerifyProvenance(t.Context(), "c_bf01", answer)
			if !errors.Is(err, acquire.ErrForged) {
				t.Errorf("error %v, want ErrForged", err)
			}
		})
	}
}

func TestUnreachableSealIsNotForged(t *testing.T) {
	s := newSeal(t)
	for name, handler := range map[string]http.HandlerFunc{
		"down":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"garbage": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}{}") },
	} {
		err := client(t, handler).VerifyProvenance(t.Context(), "c_bf01", s.answer(t, "c_bf01"))
		if err == nil || errors.Is(err, acquire.ErrForged) {
			t.Errorf("%s: error %v, want one that decides nothing", name, err)
		}
	}
}

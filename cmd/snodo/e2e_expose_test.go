// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// captured is a signed request of the Unione, as it was sent.
type captured struct {
	url    string
	header http.Header
}

// capture makes one good call of the Unione and keeps it.
func (s *site) capture(t testing.TB, e ambiente.Ente) captured {
	t.Helper()
	c := captured{url: s.exposedURL(e) + "/ricerche"}
	hooks := fruitore.Hooks{Request: func(r *http.Request) { c.header = r.Header.Clone() }}
	reply, err := s.Unione(e).Do(context.Background(), http.MethodPost, c.url, []byte(demoSearch), hooks)
	if err != nil {
		t.Fatal(err)
	}
	if reply.Status != http.StatusOK {
		t.Fatalf("%d %s", reply.Status, reply.Body)
	}
	return c
}

// resend sends a captured request again, byte for byte.
func (s *site) resend(t testing.TB, c captured) (int, string) {
	t.Helper()
	status, body, err := c.send()
	if err != nil {
		t.Fatal(err)
	}
	return status, ruleOf(body)
}

func (c captured) send() (int, []byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.url, strings.NewReader(demoSearch))
	if err != nil {
		return 0, nil, err
	}
	req.Header = c.header.Clone()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

func TestExposedProcedureAnswersSigned(t *testing.T) {
	s := newSite(t)
	st := &stage{app: s.app, world: s.world}
	for _, e := range ambiente.Enti() {
		t.Run(e.CodiceIPA, func(t *testing.T) {
			unione := s.Unione(e)
			reply, err := unione.Do(t.Context(), http.MethodPost, s.exposedURL(e)+"/ricerche", []byte(demoSearch), fruitore.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			if reply.Status != http.StatusOK || !strings.Contains(string(reply.Body), "PRT-2026-0000123") {
				t.Fatalf("%d %s", reply.Status, reply.Body)
			}
			key, err := st.keychainKey(e)
			if err != nil {
				t.Fatal(err)
			}
			if err := unione.CheckReply(reply, key); err != nil {
				t.Errorf("signature of the answer: %v", err)
			}
			records := s.evidence(t, e.CodiceIPA)
			if len(records) != 2 || records[0].Tipo != "erogazione/intento" || records[1].Tipo != "erogazione/esito" {
				t.Errorf("records %+v", records)
			}
		})
	}
	t.Run("the back end sees no token", func(t *testing.T) {
		for _, e := range s.Procedures[ambiente.BorgoFiorito().CodiceIPA].Requests() {
			if len(e.RequestTokens) != 0 {
				t.Errorf("the back end received %d tokens", len(e.RequestTokens))
			}
			for _, name := range []string{"Authorization", "Agid-Jwt-Signature", "Agid-Jwt-Trackingevidence", "Digest", "Cookie"} {
				if e.RequestHeader.Get(name) != "" {
					t.Errorf("the back end received %s", name)
				}
			}
		}
	})
	t.Run("GET without a body", func(t *testing.T) {
		e := ambiente.BorgoFiorito()
		reply, err := s.Unione(e).Do(t.Context(), http.MethodGet, s.exposedURL(e)+"/istanze/PRT-2026-0000123", nil, fruitore.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		if reply.Status != http.StatusOK || reply.Header.Get("Agid-Jwt-Signature") == "" {
			t.Errorf("%d %s", reply.Status, reply.Body)
		}
	})
}

func TestStatusNeedsNoToken(t *testing.T) {
	s := newSite(t)
	status, header, body := get(t, s.exposedURL(ambiente.ValSerena())+"/status")
	if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "application/problem+json") || !strings.Contains(body, `"status":200`) {
		t.Errorf("%d %s %s", status, header.Get("Content-Type"), body)
	}
}

// Every refusal of the exposed side over real TCP, with its own rule.
func TestRefusedCalls(t *testing.T) {
	s := newSite(t)
	borgo, serena := ambiente.BorgoFiorito(), ambiente.ValSerena()
	url := s.exposedURL(borgo) + "/ricerche"
	body := func(text string) func(r *http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		}
	}
	header := func(name, value string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	tests := map[string]struct {
		url    string
		body   string
		hooks  fruitore.Hooks
		status int
		rule   string
	}{
		"voucher of the other ente": {
			url: s.exposedURL(serena) + "/ricerche", status: http.StatusUnauthorized, rule: "pdnd.voucher/audience-mismatch",
		},
		"no voucher": {hooks: fruitore.Hooks{Request: func(r *http.Request) { r.Header.Del("Authorization") }}, status: 401, rule: "pdnd.voucher/token-missing"},
		"two Authorization headers": {
			hooks:  fruitore.Hooks{Request: func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") }},
			status: 401, rule: "pdnd.voucher/token-repeated",
		},
		"another scheme":       {hooks: fruitore.Hooks{Request: header("Authorization", "Basic eDp5")}, status: 401, rule: "pdnd.voucher/scheme-not-allowed"},
		"voucher not a token":  {hooks: fruitore.Hooks{Request: header("Authorization", "Bearer a.b")}, status: 401, rule: "pdnd.voucher/malformed"},
		"body changed":         {hooks: fruitore.Hooks{Request: body(`{"istanza":"PRT-2026-0000124"}`)}, status: 400, rule: "modi.integrity/digest-mismatch"},
		"no signature":         {hooks: fruitore.Hooks{Request: func(r *http.Request) { r.Header.Del("Agid-JWT-Signature") }}, status: 400, rule: "modi.integrity/token-missing"},
		"no tracking evidence": {hooks: fruitore.Hooks{Request: func(r *http.Request) { r.Header.Del("Agid-JWT-TrackingEvidence") }}, status: 400, rule: "modi.audit/token-missing"},
		"signature expired": {
			hooks:  fruitore.Hooks{Signature: func(_, c fruitore.Members) { c["exp"] = c["iat"] }},
			status: 400, rule: "modi.integrity/expired",
		},
		"signature for another audience": {
			hooks:  fruitore.Hooks{Signature: func(_, c fruitore.Members) { c["aud"] = serena.Audience }},
			status: 400, rule: "modi.integrity/audience-mismatch",
		},
		"alg none": {
			hooks: fruitore.Hooks{Request: func(r *http.Request) {
				_, rest, _ := strings.Cut(r.Header.Get("Agid-JWT-Signature"), ".")
				none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
				r.Header.Set("Agid-JWT-Signature", none+"."+rest)
			}},
			status: 400, rule: "modi.integrity/algorithm-not-allowed",
		},
		"evidence of another purpose": {
			hooks:  fruitore.Hooks{Evidence: func(_, c fruitore.Members) { c["purposeId"] = serena.PurposeUnione }},
			status: 400, rule: "modi.audit/purpose-mismatch",
		},
		"body outside the contract": {body: `{"istanza":7}`, status: 400, rule: "hub.request/schema"},
		"unknown istanza":           {body: `{"istanza":"PRT-2026-9999999"}`, status: 404, rule: "-"},
		"unknown ente":              {url: strings.Replace(url, "c_bf01", "c_xx99", 1), status: 404, rule: "hub.exposure/unknown-service"},
		"unknown e-service":         {url: strings.Replace(url, "stato-istanza", "altro", 1), status: 404, rule: "hub.exposure/unknown-service"},
		"unknown operation":         {url: s.exposedURL(borgo) + "/cancella", status: 404, rule: "hub.request/unknown-path"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			target, payload := tt.url, tt.body
			if target == "" {
				target = url
			}
			if payload == "" {
				payload = demoSearch
			}
			reply, err := s.Unione(borgo).Do(t.Context(), http.MethodPost, target, []byte(payload), tt.hooks)
			if err != nil {
				t.Fatal(err)
			}
			if reply.Status != tt.status || ruleOf(reply.Body) != tt.rule {
				t.Errorf("%d %s, want %d %s: %s", reply.Status, ruleOf(reply.Body), tt.status, tt.rule, reply.Body)
			}
			if !strings.HasPrefix(reply.Header.Get("Content-Type"), "application/problem+json") && tt.rule != "-" {
				t.Errorf("content type %s", reply.Header.Get("Content-Type"))
			}
			if reply.Status == http.StatusUnauthorized && reply.Header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
		})
	}
}

func TestReplayIsAConflict(t *testing.T) {
	s := newSite(t)
	borgo, serena := ambiente.BorgoFiorito(), ambiente.ValSerena()
	sent := s.capture(t, borgo)
	if status, rule := s.resend(t, sent); status != http.StatusConflict || rule != "modi.integrity/replayed" {
		t.Errorf("second time: %d %s", status, rule)
	}
	t.Run("the refusal is evidence", func(t *testing.T) {
		records := s.evidence(t, borgo.CodiceIPA)
		last := records[len(records)-1]
		if last.Tipo != "erogazione/rifiuto" || len(last.Regole) == 0 || last.Regole[0] != "modi.integrity/replayed" {
			t.Errorf("last record %+v", last)
		}
	})
	t.Run("after a restart too", func(t *testing.T) {
		s.stop(t)
		s.start(t)
		if status, rule := s.resend(t, sent); status != http.StatusConflict {
			t.Errorf("%d %s", status, rule)
		}
	})
	t.Run("what was refused before it is not burnt", func(t *testing.T) {
		// The same token is first sent with another body: that is no use of it.
		var header http.Header
		_, err := s.Unione(serena).Do(t.Context(), http.MethodPost, s.exposedURL(serena)+"/ricerche", []byte(demoSearch), fruitore.Hooks{
			Request: func(r *http.Request) {
				header = r.Header.Clone()
				other := []byte(`{"istanza":"PRT-2026-0000124"}`)
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(other)), int64(len(other))
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		status, rule := s.resend(t, captured{url: s.exposedURL(serena) + "/ricerche", header: header})
		if status != http.StatusOK {
			t.Errorf("%d %s", status, rule)
		}
	})
}

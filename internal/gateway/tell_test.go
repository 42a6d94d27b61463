// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway/identity"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi/token"
)

const procedureURL = "http://procedura.example/api"

// telling puts a signed identity before the back end of a world.
func (w *inWorld) telling(t *testing.T, plain bool, key func() (token.SigningKey, error)) *streams {
	t.Helper()
	s := &streams{backEnd: backEnd{status: 200, header: http.Header{"Content-Type": {"application/json"}}, body: answerOK}}
	deps := w.InDeps
	deps.BackEnd = func(ente, exposure string) (Doer, error) {
		return &Telling{
			Next: s, Ente: ente, Environment: "locale", Service: exposure, Audience: procedureURL, Plain: plain, Key: key, Clock: w.clock.Now,
		}, nil
	}
	in, err := NewIn(deps)
	if err != nil {
		t.Fatal(err)
	}
	w.In = in
	return s
}

func TestIdentityIsStatedToTheBackEnd(t *testing.T) {
	published := provenance.Keys{{KID: keysOnce().seal.KID, Public: keysOnce().seal.Signer.Public()}}
	for _, plain := range []bool{false, true} {
		w := newInWorld(t, func(c *config.Config) { c.Enti["c_a"].Exposes["pratiche"].BackEnd.Identity = config.IdentityJWT })
		s := w.telling(t, plain, func() (token.SigningKey, error) { return keysOnce().seal, nil })
		call := w.newCall()
		call.body = `{"id":"12","codiceFiscale":"RSSMRA85T10A562S"}`
		reply, err := w.serve(t, call)
		if err != nil {
			t.Fatal(err)
		}
		req := s.requests[0]
		for _, name := range identityHeaders() {
			if there := req.Header.Get(name) != ""; there != plain {
				t.Errorf("plain %v: %s %v", plain, name, there)
			}
		}
		if req.Header.Get(HeaderExchange) != reply.Access.Exchange || s.bodies[0] != call.body {
			t.Errorf("exchange %q, body %q", req.Header.Get(HeaderExchange), s.bodies[0])
		}
		received := identity.Request{Audience: procedureURL, Method: http.MethodPost, Path: "/ricerche", Body: []byte(call.body)}
		got, err := identity.Verify(t.Context(), req.Header.Get(identity.Header), received, w.clock.Now(), published)
		if err != nil {
			t.Fatal(err)
		}
		want := identity.Statement{
			Issuer: "c_a", Audience: procedureURL, Subject: consumerID, JTI: reply.Access.Exchange,
			IssuedAt: w.clock.Now().Unix(), ExpiresAt: w.clock.Now().Add(identity.Lifetime).Unix(),
			Environment: "locale", Service: "pratiche", Operation: "cerca", Client: clientID, Purpose: purposeID,
			Operator: identity.Operator{UserID: "operatore-17", UserLocation: "postazione-04", LoA: "SPID_L2"},
			Method:   http.MethodPost, Path: "/ricerche", Body: identity.Digest(received.Body),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestStatementOfAQueryAndOfAStream: the path is without the query, and what is streamed is told too.
func TestStatementOfAQueryAndOfAStream(t *testing.T) {
	w := newInWorld(t)
	s := w.telling(t, false, func() (token.SigningKey, error) { return keysOnce().seal, nil })
	call := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
	call.query = "dettaglio=true"
	if _, err := w.serve(t, call); err != nil {
		t.Fatal(err)
	}
	published := provenance.Keys{{KID: keysOnce().seal.KID, Public: keysOnce().seal.Signer.Public()}}
	received := identity.Request{Audience: procedureURL, Method: http.MethodGet, Path: "/pratiche/12"}
	if _, err := identity.Verify(t.Context(), s.requests[0].Header.Get(identity.Header), received, w.clock.Now(), published); err != nil {
		t.Error(err)
	}
	telling, ok := w.exposed["c_a/pratiche/v1"].backEnd.(Streamer)
	if !ok {
		t.Fatal("it does not stream")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, procedureURL+"/pratiche/12", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := telling.Stream(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.Body.Close()
	if s.requests[1].Header.Get(identity.Header) == "" {
		t.Error("a stream without statement")
	}
}

// TestNothingIsSentWithoutItsStatement, and it is not held against the back end.
func TestNothingIsSentWithoutItsStatement(t *testing.T) {
	w := newInWorld(t)
	s := w.telling(t, true, func() (token.SigningKey, error) { return token.SigningKey{}, errors.New("gone") })
	for range 3 { // more than open its guard
		_, err := w.serve(t, w.newCall())
		wantRule(t, err, problem.RuleBackEndSettings, http.StatusBadGateway)
	}
	if s.calls() != 0 {
		t.Error("sent without a statement")
	}
}

func TestHeadersOfIdentityAreReadBack(t *testing.T) {
	for _, claim := range []string{"operatore-17", "Nome Cognome", "50%", "%41", " spazio ", "città", "a\r\nb", ""} {
		if got := undoHeaderSafe(headerSafe(claim)); got != claim {
			t.Errorf("%q came back as %q", claim, got)
		}
	}
}

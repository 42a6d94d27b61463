// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/conformance/internal/judge"
)

// received is a request that came to the suite.
type received struct {
	method, url string
	header      http.Header
	body        []byte
}

// script answers the n-th request of a trial, from 1. An error is the suite's own.
type script func(w http.ResponseWriter, r received, n int) error

// call is one request of a trial.
type call struct {
	at       time.Time
	exchange Exchange
}

// stage answers as the e-service and as PDND, writes down what comes and lets the judge
// look at it. It is safe for concurrent use.
type stage struct {
	suite *Suite

	mu        sync.Mutex
	eservice  script
	tokens    script // nil: vouchers are issued
	calls     []call
	asked     []call
	elsewhere int
	failed    error
	over      chan struct{} // closed at the end of the trial: who is silent stops being so
	busy      int           // requests to the e-service that are being answered
	idle      *sync.Cond    // told when one of them is done
}

func newStage(s *Suite) *stage {
	st := &stage{suite: s, over: make(chan struct{})}
	st.idle = sync.NewCond(&st.mu)
	c := &consumer{Suite: s, stage: st}
	st.eservice = c.good()
	return st
}

// set begins a trial. A nil tokens issues vouchers.
func (s *stage) set(eservice, tokens script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.eservice, s.tokens, s.calls, s.asked, s.elsewhere, s.failed = eservice, tokens, nil, nil, 0, nil
	s.over = make(chan struct{})
}

// end ends the trial that set began, and is what came during it, once all of it is
// answered.
func (s *stage) end() trial {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.over)
	for s.busy > 0 {
		s.idle.Wait()
	}
	return trial{calls: slices.Clone(s.calls), tokens: slices.Clone(s.asked), elsewhere: s.elsewhere}
}

// trouble is why the suite could not play its part in a trial; nil when it could.
func (s *stage) trouble() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

func (s *stage) receive(r *http.Request) received {
	return received{method: r.Method, url: s.suite.peers.base + r.URL.RequestURI(), header: r.Header, body: readAll(r)}
}

// serveEservice judges a request to the e-service and answers it.
func (s *stage) serveEservice(w http.ResponseWriter, r *http.Request) {
	got := s.receive(r)
	m := judge.Message{Method: got.method, URL: got.url, Header: got.header, Body: got.body, At: s.suite.config.Clock()}
	e := Exchange{At: m.At.UTC(), Request: s.suite.redact.request(got.method, got.url, got.header, got.body)}
	s.suite.watchRequest(s.suite.policy(), m, e)
	s.mu.Lock()
	play := s.eservice
	n := len(s.calls) + 1
	s.calls = append(s.calls, call{at: m.At, exchange: e})
	s.busy++
	over := s.over
	s.mu.Unlock()
	tee := &teeWriter{ResponseWriter: w, gone: r.Context().Done(), over: over}
	defer s.answered()
	err := play(tee, got, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failed = err
		return
	}
	if len(s.calls) >= n {
		s.calls[n-1].exchange.Reply = s.suite.redact.reply(tee.status, w.Header(), tee.body)
	}
}

// answered tells that a request to the e-service is done with, also where playing it panicked.
func (s *stage) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	s.idle.Broadcast()
}

// serveTokens judges a token request and issues a voucher.
func (s *stage) serveTokens(w http.ResponseWriter, r *http.Request) {
	got := s.receive(r)
	m := judge.Message{Method: got.method, URL: got.url, Header: got.header, Body: got.body, At: s.suite.config.Clock()}
	e := Exchange{At: m.At.UTC(), Request: s.suite.redact.request(got.method, got.url, got.header, got.body)}
	s.suite.watchTokenRequest(s.suite.policy(), m, e)
	s.mu.Lock()
	play := s.tokens
	s.asked = append(s.asked, call{at: m.At, exchange: e})
	n := len(s.asked)
	s.mu.Unlock()
	if play == nil {
		play = s.issue
	}
	if err := play(w, got, n); err != nil {
		s.mu.Lock()
		s.failed = err
		s.mu.Unlock()
	}
}

// serveElsewhere is where a redirect points.
func (s *stage) serveElsewhere(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") != "" || r.Header.Get("Agid-JWT-Signature") != "" {
		s.elsewhere++
	}
	w.WriteHeader(http.StatusNoContent)
}

// issue answers with a voucher for what the assertion asks.
func (s *stage) issue(w http.ResponseWriter, r received, _ int) error {
	form, err := url.ParseQuery(string(r.body))
	if err != nil {
		return refuseToken(w)
	}
	claims := claimsOf(form.Get("client_assertion"))
	if claims == nil {
		return refuseToken(w)
	}
	var steps []cases.Step
	for from, into := range map[string][]string{"sub": {"sub", "client_id"}, "purposeId": {"purposeId"}, "digest": {"digest"}} {
		for _, name := range into {
			if value, there := claims[from]; there {
				steps = append(steps, cases.Step{Do: "claim.set", Name: name, Value: value})
			}
		}
	}
	kind := "Bearer"
	if jkt := judge.ProofKey(r.header.Get("DPoP")); jkt != "" {
		kind = "DPoP"
		steps = append(steps, cases.Step{Do: "claim.set", Name: "cnf", Value: map[string]any{"jkt": jkt}})
	}
	m, err := s.suite.at(forge.Content{}).Build("voucher", steps)
	if err != nil {
		http.Error(w, "", http.StatusInternalServerError)
		return err
	}
	body, err := json.Marshal(map[string]any{"access_token": m.Tokens[forge.Voucher], "token_type": kind, "expires_in": 600})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(body)
	return err
}

// refuseToken answers as PDND does to every bad request: the same 400.
func refuseToken(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, err := w.Write([]byte(`{"type":"about:blank","status":400,"title":"The request contains bad syntax or cannot be fulfilled.","errors":[{"code":"015-0008","detail":"Unable to generate a token for the given request"}]}`))
	return err
}

// write sends a message as a server does.
func write(w http.ResponseWriter, m *forge.Message) error {
	if err := sendable(m.Header); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return err
	}
	for name, values := range m.Header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(m.Body)))
	w.WriteHeader(m.Status)
	if _, err := w.Write(m.Body); err != nil { //nolint:gosec // what is written is the suite's own reply
		return fmt.Errorf("write the reply: %w", err)
	}
	return nil
}

// teeWriter remembers what was answered.
type teeWriter struct {
	http.ResponseWriter
	status int
	body   []byte
	gone   <-chan struct{} // closed when the caller has left
	over   <-chan struct{} // closed when the trial is over
}

func (t *teeWriter) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *teeWriter) Write(p []byte) (int, error) {
	t.body = append(t.body, p...)
	return t.ResponseWriter.Write(p)
}

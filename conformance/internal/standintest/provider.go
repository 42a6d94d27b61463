// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package standintest

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// answerOK is what a good call is told.
const answerOK = `{"esito":"confermata"}`

// provider serves one operation at any path below its own.
type provider struct {
	terms    Terms
	verifier rest.Verifier
	key      token.SigningKey

	mu   sync.Mutex
	used map[string]bool
}

func newProvider(t Terms, key token.SigningKey) (*provider, error) {
	p := &provider{terms: t, key: key, used: map[string]bool{}}
	ca, err := newAuthority(t.CA)
	if err != nil {
		return nil, err
	}
	clients := registry{http.DefaultClient, func(kid string) string { return t.Suite + "/keys/" + kid }, "clientId"}
	party := modi.PartyTimes()
	for _, pattern := range t.Patterns {
		switch pattern { //nolint:exhaustive // the patterns of a request
		case modi.PatternVoucher:
			p.verifier.Voucher = &voucher.Verifier{
				Issuer: t.Issuer, Audience: t.Audience, ProducerID: t.Producer, EserviceID: t.EserviceID, DescriptorIDs: []string{t.Descriptor},
				Keys:  registry{http.DefaultClient, func(string) string { return t.Suite + "/.well-known/jwks.json" }, ""},
				Clock: time.Now, Times: modi.VoucherTimes(),
			}
		case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
			p.verifier.IDAuth = &rest.IDAuthVerifier{Pattern: pattern, Audience: t.Audience, Certificates: ca, Clock: time.Now, Times: party}
		case modi.PatternIntegrityREST01:
			p.verifier.Integrity = &rest.IntegrityVerifier{Pattern: pattern, Audience: t.Audience, Certificates: ca, RequireJTI: true, Clock: time.Now, Times: party}
		case modi.PatternIntegrityREST02:
			p.verifier.Integrity = &rest.IntegrityVerifier{Pattern: pattern, Audience: t.Audience, Keys: clients, Clock: time.Now, Times: party}
		case modi.PatternAuditREST01, modi.PatternAuditREST02:
			p.verifier.Audit = &rest.AuditVerifier{Pattern: pattern, Audience: t.Audience, Keys: clients, Clock: time.Now, Times: party}
		}
	}
	return p, nil
}

// ServeHTTP is the list of steps of a provider: path, proofs, single use, answer.
func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	switch {
	case err != nil:
		problem(w, http.StatusBadRequest, "body")
		return
	case r.URL.Path != "/servizio":
		problem(w, http.StatusNotFound, "path")
		return
	}
	v := p.verifier
	if p.terms.has(modi.PatternDPoP) {
		v.Possession = dpop.Possession{
			Verifier: dpop.Verifier{Clock: time.Now, Times: modi.ProofTimes()}, Method: r.Method, URL: "http://" + r.Host + r.RequestURI,
		}
	}
	result, err := v.Verify(r.Context(), rest.Message{Header: r.Header, Body: modi.Bytes(body), Host: r.Host})
	if err == nil {
		err = p.once(result)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	p.answer(w, result)
}

// once uses up the proofs that are good once.
func (p *provider) once(r rest.Result) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range []struct {
		proof *rest.Proof
		rule  modi.RuleID
	}{{r.Possession, modi.DPoPReplayed}, {r.Integrity, modi.IntegrityReplayed}, {r.IDAuth, modi.IDAuthReplayed}} {
		if one.proof == nil || one.proof.Pattern == modi.PatternIDAuthREST01 {
			continue
		}
		key := string(one.proof.Pattern) + " " + one.proof.ReplayOwner() + " " + one.proof.ReplayID()
		if p.used[key] {
			return one.proof.Replayed(one.rule)
		}
		p.used[key] = true
	}
	return nil
}

func (p *provider) answer(w http.ResponseWriter, r rest.Result) {
	m := rest.Message{Header: w.Header(), Body: modi.Bytes(answerOK)}
	m.Header.Set("Content-Type", "application/json")
	if slices.Contains(p.terms.ReplyPatterns, modi.PatternIntegrityREST02) && r.Voucher != nil {
		stamp := rest.Stamp{Now: time.Now(), Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: 300 * time.Second}
		if _, err := rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: p.terms.Producer, Audience: r.Voucher.ClientID}, stamp, p.key); err != nil {
			problem(w, http.StatusInternalServerError, "sign")
			return
		}
	}
	_, _ = io.WriteString(w, answerOK)
}

// refuse answers with the class of the rule, and 503 where nothing is decided.
func refuse(w http.ResponseWriter, err error) {
	var refusal *modi.Refusal
	if !errors.As(err, &refusal) {
		w.Header().Set("Retry-After", "5")
		problem(w, http.StatusServiceUnavailable, "undecided")
		return
	}
	id := refusal.Violations[0].Rule
	status := http.StatusBadRequest
	rules := modi.Rules()
	if i := slices.IndexFunc(rules, func(r modi.Rule) bool { return r.ID == id }); i >= 0 {
		status = map[modi.Class]int{
			modi.Malformed: http.StatusBadRequest, modi.Unauthenticated: http.StatusUnauthorized,
			modi.Forbidden: http.StatusForbidden, modi.Conflict: http.StatusConflict,
		}[rules[i].Class]
	}
	problem(w, status, string(id))
}

func problem(w http.ResponseWriter, status int, rule string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "rule": rule})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// token serves POST /token.oauth2 in the order of the real endpoint: form, DPoP proof,
// parameters, claims, key, signature, states, rate limit, DPoP jti, voucher.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if !s.correlate(w) {
		return
	}
	now := s.opts.Clock()
	form, err := readForm(r)
	if err != nil {
		host.Refused(r.Context(), err.Error())
		s.problem(w, problem{
			Title:  "Bad request",
			Status: http.StatusBadRequest,
			Detail: "Validation error: " + err.Error(),
			Errors: []problemError{{"007-9999", "Validation error: " + err.Error()}},
		})
		return
	}
	if faults.Is(r.Context(), faults.Masked) {
		s.mask(r.Context(), w, refuse("fault", Reason{"", "masked400", "a fault on demand"}))
		return
	}
	proof, refusal := s.readProof(r, now)
	if refusal != nil {
		s.mask(r.Context(), w, refusal)
		return
	}
	a, g, refusal := s.authenticate(form, now)
	if refusal != nil {
		s.mask(r.Context(), w, refusal)
		return
	}
	if !s.limiter.take(w.Header(), g.tenant(), now) {
		host.Refused(r.Context(), "rate limit of the tenant")
		s.tooMany(w, "007-10004")
		return
	}
	if proof != nil && !s.proofs.Use(proof.JTI, now, rules.ProofMaxAge+rules.ProofFuture) {
		s.mask(r.Context(), w, refuse(StageProofReuse, Reason{"0012", "dpopProofJtiAlreadyUsed", "the proof was used before"}))
		return
	}
	s.issue(r.Context(), w, a, g, proof, now)
}

// asyncToken serves POST /token.oauth2.async, which is still behind a flag: off.
func (s *Server) asyncToken(w http.ResponseWriter, r *http.Request) {
	if !s.correlate(w) {
		return
	}
	host.Refused(r.Context(), "asynchronous exchange is off")
	s.problem(w, problem{
		Title:  "Feature flag not enabled",
		Status: http.StatusNotImplemented,
		Detail: "Feature flag FEATURE_FLAG_ASYNC_EXCHANGE is not enabled",
		Errors: []problemError{{"015-10020", "Feature flag FEATURE_FLAG_ASYNC_EXCHANGE is not enabled"}},
	})
}

// authenticate runs everything between the form and the rate limit.
func (s *Server) authenticate(form tokenForm, now time.Time) (*assertion, grant, *Refusal) {
	if form.assertionType != assertionType {
		return nil, grant{}, refuse(StageRequest, Reason{"0002", "invalidAssertionType", "unexpected client_assertion_type"})
	}
	a, refusal := s.readAssertion(form, now)
	if refusal != nil {
		return nil, grant{}, refusal
	}
	g, refusal := s.lookup(a, now)
	if refusal != nil {
		return nil, grant{}, refusal
	}
	if refusal := verifyAssertion(a, g.Key); refusal != nil {
		return nil, grant{}, refusal
	}
	return a, g, g.state()
}

func (s *Server) issue(ctx context.Context, w http.ResponseWriter, a *assertion, g grant, proof *rules.Proof, now time.Time) {
	claims, err := s.voucherClaims(a, g, proof, now)
	if err != nil {
		http.Error(w, "no randomness", http.StatusInternalServerError)
		return
	}
	voucher, err := s.sign(claims)
	if err != nil {
		host.Refused(ctx, err.Error())
		http.Error(w, "the voucher cannot be signed", http.StatusInternalServerError)
		return
	}
	answer := struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int64  `json:"expires_in"`
	}{voucher, "Bearer", claims.Exp - claims.Iat}
	if proof != nil {
		answer.TokenType = "DPoP"
	}
	w.Header().Set("Cache-Control", "no-cache, no-store")
	host.JSON(w, http.StatusOK, "application/json", answer)
}

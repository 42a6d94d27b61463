// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// Reason is one broken rule, with the code and the name it has inside the platform.
type Reason struct {
	Code   string // e.g. "0033"
	Name   string // e.g. "invalidSignature"
	Detail string
}

// Refusal is why a token request was refused. It never goes over the wire: there, every
// client fault is the same masked 400.
type Refusal struct {
	// Stage is the service-level name, e.g. "clientAssertionValidationFailed".
	Stage   string
	Reasons []Reason
}

// Has reports whether the refusal has a reason with this code or name.
func (r *Refusal) Has(codeOrName string) bool {
	if r == nil {
		return false
	}
	for _, reason := range r.Reasons {
		if reason.Code == codeOrName || reason.Name == codeOrName {
			return true
		}
	}
	return false
}

// Error returns the stage and every reason on one line.
func (r *Refusal) Error() string {
	texts := make([]string, 0, len(r.Reasons))
	for _, reason := range r.Reasons {
		texts = append(texts, reason.Code+" "+reason.Name+" ("+reason.Detail+")")
	}
	return r.Stage + ": " + strings.Join(texts, "; ")
}

// The stages of a refusal.
const (
	StageRequest        = "clientAssertionRequestValidationFailed"
	StageAssertion      = "clientAssertionValidationFailed"
	StageSignature      = "clientAssertionSignatureValidationFailed"
	StageLookup         = "tokenGenerationStatesEntryNotFound"
	StageState          = "platformStateValidationFailed"
	StageProof          = "dpopProofValidationFailed"
	StageProofSignature = "dpopProofSignatureValidationFailed"
	StageProofReuse     = "dpopProofJtiAlreadyUsed"
)

func refuse(stage string, reasons ...Reason) *Refusal {
	return &Refusal{Stage: stage, Reasons: reasons}
}

// LastRefusal returns the reason of the latest masked 400, or nil when there was none
// yet.
func (s *Server) LastRefusal() *Refusal {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.refusal
}

// mask notes the true reason inside and answers the one body that every client fault
// gets.
func (s *Server) mask(ctx context.Context, w http.ResponseWriter, refusal *Refusal) {
	s.mu.Lock()
	s.refusal = refusal
	s.mu.Unlock()
	host.Refused(ctx, refusal.Error())
	s.problem(w, problem{
		Title:  "The request contains bad syntax or cannot be fulfilled.",
		Status: http.StatusBadRequest,
		Detail: "Bad request",
		Errors: []problemError{{"015-0008", "Unable to generate a token for the given request"}},
	})
}

// problem is the platform's error document. It has the members of problem+json and
// travels as application/json.
type problem struct {
	Title         string         `json:"title"`
	Type          string         `json:"type"`
	Status        int            `json:"status"`
	Detail        string         `json:"detail"`
	Errors        []problemError `json:"errors"`
	CorrelationID string         `json:"correlationId"`
}

type problemError struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (s *Server) problem(w http.ResponseWriter, p problem) {
	p.Type = "about:blank"
	p.CorrelationID = w.Header().Get("X-Correlation-Id")
	host.JSON(w, p.Status, "application/json", p)
}

// correlate gives the answer its own correlation id; the caller's is ignored. It
// reports false after answering 500 when there is no randomness.
func (s *Server) correlate(w http.ResponseWriter) bool {
	id, err := rules.UUID(s.opts.Rand)
	if err != nil {
		http.Error(w, "no randomness", http.StatusInternalServerError)
		return false
	}
	w.Header().Set("X-Correlation-Id", id)
	return true
}

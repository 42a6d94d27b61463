// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"fmt"
	"net/http"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// Refusal is why the gateway in front of the registry refused a request. It never goes
// over the wire.
type Refusal struct {
	Status int    // HTTP status sent
	Title  string // title sent, e.g. "InteroperabilityInvalidRequest"
	Name   string // the broken rule, e.g. "digest-mismatch"
	Detail string
}

// Error returns the broken rule and its detail.
func (r *Refusal) Error() string { return r.Name + ": " + r.Detail }

// LastRefusal returns the latest refusal, or nil when there was none yet.
func (s *Server) LastRefusal() *Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refusal
}

// govwayProblem is the error document of a GovWay gateway. Its detail is the same text
// for every reason.
type govwayProblem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	GovwayID string `json:"govway_id"`
}

// refuse notes the true reason and answers the generic problem of its class.
func (s *Server) refuse(ctx context.Context, w http.ResponseWriter, fault *rules.Fault) {
	switch fault.Class {
	case rules.ClassToken:
		w.Header().Set("WWW-Authenticate", `Bearer realm="ANPR", error="invalid_token"`)
		s.problem(ctx, w, http.StatusUnauthorized, "TokenAuthenticationFailed", "Token authentication failed", fault)
	case rules.ClassDenied:
		s.problem(ctx, w, http.StatusForbidden, "AuthorizationDeny", "Authorization deny", fault)
	case rules.ClassReplay:
		s.problem(ctx, w, http.StatusConflict, "Conflict", "Conflict detected", fault)
	case rules.ClassUnknown:
		s.problem(ctx, w, http.StatusServiceUnavailable, "APIUnavailable", "The API Implementation is temporary unavailable", fault)
	case rules.ClassProfile:
		s.problem(ctx, w, http.StatusBadRequest, "InteroperabilityInvalidRequest",
			"Received request is not conform to the required interoperability profile", fault)
	}
}

func (s *Server) problem(ctx context.Context, w http.ResponseWriter, status int, title, detail string, fault *rules.Fault) {
	s.mu.Lock()
	s.refusal = &Refusal{Status: status, Title: title, Name: fault.Name, Detail: fault.Detail}
	s.mu.Unlock()
	host.Refused(ctx, fault.Error())
	w.Header().Set("GovWay-Transaction-ErrorType", title)
	host.JSON(w, status, "application/problem+json", govwayProblem{
		Type:     fmt.Sprintf("https://govway.org/handling-errors/%d/%s.html", status, title),
		Title:    title,
		Status:   status,
		Detail:   detail,
		GovwayID: w.Header().Get("GovWay-Transaction-ID"),
	})
}

// transaction gives the answer its GovWay id. It reports false after answering 500 when
// there is no randomness.
func (s *Server) transaction(w http.ResponseWriter) bool {
	id, err := rules.UUID(s.opts.Rand)
	if err != nil {
		http.Error(w, "no randomness", http.StatusInternalServerError)
		return false
	}
	w.Header().Set("GovWay-Transaction-ID", id)
	return true
}

func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	if !s.transaction(w) {
		return
	}
	s.problem(r.Context(), w, http.StatusNotFound, "NotFound", "Unknown API Request",
		&rules.Fault{Class: rules.ClassProfile, Name: "path-unknown", Detail: "no such e-service or operation"})
}

// status answers the probe without a token, as GET /status of every e-service.
func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	if !s.transaction(w) {
		return
	}
	host.JSON(w, http.StatusOK, "application/problem+json", map[string]any{
		"type": "about:blank", "title": "OK", "status": http.StatusOK,
	})
}

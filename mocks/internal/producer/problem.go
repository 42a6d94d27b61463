// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package producer

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
func (g *Gate) LastRefusal() *Refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refusal
}

// GovWayProblem is the error document of a GovWay gateway. Its detail is the same text
// for every reason.
type GovWayProblem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	GovwayID string `json:"govway_id"`
}

// StatusOf is the HTTP status of a refusal.
func StatusOf(class rules.Class) int {
	switch class {
	case rules.ClassToken:
		return http.StatusUnauthorized
	case rules.ClassDenied:
		return http.StatusForbidden
	case rules.ClassReplay:
		return http.StatusConflict
	case rules.ClassUnknown:
		return http.StatusServiceUnavailable
	case rules.ClassProfile:
		return http.StatusBadRequest
	default:
		return http.StatusBadRequest
	}
}

// Refuse notes the true reason and answers the generic problem of its class.
func (g *Gate) Refuse(ctx context.Context, w http.ResponseWriter, fault *rules.Fault) {
	title, detail := "InteroperabilityInvalidRequest", "Received request is not conform to the required interoperability profile"
	switch fault.Class {
	case rules.ClassToken:
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+g.opts.Realm+`", error="invalid_token"`)
		title, detail = "TokenAuthenticationFailed", "Token authentication failed"
	case rules.ClassDenied:
		title, detail = "AuthorizationDeny", "Authorization deny"
	case rules.ClassReplay:
		title, detail = "Conflict", "Conflict detected"
	case rules.ClassUnknown:
		title, detail = "APIUnavailable", "The API Implementation is temporary unavailable"
	case rules.ClassProfile:
	}
	g.Problem(ctx, w, StatusOf(fault.Class), title, detail, fault)
}

// Note keeps the true reason of a refusal that the mock words itself.
func (g *Gate) Note(ctx context.Context, status int, fault *rules.Fault) {
	g.note(ctx, Refusal{Status: status, Name: fault.Name, Detail: fault.Detail}, fault)
}

func (g *Gate) note(ctx context.Context, refusal Refusal, fault *rules.Fault) {
	g.mu.Lock()
	g.refusal = &refusal
	g.mu.Unlock()
	host.Refused(ctx, fault.Error())
}

// Problem notes the true reason and answers a GovWay problem.
func (g *Gate) Problem(ctx context.Context, w http.ResponseWriter, status int, title, detail string, fault *rules.Fault) {
	g.note(ctx, Refusal{Status: status, Title: title, Name: fault.Name, Detail: fault.Detail}, fault)
	w.Header().Set("GovWay-Transaction-ErrorType", title)
	host.JSON(w, status, "application/problem+json", GovWayProblem{
		Type:     fmt.Sprintf("https://govway.org/handling-errors/%d/%s.html", status, title),
		Title:    title,
		Status:   status,
		Detail:   detail,
		GovwayID: w.Header().Get("GovWay-Transaction-ID"),
	})
}

// Transaction gives the answer its GovWay id. It reports false after answering 500 when
// there is no randomness.
func (g *Gate) Transaction(w http.ResponseWriter) bool {
	id, err := rules.UUID(g.opts.Rand)
	if err != nil {
		http.Error(w, "no randomness", http.StatusInternalServerError)
		return false
	}
	w.Header().Set("GovWay-Transaction-ID", id)
	return true
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"net/http"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/producer"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// Refusal is why the gateway in front of the registry refused a request. It never goes
// over the wire.
type Refusal = producer.Refusal

// LastRefusal returns the latest refusal, or nil when there was none yet.
func (s *Server) LastRefusal() *Refusal { return s.gate.LastRefusal() }

func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	if !s.gate.Transaction(w) {
		return
	}
	s.gate.Problem(r.Context(), w, http.StatusNotFound, "NotFound", "Unknown API Request",
		&rules.Fault{Class: rules.ClassProfile, Name: "path-unknown", Detail: "no such e-service or operation"})
}

// status answers the probe without a token, as GET /status of every e-service.
func (s *Server) status(w http.ResponseWriter, _ *http.Request) {
	if !s.gate.Transaction(w) {
		return
	}
	host.JSON(w, http.StatusOK, "application/problem+json", map[string]any{
		"type": "about:blank", "title": "OK", "status": http.StatusOK,
	})
}

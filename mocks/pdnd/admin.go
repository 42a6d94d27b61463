// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
)

// postKey serves POST /_mock/clients/{id}/keys and /_mock/keychains/{id}/keys: the body
// is the PEM, the answer {"kid": ...}.
func (s *Server) postKey(add func(id string, pem []byte) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		if err != nil {
			http.Error(w, "unreadable body", http.StatusBadRequest)
			return
		}
		kid, err := add(r.PathValue("id"), body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		host.JSON(w, http.StatusCreated, "application/json", map[string]string{"kid": kid})
	}
}

func (s *Server) deleteKey(w http.ResponseWriter, r *http.Request) {
	if err := s.RemoveKey(r.PathValue("kid")); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// putState serves PUT /_mock/purposes/{id}/state and /_mock/agreements/{id}/state, the
// latter by the purpose: {"state": "SUSPENDED"}.
func (s *Server) putState(change func(id, state string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			State string `json:"state"`
		}
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<10)).Decode(&body); err != nil || body.State == "" {
			http.Error(w, `expected {"state": "..."}`, http.StatusBadRequest)
			return
		}
		if err := change(r.PathValue("id"), body.State); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// putPropagation serves PUT /_mock/propagation {"seconds": 10}.
func (s *Server) putPropagation(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Seconds float64 `json:"seconds"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, 1<<10)).Decode(&body)
	if err != nil || body.Seconds < 0 || body.Seconds > 86400 {
		http.Error(w, `expected {"seconds": 0 to 86400}`, http.StatusBadRequest)
		return
	}
	s.SetPropagationDelay(time.Duration(body.Seconds * float64(time.Second)))
	w.WriteHeader(http.StatusNoContent)
}

// purgeEvents serves DELETE /_mock/events: every event so far is forgotten.
func (s *Server) purgeEvents(w http.ResponseWriter, _ *http.Request) {
	s.world.Log().Purge(s.opts.Clock().Add(time.Nanosecond))
	w.WriteHeader(http.StatusNoContent)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package host

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/snodo-pa/snodo/mocks/faults"
)

// admin serves the surface for people who run the mock from a shell:
// PUT /_mock/faults with a JSON list replaces the faults, GET shows them, DELETE clears.
// Every other path goes to the mock.
func (h *Host) admin(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc("GET /_mock/faults", func(w http.ResponseWriter, _ *http.Request) {
		JSON(w, http.StatusOK, "application/json", h.faults.Active())
	})
	mux.HandleFunc("DELETE /_mock/faults", func(w http.ResponseWriter, _ *http.Request) {
		if err := h.faults.Put(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("PUT /_mock/faults", func(w http.ResponseWriter, r *http.Request) {
		var list []faults.Fault
		dec := json.NewDecoder(io.LimitReader(r.Body, 64<<10))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&list); err != nil {
			http.Error(w, "not a JSON list of faults: "+err.Error(), http.StatusBadRequest)
			return
		}
		if err := h.faults.Put(list...); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// JSON writes a value as the whole answer. A client that has left is not an error.
func JSON(w http.ResponseWriter, status int, contentType string, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "the answer cannot be encoded", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package procedure is a runnable stand-in for the back end of an ente's procedure: it
// tells the state of an istanza.
//
// It owns a few invented istanze and answers plain JSON over HTTP, as the software behind
// an exposed e-service does: it knows nothing of PDND or ModI. It depends on
// mocks/internal/host and the standard library.
package procedure

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
)

// Stato is the state of an istanza.
type Stato string

// The states.
const (
	Presentata            Stato = "presentata"
	InLavorazione         Stato = "in_lavorazione"
	IntegrazioneRichiesta Stato = "integrazione_richiesta"
	Accolta               Stato = "accolta"
	Respinta              Stato = "respinta"
)

// Istanza is an application to the ente and its state.
type Istanza struct {
	// Numero like PRT-2026-0000123: the register, the year, seven digits.
	Numero       string    `json:"istanza"`
	Stato        Stato     `json:"stato"`
	AggiornataIl time.Time `json:"aggiornata_il"`
	Ufficio      string    `json:"ufficio"`
	Responsabile string    `json:"responsabile"`
}

// Options configure a [Server]. The zero value is good for tests.
type Options struct {
	// Clock is the time of the recorded requests; time.Now when nil.
	Clock func() time.Time
	// Istanze known to the back end; [Istanze] when nil.
	Istanze []Istanza
}

// Server is the mock back end. It is safe for concurrent use.
type Server struct {
	*host.Host
	istanze map[string]Istanza
}

var reNumero = regexp.MustCompile(`^[A-Z]{3}-[0-9]{4}-[0-9]{7}$`)

// New makes a back end.
func New(opts Options) *Server {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Istanze == nil {
		opts.Istanze = Istanze()
	}
	s := &Server{istanze: make(map[string]Istanza, len(opts.Istanze))}
	for _, i := range opts.Istanze {
		s.istanze[i.Numero] = i
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /istanze/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r.PathValue("id"))
	})
	mux.HandleFunc("POST /ricerche", s.search)
	s.Host = host.New(mux, nil, opts.Clock)
	return s
}

// Istanze returns the invented istanze, one per state and a fresh copy at each call.
func Istanze() []Istanza {
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 30, 0, 0, time.UTC)
	}
	return []Istanza{
		{"PRT-2026-0000123", InLavorazione, at(time.September, 14, 8), "Ufficio Tributi", "Elena Neri"},
		{"PRT-2026-0000124", Presentata, at(time.October, 2, 9), "Ufficio Tributi", "Elena Neri"},
		{"PRT-2026-0000125", IntegrazioneRichiesta, at(time.October, 5, 10), "Sportello Edilizia", "Pietro Morandi"},
		{"PRT-2026-0000126", Accolta, at(time.July, 21, 7), "Servizi Scolastici", "Sara Galli"},
		{"PRT-2026-0000127", Respinta, at(time.August, 3, 11), "Servizi Scolastici", "Sara Galli"},
	}
}

// search serves POST /ricerche: {"istanza": "..."} and nothing else.
func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Istanza string `json:"istanza"`
	}
	dec := json.NewDecoder(io.LimitReader(r.Body, 1<<16))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&request); err != nil || dec.More() {
		problem(w, http.StatusBadRequest, "Richiesta non valida", "il corpo non è una ricerca")
		return
	}
	s.answer(w, request.Istanza)
}

func (s *Server) answer(w http.ResponseWriter, numero string) {
	if !reNumero.MatchString(numero) {
		problem(w, http.StatusBadRequest, "Richiesta non valida", "il numero di istanza non è ben formato")
		return
	}
	i, ok := s.istanze[numero]
	if !ok {
		problem(w, http.StatusNotFound, "Istanza non trovata", "nessuna istanza ha questo numero")
		return
	}
	host.JSON(w, http.StatusOK, "application/json", i)
}

func problem(w http.ResponseWriter, status int, title, detail string) {
	host.JSON(w, status, "application/problem+json", map[string]any{
		"type": "about:blank", "title": title, "status": status, "detail": detail,
	})
}

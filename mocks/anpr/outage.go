// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// OutageKind is what a bad hour of the registry looks like.
type OutageKind string

// The kinds of outage, all seen at the real one.
const (
	// Silence closes the connection without a byte.
	Silence OutageKind = "silenzio"
	// Unavailable is the gateway's 503, with Retry-After.
	Unavailable OutageKind = "indisponibile"
	// Unexplained is the gateway's 400 without a reason.
	Unexplained OutageKind = "400-senza-motivo"
	// Lost is a 404 of nobody known, about a service that is there.
	Lost OutageKind = "404-errato"
	// Limited is a 429 below the quota.
	Limited OutageKind = "429"
)

// Outage is one kind of trouble at certain hours.
type Outage struct {
	Kind OutageKind `json:"tipo"`
	// From and To are times of the day in Rome, 15:04; To lies after From. Both empty is
	// always.
	From string `json:"dalle,omitempty"`
	To   string `json:"alle,omitempty"`
	// Days limits it to days of the week, 0 is Sunday; empty is every day.
	Days []time.Weekday `json:"giorni,omitempty"`
	// CasoUso limits it to one e-service.
	CasoUso string `json:"casoUso,omitempty"`
	// Every hits one request in so many; 0 and 1 hit each.
	Every int `json:"ogni,omitempty"`
}

// ErrOutage means that an outage is described wrongly.
var ErrOutage = errors.New("invalid outage")

func (o Outage) validate() error {
	if !slices.Contains([]OutageKind{Silence, Unavailable, Unexplained, Lost, Limited}, o.Kind) {
		return fmt.Errorf("%w: unknown kind %q", ErrOutage, o.Kind)
	}
	if o.From == "" && o.To == "" {
		return nil
	}
	for _, text := range []string{o.From, o.To} {
		if at, err := time.Parse("15:04", text); err != nil || at.Format("15:04") != text {
			return fmt.Errorf("%w: %q is no time of the day such as 02:30", ErrOutage, text)
		}
	}
	if o.From >= o.To {
		return fmt.Errorf("%w: %s is not after %s", ErrOutage, o.To, o.From)
	}
	return nil
}

func (o Outage) covers(local time.Time, casoUso string) bool {
	now := local.Format("15:04")
	return (o.CasoUso == "" || o.CasoUso == casoUso) &&
		(len(o.Days) == 0 || slices.Contains(o.Days, local.Weekday())) &&
		(o.From == "" || now >= o.From && now < o.To)
}

// schedule is the list of outages. It is safe for concurrent use.
type schedule struct {
	mu   sync.Mutex
	list []Outage
	seen []int
}

func (s *schedule) put(list []Outage) error {
	for _, o := range list {
		if err := o.validate(); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list, s.seen = slices.Clone(list), make([]int, len(list))
	return nil
}

func (s *schedule) active() []Outage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Outage{}, s.list...)
}

// hits returns the outage a request falls into.
func (s *schedule) hits(local time.Time, casoUso string) (OutageKind, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.list {
		if !o.covers(local, casoUso) {
			continue
		}
		if s.seen[i]++; o.Every <= 1 || s.seen[i]%o.Every == 0 {
			return o.Kind, true
		}
	}
	return "", false
}

// SetOutages replaces the outages. A wrong one is an error that wraps [ErrOutage], and
// nothing changes.
func (s *Server) SetOutages(list ...Outage) error { return s.outages.put(list) }

func (s *Server) putOutages(w http.ResponseWriter, r *http.Request) {
	var list []Outage
	dec := json.NewDecoder(io.LimitReader(r.Body, 64<<10))
	dec.DisallowUnknownFields()
	err := dec.Decode(&list)
	if err == nil {
		err = s.outages.put(list)
	}
	if err != nil {
		http.Error(w, "not a JSON list of outages: "+err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// outage stands before every e-service and answers as the outage of the hour wants.
func (s *Server) outage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind, hit := s.outages.hits(s.opts.Clock().In(s.rome), s.casoUso(r.URL.EscapedPath()))
		if !hit || strings.HasPrefix(r.URL.Path, "/_mock/") {
			next.ServeHTTP(w, r)
			return
		}
		s.suffer(w, r, kind)
	})
}

// casoUso names the e-service a path belongs to, "" when there is none.
func (s *Server) casoUso(path string) string {
	for _, service := range s.opts.Services {
		if strings.HasPrefix(path, service.Path+"/") {
			return service.CasoUso
		}
	}
	return ""
}

func (s *Server) suffer(w http.ResponseWriter, r *http.Request, kind OutageKind) {
	if !s.gate.Transaction(w) {
		return
	}
	fault := &rules.Fault{Class: rules.ClassProfile, Name: "outage", Detail: "the schedule of outages says " + string(kind)}
	switch kind {
	case Silence:
		panic(http.ErrAbortHandler)
	case Unavailable:
		w.Header().Set("Retry-After", "120")
		s.gate.Problem(r.Context(), w, http.StatusServiceUnavailable, "APIUnavailable", "The API Implementation is temporary unavailable", fault)
	case Unexplained:
		s.gate.Refuse(r.Context(), w, fault)
	case Limited:
		s.gate.Problem(r.Context(), w, http.StatusTooManyRequests, "TooManyRequests", "Too many requests detected", fault)
	case Lost:
		s.gate.Note(r.Context(), http.StatusNotFound, fault)
		host.JSON(w, http.StatusNotFound, "application/json", map[string]any{"title": "Not Found", "status": http.StatusNotFound})
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"context"
	"errors"
	"time"

	siope "github.com/snodo-pa/snodo/adapters/tesoreria"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

// wrapped is SIOPE+ with something between it and the desk.
type wrapped struct {
	tesoreria.Siope
	uploads int
	upload  func(n int) error                                  // before the nth upload leaves; an error keeps it from leaving
	fetched func(location string, data []byte) ([]byte, error) // what becomes of what was fetched
	more    map[string]map[string][]byte                       // messages of a list, by location
	now     func() time.Time
}

func (s *wrapped) Upload(ctx context.Context, document []byte) (tesoreria.Upload, error) {
	s.uploads++
	if s.upload != nil {
		if err := s.upload(s.uploads); err != nil {
			return tesoreria.Upload{}, err
		}
	}
	return s.Siope.Upload(ctx, document)
}

func (s *wrapped) List(ctx context.Context, list string, from, to time.Time, page int, fresh bool) ([]tesoreria.Item, int, error) {
	items, pages, err := s.Siope.List(ctx, list, from, to, page, fresh)
	for location := range s.more[list] {
		items = append(items, tesoreria.Item{Location: location, At: s.now()})
	}
	return items, pages, err
}

func (s *wrapped) Fetch(ctx context.Context, location string) ([]byte, error) {
	for _, of := range s.more {
		if data := of[location]; data != nil {
			return data, nil
		}
	}
	data, err := s.Siope.Fetch(ctx, location)
	if err == nil && s.fetched != nil {
		return s.fetched(location, data)
	}
	return data, err
}

// wrap puts something between the desk and SIOPE+.
func (w *treasury) wrap(s *wrapped, more ...func(*config.Tesoreria)) {
	w.t.Helper()
	w.open(func(o *tesoreria.Options, c *config.Tesoreria) {
		for _, change := range more {
			change(c)
		}
		inner := o.Siope
		s.now = w.clock.Now
		o.Siope = func(ente string) (tesoreria.Siope, error) {
			var err error
			s.Siope, err = inner(ente)
			return s, err
		}
	})
}

var errNobodyThere = errors.Join(siope.ErrNotSent, errors.New("connection refused"))

// events are those of an operation in the evidence.
func (w *treasury) events(operation string) []evidence.Stored {
	w.t.Helper()
	kept, err := w.log.List(w.t.Context(), evidence.Query{Ente: comune, Kind: evidence.KindTesoreriaEvento})
	if err != nil {
		w.t.Fatal(err)
	}
	var found []evidence.Stored
	for _, s := range kept {
		if s.Operation == operation {
			found = append(found, s)
		}
	}
	return found
}

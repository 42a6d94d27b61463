// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package segnatura

import (
	"context"
	"net/http"
	"testing"

	"github.com/snodo-pa/snodo/internal/outbound"
)

// whole answers at once, pieces as they come.
type whole struct{}

func (whole) Do(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
	return &outbound.Response{Status: http.StatusOK}, nil
}

type pieces struct{ whole }

func (pieces) Stream(context.Context, *http.Request) (*outbound.Stream, error) {
	return &outbound.Stream{Status: http.StatusOK}, nil
}

func TestStreamsAreHandedOnToABackEndThatHasThem(t *testing.T) {
	s, err := (&receiver{next: pieces{}}).Stream(t.Context(), nil)
	if err != nil || s.Status != http.StatusOK {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := (&receiver{next: whole{}}).Stream(t.Context(), nil); outbound.ReasonOf(err) != outbound.ReasonPrepare {
		t.Errorf("a back end that has none: %v", err)
	}
}

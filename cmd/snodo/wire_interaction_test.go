// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/outbound"
)

// told is a back end that says by which door it was entered.
type told struct{ name string }

func (b *told) Do(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
	return &outbound.Response{Header: http.Header{"Via": {b.name}}}, nil
}

// toldStreams streams too.
type toldStreams struct{ told }

func (b *toldStreams) Stream(context.Context, *http.Request) (*outbound.Stream, error) {
	return nil, nil
} //nolint:nilnil // nothing is read

// TestAnEServiceMayStreamBesideItsInteractions: bulk operations need the back end to stream, whatever stands in front of it.
func TestAnEServiceMayStreamBesideItsInteractions(t *testing.T) {
	front, behind := &told{"front"}, &toldStreams{told{"behind"}}
	both := alsoStreams(front, behind)
	if _, ok := both.(gateway.Streamer); !ok {
		t.Fatal("it does not stream")
	}
	answer, err := both.Do(t.Context(), nil, outbound.Exchange{})
	if err != nil || answer.Header.Get("Via") != "front" {
		t.Errorf("%+v %v", answer, err)
	}
	if _, ok := alsoStreams(front, &told{"behind"}).(gateway.Streamer); ok {
		t.Error("a back end that does not stream was made to")
	}
	if _, ok := alsoStreams(front, nil).(gateway.Streamer); ok {
		t.Error("no back end was made to stream")
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
)

// endless is a replay cache that has seen nothing: a benchmark sends one request many times.
type endless struct{ replay.Cache }

func (endless) Use(context.Context, time.Time, ...replay.Key) error { return nil }

// deaf is a log that keeps nothing: memory does not grow with the runs.
type deaf struct{}

func (deaf) Append(_ context.Context, r evidence.Record) (evidence.Receipt, error) {
	return evidence.Receipt{Ente: r.Ente}, nil
}

// BenchmarkServe measures the pipeline without HTTP, replay and durable evidence: voucher cached, one integrity token
// and one tracking evidence verified, OpenAPI checked both ways.
func BenchmarkServe(b *testing.B) {
	for name, change := range map[string]func(*config.Config){
		"answer signed":   func(*config.Config) {},
		"answer unsigned": func(c *config.Config) { c.Exposes["pratiche"].Patterns.Response = nil },
		"no tracking evidence": func(c *config.Config) {
			c.Exposes["pratiche"].Patterns.Response = nil
			c.Exposes["pratiche"].Patterns.Request = []modi.Pattern{modi.PatternIntegrityREST02}
		},
	} {
		b.Run(name, func(b *testing.B) {
			w := newInWorld(b, change)
			call := w.newCall()
			if name == "no tracking evidence" {
				call.noAudit = true
			}
			in := call.build(b)
			w.Replay = endless{w.replays}
			w.Log = deaf{}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Serve(context.Background(), in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAcquire measures the pipeline without wire, voucher and durable evidence: one provenance signature.
func BenchmarkAcquire(b *testing.B) {
	w := newOutWorld(b)
	w.Log = deaf{}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Acquire(context.Background(), newAcquisition()); err != nil {
			b.Fatal(err)
		}
	}
}

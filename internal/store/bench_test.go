// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/evidencetest"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// BenchmarkAppendExchange measures the evidence of one exchange, intent and outcome, kept by as many callers as the hub
// serves under load.
func BenchmarkAppendExchange(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run("callers="+strconv.Itoa(callers), func(b *testing.B) {
			cfg, _ := evidencetest.Config(b)
			cfg.CheckpointEvery = evidence.DefaultCheckpointEvery
			l := evidencetest.Start(b, storetest.SQLite(b).Migrated(b, time.Now).Evidence(), cfg)
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(callers) // callers per processor
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					intent := evidencetest.Intent(evidencetest.EnteA, "x"+strconv.FormatInt(n.Add(1), 10))
					r, err := l.Append(b.Context(), intent)
					if err != nil {
						b.Error(err)
						return
					}
					if _, err := l.Append(b.Context(), evidencetest.Outcome(intent, r.Index)); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkReplayUse(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run("callers="+strconv.Itoa(callers), func(b *testing.B) {
			cache, err := storetest.SQLite(b).Migrated(b, time.Now).Replay(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			expires := time.Now().Add(time.Hour)
			var n atomic.Int64
			b.ReportAllocs()
			b.SetParallelism(callers)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					k := replaytest.Key(strconv.FormatInt(n.Add(1), 10))
					if err := cache.Use(b.Context(), expires, k); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkCounterNext(b *testing.B) {
	state := storetest.SQLite(b).Migrated(b, time.Now).State()
	for b.Loop() {
		if _, err := state.Next(b.Context(), "c_z001", "anpr"); err != nil {
			b.Fatal(err)
		}
	}
}

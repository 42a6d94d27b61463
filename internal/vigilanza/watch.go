// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package vigilanza

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Watch tells the log of the indicators that come near to their thresholds, each once a day
// for each level. It is safe for concurrent use.
type Watch struct {
	book *Book
	log  *slog.Logger

	mu   sync.Mutex
	day  string
	told map[[5]string]bool
}

// NewWatch watches what a book shows.
func NewWatch(b *Book, log *slog.Logger) *Watch { return &Watch{book: b, log: log} }

// Look computes the indicators and returns of how many it told. The error means "don't know".
func (w *Watch) Look(ctx context.Context, _ time.Time) (int, error) {
	list, err := w.book.Vigilance(ctx)
	if err != nil {
		return 0, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, i := range list {
		if i.Giorno != w.day {
			w.day, w.told = i.Giorno, map[[5]string]bool{}
		}
		key := [5]string{i.Indicatore, i.Ambiente, i.Servizio, i.Fruitore, string(i.Livello)}
		if i.Livello == Regolare || w.told[key] {
			continue
		}
		w.told[key] = true
		n++
		w.log.LogAttrs(ctx, slog.LevelWarn, "vigilanza: chiamate vicine o oltre la soglia di un indicatore",
			slog.String("indicatore", i.Indicatore), slog.String("livello", string(i.Livello)), slog.String("ambiente", i.Ambiente),
			slog.String("servizio", i.Servizio), slog.String("enti", strings.Join(i.Enti, ",")), slog.Int64("chiamate", i.Chiamate),
			slog.Float64("media", i.Media), slog.Int64("soglia", i.Soglia))
	}
	return n, nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/obs"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/vigilanza"
)

// lastSync is what the ledger gets to store its last calls when the hub closes.
const lastSync = 5 * time.Second

// openLedger opens the count of the day, which must be known before the first call.
func (h *hub) openLedger(ctx context.Context) error {
	var err error
	if h.rome, err = time.LoadLocation("Europe/Rome"); err != nil {
		return bilingual.Errorf("fuso orario delle quote: %w", "time zone of the quotas: %w", err)
	}
	h.ledger, err = quota.New(quota.Config{
		Store: h.store.Quota(), Clock: h.app.clock, Location: h.rome, Shared: h.store.Dialect() != store.DialectSQLite, Warn: h.quotaWarning,
	})
	if err == nil {
		err = h.ledger.Reread(ctx)
	}
	if err == nil {
		err = h.ledger.Sync(ctx)
	}
	if err != nil {
		return bilingual.Errorf("lettura delle quote: %w", "read quotas: %w", err)
	}
	h.onClose(func() error { // exchanges may have ended after the ledger stopped syncing
		last, cancel := context.WithTimeout(context.Background(), lastSync)
		defer cancel()
		return h.ledger.Sync(last)
	})
	h.book = &vigilanza.Book{Config: h.config, Ledger: h.ledger, Store: h.store.Quota(), Clock: h.app.clock, Location: h.rome}
	h.watch = vigilanza.NewWatch(h.book, h.logger)
	h.metrics.Quotas(h.quotaStates)
	return nil
}

// quotaWarning tells whoever reads the log, while calls can still be spread.
func (h *hub) quotaWarning(w quota.Warning) {
	h.logger.LogAttrs(context.Background(), slog.LevelWarn, "quota giornaliera quasi esaurita",
		slog.String("direzione", string(w.Direction)), slog.String("ambiente", w.Environment), slog.String("eservice", w.Eservice),
		slog.String("fruitore", w.Consumer), slog.String("finalita", w.Purpose), slog.String("limite_di", string(w.Reason)),
		slog.Int64("usate", w.Used), slog.Int64("limite", w.Limit))
}

func (h *hub) quotaFailed(err error) {
	h.logger.LogAttrs(context.Background(), slog.LevelWarn, "quote non registrate: si riprova", slog.String("errore", err.Error()))
}

// quotaStates are what metrics show of the ledger. What a consumer used is a part of its
// e-service's calls and counts once.
func (h *hub) quotaStates() []obs.QuotaState {
	var out []obs.QuotaState
	for _, q := range h.book.Quotas() {
		s := obs.QuotaState{Direction: q.Direzione, Environment: q.Ambiente, Service: q.Servizio, Calls: q.Usate, Stopped: q.Fermo}
		if q.Limite > 0 {
			s.Ratio = float64(q.Usate) / float64(q.Limite)
		}
		if q.Direzione == string(quota.In) && q.Fruitore != "" {
			s.Calls = 0
		}
		out = append(out, s)
	}
	return out
}

// purgeQuotas forgets the days that no mean needs any more.
func (h *hub) purgeQuotas(ctx context.Context, now time.Time) (int, error) {
	return h.store.Quota().PurgeUsage(ctx, now.In(h.rome).AddDate(0, 0, -quota.KeptDays).Format(time.DateOnly))
}

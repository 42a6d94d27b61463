// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/store"
)

// openEvidence opens the logs of all enti and closes as unknown the intents that a
// former process left open.
func (h *hub) openEvidence(ctx context.Context) error {
	master, err := keys.LoadMasterKey(h.config.Path(h.config.Hub.MasterKeyFile))
	if err != nil {
		return bilingual.Errorf("chiave master: %w", "master key: %w", err)
	}
	if h.sealer, err = seal.New(master, h.app.rand); err != nil {
		return bilingual.Errorf("chiave master: %w", "master key: %w", err)
	}
	settings := evidence.Config{
		Hub: h.config.Hub.Name, Sealer: h.sealer, Signers: h.checkpointSigners, Clock: h.app.clock, Rand: h.app.rand,
		Logger: h.logger, CheckpointInterval: h.config.Hub.Evidence.CheckpointEvery,
	}
	if file := h.config.Hub.Evidence.CheckpointFile; file != "" {
		sink, err := evidence.OpenFileSink(h.config.Path(file))
		if err != nil {
			return bilingual.Errorf("file dei checkpoint: %w", "checkpoint file: %w", err)
		}
		h.onClose(sink.Close)
		settings.Sink = sink
	}
	if h.evidence, err = evidence.Open(h.store.Evidence(), settings); err != nil {
		return bilingual.Errorf("apertura delle prove: %w", "open evidence: %w", err)
	}
	h.onClose(h.evidence.Close)
	if _, err := h.closeUnknown(ctx, h.abandonedBefore()); err != nil {
		return bilingual.Errorf("chiusura degli scambi rimasti aperti: %w", "close exchanges left open: %w", err)
	}
	return nil
}

// closeUnknown closes the exchanges begun before an instant and still without outcome.
func (h *hub) closeUnknown(ctx context.Context, before time.Time) (int, error) {
	closed, err := h.evidence.CloseUnknown(ctx, before)
	if closed > 0 {
		h.logger.LogAttrs(ctx, slog.LevelWarn, "scambi senza esito chiusi come sconosciuto", slog.Int("quanti", closed))
	}
	return closed, err
}

// abandonedBefore is the instant before which, at start, an open intent has nobody who
// could still close it: on SQLite this process is alone; on PostgreSQL others may still
// be at work, and what is too recent to tell is closed later (tidy).
func (h *hub) abandonedBefore() time.Time {
	if h.store.Dialect() == store.DialectSQLite {
		return h.started
	}
	return h.started.Add(-longestExchange(h.config))
}

// checkpointSigners are the keys of an ente's log: the one that signs and those that
// signed before it.
func (h *hub) checkpointSigners(ente string) (evidence.Signers, error) {
	origin := evidence.Origin(h.config.Hub.Name, ente)
	key, err := h.ring.Checkpoint(ente)
	if err != nil {
		return evidence.Signers{}, err
	}
	signer, err := evidence.NewSigner(origin, key)
	if err != nil {
		return evidence.Signers{}, err
	}
	retired, err := h.ring.PreviousCheckpoints(ente)
	if err != nil {
		return evidence.Signers{}, err
	}
	signers := evidence.Signers{Current: signer}
	for _, public := range retired {
		vkey, err := evidence.VerifierKey(origin, public)
		if err != nil {
			return evidence.Signers{}, err
		}
		signers.Retired = append(signers.Retired, vkey)
	}
	return signers, nil
}

func (h *hub) checkpointKey(ente string) (string, error) {
	signers, err := h.checkpointSigners(ente)
	if err != nil {
		return "", err
	}
	return signers.Current.VerifierKey(), nil
}

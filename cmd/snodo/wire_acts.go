// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/keys/rotation"
	"github.com/snodo-pa/snodo/internal/obs"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
)

// acts keeps in the evidence what commands do on PDND in the name of the enti.
func (h *hub) acts() *acts.Log {
	return acts.NewLog(h.evidence, func() (string, error) { return "atto-" + rand.Text(), nil })
}

// reloadKeys opens the keys of the configuration again and tells which one is in use at a
// setting. The keys in use stay when one cannot be opened.
func (h *hub) reloadKeys(ctx context.Context, ente, setting string) (string, error) {
	subject, err := rotation.Find(h.config, ente, setting)
	if err != nil {
		return "", err
	}
	if err := h.ring.Reload(); err != nil {
		return "", err
	}
	h.keyAges.Store(h.watchKeys())
	kid, err := h.ring.KID(subject)
	if err == nil {
		h.logger.LogAttrs(ctx, slog.LevelInfo, "chiavi riaperte", slog.String("ente", ente), slog.String("chiave", setting), slog.String("kid", kid))
	}
	return kid, err
}

// refreshKeys takes up the keys that another replica's rotation put in the folder they share.
func (h *hub) refreshKeys(ctx context.Context, _ time.Time) (int, error) {
	now := h.watchKeys()
	if before := h.keyAges.Load(); before != nil && *before == *now {
		return 0, nil
	}
	if err := h.ring.Reload(); err != nil {
		return 0, err
	}
	h.keyAges.Store(now)
	h.watchCertificates()
	h.logger.LogAttrs(ctx, slog.LevelInfo, "chiavi riaperte: una è cambiata nella cartella")
	return 1, nil
}

// watchKeys shows the age of every key that PDND knows and the hub can date, that of its file,
// and returns a text that changes when one of them does.
func (h *hub) watchKeys() *string {
	var all []obs.Key
	var ages strings.Builder
	for _, s := range rotation.Subjects(h.config) {
		file, err := s.Path(h.config)
		if err != nil {
			continue // a token or a PKCS#12 file is dated by whoever made it
		}
		if info, err := os.Stat(file); err == nil {
			all = append(all, obs.Key{Ente: s.Ente, Setting: s.Setting, Since: info.ModTime()})
			fmt.Fprintf(&ages, "%s %s %d\n", s.Ente, s.Setting, info.ModTime().UnixNano())
		}
	}
	h.metrics.Keys(h.app.clock, all)
	h.watchCertificates()
	text := ages.String()
	return &text
}

// watchCertificates shows how long the certificates of the ring's keys still last.
func (h *hub) watchCertificates() {
	var all []obs.Certificate
	for _, c := range h.ring.Certificates() {
		all = append(all, obs.Certificate{Kind: "firma", Name: c.Where, NotAfter: c.Leaf.NotAfter})
	}
	h.metrics.Certificates(h.app.clock, all)
}

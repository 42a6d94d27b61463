// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package rotation replaces the keys of the hub that PDND knows, while the hub is in use.
//
// It owns the life of a key (made, uploaded, live, in use, retired), its durable state, which
// stands in a file beside the key, and the ring that changes its keys without a restart. It
// depends on internal/keys for the keys and on package acts for the record of what was done
// on PDND, which it reaches through the interface Platform: the process that serves links
// this package, and must not link one that can write there.
package rotation

import (
	"crypto"
	"crypto/ed25519"
	"sync"
	"sync/atomic"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Live is a keys.Ring that is opened anew while it is in use. Whoever asks it for a key on
// every call has the new one from the next call on; what was signed stays signed. It is safe
// for concurrent use.
type Live struct {
	open func() (*keys.Ring, error)
	enti []string
	mu   sync.Mutex // one opening at a time
	ring atomic.Pointer[keys.Ring]
}

// NewLive opens the ring for the first time. open is called again by Reload, with the same
// configuration; enti are those it has.
func NewLive(enti []string, open func() (*keys.Ring, error)) (*Live, error) {
	ring, err := open()
	if err != nil {
		return nil, err
	}
	l := &Live{open: open, enti: enti}
	l.ring.Store(ring)
	return l, nil
}

// ErrSealChanged reports that a seal of an ente is another one: the log of evidence is being
// signed with it, so that it changes with a restart only.
var ErrSealChanged = bilingual.New("il sigillo di un ente è cambiato: si cambia solo riavviando", "the seal of an ente has changed: it changes with a restart only")

// Reload opens every key again. On an error the ring in use stays as it is.
func (l *Live) Reload() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	next, err := l.open()
	if err != nil {
		return err
	}
	for _, ente := range l.enti {
		if !sameSeals(l.ring.Load(), next, ente) {
			return bilingual.Errorf("%s: %w", "%s: %w", ente, ErrSealChanged)
		}
	}
	l.ring.Store(next)
	return nil
}

func sameSeals(a, b *keys.Ring, ente string) bool {
	before, errBefore := a.Provenance(ente)
	after, errAfter := b.Provenance(ente)
	if (errBefore == nil) != (errAfter == nil) || errBefore == nil && before.KID != after.KID {
		return false
	}
	old, errOld := a.Checkpoint(ente)
	current, errCurrent := b.Checkpoint(ente)
	return (errOld == nil) == (errCurrent == nil) && old.Equal(crypto.PrivateKey(current))
}

// Client is that of the ring in use.
func (l *Live) Client(ente, name string) (keys.Client, error) {
	return l.ring.Load().Client(ente, name)
}

// APIClient is that of the ring in use.
func (l *Live) APIClient(ente, environment string) (keys.Client, error) {
	return l.ring.Load().APIClient(ente, environment)
}

// Keychain is that of the ring in use.
func (l *Live) Keychain(ente, name string) (keys.Keychain, error) {
	return l.ring.Load().Keychain(ente, name)
}

// Provenance is that of the ring in use.
func (l *Live) Provenance(ente string) (token.SigningKey, error) {
	return l.ring.Load().Provenance(ente)
}

// PreviousProvenance is that of the ring in use.
func (l *Live) PreviousProvenance(ente string) ([]modi.Key, error) {
	return l.ring.Load().PreviousProvenance(ente)
}

// Identity returns the key with which the ente tells its back ends who calls.
func (l *Live) Identity(ente string) (token.SigningKey, error) {
	return l.ring.Load().Identity(ente)
}

// PreviousIdentities returns the public keys that did before.
func (l *Live) PreviousIdentities(ente string) ([]modi.Key, error) {
	return l.ring.Load().PreviousIdentities(ente)
}

// Checkpoint is that of the ring in use.
func (l *Live) Checkpoint(ente string) (ed25519.PrivateKey, error) {
	return l.ring.Load().Checkpoint(ente)
}

// PreviousCheckpoints is that of the ring in use.
func (l *Live) PreviousCheckpoints(ente string) ([]ed25519.PublicKey, error) {
	return l.ring.Load().PreviousCheckpoints(ente)
}

// Certificates is that of the ring in use.
func (l *Live) Certificates() []keys.Certificate { return l.ring.Load().Certificates() }

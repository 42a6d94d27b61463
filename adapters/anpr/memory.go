// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// Bounds of what is remembered: people, and for how long.
const (
	maxRemembered = 10_000
	longestMemory = 24 * time.Hour
)

// memory holds the idANPR of people asked for lately, and no other datum of theirs. A
// person is known by an HMAC of ente, environment and codice fiscale, the idANPR is
// sealed (AES-256-GCM); both keys are made at start, live in this process alone and are
// never written anywhere. It is safe for concurrent use.
type memory struct {
	clock modi.Clock
	index []byte
	seal  cipher.AEAD

	mu      sync.Mutex
	entries map[[sha256.Size]byte]remembered
}

type remembered struct {
	sealed []byte // nonce and ciphertext
	until  time.Time
}

func newMemory(clock modi.Clock) (*memory, error) {
	key := make([]byte, 64)
	rand.Read(key) // never fails
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		return nil, fmt.Errorf("make the cipher of the idANPR: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make the cipher of the idANPR: %w", err)
	}
	return &memory{clock: clock, index: key[32:], seal: seal, entries: map[[sha256.Size]byte]remembered{}}, nil
}

// of names a person of an ente in an environment.
func (m *memory) of(s *registry.Scope, codiceFiscale string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, m.index)
	mac.Write([]byte(s.Ente + "\x00" + s.Environment + "\x00" + codiceFiscale))
	return [sha256.Size]byte(mac.Sum(nil))
}

// get returns a remembered idANPR that has not expired.
func (m *memory) get(s *registry.Scope, codiceFiscale string) (string, bool) {
	who := m.of(s, codiceFiscale)
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[who]
	if !ok {
		return "", false
	}
	if !m.clock().Before(e.until) {
		delete(m.entries, who)
		return "", false
	}
	plain, err := m.seal.Open(nil, nil, e.sealed, who[:])
	return string(plain), err == nil
}

// put remembers an idANPR for a time; 0 is not at all. When there are too many, those
// that have expired go, then any.
func (m *memory) put(s *registry.Scope, codiceFiscale, idANPR string, keep time.Duration) {
	if keep <= 0 {
		return
	}
	who := m.of(s, codiceFiscale)
	now := m.clock()
	sealed := m.seal.Seal(nil, nil, []byte(idANPR), who[:]) //nolint:gosec // this AEAD makes the nonce itself, at random
	e := remembered{sealed: sealed, until: now.Add(keep)}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.entries) >= maxRemembered {
		m.makeRoom(now)
	}
	m.entries[who] = e
}

func (m *memory) makeRoom(now time.Time) {
	for who, e := range m.entries {
		if !now.Before(e.until) {
			delete(m.entries, who)
		}
	}
	for who := range m.entries {
		if len(m.entries) < maxRemembered {
			return
		}
		delete(m.entries, who)
	}
}

// forget drops what is remembered of a person.
func (m *memory) forget(s *registry.Scope, codiceFiscale string) {
	who := m.of(s, codiceFiscale)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, who)
}

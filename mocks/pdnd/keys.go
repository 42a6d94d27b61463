// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// How many keys the platform lets a client and a keychain have.
const (
	MaxClientKeys   = 100
	MaxKeychainKeys = 30
)

// ownedKey is an uploaded key. Exactly one of client and keychain is set.
type ownedKey struct {
	kid      string
	client   string
	keychain string
	pub      *rsa.PublicKey
}

// AddClientKey uploads a public key to a client: one PEM block, RSA of at least 2048
// bits, no certificate, no private key. It returns the kid, the RFC 7638 thumbprint,
// which must be new over all clients and keychains. Errors wrap [ErrInvalid] or
// [ErrUnknown].
func (s *Server) AddClientKey(clientID string, publicPEM []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.clients[clientID]; !ok {
		return "", fmt.Errorf("client %s: %w", clientID, ErrUnknown)
	}
	return s.addKey(ownedKey{client: clientID}, publicPEM, MaxClientKeys)
}

// AddKeychainKey uploads a public key to a producer keychain, under the rules of
// [Server.AddClientKey].
func (s *Server) AddKeychainKey(keychainID string, publicPEM []byte) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.keychains[keychainID]; !ok {
		return "", fmt.Errorf("keychain %s: %w", keychainID, ErrUnknown)
	}
	return s.addKey(ownedKey{keychain: keychainID}, publicPEM, MaxKeychainKeys)
}

func (s *Server) addKey(k ownedKey, publicPEM []byte, limit int) (string, error) {
	pub, err := rules.PublicKeyPEM(publicPEM)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if k.kid, err = rules.Thumbprint(pub); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if _, taken := s.world.keys[k.kid]; taken {
		return "", fmt.Errorf("%w: the key %s is already registered", ErrInvalid, k.kid)
	}
	count := 0
	for _, other := range s.world.keys {
		if other.client == k.client && other.keychain == k.keychain {
			count++
		}
	}
	if count >= limit {
		return "", fmt.Errorf("%w: no more than %d keys", ErrInvalid, limit)
	}
	k.pub = pub
	s.world.keys[k.kid] = k
	return k.kid, nil
}

// RemoveKey deletes a key of a client or keychain; [ErrUnknown] when there is none.
func (s *Server) RemoveKey(kid string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.world.keys[kid]; !ok {
		return fmt.Errorf("key %s: %w", kid, ErrUnknown)
	}
	delete(s.world.keys, kid)
	return nil
}

// ClientKey returns the owner and the public key of a client's kid, as the platform API
// would, for mocks in the same process.
func (s *Server) ClientKey(kid string) (clientID string, key *rsa.PublicKey, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.world.keys[kid]
	if !ok || k.client == "" {
		return "", nil, false
	}
	return k.client, k.pub, true
}

// KeychainKey returns the owner and the public key of a producer keychain's kid.
func (s *Server) KeychainKey(kid string) (keychainID string, key *rsa.PublicKey, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.world.keys[kid]
	if !ok || k.keychain == "" {
		return "", nil, false
	}
	return k.keychain, k.pub, true
}

// postKey serves POST /_mock/clients/{id}/keys and /_mock/keychains/{id}/keys: the body
// is the PEM, the answer {"kid": ...}.
func (s *Server) postKey(add func(id string, pem []byte) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		if err != nil {
			http.Error(w, "unreadable body", http.StatusBadRequest)
			return
		}
		kid, err := add(r.PathValue("id"), body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		host.JSON(w, http.StatusCreated, "application/json", map[string]string{"kid": kid})
	}
}

func (s *Server) deleteKey(w http.ResponseWriter, r *http.Request) {
	if err := s.RemoveKey(r.PathValue("kid")); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

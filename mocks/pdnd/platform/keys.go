// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"crypto/rsa"
	"fmt"
	"slices"
	"time"

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
	at       time.Time
}

// Key is an uploaded key. Exactly one of ClientID and KeychainID is set.
type Key struct {
	Kid, ClientID, KeychainID string
	Public                    *rsa.PublicKey
	UploadedAt                time.Time
}

func (k ownedKey) copy() Key {
	return Key{Kid: k.kid, ClientID: k.client, KeychainID: k.keychain, Public: k.pub, UploadedAt: k.at}
}

// AddClientKey uploads a public key to a client: one PEM block, RSA of at least 2048
// bits, no certificate, no private key. It returns the kid, the RFC 7638 thumbprint,
// which must be new over all clients and keychains. Errors wrap [ErrInvalid] or
// [ErrUnknown].
func (p *Platform) AddClientKey(clientID string, publicPEM []byte) (string, error) {
	return act(p, func() (string, error) {
		if p.clients.get(clientID) == nil {
			return "", fmt.Errorf("client %s: %w", clientID, ErrUnknown)
		}
		return p.seedKey(ownedKey{client: clientID}, publicPEM)
	})
}

// AddKeychainKey uploads a public key to a producer keychain, under the rules of
// [Platform.AddClientKey].
func (p *Platform) AddKeychainKey(keychainID string, publicPEM []byte) (string, error) {
	return act(p, func() (string, error) {
		if p.keychains.get(keychainID) == nil {
			return "", fmt.Errorf("keychain %s: %w", keychainID, ErrUnknown)
		}
		return p.seedKey(ownedKey{keychain: keychainID}, publicPEM)
	})
}

func (p *Platform) seedKey(k ownedKey, publicPEM []byte) (string, error) {
	pub, err := rules.PublicKeyPEM(publicPEM)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := p.storeKey(&k, pub); err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return k.kid, nil
}

// storeKey gives the key its kid and keeps it when the kid is new and there is room.
func (p *Platform) storeKey(k *ownedKey, pub *rsa.PublicKey) error {
	kid, err := rules.Thumbprint(pub)
	if err != nil {
		return badRequest(authorization, "10003", "Invalid Public Key", "Invalid public key")
	}
	if _, taken := p.keys[kid]; taken {
		return conflict(authorization, "0017", "Key already exists", "Key with kid %s already exists", kid)
	}
	count := len(p.kidsOf(k.client, k.keychain))
	if k.client != "" && count >= MaxClientKeys {
		return badRequest(authorization, "0015", "Too many Keys per client",
			"Keys count (%d) for the client %s exceed maximum allowed value", count+1, k.client)
	}
	if k.keychain != "" && count >= MaxKeychainKeys {
		return badRequest(authorization, "0022", "Too many Keys per producer keychain",
			"Keys count (%d) for the producer keychain %s exceeds maximum allowed value", count+1, k.keychain)
	}
	k.kid, k.pub, k.at = kid, pub, p.clock()
	p.keys[kid] = *k
	p.emitKey(*k, "ADDED")
	return nil
}

// kidsOf returns the kids of an owner, oldest first.
func (p *Platform) kidsOf(client, keychain string) []string {
	var kids []string
	for kid, k := range p.keys {
		if k.client == client && k.keychain == keychain {
			kids = append(kids, kid)
		}
	}
	slices.SortFunc(kids, func(a, b string) int {
		if order := p.keys[a].at.Compare(p.keys[b].at); order != 0 {
			return order
		}
		return slices.Compare([]byte(a), []byte(b))
	})
	return kids
}

// RemoveKey deletes a key of a client or keychain; [ErrUnknown] when there is none.
func (p *Platform) RemoveKey(kid string) error {
	return p.do(func() error {
		k, ok := p.keys[kid]
		if !ok {
			return fmt.Errorf("key %s: %w", kid, ErrUnknown)
		}
		p.dropKey(k)
		return nil
	})
}

func (p *Platform) dropKey(k ownedKey) {
	delete(p.keys, k.kid)
	p.emitKey(k, "DELETED")
}

// ClientKey returns a key of a client.
func (p *Platform) ClientKey(kid string) (Key, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	k, ok := p.keys[kid]
	return k.copy(), ok && k.client != ""
}

// KeychainKey returns a key of a producer keychain.
func (p *Platform) KeychainKey(kid string) (Key, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	k, ok := p.keys[kid]
	return k.copy(), ok && k.keychain != ""
}

// ClientKeys returns the keys of a client, oldest first.
func (p *Platform) ClientKeys(clientID string) []Key { return p.keysOf(clientID, "") }

// KeychainKeys returns the keys of a producer keychain, oldest first.
func (p *Platform) KeychainKeys(keychainID string) []Key { return p.keysOf("", keychainID) }

func (p *Platform) keysOf(client, keychain string) []Key {
	p.mu.RLock()
	defer p.mu.RUnlock()
	var list []Key
	for _, kid := range p.kidsOf(client, keychain) {
		list = append(list, p.keys[kid].copy())
	}
	return list
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys

import (
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"slices"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Client is a PDND client with its keys open.
type Client struct {
	ID          string // PDND clientId
	Environment string
	Assertion   token.SigningKey // signs client assertions
	ModI        token.SigningKey // signs integrity and audit tokens; may be the same key
	DPoP        token.SigningKey // ES256, vouchers are bound to it; the zero key when there is none
	Previous    []modi.Key       // public keys that signed before, still on PDND
}

// Keychain is a PDND producer keychain with its active key open.
type Keychain struct {
	ID          string // PDND producerKeychainId
	Environment string
	Key         token.SigningKey
	Previous    []modi.Key // public keys that signed before, still on PDND
}

// Ring holds every key of a configuration, opened once. It is read-only after Open
// and safe for concurrent use.
type Ring struct {
	enti         map[string]*bunch
	certificates []Certificate
}

// Certificate is the certificate of one of the keys of a Ring.
type Certificate struct {
	Where string // ente and setting, such as "c_bf01: clients.demografici.key"
	Leaf  *x509.Certificate
}

// bunch is the keys of one ente.
type bunch struct {
	clients    map[string]Client // by local name
	apiClients map[string]Client // by environment
	keychains  map[string]Keychain
	provenance *token.SigningKey
	previous   []modi.Key
	checkpoint ed25519.PrivateKey
	identity   *token.SigningKey // nil when the ente has none

	previousIdentities  []modi.Key
	previousCheckpoints []ed25519.PublicKey
}

// Open opens the keys that c names from files. Every fault is reported at once: files
// that cannot be read, keys that do not suit their role, a kid that is not its key's
// thumbprint, and one key in two roles, clients or enti (ErrMixed).
func Open(c *config.Config) (*Ring, error) { return OpenWith(c, Files{Path: c.Path}) }

// OpenWith is Open with another provider for private keys. Public keys are always files.
func OpenWith(c *config.Config, p Provider) (*Ring, error) {
	o := &opener{provider: p, path: c.Path, uses: make(map[string]use)}
	ring := &Ring{enti: make(map[string]*bunch)}
	for _, code := range sortedKeys(c.Enti) {
		ring.enti[code] = o.ente(code, c.Enti[code])
	}
	if len(o.faults) > 0 {
		return nil, errors.Join(o.faults...)
	}
	ring.certificates = o.certificates
	return ring, nil
}

// Certificates lists the certificates that came with the keys, for whoever watches when
// they expire. Most keys of PDND have none.
func (r *Ring) Certificates() []Certificate { return slices.Clone(r.certificates) }

// Client returns the consumer client that the ente calls name.
func (r *Ring) Client(ente, name string) (Client, error) {
	return find(r, ente, "client "+name, func(b *bunch) (Client, bool) { v, ok := b.clients[name]; return v, ok })
}

// APIClient returns the API client of the ente in an environment.
func (r *Ring) APIClient(ente, environment string) (Client, error) {
	return find(r, ente, "API client for "+environment, func(b *bunch) (Client, bool) {
		v, ok := b.apiClients[environment]
		return v, ok
	})
}

// Keychain returns the producer keychain that the ente calls name.
func (r *Ring) Keychain(ente, name string) (Keychain, error) {
	return find(r, ente, "keychain "+name, func(b *bunch) (Keychain, bool) { v, ok := b.keychains[name]; return v, ok })
}

// Provenance returns the ente's seal of provenance.
func (r *Ring) Provenance(ente string) (token.SigningKey, error) {
	return find(r, ente, "provenance seal", func(b *bunch) (token.SigningKey, bool) {
		if b.provenance == nil {
			return token.SigningKey{}, false
		}
		return *b.provenance, true
	})
}

// PreviousProvenance returns the public keys of seals no longer in use, in the order
// of the configuration. They are published beside the current one, so that old
// answers still verify.
func (r *Ring) PreviousProvenance(ente string) ([]modi.Key, error) {
	return find(r, ente, "", func(b *bunch) ([]modi.Key, bool) { return slices.Clone(b.previous), true })
}

// Identity returns the key with which the ente tells its back ends who calls.
func (r *Ring) Identity(ente string) (token.SigningKey, error) {
	return find(r, ente, "identity key", func(b *bunch) (token.SigningKey, bool) {
		if b.identity == nil {
			return token.SigningKey{}, false
		}
		return *b.identity, true
	})
}

// PreviousIdentities returns the public keys that signed so before, in the order of the
// configuration. They are published until no back end remembers what they signed.
func (r *Ring) PreviousIdentities(ente string) ([]modi.Key, error) {
	return find(r, ente, "", func(b *bunch) ([]modi.Key, bool) { return slices.Clone(b.previousIdentities), true })
}

// Checkpoint returns the key that signs checkpoints of the ente's evidence log.
func (r *Ring) Checkpoint(ente string) (ed25519.PrivateKey, error) {
	return find(r, ente, "checkpoint key", func(b *bunch) (ed25519.PrivateKey, bool) {
		return b.checkpoint, b.checkpoint != nil
	})
}

// PreviousCheckpoints returns the public keys that signed checkpoints of the ente's log
// before the current one, in the order of the configuration. Without them the
// checkpoints they signed count as forged.
func (r *Ring) PreviousCheckpoints(ente string) ([]ed25519.PublicKey, error) {
	return find(r, ente, "", func(b *bunch) ([]ed25519.PublicKey, bool) {
		return slices.Clone(b.previousCheckpoints), true
	})
}

func find[T any](r *Ring, ente, what string, get func(*bunch) (T, bool)) (T, error) {
	var none T
	b, ok := r.enti[ente]
	if !ok {
		return none, bilingual.Errorf("%w: l'ente %s non è configurato", "%w: ente %s is not configured", ErrNotFound, ente)
	}
	v, ok := get(b)
	if !ok {
		return none, bilingual.Errorf("%w: l'ente %s non ha %s", "%w: ente %s has no %s", ErrNotFound, ente, what)
	}
	return v, nil
}

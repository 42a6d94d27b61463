// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// parseKey reads an uploaded key: base64 of one PEM block with a public RSA key of at
// least 2048 bits. Each other thing has a code of its own.
func parseKey(encoded string) (*rsa.PublicKey, error) {
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, undecodable()
	}
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, undecodable()
	case strings.Contains(block.Type, "PRIVATE KEY"):
		return nil, badRequest(authorization, "10001", "Not allowed private key exception", "This contains a private key!")
	case block.Type == "CERTIFICATE":
		return nil, badRequest(authorization, "10005", "Not allowed certificate exception", "The provided key is a certificate!")
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, badRequest(authorization, "10019", "Not allowed multiple keys exception", "The provided key contains multiple keys!")
	}
	pub, err := rules.PublicKeyPEM(text)
	if err == nil {
		return pub, nil
	}
	if parsed, errParse := x509.ParsePKIXPublicKey(block.Bytes); errParse == nil {
		if short, ok := parsed.(*rsa.PublicKey); ok {
			return nil, badRequest(authorization, "10008", "Invalid Key Length", "Invalid RSA key length: %d bits. It must be at least 2048", short.N.BitLen())
		}
		return nil, badRequest(authorization, "10009", "Not an RSA key", "Provided key is not an RSA key")
	}
	return nil, undecodable()
}

func undecodable() error {
	return badRequest(authorization, "10003", "Invalid Public Key", "Invalid public key")
}

// KeySeed is an uploaded key.
type KeySeed struct {
	Key  string `json:"key"` // base64 of the PEM
	Use  string `json:"use"`
	Alg  string `json:"alg"`
	Name string `json:"name"`
}

// mayUpload checks the acting person: one of the users of the owner, with the role.
func (p *Platform) mayUpload(a Actor, users []string) error {
	if !slices.Contains(users, a.AdminID) {
		return forbidden(authorization, "0016", "User not found", "User %s not found for selfcare institution of tenant %s", a.AdminID, a.TenantID)
	}
	allowed := slices.ContainsFunc(p.tenants.get(a.TenantID).Users, func(u User) bool {
		return u.ID == a.AdminID && (u.Role == "admin" || u.Role == "security")
	})
	if !allowed {
		return forbidden(authorization, "0007", "User without security privileges", "User %s does not have security privileges for consumer %s", a.AdminID, a.TenantID)
	}
	return nil
}

// UploadClientKey adds a key to a client of the actor.
func (p *Platform) UploadClientKey(a Actor, clientID string, s KeySeed) (Key, error) {
	return act(p, func() (Key, error) {
		c, err := p.clientOwned(a, clientID)
		if err != nil {
			return Key{}, err
		}
		if err := p.mayUpload(a, c.Users); err != nil {
			return Key{}, err
		}
		return p.upload(ownedKey{client: clientID}, s)
	})
}

// UploadKeychainKey adds a key to a producer keychain of the actor.
func (p *Platform) UploadKeychainKey(a Actor, keychainID string, s KeySeed) (Key, error) {
	return act(p, func() (Key, error) {
		k, err := p.keychainOwned(a, keychainID)
		if err != nil {
			return Key{}, err
		}
		if err := p.mayUpload(a, k.Users); err != nil {
			return Key{}, err
		}
		return p.upload(ownedKey{keychain: keychainID}, s)
	})
}

func (p *Platform) upload(k ownedKey, s KeySeed) (Key, error) {
	pub, err := parseKey(s.Key)
	if err != nil {
		return Key{}, err
	}
	if err := p.storeKey(&k, pub); err != nil {
		return Key{}, err
	}
	return k.copy(), nil
}

// DeleteClientKey removes a key of a client of the actor.
func (p *Platform) DeleteClientKey(a Actor, clientID, kid string) error {
	return p.do(func() error {
		if _, err := p.clientOwned(a, clientID); err != nil {
			return err
		}
		k, ok := p.keys[kid]
		if !ok || k.client != clientID {
			return notFound(authorization, "0004", "Key", kid)
		}
		p.dropKey(k)
		return nil
	})
}

// DeleteKeychainKey removes a key of a producer keychain of the actor.
func (p *Platform) DeleteKeychainKey(a Actor, keychainID, kid string) error {
	return p.do(func() error {
		if _, err := p.keychainOwned(a, keychainID); err != nil {
			return err
		}
		k, ok := p.keys[kid]
		if !ok || k.keychain != keychainID {
			return notFound(authorization, "0024", "Key", kid)
		}
		p.dropKey(k)
		return nil
	})
}

// OwnClientKeys returns the keys of a client to its owner.
func (p *Platform) OwnClientKeys(a Actor, clientID string) ([]Key, error) {
	if err := p.do(func() error { _, err := p.clientOwned(a, clientID); return err }); err != nil {
		return nil, err
	}
	return p.ClientKeys(clientID), nil
}

// OwnKeychainKeys returns the keys of a producer keychain to its owner.
func (p *Platform) OwnKeychainKeys(a Actor, keychainID string) ([]Key, error) {
	if err := p.do(func() error { _, err := p.keychainOwned(a, keychainID); return err }); err != nil {
		return nil, err
	}
	return p.KeychainKeys(keychainID), nil
}

// AnyClientKey returns a client's key to whoever asks.
func (p *Platform) AnyClientKey(kid string) (Key, error) {
	if k, ok := p.ClientKey(kid); ok {
		return k, nil
	}
	return Key{}, notFound(authorization, "0035", "JWK", kid)
}

// AnyKeychainKey returns a producer keychain's key to whoever asks.
func (p *Platform) AnyKeychainKey(kid string) (Key, error) {
	if k, ok := p.KeychainKey(kid); ok {
		return k, nil
	}
	return Key{}, notFound(authorization, "0036", "Producer JWK", kid)
}

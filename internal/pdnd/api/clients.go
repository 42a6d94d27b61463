// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/uuid"
	"github.com/snodo-pa/snodo/registry"
)

// ClientKeys lists the public keys on a client of the tenant; Owner is the client.
func (c *Client) ClientKeys(ctx context.Context, id string) ([]modi.Key, error) {
	return c.keysOf(ctx, Path("clients", id, "keys"), id)
}

// ClientPurposes lists the purposes that a client of the tenant is linked to.
func (c *Client) ClientPurposes(ctx context.Context, id string) ([]Purpose, error) {
	return list(ctx, c, Path("clients", id, "purposes"), nil, purposeID)
}

// Keychain is a producer keychain. Of others' keychains the platform shows ID and
// ProducerID only.
type Keychain struct {
	ID          string `json:"id"`
	ProducerID  string `json:"producerId"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Keychain reads one producer keychain: at least whose it is.
func (c *Client) Keychain(ctx context.Context, id string) (Keychain, error) {
	return get[Keychain](ctx, c, Path("producerKeychains", id), nil)
}

// KeychainKeys lists the public keys of a keychain of the tenant; Owner is the keychain.
func (c *Client) KeychainKeys(ctx context.Context, id string) ([]modi.Key, error) {
	return c.keysOf(ctx, Path("producerKeychains", id, "keys"), id)
}

// KeychainEservices lists the e-services that a keychain of the tenant is linked to.
func (c *Client) KeychainEservices(ctx context.Context, id string) ([]Eservice, error) {
	return list(ctx, c, Path("producerKeychains", id, "eservices"), nil, func(e Eservice) string { return e.ID })
}

// keysOf lists JWKs. A key is known by its thumbprint, whatever its kid says.
func (c *Client) keysOf(ctx context.Context, path, owner string) ([]modi.Key, error) {
	jwks, err := list(ctx, c, path, nil, func(jwk json.RawMessage) string { return string(jwk) })
	if err != nil {
		return nil, err
	}
	keys := make([]modi.Key, 0, len(jwks))
	for _, jwk := range jwks {
		key, err := readJWK(jwk, owner)
		if err != nil {
			return nil, unreadable(err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// ClientKey reads the key of any tenant's client by kid; Owner is the clientId. It is
// ErrNotFound when the key is not on PDND.
func (c *Client) ClientKey(ctx context.Context, kid string) (modi.Key, error) {
	return c.keyByID(ctx, "keys", kid)
}

// ProducerKey is ClientKey for keys of producer keychains; Owner is the keychain.
func (c *Client) ProducerKey(ctx context.Context, kid string) (modi.Key, error) {
	return c.keyByID(ctx, "producerKeys", kid)
}

func (c *Client) keyByID(ctx context.Context, where, kid string) (modi.Key, error) {
	got, err := get[OwnedKey](ctx, c, Path(where, kid), nil)
	if err != nil {
		return modi.Key{}, err
	}
	key, err := got.Key()
	if err == nil && key.KID != kid {
		err = unreadable(errors.New("the reply holds another key"))
	}
	return key, err
}

// OwnedKey is a public key with its owner, as the platform writes it.
type OwnedKey struct {
	ClientID           string          `json:"clientId"`
	ProducerKeychainID string          `json:"producerKeychainId"`
	JWK                json.RawMessage `json:"jwk"`
}

// Key reads the key, whose thumbprint must be its kid.
func (k OwnedKey) Key() (modi.Key, error) {
	owner := k.ClientID + k.ProducerKeychainID
	if !uuid.Valid(owner) {
		return modi.Key{}, unreadable(errors.New("the reply names no owner"))
	}
	key, err := readJWK(k.JWK, owner)
	if err != nil {
		return modi.Key{}, unreadable(err)
	}
	return key, nil
}

func readJWK(jwk json.RawMessage, owner string) (modi.Key, error) {
	key, err := token.ParseJWK(jwk)
	if err != nil {
		return modi.Key{}, err
	}
	thumbprint, err := token.Thumbprint(key.Public)
	if err != nil || (key.KID != "" && key.KID != thumbprint) {
		return modi.Key{}, errors.New("jwk: its thumbprint is not the kid")
	}
	key.KID, key.Owner = thumbprint, owner
	return key, nil
}

func unreadable(err error) error {
	return &registry.Fault{Kind: registry.ErrPDND, Text: textUnreadable(), Err: err}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// producer is who owns a producer keychain, as PDND said at an instant. Keychains do
// not change hands, so it is kept for as long as a key of a silent PDND would be.
type producer struct {
	id    string
	asked time.Time
}

// ProducerKeys resolves keys of producer keychains (/producerKeys/{kid}), with which
// replies are signed; Key.Owner is the producerKeychainId. Only keys of the keychains of
// this producer are known, and none when producerID is "": any organisation can have a
// keychain, and a reply signed by another one proves nothing about its source.
func (p *Platform) ProducerKeys(api Credentials, producerID string) modi.KeyResolver {
	return producerResolver{keys: resolver{lookup: p.producers, api: api}, producerID: producerID}
}

type producerResolver struct {
	keys       resolver
	producerID string
}

// ResolveKey implements modi.KeyResolver.
func (r producerResolver) ResolveKey(ctx context.Context, kid string) (modi.Key, error) {
	key, err := r.keys.ResolveKey(ctx, kid)
	if err != nil {
		return modi.Key{}, err
	}
	id, err := r.keys.lookup.platform.producerOf(ctx, r.keys.api, key.Owner)
	if err != nil {
		return modi.Key{}, undecided("producer of the key", err)
	}
	if id != r.producerID {
		return modi.Key{}, fmt.Errorf("%w: the key belongs to another producer", modi.ErrKeyUnknown)
	}
	return key, nil
}

// producerOf asks who owns a keychain (/producerKeychains/{id}).
func (p *Platform) producerOf(ctx context.Context, api Credentials, keychainID string) (string, error) {
	now := p.clock()
	if kept, ok := p.keychains.get(keychainID); ok && now.Sub(kept.asked) < p.limits.KeyStale {
		return kept.id, nil
	}
	ctx, cancel := context.WithTimeout(ctx, p.limits.LookupTimeout)
	defer cancel()
	got, err := p.Call(ctx, api, Request{Method: http.MethodGet, Path: "/producerKeychains/" + keychainID, MaxReply: maxKeyReply})
	if err != nil {
		return "", err
	}
	var reply struct {
		ProducerID string `json:"producerId"`
	}
	if err := json.Unmarshal(got.Body, &reply); err != nil || !uuid.Valid(reply.ProducerID) {
		return "", errors.New("the reply has no producerId")
	}
	p.keychains.put(keychainID, producer{id: reply.ProducerID, asked: now})
	return reply.ProducerID, nil
}

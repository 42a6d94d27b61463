// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package producer

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

const (
	// platformFloor is the least time between two fetches of the platform's keys.
	platformFloor = time.Second
	// PlatformMaxAge is how long a fetched set is used without asking again.
	PlatformMaxAge = 5 * time.Minute
)

var errNoSuchKey = errors.New("the platform has no such key")

// platformKeys caches the keys that sign vouchers.
type platformKeys struct {
	url   func() string
	clock func() time.Time

	mu      sync.Mutex
	keys    map[string]*rsa.PublicKey
	fetched time.Time
}

// find returns the key of a kid. The error is errNoSuchKey when the platform does not
// have it, anything else when the platform could not be asked.
func (p *platformKeys) find(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	age := p.clock().Sub(p.fetched)
	key, known := p.keys[kid]
	if known && age < PlatformMaxAge {
		return key, nil
	}
	if p.keys != nil && age < platformFloor {
		return nil, errNoSuchKey
	}
	keys, err := fetchKeys(ctx, p.url())
	switch {
	case err != nil && known:
		return key, nil // the last good set serves while the platform is down
	case err != nil:
		return nil, err
	}
	p.keys, p.fetched = keys, p.clock()
	if key, known = p.keys[kid]; !known {
		return nil, errNoSuchKey
	}
	return key, nil
}

func fetchKeys(ctx context.Context, url string) (map[string]*rsa.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask the platform's keys: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the platform's keys: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask the platform's keys: status %d", resp.StatusCode)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("read the platform's keys: %w", err)
	}
	keys := make(map[string]*rsa.PublicKey, len(set.Keys))
	for _, raw := range set.Keys {
		var named struct {
			Kid string `json:"kid"`
		}
		if err := json.Unmarshal(raw, &named); err != nil {
			return nil, fmt.Errorf("read the platform's keys: %w", err)
		}
		key, err := rules.ParseJWK(raw)
		if err != nil {
			return nil, fmt.Errorf("read the platform's keys: %w", err)
		}
		if _, twice := keys[named.Kid]; twice || named.Kid == "" {
			return nil, errors.New("read the platform's keys: a kid is empty or appears twice")
		}
		keys[named.Kid] = key
	}
	return keys, nil
}

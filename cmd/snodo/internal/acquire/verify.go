// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package acquire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// ErrForged reports a provenance that is not the ente's: a "no". Any other error of
// [Client.VerifyProvenance] means that it could not be checked.
var ErrForged = bilingual.New("la provenienza non è dell'ente", "provenance is not the ente's")

// VerifyProvenance checks that the answer is signed by the seal of the ente, with one of
// the keys it publishes.
func (c *Client) VerifyProvenance(ctx context.Context, ente string, a *Answer) error {
	keys, err := c.SealKeys(ctx, ente)
	if err != nil {
		return err
	}
	var stated provenance.Provenance
	if err := json.Unmarshal(a.Provenienza, &stated); err != nil {
		return bilingual.Errorf("%w: provenienza malformata", "%w: provenienza is malformed", ErrForged)
	}
	if stated.Ente != ente {
		return bilingual.Errorf("%w: dichiara un altro ente", "%w: it states another ente", ErrForged)
	}
	_, err = provenance.Verify(ctx, a.Dati, stated, a.Firma, keys)
	var refusal *modi.Refusal
	if errors.As(err, &refusal) || errors.Is(err, provenance.ErrMismatch) || errors.Is(err, modi.ErrKeyUnknown) {
		return fmt.Errorf("%w: %w", ErrForged, err)
	}
	return err
}

// SealKeys fetches the public keys of the ente's seal, those no longer in use included.
func (c *Client) SealKeys(ctx context.Context, ente string) (provenance.Keys, error) {
	target := c.base + "/v1/enti/" + url.PathEscape(ente) + "/sigillo/jwks.json"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, bilingual.Errorf("chiavi del sigillo: %w", "keys of the seal: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	status, _, raw, err := c.send(req)
	if err != nil {
		return nil, bilingual.Errorf("chiavi del sigillo: %w", "keys of the seal: %w", err)
	}
	if status != http.StatusOK {
		return nil, bilingual.Errorf("chiavi del sigillo: stato %d", "keys of the seal: status %d", status)
	}
	set, err := token.ParseJWKSet(raw)
	if err != nil {
		return nil, bilingual.Errorf("chiavi del sigillo: %w", "keys of the seal: %w", err)
	}
	return set, nil
}

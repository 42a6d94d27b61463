// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package check holds the steps that the verifiers of voucher and rest share: find the
// key, verify the signature, then collect every fault of the claims. It depends on
// modi and modi/token, does no I/O of its own and decides nothing that belongs to one
// pattern alone.
package check

import (
	"context"
	"errors"
	"fmt"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
)

// Opened is a token whose signature has verified, and the faults found so far.
type Opened struct {
	Token  *token.Unverified
	Claims *token.Claims
	Key    modi.Key
	Faults Findings
}

// Open parses a token, asks keys for the key that it names and verifies the signature.
// A *modi.Refusal is the single fault that stopped it; an error wrapping
// modi.ErrUndecided means that the key registry did not answer. A wrong typ does not
// stop it: it is the first of the faults.
func Open(ctx context.Context, compact string, kind token.Kind, keys modi.KeyResolver) (*Opened, error) {
	u, err := token.Parse(compact, kind)
	if err != nil {
		return nil, err
	}
	if keys == nil {
		return nil, fmt.Errorf("%w: no key resolver", modi.ErrUndecided)
	}
	key, err := keys.ResolveKey(ctx, u.KID())
	switch {
	case errors.Is(err, modi.ErrKeyUnknown):
		return nil, modi.Refuse(kind.Violation(modi.FaultKeyUnknown, "a key that the registry publishes", "kid "+jose.Quote(u.KID())))
	case err != nil:
		return nil, fmt.Errorf("%w: resolve key: %w", modi.ErrUndecided, err)
	case key.Algorithm != "" && key.Algorithm != string(u.Header().Algorithm):
		// RFC 8725 §3.1: a key is used with one algorithm only.
		return nil, modi.Refuse(kind.Violation(modi.FaultKeyUnsuitable, "the algorithm that the registry declares, "+jose.Quote(key.Algorithm), string(u.Header().Algorithm)))
	}
	claims, err := u.Verify(key.Public)
	o := &Opened{Token: u, Claims: claims, Key: key, Faults: Findings{kind: kind}}
	if err != nil {
		var refusal *modi.Refusal
		if claims == nil || !errors.As(err, &refusal) {
			return nil, err
		}
		o.Faults.list = refusal.Violations
	}
	return o, nil
}

// Findings collects the faults of one token.
type Findings struct {
	kind token.Kind
	list []modi.Violation
}

// For starts an empty collection for tokens of a kind.
func For(kind token.Kind) Findings { return Findings{kind: kind} }

// Add records one fault. The texts must be safe to show to the caller.
func (f *Findings) Add(fault modi.Fault, expected, found string) {
	f.list = append(f.list, f.kind.Violation(fault, expected, found))
}

// Err returns nil when nothing was found, else a *modi.Refusal with every fault.
func (f *Findings) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	return modi.Refuse(f.list...)
}

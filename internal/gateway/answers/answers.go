// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package answers keeps the answers given under an Idempotency-Key in the hub's store.
//
// It owns only the translation between gateway.Answers and store.Idempotency, so that the pipelines need no database
// package. Answers are encrypted by the store.
package answers

import (
	"context"
	"errors"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/store"
)

// Answers implements gateway.Answers. It is safe for concurrent use.
type Answers struct{ keep *store.Idempotency }

var _ gateway.Answers = (*Answers)(nil)

// New wraps the store's answers.
func New(keep *store.Idempotency) *Answers { return &Answers{keep: keep} }

// Begin implements gateway.Answers.
func (a *Answers) Begin(
	ctx context.Context, caller gateway.Application, key string, request [32]byte,
) ([]byte, gateway.Claim, error) {
	begun, err := a.keep.Begin(ctx, store.IdempotencyKey{Ente: caller.Ente, Application: caller.Name, Key: key}, request)
	switch {
	case errors.Is(err, store.ErrInProgress):
		return nil, nil, gateway.ErrAnswerRunning
	case errors.Is(err, store.ErrMismatch):
		return nil, nil, gateway.ErrAnswerMismatch
	case errors.Is(err, store.ErrUnknown):
		return nil, nil, gateway.ErrAnswerUnknown
	case err != nil:
		return nil, nil, err
	case begun.Answer != nil:
		return begun.Answer, nil, nil
	}
	return nil, &claim{keep: a.keep, claim: begun.Claim}, nil
}

type claim struct {
	keep  *store.Idempotency
	claim *store.Claim
}

// Complete stores the answer.
func (c *claim) Complete(ctx context.Context, answer []byte) error {
	return c.keep.Complete(ctx, c.claim, answer)
}

// Abandon frees the key.
func (c *claim) Abandon(ctx context.Context) error { return c.keep.Abandon(ctx, c.claim) }

// Doom takes the key out of use.
func (c *claim) Doom(ctx context.Context) error { return c.keep.Doom(ctx, c.claim) }

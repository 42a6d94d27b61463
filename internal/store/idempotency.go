// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
)

var (
	// ErrInProgress means that the first request with that Idempotency-Key has not been answered yet.
	ErrInProgress = errors.New("a request with this idempotency key is in progress")
	// ErrMismatch means that the Idempotency-Key was used for another request.
	ErrMismatch = errors.New("the idempotency key belongs to another request")
	// ErrUnknown means that the same request was made before and may have acted, and that nobody can say how it ended.
	ErrUnknown = errors.New("how the first request with this idempotency key ended is unknown")
	// ErrClaimLost means that a claim ran out and the key was claimed again, or was forgotten.
	ErrClaimLost = errors.New("the claim on the idempotency key is lost")
)

const (
	// IdempotencyLife is how long an answer is kept. It is short because the answer holds personal data.
	IdempotencyLife = 24 * time.Hour
	// DefaultIdempotencyLease is how long a claim lasts where Config says nothing.
	DefaultIdempotencyLease = 5 * time.Minute
)

const (
	sqlClaim = `INSERT INTO idempotency (scope, request, claim, claim_until, expires) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (scope) DO UPDATE SET request = excluded.request, claim = excluded.claim,
			claim_until = excluded.claim_until, answer_key = NULL, answer = NULL, expires = excluded.expires
		WHERE idempotency.expires <= $6
			OR (idempotency.answer IS NULL AND idempotency.claim_until <= $6
				AND idempotency.request = excluded.request)`
	sqlClaimed  = `SELECT request, answer_key, answer, answer IS NOT NULL FROM idempotency WHERE scope = $1`
	sqlComplete = `UPDATE idempotency SET answer_key = $3, answer = $4, expires = $5
		WHERE scope = $1 AND claim = $2 AND answer IS NULL`
	// sqlDoom leaves an answer without a key: see the migration.
	sqlDoom = `UPDATE idempotency SET answer = $3, expires = $4 WHERE scope = $1 AND claim = $2 AND answer IS NULL`

	sqlAbandon          = `DELETE FROM idempotency WHERE scope = $1 AND claim = $2 AND answer IS NULL`
	sqlPurgeIdempotency = `DELETE FROM idempotency WHERE expires <= $1`
)

// An IdempotencyKey is what an application sent, in the namespace of the application.
type IdempotencyKey struct {
	Ente        string
	Application string
	Key         string
}

func (k IdempotencyKey) scope() []byte {
	h := sha256.New()
	for _, f := range [...]string{k.Ente, k.Application, k.Key} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		_, _ = h.Write(n[:]) // writing to a hash never fails
		_, _ = io.WriteString(h, f)
	}
	return h.Sum(nil)
}

// A Claim is the right, and the duty, to answer one request.
type Claim struct {
	scope []byte
	token []byte
}

// Begun says how a request with an Idempotency-Key goes on: with a Claim it is to be done now; with an Answer it was
// done before.
type Begun struct {
	Claim  *Claim
	Answer []byte
}

// Idempotency keeps the answers to requests that may be repeated, encrypted.
type Idempotency struct {
	s      *Store
	sealer *seal.Sealer
}

// Idempotency returns the kept answers of the store.
func (s *Store) Idempotency(sealer *seal.Sealer) *Idempotency { return &Idempotency{s, sealer} }

// Begin claims a key for a request, or returns the answer that the same request got. digest identifies the request:
// method, path and body. A claim lasts Config.IdempotencyLease: one that ran out was lost with its process, and the same
// request gets it again. The error wraps [ErrInProgress], [ErrUnknown], [ErrMismatch] or [ErrUnavailable].
func (i *Idempotency) Begin(ctx context.Context, k IdempotencyKey, digest [sha256.Size]byte) (Begun, error) {
	claim := &Claim{scope: k.scope(), token: make([]byte, 16)}
	if _, err := io.ReadFull(i.s.cfg.Rand, claim.token); err != nil {
		return Begun{}, unavailable("draw claim", err)
	}
	now := i.s.cfg.Clock()
	claimed, ended := false, false
	var request, answerKey, answer []byte
	err := i.s.write.update(ctx, []string{sqlClaim, sqlClaimed}, func(ctx context.Context, tx *writeTx) error {
		n, err := tx.exec(ctx, sqlClaim, claim.scope, digest[:], claim.token,
			nanos(now.Add(i.s.cfg.IdempotencyLease)), nanos(now.Add(IdempotencyLife)), nanos(now))
		if claimed = n == 1; err != nil || claimed {
			return err
		}
		return tx.one(ctx, sqlClaimed, []any{claim.scope}, []any{&request, &answerKey, &answer, &ended})
	})
	switch {
	case err != nil:
		return Begun{}, unavailable("claim idempotency key", err)
	case claimed:
		return Begun{Claim: claim}, nil
	case !bytes.Equal(request, digest[:]):
		return Begun{}, ErrMismatch
	case !ended:
		return Begun{}, ErrInProgress
	case len(answerKey) == 0:
		return Begun{}, ErrUnknown
	}
	plain, err := i.sealer.Open(idempotencyContext(claim.scope), seal.Box{Key: answerKey, Data: answer})
	if err != nil {
		return Begun{}, unavailable("open kept answer", err)
	}
	return Begun{Answer: plain}, nil
}

// Complete keeps the answer to a claimed request for [IdempotencyLife]. The error wraps [ErrClaimLost] or
// [ErrUnavailable].
func (i *Idempotency) Complete(ctx context.Context, c *Claim, answer []byte) error {
	box, err := i.sealer.Seal(idempotencyContext(c.scope), answer)
	if err != nil {
		return unavailable("seal answer", err)
	}
	expires := nanos(i.s.cfg.Clock().Add(IdempotencyLife))
	n, err := i.s.write.exec(ctx, "keep answer", sqlComplete, c.scope, c.token, box.Key, box.Data, expires)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("keep answer: %w", ErrClaimLost)
	}
	return nil
}

// Doom marks a claimed request as one that may have acted and whose end nobody knows: for [IdempotencyLife] the same
// request is refused with [ErrUnknown] instead of being made again. The error wraps [ErrClaimLost] or [ErrUnavailable].
func (i *Idempotency) Doom(ctx context.Context, c *Claim) error {
	expires := nanos(i.s.cfg.Clock().Add(IdempotencyLife))
	n, err := i.s.write.exec(ctx, "mark idempotency key as unknown", sqlDoom, c.scope, c.token, []byte{}, expires)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("mark idempotency key as unknown: %w", ErrClaimLost)
	}
	return nil
}

// Abandon gives a claim back, so that the request can be made again at once. A claim already lost is not an error.
func (i *Idempotency) Abandon(ctx context.Context, c *Claim) error {
	_, err := i.s.write.exec(ctx, "abandon idempotency key", sqlAbandon, c.scope, c.token)
	return err
}

// Purge forgets the keys that expired at or before now and returns how many they were.
func (i *Idempotency) Purge(ctx context.Context, now time.Time) (int, error) {
	n, err := i.s.write.exec(ctx, "purge idempotency keys", sqlPurgeIdempotency, nanos(now))
	return int(n), err
}

func idempotencyContext(scope []byte) []byte { return append([]byte("idempotency|"), scope...) }

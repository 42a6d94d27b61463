// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// Config says over what a queue works. All fields but Observer and Classify are mandatory.
type Config struct {
	Store  Store
	Sealer *seal.Sealer
	Clock  func() time.Time
	Rand   io.Reader // cryptographic, safe for concurrent use
	Logger *slog.Logger

	Observer Observer
	// Classify returns the code of an error that has none by [Coded]; empty when it does not know.
	Classify func(error) string
}

// A Queue accepts jobs and shows what became of them. It is safe for concurrent use.
type Queue struct {
	cfg Config

	mu      sync.Mutex
	waiting []chan struct{} // one for each worker
}

// NewQueue returns a queue.
func NewQueue(cfg Config) (*Queue, error) {
	if cfg.Store == nil || cfg.Sealer == nil || cfg.Clock == nil || cfg.Rand == nil || cfg.Logger == nil {
		return nil, errors.New("jobs: store, sealer, clock, randomness and logger are mandatory")
	}
	if cfg.Observer == nil {
		cfg.Observer = unobserved{}
	}
	return &Queue{cfg: cfg}, nil
}

// Enqueue stores a job; when it returns nil the job is durable. The error wraps [ErrInvalid] or means "don't know": then
// the job may be stored, and a second Enqueue with the same Spec.Key finds out.
func (k Kind[P]) Enqueue(ctx context.Context, q *Queue, s Spec, payload P) (Receipt, error) {
	r, err := k.EnqueueIn(ctx, q, q.cfg.Store, s, payload)
	if err == nil {
		q.Wake()
	}
	return r, err
}

// EnqueueIn is [Kind.Enqueue] in a transaction of the caller's: the job exists if that commits, together with all else
// that it holds.
func (k Kind[P]) EnqueueIn(ctx context.Context, q *Queue, tx Putter, s Spec, payload P) (Receipt, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return Receipt{}, invalid("kind %s: the payload has no JSON form (%T)", k.Name, err)
	}
	row, err := q.row(k.Name, k.Policy.withDefaults(), s, raw)
	if err != nil {
		return Receipt{}, err
	}
	id, created, err := tx.PutJob(ctx, row)
	if err != nil {
		return Receipt{}, fmt.Errorf("enqueue %s: %w", k.Name, err)
	}
	return Receipt{ID: id, Existing: !created}, nil
}

// A Putter stores jobs: a [Tx] or a [Store].
type Putter interface {
	PutJob(ctx context.Context, r Row) (id string, created bool, err error)
}

// Wake has the workers of this process look for jobs at once instead of at their next round: after a transaction that
// enqueued some.
func (q *Queue) Wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range q.waiting {
		select {
		case c <- struct{}{}:
		default: // it is already told
		}
	}
}

// subscribe returns the channel on which a worker is woken, and what ends that.
func (q *Queue) subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, c)
	return c, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		for i, other := range q.waiting {
			if other == c {
				q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
				return
			}
		}
	}
}

// An envelope is what is sealed of a job.
type envelope struct {
	Key     string          `json:"key,omitempty"`
	Payload json.RawMessage `json:"payload"`
}

func (q *Queue) row(kind string, p Policy, s Spec, payload []byte) (Row, error) {
	if err := checkSpec(kind, s); err != nil {
		return Row{}, err
	}
	if len(payload) > MaxPayload {
		return Row{}, invalid("kind %s: payload of %d bytes, at most %d", kind, len(payload), MaxPayload)
	}
	now := q.cfg.Clock().UTC()
	r := Row{
		Kind: kind, Ente: s.Ente, Environment: s.Environment, State: StatePending, MaxAttempts: p.MaxAttempts,
		Keep: p.Keep, EnqueuedAt: now, RunAt: s.RunAt.UTC(),
	}
	if s.RunAt.IsZero() {
		r.RunAt = now
	}
	if s.MaxAttempts > 0 {
		r.MaxAttempts = min(s.MaxAttempts, Unlimited)
	}
	if s.GiveUpAfter > 0 {
		p.GiveUpAfter = s.GiveUpAfter
	}
	if p.GiveUpAfter > 0 {
		r.Deadline = r.RunAt.Add(p.GiveUpAfter)
	}
	r.Dedup, r.Lane = q.index("jobs key", kind, s, s.Key), q.index("jobs lane", kind, s, s.Lane)
	r.Share = q.index("jobs share", kind, s, s.Share)
	var err error
	if r.ID, err = uuid.NewAt(now, q.cfg.Rand); err != nil {
		return Row{}, fmt.Errorf("draw the id of a job: %w", err)
	}
	sealed, err := json.Marshal(envelope{Key: s.Key, Payload: payload})
	if err != nil {
		return Row{}, fmt.Errorf("kind %s: envelope: %w", kind, err)
	}
	if r.Box, err = q.cfg.Sealer.Seal(sealContext(&r), sealed); err != nil {
		return Row{}, fmt.Errorf("seal a job: %w", err)
	}
	return r, nil
}

// index is what a key, a lane or a share is looked up by.
func (q *Queue) index(scope, kind string, s Spec, value string) []byte {
	if value == "" {
		return nil
	}
	return q.cfg.Sealer.Index(scope, string(joined(kind, s.Ente, s.Environment, value)))
}

// sealContext ties a box to its job: moved to another row it does not open.
func sealContext(r *Row) []byte { return joined("job", r.ID, r.Kind, r.Ente, r.Environment) }

// joined writes fields one after the other, each behind its length.
func joined(fields ...string) []byte {
	var b []byte
	for _, f := range fields {
		b = binary.BigEndian.AppendUint64(b, uint64(len(f)))
		b = append(b, f...)
	}
	return b
}

// open returns what was sealed of a job.
func (q *Queue) open(r *Row) (envelope, error) {
	plain, err := q.cfg.Sealer.Open(sealContext(r), r.Box)
	switch {
	case errors.Is(err, seal.ErrOtherKey):
		return envelope{}, Coded(CodeMasterKey, err) // the right key may be back at the next start
	case err != nil:
		return envelope{}, Permanent(Coded(CodeSealed, err))
	}
	var e envelope
	if err := json.Unmarshal(plain, &e); err != nil {
		return envelope{}, Permanent(Coded(CodePayload, err))
	}
	return e, nil
}

// part draws a number evenly from [0, 1).
func (q *Queue) part() (float64, error) {
	var b [8]byte
	if _, err := io.ReadFull(q.cfg.Rand, b[:]); err != nil {
		return 0, fmt.Errorf("draw a delay: %w", err)
	}
	return float64(binary.BigEndian.Uint64(b[:])>>11) / (1 << 53), nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package interaction

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/outbound"
)

// ErrNotFound means that there is no such interaction, or no longer.
var ErrNotFound = errors.New("no such interaction")

// A Row is an interaction as a store keeps it. What may name a person is sealed.
type Row struct {
	ID, Ente, Environment, Service, Operation string

	Consumer, Purpose string // whose it is: nobody else is told of it

	AcceptedAt time.Time
	EndedAt    time.Time // zero: the procedure has not answered yet
	Expires    time.Time // forgotten then

	Request seal.Box // erased when the procedure has answered
	Answer  seal.Box
}

// Done tells whether the procedure has answered: its answer is kept.
func (r *Row) Done() bool { return !r.EndedAt.IsZero() }

// An Asker is a consumer at an exposure of an ente.
type Asker struct{ Ente, Environment, Service, Consumer string }

// Open is what waits for its answer.
type Open struct {
	Count int   // interactions
	Bytes int64 // of their requests, as they are kept
}

// A Store keeps interactions. Its methods are safe for concurrent use; an error that is none of this package's means
// "don't know".
type Store interface {
	// Update runs fn in one transaction, durable when Update returns nil.
	Update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// Interaction returns one; [ErrNotFound].
	Interaction(ctx context.Context, id string) (Row, error)
	// PurgeInteractions forgets those that expired, and what was asked of others and expired, and returns how many they were.
	PurgeInteractions(ctx context.Context, now time.Time) (int, error)
}

// A Tx is a transaction in which interactions and jobs take part.
type Tx interface {
	jobs.Tx
	// OpenInteractions tells how much a consumer has asked of an exposure that is neither answered nor expired. With
	// several processes it may leave out what another is storing.
	OpenInteractions(ctx context.Context, of Asker, now time.Time) (Open, error)
	// PutInteraction stores a new one.
	PutInteraction(ctx context.Context, r Row) error
	// EndInteraction keeps the answer and erases the request; [ErrNotFound] when it is not there or has ended before.
	EndInteraction(ctx context.Context, id string, answer seal.Box, at time.Time) error
}

// BackEnd is the procedure, which keeps its own deadline: an error that wraps registry.ErrUnavailable says that it is not
// there, one that wraps registry.ErrGuardOpen that it was not asked.
type BackEnd interface {
	Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error)
}

// A Callback is the answer of a procedure on its way to who asked.
type Callback struct {
	ID       string // the X-Correlation-ID
	Ente     string
	Exposure string
	Consumer string
	ReplyTo  string // as the caller gave it
	Header   http.Header
	Body     []byte
}

// Config is what an [Engine] needs. All of it is mandatory but Suspended, and Deliver and MayReply, without which NONBLOCK_PUSH_REST is
// not offered.
type Config struct {
	Store  Store
	Queue  *jobs.Queue
	Sealer *seal.Sealer
	Clock  func() time.Time
	Rand   io.Reader
	// Caller reads from a request to a back end who calls, and for which purpose.
	Caller func(h http.Header) (consumer, purpose string)

	// Suspended tells whether the ente keeps a consumer from an exposure now; nil = nobody is. What it asked before then
	// waits until it is admitted again, or expires.
	Suspended func(ente, exposure, consumer string) bool
	// MayReply tells whether a callback of an exposure to a consumer may go to an address.
	MayReply func(ente, exposure, consumer, replyTo string) bool
	// Deliver sends a callback as a ModI consumer and returns the HTTP status of the answer. An error means that nobody
	// knows whether it came through, or that it did not.
	Deliver func(ctx context.Context, c Callback) (int, error)
}

// An Engine carries the interactions of a hub. It is safe for concurrent use once its offers are made.
type Engine struct {
	cfg    Config
	offers map[string]*offer // by ente "/" exposure
}

// New returns an engine without offers.
func New(cfg Config) (*Engine, error) {
	if cfg.Store == nil || cfg.Queue == nil || cfg.Sealer == nil || cfg.Clock == nil || cfg.Rand == nil || cfg.Caller == nil {
		return nil, errors.New("interaction: store, queue, sealer, clock, randomness and caller are mandatory")
	}
	return &Engine{cfg: cfg, offers: make(map[string]*offer)}, nil
}

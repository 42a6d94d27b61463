// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/interaction"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// Catalogue finds the adapter of a service; *registry.Catalogue is the one.
type Catalogue interface {
	// Adapter returns the adapter of a service, or an error wrapping registry.ErrUnsupported.
	Adapter(service string) (registry.Adapter, error)
}

// Answers remembers the answers given under an Idempotency-Key. Implementations keep them encrypted, because they hold
// personal data, and are safe for concurrent use. Errors other than the three below mean "don't know".
type Answers interface {
	// Begin returns the answer already given to this very request, or a claim to give it. request is a digest of the
	// request: another one under the same key is ErrAnswerMismatch, the same one still running is ErrAnswerRunning, the
	// same one doomed is ErrAnswerUnknown.
	Begin(ctx context.Context, caller Application, key string, request [32]byte) (answer []byte, claim Claim, err error)
}

// Claim is the right and the duty to give the one answer of a key.
type Claim interface {
	// Complete keeps the answer for whoever asks again.
	Complete(ctx context.Context, answer []byte) error
	// Abandon gives the key back: the request failed and may be tried again.
	Abandon(ctx context.Context) error
	// Doom takes the key out of use: the request may have acted, nothing was delivered, and it must not be made again.
	Doom(ctx context.Context) error
}

// Awaiting keeps what was asked and is answered by callback (NONBLOCK_PUSH_REST); *interaction.Awaiting is the one. Its
// errors are told as they are.
type Awaiting interface {
	// Asking tells that a request whose answer comes later is under way, until ctx ends.
	Asking(ctx context.Context, ente, environment, exposure, producer string)
	// Await keeps that an answer is to come. It is durable when it returns nil.
	Await(ctx context.Context, asked interaction.Asked, question json.RawMessage) error
	// Find returns what an application has asked, with its question and the answer, nil while there is none.
	Find(ctx context.Context, ente, application, id string) (interaction.Asked, json.RawMessage, *registry.Reply, error)
}

// OutDeps is all that the acquisition pipeline needs. Config, Log, Catalogue, Seal, Clock and Rand are mandatory.
type OutDeps struct {
	Config    *config.Config
	Log       evidence.Appender
	Catalogue Catalogue
	Answers   Answers // nil = Idempotency-Key is refused
	// Awaiting keeps the requests whose answers come later; nil = an operation with an interaction is refused.
	Awaiting Awaiting
	// Transport carries native calls; nil = there are none.
	Transport registry.Transport
	// Seal gives the key that signs the provenance of an ente (ES256, design D17). It is asked once, at start.
	Seal     func(ente string) (token.SigningKey, error)
	Clock    modi.Clock
	Rand     io.Reader
	Logger   *slog.Logger  // nil = nothing is logged
	Deadline time.Duration // whole acquisition; 0 = DefaultDeadline
	Observer Observer
}

// Doer sends one request with its own deadline and bounds; *outbound.Client is the one.
type Doer interface {
	// Do returns the last reply whatever its status; an error means that no whole reply came.
	Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error)
}

// InDeps is all that the exposed side needs. Everything but Front, Certificates, Stands, MayCall, Ended, Ledger, Location, Logger and Observer is mandatory.
type InDeps struct {
	Config *config.Config
	Log    evidence.Appender
	Replay replay.Cache
	// VoucherKeys resolves PDND's own keys in an environment.
	VoucherKeys func(environment string) modi.KeyResolver
	// ConsumerKeys resolves the keys of consumers' clients, looked up as the ente. client is the one of the verified
	// voucher: lookups of unknown keys are limited by it.
	ConsumerKeys func(ente, environment, client string) modi.KeyResolver
	// Keychain gives the key that signs the answers of an exposed e-service. It is asked for every answer, so that a key
	// can be replaced without a restart.
	Keychain func(ente, name string) (token.SigningKey, error)
	// Certificates gives the trust store that judges the certificates of callers of an exposed e-service; nil where none
	// takes them.
	Certificates func(ente, exposure string) (modi.CertificateResolver, error)
	// BackEnd gives the client of the procedure behind an exposure, nil where there is none. One that is a Streamer can
	// answer bulk operations.
	BackEnd func(ente, exposure string) (Doer, error)
	// Front puts in front of a procedure what the hub itself answers or looks at; what it hands on, at once or later, goes
	// through the guard of the procedure. behind is nil where there is none. nil = nothing stands before any.
	Front func(ente, exposure string, behind Doer) (Doer, error)

	// Stands tells whether what a verified voucher rests on is still active, by the events of PDND. An error that wraps
	// modi.ErrUndecided is a "don't know", any other a "no". nil believes the voucher until it expires.
	Stands func(environment string, v *voucher.Voucher) error

	// MayCall tells whether an ente admits the caller of a verified voucher, by rules of its own. Its error is told as it
	// is. nil admits whoever PDND lets through.
	MayCall func(ctx context.Context, ente, exposure string, v *voucher.Voucher) error
	// Ended is told of every call that was for an e-service; it must not block. nil = nobody is.
	Ended func(Ended)

	// Ledger counts the calls of the day; nil counts in this process alone.
	Ledger *quota.Ledger

	Clock    modi.Clock
	Rand     io.Reader
	Location *time.Location // where the days of a ledger of this process alone begin and end; nil = UTC
	Logger   *slog.Logger
	Deadline time.Duration // whole exchange; 0 = DefaultDeadline
	Observer Observer
}

// DefaultDeadline bounds an exchange when the configuration does not.
const DefaultDeadline = 60 * time.Second

// storeDeadline bounds the storing of an outcome, which goes on although the caller has left.
const storeDeadline = 10 * time.Second

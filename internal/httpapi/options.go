// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/httpapi/contract"
	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/spool"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/modi"
)

// Acquirer carries acquisitions; *gateway.Out is the one.
type Acquirer interface {
	// Acquire carries one acquisition; its errors are told by problem.From.
	Acquire(ctx context.Context, a gateway.Acquisition) (*gateway.Acquired, error)
}

// Exposer serves exposed e-services; *gateway.In is the one.
type Exposer interface {
	// Serve carries one exposed call; the Reply is never nil, also with an error.
	Serve(ctx context.Context, in *gateway.Inbound) (*gateway.Reply, error)
}

// KeyStore keeps the keys of applications; *store.APIKeys is the one.
type KeyStore interface {
	// Put keeps a new key.
	Put(ctx context.Context, k store.APIKey) error
	// Lookup finds a key by its SHA-256; store.ErrNotFound and store.ErrRevoked are "no", every other error "don't know".
	Lookup(ctx context.Context, digest [32]byte) (store.APIKey, error)
	// List returns the keys of an ente, of all when it is empty.
	List(ctx context.Context, ente string) ([]store.APIKey, error)
	// Revoke ends a key; store.ErrNotFound when there is none to end.
	Revoke(ctx context.Context, id string, at time.Time) error
}

// EvidenceLog reads the logs and destroys what they hold about a person; *evidence.Log is the one.
type EvidenceLog interface {
	// Get returns one entry; evidence.ErrNotFound when there is none.
	Get(ctx context.Context, ente string, index int64) (evidence.Stored, error)
	// List returns the entries that match, by ascending index.
	List(ctx context.Context, q evidence.Query) ([]evidence.Stored, error)
	// Checkpoint signs the present state of a log.
	Checkpoint(ctx context.Context, ente string) (evidence.Checkpoint, error)
	// Export writes a file that evidence.Verify judges.
	Export(ctx context.Context, q evidence.ExportQuery, w io.Writer) error
	// Erase destroys the side records of an ente that name a person and says how many there were.
	Erase(ctx context.Context, ente, codiceFiscale string) (int, error)
}

// Check is one thing that must work before the hub is ready.
type Check struct {
	Name string // what is checked, as /health/ready says it
	Do   func(ctx context.Context) error
}

// Options is all that the three handlers need. Out, In, Keys, Evidence, Config, Clock and Rand are mandatory.
type Options struct {
	Config   *config.Config
	Out      Acquirer
	In       Exposer
	Keys     KeyStore
	Evidence EvidenceLog
	Clock    modi.Clock
	Rand     io.Reader

	Native   Native   // nil = no native calls
	Treasury Treasury // nil = no routes for the treasury
	Later    Later    // nil = no answers that come later

	// SealKeys gives the published keys of an ente's seal, the current one first, retired ones after it.
	SealKeys func(ente string) ([]modi.Key, error)
	// IdentityKeys gives the published keys with which an ente tells back ends who calls; nil = no route for them.
	IdentityKeys func(ente string) ([]modi.Key, error)
	// CheckpointKey gives the verifier key of an ente's checkpoints (note format).
	CheckpointKey func(ente string) (string, error)

	Jobs    JobQueue    // nil = no routes for jobs
	Quota   QuotaBook   // nil = no routes for quotas and vigilance
	Tracing TracingDesk // nil = no routes for tracing
	KPI     KPIBook     // nil = no routes for figures
	Callers CallersDesk // nil, or no KPI = no routes for callers
	// ConsumerNames tells what those who called an ente's e-services are called, as far as it is known; nil = nobody knows.
	ConsumerNames func(ctx context.Context, ente string, list []kpi.Caller) map[string]string
	// Pending lists who waits for the ente's approval on PDND; an error is a "don't know". nil = nobody is asked.
	Pending func(ctx context.Context, ente, exposure string) ([]PendingCaller, error)
	// Acts keeps what commands do on PDND; nil = no routes for it.
	Acts acts.Journal
	// ReloadKeys opens the keys again and gives the kid in use at a setting of ente.yaml; nil = no route for it.
	ReloadKeys func(ctx context.Context, ente, setting string) (kid string, err error)
	Ready      []Check                  // all must pass
	Guards     func() map[string]string // state of every breaker
	Metrics    http.Handler             // nil = no /metrics
	Request    func(listener, class string, took time.Duration)
	// Refused is told of every request that fails before or beside a pipeline, which counts its own: by the headline rule.
	Refused func(listener, rule string)
	Logger  *slog.Logger // access log; nil = none
	Version string       // of the hub, for /health/live
}

// API holds the three handlers.
type API struct {
	Options
	proxies []string
	maxBody int64 // of a request
	door    int64 // of a request to any exposed e-service: the longest that one of them takes
	uploads *spool.Room
	wait    time.Duration // for the next piece of a body that a peer sends or reads at its own pace

	public map[string]publication // by escaped path

	contract                       *contract.Contract
	problemTemplate, indexTemplate *template.Template
}

// DefaultMaxBody bounds a request body when the configuration does not.
const DefaultMaxBody = 1 << 20

// New checks the options.
func New(o Options) (*API, error) {
	if o.Config == nil || o.Out == nil || o.In == nil || o.Keys == nil || o.Evidence == nil || o.Clock == nil || o.Rand == nil {
		return nil, errors.New("httpapi: a mandatory option is missing")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	a := &API{Options: o, wait: paceWait, maxBody: o.Config.Hub.Limits.Body, public: publications(o.Config)}
	if a.maxBody <= 0 {
		a.maxBody = DefaultMaxBody
	}
	a.uploads, a.door = newRoom(o.Config.Exposes, a.maxBody)
	for _, p := range o.Config.Hub.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			return nil, errors.New("httpapi: trustedProxies: not a CIDR")
		}
		a.proxies = append(a.proxies, p)
	}
	var err error
	if a.contract, err = contract.Compile(); err != nil {
		return nil, err
	}
	return a, a.compilePages()
}

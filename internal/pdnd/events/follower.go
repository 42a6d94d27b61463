// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/internal/store"
)

const (
	// lookEvery is how often a process looks for notices: what a replica adds to the interval.
	lookEvery = time.Second
	// overlap is how far back a look goes: a notice becomes visible some time after its
	// instant, and the clocks of two replicas differ.
	overlap = 2 * time.Minute
)

// Follower makes the caches of this process forget what the notices name, has its Standings
// ask about what vouchers rest on, and tells the platforms whether events arrive. It is safe
// for concurrent use.
type Follower struct {
	o         Options
	standings *Standings

	mu     sync.Mutex
	looked time.Time           // the last look that succeeded
	seen   map[int64]time.Time // notices applied, while a look may find them again
	alive  map[string]bool     // by environment, as last told
}

// NewFollower returns a Follower of the notices that are kept, which reach back further than
// the life of a voucher: a process that starts has nothing to forget, but takes vouchers that
// rest on what has stopped since.
func NewFollower(o Options) *Follower {
	return &Follower{
		o: o, standings: newStandings(o), looked: o.Clock().Add(2*overlap - store.NoticesReach),
		seen: map[int64]time.Time{}, alive: map[string]bool{},
	}
}

// Standings are what the events say of the vouchers for this hub's e-services.
func (f *Follower) Standings() *Standings { return f.standings }

// Run looks, and asks PDND what the notices leave open, until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	var asking sync.WaitGroup
	asking.Go(func() { f.standings.run(ctx) })
	defer asking.Wait()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := f.Look(ctx); err != nil && ctx.Err() == nil {
			f.o.Logger.LogAttrs(ctx, slog.LevelWarn, "avvisi degli eventi PDND non leggibili", slog.String("errore", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Look applies the notices that are new. While they cannot be read the platforms are told
// that no events arrive.
func (f *Follower) Look(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.o.Clock()
	since := f.looked.Add(-overlap)
	list, err := f.o.Store.Notices(ctx, since)
	if err != nil {
		for environment := range f.o.Platforms {
			f.tell(ctx, environment, false)
		}
		return err
	}
	if now.Sub(f.looked) > store.NoticesReach-overlap {
		for environment := range f.o.Platforms { // some may have been purged unseen
			f.apply(store.Notice{Environment: environment, Kind: noticeAll})
		}
	}
	for _, n := range list {
		if _, again := f.seen[n.Seq]; !again {
			f.apply(n)
			f.seen[n.Seq] = n.At
		}
	}
	f.looked = now
	for seq, at := range f.seen {
		if at.Before(now.Add(-2 * overlap)) {
			delete(f.seen, seq)
		}
	}
	return f.pulse(ctx, now)
}

// pulse tells every platform whether its feeds of keys are read.
func (f *Follower) pulse(ctx context.Context, now time.Time) error {
	for environment := range f.o.Platforms {
		alive, err := Alive(ctx, f.o.Store, environment, now, f.o.Every)
		f.tell(ctx, environment, alive && err == nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// tell logs a change, once.
func (f *Follower) tell(ctx context.Context, environment string, alive bool) {
	f.o.Platforms[environment].SetEventsAlive(alive)
	if was, told := f.alive[environment]; told && was != alive {
		level, text := slog.LevelWarn, "eventi PDND non letti: le chiavi si ricordano per meno tempo"
		if alive {
			level, text = slog.LevelInfo, "eventi PDND di nuovo letti"
		}
		f.o.Logger.LogAttrs(ctx, level, text, slog.String("ambiente", environment))
	}
	f.alive[environment] = alive
}

// apply forgets what a notice names. A kind that this program does not know was put by a
// newer one: everything is forgotten.
func (f *Follower) apply(n store.Notice) {
	platform := f.o.Platforms[n.Environment]
	if platform == nil {
		return
	}
	switch n.Kind {
	case noticeKey:
		platform.ForgetClientKey(n.Subject)
	case noticeProducerKey:
		platform.ForgetProducerKey(n.Subject)
	case noticeClient:
		platform.ForgetVouchers(n.Subject, "")
	case noticePurpose:
		f.forget(n.Environment, "", n.Subject)
	case noticeEnte:
		f.forget(n.Environment, n.Subject, "")
	case noticeMissed:
		f.forget(n.Environment, n.Subject, "")
		f.standings.missed(n.Environment, n.Subject)
	case noticePurposeChanged, noticePurposeStopped, noticeAgreementChanged, noticeAgreementStopped, noticeVersionsChanged, noticeVersionStopped:
		f.standings.heard(n.Environment, n.Kind, n.Subject)
	case noticeEservice:
		for _, purpose := range f.purposes(n.Environment, n.Subject) {
			f.forget(n.Environment, "", purpose)
		}
	default:
		platform.ForgetKeys()
		f.forget(n.Environment, "", "")
		f.standings.missed(n.Environment, "")
	}
}

// forget forgets the vouchers of the clients of an environment: of those that an ente's
// bindings use, or of all; for a purpose, or for all.
func (f *Follower) forget(environment, codice, purpose string) {
	platform, c := f.o.Platforms[environment], f.o.Config
	for _, ente := range c.Enti {
		if codice != "" && ente.CodiceIPA != codice {
			continue
		}
		for _, binding := range ente.Consumes {
			owner, name := c.OwnerOf(ente, binding) // by its titolo another ente's client may act
			if binding.Environment != environment || owner == nil {
				continue
			}
			if client, ok := owner.Clients[name]; ok {
				platform.ForgetVouchers(client.ID, purpose)
			}
		}
	}
}

// purposes are those for which the enti of this hub call an e-service.
func (f *Follower) purposes(environment, eserviceID string) []string {
	var list []string
	for _, ente := range f.o.Config.Enti {
		for service, binding := range ente.Consumes {
			if binding.Environment != environment || eserviceOf(f.o.Config, service, environment) != eserviceID {
				continue
			}
			for _, p := range ente.Procedimenti {
				if id := p.Purposes[service]; id != "" {
					list = append(list, id)
				}
			}
		}
	}
	return list
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// racers is how many copies of a message are sent at once.
const racers = 64

// down is a store that does not answer.
type down struct{ replay.Cache }

func (down) Use(context.Context, time.Time, ...replay.Key) error {
	return errors.New("the store does not answer")
}

// uses are what a message uses up once it was verified: the jti of each proof that is
// good once, under the owner of the key that was verified.
func uses(r rest.Result, c cases.Case) (keys []replay.Key, rules []modi.RuleID, until time.Time) {
	add := func(p *rest.Proof, rule modi.RuleID) {
		keys = append(keys, replay.Key{Environment: "prova", Ente: "ente", Eservice: "anagrafe", Owner: p.ReplayOwner(), Kind: string(p.Pattern), JTI: p.ReplayID()})
		rules = append(rules, rule)
		until = p.AcceptedUntil(modi.PartyTimes())
	}
	for _, p := range c.Patterns {
		switch {
		case p == modi.PatternIDAuthREST02 && r.IDAuth != nil:
			add(r.IDAuth, modi.AreaIDAuth.Rule(modi.FaultReplayed))
		case (p == modi.PatternIntegrityREST01 || p == modi.PatternIntegrityREST02) && r.Integrity != nil:
			add(r.Integrity, modi.AreaIntegrity.Rule(modi.FaultReplayed))
		case p == modi.PatternDPoP && r.Possession != nil:
			add(r.Possession, modi.AreaDPoP.Rule(modi.FaultReplayed))
		}
	}
	return keys, rules, until
}

// useUp uses a verified message up, as who accepts it must.
func useUp(ctx context.Context, c cases.Case, r rest.Result, cache replay.Cache) error {
	keys, rules, until := uses(r, c)
	if len(keys) == 0 {
		return nil
	}
	err := cache.Use(ctx, until, keys...)
	switch {
	case errors.Is(err, replay.ErrReplayed):
		var all []modi.Violation
		for _, rule := range rules {
			all = append(all, modi.Violation{Rule: rule})
		}
		return modi.Refuse(all...)
	case err != nil:
		return errors.Join(modi.ErrUndecided, err)
	default:
		return nil
	}
}

// playReplay runs a case of the layer replay against the memory of used tokens.
func playReplay(t *testing.T, c cases.Case) {
	t.Helper()
	var cache replay.Cache = replay.NewMemory(1000, clock)
	t.Cleanup(func() {
		err := cache.Close()
		if err != nil {
			t.Error(err)
		}
	})
	if has(c, cases.ReplayStoreDown) {
		cache = down{cache}
	}
	m, j := build(t, c), newJudge(t, c, nil)
	r, err := j(t.Context(), m)
	if err != nil {
		t.Fatalf("the message itself: %v", err)
	}
	switch c.Play {
	case cases.Twice:
		err = useUp(t.Context(), c, r, cache)
		if err != nil {
			t.Fatalf("the first time: %v", err)
		}
		r, err = j(t.Context(), m)
		if err != nil {
			t.Fatalf("the second time, before the memory is asked: %v", err)
		}
	case cases.OtherOwner:
		keys, _, until := uses(r, c)
		for i := range keys {
			keys[i].Owner = "another"
		}
		err = cache.Use(t.Context(), until, keys...)
		if err != nil {
			t.Fatalf("the other party: %v", err)
		}
	case cases.Race:
		race(t, c, r, cache)
		return
	case cases.Once:
	}
	check(t, c, useUp(t.Context(), c, r, cache))
}

// race uses one message up many times at once: one alone may pass.
func race(t *testing.T, c cases.Case, r rest.Result, cache replay.Cache) {
	t.Helper()
	var all sync.WaitGroup
	results := make(chan error, racers)
	for range racers {
		all.Go(func() { results <- useUp(t.Context(), c, r, cache) })
	}
	all.Wait()
	close(results)
	passed := 0
	for err := range results {
		if err == nil {
			passed++
			continue
		}
		check(t, c, err)
	}
	if passed != 1 {
		t.Errorf("%d of %d passed, one alone may", passed, racers)
	}
}

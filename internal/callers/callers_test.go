// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package callers_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/snodo-pa/snodo/internal/callers"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
	"github.com/snodo-pa/snodo/modi"
)

const (
	consumer = "50000000-0000-4000-8000-000000000001"
	other    = "50000000-0000-4000-8000-000000000002"
	purpose  = "60000000-0000-4000-8000-000000000001"
	client   = "40000000-0000-4000-8000-000000000001"
)

func configured(rules config.Callers) *config.Config {
	exposes := map[string]*config.Expose{"pratiche": {Callers: rules}, "atti": {}}
	return &config.Config{Enti: map[string]*config.Ente{"c_a": {CodiceIPA: "c_a", Exposes: exposes}, "c_b": {Exposes: exposes}}}
}

func caller() callers.Caller {
	return callers.Caller{
		Ente: "c_a", Environment: "collaudo", Service: "pratiche", Consumer: consumer, Client: client, Purpose: purpose,
	}
}

func rule(t *testing.T, err error) modi.RuleID {
	t.Helper()
	if err == nil {
		return ""
	}
	var p *problem.Error
	if !errors.As(err, &p) {
		t.Fatalf("%v is no problem", err)
	}
	return p.Rule
}

func TestEachListThatIsThereMustHoldTheCallers(t *testing.T) {
	held := func(context.Context, string, string, string) ([]string, error) {
		return []string{"IPA/L6", "PDND/atti"}, nil
	}
	unknown := func(context.Context, string, string, string) ([]string, error) { return nil, errors.New("no answer") }
	for name, tc := range map[string]struct {
		rules config.Callers
		ask   func(context.Context, string, string, string) ([]string, error)
		want  modi.RuleID
	}{
		"no rule":                       {config.Callers{}, nil, ""},
		"the consumer":                  {config.Callers{Consumers: []string{other, consumer}}, nil, ""},
		"another consumer":              {config.Callers{Consumers: []string{other}}, nil, problem.RuleCallerNotListed},
		"the purpose":                   {config.Callers{Purposes: []string{purpose}}, nil, ""},
		"another purpose":               {config.Callers{Purposes: []string{other}}, nil, problem.RuleCallerNotListed},
		"the client":                    {config.Callers{Clients: []string{client}}, nil, ""},
		"another client":                {config.Callers{Clients: []string{other}}, nil, problem.RuleCallerNotListed},
		"the consumer, another client":  {config.Callers{Consumers: []string{consumer}, Clients: []string{other}}, nil, problem.RuleCallerNotListed},
		"the category":                  {config.Callers{Categories: []string{"L18", "L6"}}, held, ""},
		"another category":              {config.Callers{Categories: []string{"L18"}}, held, problem.RuleCallerNotListed},
		"a category of another origin":  {config.Callers{Categories: []string{"atti"}}, held, problem.RuleCallerNotListed},
		"the attribute":                 {config.Callers{Attributes: []string{"PDND/atti"}}, held, ""},
		"another attribute":             {config.Callers{Attributes: []string{"PDND/altro"}}, held, problem.RuleCallerNotListed},
		"category and attribute":        {config.Callers{Categories: []string{"L6"}, Attributes: []string{"PDND/altro"}}, held, problem.RuleCallerNotListed},
		"attributes that nobody knows":  {config.Callers{Categories: []string{"L6"}}, unknown, problem.RuleAttributesUndecided},
		"attributes that nobody asks":   {config.Callers{Categories: []string{"L6"}}, nil, problem.RuleAttributesUndecided},
		"no need to ask for attributes": {config.Callers{Consumers: []string{other}, Categories: []string{"L6"}}, unknown, problem.RuleCallerNotListed},
	} {
		d := callers.New(callers.Options{Config: configured(tc.rules), Attributes: tc.ask, Clock: time.Now})
		if got := rule(t, d.Allow(t.Context(), caller())); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	d := callers.New(callers.Options{Config: configured(config.Callers{Purposes: []string{""}}), Clock: time.Now})
	nobody := caller()
	nobody.Purpose = ""
	if got := rule(t, d.Allow(t.Context(), nobody)); got != problem.RuleCallerNotListed {
		t.Errorf("an empty purpose is listed: %q", got)
	}
	nobody.Service = "altro"
	if got := rule(t, d.Allow(t.Context(), nobody)); got != problem.RuleCallerNotListed {
		t.Errorf("an e-service of nobody: %q", got)
	}
}

// TestASuspensionHoldsAtOnceHereAndAfterALookInReplicas over one database, and after a restart.
func TestASuspensionHoldsAtOnceHereAndAfterALookInReplicas(t *testing.T) {
	clock := replaytest.NewClock()
	s := storetest.SQLite(t).Migrated(t, clock.Now)
	open := func() *callers.Desk {
		return callers.New(callers.Options{Config: configured(config.Callers{}), Store: s.Callers(), Clock: clock.Now})
	}
	here, replica := open(), open()
	may := func(d *callers.Desk, change func(*callers.Caller)) modi.RuleID {
		t.Helper()
		c := caller()
		change(&c)
		return rule(t, d.Allow(t.Context(), c))
	}
	same := func(*callers.Caller) {}
	suspension := callers.Suspension{Ente: "c_a", Service: "pratiche", Consumer: consumer, Reason: "abuso", By: "anna"}
	if err := here.Suspend(t.Context(), suspension); err != nil {
		t.Fatal(err)
	}
	if err := here.Suspend(t.Context(), suspension); !errors.Is(err, callers.ErrSuspended) {
		t.Errorf("twice: %v", err)
	}
	if got := may(here, same); got != problem.RuleCallerSuspended {
		t.Errorf("here: %q", got)
	}
	if got := may(replica, same); got != "" {
		t.Fatalf("the replica has not looked, so this test could not fail: %q", got)
	}
	if err := replica.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	restarted := open()
	if err := restarted.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*callers.Desk{"replica": replica, "restarted": restarted} {
		if got := may(d, same); got != problem.RuleCallerSuspended {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, change := range map[string]func(*callers.Caller){
		"another consumer":  func(c *callers.Caller) { c.Consumer = other },
		"another e-service": func(c *callers.Caller) { c.Service = "atti" },
		"another ente":      func(c *callers.Caller) { c.Ente = "c_b" },
	} {
		if got := may(here, change); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	if err := here.Resume(t.Context(), "c_a", "", consumer, "bruno"); !errors.Is(err, callers.ErrNotSuspended) {
		t.Errorf("resumed everywhere what was suspended here: %v", err)
	}
	if err := here.Resume(t.Context(), "c_a", "pratiche", consumer, "bruno"); err != nil || may(here, same) != "" {
		t.Errorf("%v", err)
	}
	everywhere := suspension
	everywhere.Service = ""
	if err := here.Suspend(t.Context(), everywhere); err != nil {
		t.Fatal(err)
	}
	if got := may(here, func(c *callers.Caller) { c.Service = "atti" }); got != problem.RuleCallerSuspended {
		t.Errorf("from all e-services: %q", got)
	}
	list, err := here.Suspensions(t.Context(), "c_a")
	if err != nil || len(list) != 2 || list[0].Holds() || list[0].ResumedBy != "bruno" || !list[1].Holds() {
		t.Errorf("%+v, %v", list, err)
	}
}

// failing is a store that fails after its first answer.
type failing struct {
	callers.Store

	mu    sync.Mutex
	list  []callers.Suspension
	asked int
}

func (f *failing) Suspensions(context.Context, string, bool) ([]callers.Suspension, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked++; f.asked > 1 {
		return nil, errors.New("no answer")
	}
	return f.list, nil
}

func TestWhatWasSuspendedStaysSoWhileTheStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &failing{list: []callers.Suspension{{Ente: "c_a", Service: "pratiche", Consumer: consumer}}}
		d := callers.New(callers.Options{Config: configured(config.Callers{}), Store: f, Clock: time.Now})
		ctx, cancel := context.WithCancel(t.Context())
		failures := 0
		go d.Run(ctx, func(error) { failures++ })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if failures == 0 {
			t.Error("nobody was told")
		}
		if got := rule(t, d.Allow(t.Context(), caller())); got != problem.RuleCallerSuspended {
			t.Errorf("%q", got)
		}
		cancel()
		synctest.Wait()
	})
}

// TestSuspensionsAreDecidedWhileCallsCome, under the race detector.
func TestSuspensionsAreDecidedWhileCallsCome(t *testing.T) {
	s := storetest.SQLite(t).Migrated(t, time.Now)
	d := callers.New(callers.Options{Config: configured(config.Callers{}), Store: s.Callers(), Clock: time.Now})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if err := d.Allow(context.Background(), caller()); err != nil && rule(t, err) != problem.RuleCallerSuspended {
					t.Error(err)
				}
			}
		})
	}
	for range 10 {
		suspension := callers.Suspension{Ente: "c_a", Service: "pratiche", Consumer: consumer, Reason: "prova", By: "anna"}
		if err := d.Suspend(t.Context(), suspension); err != nil {
			t.Fatal(err)
		}
		if err := d.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.Resume(t.Context(), "c_a", "pratiche", consumer, "anna"); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
	if got := rule(t, d.Allow(t.Context(), caller())); got != "" {
		t.Errorf("readmitted: %q", got)
	}
	list, err := d.Suspensions(t.Context(), "c_a")
	if err != nil || len(list) != 10 {
		t.Errorf("%d suspensions are kept, %v", len(list), err)
	}
}

// TestAStoreThatFailsChangesNothing: nobody is suspended or readmitted by halves.
func TestAStoreThatFailsChangesNothing(t *testing.T) {
	away := errors.New("no answer")
	d := callers.New(callers.Options{Config: configured(config.Callers{}), Store: refusing{away}, Clock: time.Now})
	if err := d.Suspend(t.Context(), callers.Suspension{Ente: "c_a", Service: "pratiche", Consumer: consumer}); !errors.Is(err, away) {
		t.Error(err)
	}
	if err := d.Resume(t.Context(), "c_a", "pratiche", consumer, "anna"); !errors.Is(err, away) {
		t.Error(err)
	}
	if got := rule(t, d.Allow(t.Context(), caller())); got != "" {
		t.Errorf("suspended although it is not stored: %q", got)
	}
}

// refusing is a store that is away.
type refusing struct{ err error }

func (r refusing) Suspend(context.Context, callers.Suspension) error { return r.err }

func (r refusing) Resume(context.Context, string, string, string, string, time.Time) error {
	return r.err
}

func (r refusing) Suspensions(context.Context, string, bool) ([]callers.Suspension, error) {
	return nil, r.err
}

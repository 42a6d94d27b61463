// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declared_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/internal/quota"
	"github.com/snodo-pa/snodo/internal/quota/declared"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/registry"
)

func TestDeclaredCallsAreReadFromPDND(t *testing.T) {
	clock := jobstest.NewClock()
	world := pdndtest.New(t, mock.Options{Clock: clock.Now})
	queue := jobstest.New(t, clock.Now)
	ente := &config.Ente{
		CodiceIPA:  "c_bf01",
		APIClients: map[string]config.Client{registry.Locale: {ID: pdndtest.ReaderID, Environment: registry.Locale}},
		Consumes:   map[string]*config.Consume{"consultazione": {Environment: registry.Locale}},
		Procedimenti: map[string]*config.Procedimento{
			"p": {Purposes: map[string]string{"consultazione": pdndtest.PurposeID}},
			"q": {Purposes: map[string]string{"consultazione": "30000000-0000-4000-8000-0000000000ff"}}, // PDND knows no such purpose
		},
	}
	set := jobs.NewHandlers()
	reader := &declared.Reader{
		Config:    &config.Config{Enti: map[string]*config.Ente{"c_bf01": ente}},
		Platforms: map[string]*pdnd.Platform{registry.Locale: world.Platform},
		Credentials: func(string, string) (pdnd.Credentials, error) {
			return world.ReaderV2(), nil
		},
		Store: queue.Store.Quota(), Clock: clock.Now,
	}
	if err := reader.Register(set); err != nil {
		t.Fatal(err)
	}
	if err := world.Mock.SetFaults(faults.Fault{Kind: faults.Status, Status: 503, Path: "/purposes/", Times: 2}); err != nil {
		t.Fatal(err)
	}
	queue.Drain(t, set) // PDND is out of order
	clock.Advance(2 * time.Minute)
	queue.Drain(t, set)
	got, err := queue.Store.Quota().Declared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []quota.Declared{{Environment: registry.Locale, Purpose: pdndtest.PurposeID, DailyCalls: 100, ReadAt: clock.Now()}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// producer is an ente that offers the consultazione, with its jobs.
type producer struct {
	*pdndtest.World

	clock  *replaytest.Clock
	queue  *jobstest.World
	set    *jobs.Handlers
	offers *config.Expose
}

func newProducer(t *testing.T, descriptors ...string) *producer {
	t.Helper()
	clock := jobstest.NewClock()
	p := &producer{
		World: pdndtest.New(t, mock.Options{Clock: clock.Now}), clock: clock, queue: jobstest.New(t, clock.Now), set: jobs.NewHandlers(),
		offers: &config.Expose{Environment: registry.Locale, EserviceID: pdndtest.EserviceID, DescriptorIDs: descriptors},
	}
	ente := &config.Ente{
		CodiceIPA:  "m_min",
		APIClients: map[string]config.Client{registry.Locale: {ID: pdndtest.ProducerID, Environment: registry.Locale}},
		Exposes:    map[string]*config.Expose{"consultazione": p.offers, "altrove": {Environment: registry.Collaudo}},
	}
	reader := &declared.Reader{
		Config:      &config.Config{Enti: map[string]*config.Ente{"m_min": ente}},
		Platforms:   map[string]*pdnd.Platform{registry.Locale: p.Platform},
		Credentials: func(string, string) (pdnd.Credentials, error) { return p.ProducerReader(), nil },
		Store:       p.queue.Store.Quota(), Clock: clock.Now,
	}
	if err := reader.Register(p.set); err != nil {
		t.Fatal(err)
	}
	return p
}

// read runs the jobs and returns what is known then.
func (p *producer) read(t *testing.T) map[string]int64 {
	t.Helper()
	p.queue.Drain(t, p.set)
	list, err := p.queue.Store.Quota().Declared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, d := range list {
		got[d.Purpose] = d.DailyCalls
	}
	return got
}

// TestCallsOfAnExposedEserviceAreReadFromPDND: those that the version declared, and those that the purposes of its
// consumers did.
func TestCallsOfAnExposedEserviceAreReadFromPDND(t *testing.T) {
	got := newProducer(t, pdndtest.DescriptorID).read(t)
	if got[pdndtest.PurposeID] != 100 || got[quota.PerConsumer(pdndtest.EserviceID)] <= 0 || got[quota.OfAll(pdndtest.EserviceID)] <= 0 {
		t.Errorf("declared %v", got)
	}
}

// TestAVersionThatPDNDDoesNotShowLiftsNoLimit: what was last read stands, and where nothing was read nothing is known.
func TestAVersionThatPDNDDoesNotShowLiftsNoLimit(t *testing.T) {
	const unknown = "30000000-0000-4000-8000-0000000000ff"
	p := newProducer(t, pdndtest.DescriptorID)
	first := p.read(t)
	if first[quota.PerConsumer(pdndtest.EserviceID)] <= 0 {
		t.Fatalf("declared %v", first)
	}
	for name, descriptors := range map[string][]string{"the only one": {unknown}, "one of two": {pdndtest.DescriptorID, unknown}, "none named": nil} {
		p.offers.DescriptorIDs = descriptors
		p.clock.Advance(2 * time.Hour)
		if diff := cmp.Diff(first, p.read(t)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	got := newProducer(t, unknown).read(t)
	if _, there := got[quota.OfAll(pdndtest.EserviceID)]; there || got[pdndtest.PurposeID] != 100 {
		t.Errorf("nothing was read before: %v", got)
	}
}

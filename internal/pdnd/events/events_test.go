// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/jobs"
	"github.com/snodo-pa/snodo/internal/jobs/jobstest"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/events"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

const (
	every  = time.Minute
	comune = "c_bf01"
)

// world is a hub's part that follows events, over a PDND that speaks TCP.
type world struct {
	*pdndtest.World

	clock    *replaytest.Clock
	jobs     *jobstest.World
	set      *jobs.Handlers
	follower *events.Follower
	options  events.Options
	log      *jobstest.Log
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldOf(t, configured(), (*pdndtest.World).ReaderV2, func(*world) {})
}

// newWorldOf is the world of a hub that reads with certain credentials. prepare changes it before
// the first run.
func newWorldOf(t *testing.T, c *config.Config, reader func(*pdndtest.World) pdnd.Credentials, prepare func(*world)) *world {
	t.Helper()
	w := &world{clock: jobstest.NewClock(), log: &jobstest.Log{}}
	w.World = pdndtest.New(t, mock.Options{Clock: w.clock.Now})
	w.jobs = jobstest.New(t, w.clock.Now)
	w.options = events.Options{
		Config: c, Platforms: map[string]*pdnd.Platform{registry.Locale: w.Platform},
		Credentials: func(string, string) (pdnd.Credentials, error) { return reader(w.World), nil },
		Store:       w.jobs.Store, Clock: w.clock.Now, Logger: slog.New(slog.NewTextHandler(w.log, nil)), Every: every,
	}
	w.set = jobs.NewHandlers()
	if err := events.NewPoller(w.options).Register(w.set); err != nil {
		t.Fatal(err)
	}
	w.follower = events.NewFollower(w.options)
	prepare(w)
	w.tick(t) // the first run: it begins
	return w
}

// configured is a hub with one ente that calls the e-service of the world.
func configured() *config.Config {
	return &config.Config{
		Enti: map[string]*config.Ente{comune: {
			CodiceIPA:    comune,
			APIClients:   map[string]config.Client{registry.Locale: {ID: pdndtest.ReaderID, Environment: registry.Locale}},
			Clients:      map[string]config.Client{"servizi": {ID: pdndtest.ConsumerID, Environment: registry.Locale}},
			Consumes:     map[string]*config.Consume{"consultazione": {Recipe: "consultazione", Environment: registry.Locale, Client: "servizi", Titolo: "proprio"}},
			Procedimenti: map[string]*config.Procedimento{"p": {Purposes: map[string]string{"consultazione": pdndtest.PurposeID}}},
		}},
		Consumes: map[string]*registry.Recipe{"consultazione": {Environments: map[string]registry.RecipeEnvironment{
			registry.Locale: {EserviceID: pdndtest.EserviceID},
		}}},
	}
}

// tick lets the schedules fire and this process see what they found.
func (w *world) tick(t *testing.T) {
	t.Helper()
	w.jobs.Drain(t, w.set)
	if err := w.follower.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) resolve(t *testing.T, p *pdnd.Platform, kid string) error {
	t.Helper()
	_, err := p.ConsumerKeysFor(w.ReaderV2(), pdndtest.ConsumerID).ResolveKey(t.Context(), kid)
	return err
}

func (w *world) addKey(t *testing.T) string {
	t.Helper()
	kid, err := w.Mock.AddClientKey(pdndtest.ConsumerID, pdndtest.PublicPEM(pdndtest.NewRSA()))
	if err != nil {
		t.Fatal(err)
	}
	return kid
}

// TestKeyDeletedOnPDNDIsRefusedWithinOneInterval, by the process that read the event and by
// another one that only shares its database.
func TestKeyDeletedOnPDNDIsRefusedWithinOneInterval(t *testing.T) {
	w := newWorld(t)
	other, err := pdnd.New(pdnd.Options{Profile: w.Environment(), HTTP: w.HTTP, Clock: w.clock.Now, Rand: strings.NewReader(strings.Repeat("snodo", 1000))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	o := w.options
	o.Platforms = map[string]*pdnd.Platform{registry.Locale: other}
	replica := events.NewFollower(o)
	kid := w.addKey(t)
	for _, p := range []*pdnd.Platform{w.Platform, other} {
		if err := w.resolve(t, p, kid); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Mock.RemoveKey(kid); err != nil {
		t.Fatal(err)
	}
	if err := w.resolve(t, w.Platform, kid); err != nil {
		t.Fatalf("the key is remembered, so this test could not fail: %v", err)
	}
	w.clock.Advance(every)
	w.tick(t)
	if err := replica.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*pdnd.Platform{"reader": w.Platform, "replica": other} {
		if err := w.resolve(t, p, kid); !errors.Is(err, modi.ErrKeyUnknown) {
			t.Errorf("%s: %v, want an unknown key", name, err)
		}
	}
}

// TestAddedKeyIsNoLongerUnknown: also "no such key" is remembered, and forgotten.
func TestAddedKeyIsNoLongerUnknown(t *testing.T) {
	w := newWorld(t)
	key := pdndtest.NewRSA()
	if err := w.resolve(t, w.Platform, key.KID); !errors.Is(err, modi.ErrKeyUnknown) {
		t.Fatal(err)
	}
	if _, err := w.Mock.AddClientKey(pdndtest.ConsumerID, pdndtest.PublicPEM(key)); err != nil {
		t.Fatal(err)
	}
	w.jobs.Drain(t, w.set) // nothing is due yet
	w.clock.Advance(every)
	w.tick(t)
	if err := w.resolve(t, w.Platform, key.KID); err != nil {
		t.Error(err)
	}
}

// TestWhatStopsAVoucherMakesItForgotten: a purpose, its agreement, the descriptor.
func TestWhatStopsAVoucherMakesItForgotten(t *testing.T) {
	for name, stop := range map[string]func(w *world) error{
		"purpose":    func(w *world) error { return w.Mock.SetPurposeState(pdndtest.PurposeID, "SUSPENDED") },
		"agreement":  func(w *world) error { return w.Mock.SetAgreementState(pdndtest.PurposeID, "SUSPENDED") },
		"descriptor": func(w *world) error { return w.Mock.SetDescriptorState(pdndtest.DescriptorID, mock.Suspended) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ask := pdnd.VoucherRequest{Client: w.Consumer(), PurposeID: pdndtest.PurposeID}
			if _, err := w.Platform.Voucher(t.Context(), ask); err != nil {
				t.Fatal(err)
			}
			if err := stop(w); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Platform.Voucher(t.Context(), ask); err != nil {
				t.Fatalf("the voucher is remembered, so this test could not fail: %v", err)
			}
			w.clock.Advance(6 * every)
			w.tick(t)
			if _, err := w.Platform.Voucher(t.Context(), ask); !errors.Is(err, registry.ErrConfig) {
				t.Errorf("%v, want PDND's refusal", err)
			}
		})
	}
}

// TestFeedThatCannotBeReadHoldsUpNoOther: a platform that is out of order for one of them.
func TestFeedThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	ask := pdnd.VoucherRequest{Client: w.Consumer(), PurposeID: pdndtest.PurposeID}
	if _, err := w.Platform.Voucher(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Empty, Status: 503, Path: "/purposeEvents"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Mock.SetAgreementState(pdndtest.PurposeID, "SUSPENDED"); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(6 * every)
	w.tick(t)
	if _, err := w.Platform.Voucher(t.Context(), ask); !errors.Is(err, registry.ErrConfig) {
		t.Errorf("%v, want PDND's refusal", err)
	}
}

// TestKeysLiveShorterWhileEventsAreNotRead: and no dead letter is left of it.
func TestKeysLiveShorterWhileEventsAreNotRead(t *testing.T) {
	w := newWorld(t)
	alive := func() bool {
		t.Helper()
		yes, err := events.Alive(t.Context(), w.jobs.Store, registry.Locale, w.clock.Now(), every)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	if !alive() {
		t.Fatal("events are read and not alive")
	}
	if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Empty, Status: 503, Path: "/keyEvents"}); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		w.clock.Advance(every)
		w.tick(t)
	}
	if alive() {
		t.Fatal("events are not read and alive")
	}
	kid := w.addKey(t)
	if err := w.resolve(t, w.Platform, kid); err != nil {
		t.Fatal(err)
	}
	if err := w.Mock.RemoveKey(kid); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(every + time.Second) // less than KeyFresh, more than BlindFresh
	if err := w.resolve(t, w.Platform, kid); !errors.Is(err, modi.ErrKeyUnknown) {
		t.Errorf("a key deleted %v ago is still good without events: %v", every, err)
	}
	if !strings.Contains(fmt.Sprint(w.log), "si ricordano per meno tempo") {
		t.Errorf("nothing was logged: %s", w.log)
	}
	if err := w.Mock.SetFaults(); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(2 * every)
	w.tick(t)
	if !alive() {
		t.Error("events are read again and not alive")
	}
	if dead, err := w.jobs.Queue.Dead(t.Context(), jobs.DeadQuery{}); err != nil || len(dead) > 0 {
		t.Errorf("dead letters %v, %v", dead, err)
	}
}

// TestLostCursorForgetsEverything: what happened meanwhile cannot be read any more.
func TestLostCursorForgetsEverything(t *testing.T) {
	w := newWorld(t)
	kid := w.addKey(t)
	at := store.CursorName{Environment: registry.Locale, Feed: "keyEvents"}
	before, err := w.jobs.Store.State().Cursor(t.Context(), at)
	if err != nil || before.Value == "" {
		t.Fatal(before, err)
	}
	w.clock.Advance(events.Retention)
	if err := w.resolve(t, w.Platform, kid); err != nil {
		t.Fatal(err)
	}
	if err := w.Mock.RemoveKey(kid); err != nil {
		t.Fatal(err)
	}
	w.Mock.Platform().Log().Purge(w.clock.Now().Add(time.Hour)) // not even the deletion is left
	w.tick(t)
	if err := w.resolve(t, w.Platform, kid); !errors.Is(err, modi.ErrKeyUnknown) {
		t.Errorf("%v, want an unknown key", err)
	}
	after, err := w.jobs.Store.State().Cursor(t.Context(), at)
	if err != nil || after.Value <= before.Value {
		t.Errorf("cursor %+v after %+v, %v", after, before, err)
	}
}

// TestQuietFeedIsNotLost: a cursor at the end stays good however old its last event is.
func TestQuietFeedIsNotLost(t *testing.T) {
	w := newWorld(t)
	at := store.CursorName{Environment: registry.Locale, Feed: "keyEvents"}
	var last store.Cursor
	for day := range 60 {
		w.clock.Advance(24 * time.Hour)
		w.tick(t)
		now, err := w.jobs.Store.State().Cursor(t.Context(), at)
		if err != nil || day > 0 && now.Value != last.Value {
			t.Fatalf("day %d: cursor %+v after %+v, %v", day, now, last, err)
		}
		last = now
	}
}

// TestFollowerThatSleptForgetsEverything: its notices may have been purged unseen.
func TestFollowerThatSleptForgetsEverything(t *testing.T) {
	w := newWorld(t)
	kid := w.addKey(t)
	if err := w.resolve(t, w.Platform, kid); err != nil {
		t.Fatal(err)
	}
	if err := w.Mock.RemoveKey(kid); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(every)
	w.jobs.Drain(t, w.set) // read, but not by this follower
	w.clock.Advance(27 * time.Hour)
	if n, err := w.jobs.Store.PurgeNotices(context.Background(), w.clock.Now()); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	if err := w.follower.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.resolve(t, w.Platform, kid); !errors.Is(err, modi.ErrKeyUnknown) {
		t.Errorf("%v, want an unknown key", err)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events_test

import (
	"errors"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/events"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/voucher"
	"github.com/snodo-pa/snodo/registry"
)

// exposing is a hub with the ente that exposes the e-service of the world.
func exposing() *config.Config {
	return &config.Config{Enti: map[string]*config.Ente{"m_min": {
		CodiceIPA:  "m_min",
		APIClients: map[string]config.Client{registry.Locale: {ID: pdndtest.ProducerID, Environment: registry.Locale}},
		Exposes: map[string]*config.Expose{"consultazione": {
			Environment: registry.Locale, EserviceID: pdndtest.EserviceID, DescriptorIDs: []string{pdndtest.DescriptorID},
		}},
	}}}
}

func newProducer(t *testing.T, prepare func(*world)) *world {
	t.Helper()
	return newWorldOf(t, exposing(), (*pdndtest.World).ProducerReader, prepare)
}

// look has the events read and what they leave open asked.
func (w *world) look(t *testing.T) {
	t.Helper()
	w.clock.Advance(every)
	w.tick(t)
	w.follower.Standings().Ask(t.Context())
}

// issued is a voucher of the comune, issued now.
func (w *world) issued() *voucher.Voucher {
	return &voucher.Voucher{
		PurposeID: pdndtest.PurposeID, ConsumerID: pdndtest.ComuneID, EserviceID: pdndtest.EserviceID,
		DescriptorID: pdndtest.DescriptorID, IssuedAt: w.clock.Now(),
	}
}

func (w *world) stands(t *testing.T, v *voucher.Voucher, want error) {
	t.Helper()
	err := w.follower.Standings().Stands(registry.Locale, v)
	if (want == nil) != (err == nil) || want != nil && !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

// TestVoucherIsRefusedOnceWhatItRestsOnStops, within one look at the events, and good again
// when it is taken up.
func TestVoucherIsRefusedOnceWhatItRestsOnStops(t *testing.T) {
	purpose := func(state string) func(*world) error {
		return func(w *world) error { return w.Mock.SetPurposeState(pdndtest.PurposeID, state) }
	}
	agreement := func(state string) func(*world) error {
		return func(w *world) error { return w.Mock.SetAgreementState(pdndtest.PurposeID, state) }
	}
	version := func(state mock.DescriptorState) func(*world) error {
		return func(w *world) error { return w.Mock.SetDescriptorState(pdndtest.DescriptorID, state) }
	}
	for name, tc := range map[string]struct{ stop, start func(*world) error }{
		"purpose suspended":   {purpose("SUSPENDED"), purpose("ACTIVE")},
		"purpose archived":    {purpose("ARCHIVED"), nil},
		"agreement suspended": {agreement("SUSPENDED"), agreement("ACTIVE")},
		"agreement archived":  {agreement("ARCHIVED"), nil},
		"version suspended":   {version(mock.Suspended), version(mock.Published)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newProducer(t, func(*world) {})
			v := w.issued()
			w.look(t)
			w.stands(t, v, nil)
			if err := tc.stop(w); err != nil {
				t.Fatal(err)
			}
			w.stands(t, v, nil) // nobody has said so yet
			w.look(t)
			w.stands(t, v, events.ErrStopped)
			other := *v
			other.PurposeID, other.ConsumerID, other.DescriptorID = pdndtest.EserviceID, pdndtest.UnioneID, pdndtest.ConsumerID
			w.stands(t, &other, nil)
			if tc.start == nil {
				return
			}
			if err := tc.start(w); err != nil {
				t.Fatal(err)
			}
			w.look(t)
			w.stands(t, v, nil)
		})
	}
}

// TestVoucherIssuedAfterwardsProvesThatItIsActiveAgain: PDND issues none for what has stopped.
func TestVoucherIssuedAfterwardsProvesThatItIsActiveAgain(t *testing.T) {
	w := newProducer(t, func(*world) {})
	v := w.issued()
	if err := w.Mock.SetPurposeState(pdndtest.PurposeID, "SUSPENDED"); err != nil {
		t.Fatal(err)
	}
	w.look(t)
	w.stands(t, v, events.ErrStopped)
	w.clock.Advance(30 * time.Second)
	w.stands(t, w.issued(), events.ErrStopped) // the token endpoint follows with a delay
	w.clock.Advance(time.Minute)
	w.stands(t, w.issued(), nil)
	w.stands(t, v, events.ErrStopped)
}

// TestStoppedPurposeIsInDoubtUntilPDNDAnswers: the event is read, the question is not answered.
func TestStoppedPurposeIsInDoubtUntilPDNDAnswers(t *testing.T) {
	w := newProducer(t, func(*world) {})
	w.look(t) // all that is suspended was asked for
	v := w.issued()
	if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Status, Status: 503, Path: "/purposes/"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Mock.SetPurposeState(pdndtest.PurposeID, "SUSPENDED"); err != nil {
		t.Fatal(err)
	}
	w.look(t)
	w.stands(t, v, modi.ErrUndecided)
	if err := w.Mock.SetFaults(); err != nil {
		t.Fatal(err)
	}
	w.follower.Standings().Ask(t.Context())
	w.stands(t, v, events.ErrStopped)
}

// TestAProcessThatStartsHearsOfWhatStoppedBefore: no restart lets a voucher through again.
func TestAProcessThatStartsHearsOfWhatStoppedBefore(t *testing.T) {
	w := newProducer(t, func(*world) {})
	v := w.issued()
	if err := w.Mock.SetPurposeState(pdndtest.PurposeID, "ARCHIVED"); err != nil {
		t.Fatal(err)
	}
	w.look(t)
	w.clock.Advance(23 * time.Hour)
	w.follower = events.NewFollower(w.options)
	w.look(t)
	w.stands(t, v, events.ErrStopped)
}

// TestFirstStartAsksForAllThatIsSuspended, of which no event will tell.
func TestFirstStartAsksForAllThatIsSuspended(t *testing.T) {
	for name, stop := range map[string]func(w *world) error{
		"purpose":   func(w *world) error { return w.Mock.SetPurposeState(pdndtest.PurposeID, "SUSPENDED") },
		"agreement": func(w *world) error { return w.Mock.SetAgreementState(pdndtest.PurposeID, "SUSPENDED") },
		"version":   func(w *world) error { return w.Mock.SetDescriptorState(pdndtest.DescriptorID, mock.Suspended) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newProducer(t, func(w *world) {
				if err := stop(w); err != nil {
					t.Fatal(err)
				}
				w.clock.Advance(time.Hour) // the feed begins after it
			})
			w.follower.Standings().Ask(t.Context())
			v := w.issued()
			v.IssuedAt = v.IssuedAt.Add(-2 * time.Hour)
			w.stands(t, v, events.ErrStopped)
		})
	}
}

// TestAnEnteThatOnlyCallsAsksAboutNobody: the events of its own purposes are not of callers.
func TestAnEnteThatOnlyCallsAsksAboutNobody(t *testing.T) {
	w := newWorld(t)
	if err := w.Mock.SetPurposeState(pdndtest.PurposeID, "SUSPENDED"); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(6 * every)
	w.look(t)
	w.stands(t, w.issued(), nil)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/events"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/modi"
)

// refusing is a network on which PDND refuses, in its own words, what concerns a path.
type refusing struct {
	pdnd.Doer
	*refusal
}

type refusal struct {
	status int // 0 = it refuses nothing
	path   string
}

func (r refusing) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	if r.status != 0 && strings.Contains(req.URL.Path, r.path) {
		return &outbound.Response{Status: r.status, Header: http.Header{}, Body: []byte(`{"errors":[{"code":"004-0001","detail":"no"}]}`)}, nil
	}
	return r.Doer.Do(ctx, req, x)
}

// newRefused is newProducer over such a network.
func newRefused(t *testing.T) (*world, *refusal) {
	t.Helper()
	network := &refusal{}
	w := newWorldOf(t, exposing(), func(w *pdndtest.World) pdnd.Credentials {
		c := w.ProducerReader()
		c.HTTP = refusing{w.HTTP, network}
		return c
	}, func(*world) {})
	w.look(t)
	return w, network
}

// silent has PDND answer nothing that concerns a path; "" takes that back.
func (w *world) silent(t *testing.T, path string) {
	t.Helper()
	var list []faults.Fault
	if path != "" {
		list = append(list, faults.Fault{Kind: faults.Status, Status: http.StatusServiceUnavailable, Path: path})
	}
	must(t, w.Mock.SetFaults(list...))
}

func (w *world) ask(t *testing.T) {
	t.Helper()
	w.follower.Standings().Ask(t.Context())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestStoppedVersionIsInDoubtUntilPDNDAnswers: the event names it.
func TestStoppedVersionIsInDoubtUntilPDNDAnswers(t *testing.T) {
	w := newProducer(t, func(*world) {})
	w.look(t)
	v := w.issued()
	w.silent(t, "/descriptors")
	must(t, w.Mock.SetDescriptorState(pdndtest.DescriptorID, mock.Suspended))
	w.look(t)
	w.stands(t, v, modi.ErrUndecided)
	next := *v
	next.DescriptorID = pdndtest.ConsumerID
	w.stands(t, &next, nil)
	w.silent(t, "")
	w.ask(t)
	w.stands(t, v, events.ErrStopped)
}

// TestAgreementThatNobodyTellsOfIsInDoubt: the event does not say whose it is. After a while all agreements of the ente may
// be it, and no voucher from before counts.
func TestAgreementThatNobodyTellsOfIsInDoubt(t *testing.T) {
	w := newProducer(t, func(*world) {})
	w.look(t)
	v := w.issued()
	w.silent(t, "/agreements")
	must(t, w.Mock.SetAgreementState(pdndtest.PurposeID, "SUSPENDED"))
	w.look(t)
	w.stands(t, v, nil) // a consumer that suspends its own holds up nobody for the moment that an answer takes
	w.clock.Advance(30 * time.Second)
	w.ask(t)
	other, elsewhere := *v, *v
	other.ConsumerID, elsewhere.EserviceID = pdndtest.UnioneID, pdndtest.ConsumerID
	w.stands(t, v, modi.ErrUndecided)
	w.stands(t, &other, modi.ErrUndecided)
	w.stands(t, &elsewhere, nil)
	w.clock.Advance(time.Minute)
	w.stands(t, w.issued(), nil) // PDND issues none for what has stopped
	w.stands(t, v, modi.ErrUndecided)
	w.silent(t, "")
	w.ask(t)
	w.stands(t, v, events.ErrStopped)
	w.stands(t, &other, nil)
}

// TestAgreementThatIsGoneIsRefused: PDND no longer says whose it was, and those that call are held against those it has.
func TestAgreementThatIsGoneIsRefused(t *testing.T) {
	for state, want := range map[string]error{"ARCHIVED": events.ErrStopped, "ACTIVE": nil} {
		w, network := newRefused(t)
		v := w.issued()
		w.stands(t, v, nil)
		must(t, w.Mock.SetAgreementState(pdndtest.PurposeID, "SUSPENDED"))
		must(t, w.Mock.SetAgreementState(pdndtest.PurposeID, state))
		network.status, network.path = http.StatusNotFound, "/agreements/"
		w.look(t)
		w.stands(t, v, want)
		w.clock.Advance(time.Hour)
		w.ask(t)
		w.stands(t, v, want)
	}
}

// TestEserviceThatIsGoneIsRefused: none of its versions is active.
func TestEserviceThatIsGoneIsRefused(t *testing.T) {
	w, network := newRefused(t)
	v := w.issued()
	must(t, w.Mock.SetDescriptorState(pdndtest.DescriptorID, mock.Suspended))
	network.status, network.path = http.StatusNotFound, "/descriptors"
	w.look(t)
	w.stands(t, v, events.ErrStopped)
}

// TestRefusedQuestionKeepsItsDoubt: that PDND does not answer the ente's API client says nothing of who calls. It is asked
// again, less often, and an operator is told once.
func TestRefusedQuestionKeepsItsDoubt(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		w, network := newRefused(t)
		v := w.issued()
		network.status, network.path = status, "/purposes/"
		must(t, w.Mock.SetPurposeState(pdndtest.PurposeID, "SUSPENDED"))
		w.look(t)
		w.stands(t, v, modi.ErrUndecided)
		w.clock.Advance(5 * time.Minute)
		w.ask(t)
		w.stands(t, v, modi.ErrUndecided)
		if told := strings.Count(w.log.String(), "stato su PDND non ancora noto"); status == http.StatusForbidden && told != 1 {
			t.Errorf("told %d times\n%s", told, w.log.String())
		}
		network.status = 0
		w.clock.Advance(5 * time.Minute)
		w.ask(t)
		w.stands(t, v, events.ErrStopped)
	}
}

// TestRefusedQuestionIsAskedNoLongerThanItMatters: until no voucher can rest on what it is about.
func TestRefusedQuestionIsAskedNoLongerThanItMatters(t *testing.T) {
	w, network := newRefused(t)
	network.status, network.path = http.StatusForbidden, "/purposes/"
	must(t, w.Mock.SetPurposeState(pdndtest.PurposeID, "SUSPENDED"))
	w.look(t)
	w.clock.Advance(25 * time.Hour)
	w.ask(t)
	network.status = 0
	w.clock.Advance(5 * time.Minute)
	w.ask(t) // else it would be learnt to have stopped, and nothing would be known of a voucher that PDND issues
	w.stands(t, w.issued(), nil)
}

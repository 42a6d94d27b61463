// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package held_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/callers/held"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/registry"
)

const (
	comuniID = "20000000-0000-4000-8000-000000000003"
	otherID  = "20000000-0000-4000-8000-000000000004"
)

type world struct {
	*pdndtest.World

	clock *replaytest.Clock
	held  *held.Attributes
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: replaytest.NewClock()}
	w.World = pdndtest.New(t, mock.Options{Clock: w.clock.Now})
	for _, err := range []error{
		w.Mock.Platform().AddAttribute(mock.Attribute{ID: comuniID, Name: "Comuni", Code: "L6", Origin: "IPA"}),
		w.Mock.Platform().AddAttribute(mock.Attribute{ID: otherID, Name: "Altro", Code: "altro", Origin: "PDND"}),
		w.Mock.Platform().AssignAttribute(pdndtest.ComuneID, comuniID),
		w.Mock.Platform().AssignAttribute(pdndtest.ComuneID, otherID),
		w.Mock.Platform().RevokeAttribute(pdndtest.ComuneID, otherID),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.held = held.New(map[string]*pdnd.Platform{registry.Locale: w.Platform},
		func(ente, _ string) (pdnd.Credentials, error) {
			if ente != "c_bf01" {
				return pdnd.Credentials{}, errors.New("no API client")
			}
			return w.ReaderV2(), nil
		}, w.clock.Now)
	return w
}

func (w *world) want(t *testing.T, consumer string, want ...string) {
	t.Helper()
	got, err := w.held.Of(t.Context(), "c_bf01", registry.Locale, consumer)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestRevokedAttributesDoNotCount(t *testing.T) {
	w := newWorld(t)
	w.want(t, pdndtest.ComuneID, "IPA/L6")
	w.want(t, pdndtest.UnioneID)
	w.want(t, "30000000-0000-4000-8000-0000000000ff") // nobody
}

func TestAnAnswerIsBelievedForAWhileAndThenAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.want(t, pdndtest.ComuneID, "IPA/L6")
	if err := w.Mock.Platform().RevokeAttribute(pdndtest.ComuneID, comuniID); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(14 * time.Minute)
	w.want(t, pdndtest.ComuneID, "IPA/L6")
	w.clock.Advance(time.Minute)
	w.want(t, pdndtest.ComuneID)
}

func TestWhilePDNDIsAwayAnOldAnswerServesForADay(t *testing.T) {
	w := newWorld(t)
	w.want(t, pdndtest.ComuneID, "IPA/L6")
	if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Empty, Status: 503, Path: "/tenants"}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(23 * time.Hour)
	w.want(t, pdndtest.ComuneID, "IPA/L6")
	if got, err := w.held.Of(t.Context(), "c_bf01", registry.Locale, pdndtest.UnioneID); err == nil {
		t.Errorf("not known and not asked: %v", got)
	}
	w.clock.Advance(time.Hour)
	if got, err := w.held.Of(t.Context(), "c_bf01", registry.Locale, pdndtest.ComuneID); err == nil {
		t.Errorf("a day later: %v", got)
	}
}

func TestWhoCannotAskDoesNotKnow(t *testing.T) {
	w := newWorld(t)
	for _, who := range [][2]string{{"c_altro", registry.Locale}, {"c_bf01", "produzione"}} {
		if got, err := w.held.Of(t.Context(), who[0], who[1], pdndtest.ComuneID); err == nil {
			t.Errorf("%v: %v", who, got)
		}
	}
}

func TestManyAskAtOnce(t *testing.T) {
	w := newWorld(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { w.want(t, pdndtest.ComuneID, "IPA/L6") })
	}
	group.Wait()
}

// TestConsumerWithManyAttributesIsLearntInParts: one question puts a bounded number of others.
func TestConsumerWithManyAttributesIsLearntInParts(t *testing.T) {
	w := newWorld(t)
	for i := range 70 {
		id := fmt.Sprintf("20000000-0000-4000-8000-0000000001%02d", i)
		for _, err := range []error{
			w.Mock.Platform().AddAttribute(mock.Attribute{ID: id, Name: id, Code: fmt.Sprintf("a%02d", i), Origin: "PDND"}),
			w.Mock.Platform().AssignAttribute(pdndtest.UnioneID, id),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, err := w.held.Of(t.Context(), "c_bf01", registry.Locale, pdndtest.UnioneID); !errors.Is(err, held.ErrUndecided) {
		t.Errorf("%v, %v", got, err)
	}
	w.clock.Advance(5 * time.Second)
	if got, err := w.held.Of(t.Context(), "c_bf01", registry.Locale, pdndtest.UnioneID); err != nil || len(got) != 70 {
		t.Errorf("%d attributes, %v", len(got), err)
	}
}

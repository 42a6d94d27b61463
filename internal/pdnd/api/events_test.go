// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package api_test

import (
	"errors"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/registry"
)

// TestFollowsAFeed: page by page, each event once, until fewer come than were asked for.
func TestFollowsAFeed(t *testing.T) {
	both(t, func(t *testing.T, w *pdndtest.World, c *api.Client) {
		kid, err := w.Mock.AddClientKey(pdndtest.ConsumerID, pdndtest.PublicPEM(pdndtest.NewRSA()))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Mock.Platform().RemoveKey(kid); err != nil {
			t.Fatal(err)
		}
		var all []api.Event
		cursor := ""
		for {
			page, err := c.Events(t.Context(), api.FeedKeys, api.EventQuery{After: cursor, Limit: 2})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page...)
			if len(page) < 2 {
				break
			}
			cursor = page[1].ID
		}
		last := all[len(all)-1]
		if len(all) != 7 || last.Type != "CLIENT_KEY_DELETED" || last.KID != kid || last.ClientID != pdndtest.ConsumerID || last.At.IsZero() {
			t.Errorf("%d events, the last %+v", len(all), last)
		}
	})
}

func TestEveryFeedIsRead(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	c := api.New(w.Platform, w.Reader())
	for _, feed := range []api.Feed{
		api.FeedKeys, api.FeedProducerKeys, api.FeedClients, api.FeedProducerKeychains, api.FeedEservices, api.FeedAgreements,
		api.FeedPurposes, api.FeedAttributes, api.FeedTenants, api.FeedProducerDelegations, api.FeedConsumerDelegations,
	} {
		if _, err := c.Events(t.Context(), feed, api.EventQuery{}); err != nil {
			t.Errorf("%s: %v", feed, err)
		}
	}
	if _, err := c.Events(t.Context(), api.FeedPurposes, api.EventQuery{Delegation: "null", Limit: 9999}); err != nil {
		t.Error(err)
	}
}

// TestEventErrorsHaveNoBody: PDND's event routes fail without a word, which is no "no".
func TestEventErrorsHaveNoBody(t *testing.T) {
	for _, status := range []int{400, 404, 503} {
		w := pdndtest.New(t, mock.Options{})
		if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Empty, Status: status, Path: "/keyEvents"}); err != nil {
			t.Fatal(err)
		}
		_, err := api.New(w.Platform, w.ReaderV2()).Events(t.Context(), api.FeedKeys, api.EventQuery{})
		if !errors.Is(err, registry.ErrPDND) || errors.Is(err, api.ErrRefused) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestCursorTooOld(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		cursor string
		want   bool
	}{
		"of the same day":    {"019d43b3-1c00-7000-8000-000000000000", false},
		"of four weeks ago":  {"019ca9f9-8c00-7000-8000-000000000000", false},
		"of a year ago":      {"0195ebc2-a000-7000-8000-000000000000", true},
		"not by time":        {"30000000-0000-4000-8000-000000000001", true},
		"no UUID":            {"x", true},
		"empty":              {"", true},
		"upper case is fine": {"019D43B3-1C00-7000-8000-000000000000", false},
	} {
		if got := api.CursorTooOld(test.cursor, now, 30*24*time.Hour); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/transport"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// denied lists the services to which PDND denies the voucher.
func (s *site) denied(t testing.TB) []string {
	t.Helper()
	var names []string
	for name, state := range s.guards(t) {
		if state == transport.Denied {
			names = append(names, name)
		}
	}
	return names
}

// TestFailureMode09: what PDND suspends is told as such, shown, and taken up by itself; no
// breaker opens and no other service stops.
func TestFailureMode09(t *testing.T) {
	s := newSite(t, looks, quickGuard("anpr-c030"))
	e := ambiente.BorgoFiorito()
	if answer := s.acquire(t, identifier(e)); answer.Problem != nil {
		t.Fatalf("%s", answer.Raw)
	}
	for name, change := range map[string]func(state string) error{
		"purpose suspended":   func(state string) error { return s.PDND.SetPurposeState(e.PurposeC030, state) },
		"agreement suspended": func(state string) error { return s.PDND.SetAgreementState(e.PurposeC030, state) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := change(platform.StateSuspended); err != nil {
				t.Fatal(err)
			}
			for range breakerFailures + 1 {
				answer := s.acquire(t, identifier(e))
				if !strings.HasSuffix(ruleOf(answer.Raw), "/voucher-refused") || !strings.Contains(string(answer.Raw), e.PurposeC030) {
					t.Fatalf("%d %s", answer.Status, answer.Raw)
				}
			}
			if got := s.denied(t); len(got) != 1 || !strings.HasPrefix(got[0], "voucher/anpr-c030/"+e.CodiceIPA+"/") {
				t.Errorf("shown as denied: %v", got)
			}
			if open := s.openGuards(t); len(open) != 1 {
				t.Errorf("not closed: %v", open)
			}
			if answer := s.acquire(t, residence(e)); answer.Problem != nil {
				t.Errorf("another service: %s", answer.Raw)
			}
			if err := change(platform.Active); err != nil {
				t.Fatal(err)
			}
			eventually(t, 15*time.Second, "the service goes on", func() bool { return s.acquire(t, identifier(e)).Problem == nil })
			if got := s.denied(t); len(got) != 0 {
				t.Errorf("still shown as denied: %v", got)
			}
		})
	}
	t.Run("our key revoked", func(t *testing.T) {
		for _, kid := range s.kids(e.ConsumerClientID) {
			if err := s.PDND.RemoveKey(kid); err != nil {
				t.Fatal(err)
			}
		}
		answer := s.acquire(t, identifier(e))
		if !strings.HasSuffix(ruleOf(answer.Raw), "/voucher-refused") || len(s.denied(t)) == 0 {
			t.Errorf("%d %s, denied %v", answer.Status, answer.Raw, s.denied(t))
		}
	})
}

// TestFailureMode11: a clock a little off, or ahead by half a minute, harms nobody. What it does
// make impossible is refused in words that name the time, and nothing else breaks.
func TestFailureMode11(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	for _, tc := range []struct {
		off               time.Duration
		acquired, exposed string // the rule of a refusal, "" for none
	}{
		{30 * time.Second, "", ""},
		{-4 * time.Second, "", ""},
		{-30 * time.Second, "modi.integrity/issued-in-future", "pdnd.voucher/issued-in-future"},
		{10 * time.Minute, "hub.registry/message-refused", "pdnd.voucher/expired"},
		{-10 * time.Minute, "hub.registry/voucher-refused", "pdnd.voucher/issued-in-future"},
	} {
		t.Run(tc.off.String(), func(t *testing.T) {
			s.stop(t)
			s.app.clock = func() time.Time { return time.Now().Add(tc.off) }
			s.start(t)
			answer := s.acquire(t, residence(e))
			if (answer.Problem == nil) != (tc.acquired == "") || !strings.Contains(string(answer.Raw), tc.acquired) {
				t.Errorf("acquired: %d %s, want %s", answer.Status, answer.Raw, tc.acquired)
			}
			request := captured{url: s.exposedURL(e) + "/ricerche", header: s.prepare(t, e)}
			status, rule := s.resend(t, request)
			if (status == http.StatusOK) != (tc.exposed == "") || !strings.HasSuffix(rule, tc.exposed) {
				t.Errorf("exposed: %d %s, want %s", status, rule, tc.exposed)
			}
		})
	}
}

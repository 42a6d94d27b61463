// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// TestSuspendedConsumerIsRefusedWithinOneLook over TCP, although its vouchers have not expired:
// by its purpose or its agreement, after a restart of the hub too, and good again once it is
// taken up.
func TestSuspendedConsumerIsRefusedWithinOneLook(t *testing.T) {
	s := newSite(t, looks)
	e := ambiente.BorgoFiorito()
	requests := make([]captured, 600) // signed while all was active, and not used yet
	for i := range requests {
		requests[i] = captured{url: s.exposedURL(e) + "/ricerche", header: s.prepare(t, e)}
	}
	next := 0
	becomes := func(what string, status int, rule string) {
		t.Helper()
		began := time.Now()
		eventually(t, 10*time.Second, what, func() bool {
			next++
			got, why := s.resend(t, requests[next%len(requests)])
			if got != http.StatusOK && got != http.StatusForbidden && got != http.StatusServiceUnavailable {
				t.Fatalf("%d %s", got, why)
			}
			return got == status && strings.HasSuffix(why, rule)
		})
		t.Logf("%s: after %v", what, time.Since(began).Round(10*time.Millisecond))
	}
	becomes("an active consumer is served", http.StatusOK, "")
	for name, change := range map[string]func(purposeID, state string) error{
		"purpose": s.PDND.SetPurposeState, "agreement": s.PDND.SetAgreementState,
	} {
		if err := change(e.PurposeUnione, "SUSPENDED"); err != nil {
			t.Fatal(err)
		}
		becomes("suspended by its "+name, http.StatusForbidden, "/not-active")
		s.stop(t)
		s.start(t)
		becomes("still suspended by its "+name+" after a restart", http.StatusForbidden, "/not-active")
		if err := change(e.PurposeUnione, "ACTIVE"); err != nil {
			t.Fatal(err)
		}
		becomes("taken up by its "+name, http.StatusOK, "")
	}
}

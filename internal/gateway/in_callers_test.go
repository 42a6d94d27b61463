// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// TestACallerThatTheEnteDoesNotAdmitReachesNeitherQuotaNorBackEnd and the refusal is evidence.
func TestACallerThatTheEnteDoesNotAdmitReachesNeitherQuotaNorBackEnd(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Enti["c_a"].Exposes["pratiche"].QuotaPerConsumer = 1 })
	var asked []string
	admits := false
	w.MayCall = func(_ context.Context, ente, exposure string, v *voucher.Voucher) error {
		asked = append(asked, ente+"/"+exposure+"/"+v.ConsumerID)
		if admits {
			return nil
		}
		return problem.New(problem.RuleCallerSuspended)
	}
	_, err := w.serve(t, w.newCall())
	if problem.Status(err) != http.StatusForbidden || problem.Rules(err)[0] != string(problem.RuleCallerSuspended) {
		t.Fatalf("%v", err)
	}
	if diff := cmp.Diff([]string{"c_a/pratiche/" + consumerID}, asked); diff != "" {
		t.Error(diff)
	}
	if n := len(w.backEnd.requests); n != 0 {
		t.Errorf("the back end was called %d times", n)
	}
	admits = true
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Errorf("the refused call was counted, or still is: %v", err)
	}
}

// TestEveryCallIsToldOnceItHasEnded, with who called as far as a signature vouches for it.
func TestEveryCallIsToldOnceItHasEnded(t *testing.T) {
	w := newInWorld(t)
	var got []Ended
	w.Ended = func(e Ended) { got = append(got, e) }
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Fatal(err)
	}
	forged := w.newCall()
	forged.voucherKey = keysOnce().other
	if _, err := w.serve(t, forged); err == nil {
		t.Fatal("a forged voucher was accepted")
	}
	for _, path := range []string{"/modi/c_a/pratiche/v1/status", "/modi/c_a/altro/v1/x"} {
		_, _ = w.Serve(t.Context(), &Inbound{Method: http.MethodGet, Path: path, Header: http.Header{}})
	}
	for i := range got {
		got[i].Took = 0
	}
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	want := Ended{Ente: "c_a", Environment: "locale", Service: "pratiche", Consumer: consumerID, Purpose: purposeID, Status: 200}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
	if got[1].Consumer != "" || got[1].Rule == "" || got[1].Status != 401 {
		t.Errorf("%+v", got[1])
	}
}

// saying is a back end that tells a problem itself.
type saying struct{ err error }

func (s saying) Do(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
	return nil, s.err
}

// TestAProblemOfTheBackEndIsToldAsItIs and opens no breaker; a view needs no address.
func TestAProblemOfTheBackEndIsToldAsItIs(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) {
		c.Enti["c_a"].Exposes["pratiche"].BackEnd = config.BackEnd{View: "vista.yaml"}
	})
	w.exposed["c_a/pratiche/v1"].backEnd = saying{problem.New(problem.RuleBackEndSettings)}
	for n := range 5 {
		call := w.newCall()
		call.claims["jti"] = string(rune('a' + n))
		_, err := w.serve(t, call)
		if problem.Rules(err)[0] != string(problem.RuleBackEndSettings) {
			t.Fatalf("call %d: %v", n, err)
		}
	}
}

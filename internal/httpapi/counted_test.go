// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"maps"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// tally counts refusals as the metrics would.
type tally struct {
	mu sync.Mutex
	by map[string]int
}

func (c *tally) add(listener, rule string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[listener+" "+rule]++
}

func (c *tally) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := maps.Clone(c.by)
	clear(c.by)
	return got
}

// TestEveryRefusalIsCountedOnce: what never reaches a pipeline is counted here, what a pipeline refuses is left to it.
func TestEveryRefusalIsCountedOnce(t *testing.T) {
	w := newWorld(t)
	counts := &tally{by: map[string]int{}}
	w.options.Refused = counts.add
	w.start(t)
	const json = "application/json"
	for name, c := range map[string]struct {
		do   func()
		want string
	}{
		"no key": {func() { w.do(t, ListenerApplicazioni, "POST", "/v1/acquisizioni/s/o", "{}", "Content-Type", json) }, "applicazioni hub.caller/no-key"},
		"unknown key": {func() {
			w.do(t, ListenerApplicazioni, "POST", "/v1/acquisizioni/s/o", "{}", "Authorization", "Bearer snodo_x_y")
		}, "applicazioni hub.caller/unknown-key"},
		"malformed":    {func() { w.acquire(t, "{") }, "applicazioni hub.request/malformed-json"},
		"shape":        {func() { w.acquire(t, "{}") }, "applicazioni hub.request/schema"},
		"unknown path": {func() { w.do(t, ListenerApplicazioni, "GET", "/x", "") }, "applicazioni hub.request/unknown-path"},
		"method":       {func() { w.do(t, ListenerApplicazioni, "PUT", "/v1/openapi.json", "") }, "applicazioni hub.request/method"},
		"strange path": {func() { w.do(t, ListenerEsposizione, "GET", "/x", "") }, "esposizione hub.request/unknown-path"},
		"management":   {func() { w.do(t, ListenerGestione, "GET", "/v1/prove/c_a/x", "") }, "gestione hub.evidence/not-found"},
		"management, ente": {func() {
			w.do(t, ListenerGestione, "POST", "/v1/chiavi", `{"ente":"c_x","applicazione":"a"}`, "Content-Type", json)
		}, "gestione hub.acquisition/unknown-ente"},
	} {
		c.do()
		if diff := cmp.Diff(map[string]int{c.want: 1}, counts.take()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	w.out.err = problem.At(problem.New(problem.RuleOtherEnte), problem.Place{Exchange: "s-9"})
	w.acquire(t, goodBody)
	if got := counts.take(); len(got) != 0 {
		t.Errorf("a refusal of the acquisition pipeline is counted again: %v", got)
	}
	expose := func(access gateway.Access) map[string]int {
		w.in.mu.Lock()
		w.in.reply, w.in.err = gateway.Reply{Access: access}, modi.Refuse(modi.Violation{Rule: modi.VoucherTokenMissing})
		w.in.mu.Unlock()
		w.do(t, ListenerEsposizione, "POST", "/modi/c_a/pratiche/v1/ricerche", "{}", "Content-Type", json)
		return counts.take()
	}
	if got := expose(gateway.Access{Exchange: "s-9", Ente: "c_a"}); len(got) != 0 {
		t.Errorf("a refusal of the exposed pipeline is counted again: %v", got)
	}
	if got := expose(gateway.Access{}); got["esposizione "+string(modi.VoucherTokenMissing)] != 1 {
		t.Errorf("a call that led nowhere is not counted: %v", got)
	}
	w.do(t, ListenerApplicazioni, "GET", "/v1/openapi.json", "")
	if got := counts.take(); len(got) != 0 {
		t.Errorf("an answer is counted as a refusal: %v", got)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package adaptertest

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// Transport plays a script instead of calling a registry. Like the real one it refuses
// an answer below 400 that is a redirect or of a type the call does not accept, hands
// every other to the call's Classify, records the attempt in the scope, and is safe for
// concurrent use.
type Transport struct {
	// Script answers the n-th call (0, 1, ...) made with one scope.
	Script func(ctx context.Context, n int, c registry.Call) (registry.Reply, error)

	mu    sync.Mutex
	calls []registry.Call
}

var _ registry.Transport = (*Transport)(nil)

// Do plays the next step of the scope's script.
func (f *Transport) Do(ctx context.Context, s *registry.Scope, c registry.Call) (registry.Reply, error) {
	n := len(s.Calls.All())
	s.Calls.Add(registry.CallRecord{Service: c.Service, OperationID: c.OperationID})
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.mu.Unlock()
	reply, err := f.Script(ctx, n, c)
	if err != nil {
		return registry.Reply{}, err
	}
	if reply.Status < 400 && !believed(c, reply) {
		return registry.Reply{}, &registry.Fault{
			Kind: registry.ErrBadReply, Service: c.Service, Status: reply.Status,
			Text: modi.Text{IT: "risposta di tipo inatteso", EN: "answer of an unexpected type"},
		}
	}
	classify := c.Classify
	if classify == nil {
		classify = registry.ClassifyByStatus
	}
	if err := classify(reply); err != nil {
		return registry.Reply{}, err
	}
	return reply, nil
}

// believed tells whether the real transport would hand an answer to the adapter.
func believed(c registry.Call, r registry.Reply) bool {
	if r.Status < 200 || r.Status >= 300 && (r.Status != http.StatusSeeOther || !c.SeeOther) {
		return false
	}
	if len(r.Body) == 0 {
		return true
	}
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return false
	}
	accept := c.Header.Get("Accept")
	if accept == "" {
		return got == "application/json" || strings.HasSuffix(got, "+json")
	}
	for item := range strings.SplitSeq(accept, ",") {
		want, _, err := mime.ParseMediaType(item)
		if err == nil && (want == got || want == "*/*") {
			return true
		}
	}
	return false
}

// Calls returns the calls made so far.
func (f *Transport) Calls() []registry.Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]registry.Call(nil), f.calls...)
}

// Play answers the calls of a scope with the replies in their order, and those beyond
// the last with the last.
func Play(replies ...registry.Reply) *Transport {
	return &Transport{Script: func(_ context.Context, n int, _ registry.Call) (registry.Reply, error) {
		return replies[min(n, len(replies)-1)], nil
	}}
}

// Numbers is a State in memory. It is safe for concurrent use; the zero value is ready.
type Numbers struct {
	mu   sync.Mutex
	last map[string]uint64
}

var _ registry.State = (*Numbers)(nil)

// Next returns the next number of (ente, name), not below floor.
func (s *Numbers) Next(_ context.Context, ente, name string, floor uint64) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]uint64{}
	}
	key := ente + "/" + name
	s.last[key] = max(s.last[key]+1, floor)
	return s.last[key], nil
}

// Deps are dependencies over the given transport.
func (s Subject) Deps(t registry.Transport) registry.Deps {
	return registry.Deps{
		Transport: t,
		Clock:     func() time.Time { return s.Now },
		State:     &Numbers{},
		Recipes:   s.Recipes,
	}
}

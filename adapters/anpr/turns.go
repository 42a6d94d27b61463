// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"sync"
)

// turns gives the right to draw numbers to one call at a time for each name: for the
// draw alone or, for a call that was overtaken, until it has its answer. Names are few:
// one for each ente and environment. The zero value is ready for use.
type turns struct {
	mu    sync.Mutex
	named map[string]chan struct{}
}

// take waits for the turn of name and returns how to leave it. It returns the error of
// ctx when the caller goes away first.
func (t *turns) take(ctx context.Context, name string) (leave func(), err error) {
	turn := t.of(name)
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (t *turns) of(name string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.named == nil {
		t.named = map[string]chan struct{}{}
	}
	if t.named[name] == nil {
		t.named[name] = make(chan struct{}, 1)
	}
	return t.named[name]
}

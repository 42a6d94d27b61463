// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/registry"
)

// begin asks for an answer that comes later (NONBLOCK_PUSH_REST, step 1). Who was asked says 202 and by which identifier
// the answer will be known; whether it did is for the caller of the adapter to judge.
func (r *run) begin(ctx context.Context) (registry.Response, error) {
	m, err := r.build(ctx, r.first, answered{question: r.question})
	if err != nil {
		return registry.Response{}, err
	}
	m.call.Path = m.target()
	m.header.Set(registry.HeaderReplyTo, r.scope.ReplyTo)
	reply, err := r.do(ctx, m.call)
	if err != nil {
		return registry.Response{}, err
	}
	return registry.Response{RegistryID: reply.RegistryID, Correlation: registry.Accepted(reply)}, nil
}

// Receive reads a callback as the answer of the operation that asked for it: the lines of the recipe about the answer are
// about it. One whose status is that of an error is an error of the registry.
func (a *Adapter) Receive(service, name string, in registry.Request, callback registry.Reply) (registry.Response, error) {
	r, err := a.open(service, name, in)
	if err != nil {
		return registry.Response{}, err
	}
	if err := r.recipe.Classify(callback); err != nil {
		return registry.Response{}, err
	}
	got, err := r.read(callback, true)
	if err != nil {
		return registry.Response{}, err
	}
	return r.mapped(callback, got)
}

// correlated holds the state of a NONBLOCK_PULL_REST that has come to its end against the result that is asked for next:
// 303 says where it is, and a result known by another identifier is the answer to somebody else.
func (r *run) correlated(reply registry.Reply, next string) error {
	if r.Poll == nil || !r.Poll.SeeOther {
		return nil
	}
	if reply.Status == http.StatusOK { // a state that the recipe does not call pending: the result says what it is worth
		return nil
	}
	result, err := lastSegment(reply.Header.Get("Location"))
	if reply.Status != http.StatusSeeOther || err != nil {
		return r.badReply(reply, errors.New("the state is neither 200 nor 303 with a Location"))
	}
	asked, err := lastSegment(next)
	if err != nil || strings.HasSuffix(r.second.path, "}") && !sameWord(result, asked) {
		return r.badReply(reply, errors.New("the Location leads to the result of another request"))
	}
	return nil
}

func sameWord(a, b any) bool {
	x, okX := a.(string)
	y, okY := b.(string)
	return okX && okY && same(x, y)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
	"github.com/snodo-pa/snodo/registry/pick"
)

// run is one operation under way.
type run struct {
	*operation
	question
	adapter *Adapter
	scope   *registry.Scope
}

// answer asks, and maps what comes back.
func (r *run) answer(ctx context.Context) (registry.Response, error) {
	if r.Interaction != nil {
		return r.begin(ctx)
	}
	reply, got, err := r.ask(ctx)
	if err != nil {
		return registry.Response{}, err
	}
	return r.mapped(reply, got)
}

// mapped is what an answer says: outcomes, identity, dati, warnings.
func (r *run) mapped(reply registry.Reply, got answered) (registry.Response, error) {
	if err := r.failed(reply, got); err != nil {
		return registry.Response{}, err
	}
	if err := r.checkSame(reply, got); err != nil {
		return registry.Response{}, err
	}
	dati, err := write(r.response, got)
	if err != nil {
		return registry.Response{}, r.badReply(reply, err)
	}
	got.dati = dati
	text, err := json.Marshal(dati)
	if err != nil {
		return registry.Response{}, fmt.Errorf("write dati: %w", err)
	}
	avvisi, notes := r.warnings(got)
	return registry.Response{Dati: text, Avvisi: avvisi, Notes: notes, RegistryID: reply.RegistryID, Subjects: r.codes(got)}, nil
}

// ask makes the calls of the operation and gives the answer that is to be mapped.
func (r *run) ask(ctx context.Context) (registry.Reply, answered, error) {
	start := answered{question: r.question}
	if r.pages != nil {
		return r.allPages(ctx, start)
	}
	m, err := r.build(ctx, r.first, start)
	if err != nil {
		return registry.Reply{}, answered{}, err
	}
	m.call.Path = m.target()
	m.call.SeeOther = r.Poll != nil && r.Poll.SeeOther
	reply, err := r.untilReady(ctx, m.call)
	if err != nil {
		return registry.Reply{}, answered{}, err
	}
	got, err := r.read(reply, r.second == nil)
	if err != nil || r.second == nil {
		return reply, got, err
	}
	if m, err = r.build(ctx, *r.second, got); err != nil {
		return reply, got, r.unanswerable(reply, err)
	}
	m.call.Path = m.target()
	if err := r.correlated(reply, m.path); err != nil {
		return reply, got, err
	}
	if reply, err = r.do(ctx, m.call); err != nil {
		return reply, got, err
	}
	got, err = r.read(reply, true)
	return reply, got, err
}

// unanswerable tells a second call that could not be made because of the first answer
// from one that failed for another reason.
func (r *run) unanswerable(reply registry.Reply, err error) error {
	var fault *registry.Fault
	if errors.As(err, &fault) && errors.Is(fault.Kind, registry.ErrInvalid) {
		return r.badReply(reply, fault.Err)
	}
	return err
}

// do makes one call, whose answer the recipe's tables give a meaning.
func (r *run) do(ctx context.Context, call registry.Call) (registry.Reply, error) {
	call.Classify = r.recipe.Classify
	return r.adapter.deps.Transport.Do(ctx, r.scope, call)
}

// untilReady repeats a call while the registry says that the result is not there.
func (r *run) untilReady(ctx context.Context, call registry.Call) (registry.Reply, error) {
	if r.Poll == nil {
		return r.do(ctx, call)
	}
	call.Classify = func(reply registry.Reply) error {
		if r.isPending(reply) || reply.Status == http.StatusSeeOther && r.Poll.SeeOther {
			return nil
		}
		return r.recipe.Classify(reply)
	}
	began, wait := time.Now(), r.Poll.Every
	for {
		reply, err := r.adapter.deps.Transport.Do(ctx, r.scope, call)
		if err != nil || !r.isPending(reply) {
			return reply, err
		}
		next := max(wait, registry.ParseRetryAfter(reply.Header, reply.Received))
		if time.Since(began)+next > r.Poll.Deadline || outlasts(ctx, next) {
			return registry.Reply{}, r.notReady(reply, next)
		}
		if err := sleep(ctx, next); err != nil {
			return registry.Reply{}, fmt.Errorf("wait for the result of %s: %w", r.recipe.Name, err)
		}
		wait = min(2*wait, r.Poll.Max)
	}
}

// outlasts tells whether the caller will have left when a wait ends.
func outlasts(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) <= d
}

func (r *run) isPending(reply registry.Reply) bool {
	for _, one := range r.pending {
		if !slices.Contains(one.status, reply.Status) {
			continue
		}
		body, err := pick.Decode(reply.Body)
		if err != nil && len(one.when) > 0 {
			continue
		}
		if all(one.when, answered{question: r.question, status: reply.Status, header: reply.Header, body: body}) {
			return true
		}
	}
	return false
}

// read decodes the body of an answer. That of an answer which only says where the
// result is may be anything.
func (r *run) read(reply registry.Reply, mapped bool) (answered, error) {
	got := answered{question: r.question, status: reply.Status, header: reply.Header}
	body, err := pick.Decode(reply.Body)
	got.body = body
	if err != nil && mapped {
		return got, r.badReply(reply, err)
	}
	_, object := body.(map[string]any)
	_, list := body.([]any)
	if wantList := r.Answer == registry.AnswerList; mapped && (wantList && !list || !wantList && !object) {
		return got, r.badReply(reply, errors.New("the body is not of the kind that the recipe describes"))
	}
	return got, nil
}

// failed is the first outcome of the recipe that says that the answer is none.
func (r *run) failed(reply registry.Reply, got answered) error {
	for _, o := range r.outcomes {
		if o.Kind == registry.KindWarn || !all(o.when, got) {
			continue
		}
		code := ""
		if o.code != nil {
			v, _ := got.value(*o.code)
			code, _ = pick.Text(v)
		}
		return o.RefusedBy(r.recipe.Name, reply, code)
	}
	return nil
}

// checkSame refuses an answer about somebody else than the one asked for.
func (r *run) checkSame(reply registry.Reply, got answered) error {
	for _, s := range r.same {
		asked, ok := r.value(s.is)
		if !ok {
			continue
		}
		found, ok := got.value(s.at)
		a, textA := pick.Text(asked)
		b, textB := pick.Text(found)
		if !ok || !textA || !textB || !same(a, b) {
			return r.badReply(reply, errors.New("the answer is not about who was asked for"))
		}
	}
	return nil
}

// warnings are the warnings that hold: those about the answer as a whole, and those that
// look at fields of dati, for who may see these.
func (r *run) warnings(got answered) (avvisi []modi.Text, notes []registry.Note) {
	for _, o := range r.outcomes {
		if o.Kind != registry.KindWarn || !all(o.when, got) {
			continue
		}
		var fields []string
		for _, c := range o.when {
			if c.at.Root == registry.FromDati && !slices.Contains(fields, c.at.Path[0]) {
				fields = append(fields, c.at.Path[0])
			}
		}
		if fields == nil {
			avvisi = append(avvisi, o.Say)
			continue
		}
		notes = append(notes, registry.Note{Fields: fields, Text: o.Say})
	}
	return avvisi, notes
}

// codes are the codici fiscali of the answer, each once.
func (r *run) codes(got answered) []string {
	var found []string
	for _, at := range r.subjects {
		for _, v := range at.Path.All(got.body) {
			s, _ := pick.Text(v)
			code := codicefiscale.Normal(s)
			if codicefiscale.Valid(code) == nil && !slices.Contains(found, code) {
				found = append(found, code)
			}
		}
	}
	return found
}

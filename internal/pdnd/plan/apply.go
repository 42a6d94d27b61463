// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
)

// target is one thing of the folder with the way to find its steps anew. actor is the ente
// in whose name they are done: of a delegation or a transferred function, the owner of the
// client.
type target struct {
	actor string
	steps func(ctx context.Context, r Reader) ([]Step, error)
}

// targets lists what a scope wants: keys before purposes, so that a client is complete when
// it is linked.
func (s *scope) targets(titles []Title) []target {
	own := s.ente.CodiceIPA
	var list []target
	for _, name := range sortedKeys(s.ente.Clients) {
		if s.ente.Clients[name].Environment == s.environment {
			list = append(list, target{own, func(ctx context.Context, r Reader) ([]Step, error) { return s.clientSteps(ctx, r, name) }})
		}
	}
	for _, name := range sortedKeys(s.ente.Keychains) {
		if s.ente.Keychains[name].Environment == s.environment {
			list = append(list, target{own, func(ctx context.Context, r Reader) ([]Step, error) { return s.keychainSteps(ctx, r, name) }})
		}
	}
	for _, sheet := range s.sheets.eservices {
		list = append(list, target{own, func(ctx context.Context, r Reader) ([]Step, error) { return s.eserviceSteps(ctx, r, sheet) }})
	}
	for _, sheet := range s.sheets.purposes {
		actor := own
		if owner, _ := s.Config.OwnerOf(s.ente, sheet.binding()); owner != nil {
			actor = owner.CodiceIPA
		}
		list = append(list, target{actor, func(ctx context.Context, r Reader) ([]Step, error) { return s.accessSteps(ctx, r, sheet, titles) }})
	}
	return list
}

// Sync compares the folder with PDND and changes nothing. enti chooses, none means all. An
// error leaves no plan: what could not be read is not known.
func (p *Planner) Sync(ctx context.Context, enti ...string) (*Plan, error) {
	return p.run(ctx, enti, func(ctx context.Context, s *scope, t target) ([]Step, error) {
		r, err := p.Reader(t.actor, s.environment)
		if err != nil {
			return nil, err
		}
		return t.steps(ctx, r)
	})
}

// ErrUnknownOutcome reports a write after which PDND gave no answer: run again, which reads
// what has become of it.
var ErrUnknownOutcome = bilingual.New("non si sa se PDND l'abbia eseguito: ripetere il comando, che legge che cosa ne è stato",
	"whether PDND has carried it out is not known: run the command again, which reads what has become of it")

// maxRounds bounds the steps of one target: each round does one, and reads it back.
const maxRounds = 16

// Apply does every step that can be done and returns what is then left. report is told of
// each one that was done. It stops at the first refusal of a target, which is returned beside
// the plan with those of the others, and at once when PDND or the log do not answer.
func (p *Planner) Apply(ctx context.Context, report func(Step), enti ...string) (*Plan, error) {
	if p.Writer == nil {
		return nil, errors.New("plan: nothing to write with")
	}
	var refusals []error
	done, err := p.run(ctx, enti, func(ctx context.Context, s *scope, t target) ([]Step, error) {
		r, err := p.Reader(t.actor, s.environment)
		if err != nil {
			return nil, err
		}
		steps, err := s.carry(ctx, r, t, report)
		if errors.Is(err, api.ErrRefused) {
			refusals = append(refusals, err)
			return steps, nil
		}
		return steps, err
	})
	return done, errors.Join(append(refusals, err)...)
}

// carry does the steps of a target one by one, and reads PDND anew after each.
func (s *scope) carry(ctx context.Context, r Reader, t target, report func(Step)) ([]Step, error) {
	var last string
	for range maxRounds {
		steps, err := t.steps(ctx, r)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(steps, func(st Step) bool { return st.Status == Todo })
		if at < 0 {
			return steps, nil
		}
		st := steps[at]
		which := st.Action + st.Target + st.found + st.act.Object
		if which == last {
			return steps, bilingual.Errorf("%s di %s: PDND ha risposto di sì ma l'oggetto non è cambiato", "%s of %s: PDND said yes and the object has not changed", st.Action, st.Target)
		}
		last = which
		if err := s.perform(ctx, t.actor, &st); err != nil {
			return steps, err
		}
		if report != nil {
			report(st)
		}
	}
	return nil, fmt.Errorf("plan: a target of %s does not come to an end", s.ente.CodiceIPA)
}

// perform keeps the intent, does the step and keeps its outcome.
func (s *scope) perform(ctx context.Context, actor string, st *Step) error {
	named := func(err error) error { return fmt.Errorf("%s, %s %s: %w", s.ente.CodiceIPA, st.Action, st.Target, err) }
	var w Writer
	if st.found == "" {
		var err error
		if w, err = s.Writer(actor, s.environment); err != nil {
			return named(err) // nothing was begun
		}
	}
	begun, err := s.Journal.Begin(ctx, st.act)
	if err != nil {
		return named(err)
	}
	act, made := st.act, result{object: st.found, eservice: st.act.Eservice, purpose: st.act.Purpose}
	if st.found != "" {
		act.Values = map[string]string{"ripresa": st.found}
	} else {
		made, err = st.do(ctx, w)
		var refused *api.Error
		switch {
		case errors.As(err, &refused):
			act.Outcome, act.Status, act.Code = acts.Refused, refused.Status, refused.Code
			return errors.Join(named(err), s.Journal.End(ctx, begun, act))
		case err != nil:
			return named(fmt.Errorf("%w: %w", ErrUnknownOutcome, err))
		}
	}
	act.Outcome, act.Object = acts.Done, made.object
	act.Eservice, act.Purpose = firstOf(made.eservice, act.Eservice), firstOf(made.purpose, act.Purpose)
	act.Descriptor = firstOf(made.descriptor, act.Descriptor)
	if err := s.Journal.End(ctx, begun, act); err != nil {
		return named(err)
	}
	st.Status = Done
	return s.recall(ctx)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// run makes a plan of what do gives for each target.
func (p *Planner) run(ctx context.Context, enti []string, do func(context.Context, *scope, target) ([]Step, error)) (*Plan, error) {
	list, err := p.scopes(ctx, enti)
	if err != nil {
		return nil, err
	}
	whole := &Plan{At: p.Clock()}
	for _, s := range list {
		r, err := p.Reader(s.ente.CodiceIPA, s.environment)
		if err != nil {
			return nil, err
		}
		part := EntePlan{Ente: s.ente.CodiceIPA, Environment: s.environment}
		if part.Titles, err = s.titles(ctx, r); err != nil {
			return nil, fmt.Errorf("%s: %w", s.ente.CodiceIPA, err)
		}
		part.Steps, err = s.bound(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.ente.CodiceIPA, err)
		}
		for _, t := range s.targets(part.Titles) {
			steps, err := do(ctx, s, t)
			part.Steps = append(part.Steps, steps...)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.ente.CodiceIPA, err)
			}
		}
		whole.Enti = append(whole.Enti, part)
	}
	return whole, nil
}

// bound looks at the purposes that the procedimenti name: one that gives no voucher is a
// matter for a person.
func (s *scope) bound(ctx context.Context, r Reader) ([]Step, error) {
	var steps []Step
	for _, name := range sortedKeys(s.ente.Procedimenti) {
		purposes := s.ente.Procedimenti[name].Purposes
		for _, service := range sortedKeys(purposes) {
			b := s.ente.Consumes[service]
			if b == nil || b.Environment != s.environment {
				continue
			}
			p, err := r.Purpose(ctx, purposes[service])
			why := modi.Text{IT: "la finalità non c'è su PDND, o non è dell'ente", EN: "the purpose is not on PDND, or not the ente's"}
			if err != nil && !errors.Is(err, api.ErrRefused) {
				return nil, err
			}
			if err == nil {
				if p.CurrentVersion != nil && p.CurrentVersion.State == api.PurposeActive {
					continue
				}
				why = modi.Text{IT: "la finalità non è attiva: vedere su PDND", EN: "the purpose is not active: see PDND"}
			}
			st := s.step(PurposeActivate, "procedimento/"+name, Manual, result{purpose: purposes[service]}, Value{"purposes." + service, purposes[service]})
			st.Why = why
			steps = append(steps, st)
		}
	}
	return steps, nil
}

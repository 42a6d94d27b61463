// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/modi"
)

// provider is an e-service under test, with what was learnt of it.
type provider struct {
	*Suite
	demanded []modi.Pattern
	withBody *Operation // an operation that may be played and has a body
	plain    *Operation // one that may be played, with or without a body
	// ignored are patterns of the role that the service does not look at.
	ignored []modi.Pattern
	known   bool // it accepts the good message: else its answers are to somebody whom it does not know
}

// runErogatore plays the requests of the table against an e-service.
func (s *Suite) runErogatore(ctx context.Context) error {
	p := &provider{Suite: s}
	if err := p.choose(ctx); err != nil {
		return err
	}
	found, err := p.learn(ctx)
	if err != nil {
		return err
	}
	p.known = found.accepted
	s.report.Patterns = append(s.report.Patterns, p.demanded...)
	todo := make(chan Case)
	var workers sync.WaitGroup
	for range max(s.config.Parallel, 1) {
		workers.Go(func() {
			for c := range todo {
				s.tell(p.play(ctx, c, found))
			}
		})
	}
	for _, c := range s.cases {
		if c.table != nil && s.wanted(c) {
			todo <- c
		}
	}
	close(todo)
	workers.Wait()
	s.order()
	s.conclude(func(c Case) bool { return area(c) != "suite.openapi" })
	return nil
}

// order puts the results in the order of the table.
func (s *Suite) order() {
	place := map[string]int{}
	for i, c := range s.cases {
		place[c.ID] = i
	}
	slices.SortStableFunc(s.report.Results, func(a, b Result) int { return place[a.Case.ID] - place[b.Case.ID] })
}

// choose takes the operations that may be played: safe ones, and the others when writes
// are allowed and the person says yes.
func (p *provider) choose(ctx context.Context) error {
	for i := range p.config.Operations {
		op := &p.config.Operations[i]
		if !op.safe() {
			if !p.config.AllowWrites {
				p.note("%s %s non è stata chiamata: cambia qualcosa, e le scritture non sono permesse (allow_writes)",
					"%s %s was not called: it changes something, and writes are not allowed (allow_writes)", op.Method, addressOnly(op.Path))
				continue
			}
			if !op.Idempotent && p.config.Confirm != nil {
				yes, err := p.config.Confirm(ctx, *op)
				if err != nil {
					return fmt.Errorf("ask about %s %s: %w", op.Method, op.Path, err)
				}
				if !yes {
					p.note("%s %s non è stata chiamata: non è stato dato il permesso", "%s %s was not called: no permission was given", op.Method, addressOnly(op.Path))
					continue
				}
			}
		}
		if op.Body != "" && p.withBody == nil {
			p.withBody = op
		}
		if p.plain == nil {
			p.plain = op
		}
	}
	if p.plain == nil {
		return misuse("nessuna operazione si può chiamare: dichiararne una sicura (GET, o safe: true) o permettere le scritture (allow_writes)",
			"no operation may be called: declare a safe one (GET, or safe: true) or allow writes (allow_writes)")
	}
	return nil
}

// safe tells an operation that changes nothing.
func (o Operation) safe() bool { return o.Safe || safeMethod(o.Method) }

// safeMethod tells a method that changes nothing (RFC 9110 §9.2.1).
func safeMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// content is what the messages of an operation carry.
func (p *provider) content(ctx context.Context, op *Operation, demanded []modi.Pattern) forge.Content {
	c := forge.Content{
		Method: op.Method, URL: strings.TrimRight(p.config.Target, "/") + op.Path, Empty: op.Body == "", Body: []byte(op.Body), Type: op.Type,
		Demanded: demanded,
	}
	if p.config.Platform.TokenURL != "" {
		c.Voucher = p.voucherOf(ctx)
	}
	return c
}

// operation is the one that suits a case: one with a body where a body is signed.
func (p *provider) operation(c *cases.Case) *Operation {
	signed := slices.ContainsFunc(c.Patterns, func(p modi.Pattern) bool { return p == modi.PatternIntegrityREST01 || p == modi.PatternIntegrityREST02 })
	if signed || p.withBody != nil && c.Subject != "voucher" {
		return p.withBody
	}
	return p.plain
}

// play sends the message of one case and judges the answer.
func (p *provider) play(ctx context.Context, c Case, l learnt) Result {
	r := Result{Case: c}
	if verdict, why := p.fits(c, l); verdict != Pass {
		r.Verdict, r.Reason = verdict, why
		return r
	}
	op := p.operation(c.table)
	if op == nil {
		return r.skip("serve un'operazione con un corpo che si possa chiamare", "an operation with a body that may be called is needed")
	}
	m, err := p.at(p.content(ctx, op, p.demanded)).Build(c.Subject, c.table.Steps)
	switch {
	case errors.Is(err, forge.ErrNotHeld):
		return r.skip("solo PDND può firmare questo voucher", "only PDND can sign this voucher")
	case errors.Is(err, errPlatform) && slices.ContainsFunc(c.table.Steps, func(s cases.Step) bool { return strings.HasPrefix(s.Do, "bind.") }):
		return r.skip("PDND non rilascia un voucher così", "PDND issues no such voucher")
	case errors.Is(err, errPlatform):
		return r.broken(err)
	case err != nil:
		return r.skip("il messaggio non si può costruire per questa operazione: "+err.Error(), "the message cannot be built for this operation: "+err.Error())
	}
	if !p.config.AllowWrites && m.Method != op.Method && !safeMethod(m.Method) {
		return r.skip(fmt.Sprintf("il messaggio è un %s, che può cambiare qualcosa, e le scritture non sono permesse (allow_writes)", m.Method),
			fmt.Sprintf("the message is a %s, which may change something, and writes are not allowed (allow_writes)", m.Method))
	}
	switch c.table.Play {
	case cases.Once:
		return p.judge(r, p.exchange(ctx, m))
	case cases.Twice:
		return p.twice(ctx, r, m)
	case cases.Race:
		return p.race(ctx, r, m)
	case cases.OtherOwner:
	}
	return r.skip("serve un secondo client registrato presso PDND", "a second client registered with PDND is needed")
}

// skip is a case that was not played.
func (r Result) skip(it, en string) Result {
	r.Verdict, r.Reason = Skip, Text{IT: clean(it), EN: clean(en)}
	return r
}

// broken is a case in which the suite itself failed.
func (r Result) broken(err error) Result {
	r.Verdict = Error
	why := told(err.Error())
	r.Reason = Text{IT: "la suite non ha potuto giudicare: " + why.IT, EN: "the suite could not judge: " + why.EN}
	return r
}

// sent is a message with what came of it.
type sent struct {
	message  *forge.Message
	answer   *answer
	exchange Exchange
	err      error
}

// exchange sends a message and lets the checks look at the answer.
func (p *provider) exchange(ctx context.Context, m *forge.Message) sent {
	got, e, err := p.send(ctx, m)
	one := sent{m, got, e, err}
	if err == nil && p.known {
		p.judgeAnswer(one)
	}
	return one
}

// twice sends the message again; the second answer is judged.
func (p *provider) twice(ctx context.Context, r Result, m *forge.Message) Result {
	first := p.exchange(ctx, m)
	if first.err != nil {
		return p.judge(r, first)
	}
	if first.answer.status >= 300 {
		r.Exchanges = []Exchange{first.exchange}
		return r.skip(fmt.Sprintf("la prima volta il messaggio non è stato accettato (%d)", first.answer.status),
			fmt.Sprintf("the first time the message was not accepted (%d)", first.answer.status))
	}
	second := p.exchange(ctx, m)
	r = p.judge(r, second)
	r.Exchanges = append([]Exchange{first.exchange}, r.Exchanges...)
	return r
}

// racers is how many copies of a message are sent at once.
const racers = 8

// race sends a message many times at once: one alone may be accepted.
func (p *provider) race(ctx context.Context, r Result, m *forge.Message) Result {
	all := make([]sent, racers)
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() { all[i] = p.exchange(ctx, m) })
	}
	group.Wait()
	accepted := 0
	for _, one := range all {
		if one.err != nil {
			r.Exchanges = append(r.Exchanges, one.exchange)
			return r.broken(one.err)
		}
		if one.answer.status < 300 {
			accepted++
			r.Exchanges = append(r.Exchanges, one.exchange)
		}
	}
	r.Expected = Text{IT: "una copia accettata", EN: "one copy accepted"}
	r.Found = Text{IT: fmt.Sprintf("%d di %d accettate", accepted, racers), EN: fmt.Sprintf("%d of %d accepted", accepted, racers)}
	if accepted == 1 {
		r.Verdict, r.Exchanges = Pass, nil
		return r
	}
	r.Verdict, r.Reason, r.Mend = Fail, Text{IT: "lo stesso messaggio è passato più volte", EN: "the same message passed several times"}, r.Case.Mend
	if accepted == 0 {
		r.Reason = Text{IT: "nessuna copia è passata", EN: "no copy passed"}
	}
	return r
}

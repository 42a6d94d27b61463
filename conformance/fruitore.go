// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/modi"
)

// consumer is a consumer under test: the suite is its PDND and the e-service that it calls.
type consumer struct {
	*Suite
	stage *stage
	alive bool // it accepted the last good answer
}

// runFruitore plays the replies of the table to a consumer, and watches what it sends.
// Without a trigger it watches until ctx ends (Config.Serve).
func (s *Suite) runFruitore(ctx context.Context) error {
	platform, err := s.world.Key("platform")
	if err != nil {
		return err
	}
	if s.keys.platform == nil {
		s.keys.platform = map[string]crypto.PublicKey{platform.KID: platform.Signer.Public()}
	}
	s.report.Patterns = append(s.report.Patterns, s.config.Patterns...)
	c := &consumer{Suite: s, stage: newStage(s)}
	s.peers.take(c.stage)
	defer s.peers.take(nil)
	if !s.config.Trigger.given() {
		<-ctx.Done()
		c.passive()
	} else if err := c.active(ctx); err != nil {
		return err
	}
	s.order()
	s.conclude(func(Case) bool { return true })
	return nil
}

// passive ends a run in which nobody could say what the consumer made of an answer.
func (c *consumer) passive() {
	for _, one := range c.cases {
		if one.table != nil && c.wanted(one) {
			c.tell(Result{Case: one}.skip("senza trigger non si sa che cosa il fruitore fa della risposta", "without a trigger nobody knows what the consumer makes of the answer"))
		}
	}
}

// active causes the calls: a good one first, then each reply of the table, then the bad
// weeks of a service.
func (c *consumer) active(ctx context.Context) error {
	t, err := c.try(ctx, c.good())
	if err == nil { // and again: what must not repeat is seen in the second one
		t, err = c.try(ctx, c.good())
	}
	if err != nil {
		return err
	}
	if c.alive = t.accepted; !t.accepted {
		c.note("il fruitore non accetta la risposta buona (%d chiamate ricevute)", "the consumer does not accept the good answer (%d calls received)", len(t.calls))
	}
	for _, one := range c.cases {
		if one.table != nil && c.wanted(one) {
			c.tell(c.play(ctx, one))
		}
	}
	if c.alive {
		c.conduct(ctx)
	}
	return nil
}

// trial is one triggered call: what the consumer sent and what it said in the end.
type trial struct {
	accepted  bool
	calls     []call
	tokens    []call
	elsewhere int // calls to where a redirect points, with a token in them
}

// try sets the stage, triggers one call and gathers what happened.
func (c *consumer) try(ctx context.Context, play script) (trial, error) {
	c.stage.set(play, nil)
	return c.trigger(ctx)
}

func (c *consumer) trigger(ctx context.Context) (trial, error) {
	accepted, err := c.pull(ctx)
	t := c.stage.end()
	t.accepted = accepted
	if err != nil {
		return t, fmt.Errorf("trigger: %w", err)
	}
	return t, nil
}

// subject is the genuine reply that the e-service gives; empty for one without a
// signature.
func (c *consumer) subject() string {
	for _, one := range []struct {
		pattern modi.Pattern
		subject string
	}{
		{modi.PatternIntegrityREST02, "integrity-02-response"},
		{modi.PatternIntegrityREST01, "integrity-01-response"},
		{modi.PatternIDAuthREST02, "id-auth-02-response"},
		{modi.PatternIDAuthREST01, "id-auth-01-response"},
	} {
		if slices.Contains(c.config.ReplyPatterns, one.pattern) {
			return one.subject
		}
	}
	return ""
}

// good answers as the e-service should.
func (c *consumer) good() script { return c.forged(c.subject(), nil) }

// play gives the reply of one case and asks what became of it.
func (c *consumer) play(ctx context.Context, one Case) Result {
	r := Result{Case: one}
	for _, p := range one.Patterns {
		if !slices.Contains(c.config.ReplyPatterns, p) {
			r.Verdict = Unsupported
			r.Reason = Text{IT: fmt.Sprintf("il fruitore non verifica %s nelle risposte", p), EN: fmt.Sprintf("the consumer does not check %s on replies", p)}
			return r
		}
	}
	if verdict, why := c.fits(one); verdict != Pass {
		r.Verdict, r.Reason = verdict, why
		return r
	}
	play := c.forged(one.Subject, one.table.Steps)
	if one.table.Play == cases.Twice {
		play = c.again(one.Subject, one.table.Steps)
		first, err := c.attempt(ctx, play)
		switch {
		case err != nil:
			return r.broken(err)
		case !first.accepted:
			return r.skip("la prima volta la risposta non è stata accettata", "the first time the reply was not accepted")
		}
	}
	t, err := c.attempt(ctx, play)
	switch {
	case errors.Is(err, errUnsendable):
		return r.skip("un server HTTP non può spedire questa risposta", "a server of HTTP cannot send this reply")
	case err != nil:
		return r.broken(err)
	case len(t.calls) == 0:
		return r.broken(errors.New("the consumer made no call"))
	}
	return c.judge(r, t)
}

// attempt is a trial in which the suite could play its part.
func (c *consumer) attempt(ctx context.Context, play script) (trial, error) {
	t, err := c.try(ctx, play)
	if err == nil {
		err = c.stage.trouble()
	}
	return t, err
}

func (c *consumer) judge(r Result, t trial) Result {
	r.Verdict = Pass
	r.Expected = expectedOf(r.Case)
	r.Found = Text{IT: "rifiutata", EN: "refused"}
	if t.accepted {
		r.Found = Text{IT: "accettata", EN: "accepted"}
	}
	switch wanted := r.Case.Expect == "accept"; {
	case wanted && !t.accepted:
		r.fail("una risposta conforme è stata rifiutata", "a reply that follows the rules was refused")
	case !wanted && t.accepted:
		r.fail("una risposta che viola la regola è stata accettata", "a reply that breaks the rule was accepted")
	}
	if r.Verdict == Fail {
		for _, one := range t.calls {
			r.Exchanges = append(r.Exchanges, one.exchange)
		}
	}
	return r
}

func expectedOf(c Case) Text {
	if c.Expect == "accept" {
		return Text{IT: "risposta accettata", EN: "reply accepted"}
	}
	return Text{IT: fmt.Sprintf("risposta rifiutata (%s)", c.Rule), EN: fmt.Sprintf("reply refused (%s)", c.Rule)}
}

// fits tells whether a reply can be played to the consumer.
func (c *consumer) fits(one Case) (Verdict, Text) {
	t := one.table
	missing, held := c.config.without(one), c.config.against(one)
	switch {
	case !c.alive:
		return Skip, Text{IT: "il fruitore non accetta nemmeno la risposta buona", EN: "the consumer does not accept the good reply either"}
	case t.Edge:
		return Skip, Text{IT: "l'esito dipende da un secondo: l'orologio dell'altro non si conosce", EN: "the answer hangs on a second: the other's clock is not known"}
	case missing != "":
		return Skip, Text{IT: "servono circostanze (setup): " + missing, EN: "circumstances are needed (setup): " + missing}
	case held != "":
		return Skip, Text{IT: "non vale per come il fruitore è impostato (setup): " + held, EN: "it does not hold for how the consumer is set up (setup): " + held}
	case t.Play != cases.Once && t.Play != cases.Twice:
		return Skip, Text{IT: "serve un secondo erogatore", EN: "a second provider is needed"}
	case t.Verdict == cases.Accept && t.Layer != cases.LayerInteraction && (changes(t) || otherKey(t)):
		return Skip, Text{IT: "la risposta buona cambia corpo o chiave: il fruitore può non ammetterla", EN: "the good reply changes the body or the key: the consumer may not admit it"}
	default:
		return Pass, Text{}
	}
}

func otherKey(t *cases.Case) bool {
	return slices.ContainsFunc(t.Steps, func(s cases.Step) bool { return s.Do == "token.key" || s.Do == "message.status" })
}

// forged answers with a message of the table, made for the request that came.
func (c *consumer) forged(subject string, steps []cases.Step) script {
	return func(w http.ResponseWriter, r received, _ int) error {
		m, err := c.reply(subject, steps, r)
		if err != nil {
			return err
		}
		return write(w, m)
	}
}

// reply builds a reply to a request.
func (c *consumer) reply(subject string, steps []cases.Step, r received) (*forge.Message, error) {
	body := orDefault(c.config.Reply.Body, `{"esito":"confermata"}`)
	content := forge.Content{
		Method: r.method, URL: r.url, Body: []byte(body), Type: c.config.Reply.Type, Status: orDefault(c.config.Reply.Status, http.StatusOK),
		Asked: r.header.Get("Digest"),
	}
	if subject == "" {
		h := http.Header{"Content-Type": {orDefault(content.Type, "application/json")}}
		return &forge.Message{Status: content.Status, Header: h, Body: content.Body}, nil
	}
	return c.at(content).Build(subject, steps)
}

// again gives every request the reply to the first one.
func (c *consumer) again(subject string, steps []cases.Step) script {
	var once sync.Once
	var kept *forge.Message
	var failed error
	return func(w http.ResponseWriter, r received, _ int) error {
		once.Do(func() { kept, failed = c.reply(subject, steps, r) })
		if failed != nil {
			return failed
		}
		return write(w, kept)
	}
}

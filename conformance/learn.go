// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/modi"
)

// learnt is what the first exchanges taught.
type learnt struct {
	accepted bool // a good message is accepted
}

// combinations are sets of patterns that go together, the richest first: a service that
// wants less accepts a message that carries more.
func combinations() [][]modi.Pattern {
	return [][]modi.Pattern{
		{modi.PatternVoucher, modi.PatternAuditREST02, modi.PatternIntegrityREST02},
		{modi.PatternVoucher, modi.PatternDPoP, modi.PatternAuditREST02, modi.PatternIntegrityREST02},
		{modi.PatternVoucher, modi.PatternAuditREST01, modi.PatternIntegrityREST02},
		{modi.PatternVoucher, modi.PatternIntegrityREST01},
		{modi.PatternIDAuthREST02, modi.PatternIntegrityREST01},
		{modi.PatternIDAuthREST01},
	}
}

// subjectOf is a genuine message of the table that a set of patterns begins with; what
// it lacks is added.
func subjectOf(patterns []modi.Pattern) string {
	for _, one := range []struct {
		pattern modi.Pattern
		subject string
	}{
		{modi.PatternVoucher, "voucher"}, {modi.PatternIDAuthREST02, "id-auth-02"}, {modi.PatternIDAuthREST01, "id-auth-01"},
	} {
		if slices.Contains(patterns, one.pattern) {
			return one.subject
		}
	}
	return "integrity-01"
}

// learn finds the patterns of the service, unless they are declared, and whether it
// accepts a good message.
func (p *provider) learn(ctx context.Context) (learnt, error) {
	if len(p.config.Patterns) > 0 {
		p.demanded = p.config.Patterns
		accepted, why, err := p.greet(ctx, p.demanded)
		if err != nil {
			return learnt{}, err
		}
		if !accepted {
			p.note("il servizio rifiuta il messaggio buono: %s", "the service refuses the good message: %s", why)
			p.noteClaims()
		}
		return learnt{accepted: accepted}, nil
	}
	var refusals []string
	for i, set := range combinations() {
		accepted, why, err := p.greet(ctx, set)
		switch {
		case errors.Is(err, errPlatform) && i > 0: // PDND is there: it does not issue what this set needs
			why = clean(err.Error())
		case err != nil:
			return learnt{}, err
		}
		if !accepted {
			refusals = append(refusals, fmt.Sprintf("%s: %s", strings.Join(patternTexts(set), "+"), why))
			continue
		}
		p.demanded = set
		p.note("il servizio accetta %s", "the service accepts %s", strings.Join(patternTexts(set), " + "))
		if err := p.learnIgnored(ctx); err != nil {
			return learnt{}, err
		}
		return learnt{accepted: true}, p.learnWeakest(ctx)
	}
	p.note("nessuna combinazione di pattern viene accettata (%s)", "no combination of patterns is accepted (%s)", strings.Join(refusals, "; "))
	p.noteClaims()
	return learnt{}, nil
}

// noteClaims tells what a service that refuses the good message should be compared with.
func (p *provider) noteClaims() {
	if p.peers == nil {
		c := p.config.Parties
		p.note("da confrontare con PDND e con il servizio: aud %s, client %s, finalità %s; la chiave è quella di keys.client",
			"to compare with PDND and with the service: aud %s, client %s, purpose %s; the key is that of keys.client", c.Audience, c.Client, c.Purpose)
		return
	}
	var said []string
	for _, one := range p.Claims() {
		said = append(said, one.Name+" "+one.Value)
	}
	jwks := p.peers.base + "/.well-known/jwks.json"
	p.note("da confrontare con ciò che il servizio si aspetta, e da cambiare in parties: %s; deve inoltre fidarsi di %s",
		"to compare with what the service expects, and to change in parties: %s; it must trust %s as well", strings.Join(said, ", "), jwks)
}

// learnWeakest finds the patterns of which the service asks less than it was sent: one whose
// second form adds something to the first is the first where that is accepted as well.
// Whether the service should have asked for more only its declaration says.
func (p *provider) learnWeakest(ctx context.Context) error {
	for _, one := range [][2]modi.Pattern{
		{modi.PatternAuditREST02, modi.PatternAuditREST01},   // less dnonce, and digest in the voucher
		{modi.PatternIDAuthREST02, modi.PatternIDAuthREST01}, // less jti
	} {
		at := slices.Index(p.demanded, one[0])
		if at < 0 {
			continue
		}
		less := slices.Clone(p.demanded)
		less[at] = one[1]
		accepted, _, err := p.greet(ctx, less)
		switch {
		case errors.Is(err, errPlatform):
		case err != nil:
			return err
		case accepted:
			p.demanded = less
			p.note("il servizio accetta %[2]s oltre a %[1]s, ed è giudicato su %[2]s: se deve chiedere %[1]s va dichiarato (patterns)",
				"the service accepts %[2]s as well as %[1]s, and is judged by %[2]s: if it must ask for %[1]s, declare it (patterns)", one[0], one[1])
		}
	}
	return nil
}

// greet sends a good message.
func (p *provider) greet(ctx context.Context, patterns []modi.Pattern) (accepted bool, why string, err error) {
	op := p.withBody
	if op == nil {
		op = p.plain
	}
	return p.try(ctx, op, patterns, nil)
}

func (p *provider) try(ctx context.Context, op *Operation, patterns []modi.Pattern, steps []cases.Step) (accepted bool, why string, err error) {
	m, err := p.at(p.content(ctx, op, patterns)).Build(subjectOf(patterns), steps)
	if errors.Is(err, errPlatform) {
		return false, "", err
	}
	if err != nil {
		return false, clean(err.Error()), nil //nolint:nilerr // a message that cannot be made is one that is not accepted
	}
	got, e, err := p.send(ctx, m)
	if err != nil {
		return false, "", fmt.Errorf("%s %s: %w", op.Method, addressOnly(op.Path), err)
	}
	if got.status < 300 {
		p.judgeReply(sent{m, got, e, nil})
	}
	return got.status < 300, fmt.Sprintf("%d %s", got.status, ruleIn(got.body)), nil
}

// learnIgnored finds the patterns whose token may be garbage: the service does not look
// at it, so it does not claim the pattern.
func (p *provider) learnIgnored(ctx context.Context) error {
	op := p.withBody
	if op == nil {
		op = p.plain
	}
	for _, one := range []struct {
		place    string
		patterns []modi.Pattern
	}{
		{forge.Evidence, []modi.Pattern{modi.PatternAuditREST01, modi.PatternAuditREST02}},
		{forge.Signature, []modi.Pattern{modi.PatternIntegrityREST01, modi.PatternIntegrityREST02}},
		{forge.Proof, []modi.Pattern{modi.PatternDPoP}},
	} {
		if one.place == forge.Signature && op.Body == "" || !slices.ContainsFunc(one.patterns, func(x modi.Pattern) bool { return slices.Contains(p.demanded, x) }) {
			continue
		}
		steps := []cases.Step{{Do: "compact.value", Token: one.place, Value: "garbage"}}
		accepted, _, err := p.try(ctx, op, p.demanded, steps)
		if err != nil {
			return err
		}
		if accepted {
			p.ignored = append(p.ignored, one.patterns...)
		}
	}
	p.demanded = slices.DeleteFunc(slices.Clone(p.demanded), func(x modi.Pattern) bool { return slices.Contains(p.ignored, x) })
	return nil
}

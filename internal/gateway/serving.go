// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// serving is the exchange of an exposed call: one value, filled in step by step.
type serving struct {
	in    *Inbound
	began time.Time

	// route
	id      string
	exposed *exposed
	match   schema.Match
	terms   *terms
	rest    string // escaped path below the base of the e-service

	// admit. Where a certificate says who calls, compact is the token that names it and voucher holds what a voucher would
	// say (knownAs).
	compact    string // the voucher as received
	voucher    *voucher.Voucher
	identity   *rest.Proof // ID_AUTH_REST_*; nil = none
	possession *rest.Proof // DPoP; nil = none

	// prove: the zero Proof where the pattern was not due
	integrity rest.Proof
	audit     rest.Proof

	// validate
	query    url.Values
	subjects []string

	ahead   bool   // foresee is judging: no body is here yet
	upload  Upload // receive, instead of in.Body
	arrived bool   // just now

	intent *evidence.Receipt // intend

	whole    context.Context    //nolint:containedctx // of the caller, without the deadline of an exchange: for a stream alone
	answer   *outbound.Response // forward
	stream   *streaming         // forward, instead of answer: a representation that is read while it is written
	answered rest.Proof         // sign

	header  http.Header // of whatever is answered, problem or not
	reply   *Reply      // with the headers of its own
	refusal *Reply      // what err is told as, where the e-service has words of its own
	seat    func()      // gives its place back, where it has one: among the calls under way, or the uploads that arrive
	done    bool        // the way down ends without error
	err     error
}

func (x *serving) status() int {
	switch {
	case x.refusal != nil:
		return x.refusal.Status
	case x.err != nil:
		return problem.Status(x.err)
	case x.reply != nil:
		return x.reply.Status
	default:
		return http.StatusInternalServerError
	}
}

func (x *serving) place() problem.Place {
	p := problem.Place{Exchange: x.id}
	if x.exposed != nil {
		p.Ente, p.Servizio = x.exposed.ente.CodiceIPA, x.exposed.recipe.Name
	}
	return p
}

// result is the reply with the headers of every answer, or with an error those headers alone or the refusal: nothing of a
// withheld answer, its proofs included, is left in it.
func (x *serving) result() *Reply {
	r, told := &Reply{Header: x.header, Access: x.access()}, x.reply
	if x.err != nil {
		told = x.refusal
	}
	if told == nil {
		return r
	}
	r.Status, r.Body = told.Status, told.Body
	for name, values := range told.Header {
		r.Header[name] = values
	}
	return r
}

func (x *serving) access() Access {
	a := Access{Exchange: x.id}
	if x.exposed == nil {
		return a
	}
	a.Ente, a.Service, a.Template = x.exposed.ente.CodiceIPA, x.exposed.recipe.Name, x.exposed.base
	if x.match.Operation != nil {
		a.Operation, a.Template = x.match.ID, x.exposed.base+x.match.Template
	}
	if x.voucher != nil {
		a.Consumer = x.voucher.ConsumerID
	}
	return a
}

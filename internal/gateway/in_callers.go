// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"time"

	"github.com/snodo-pa/snodo/internal/problem"
)

// Ended is a call of an exposed e-service that has been answered.
type Ended struct {
	Ente, Environment, Service string
	Consumer, Purpose          string // "" without a verified voucher
	Status                     int
	Rule                       string // of the refusal or failure; "" when the procedure's answer was delivered
	Took                       time.Duration
}

// choose holds the caller against what the ente says of its own accord: whom the binding admits, whom it has suspended.
func (i *In) choose(ctx context.Context, x *serving) error {
	if i.MayCall == nil {
		return nil
	}
	return i.MayCall(ctx, x.exposed.ente.CodiceIPA, x.exposed.recipe.Name, x.voucher)
}

// ended tells whoever counts. What the hub itself answers to anybody, such as the state of the service, is no call.
func (i *In) ended(x *serving, status int, took time.Duration) {
	if i.Ended == nil || x.voucher == nil && x.err == nil {
		return
	}
	e := Ended{
		Ente: x.exposed.ente.CodiceIPA, Environment: x.exposed.binding.Environment, Service: x.exposed.recipe.Name,
		Status: status, Took: took,
	}
	if x.voucher != nil {
		e.Consumer, e.Purpose = x.voucher.ConsumerID, x.voucher.PurposeID
	}
	if x.err != nil {
		e.Rule = problem.Rules(x.err)[0]
	}
	i.Ended(e)
}

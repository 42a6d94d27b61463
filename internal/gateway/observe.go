// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import "time"

// Directions of an exchange, as metrics and logs name them.
const (
	DirectionOut = "acquisizione"
	DirectionIn  = "erogazione"
)

// Observer receives what metrics count. Nil functions are not called. They run on the path of the exchange: they must
// not block. Every argument comes from a bounded set (configured names, rule ids, constants), never from a caller.
type Observer struct {
	Exchange     func(direction, service string, status int, took time.Duration)
	Refusal      func(direction, rule string)
	VoucherCache func(result string) // hit, miss
	Replay       func(result string) // fresh, replayed, undecided
	Evidence     func(kind string, stored bool, took time.Duration)
	BackEnd      func(service string, status int, took time.Duration) // status 0 = no answer
	// Guard is told of every breaker once when it is made, with from "" and to "closed", and of its changes of state.
	Guard     func(name, from, to string)
	BadAnswer func(service string) // an answer that cannot be read or breaks its OpenAPI, whatever the policy
}

func (o Observer) exchange(direction, service string, status int, took time.Duration) {
	if o.Exchange != nil {
		o.Exchange(direction, service, status, took)
	}
}

func (o Observer) refusal(direction, rule string) {
	if o.Refusal != nil {
		o.Refusal(direction, rule)
	}
}

func (o Observer) voucherCache(result string) {
	if o.VoucherCache != nil {
		o.VoucherCache(result)
	}
}

func (o Observer) replay(result string) {
	if o.Replay != nil {
		o.Replay(result)
	}
}

func (o Observer) evidence(kind string, stored bool, took time.Duration) {
	if o.Evidence != nil {
		o.Evidence(kind, stored, took)
	}
}

func (o Observer) backEnd(service string, status int, took time.Duration) {
	if o.BackEnd != nil {
		o.BackEnd(service, status, took)
	}
}

func (o Observer) guard(name, from, to string) {
	if o.Guard != nil {
		o.Guard(name, from, to)
	}
}

func (o Observer) badAnswer(service string) {
	if o.BadAnswer != nil {
		o.BadAnswer(service)
	}
}

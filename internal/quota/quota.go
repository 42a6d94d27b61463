// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package quota is the ledger of the calls of a day: how many were made for each purpose of
// each e-service, in both directions, and how many may still be made.
//
// It owns the count, which all replicas share, and the decision. A call costs no access to
// the database: a process counts in memory and brings its calls to the database once a second,
// together, where it learns those of the others. So
//   - a replica does not see what the others did in the last second: together they may go over
//     a limit by that much;
//   - a process that dies takes its last second of calls with it;
//   - when the database has not taken calls for a minute, calls that have a limit are refused
//     as a "don't know": a count that nobody keeps must not let a runaway batch through.
//
// The days are those of Italy, where quotas end at midnight. What proves a call is the
// evidence, not this count. The package depends on nothing of the hub; package store
// implements [Store].
package quota

import (
	"context"
	"strings"
	"time"
)

// A Direction says who calls.
type Direction string

// The directions, as metrics and logs name them.
const (
	Out Direction = "acquisizione" // an ente of this hub calls a registry
	In  Direction = "erogazione"   // another administration calls an ente of this hub
)

// A Key names what is counted. The sums of a consumer and of an e-service follow from it.
type Key struct {
	Environment string
	Direction   Direction
	Eservice    string // id on PDND; out, where it is not published, the name of the service
	Consumer    string // tenant id on PDND; out, where it is not known, the codice IPA
	Purpose     string
}

// Limits are calls a day; 0 is no limit.
type Limits struct {
	Purpose  int64 // dailyCalls of the purpose
	Consumer int64 // dailyCallsPerConsumer of the descriptor
	Total    int64 // dailyCallsTotal of the descriptor
	// Reserve is the part of the tightest limit that only persons may use, in hundredths.
	Reserve int64
}

func (l Limits) none() bool { return l.Purpose == 0 && l.Consumer == 0 && l.Total == 0 }

// A Reason says why a call may not be made.
type Reason string

// The reasons. All but Unknown hold until midnight.
const (
	Purpose  Reason = "finalità"  // the limit of the purpose is reached
	Consumer Reason = "fruitore"  // that of the consumer
	Total    Reason = "e-service" // that of the e-service
	Reserved Reason = "riserva"   // what is left is for persons, and this is a batch
	Stopped  Reason = "registro"  // the registry itself said that the quota is used up
	Unknown  Reason = "non si sa" // the ledger has not been stored for a while
)

// A Verdict says whether a call may be made and what is left.
type Verdict struct {
	Refused   Reason        // "" lets the call through
	Limit     int64         // of the tightest limit; 0 when there is none
	Remaining int64         // of it; after Take the call itself is no longer in it
	Reset     time.Duration // until midnight in Italy
}

// Usage is a row of the ledger.
type Usage struct {
	Day string // YYYY-MM-DD, in Italy
	Key

	Used  int64
	Night int64 // of them between 18:00 and 08:00
	// Stopped: the registry answered that the quota is used up.
	Stopped bool
	// Told is what the registry last said of its own count (X-RateLimit-Limit and -Remaining); zero ToldAt when it
	// said nothing.
	ToldLimit, ToldRemaining int64
	ToldAt                   time.Time
}

// Declared is what a purpose declared on PDND: one that an ente calls with, or one that calls an e-service of an ente.
// With PerConsumer or OfAll in place of the purpose it is what an e-service of an ente declared of itself.
type Declared struct {
	Environment, Purpose string
	DailyCalls           int64
	ReadAt               time.Time
}

const perConsumer, ofAll = "fruitore:", "e-service:"

// PerConsumer names the calls a day that an e-service lets each consumer make.
func PerConsumer(eservice string) string { return perConsumer + eservice }

// OfAll names the calls a day that an e-service lets all make together.
func OfAll(eservice string) string { return ofAll + eservice }

// key is what a declaration is found under.
func (d Declared) key() Key {
	if id, ok := strings.CutPrefix(d.Purpose, perConsumer); ok {
		return Key{Environment: d.Environment, Direction: In, Eservice: id, Consumer: everyConsumer}
	}
	if id, ok := strings.CutPrefix(d.Purpose, ofAll); ok {
		return Key{Environment: d.Environment, Direction: In, Eservice: id}
	}
	return Key{Environment: d.Environment, Purpose: d.Purpose}
}

// everyConsumer stands for a consumer in the key of a limit that each of them has.
const everyConsumer = "*"

// Store keeps the ledger. Errors mean "don't know": what was to be added may have been.
type Store interface {
	// AddUsage adds the deltas, whose Used and Night are increments.
	AddUsage(ctx context.Context, deltas []Usage) error
	// Usage returns the rows of the days from one to another, both included.
	Usage(ctx context.Context, from, to string) ([]Usage, error)
	// PutDeclared keeps what a purpose declared, in place of what it did before.
	PutDeclared(ctx context.Context, d Declared) error
	// Declared returns what all purposes declared.
	Declared(ctx context.Context) ([]Declared, error)
	// PurgeUsage forgets the days before one and returns how many rows they were.
	PurgeUsage(ctx context.Context, before string) (int, error)
}

// AtNight tells whether an instant lies outside the working hours that the Ministry watches,
// 08:00 to 18:00 in Italy.
func AtNight(local time.Time) bool { return local.Hour() >= 18 || local.Hour() < 8 }

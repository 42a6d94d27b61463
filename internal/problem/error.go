// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"fmt"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Error is a refusal or failure named by a rule of the table. What it holds is safe to show to the caller, except Err.
type Error struct {
	Rule       modi.RuleID
	Detail     modi.Text        // what happened this time; "" = the remedy of the rule alone
	RetryAfter time.Duration    // 0 = the default of the status
	Limit      int64            // how much the caller may have of what it has too much of; 0 = the quota of the day, if any
	Violations []modi.Violation // places that break the rule; beyond MaxViolations they are counted, not told
	Spots      []Spot           // the same for the hub's own rules about a message
	More       int              // places that are not in Violations and Spots
	Allow      []string         // methods, for 405
	Err        error            // cause, for logs; never shown
}

// Spot is one place of a message that breaks a rule of the hub, told in both languages.
type Spot struct {
	Rule            modi.RuleID
	Where           string    // "/a/0/b" in the body, "query name", "header Name", "path name"
	Expected, Found modi.Text // safe to show to the caller: never what a person may be known by
}

// New names a rule without more detail.
func New(rule modi.RuleID) *Error { return &Error{Rule: rule} }

// Newf names a rule with what happened, in both languages.
func Newf(rule modi.RuleID, it, en string) *Error {
	return &Error{Rule: rule, Detail: modi.Text{IT: it, EN: en}}
}

// Because attaches the cause, which only logs see.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

// After sets how long the caller should wait.
func (e *Error) After(d time.Duration) *Error {
	e.RetryAfter = d
	return e
}

// Of sets how much the caller may have.
func (e *Error) Of(limit int64) *Error {
	e.Limit = limit
	return e
}

// Error names the rule and its detail, for logs: of the places their kinds alone.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Rule))
	if e.Detail.EN != "" {
		b.WriteString(": " + e.Detail.EN)
	}
	told, spots, more := bounded(e.Violations, e.Spots, e.More)
	writeKinds(&b, told, spots)
	if more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Place says which exchange an error belongs to.
type Place struct {
	Exchange string // id of the exchange, "" before one exists
	Ente     string
	Servizio string
}

type placed struct {
	Place
	err error
}

func (p *placed) Error() string { return p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// At attaches the exchange to an error; nil stays nil.
func At(err error, p Place) error {
	if err == nil {
		return nil
	}
	return &placed{Place: p, err: err}
}

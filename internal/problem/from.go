// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// The waits told when a 503 or 429 comes without one of its own.
const (
	DefaultRetryUnavailable = 10 * time.Second
	DefaultRetryThrottled   = 60 * time.Second
)

// Explained is an error read against the table.
type Explained struct {
	Row        Row
	Detail     modi.Text
	RetryAfter time.Duration    // 0 = no Retry-After
	Violations []modi.Violation // at most MaxViolations
	Spots      []Spot           // with them at most MaxViolations
	More       int              // those left out
	Allow      []string
	Code       string // the registry's own code
	RegistryID string // what the registry's help desk asks for
	Place      Place
}

// Explain reads any error: *Error, *modi.Refusal, *registry.Fault and the sentinels of modi and registry by their own
// rule, the end of a context as an interruption, everything else as hub.internal/unexpected.
func Explain(err error) Explained {
	x := explainKind(err)
	x.Violations, x.Spots, x.More = bounded(x.Violations, x.Spots, x.More)
	var p *placed
	if errors.As(err, &p) {
		x.Place = p.Place
	}
	if x.RetryAfter <= 0 {
		x.RetryAfter = defaultRetry(x.Row.Status)
	}
	if x.Row.Rule == RuleOutcomeNotStored {
		x.RetryAfter = 0 // a second try would act twice
	}
	return x
}

// Rules lists the ids an error breaks, the headline first, without repeats.
func Rules(err error) []string {
	x := Explain(err)
	ids := []string{string(x.Row.Rule)}
	add := func(rule modi.RuleID) {
		if rule != "" && !slices.Contains(ids, string(rule)) {
			ids = append(ids, string(rule))
		}
	}
	for _, v := range x.Violations {
		add(v.Rule)
	}
	for _, s := range x.Spots {
		add(s.Rule)
	}
	return ids
}

// Status is the HTTP status of an error.
func Status(err error) int { return Explain(err).Row.Status }

func explainKind(err error) Explained {
	var own *Error
	if errors.As(err, &own) {
		return Explained{
			Row: rowOf(own.Rule), Detail: own.Detail, RetryAfter: own.RetryAfter, Violations: own.Violations, Spots: own.Spots,
			More: own.More, Allow: own.Allow,
		}
	}
	var fault *registry.Fault
	if errors.As(err, &fault) {
		return explainFault(fault)
	}
	var refusal *modi.Refusal
	if errors.As(err, &refusal) && len(refusal.Violations) > 0 {
		return Explained{Row: rowOf(refusal.Violations[0].Rule), Violations: refusal.Violations}
	}
	return Explained{Row: rowOf(sentinelRule(err))}
}

func explainFault(f *registry.Fault) Explained {
	return Explained{
		Row: rowOf(sentinelRule(f.Kind)), Detail: f.Text, RetryAfter: f.RetryAfter,
		Violations: f.Violations, Code: f.Code, RegistryID: f.RegistryID,
	}
}

// sentinelRule maps the errors that carry nothing but their identity.
func sentinelRule(err error) modi.RuleID {
	for _, m := range []struct {
		is   error
		rule modi.RuleID
	}{
		{registry.ErrNotFound, RuleRegistryNotFound},
		{registry.ErrAmbiguous, RuleRegistryAmbiguous},
		{registry.ErrInvalid, RuleRegistryInvalid},
		{registry.ErrDenied, RuleRegistryDenied},
		{registry.ErrThrottled, RuleRegistryThrottled},
		{registry.ErrConfig, RuleRegistryConfig},
		{registry.ErrSignature, RuleRegistrySignature},
		{registry.ErrBadReply, RuleRegistryBadReply},
		{registry.ErrNotReady, RuleRegistryNotReady},
		{registry.ErrUnavailable, RuleRegistryUnavailable},
		{registry.ErrPDND, RulePDNDUnavailable},
		{registry.ErrUnsupported, RuleRegistryUnsupported},
		{registry.ErrSettings, RuleRegistrySettings},
		{registry.ErrState, RuleStore},
		{modi.ErrUndecided, RuleKeysUndecided},
		{context.DeadlineExceeded, RuleDeadline},
		{context.Canceled, RuleStopping},
	} {
		if errors.Is(err, m.is) {
			return m.rule
		}
	}
	return RuleUnexpected
}

// rowOf falls back to the unexpected row, keeping the id, so that a rule missing from the table is seen and not lost.
func rowOf(id modi.RuleID) Row {
	if row, ok := Lookup(id); ok {
		return row
	}
	row, _ := Lookup(RuleUnexpected)
	row.Rule = id
	return row
}

func defaultRetry(status int) time.Duration {
	switch status {
	case http.StatusServiceUnavailable:
		return DefaultRetryUnavailable
	case http.StatusTooManyRequests:
		return DefaultRetryThrottled
	default:
		return 0
	}
}

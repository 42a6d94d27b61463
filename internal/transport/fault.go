// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport

import (
	"context"
	"errors"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/registry"
)

// unanswered maps an exchange without a reply. Faults of ours (a key that does not
// sign, network settings that stop the call) and of their content (too large, unreadable)
// say nothing about whether the host is up; every other one does.
func unanswered(err error) *registry.Fault {
	fault := &registry.Fault{Kind: registry.ErrUnavailable, Text: textUnanswered(), Err: err}
	switch outbound.ReasonOf(err) {
	case outbound.ReasonPrepare:
		fault.Kind, fault.Text = registry.ErrSignature, textNotSigned()
	case outbound.ReasonTooLarge, outbound.ReasonEncoding:
		fault.Kind, fault.Text = registry.ErrBadReply, textUnreadable()
	case outbound.ReasonAddress:
		fault.Kind, fault.Text = registry.ErrSettings, textEgress()
	case outbound.ReasonCertificate:
		fault.Kind, fault.Text = registry.ErrSettings, textCertificate()
	default:
	}
	return fault
}

// asFault makes sure that what a Classify returned says which answer it is about.
func asFault(err error, r registry.Reply) error {
	var fault *registry.Fault
	if !errors.As(err, &fault) {
		return &registry.Fault{Kind: kindOf(err), Status: r.Status, RegistryID: r.RegistryID, Err: err}
	}
	if fault.Status == 0 {
		fault.Status = r.Status
	}
	if fault.RegistryID == "" {
		fault.RegistryID = r.RegistryID
	}
	return err
}

// named tells a fault which service it is about. What a guard or PDND returned is
// named after them, or not at all.
func named(err error, service string) error {
	var fault *registry.Fault
	if !errors.As(err, &fault) {
		return &registry.Fault{Kind: kindOf(err), Service: service, Err: err}
	}
	fault.Service = service
	return err
}

// kinds are the sentinels of registry with their words for metrics.
func kinds() []struct {
	err  error
	word string
} {
	return []struct {
		err  error
		word string
	}{
		{registry.ErrNotFound, "not-found"},
		{registry.ErrAmbiguous, "ambiguous"},
		{registry.ErrInvalid, "invalid"},
		{registry.ErrDenied, "denied"},
		{registry.ErrThrottled, "throttled"},
		{registry.ErrConfig, "config"},
		{registry.ErrSignature, "signature"},
		{registry.ErrBadReply, "bad-reply"},
		{registry.ErrNotReady, "not-ready"},
		{registry.ErrPDND, "pdnd"},
		{registry.ErrUnsupported, "unsupported"},
		{registry.ErrSettings, "settings"},
		{registry.ErrState, "state"},
		{registry.ErrUnavailable, "unavailable"},
	}
}

// kindOf finds the sentinel that err wraps; an error of no kind is a registry that
// could not be used.
func kindOf(err error) error {
	for _, k := range kinds() {
		if errors.Is(err, k.err) {
			return k.err
		}
	}
	return registry.ErrUnavailable
}

// outcome is the word of err for metrics.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	if errors.Is(err, context.Canceled) {
		return "cancelled"
	}
	for _, k := range kinds() {
		if errors.Is(err, k.err) {
			return k.word
		}
	}
	return "failed"
}

// faultName is how a record names a failure: the first broken rule, else the kind.
func faultName(err error) string {
	var fault *registry.Fault
	if !errors.As(err, &fault) {
		return outcome(err)
	}
	if len(fault.Violations) > 0 {
		return string(fault.Violations[0].Rule)
	}
	return fault.Kind.Error()
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"errors"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// The kinds of failure that every registry is mapped to. Only ErrUnavailable counts
// against a breaker.
var (
	ErrNotFound    = errors.New("record not found")                // definitive: the registry answered
	ErrAmbiguous   = errors.New("more than one record matches")    // definitive
	ErrInvalid     = errors.New("request refused by the registry") // the input breaks a rule of the registry
	ErrDenied      = errors.New("not authorised by the registry")  // agreement, purpose, quota group or address
	ErrThrottled   = errors.New("too many requests")               // 429, per ente and purpose
	ErrConfig      = errors.New("voucher refused by PDND")         // masked 400: configuration or platform state
	ErrSignature   = errors.New("message refused for its tokens")  // clock, key or signature fault of ours
	ErrBadReply    = errors.New("reply cannot be trusted")         // their signature, digest or content is wrong
	ErrNotReady    = errors.New("result not ready")                // asynchronous operation still running
	ErrUnavailable = errors.New("registry unavailable")            // no answer, 5xx, breaker open
	ErrPDND        = errors.New("PDND unavailable")                // token endpoint or key registry gives no answer
	ErrUnsupported = errors.New("operation not supported")
	ErrSettings    = errors.New("call stopped by the configuration of the hub") // no binding, or its own network settings: address, certificate
	ErrState       = errors.New("state of the hub unavailable")                 // the store of the hub's own numbers gives no answer
)

// Fault is a failure with what a person needs to act on it. It never holds personal
// data: Text is the registry's own wording only where the recipe marks it safe.
type Fault struct {
	Kind       error // one of the sentinels above
	Service    string
	Status     int           // HTTP status received, 0 when none
	Code       string        // the registry's own error code (EN122, 015-0008)
	Text       modi.Text     // what it means and what to do
	RegistryID string        // govway_id or correlation id: what the help desk asks for
	RetryAfter time.Duration // 0 when unknown
	Alone      bool          // of ErrThrottled: this call alone is refused, others for the purpose may go on
	Violations []modi.Violation
	Err        error // cause, for logs; never shown to callers
}

// Error names kind, service, status and code.
func (f *Fault) Error() string {
	s := f.Kind.Error()
	if f.Service != "" {
		s = f.Service + ": " + s
	}
	if f.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d)", f.Status)
	}
	if f.Code != "" {
		s += " [" + f.Code + "]"
	}
	if f.RegistryID != "" {
		s += " id " + f.RegistryID
	}
	return s
}

// Unwrap gives the kind and the cause.
func (f *Fault) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Kind}
	}
	return []error{f.Kind, f.Err}
}

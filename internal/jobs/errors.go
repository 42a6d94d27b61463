// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

var (
	// ErrLeaseLost means that a job is held by somebody else now, or by nobody: what this run did must not be stored.
	// It is also the cause of the end of a handler's context.
	ErrLeaseLost = errors.New("the lease on the job is lost")
	// ErrShutdown is the cause of the end of a handler's context when the worker stops and its grace is over.
	ErrShutdown = errors.New("the worker is stopping")
	// ErrNotFound means that there is no such job.
	ErrNotFound = errors.New("no such job")
	// ErrNotDead means that the job exists and is not a dead letter.
	ErrNotDead = errors.New("the job is not a dead letter")
	// ErrReason means that the reason for discarding a dead letter cannot be stored.
	ErrReason = errors.New("the reason must have 1 to 200 bytes of one line and no codice fiscale")
)

// The codes of failures that their handlers did not name.
const (
	CodeError        = "error"         // any other error
	CodeTimeout      = "timeout"       // the run took longer than Policy.Timeout
	CodeCancelled    = "cancelled"     // something that the handler waited for was called off
	CodePanic        = "panic"         // the handler panicked
	CodePayload      = "payload"       // the payload is not what this program's handler reads
	CodeSealed       = "sealed"        // the payload does not authenticate
	CodeMasterKey    = "master-key"    // the payload was sealed under another master key
	CodeExpired      = "expired"       // the deadline passed before a run
	CodeLeaseExpired = "lease-expired" // the process ended, or lost the store, in the last attempt
)

// A verdict is an error that says what becomes of the job.
type verdict struct {
	err       error
	permanent bool
	postponed bool
	after     time.Duration
}

func (v *verdict) Error() string { return v.err.Error() }
func (v *verdict) Unwrap() error { return v.err }

// Permanent returns an error that makes the job dead at once: another attempt would fail in the same way. It is nil
// when err is.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &verdict{err: err, permanent: true}
}

// Retry returns an error that has the job run again, not before after has passed: what a peer said of when it will be
// back. With zero the policy's backoff decides, as for every error without a verdict. The attempt counts. It is nil
// when err is.
func Retry(err error, after time.Duration) error {
	if err == nil {
		return nil
	}
	return &verdict{err: err, after: max(after, 0)}
}

// Postpone returns an error that has the job run again, not before after has passed, without counting the run as an
// attempt: nothing was tried, because something that is not the job's own fault is in the way. However often that happens
// the job does not become dead of it; its deadline ends it. With zero it waits for the first delay of the policy's
// backoff. It is nil when err is.
func Postpone(err error, after time.Duration) error {
	if err == nil {
		return nil
	}
	return &verdict{err: err, postponed: true, after: max(after, 0)}
}

type coded struct {
	err  error
	code string
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

// Coded gives an error the code that is stored, shown to operators and logged in place of its text, which may name a
// person. A code is a constant of the program of the form of a kind's name, such as "pdnd.events/unavailable"; anything
// else is stored as [CodeError]. The outermost code counts. It is nil when err is.
func Coded(code string, err error) error {
	if err == nil {
		return nil
	}
	return &coded{err: err, code: code}
}

// codeOf returns what may be stored of an error. classify may be nil.
func codeOf(err error, classify func(error) string) string {
	var c *coded
	code := ""
	switch {
	case errors.As(err, &c):
		code = c.code
	case classify != nil:
		code = classify(err)
	}
	switch {
	case code != "" && (!validName(code) || codicefiscale.Within(code)):
		return CodeError
	case code != "":
		return code
	case errors.Is(err, context.DeadlineExceeded):
		return CodeTimeout
	case errors.Is(err, context.Canceled):
		return CodeCancelled
	}
	return CodeError
}

// maxReason is the greatest length of the reason for discarding a dead letter, in bytes.
const maxReason = 200

func checkReason(reason string) error {
	if reason == "" || len(reason) > maxReason || codicefiscale.Within(reason) {
		return ErrReason
	}
	for _, r := range reason {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\ufffd' {
			return ErrReason
		}
	}
	return nil
}

// errPanic is what a handler that panicked returns. What it panicked with may name a person and is not kept.
var errPanic = fmt.Errorf("the handler panicked")

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package faults describes what can go wrong on demand in a mock: the bad weeks of a
// real platform or registry, one fault at a time.
//
// It owns the list of faults in force and the HTTP middleware for those that do not
// depend on the mock (status, delay, hang, cut body ...). The others are handed to the
// mock through the request context. It depends on the standard library only.
package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind names a fault.
type Kind string

// The kinds that every mock knows.
const (
	// Status answers with Fault.Status and a problem document.
	Status Kind = "status"
	// Delay waits Fault.DelayMS before the normal answer.
	Delay Kind = "delay"
	// Hang never answers: it waits until the client leaves.
	Hang Kind = "hang"
	// Stall sends the headers and half of the body, then waits until the client leaves.
	Stall Kind = "stall"
	// Cut sends half of the announced body and closes the connection.
	Cut Kind = "cut"
	// HTML answers with an HTML error page, status Fault.Status or 200.
	HTML Kind = "html"
	// Throttle answers 429, with Retry-After when Fault.RetryAfter is set.
	Throttle Kind = "throttle"
	// Down closes the connection without a byte.
	Down Kind = "down"
	// Empty answers with Fault.Status, default 503, and no body.
	Empty Kind = "empty"
)

// The kinds of mocks/pdnd.
const (
	// Masked answers the masked 400 of the token endpoint to a good request.
	Masked Kind = "masked400"
	// JWKSDuplicateKid publishes two keys under one kid.
	JWKSDuplicateKid Kind = "jwks-duplicate-kid"
	// JWKSSmallKey adds a 1024-bit key to the set.
	JWKSSmallKey Kind = "jwks-small-key"
	// JWKSPrivateMember publishes a key with a private member.
	JWKSPrivateMember Kind = "jwks-private-member"
	// JWKSHuge answers with five megabytes.
	JWKSHuge Kind = "jwks-huge"
)

// The kinds of mocks/anpr and of the signed replies of mocks/pdnd.
const (
	// BadSignature damages the signature of the answer.
	BadSignature Kind = "bad-signature"
	// Unsigned sends the answer without Agid-JWT-Signature.
	Unsigned Kind = "unsigned"
	// WrongDigest sends a Digest, signed, that is not the body's.
	WrongDigest Kind = "wrong-digest"
)

// Fault is one fault in force.
type Fault struct {
	// Kind says what happens.
	Kind Kind `json:"kind"`
	// Path limits the fault to requests whose path contains this text; empty means all.
	Path string `json:"path,omitempty"`
	// Method limits the fault to requests of this method; empty means all.
	Method string `json:"method,omitempty"`
	// Status is the HTTP status for Status (default 500), HTML (default 200) and Empty
	// (default 503).
	Status int `json:"status,omitempty"`
	// DelayMS is how long Delay waits, in milliseconds.
	DelayMS int `json:"delay_ms,omitempty"`
	// RetryAfter is the value of that header for Status and Throttle: seconds or an
	// HTTP date, sent as it is.
	RetryAfter string `json:"retry_after,omitempty"`
	// Times is how many requests are hit before the fault ends; zero means until cleared.
	Times int `json:"times,omitempty"`
	// Every hits one request in so many; zero or one means each.
	Every int `json:"every,omitempty"`
}

// ErrInvalid means a fault is described wrongly.
var ErrInvalid = errors.New("invalid fault")

// Set is the list of faults in force. The zero value is empty and ready. It is safe for
// concurrent use.
type Set struct {
	mu     sync.Mutex
	active []entry
}

type entry struct {
	fault Fault
	seen  int
}

// Put replaces the faults in force. Without arguments it clears them. An unknown kind or
// an impossible value is an error that wraps [ErrInvalid], and nothing changes.
func (s *Set) Put(list ...Fault) error {
	active := make([]entry, 0, len(list))
	for _, f := range list {
		if err := f.validate(); err != nil {
			return err
		}
		active = append(active, entry{fault: f})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = active
	return nil
}

// Active returns the faults still in force.
func (s *Set) Active() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Fault, 0, len(s.active))
	for _, e := range s.active {
		list = append(list, e.fault)
	}
	return list
}

func (f Fault) validate() error {
	known := []Kind{
		Status, Delay, Hang, Stall, Cut, HTML, Throttle, Down, Empty,
		Masked, JWKSDuplicateKid, JWKSSmallKey, JWKSPrivateMember, JWKSHuge,
		BadSignature, Unsigned, WrongDigest,
	}
	if !slices.Contains(known, f.Kind) {
		return fmt.Errorf("%w: unknown kind %q", ErrInvalid, f.Kind)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("%w: status %d is outside 200-599", ErrInvalid, f.Status)
	}
	if f.DelayMS < 0 || f.Times < 0 || f.Every < 0 {
		return fmt.Errorf("%w: negative number", ErrInvalid)
	}
	return nil
}

// take returns the first fault that hits this request.
func (s *Set) take(method, path string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.active {
		e := &s.active[i]
		if !strings.Contains(path, e.fault.Path) || e.fault.Method != "" && e.fault.Method != method {
			continue
		}
		e.seen++
		if e.fault.Every > 1 && e.seen%e.fault.Every != 0 {
			continue
		}
		hit := e.fault
		if e.fault.Times == 1 {
			s.active = slices.Delete(s.active, i, i+1)
		} else if e.fault.Times > 1 {
			e.fault.Times--
		}
		return hit, true
	}
	return Fault{}, false
}

type contextKey struct{}

// From returns the fault that the mock itself must act out for this request.
func From(ctx context.Context) (Fault, bool) {
	f, ok := ctx.Value(contextKey{}).(Fault)
	return f, ok
}

// Is reports whether the request must suffer a fault of this kind.
func Is(ctx context.Context, kind Kind) bool {
	f, ok := From(ctx)
	return ok && f.Kind == kind
}

// Middleware applies the faults of the set to every request but those under /_mock/.
// The body of the request must have been read, or a client that leaves goes unnoticed.
func (s *Set) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_mock/") {
			next.ServeHTTP(w, r)
			return
		}
		f, ok := s.take(r.Method, r.URL.Path)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		f.apply(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, f)), next)
	})
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

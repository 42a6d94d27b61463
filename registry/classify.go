// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxRetryAfter bounds what a peer may ask us to wait: a daily quota ends at
// midnight, so no honest answer is longer.
const MaxRetryAfter = 24 * time.Hour

// ParseRetryAfter reads Retry-After in both its forms (RFC 9110, 10.2.3): seconds, or
// an HTTP date, which is taken relative to the Date of the same answer when it has
// one, so that the peer's clock does not matter, and to now otherwise. The result lies
// between 0 and MaxRetryAfter; it is 0 when the field is absent, past or unreadable.
func ParseRetryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	seconds, err := strconv.ParseUint(value, 10, 63)
	if errors.Is(err, strconv.ErrRange) || err == nil && seconds > uint64(MaxRetryAfter/time.Second) {
		return MaxRetryAfter
	}
	if err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	if now.IsZero() {
		return 0
	}
	return min(max(0, at.Sub(now)), MaxRetryAfter)
}

// ClassifyByStatus maps an answer to a *Fault of this package's kinds, or to nil when
// it is a success. It reads the problem document of a GovWay gateway, whose titles are
// more precise than the status, and otherwise the status alone:
//
//	2xx                        nil
//	401, tokens refused        ErrSignature
//	403                        ErrDenied
//	404 of the registry        ErrNotFound
//	404 of a gateway           ErrUnavailable: the service is not where it should be
//	408, 5xx                   ErrUnavailable
//	425                        ErrNotReady
//	429                        ErrThrottled
//	other 4xx                  ErrInvalid
//	1xx, 3xx                   ErrBadReply: redirects are never followed
//
// A registry whose errors have a shape of their own gives its Call a Classify that
// falls back on this function.
func ClassifyByStatus(r Reply) error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	f := &Fault{Kind: kindByStatus(r.Status), Status: r.Status, RegistryID: r.RegistryID}
	if p, ok := ParseGovWayProblem(r.Body); ok {
		f.Code = p.Title
		f.RegistryID = cmp.Or(p.ID, f.RegistryID)
		f.Kind = p.kind(f.Kind)
	} else if r.Status == http.StatusNotFound && isHTML(r) {
		f.Kind = ErrUnavailable
	}
	f.RetryAfter = ParseRetryAfter(r.Header, r.Received)
	f.Text = textOf(f.Kind)
	return f
}

func kindByStatus(status int) error {
	switch {
	case status == http.StatusUnauthorized:
		return ErrSignature
	case status == http.StatusForbidden:
		return ErrDenied
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusRequestTimeout:
		return ErrUnavailable
	case status == http.StatusTooEarly:
		return ErrNotReady
	case status == http.StatusTooManyRequests:
		return ErrThrottled
	case status >= 500:
		return ErrUnavailable
	case status >= 400:
		return ErrInvalid
	default:
		return ErrBadReply
	}
}

// isHTML tells a page meant for people from an answer of the registry.
func isHTML(r Reply) bool {
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(mediaType), "text/html") ||
		strings.HasPrefix(strings.TrimSpace(string(r.Body[:min(len(r.Body), 64)])), "<")
}

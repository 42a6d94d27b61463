// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// What an *APIError is, for errors.Is. Every one is ErrRefused.
var (
	ErrRefused   = errors.New("PDND refuses")
	ErrNotFound  = errors.New("not on PDND")                // 404
	ErrConflict  = errors.New("in conflict with PDND")      // 409
	ErrForbidden = errors.New("not allowed to this client") // 403: role, owner or delegation
)

// APIError is a "no" of the platform API, in PDND's own words, to what was asked. A 401 is none: it refuses who asks.
type APIError struct {
	Operation     string // method and path, ids left out
	Status        int
	Code          string // "SSS-NNNN", with three to five digits behind; the first of the problem
	Detail        string // PDND's explanation, cut and printable; it may quote the request
	CorrelationID string // what PDND's help desk asks for
}

// Error leaves Detail out: it is for whoever asked, not for logs.
func (e *APIError) Error() string {
	return fmt.Sprintf("PDND %s: HTTP %d %s, correlation id %s", e.Operation, e.Status, e.Code, e.CorrelationID)
}

// Is implements errors.Is for the sentinels above.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrRefused:
		return true
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrConflict:
		return e.Status == http.StatusConflict
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	default:
		return false
	}
}

// Has tells whether the code of the error is one of codes.
func (e *APIError) Has(codes ...string) bool {
	for _, code := range codes {
		if e.Code == code {
			return true
		}
	}
	return false
}

// route writes a path without the ids in it.
func route(path string) string {
	steps := strings.Split(path, "/")
	for i, step := range steps {
		if uuid.Valid(step) || token.ValidKID(step) {
			steps[i] = "{id}"
		}
	}
	return strings.Join(steps, "/")
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package platform

import (
	"errors"
	"fmt"
	"net/http"
)

// ErrInvalid means the platform would not accept what was seeded; the text says why.
var ErrInvalid = errors.New("refused by the platform")

// ErrUnknown means nothing is registered under that identifier.
var ErrUnknown = errors.New("unknown to the platform")

// The services whose codes pass through the platform API. An empty service is the API
// itself, 012 or 017.
const (
	catalog       = "001"
	agreement     = "002"
	attribute     = "003"
	purpose       = "004"
	tenant        = "005"
	authorization = "006"
	delegation    = "010"
)

// Problem is a rule broken by an actor, with the code of the service that holds it.
type Problem struct {
	Status int
	// Service is the three digits before the dash; empty for the API's own.
	Service string
	Code    string
	Title   string
	Detail  string
}

// Error returns the code and the detail.
func (p *Problem) Error() string { return p.Service + "-" + p.Code + ": " + p.Detail }

func refuse(status int, service, code, title, format string, args ...any) error {
	return &Problem{Status: status, Service: service, Code: code, Title: title, Detail: fmt.Sprintf(format, args...)}
}

func notFound(service, code, what, id string) error {
	return refuse(http.StatusNotFound, service, code, what+" not found", "%s %s not found", what, id)
}

func badRequest(service, code, title, format string, args ...any) error {
	return refuse(http.StatusBadRequest, service, code, title, format, args...)
}

func forbidden(service, code, title, format string, args ...any) error {
	return refuse(http.StatusForbidden, service, code, title, format, args...)
}

func conflict(service, code, title, format string, args ...any) error {
	return refuse(http.StatusConflict, service, code, title, format, args...)
}

// operationForbidden is what the services answer to a tenant that is not the owner.
func operationForbidden(service string) error {
	return forbidden(service, "9989", "Insufficient privileges", "Insufficient privileges")
}

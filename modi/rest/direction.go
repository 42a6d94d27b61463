// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import "fmt"

// Direction says which way a message goes.
type Direction uint8

// The directions.
const (
	Request Direction = iota
	Reply
)

// EmptyPayload says on which messages without a body an e-service wants the proof of
// integrity; with a body it is always due. The guideline asks for none (Allegato 2 of
// 2024, §5.2.2); e-services agree otherwise.
type EmptyPayload uint8

// The modes, with the names that configurations use.
const (
	TokenWithPayload  EmptyPayload = iota // "payload": never without a body
	TokenAlways                           // "always": on every message
	TokenOnAnyReply                       // "any-reply": requests only with a body, replies always
	TokenOnAnyRequest                     // "any-request": requests always, replies only with a body
)

// Requires tells whether a message without a body needs token and Digest. It is the
// value for IntegrityVerifier.RequireOnEmpty and IntegrityInput.DigestEmpty.
func (e EmptyPayload) Requires(d Direction) bool {
	switch e {
	case TokenAlways:
		return true
	case TokenOnAnyReply:
		return d == Reply
	case TokenOnAnyRequest:
		return d == Request
	case TokenWithPayload:
		return false
	default:
		return false
	}
}

// ParseEmptyPayload reads the name of a mode.
func ParseEmptyPayload(s string) (EmptyPayload, error) {
	switch s {
	case "payload":
		return TokenWithPayload, nil
	case "always":
		return TokenAlways, nil
	case "any-reply":
		return TokenOnAnyReply, nil
	case "any-request":
		return TokenOnAnyRequest, nil
	default:
		return 0, fmt.Errorf("mode %q is not one of payload, always, any-reply, any-request", s)
	}
}

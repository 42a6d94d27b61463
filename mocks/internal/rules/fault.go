// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

// Class says which kind of refusal a fault leads to. The mocks turn it into the HTTP
// status their real counterparts use.
type Class int

// The classes, in the order in which a real gateway looks for them.
const (
	// ClassToken is a voucher that does not authenticate its bearer (HTTP 401).
	ClassToken Class = iota + 1
	// ClassProfile is a message outside the required ModI profile (HTTP 400).
	ClassProfile
	// ClassDenied is a well-made message from somebody who may not send it (HTTP 403).
	ClassDenied
	// ClassReplay is a message already seen (HTTP 409).
	ClassReplay
	// ClassUnknown means the check could not be made, so nothing is known (HTTP 503).
	ClassUnknown
)

// Fault is one broken rule. Name is stable and meant for tests; Detail is for the
// person who reads it and never holds a token, a key or a body.
type Fault struct {
	Class  Class
	Name   string
	Detail string
}

// Error returns the name and the detail.
func (f *Fault) Error() string {
	if f.Detail == "" {
		return f.Name
	}
	return f.Name + ": " + f.Detail
}

func profile(name, detail string) *Fault {
	return &Fault{Class: ClassProfile, Name: name, Detail: detail}
}

func token(name, detail string) *Fault {
	return &Fault{Class: ClassToken, Name: name, Detail: detail}
}

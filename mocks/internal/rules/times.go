// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import "time"

// Window is the clock policy of a verifier.
type Window struct {
	// MaxAge is how old iat may be; zero means any age, as for vouchers.
	MaxAge time.Duration
	// Future is how far ahead of the clock iat and nbf may be.
	Future time.Duration
	// NeedNbf asks for nbf, which PDND vouchers always carry.
	NeedNbf bool
}

// CheckTimes verifies iat, nbf and exp against the clock: iat and exp must be numbers,
// exp has no tolerance. It returns nil or the first broken rule, of the given class.
func CheckTimes(c Members, now time.Time, w Window, class Class) *Fault {
	at := float64(now.UnixNano()) / 1e9
	iat, ok := c.Seconds("iat")
	if !ok {
		return &Fault{class, "iat-missing", "iat is absent or no number"}
	}
	exp, ok := c.Seconds("exp")
	if !ok {
		return &Fault{class, "exp-missing", "exp is absent or no number"}
	}
	if iat > at+w.Future.Seconds() {
		return &Fault{class, "iat-future", "the token was created in the future"}
	}
	if w.MaxAge > 0 && iat < at-w.MaxAge.Seconds() {
		return &Fault{class, "iat-old", "the token was created too long ago"}
	}
	if exp <= at {
		return &Fault{class, "expired", "the token has expired"}
	}
	if exp <= iat {
		return &Fault{class, "exp-before-iat", "the token expires before it was created"}
	}
	if !c.Has("nbf") {
		if w.NeedNbf {
			return &Fault{class, "nbf-missing", "nbf is absent"}
		}
		return nil
	}
	nbf, ok := c.Seconds("nbf")
	if !ok {
		return &Fault{class, "nbf-invalid", "nbf is no number"}
	}
	if nbf > at+w.Future.Seconds() {
		return &Fault{class, "nbf-future", "the token is not valid yet"}
	}
	return nil
}

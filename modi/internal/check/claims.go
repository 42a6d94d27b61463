// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
)

// maxJTI is the longest jti accepted, in bytes: longer ones are not used as message
// ids by the gateways in use, so they would escape the replay check of the peer.
// maxLongJTI bounds it where modi.LenientLongJTI lets longer ones in.
const (
	maxJTI     = 255
	maxLongJTI = 4096
)

// Instants are the times of a token. A zero time was absent or malformed.
type Instants struct{ IssuedAt, NotBefore, ExpiresAt time.Time }

// NotBefore says what a kind of token wants of nbf.
type NotBefore uint8

// The wishes about nbf.
const (
	NotBeforeOptional NotBefore = iota
	NotBeforeRequired
	NotBeforeIgnored // judged elsewhere
)

// ReadTimes reads iat and exp, which every token must have, and nbf as the kind of
// token wants it.
func (f *Findings) ReadTimes(c *token.Claims, nbf NotBefore) Instants {
	in := Instants{
		IssuedAt:  f.readTime(c, "iat", modi.FaultIssuedAtMissing, modi.FaultIssuedAtMalformed),
		ExpiresAt: f.readTime(c, "exp", modi.FaultExpiryMissing, modi.FaultExpiryMalformed),
	}
	switch nbf {
	case NotBeforeOptional:
		if c.Has("nbf") {
			in.NotBefore = f.readTime(c, "nbf", modi.FaultNotBeforeMissing, modi.FaultNotBeforeInvalid)
		}
	case NotBeforeRequired:
		in.NotBefore = f.readTime(c, "nbf", modi.FaultNotBeforeMissing, modi.FaultNotBeforeInvalid)
	case NotBeforeIgnored:
	}
	return in
}

func (f *Findings) readTime(c *token.Claims, name string, missing, malformed modi.Fault) time.Time {
	t, state := c.Time(name)
	switch state {
	case token.Absent:
		f.Add(missing, "the claim "+name, "none")
	case token.Invalid:
		raw, _ := c.Value(name)
		if f.kind.Lenient().Allows(modi.LenientNumericStrings) {
			s, _ := c.String(name)
			if t, ok := token.NumericDate(s); ok && strings.Trim(s, "0123456789") == "" {
				return t
			}
		}
		f.AddHint(malformed, "seconds since 1970 as a JSON number", token.TypeOf(raw)+" that is not such a date", hint.Date([]byte(raw)))
	case token.Valid:
	}
	return t
}

// CheckTimes compares the times with the clock: iat and nbf may lie ahead by the
// tolerance, exp must be in the future, and, where the tolerances say so, iat must be
// recent and the life short. Zero times are passed over: their absence is a fault of
// its own.
func (f *Findings) CheckTimes(in Instants, now time.Time, t modi.Times) {
	iat, nbf, exp := in.IssuedAt, in.NotBefore, in.ExpiresAt
	limit := now.Add(t.FutureIssued)
	if !iat.IsZero() {
		switch {
		case iat.After(limit):
			f.AddHint(modi.FaultIssuedInFuture, "iat at most "+t.FutureIssued.String()+" ahead", ahead(iat, now), hint.Skew(iat.Sub(now)))
		case t.MaxAge > 0 && now.Sub(iat) > t.MaxAge:
			f.AddHint(modi.FaultTooOld, "iat at most "+t.MaxAge.String()+" old", ago(iat, now), hint.Skew(iat.Sub(now)))
		}
	}
	if !nbf.IsZero() && nbf.After(limit) {
		f.AddHint(modi.FaultNotYetValid, "nbf at most "+t.FutureIssued.String()+" ahead", ahead(nbf, now), hint.Skew(nbf.Sub(now)))
	}
	if exp.IsZero() {
		return
	}
	if !now.Before(exp) {
		f.Add(modi.FaultExpired, "exp in the future", ago(exp, now))
	}
	if iat.IsZero() {
		return
	}
	switch life := exp.Sub(iat); {
	case life <= 0:
		f.Add(modi.FaultExpiryBeforeIssue, "exp after iat", fmt.Sprintf("exp-iat of %s", life))
	case t.MaxLifetime > 0 && life > t.MaxLifetime:
		f.Add(modi.FaultLifetimeTooLong, "exp-iat of at most "+t.MaxLifetime.String(), life.String())
	}
}

// OptionalJTI reads the token's id where it need not be there; empty when it is not.
func (f *Findings) OptionalJTI(c *token.Claims) string {
	if !c.Has("jti") {
		return ""
	}
	return f.JTI(c)
}

func ahead(t, now time.Time) string { return t.Sub(now).Round(time.Second).String() + " ahead" }

func ago(t, now time.Time) string { return now.Sub(t).Round(time.Second).String() + " ago" }

// JTI reads the token's id: a non-empty string of at most 255 bytes.
func (f *Findings) JTI(c *token.Claims) string {
	limit := maxJTI
	if f.kind.Lenient().Allows(modi.LenientLongJTI) {
		limit = maxLongJTI
	}
	if !c.Has("jti") {
		f.Add(modi.FaultJTIMissing, "the claim jti", "none")
		return ""
	}
	jti, ok := c.String("jti")
	switch {
	case !ok:
		raw, _ := c.Value("jti")
		f.Add(modi.FaultJTIMalformed, "a string", token.TypeOf(raw))
	case jti == "" || len(jti) > limit:
		f.Add(modi.FaultJTIMalformed, fmt.Sprintf("1 to %d bytes", limit), fmt.Sprintf("%d", len(jti)))
	default:
		return jti
	}
	return ""
}

// ReadAudience reads aud; nil when it is absent or malformed.
func (f *Findings) ReadAudience(c *token.Claims) []string {
	aud, state := c.Audience()
	switch state {
	case token.Absent:
		f.Add(modi.FaultAudienceMissing, "the claim aud", "none")
	case token.Invalid:
		raw, _ := c.Value("aud")
		f.Add(modi.FaultAudienceMalformed, "a non-empty string, or a non-empty list of them", token.TypeOf(raw)+" that is not that")
	case token.Valid:
	}
	return aud
}

// CheckAudience wants one of aud to be exactly want. An empty aud is passed over.
func (f *Findings) CheckAudience(aud []string, want string) {
	if len(aud) == 0 || slices.Contains(aud, want) {
		return
	}
	if len(aud) == 1 && f.kind.Lenient().Allows(modi.LenientAudienceJSON) && listed(aud[0], want) {
		return
	}
	shown := make([]string, 0, 3)
	for _, a := range aud[:min(len(aud), 3)] {
		shown = append(shown, quoteLong(a))
	}
	found := strings.Join(shown, ", ")
	if len(aud) > 3 {
		found += fmt.Sprintf(" and %d more", len(aud)-3)
	}
	f.AddHint(modi.FaultAudienceMismatch, quoteLong(want), found, hint.Audience(aud, want))
}

// listed tells whether s is a JSON list, of strings and nothing else, that holds want.
func listed(s, want string) bool {
	items, err := jose.ParseArray(s)
	if err != nil {
		return false
	}
	found := false
	for _, item := range items {
		text, ok := jose.Unquote(item)
		if !ok {
			return false
		}
		found = found || text == want
	}
	return found
}

// quoteLong shows an audience whole when it is of a length that audiences have: the
// part that differs is often the end.
func quoteLong(s string) string {
	const limit = 256
	s = jose.Mask(s)
	if len(s) > limit {
		s = s[:limit]
	}
	return fmt.Sprintf("%+q", s)
}

// Text reads a claim that must be a non-empty string.
func (f *Findings) Text(c *token.Claims, name string, missing modi.Fault) string {
	s, ok := c.String(name)
	if ok && s != "" {
		return s
	}
	found := "none"
	if raw, there := c.Value(name); there {
		found = token.TypeOf(raw)
		if ok {
			found = "an empty string"
		}
	}
	f.AddHint(missing, "the claim "+name+" as a non-empty string", found, hint.Claim(c.Names(), name))
	return ""
}

// Equal wants a value that was read to be want; an empty one is passed over.
func (f *Findings) Equal(got, want string, fault modi.Fault) {
	if got != "" && got != want {
		f.Add(fault, jose.Quote(want), jose.Quote(got))
	}
}

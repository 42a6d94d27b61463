// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/internal/check"
	"github.com/snodo-pa/snodo/modi/internal/jose"
	"github.com/snodo-pa/snodo/modi/token"
)

// ClaimRule is what the parties agreed on one claim of the tracking evidence. The claim is
// a string; with Primitive it may also be a number or a boolean, whose text counts.
type ClaimRule struct {
	Name                 string
	Optional             bool
	Primitive            bool
	Pattern              *regexp.Regexp // nil: any text; it is for the rule to anchor it
	OneOf                []string       // empty: any
	MinLength, MaxLength int            // in characters; a MaxLength of 0 is none
}

// check records at most one fault. The value is the caller's and may be personal: it is
// never told.
func (r ClaimRule) check(c *token.Claims, f *check.Findings) {
	raw, there := c.Value(r.Name)
	if !there {
		if !r.Optional {
			f.AddHint(modi.FaultClaimMissing, "the claim "+r.Name, "none", hint.Claim(c.Names(), r.Name))
		}
		return
	}
	text, ok := r.text(raw)
	length := utf8.RuneCountInString(text)
	switch {
	case !ok && r.Primitive:
		f.Add(modi.FaultClaimInvalid, r.Name+" as a string, a number or a boolean", token.TypeOf(raw))
	case !ok:
		f.Add(modi.FaultClaimInvalid, r.Name+" as a string", token.TypeOf(raw))
	case length < r.MinLength, r.MaxLength > 0 && length > r.MaxLength:
		f.Add(modi.FaultClaimInvalid, fmt.Sprintf("%s of %s", r.Name, r.lengths()), fmt.Sprintf("%d", length))
	case r.Pattern != nil && !r.Pattern.MatchString(text):
		f.Add(modi.FaultClaimInvalid, r.Name+" matching "+r.Pattern.String(), "a value that does not match")
	case len(r.OneOf) > 0 && !slices.Contains(r.OneOf, text):
		f.Add(modi.FaultClaimInvalid, fmt.Sprintf("%s one of %q", r.Name, r.OneOf), "another value")
	}
}

func (r ClaimRule) text(raw string) (string, bool) {
	if s, ok := jose.Unquote(raw); ok {
		return s, true
	}
	switch token.TypeOf(raw) {
	case "a number", "a boolean":
		return raw, r.Primitive
	default:
		return "", false
	}
}

func (r ClaimRule) lengths() string {
	if r.MaxLength == 0 {
		return fmt.Sprintf("at least %d characters", r.MinLength)
	}
	return fmt.Sprintf("%d to %d characters", r.MinLength, r.MaxLength)
}

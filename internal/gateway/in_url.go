// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"net/url"
	"strings"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// refusePerson refuses an address with a codice fiscale in it, before anybody is known: addresses stay in the logs of
// every machine on the way, and this refusal keeps no evidence of it.
func (x *serving) refusePerson() error {
	if namesPerson(x.rest, url.PathUnescape) || namesPerson(x.in.RawQuery, url.QueryUnescape) {
		return problem.New(problem.RulePersonInURL)
	}
	return nil
}

// namesPerson looks for a codice fiscale that stands by itself, between characters that are neither letters nor digits.
func namesPerson(escaped string, unescape func(string) (string, error)) bool {
	if escaped == "" {
		return false
	}
	if strings.IndexByte(escaped, '%') >= 0 {
		if text, err := unescape(escaped); err == nil {
			escaped = text
		}
	}
	start := 0
	for at := 0; at <= len(escaped); at++ {
		if at < len(escaped) && alphanumeric(escaped[at]) {
			continue
		}
		if word := escaped[start:at]; len(word) == codeLength && letter(word[0]) && letter(word[codeLength-1]) &&
			codicefiscale.Valid(codicefiscale.Normal(word)) == nil {
			return true
		}
		start = at + 1
	}
	return false
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

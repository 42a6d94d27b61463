// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// dotted finds texts of base64url with dots between them, in any text: a compact token is
// one of them.
var dotted = regexp.MustCompile(`[A-Za-z0-9_-]{2,}={0,2}(\.[A-Za-z0-9_=-]*)+`)

// joseHeader begins a JOSE header: an object of JSON, with spaces where JSON admits them.
var joseHeader = regexp.MustCompile(`^[ \t\r\n]*\{[ \t\r\n]*["}]`)

// isHeader tells the first part of a token. What begins like the usual one is taken for
// one even where it is spoiled.
func isHeader(part string) bool {
	raw, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "=")) // what comes before a stray character is enough
	return strings.HasPrefix(part, "eyJ") || joseHeader.Match(raw)
}

// tokensOf takes the tokens out of a text and leaves their length.
func tokensOf(place, value string) (string, []Token) {
	var tokens []Token
	value = dotted.ReplaceAllStringFunc(value, func(found string) string {
		parts := strings.Split(found, ".")
		first := slices.IndexFunc(parts, isHeader)
		if first < 0 || first == len(parts)-1 {
			return found
		}
		compact := strings.Join(parts[first:], ".")
		tokens = append(tokens, decoded(place, compact))
		return strings.Join(append(parts[:first:first], hiddenToken(compact)), ".")
	})
	return value, tokens
}

func hiddenToken(compact string) string { return fmt.Sprintf("‹token, %d›", len(compact)) }

// isToken tells a text that is a token and nothing else.
func isToken(text string) bool {
	left, _ := tokensOf("", text)
	return left == hiddenToken(text)
}

// maxOpaque is the length up to which a value that should be a token, and is none, is
// shown: the suite itself sends such values, and what is longer may be one that works.
const maxOpaque = 32

// parameter takes the tokens out of a parameter of a form or of an address.
func parameter(name, value string) (string, []Token) {
	shown, tokens := tokensOf(name, value)
	switch name {
	case "client_assertion", "access_token", "assertion", "refresh_token", "id_token", "subject_token":
		if len(tokens) == 0 && len(value) > maxOpaque {
			shown = fmt.Sprintf("‹%d›", len(value))
		}
	case "client_secret", "password":
		shown = "‹…›"
	}
	return clean(shown), tokens
}

// shownAddress is an address as a report shows it: without a name and a password, tokens
// and codici fiscali.
func shownAddress(address string) (string, []Token) {
	address, query, asked := strings.Cut(withoutUser(address), "?")
	shown, tokens := tokensOf("url", address)
	shown = clean(shown)
	if !asked {
		return shown, tokens
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(value)
		if err != nil {
			plain = value
		}
		text, found := parameter(name, plain)
		tokens = append(tokens, found...)
		if text != plain {
			pairs[i] = name + "=" + text
		}
	}
	return shown + "?" + clean(strings.Join(pairs, "&")), tokens
}

// withoutUser takes a name and a password out of an address. Where the address cannot be
// read, all that may be a password goes.
func withoutUser(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		scheme, rest = "", address
	} else {
		scheme += "://"
	}
	end := strings.IndexAny(rest, "/?#")
	if _, err := url.Parse(address); err != nil || end < 0 {
		end = len(rest)
	}
	if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
		rest = "‹…›" + rest[at:]
	}
	return scheme + rest
}

// addressOnly is an address in a text that has no place for the tokens of it.
func addressOnly(address string) string {
	shown, _ := shownAddress(address)
	return shown
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxShown is how much of a body a report shows, in bytes.
const maxShown = 2 << 10

// maxCleaned is how much of a body is looked through for what must not be shown, in bytes.
const maxCleaned = 256 << 10

// maxHalf is more than what must not be shown is long, in bytes.
const maxHalf = 8 << 10

// maxName is the longest name of a header field that is shown: no token is as short.
const maxName = 64

// personal finds codici fiscali of persons.
var personal = regexp.MustCompile(`\b[A-Za-z]{6}[0-9LMNPQRSTUVlmnpqrstuv]{2}[A-Ea-eHhLlMmPpR-Tr-t][0-9LMNPQRSTUVlmnpqrstuv]{2}[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{3}[A-Za-z]\b`)

// hidden are claims that name a person.
func hidden() []string { return []string{"userID", "userLocation", "LoA"} }

// redactor writes messages down without what must not be kept: signatures, codici
// fiscali, cookies and keys of applications.
type redactor struct{ bodies bool }

// request writes a request down.
func (r redactor) request(method, address string, h http.Header, body []byte) Wire {
	shownAt, inAddress := shownAddress(address)
	w := Wire{Start: method + " " + shownAt}
	w.Fields, w.Tokens = r.fields(h)
	w.Tokens = append(inAddress, w.Tokens...)
	if strings.HasPrefix(h.Get("Content-Type"), "application/x-www-form-urlencoded") {
		w.Body, w.Tokens = r.form(body, w.Tokens)
		return w
	}
	w.Body = shown(body, h)
	return w
}

// reply writes an answer down. The body of a good one may hold personal data: it is
// shown only when asked.
func (r redactor) reply(status int, h http.Header, body []byte) *Wire {
	w := &Wire{Start: fmt.Sprintf("%d %s", status, http.StatusText(status))}
	w.Fields, w.Tokens = r.fields(h)
	switch {
	case len(body) == 0:
	case status < 300 && !r.bodies:
		w.Body = fmt.Sprintf("‹%d byte›", len(body))
	default:
		w.Body = shown(body, h)
	}
	return w
}

func (r redactor) fields(h http.Header) ([]Field, []Token) {
	fields, tokens := []Field{}, []Token(nil)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			switch {
			case slices.Contains([]string{"Location", "Content-Location", "Referer"}, name):
				var found []Token
				value, found = shownAddress(value)
				tokens = append(tokens, found...)
			case slices.Contains([]string{"Cookie", "Set-Cookie", "X-Api-Key", "Proxy-Authorization"}, name):
				value = "‹…›"
			case name == "Authorization" && strings.HasPrefix(strings.ToLower(value), "basic "):
				value = value[:len("Basic ")] + "‹…›"
			default:
				var found []Token
				whole := value
				value, found = tokensOf(name, value)
				tokens = append(tokens, found...)
				if len(found) == 0 && len(whole) > maxOpaque && slices.Contains(tokenFields(), name) {
					value = fmt.Sprintf("‹%d›", len(whole))
				}
			}
			fields = append(fields, Field{Name: fieldName(name), Value: clean(value)})
		}
	}
	return fields, tokens
}

// fieldName is the name of a field as it may be shown: a peer may write into it what was sent to it.
func fieldName(name string) string {
	if len(name) > maxName {
		return fmt.Sprintf("‹%d›", len(name))
	}
	return clean(name)
}

// tokenFields are those whose value is a token.
func tokenFields() []string {
	return []string{"Authorization", "Dpop", "Agid-Jwt-Signature", "Agid-Jwt-Trackingevidence"}
}

// decoded shows a token without its signature.
func decoded(place, compact string) Token {
	parts := strings.Split(compact, ".")
	t := Token{Place: place, Header: part(parts[0], nil)}
	if len(parts) > 1 {
		t.Claims = part(parts[1], hidden())
	}
	return t
}

func part(encoded string, hide []string) string {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return "‹not base64url›"
	}
	var members map[string]any
	if json.Unmarshal(raw, &members) != nil {
		return "‹not a JSON object›"
	}
	for _, name := range hide {
		if s, ok := members[name].(string); ok {
			members[name] = fmt.Sprintf("‹%d›", len(s))
		}
	}
	for name, value := range members { // certificates are long and say nothing to a reader
		if list, ok := value.([]any); ok && name == "x5c" {
			members[name] = fmt.Sprintf("‹%d›", len(list))
		}
		if jwk, ok := value.(map[string]any); ok && name == "jwk" {
			if _, private := jwk["d"]; private {
				jwk["d"] = "‹…›"
			}
		}
	}
	text, err := json.Marshal(members)
	if err != nil {
		return "‹…›"
	}
	return clean(string(text))
}

func (r redactor) form(body []byte, tokens []Token) (string, []Token) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return fmt.Sprintf("‹%d byte›", len(body)), tokens
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			shown, found := parameter(name, value)
			tokens = append(tokens, found...)
			lines = append(lines, name+"="+shown)
		}
	}
	return strings.Join(lines, "\n"), tokens
}

// shown is the start of a body, when it is text.
func shown(body []byte, h http.Header) string {
	if len(body) == 0 {
		return ""
	}
	if h.Get("Content-Encoding") != "" || strings.ContainsRune(string(body[:min(len(body), 512)]), 0) {
		return fmt.Sprintf("‹%d byte›", len(body))
	}
	// What must not be kept goes before the text is cut: half of it might tell the whole.
	text := strings.ToValidUTF8(string(body[:min(len(body), maxCleaned)]), "?")
	text = clean(opaque.ReplaceAllString(text, `$1"‹…›"`))
	most := maxShown
	if len(body) > maxCleaned { // the last of what was looked through may be half of something
		most = min(most, max(0, len(text)-maxHalf))
	}
	if len(text) <= most {
		return text
	}
	text = firstBytes(text, most)
	return fmt.Sprintf("%s ‹… %d byte›", text, len(body)-len(text))
}

// firstBytes cuts a text, not within a character.
func firstBytes(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// opaque finds tokens that a body of JSON names and that are not recognised by their form.
var opaque = regexp.MustCompile(`("(?:access_token|refresh_token|id_token|client_assertion|client_secret)"\s*:\s*)"[^".]{33,}"`)

// clean takes tokens and codici fiscali out of a text.
func clean(text string) string {
	text, _ = tokensOf("", text)
	return personal.ReplaceAllString(text, "‹codice fiscale›")
}

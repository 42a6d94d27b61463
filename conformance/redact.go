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

// jws finds compact tokens in any text.
var jws = regexp.MustCompile(`eyJ[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]*){1,3}`)

// personal finds codici fiscali of persons.
var personal = regexp.MustCompile(`\b[A-Za-z]{6}[0-9LMNPQRSTUVlmnpqrstuv]{2}[A-Ea-eHhLlMmPpR-Tr-t][0-9LMNPQRSTUVlmnpqrstuv]{2}[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{3}[A-Za-z]\b`)

// hidden are claims that name a person.
func hidden() []string { return []string{"userID", "userLocation", "LoA"} }

// redactor writes messages down without what must not be kept: signatures, codici
// fiscali, cookies and keys of applications.
type redactor struct{ bodies bool }

// request writes a request down.
func (r redactor) request(method, address string, h http.Header, body []byte) Wire {
	w := Wire{Start: method + " " + clean(address)}
	w.Fields, w.Tokens = r.fields(h)
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
			case slices.Contains([]string{"Cookie", "Set-Cookie", "X-Api-Key", "Proxy-Authorization"}, name):
				value = "‹…›"
			case slices.Contains([]string{"Authorization", "Dpop", "Agid-Jwt-Signature", "Agid-Jwt-Trackingevidence"}, name) || jws.MatchString(value):
				var found []Token
				value, found = tokensOf(name, value)
				tokens = append(tokens, found...)
				if len(found) == 0 && len(value) > 32 {
					value = fmt.Sprintf("‹%d›", len(value))
				}
			}
			fields = append(fields, Field{Name: name, Value: clean(value)})
		}
	}
	return fields, tokens
}

// tokensOf takes the tokens out of a field value and leaves their length.
func tokensOf(place, value string) (string, []Token) {
	var tokens []Token
	value = jws.ReplaceAllStringFunc(value, func(compact string) string {
		tokens = append(tokens, decoded(place, compact))
		return fmt.Sprintf("‹token, %d›", len(compact))
	})
	return value, tokens
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
			shown, found := tokensOf(name, value)
			tokens = append(tokens, found...)
			lines = append(lines, name+"="+shown)
		}
	}
	return clean(strings.Join(lines, "\n")), tokens
}

// shown is the start of a body, when it is text.
func shown(body []byte, h http.Header) string {
	if len(body) == 0 {
		return ""
	}
	if h.Get("Content-Encoding") != "" || strings.ContainsRune(string(body[:min(len(body), 512)]), 0) {
		return fmt.Sprintf("‹%d byte›", len(body))
	}
	cut := ""
	if len(body) > maxShown {
		cut = fmt.Sprintf(" ‹… %d byte›", len(body)-maxShown)
	}
	text := strings.ToValidUTF8(string(body[:min(len(body), maxShown)]), "?")
	text, _ = tokensOf("body", text)
	return clean(text) + cut
}

// clean takes codici fiscali out of a text.
func clean(text string) string { return personal.ReplaceAllString(text, "‹codice fiscale›") }

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"encoding/json"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// assertionType is the only accepted client_assertion_type (RFC 7523).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

var kidPattern = regexp.MustCompile(rules.KidPattern)

// assertion is a client assertion whose claims were accepted; its signature is checked
// once the key is known.
type assertion struct {
	token     *rules.Token
	kid       string
	clientID  string
	purposeID string // empty when absent
	digest    json.RawMessage
}

// checker collects every broken rule of an assertion, as the platform does.
type checker struct {
	reasons []Reason
}

func (c *checker) add(code, name, detail string) {
	c.reasons = append(c.reasons, Reason{code, name, detail})
}

// readAssertion parses a client assertion and applies the rules on header and payload
// that need no key.
func (s *Server) readAssertion(form tokenForm, now time.Time) (*assertion, *Refusal) {
	t, err := rules.Parse(form.assertion)
	if err != nil {
		return nil, refuse(StageAssertion, Reason{"0006", "invalidClientAssertionFormat", err.Error()})
	}
	var c checker
	a := &assertion{token: t, kid: c.header(t.Header)}
	a.clientID = c.identity(t.Claims, form.clientID)
	c.audience(t.Claims, s.opts.AssertionAudience)
	c.times(t.Claims, now)
	a.purposeID = c.purpose(t.Claims)
	a.digest = c.digest(t.Claims)
	if !s.opts.LenientClaims {
		c.strict(t)
	}
	if len(c.reasons) > 0 {
		return nil, refuse(StageAssertion, c.reasons...)
	}
	return a, nil
}

// text returns a member that must be a non-empty string: absent or empty is the given
// fault, another type the catch-all of the platform.
func (c *checker) text(m rules.Members, name, code, fault string) string {
	value, present := m[name]
	if s, ok := value.(string); ok || !present || value == nil {
		if s == "" {
			c.add(code, fault, name+" not found in client assertion")
		}
		return s
	}
	c.add("0032", "invalidClaims", name+" has the wrong type")
	return ""
}

func (c *checker) header(h rules.Members) string {
	kid := c.text(h, "kid", "0015", "kidNotFound")
	if kid != "" && !kidPattern.MatchString(kid) {
		c.add("0031", "invalidKidFormat", "unexpected format for kid")
	}
	alg := c.text(h, "alg", "0028", "algorithmNotFound")
	if alg != "" && alg != "RS256" {
		c.add("0029", "algorithmNotAllowed", "the algorithm is not RS256")
	}
	if _, ok := h["typ"].(string); h.Has("typ") && !ok {
		c.add("0032", "invalidClaims", "typ has the wrong type")
	}
	return kid
}

func (c *checker) identity(m rules.Members, clientID string) string {
	c.text(m, "iss", "0011", "issuerNotFound")
	c.text(m, "jti", "0008", "jtiNotFound")
	sub := c.text(m, "sub", "0012", "subjectNotFound")
	switch {
	case sub == "":
	case !rules.IsUUID(sub):
		c.add("0024", "invalidSubjectFormat", "sub is no UUID")
	case clientID != "" && sub != clientID:
		c.add("0013", "invalidSubject", "sub is not the client_id of the form")
	}
	return sub
}

func (c *checker) audience(m rules.Members, expected string) {
	if value, present := m["aud"]; !present || value == nil || value == "" {
		c.add("0005", "audienceNotFound", "aud not found in client assertion")
		return
	}
	audiences, ok := m.Strings("aud")
	if !ok || !slices.Contains(audiences, expected) {
		c.add("0004", "invalidAudience", "no audience is the expected one")
	}
}

// times checks iat and exp. The value of iat is never compared with the clock; exp has
// no leeway and no maximum. nbf is honoured; the strict flag refuses its presence.
func (c *checker) times(m rules.Members, now time.Time) {
	at := float64(now.UnixNano()) / 1e9
	if !m.Has("iat") {
		c.add("0009", "issuedAtNotFound", "iat not found in client assertion")
	} else if _, ok := m["iat"].(json.Number); !ok {
		c.add("0032", "invalidClaims", "iat is no number")
	}
	if !m.Has("exp") {
		c.add("0010", "expNotFound", "exp not found in client assertion")
	} else if number, ok := m["exp"].(json.Number); !ok {
		c.add("0032", "invalidClaims", "exp is no number")
	} else if exp, err := number.Float64(); err != nil || exp <= at {
		c.add("0017", "tokenExpired", "the assertion has expired")
	}
	if nbf, ok := m.Seconds("nbf"); ok && nbf > at {
		c.add("0019", "notBeforeError", "the assertion is not valid yet")
	}
}

func (c *checker) purpose(m rules.Members) string {
	if !m.Has("purposeId") {
		return ""
	}
	id, ok := m["purposeId"].(string)
	switch {
	case !ok:
		c.add("0032", "invalidClaims", "purposeId has the wrong type")
	case !rules.IsUUID(id):
		c.add("0014", "invalidPurposeIdClaimFormat", "purposeId is no UUID")
	}
	return id
}

// digest checks the optional digest: exactly alg and value, alg the text SHA256, value
// 64 characters whatever they are. The platform copies it into the voucher unread.
func (c *checker) digest(m rules.Members) json.RawMessage {
	value, present := m["digest"]
	if !present || value == nil {
		return nil
	}
	object, ok := value.(map[string]any)
	d := rules.Members(object)
	if !ok || len(d.Extra("alg", "value")) > 0 || len(d) != 2 {
		c.add("0025", "digestClaimNotFound", "digest is not an object with exactly alg and value")
		return nil
	}
	if d["alg"] != "SHA256" {
		c.add("0027", "invalidHashAlgorithm", "digest.alg is not SHA256")
	}
	if text, _ := d.String("value"); utf8.RuneCountInString(text) != 64 {
		c.add("0026", "invalidHashLength", "digest.value is not 64 characters long")
	}
	raw, err := json.Marshal(object)
	if err != nil {
		c.add("0025", "digestClaimNotFound", "digest cannot be read")
	}
	return raw
}

// strict refuses every member the operating manual does not list.
func (c *checker) strict(t *rules.Token) {
	for _, name := range t.Header.Extra("kid", "alg", "typ") {
		c.add("0032", "invalidClaims", "unexpected member "+name+" in the header")
	}
	for _, name := range t.Claims.Extra("iss", "sub", "aud", "jti", "iat", "exp", "purposeId", "digest") {
		c.add("0032", "invalidClaims", "unexpected member "+name+" in the payload")
	}
}

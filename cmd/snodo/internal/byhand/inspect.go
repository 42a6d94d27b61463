// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
)

// Report is what Inspect says of a token, or of every token of a message.
type Report struct {
	Tokens []Token
	Near   []Near         // about the message as a whole
	Notes  []message.Note // what was tolerated in reading the message
}

// Token is one token, decoded. Nothing of it is verified.
type Token struct {
	Where          string // HTTP header or form field that holds it; empty for a token alone
	Pattern        modi.Pattern
	Header, Claims json.RawMessage // compact JSON; nil when they do not decode
	Certificate    *Certificate    // the first of x5c
	Times          []Time
	Near           []Near

	compact string
	parts   parts
}

// Time is one time of a token.
type Time struct {
	Claim string
	At    time.Time
	Words modi.Text
}

// Near is one thing that a verifier would refuse, or that nearly fits.
type Near struct {
	Rule modi.RuleID // empty when no single rule says so
	Hint modi.Text
}

// Inspection says what to hold a token against.
type Inspection struct {
	Now      time.Time
	Audience string // the right one, if it is known
}

// Inspect decodes a token, or every token of an HTTP message, and looks for what nearly
// fits. It needs no key and verifies nothing. It fails on what is neither.
func Inspect(data []byte, in Inspection) (Report, error) {
	m, err := ReadMessage(data)
	if err != nil {
		return Report{}, err
	}
	if m == nil {
		t := in.look("", Bare(data))
		return Report{Tokens: []Token{t}}, nil
	}
	r := Report{Notes: m.Notes}
	for _, found := range tokensOf(m) {
		r.Tokens = append(r.Tokens, in.look(found.where, found.compact))
	}
	in.compare(m, &r)
	return r, nil
}

// ReadMessage reads an HTTP message; nil without error when data does not begin like
// one, so that it may be a token.
func ReadMessage(data []byte) (*message.Message, error) {
	first, _, _ := strings.Cut(string(data[:min(len(data), message.MaxLine)]), "\n")
	if !strings.Contains(first, "HTTP/") && len(strings.Fields(first)) < 3 {
		return nil, nil //nolint:nilnil // neither a message nor a fault: the other thing that data may be
	}
	return message.Parse(data)
}

// Bare takes the token out of a text that holds it alone, maybe quoted or still with the
// name of its header or its scheme.
func Bare(data []byte) string {
	s := strings.Trim(strings.TrimSpace(string(data)), `"'`)
	if _, value, found := strings.Cut(s, ": "); found {
		s = strings.TrimSpace(value)
	}
	for _, scheme := range []string{"Bearer ", "DPoP "} {
		if len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			s = s[len(scheme):]
		}
	}
	return strings.TrimSpace(s)
}

// located is a token and where it was found.
type located struct{ where, compact string }

// tokensOf finds the tokens of a message: in the headers that hold them, in any other
// that holds something like one, and in the form of a token request.
func tokensOf(m *message.Message) []located {
	var out []located
	for _, f := range m.Fields {
		if t, ok := tokenOf(f); ok {
			out = append(out, t)
		}
	}
	if compact := formAssertion(m); compact != "" {
		out = append(out, located{"client_assertion", compact})
	}
	return out
}

// tokenOf takes the token out of a header, if it holds one.
func tokenOf(f message.Field) (located, bool) {
	for _, known := range []string{rest.HeaderSignature, rest.HeaderTrackingEvidence, dpop.HeaderProof} {
		if strings.EqualFold(known, f.Name) {
			return located{known, f.Value}, true
		}
	}
	where := http.CanonicalHeaderKey(f.Name)
	if where == "Authorization" {
		scheme, value, _ := strings.Cut(f.Value, " ")
		mine := strings.EqualFold(scheme, string(dpop.SchemeBearer)) || strings.EqualFold(scheme, string(dpop.SchemeDPoP))
		return located{where, strings.TrimSpace(value)}, mine
	}
	return located{where, f.Value}, strings.HasPrefix(f.Value, "eyJ") && strings.Count(f.Value, ".") >= 2
}

// formAssertion is the client assertion of a token request.
func formAssertion(m *message.Message) string {
	if !strings.Contains(string(m.Body), "client_assertion=") {
		return ""
	}
	form, err := url.ParseQuery(strings.TrimSpace(string(m.Body)))
	if err != nil {
		return ""
	}
	return form.Get("client_assertion")
}

// look decodes one token and says what can be said of it alone.
func (in Inspection) look(where, compact string) Token {
	t := Token{Where: where, compact: compact}
	t.parts, t.Near = decode(compact)
	t.Header, t.Claims = t.parts.header, t.parts.claims
	if t.parts.head == nil || t.parts.body == nil {
		return t
	}
	t.Pattern = guess(where, t.parts)
	t.Certificate = t.parts.certificate()
	t.shape()
	t.spelling()
	t.times(in.Now)
	t.audience(in.Audience)
	t.extra()
	return t
}

func (t *Token) near(rule modi.RuleID, hint modi.Text) {
	if hint == (modi.Text{}) {
		return
	}
	for _, n := range t.Near {
		if n.Hint == hint {
			return
		}
	}
	t.Near = append(t.Near, Near{Rule: rule, Hint: hint})
}

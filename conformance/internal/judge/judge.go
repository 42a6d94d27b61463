// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package judge holds the messages that a party under test sends against the rules.
//
// It owns a second reading of the rules, on the standard library alone: it shares nothing
// with the verifiers of modi but the names of patterns and rules, so that a mistake made
// there, which the hub's own producers may share, is not repeated here. It does no I/O and
// remembers nothing; a message that is good is told with as many findings as a bad one.
package judge

import (
	"crypto"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Message is what the party sent, as it was on the wire.
type Message struct {
	Method, URL string // of the request; for a reply, of the request that it answers
	Status      int    // of a reply; 0 for a request
	Header      http.Header
	Body        []byte
	At          time.Time // when it was received
	Asked       string    // on a reply, the Digest of the request that it answers; may be empty
}

// Policy is what the parties agreed. An empty field is not checked.
type Policy struct {
	Patterns          []modi.Pattern
	Audience          string // of the tokens of a request, and of the voucher
	ReplyAudience     string // of the signature of a reply
	AssertionAudience string
	PurposeID         string
	Client            string // client id of the consumer
	APIClient         bool   // an assertion without purpose
	// Keys are those of the party, by kid, and Platform those of PDND. Where they are nil,
	// the signatures by kid are not checked.
	Keys, Platform map[string]crypto.PublicKey
}

// Finding is one rule that was held against a message.
type Finding struct {
	Rule            modi.RuleID
	OK              bool
	Expected, Found string // safe to show
}

// Request judges a request to an e-service.
func (p Policy) Request(m Message) []Finding {
	var all []Finding
	var voucher *token
	if p.has(modi.PatternVoucher) {
		b := p.book(modi.AreaVoucher, modi.PatternVoucher, m)
		voucher = b.voucher()
		all = append(all, b.found...)
	}
	for _, pattern := range p.Patterns {
		b := p.book("", pattern, m)
		switch pattern {
		case modi.PatternIDAuthREST01, modi.PatternIDAuthREST02:
			b.area = modi.AreaIDAuth
			b.identity()
		case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02:
			b.area = modi.AreaIntegrity
			b.integrity(p.Audience)
		case modi.PatternAuditREST01, modi.PatternAuditREST02:
			b.area = modi.AreaAudit
			b.evidence(voucher)
		case modi.PatternDPoP:
			b.area = modi.AreaDPoP
			b.proof(voucher)
		case modi.PatternVoucher, modi.PatternClientAssertion, modi.PatternPDNDResponse, modi.PatternProvenance:
		}
		all = append(all, b.found...)
	}
	return all
}

// Reply judges the signature of an answer with a body.
func (p Policy) Reply(m Message) []Finding {
	b := p.book(modi.AreaIntegrity, modi.PatternIntegrityREST02, m)
	b.integrity(p.ReplyAudience)
	return b.found
}

// TokenRequest judges a request for a voucher.
func (p Policy) TokenRequest(m Message) []Finding {
	b := p.book(modi.AreaAssertion, modi.PatternClientAssertion, m)
	form, err := url.ParseQuery(string(m.Body))
	if b.hold(modi.FaultMalformed, err == nil && form.Get("client_assertion") != "", "a form with client_assertion", "none") {
		b.assertion(form)
	}
	all := b.found
	if p.has(modi.PatternDPoP) {
		d := p.book(modi.AreaDPoP, modi.PatternDPoP, m)
		d.proof(nil)
		all = append(all, d.found...)
	}
	return all
}

// Voucher judges a voucher that a server issued.
func (p Policy) Voucher(compact string, at time.Time) []Finding {
	b := p.book(modi.AreaVoucher, modi.PatternVoucher, Message{At: at})
	b.issued(compact)
	return b.found
}

func (p Policy) has(pattern modi.Pattern) bool { return slices.Contains(p.Patterns, pattern) }

func (p Policy) book(area modi.Area, pattern modi.Pattern, m Message) *book {
	return &book{policy: p, area: area, pattern: pattern, m: m}
}

// book writes down what is found about one token.
type book struct {
	policy  Policy
	area    modi.Area
	pattern modi.Pattern
	m       Message
	found   []Finding
}

// hold writes one finding down and returns whether the rule is kept.
func (b *book) hold(f modi.Fault, ok bool, expected, found string) bool {
	one := Finding{Rule: b.area.Rule(f), OK: ok}
	if !ok {
		one.Expected, one.Found = expected, found
	}
	b.found = append(b.found, one)
	return ok
}

// single takes the only value of a field.
func (b *book) single(name string) (string, bool) {
	values := b.m.Header.Values(name)
	if !b.hold(modi.FaultTokenMissing, len(values) > 0, "the field "+name, "none") {
		return "", false
	}
	return values[0], b.hold(modi.FaultTokenRepeated, len(values) == 1, "one field "+name, "several")
}

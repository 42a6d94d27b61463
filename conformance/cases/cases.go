// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package cases is the strictness table as data: every good and bad message that a
// ModI or PDND implementation must judge rightly, how to build it, which rule it
// probes and what the answer must be.
//
// The table is in data/*.yaml, one file per chapter, so that people who do not write
// Go can read, review and extend it. A case names a subject (a genuine message, such
// as integrity-02) and the mutations that spoil it; nothing here builds or judges a
// message. The package depends on modi for its words and does no I/O.
package cases

import "github.com/snodo-pa/snodo/modi"

// Direction says who judges the message.
type Direction string

// The directions.
const (
	Request  Direction = "request"  // the provider judges what the consumer sent
	Response Direction = "response" // the consumer judges what the provider answered
)

// Layer is the part of an implementation that decides a case.
type Layer string

// The layers, from the one that needs nothing but the message to those that need a
// running service.
const (
	LayerModi        Layer = "modi"        // the message alone, with the keys at hand
	LayerTrust       Layer = "trust"       // certificates: chain, validity, revocation
	LayerReplay      Layer = "replay"      // what was seen before
	LayerGateway     Layer = "gateway"     // configuration, authorisation, key registry, network
	LayerInteraction Layer = "interaction" // the exchange of several messages
)

// Layers lists the layers in their order.
func Layers() []Layer {
	return []Layer{LayerModi, LayerTrust, LayerReplay, LayerGateway, LayerInteraction}
}

// Verdict is what a conforming implementation does.
type Verdict string

// The verdicts.
const (
	Reject       Verdict = "R"  // must refuse
	RejectStrict Verdict = "Rs" // must refuse unless a leniency was switched on
	Accept       Verdict = "A"  // must accept: refusing it is a false positive
)

// Severity says how heavy a wrong answer is.
type Severity string

// The severities.
const (
	Must     Severity = "must"     // the guideline, an RFC or PDND demands it
	Strict   Severity = "strict"   // the guideline demands it and implementations in use forgive it
	Advisory Severity = "advisory" // good practice, no text demands it
)

// Case is one row of the table for one subject.
type Case struct {
	// ID is "<rule>#<variant>" for a message to refuse, "accept#<variant>" for one to
	// accept. It is unique and never changes once published.
	ID        string
	Rows      []int // numbers in the list of known faults that the table was drawn from
	Title     modi.Text
	Source    string // document, section and step
	Edition   string // of the guideline or specification
	Subject   string // the genuine message that the case starts from
	Patterns  []modi.Pattern
	Direction Direction
	Layer     Layer
	Verdict   Verdict
	Severity  Severity
	Steps     []Step   // what is done to the genuine message, in order
	Setup     Setup    // how the service under test is configured
	Given     []Given  // what holds around the message
	Unless    []string // circumstances in which the case says nothing
	Play      Play     // how often and in which company the message is sent
	Expect    Expectation
	// Lenient are the leniencies that each make an implementation accept a
	// RejectStrict case.
	Lenient []modi.Leniency
	// Edge means that the answer hangs on a second: who judges a running service, whose
	// clock and distance it does not know, leaves the case out.
	Edge bool
}

// Step is one named mutation with its parameters. conformance/internal/forge gives
// the names a meaning.
type Step struct {
	Do    string // name of the mutation
	Token string // which token of the message; the subject's own when empty
	Name  string // of a header, claim or member
	Value any    // text, number, boolean, list or object, as the mutation wants it
}

// Setup is how the service under test must be configured for a case. The zero value
// is the default of the platform.
type Setup struct {
	References      []string // key references admitted: x5c, x5t#S256, x5u; the subject's own when empty
	SignatureHeader string   // name of the integrity header when it is not Agid-JWT-Signature
	EmptyPayload    string   // when an empty message must be signed: payload (never, the default), always, any-reply, any-request
	Algorithms      []string // admitted algorithms; the pattern's when empty
	SignedHeaders   []string // headers that must be signed besides those of the pattern
	Optional        bool     // the token of the subject may be absent
	Organisation    string   // code that the certificate of the signer must name
	Claims          []ClaimRule
}

// ClaimRule is what the parties agreed about one further claim of the tracking
// evidence.
type ClaimRule struct {
	Name                 string
	Pattern              string   // regular expression; none when empty
	OneOf                []string // admitted values; all when empty
	MinLength, MaxLength int      // 0: not checked
	Primitive            bool     // a number or a boolean will do
}

// Given is a circumstance around the message.
type Given string

// The circumstances.
const (
	KeyRegistryDown    Given = "key-registry-down"     // PDND answers 500 or not at all
	RevocationDown     Given = "revocation-down"       // neither CRL nor OCSP can be had
	RevokedByCRL       Given = "revoked-by-crl"        // the signer's certificate is on the CRL
	RevokedByOCSP      Given = "revoked-by-ocsp"       // the OCSP responder says revoked
	ReplayStoreDown    Given = "replay-store-down"     // the store of used tokens does not answer
	X5UHostConfigured  Given = "x5u-host-configured"   // the host of x5u is on the list
	X5UNotFound        Given = "x5u-not-found"         // the host answers 404
	X5UNotACertificate Given = "x5u-not-a-certificate" // the host answers something else
	X5UDown            Given = "x5u-down"              // the host does not answer
	CertificatePinned  Given = "certificate-pinned"    // the certificate itself is trusted, not its CA
	KeyDeleted         Given = "key-deleted"           // PDND announced that the key was deleted
)

// Play says how the message is sent. Every message but the judged one is genuine in
// itself.
type Play string

// The ways to send a message.
const (
	Once       Play = ""            // one message, judged
	Twice      Play = "twice"       // the same message again; the second is judged
	Race       Play = "race"        // the same message many times at once: exactly one is accepted
	OtherOwner Play = "other-owner" // the same jti was used by another party; the second is judged
)

// Expectation is the answer that a conforming implementation gives.
type Expectation struct {
	Rule modi.RuleID   // empty when the message is accepted
	Also []modi.RuleID // further rules that the same fault breaks; any other one is a false positive
	// Status is the HTTP status: 2xx is not fixed by the table, so 0 means accepted.
	// A consumer that refuses a reply tells its own caller 502.
	Status int
	// Undecided means that the only right answer is "don't know" (503): neither
	// accepted nor refused.
	Undecided bool
}

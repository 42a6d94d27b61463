// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
)

// MaxSide is the longest side record that is stored, in bytes of JSON.
const MaxSide = 16 << 20

const saltSize = 32

// A Side is the part of an act that may name a person. It is stored encrypted, erased when its retention ends or when
// the person asks, and bound to the log by the commitment of its [Entry]. The zero Side is not stored.
type Side struct {
	Application   string   `json:"application,omitempty"` // the ente's application that asked
	Operator      Operator `json:"operator,omitzero"`
	Pratica       string   `json:"pratica,omitempty"`
	Procedimento  string   `json:"procedimento,omitempty"`
	Ufficio       string   `json:"ufficio,omitempty"`
	BaseGiuridica string   `json:"baseGiuridica,omitempty"`
	Norma         string   `json:"norma,omitempty"`  // the law that the procedimento stands on
	Titolo        string   `json:"titolo,omitempty"` // how the hub's owner acts for the ente, design D10

	Method string `json:"method,omitempty"` // exposed and native calls: method, path and peer address of the request
	URI    string `json:"uri,omitempty"`
	Peer   string `json:"peer,omitempty"`

	// RetainUntil is when [Log.Prune] erases the side; zero means that only [Log.Erase] does.
	RetainUntil time.Time `json:"retainUntil,omitzero"`

	Calls    []Call    `json:"calls,omitempty"`
	Proofs   []Proof   `json:"proofs,omitempty"`
	Digests  []Digest  `json:"digests,omitempty"`
	Messages []Message `json:"messages,omitempty"` // only where evidence.keep is "messages"

	Act *Act `json:"act,omitempty"` // of the kinds piattaforma/* and tesoreria/*
}

// An Act is what was declared or changed on PDND in the name of the ente, or what became of a flow of the treasury.
type Act struct {
	Target   string            `json:"target"`             // what it was done for: a file of the ente, a client, a keychain
	Object   string            `json:"object,omitempty"`   // id of the object that was made or changed, as PDND names it
	Values   map[string]string `json:"values,omitempty"`   // what was declared, by name
	Approval *Approval         `json:"approval,omitempty"` // of a declaration that a person has to answer for
	Code     string            `json:"code,omitempty"`     // PDND's own code of a refusal
}

// An Approval is who answers for the declaration of a purpose.
type Approval struct {
	By     string `json:"by"`
	On     string `json:"on"`     // the day, YYYY-MM-DD
	Atto   string `json:"atto"`   // the act of the ente
	DPO    string `json:"dpo"`    // the data protection officer consulted
	DPOOn  string `json:"dpoOn"`  // the day, YYYY-MM-DD
	SHA256 string `json:"sha256"` // of the file with the risk analysis, hexadecimal
	File   string `json:"file"`   // its path below the configuration folder
}

// An Operator is who acted: a person, a job or the citizen (design §5).
type Operator struct {
	Type        string `json:"type"`                  // persona, automatismo, cittadino
	UserID      string `json:"userID"`                //
	Workstation string `json:"userLocation"`          // postazione
	LoA         string `json:"loa"`                   // level of assurance of the operator's authentication
	Assurance   string `json:"assurance,omitempty"`   // verificati, elenco, dichiarati: how the hub knows it is them
	Responsible string `json:"responsible,omitempty"` // automatismo: the person who answers for the job
	Atto        string `json:"atto,omitempty"`        // automatismo: the act that set the job up
}

// A Call is one attempt on the wire. PDND tracing and quotas count calls, not exchanges (design §3).
type Call struct {
	Service            string    `json:"service"`
	Operation          string    `json:"operation,omitempty"`
	Eservice           string    `json:"eserviceId,omitempty"`
	Purpose            string    `json:"purposeId,omitempty"`
	VoucherJTI         string    `json:"voucherJti,omitempty"`
	Kid                string    `json:"kid,omitempty"` // key that signed the call
	Attempt            int       `json:"attempt"`       // from 1
	Status             int       `json:"status"`        // HTTP status; zero when no answer came
	Started            time.Time `json:"started"`
	Ended              time.Time `json:"ended"`
	IDOperazioneClient string    `json:"idOperazioneClient,omitempty"`
	GovWayID           string    `json:"govwayId,omitempty"` // GovWay-Transaction-ID of the answer
	Rule               string    `json:"rule,omitempty"`     // rule broken by the answer, or the kind of failure
}

// A TokenKind names a token that proves something.
type TokenKind string

// The tokens that evidence knows.
const (
	TokenVoucher   TokenKind = "voucher"
	TokenAssertion TokenKind = "client-assertion"
	TokenDPoP      TokenKind = "dpop"
	TokenIdentity  TokenKind = "id-auth" // ID_AUTH_REST_*, in the header Authorization
	TokenSignature TokenKind = "Agid-JWT-Signature"
	TokenTracking  TokenKind = "Agid-JWT-TrackingEvidence"
)

// A Direction says which message of an exchange something belongs to.
type Direction string

// The two directions of an exchange.
const (
	DirectionRequest  Direction = "request"
	DirectionResponse Direction = "response"
)

// A Proof is one token of the exchange. Only Agid-JWT-Signature and Agid-JWT-TrackingEvidence may be kept whole:
// vouchers, client assertions and DPoP proofs are credentials, of which only the payload is kept (design D9).
type Proof struct {
	Token     TokenKind       `json:"token"`
	Direction Direction       `json:"direction"`
	Call      int             `json:"call,omitempty"` // position in Calls, from 1; zero when it belongs to the exchange
	Kid       string          `json:"kid,omitempty"`
	Payload   json.RawMessage `json:"payload,omitempty"` // the claims, as JSON
	Compact   string          `json:"compact,omitempty"` // the whole token, where allowed
}

// A Digest is the digest of one body. It stands in the side and not in the leaf because the digest of a message that
// holds little beside a codice fiscale can be reversed by enumeration.
type Digest struct {
	Name      string `json:"name"`      // which body: request, response, backend-request, ...
	Algorithm string `json:"algorithm"` // SHA-256, SHA-512
	Value     string `json:"value"`     // base64
}

// A Message is one body kept whole.
type Message struct {
	Direction Direction `json:"direction"`
	MediaType string    `json:"mediaType"`
	Body      []byte    `json:"body"`
}

func (s *Side) isZero() bool {
	return s.Application == "" && s.Operator == (Operator{}) && s.Pratica == "" && s.Procedimento == "" &&
		s.Ufficio == "" && s.BaseGiuridica == "" && s.Norma == "" && s.Titolo == "" && s.Method == "" && s.URI == "" && s.Peer == "" &&
		len(s.Calls) == 0 && len(s.Proofs) == 0 && len(s.Digests) == 0 && len(s.Messages) == 0 && s.Act == nil
}

// saltedSide is what is encrypted: 32 random bytes and the JSON of the side. Its SHA-256 is the commitment; the salt
// keeps a commitment to an erased side from being found by guessing.
type saltedSide []byte

// newSaltedSide leaves room behind the text for what sealing adds.
func newSaltedSide(s *Side, random io.Reader) (saltedSide, error) {
	salted := make([]byte, saltSize, saltSize+s.roughLen()+seal.Overhead)
	if _, err := io.ReadFull(random, salted); err != nil {
		return nil, fmt.Errorf("%w: draw salt: %w", ErrUnavailable, err)
	}
	salted, err := s.appendTo(salted)
	if err != nil {
		// The encoder's error may quote the value, which may name a person.
		return nil, fmt.Errorf("%w: side record cannot be encoded", ErrInvalid)
	}
	if text := len(salted) - saltSize; text > MaxSide {
		return nil, fmt.Errorf("%w: side record of %d bytes, at most %d", ErrInvalid, text, MaxSide)
	}
	return salted, nil
}

// roughLen is about how long the JSON of a side is; seldom less.
func (s *Side) roughLen() int {
	n := 1024 + 512*len(s.Calls)
	for i := range s.Proofs {
		n += 192 + len(s.Proofs[i].Payload) + len(s.Proofs[i].Compact)
	}
	for i := range s.Messages {
		n += 128 + base64.StdEncoding.EncodedLen(len(s.Messages[i].Body))
	}
	return n
}

func (s saltedSide) commitment() []byte {
	sum := sha256.Sum256(s)
	return sum[:]
}

func (s saltedSide) salt() []byte { return s[:saltSize] }

func (s saltedSide) text() []byte { return s[saltSize:] }

func (s saltedSide) decode() (*Side, error) {
	if len(s) < saltSize {
		return nil, fmt.Errorf("side record: too short")
	}
	var side Side
	if err := unmarshalStrict(s.text(), &side); err != nil {
		return nil, fmt.Errorf("side record: %w", err)
	}
	return &side, nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// LeafVersion is the version of the leaf encoding written today.
const LeafVersion = 1

// MaxLeaf is the longest leaf that is stored, in bytes.
const MaxLeaf = 64 << 10

// roughLeaf is room for most leaves.
const roughLeaf = 768

// A Kind says what an entry records.
type Kind string

// The kinds of entry. A refusal (rifiuto) is what the hub itself denied; what the other side answered, denials
// included, is an outcome (esito).
const (
	KindAcquisizioneIntento Kind = "acquisizione/intento"
	KindAcquisizioneEsito   Kind = "acquisizione/esito"
	KindAcquisizioneRifiuto Kind = "acquisizione/rifiuto"
	KindErogazioneIntento   Kind = "erogazione/intento"
	KindErogazioneEsito     Kind = "erogazione/esito"
	KindErogazioneRifiuto   Kind = "erogazione/rifiuto"
	// The kinds of an act on PDND in the ente's name, which a command of the hub carries out: a publication, a request of
	// access, the declaration of a purpose, a key.
	KindPiattaformaIntento Kind = "piattaforma/intento"
	KindPiattaformaEsito   Kind = "piattaforma/esito"
	// The kinds of the treasury: the sending of a flow of orders, which has an intent and an outcome, and every other
	// change in the life of a flow, of its orders or of the cash book.
	KindTesoreriaIntento Kind = "tesoreria/intento"
	KindTesoreriaEsito   Kind = "tesoreria/esito"
	KindTesoreriaEvento  Kind = "tesoreria/evento"
	// KindSconosciuto closes an intent whose outcome was lost with the process that held it.
	KindSconosciuto Kind = "sconosciuto"
)

// Valid reports whether k is one of the kinds of this package.
func (k Kind) Valid() bool {
	return k.opens() || k.mustClose() || k.refuses() || k == KindTesoreriaEvento
}

func (k Kind) opens() bool {
	return k == KindAcquisizioneIntento || k == KindErogazioneIntento || k == KindPiattaformaIntento || k == KindTesoreriaIntento
}

func (k Kind) mustClose() bool {
	return k == KindAcquisizioneEsito || k == KindErogazioneEsito || k == KindPiattaformaEsito || k == KindTesoreriaEsito ||
		k == KindSconosciuto
}

func (k Kind) refuses() bool { return k == KindAcquisizioneRifiuto || k == KindErogazioneRifiuto }

// An Entry is the public part of one act: the leaf of the log (design D9). It holds identifiers of enti, services,
// purposes and tokens, never of a person: what may name one belongs in [Side].
type Entry struct {
	Ente        string    // IPA code of the ente whose log this is
	Environment string    // produzione, collaudo, attestazione, locale (design D11)
	Kind        Kind      //
	Exchange    string    // the hub's id of the exchange
	Instant     time.Time // UTC, to the nanosecond; [Log.Append] sets it when zero

	Service    string   // the recipe: one e-service, or one exposed procedure
	Operation  string   // one of its operations
	Eservice   string   // PDND e-service id
	Descriptor string   // PDND descriptor id
	Purpose    string   // PDND purposeId
	Client     string   // PDND clientId: the hub's own when it acquires, the caller's when it exposes
	Vouchers   []string // jti of the vouchers presented, in the order of use

	Status int      // HTTP status given to whom the act was done for; zero for an intent
	Rules  []string // ids of the rules broken, design D7

	// Closes is the index of the intent that this entry closes: mandatory for an outcome, forbidden for an intent,
	// allowed for a refusal that follows an intent. The intent must be open and of the same exchange.
	Closes *int64

	// Commitment is SHA-256(salt || side record), empty when the entry has no side. [Log.Append] sets it.
	Commitment []byte
}

// leafJSON fixes names and order of the members of a leaf. The order is part of the format.
type leafJSON struct {
	Version     int      `json:"v"`
	Ente        string   `json:"ente"`
	Environment string   `json:"environment"`
	Kind        Kind     `json:"kind"`
	Exchange    string   `json:"exchange"`
	Instant     string   `json:"instant"`
	Service     string   `json:"service,omitempty"`
	Operation   string   `json:"operation,omitempty"`
	Eservice    string   `json:"eserviceId,omitempty"`
	Descriptor  string   `json:"descriptorId,omitempty"`
	Purpose     string   `json:"purposeId,omitempty"`
	Client      string   `json:"clientId,omitempty"`
	Vouchers    []string `json:"vouchers,omitempty"`
	Status      int      `json:"status,omitempty"`
	Rules       []string `json:"rules,omitempty"`
	Closes      *int64   `json:"closes,omitempty"`
	Commitment  []byte   `json:"commitment,omitempty"`
}

// MarshalLeaf returns the leaf of e: one JSON object without white space, its members in the order of this package,
// absent ones left out, the instant as RFC 3339 in UTC. One entry has exactly one leaf.
func MarshalLeaf(e Entry) ([]byte, error) {
	l := leafJSON{
		Version: LeafVersion, Ente: e.Ente, Environment: e.Environment, Kind: e.Kind, Exchange: e.Exchange,
		Instant: e.Instant.UTC().Format(time.RFC3339Nano),
		Service: e.Service, Operation: e.Operation, Eservice: e.Eservice, Descriptor: e.Descriptor,
		Purpose: e.Purpose, Client: e.Client, Vouchers: e.Vouchers, Status: e.Status, Rules: e.Rules,
		Closes: e.Closes, Commitment: e.Commitment,
	}
	return l.appendTo(make([]byte, 0, roughLeaf))
}

// ParseLeaf reads a leaf. It accepts exactly what [MarshalLeaf] writes: a leaf with another member, other white space
// or another order of members is refused, so that the bytes that were hashed have one meaning.
func ParseLeaf(leaf []byte) (Entry, error) {
	if len(leaf) > MaxLeaf {
		return Entry{}, fmt.Errorf("leaf: %d bytes, at most %d", len(leaf), MaxLeaf)
	}
	var l leafJSON
	if err := unmarshalStrict(leaf, &l); err != nil {
		return Entry{}, fmt.Errorf("leaf: %w", err)
	}
	if l.Version != LeafVersion {
		return Entry{}, fmt.Errorf("leaf: version %d, want %d", l.Version, LeafVersion)
	}
	instant, err := time.Parse(time.RFC3339Nano, l.Instant)
	if err != nil {
		return Entry{}, fmt.Errorf("leaf: instant is not RFC 3339")
	}
	e := Entry{
		Ente: l.Ente, Environment: l.Environment, Kind: l.Kind, Exchange: l.Exchange, Instant: instant.UTC(),
		Service: l.Service, Operation: l.Operation, Eservice: l.Eservice, Descriptor: l.Descriptor,
		Purpose: l.Purpose, Client: l.Client, Vouchers: l.Vouchers, Status: l.Status, Rules: l.Rules,
		Closes: l.Closes, Commitment: l.Commitment,
	}
	again, err := MarshalLeaf(e)
	if err != nil {
		return Entry{}, fmt.Errorf("leaf: %w", err)
	}
	if !bytes.Equal(again, leaf) {
		return Entry{}, fmt.Errorf("leaf: not in canonical form")
	}
	return e, nil
}

// marshalLine encodes v as JSON on one line without the final newline. HTML characters stay as they are: escaping them
// would give one text two encodings.
func marshalLine(v any) ([]byte, error) { return appendLine(nil, v) }

// appendLine is marshalLine behind what to holds already.
func appendLine(to []byte, v any) ([]byte, error) {
	b := bytes.NewBuffer(to)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// unmarshalStrict decodes one JSON value into v and refuses unknown members and anything after the value.
func unmarshalStrict(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("not the expected JSON object")
	}
	if dec.InputOffset() != int64(len(data)) {
		return fmt.Errorf("data after the JSON object")
	}
	return nil
}

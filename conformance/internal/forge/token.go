// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// Where a token travels. Steps name the tokens of a message by these words.
const (
	Identity  = "identity"  // Authorization, signed by the sender (ID_AUTH_REST)
	Voucher   = "voucher"   // Authorization, issued by PDND
	Signature = "signature" // Agid-JWT-Signature
	Evidence  = "evidence"  // Agid-JWT-TrackingEvidence
	Proof     = "proof"     // DPoP
	Assertion = "assertion" // client_assertion, in the form of a token request
)

// token is one JWS of a draft.
type token struct {
	place     string
	field     string // HTTP field it travels in; empty for an assertion
	scheme    string // in front of it, such as Bearer
	head      object
	claims    object
	algorithm string   // of the signature; the header says the same unless a step set it
	signer    *Key     // signs
	shown     *Key     // whose references the header carries
	signs     []string // HTTP fields listed in signed_headers
	header    []byte   // instead of head, when not nil
	payload   []byte   // instead of claims, when not nil
	edits     []func(compact string) (string, error)
	fetch     func(digest any) (string, error) // asks who issues the token for it, instead of signing
	compact   string                           // once sealed
}

// newToken starts a token with alg and typ; the references follow.
func newToken(place, field, scheme, typ, algorithm string, key *Key) *token {
	t := &token{place: place, field: field, scheme: scheme, algorithm: algorithm, signer: key, shown: key}
	t.head.setLate("alg", func() (any, error) { return t.algorithm, nil })
	t.head.setText("typ", fmt.Sprintf("%q", typ))
	return t
}

// refer adds references to the key that t shows; the values are read when t is sealed.
func (t *token) refer(names ...string) error {
	for _, name := range names {
		read, ok := references()[name]
		if !ok {
			return fmt.Errorf("no reference to a key is called %q", name)
		}
		t.head.setLate(name, func() (any, error) { return read(t.shown) })
	}
	return nil
}

// unrefer takes every reference out.
func (t *token) unrefer() {
	for name := range references() {
		t.head.remove(name)
	}
}

// references say how a JOSE header names a key (RFC 7515 §4.1).
func references() map[string]func(*Key) (any, error) {
	return map[string]func(*Key) (any, error){
		"kid": func(k *Key) (any, error) { return k.KID, nil },
		"jwk": func(k *Key) (any, error) { return PublicJWK(k.Signer.Public()) },
		"x5c": func(k *Key) (any, error) {
			if len(k.Chain) == 0 {
				return nil, fmt.Errorf("key %s has no certificate", k.Name)
			}
			chain := make([]string, len(k.Chain))
			for i, der := range k.Chain {
				chain[i] = base64.StdEncoding.EncodeToString(der)
			}
			return chain, nil
		},
		"x5t#S256": func(k *Key) (any, error) {
			if len(k.Chain) == 0 {
				return nil, fmt.Errorf("key %s has no certificate", k.Name)
			}
			sum := sha256.Sum256(k.Leaf())
			return b64(sum[:]), nil
		},
	}
}

// seal signs the token and runs the edits on the compact form.
func (t *token) seal(d *draft) error {
	if t.fetch != nil {
		return t.ask()
	}
	header, payload := t.header, t.payload
	var err error
	if header == nil {
		header, err = t.head.write()
	}
	if err == nil && payload == nil {
		payload, err = t.claims.write()
	}
	if err != nil {
		return err
	}
	input := b64(header) + "." + b64(payload)
	signature, err := sign(d.world.rand, t.algorithm, t.signer, []byte(input))
	if err != nil {
		return err
	}
	t.compact = input + "." + b64(signature)
	return t.edit()
}

// edit changes the compact form as the steps asked.
func (t *token) edit() error {
	var err error
	for _, edit := range t.edits {
		t.compact, err = edit(t.compact)
		if err != nil {
			return err
		}
	}
	return nil
}

// value is the HTTP field value that carries the token.
func (t *token) value() string {
	return strings.TrimPrefix(t.scheme+" ", " ") + t.compact
}

// signedHeaders lists the fields that t signs and that the message has, one object for
// each value, in the order of the wire.
func (t *token) signedHeaders(header http.Header) []map[string]string {
	list := []map[string]string{}
	for _, name := range t.signs {
		for _, value := range header.Values(name) {
			list = append(list, map[string]string{strings.ToLower(name): value})
		}
	}
	return list
}

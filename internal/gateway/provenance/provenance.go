// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package provenance writes and checks the signed statement of where acquired data come from.
//
// It owns the statement (certainty of the source, DPR 445/2000 art. 43 c. 5) and its JWS form: typ
// snodo-provenance+jwt, ES256 by the ente seal (design D17), claims iss, iat, jti, digest and provenienza. It depends
// on modi/token alone and holds no key.
package provenance

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// Provenance says who answered what, when and for whom. It names no person.
type Provenance struct {
	Registro     string    `json:"registro"` // who answered
	Servizio     string    `json:"servizio"`
	Operazione   string    `json:"operazione"`
	Ambiente     string    `json:"ambiente"`               // produzione, collaudo, attestazione, locale
	Istante      time.Time `json:"istante"`                // UTC
	IDOperazione string    `json:"idOperazione,omitempty"` // the registry's own id of the operation
	EserviceID   string    `json:"eserviceId,omitempty"`
	PurposeID    string    `json:"purposeId,omitempty"`
	Scambio      string    `json:"scambio"` // id of the exchange in the hub's evidence
	Ente         string    `json:"ente"`    // codice IPA of the ente that acquired
	Evidenza     Evidence  `json:"evidenza"`
}

// Evidence is where the exchange stands in the log of the ente.
type Evidence struct {
	Indice int64  `json:"indice"`
	Foglia string `json:"foglia,omitempty"` // RFC 6962 leaf hash, base64
}

// ErrMismatch reports data or a statement other than the ones that were signed: a "no".
var ErrMismatch = errors.New("data are not the ones that were signed")

type claims struct {
	Issuer      string     `json:"iss"` // codice IPA
	IssuedAt    int64      `json:"iat"`
	JTI         string     `json:"jti"` // id of the exchange
	Digest      digest     `json:"digest"`
	Provenienza Provenance `json:"provenienza"`
}

type digest struct {
	Alg   string `json:"alg"`   // SHA256
	Value string `json:"value"` // lowercase hex over the bytes of dati as delivered
}

func digestOf(dati []byte) digest {
	sum := sha256.Sum256(dati)
	return digest{Alg: "SHA256", Value: hex.EncodeToString(sum[:])}
}

// Sign states that dati, byte for byte, have the provenance p.
func Sign(dati json.RawMessage, p Provenance, key token.SigningKey) (string, error) {
	c := claims{Issuer: p.Ente, IssuedAt: p.Istante.Unix(), JTI: p.Scambio, Digest: digestOf(dati), Provenienza: p}
	compact, err := token.Sign(token.Provenance(), token.HeaderExtra{}, c, key)
	if err != nil {
		return "", fmt.Errorf("sign provenance: %w", err)
	}
	return compact, nil
}

// Verify checks that firma states the provenance p of dati and is signed with a published key of the ente. It returns
// the kid. The error is a *modi.Refusal for a bad token, wraps ErrMismatch when the token is about other data, and wraps
// modi.ErrKeyUnknown or modi.ErrUndecided for the key.
func Verify(ctx context.Context, dati json.RawMessage, p Provenance, firma string, keys modi.KeyResolver) (string, error) {
	u, err := token.Parse(firma, token.Provenance())
	if err != nil {
		return "", err
	}
	key, err := keys.ResolveKey(ctx, u.KID())
	if err != nil {
		return "", fmt.Errorf("key of the seal: %w", err)
	}
	verified, err := u.Verify(key.Public)
	if err != nil {
		return "", err
	}
	var c claims
	if err := verified.Decode(&c); err != nil {
		return "", fmt.Errorf("claims of the provenance: %w", err)
	}
	want := digestOf(dati)
	if c.Digest.Alg != want.Alg || subtle.ConstantTimeCompare([]byte(c.Digest.Value), []byte(want.Value)) != 1 {
		return "", ErrMismatch
	}
	stated, errStated := json.Marshal(c.Provenienza)
	given, errGiven := json.Marshal(p)
	if errStated != nil || errGiven != nil || string(stated) != string(given) {
		return "", fmt.Errorf("%w: provenienza differs", ErrMismatch)
	}
	return key.KID, nil
}

// Keys is a fixed set of published keys.
type Keys []modi.Key

// ResolveKey finds a key by kid.
func (k Keys) ResolveKey(_ context.Context, kid string) (modi.Key, error) {
	for _, key := range k {
		if key.KID == kid {
			return key, nil
		}
	}
	return modi.Key{}, modi.ErrKeyUnknown
}

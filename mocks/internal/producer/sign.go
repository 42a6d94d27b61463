// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package producer

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// answerLife is how long the signature of an answer is valid.
const answerLife = 300 * time.Second

// answerClaims are the claims of the INTEGRITY_REST_02 token of an answer.
type answerClaims struct {
	Iss           string              `json:"iss"`
	Sub           string              `json:"sub"`
	Aud           string              `json:"aud"`
	ClientID      string              `json:"client_id"`
	Jti           string              `json:"jti"`
	Iat           int64               `json:"iat"`
	Nbf           int64               `json:"nbf"`
	Exp           int64               `json:"exp"`
	SignedHeaders []map[string]string `json:"signed_headers"`
}

type partyHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	Kid string `json:"kid"`
}

// Signer signs answers with the key of a producer keychain. It is safe for concurrent
// use.
type Signer struct {
	Clock      func() time.Time
	Rand       io.Reader // safe for concurrent use
	Key        *rsa.PrivateKey
	Kid        string
	ProducerID string // iss and sub
}

// Answer writes a good answer with Digest and Agid-JWT-Signature (INTEGRITY_REST_02),
// damaged when a fault asks for it.
func (s *Signer) Answer(ctx context.Context, w http.ResponseWriter, status int, clientID string, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "the answer cannot be encoded", http.StatusInternalServerError)
		return
	}
	s.Bytes(ctx, w, status, clientID, "application/json", body)
}

// Bytes writes and signs a good answer of any type, as [Signer.Answer] does.
func (s *Signer) Bytes(ctx context.Context, w http.ResponseWriter, status int, clientID, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	digest := rules.Digest(body)
	if faults.Is(ctx, faults.WrongDigest) {
		digest = rules.Digest(append([]byte(" "), body...))
	}
	w.Header().Set("Digest", digest)
	compact, err := s.answerToken(clientID, rules.SignedHeaders(digest, contentType))
	if err != nil {
		http.Error(w, "the answer cannot be signed", http.StatusInternalServerError)
		return
	}
	switch {
	case faults.Is(ctx, faults.Unsigned):
		w.Header().Del("Digest")
	case faults.Is(ctx, faults.BadSignature):
		w.Header().Set("Agid-JWT-Signature", damage(compact))
	default:
		w.Header().Set("Agid-JWT-Signature", compact)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have left
}

func (s *Signer) answerToken(clientID string, signed []map[string]string) (string, error) {
	jti, err := rules.UUID(s.Rand)
	if err != nil {
		return "", err
	}
	now := s.Clock().Unix()
	return rules.Sign(s.Rand, s.Key, partyHeader{"RS256", "JWT", s.Kid}, answerClaims{
		Iss:           s.ProducerID,
		Sub:           s.ProducerID,
		Aud:           clientID,
		ClientID:      clientID,
		Jti:           jti,
		Iat:           now,
		Nbf:           now,
		Exp:           now + int64(answerLife/time.Second),
		SignedHeaders: signed,
	})
}

// damage changes one character in the middle of the signature.
func damage(compact string) string {
	i := strings.LastIndexByte(compact, '.') + 40
	other := byte('A')
	if compact[i] == other {
		other = 'B'
	}
	return compact[:i] + string(other) + compact[i+1:]
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

const body = `{"pratica":"2026/00017"}`

func digest256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

func digest512(s string) string {
	sum := sha512.Sum512([]byte(s))
	return "SHA-512=" + base64.StdEncoding.EncodeToString(sum[:])
}

func digest384(s string) string {
	sum := sha512.Sum384([]byte(s))
	return "SHA-384=" + base64.StdEncoding.EncodeToString(sum[:])
}

func clientKey(t testing.TB) token.SigningKey {
	t.Helper()
	key := moditest.RSA(t, 0)
	return token.SigningKey{KID: moditest.Thumbprint(t, key.Public()), Algorithm: token.RS256, Signer: key}
}

func stamp() rest.Stamp {
	return rest.Stamp{Now: moditest.Now(), Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: 300 * time.Second}
}

func clientKeys(t testing.TB) moditest.Keys {
	t.Helper()
	key := clientKey(t)
	return moditest.Only(key.KID, moditest.ClientID, key.Signer.Public())
}

func integrityVerifier(t testing.TB) rest.IntegrityVerifier {
	t.Helper()
	return rest.IntegrityVerifier{
		Audience: moditest.Audience, Owner: moditest.ClientID,
		Keys: clientKeys(t), Clock: moditest.Clock, Times: modi.PartyTimes(),
	}
}

// headers builds a header from name and value pairs; a name may come twice.
func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// list writes signed_headers from name and value pairs.
func list(pairs ...string) []map[string]string {
	out := []map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, map[string]string{pairs[i]: pairs[i+1]})
	}
	return out
}

func goodIntegrity() map[string]any {
	now := moditest.Now().Unix()
	return map[string]any{
		"iss": moditest.ClientID, "sub": moditest.ClientID, "aud": moditest.Audience,
		"iat": now - 5, "nbf": now - 5, "exp": now + 295, "jti": "1b5e",
		"signed_headers": list("digest", digest256(body), "content-type", "application/json"),
	}
}

// forge signs claims under the client's kid with any key.
func forge(t testing.TB, claims map[string]any, key crypto.Signer) string {
	t.Helper()
	return moditest.Forge(t, fmt.Sprintf(`{"alg":"RS256","kid":%q,"typ":"JWT"}`, clientKey(t).KID), moditest.JSON(t, claims), key)
}

// message is a message with the token of these claims, a body and other headers.
func message(t testing.TB, claims map[string]any, content string, other http.Header) rest.Message {
	t.Helper()
	h := other.Clone()
	h.Set(rest.HeaderSignature, forge(t, claims, moditest.RSA(t, 0)))
	return rest.Message{Header: h, Body: modi.Bytes(content)}
}

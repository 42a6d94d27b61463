// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
)

const typeJSON = "application/json"

// digests spells the digest of the body in ways that are not the guideline's.
func digests() map[string]string {
	sum := sha256.Sum256([]byte(body))
	std := base64.StdEncoding.EncodeToString(sum[:])
	return map[string]string{
		"without prefix":          std,
		"lower-case prefix":       "sha-256=" + std,
		"SHA256":                  "SHA256=" + std,
		"MD5":                     "MD5=1B2M2Y8AsgTpgAmY7PhCfg==",
		"SHA":                     "SHA=2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
		"unixsum":                 "UNIXSUM=30637",
		"two algorithms":          "SHA-256=" + std + ",SHA-512=" + strings.TrimPrefix(digest512(body), "SHA-512="),
		"hexadecimal":             "SHA-256=" + hex.EncodeToString(sum[:]),
		"base64url":               "SHA-256=-_" + std[2:],
		"unpadded":                "SHA-256=" + base64.RawStdEncoding.EncodeToString(sum[:]),
		"stray bits":              "SHA-256=" + std[:42] + string(std[42]+1) + "=",
		"trailing space inside":   "SHA-256=" + std + " ",
		"length of another":       "SHA-512=" + std,
		"name alone":              "SHA-256",
		"empty":                   "",
		"RFC 9530 Content-Digest": "sha-256=:" + std + ":",
	}
}

func TestRejectsDigestHeaders(t *testing.T) {
	for name, value := range digests() {
		t.Run(name, func(t *testing.T) {
			claims := moditest.With(goodIntegrity(), "signed_headers", list("digest", value, "content-type", typeJSON))
			_, err := integrityVerifier(t).Verify(t.Context(), message(t, claims, body, headers("Content-Type", typeJSON, "Digest", value)))
			moditest.WantRules(t, err, modi.IntegrityDigestMalformed)
		})
	}
}

func TestRejectsTamperedMessages(t *testing.T) {
	right := digest256(body)
	json := headers("Content-Type", typeJSON, "Digest", right)
	signed := func(pairs ...string) map[string]any {
		return moditest.With(goodIntegrity(), "signed_headers", list(pairs...))
	}
	for name, c := range map[string]struct {
		claims map[string]any
		body   string
		h      http.Header
		rules  []modi.RuleID
	}{
		"body changed":                       {goodIntegrity(), body + " ", json, []modi.RuleID{modi.IntegrityDigestMismatch}},
		"body reindented":                    {goodIntegrity(), strings.ReplaceAll(body, ":", ": "), json, []modi.RuleID{modi.IntegrityDigestMismatch}},
		"body with a byte order mark":        {goodIntegrity(), "\ufeff" + body, json, []modi.RuleID{modi.IntegrityDigestMismatch}},
		"body emptied":                       {goodIntegrity(), "", json, []modi.RuleID{modi.IntegrityDigestOnEmptyBody, modi.IntegrityDigestMismatch}},
		"body and Digest changed":            {goodIntegrity(), body + " ", headers("Content-Type", typeJSON, "Digest", digest256(body+" ")), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"Digest removed":                     {goodIntegrity(), body, headers("Content-Type", typeJSON), []modi.RuleID{modi.IntegrityDigestMissing, modi.IntegritySignedHeaderMissing}},
		"Digest twice":                       {goodIntegrity(), body, headers("Content-Type", typeJSON, "Digest", right, "Digest", right), []modi.RuleID{modi.IntegrityDigestRepeated, modi.IntegritySignedHeaderCount}},
		"Digest signed twice and sent twice": {signed("digest", right, "digest", right, "content-type", typeJSON), body, headers("Content-Type", typeJSON, "Digest", right, "Digest", right), []modi.RuleID{modi.IntegrityDigestRepeated}},
		"digest not signed":                  {signed("content-type", typeJSON), body, json, []modi.RuleID{modi.IntegrityDigestNotSigned}},
		"another algorithm than the signed":  {goodIntegrity(), body, headers("Content-Type", typeJSON, "Digest", digest512(body)), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"Content-Type not signed":            {signed("digest", right), body, json, []modi.RuleID{modi.IntegrityContentTypeNotSigned}},
		"Content-Type removed":               {goodIntegrity(), body, headers("Digest", right), []modi.RuleID{modi.IntegritySignedHeaderMissing}},
		"charset added":                      {goodIntegrity(), body, headers("Content-Type", "application/json; charset=utf-8", "Digest", right), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"boundary changed":                   {signed("digest", right, "content-type", "multipart/form-data; boundary=a"), body, headers("Content-Type", "multipart/form-data; boundary=A", "Digest", right), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"Content-Encoding added":             {goodIntegrity(), body, headers("Content-Type", typeJSON, "Digest", right, "Content-Encoding", "gzip"), []modi.RuleID{modi.IntegrityContentEncodingNotSigned}},
		"Content-Encoding UTF-8 changed":     {signed("digest", right, "content-type", typeJSON, "content-encoding", "gzip"), body, headers("Content-Type", typeJSON, "Digest", right, "Content-Encoding", "UTF-8"), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"custom header changed":              {signed("digest", right, "content-type", typeJSON, "x-a", "1"), body, headers("Content-Type", typeJSON, "Digest", right, "X-A", "2"), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"custom header removed":              {signed("digest", right, "content-type", typeJSON, "x-a", "1"), body, json, []modi.RuleID{modi.IntegritySignedHeaderMissing}},
		"copy of a signed header added":      {signed("digest", right, "content-type", typeJSON, "x-a", "1"), body, headers("Content-Type", typeJSON, "Digest", right, "X-A", "1", "X-A", "2"), []modi.RuleID{modi.IntegritySignedHeaderCount}},
		"signed A, A and sent A, B":          {signed("digest", right, "content-type", typeJSON, "x-a", "1", "x-a", "1"), body, headers("Content-Type", typeJSON, "Digest", right, "X-A", "1", "X-A", "2"), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"signed A, B and sent B, A":          {signed("digest", right, "content-type", typeJSON, "x-a", "1", "x-a", "2"), body, headers("Content-Type", typeJSON, "Digest", right, "X-A", "2", "X-A", "1"), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"value in another case":              {signed("digest", right, "content-type", typeJSON, "x-a", "Uno"), body, headers("Content-Type", typeJSON, "Digest", right, "X-A", "uno"), []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"several faults told together":       {moditest.With(signed("x-a", "1"), "aud", "x"), body + " ", json, []modi.RuleID{modi.IntegrityAudienceMismatch, modi.IntegrityDigestMismatch, modi.IntegrityDigestNotSigned, modi.IntegritySignedHeaderMissing, modi.IntegrityContentTypeNotSigned}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := integrityVerifier(t).Verify(t.Context(), message(t, c.claims, c.body, c.h))
			moditest.WantRules(t, err, c.rules...)
		})
	}
}

func TestRejectsSignedHeadersForms(t *testing.T) {
	right := digest256(body)
	for name, value := range map[string]any{
		"object":                    map[string]string{"digest": right},
		"string":                    `[{"digest":"x"}]`,
		"null":                      []any(nil),
		"empty list":                []any{},
		"empty object":              []any{map[string]string{}, map[string]string{"digest": right}},
		"two members in one object": []any{map[string]string{"digest": right, "content-type": typeJSON}},
		"value not a string":        []any{map[string]any{"digest": 7}},
		"value a list":              []any{map[string]any{"digest": []string{right}}},
		"element a string":          []any{"digest"},
		"name in upper case":        []any{map[string]string{"Digest": right}},
		"name empty":                []any{map[string]string{"": right}},
		"name with a space":         []any{map[string]string{"digest ": right}},
	} {
		t.Run(name, func(t *testing.T) {
			m := message(t, moditest.With(goodIntegrity(), "signed_headers", value), body, headers("Content-Type", typeJSON, "Digest", right))
			_, err := integrityVerifier(t).Verify(t.Context(), m)
			moditest.WantRules(t, err, modi.IntegritySignedHeadersMalformed)
		})
	}
}

// The guideline asks a signature only for a payload; some services ask it always.
func TestEmptyBody(t *testing.T) {
	empty := digest256("")
	always := integrityVerifier(t)
	always.RequireOnEmpty = true
	byDefault := integrityVerifier(t)
	bare := rest.Message{Header: http.Header{}}
	withDigest := rest.Message{Header: headers("Digest", empty), Body: modi.Bytes("")}
	headerOnly := message(t, moditest.With(goodIntegrity(), "signed_headers", list("x-a", "1")), "", headers("X-A", "1"))
	digestSigned := message(t, moditest.With(goodIntegrity(), "signed_headers", list("digest", empty)), "", headers("Digest", empty))
	digestUnsigned := message(t, moditest.With(goodIntegrity(), "signed_headers", list("x-a", "1")), "", headers("Digest", empty, "X-A", "1"))
	headerChanged := message(t, moditest.With(goodIntegrity(), "signed_headers", list("x-a", "1")), "", headers("X-A", "2"))
	for name, c := range map[string]struct {
		v     rest.IntegrityVerifier
		m     rest.Message
		rules []modi.RuleID
	}{
		"nothing, by default":             {byDefault, bare, nil},
		"Digest without token":            {byDefault, withDigest, []modi.RuleID{modi.IntegrityDigestOnEmptyBody}},
		"token over a header, by default": {byDefault, headerOnly, nil},
		"changed header, by default":      {byDefault, headerChanged, []modi.RuleID{modi.IntegritySignedHeaderMismatch}},
		"signed Digest, by default":       {byDefault, digestSigned, []modi.RuleID{modi.IntegrityDigestOnEmptyBody}},
		"nothing, always":                 {always, bare, []modi.RuleID{modi.IntegrityTokenMissing}},
		"signed Digest, always":           {always, digestSigned, nil},
		"no Digest, always":               {always, headerOnly, []modi.RuleID{modi.IntegrityDigestMissing, modi.IntegrityDigestNotSigned}},
		"Digest not signed, always":       {always, digestUnsigned, []modi.RuleID{modi.IntegrityDigestNotSigned}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.v.Verify(t.Context(), c.m)
			moditest.WantRules(t, err, c.rules...)
		})
	}
}

func TestSignedEmptyBodyVerifiesWhereItIsAsked(t *testing.T) {
	m := rest.Message{}
	_, err := rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: moditest.ClientID, Audience: moditest.Audience, DigestEmpty: true}, stamp(), clientKey(t))
	if err != nil {
		t.Fatal(err)
	}
	v := integrityVerifier(t)
	v.RequireOnEmpty = true
	proof, err := v.Verify(t.Context(), m)
	if err != nil || proof.BodyDigest != "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Errorf("proof %+v, %v", proof, err)
	}
}

// An error goes to logs and callers: it must not carry what the message says.
func TestRefusalsDoNotRepeatTheMessage(t *testing.T) {
	claims := moditest.With(goodIntegrity(), "signed_headers", list("x-subject", "secret-value"))
	m := message(t, claims, "secret-body", headers("X-Subject", "other-secret", "Digest", digest256(body)))
	_, err := integrityVerifier(t).Verify(t.Context(), m)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, secret := range []string{"secret", m.Header.Get(rest.HeaderSignature)[:20], digest256(body)} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error repeats the message: %v", err)
		}
	}
}

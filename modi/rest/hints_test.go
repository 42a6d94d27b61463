// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// The hints that a refused message carries, by the fault that they explain.
func TestRefusalsCarryHints(t *testing.T) {
	good := headers("Content-Type", typeJSON, "Digest", digest256(body))
	signed := func(digest string) map[string]any {
		return moditest.With(goodIntegrity(), "signed_headers", list("digest", digest, "content-type", typeJSON))
	}
	spaced := `{"pratica": "2026/00017"}`
	now := moditest.Now().Unix()
	for name, c := range map[string]struct {
		claims map[string]any
		header http.Header
		rule   modi.RuleID
		words  string
	}{
		"audience with a slash":    {moditest.With(goodIntegrity(), "aud", moditest.Audience+"/"), good, modi.IntegrityAudienceMismatch, "slash"},
		"clock an hour behind":     {moditest.With(goodIntegrity(), "iat", now-3600), good, modi.IntegrityTooOld, "local time"},
		"clock ahead":              {moditest.With(goodIntegrity(), "iat", now+30), good, modi.IntegrityIssuedInFuture, "30s ahead"},
		"nbf ahead":                {moditest.With(goodIntegrity(), "nbf", now+60), good, modi.IntegrityNotYetValid, "1m0s ahead"},
		"milliseconds":             {moditest.With(goodIntegrity(), "iat", now*1000), good, modi.IntegrityIATMalformed, "milliseconds"},
		"JSON written again":       {signed(digest256(spaced)), headers("Content-Type", typeJSON, "Digest", digest256(spaced)), modi.IntegrityDigestMismatch, "same JSON"},
		"Digest without algorithm": {signed(digest256(body)[8:]), headers("Content-Type", typeJSON, "Digest", digest256(body)[8:]), modi.IntegrityDigestMalformed, "SHA-256= is missing"},
		"charset added":            {goodIntegrity(), headers("Content-Type", typeJSON+"; charset=utf-8", "Digest", digest256(body)), modi.IntegritySignedHeaderMismatch, "added after signing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := integrityVerifier(t).Verify(t.Context(), message(t, c.claims, body, c.header))
			wantHint(t, err, c.rule, c.words)
		})
	}
}

func wantHint(t *testing.T, err error, rule modi.RuleID, words string) {
	t.Helper()
	for _, v := range violations(err) {
		if v.Rule == rule && strings.Contains(v.Hint.EN, words) && v.Hint.IT != "" {
			return
		}
	}
	t.Errorf("no hint with %q on %s: %+v", words, rule, violations(err))
}

func TestAuditHints(t *testing.T) {
	compact := forge(t, goodAudit(), moditest.RSA(t, 0))
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(payload)
	v := auditVerifier(t, &voucher.Digest{Alg: voucher.DigestAlg, Value: hex.EncodeToString(sum[:])})
	_, err = v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, compact))
	wantHint(t, err, modi.AuditDigestMismatch, "payload alone")

	wrong := forge(t, moditest.With(goodAudit(), "userID", nil, "userId", "x"), moditest.RSA(t, 0))
	_, err = auditVerifier(t, digestOf(wrong)).Verify(t.Context(), headers(rest.HeaderTrackingEvidence, wrong))
	wantHint(t, err, modi.AuditUserIDMissing, `"userId"`)
}

// A body that is large, or that cannot be read again, goes without a hint.
func TestNoHintOfABodyThatCannotBeRead(t *testing.T) {
	claims := moditest.With(goodIntegrity(), "signed_headers", list("digest", digest256("x"), "content-type", typeJSON))
	for name, content := range map[string]modi.Body{
		"large":      modi.Bytes(strings.Repeat("x", hint.MaxBody+1)),
		"not opened": unreadable{modi.Bytes(body), nil},
		"not read":   unreadable{modi.Bytes(body), errReader{}},
	} {
		t.Run(name, func(t *testing.T) {
			m := message(t, claims, "", headers("Content-Type", typeJSON, "Digest", digest256("x")))
			m.Body = content
			_, err := integrityVerifier(t).Verify(t.Context(), m)
			moditest.WantRules(t, err, modi.IntegrityDigestMismatch)
			if got := violations(err)[0].Hint; got != (modi.Text{}) {
				t.Errorf("hint %+v", got)
			}
		})
	}
}

// unreadable is a body whose bytes cannot be had a second time.
type unreadable struct {
	modi.Bytes
	reader io.ReadCloser
}

func (u unreadable) Open() (io.ReadCloser, error) {
	if u.reader == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return u.reader, nil
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
func (errReader) Close() error             { return nil }

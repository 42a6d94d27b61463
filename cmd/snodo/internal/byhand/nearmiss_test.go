// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
)

func italian(err error) string { return bilingual.In(err, "it") }

// message writes a request with an integrity token over a digest, right or wrong.
func integrityMessage(t testing.TB, digest, content string, changes ...any) string {
	t.Helper()
	compact := forge(t, joseHeader(t), with(integrityClaims(digest), changes...))
	return requestHead + "Digest: " + digest + "\r\nAgid-JWT-Signature: " + compact + "\r\n\r\n" + content
}

func zipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The real causes of refusals, as people report them: each is called by its name both by
// verify, under the rule that it breaks, and by inspect, which has no keys.
func TestNearMissesOfMessages(t *testing.T) {
	raw := sha256.Sum256([]byte(body))
	right := "SHA-256=" + sum(body)
	latin1 := "{\"pratica\": \"2026/00017\", \"\xe8\": 1}"
	gz := zipped(t, body)
	message := func(digest, content string, changes ...any) string {
		return integrityMessage(t, digest, content, changes...)
	}
	for name, c := range map[string]struct {
		text string
		rule modi.RuleID
		it   string
	}{
		"digest without prefix":       {message(sum(body), body), modi.IntegrityDigestMalformed, "manca SHA-256="},
		"digest in hexadecimal":       {message("SHA-256="+hex.EncodeToString(raw[:]), body), modi.IntegrityDigestMalformed, "esadecimale"},
		"digest in base64url":         {message("SHA-256="+base64.URLEncoding.EncodeToString(raw[:]), body), modi.IntegrityDigestMalformed, "base64"},
		"digest of RFC 9530":          {strings.Replace(message(right, body), "\r\nDigest: SHA-256="+sum(body), "\r\nContent-Digest: sha-256=:"+sum(body)+":", 1), modi.IntegrityDigestMissing, "RFC 9530"},
		"digest of compact JSON":      {message("SHA-256="+sum(`{"pratica":"2026/00017","è":1}`), body), modi.IntegrityDigestMismatch, "JSON"},
		"digest of another charset":   {message("SHA-256="+sum(latin1), body), modi.IntegrityDigestMismatch, "altro charset"},
		"digest of an empty body":     {message("SHA-256="+sum(""), body), modi.IntegrityDigestMismatch, "corpo vuoto"},
		"digest without final break":  {message(right, body+"\n"), modi.IntegrityDigestMismatch, "a capo"},
		"digest before compression":   {strings.Replace(message(right, gz), "Digest:", "Content-Encoding: gzip\r\nDigest:", 1), modi.IntegrityDigestMismatch, "compressione"},
		"audience with a final slash": {message(right, body, "aud", aud+"/"), modi.IntegrityAudienceMismatch, "barra finale"},
		"audience in another case":    {message(right, body, "aud", strings.ToUpper(aud)), modi.IntegrityAudienceMismatch, "maiuscole"},
		"audience with -PDND":         {message(right, body, "aud", strings.Replace(aud, "stato-istanza", "stato-istanza-PDND", 1)), modi.IntegrityAudienceMismatch, "-PDND"},
		"audience without version":    {message(right, body, "aud", strings.TrimSuffix(aud, "/v1")), modi.IntegrityAudienceMismatch, "versione"},
		"audience without scheme":     {message(right, body, "aud", strings.TrimPrefix(aud, "https://")), modi.IntegrityAudienceMismatch, "schema"},
		"clock ahead":                 {message(right, body, "iat", now().Unix()+90, "exp", now().Unix()+300), modi.IntegrityIssuedInFuture, "orologio"},
		"local time as UTC":           {message(right, body, "iat", now().Unix()+3600, "exp", now().Unix()+3900), modi.IntegrityIssuedInFuture, "ora locale"},
		"nbf in the future":           {message(right, body, "nbf", now().Unix()+60), modi.IntegrityNotYetValid, "orologio"},
		"iat in milliseconds":         {message(right, body, "iat", now().UnixMilli()), modi.IntegrityIATMalformed, "millisecondi"},
		"iat in quotes":               {message(right, body, "iat", "1772442000"), modi.IntegrityIATMalformed, "virgolette"},
		"signed_headers as an object": {message(right, body, "signed_headers", map[string]string{"digest": right}), modi.IntegritySignedHeadersMalformed, "lista"},
		"charset added on the way":    {strings.Replace(message(right, body), "application/json\r\n", "application/json; charset=utf-8\r\n", 1), modi.IntegritySignedHeaderMismatch, "charset"},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, c.text)
			verdict := verify(t, m, verification(keysOf(t, clientID, newRSA(t).Public()), modi.PatternIntegrityREST02))
			i := slices.IndexFunc(verdict.Violations, func(v modi.Violation) bool { return v.Rule == c.rule })
			if i < 0 || !contains(byhand.Advice(verdict.Violations[i]), c.it) {
				t.Errorf("verify says %+v", verdict.Violations)
			}
			near := inspect(t, c.text, aud)
			if !slices.ContainsFunc(near, func(n byhand.Near) bool { return contains(n.Hint, c.it) && n.Rule == c.rule }) {
				t.Errorf("inspect says %+v", near)
			}
		})
	}
}

// inspect gathers everything that Inspect finds near.
func inspect(t testing.TB, text, audience string) []byhand.Near {
	t.Helper()
	report, err := byhand.Inspect([]byte(text), byhand.Inspection{Now: now(), Audience: audience})
	if err != nil {
		t.Fatal(err)
	}
	near := slices.Clone(report.Near)
	for _, token := range report.Tokens {
		near = append(near, token.Near...)
	}
	return near
}

func TestNearMissesOfEvidence(t *testing.T) {
	evidence := func(changes ...any) string { return forge(t, joseHeader(t), with(auditClaims(), changes...)) }
	good := evidence()
	payload := strings.Split(good, ".")[1]
	hexOf := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	call := func(evidence, digest string) string {
		return requestHead + "Authorization: Bearer " + voucher(t, "digest", map[string]string{"alg": "SHA256", "value": digest}) +
			"\r\nAgid-JWT-TrackingEvidence: " + evidence + "\r\n\r\n"
	}
	decoded, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		rule modi.RuleID // empty: verify accepts it
		it   string
	}{
		"digest of the payload":        {call(good, hexOf(string(decoded))), modi.AuditDigestMismatch, "solo contenuto"},
		"digest of header and payload": {call(good, hexOf(good[:strings.LastIndexByte(good, '.')])), modi.AuditDigestMismatch, "senza la firma"},
		"digest of another evidence":   {call(good, hexOf("x")), modi.AuditDigestMismatch, ""},
		"userId for userID":            {call(evidence("userID", nil, "userId", "u"), hexOf("x")), modi.AuditUserIDMissing, "userID"},
		"user_location":                {call(evidence("userLocation", nil, "user_location", "l"), hexOf("x")), modi.AuditUserLocationMissing, "userLocation"},
		"loa for LoA":                  {call(evidence("loa", "LoA3"), hexOf(evidence("loa", "LoA3"))), "", "LoA"},
	} {
		t.Run(name, func(t *testing.T) {
			near := inspect(t, c.text, aud)
			if !slices.ContainsFunc(near, func(n byhand.Near) bool { return contains(n.Hint, c.it) }) {
				t.Errorf("inspect says %+v", near)
			}
			verdict := verify(t, parse(t, c.text), verification(keysOf(t, clientID, newRSA(t).Public()), modi.PatternAuditREST02))
			if c.rule == "" {
				if !verdict.Accepted {
					t.Errorf("verify says %+v", verdict.Violations)
				}
				return
			}
			i := slices.IndexFunc(verdict.Violations, func(v modi.Violation) bool { return v.Rule == c.rule })
			if i < 0 || !contains(byhand.Advice(verdict.Violations[i]), c.it) {
				t.Errorf("verify says %+v", verdict.Violations)
			}
		})
	}
}

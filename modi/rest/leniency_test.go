// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
)

// tolerated is one message that the guideline refuses and a leniency lets in.
type tolerated struct {
	claims  map[string]any
	header  http.Header
	content string
	rules   []modi.RuleID // what it breaks
}

func toleratedMessages(t testing.TB) map[modi.Leniency]tolerated {
	t.Helper()
	// A body whose digest differs in the two alphabets of base64.
	content := body
	for !strings.ContainsAny(digest256(content)[len("SHA-256="):], "+/") {
		content += " "
	}
	sum, err := modi.Bytes(content).Digest(crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	now := moditest.Now().Unix()
	digest := func(value string) tolerated {
		claims := moditest.With(goodIntegrity(), "signed_headers", list("digest", value, "content-type", typeJSON))
		return tolerated{claims, headers("Content-Type", typeJSON, "Digest", value), content, []modi.RuleID{modi.IntegrityDigestMalformed}}
	}
	plain := headers("Content-Type", typeJSON, "Digest", digest256(body))
	return map[modi.Leniency]tolerated{
		modi.LenientDigestCase:      digest(strings.ToLower("SHA-256=") + base64.StdEncoding.EncodeToString(sum)),
		modi.LenientDigestHex:       digest("SHA-256=" + hex.EncodeToString(sum)),
		modi.LenientDigestBase64URL: digest("SHA-256=" + base64.URLEncoding.EncodeToString(sum)),
		modi.LenientDigestUnpadded:  digest("SHA-256=" + base64.RawStdEncoding.EncodeToString(sum)),
		modi.LenientDigestList:      digest(digest256(content) + ", " + digest512(content)),
		modi.LenientDigestOnEmpty: {
			moditest.With(goodIntegrity(), "signed_headers", list("digest", digest256(""))),
			headers("Digest", digest256("")), "",
			[]modi.RuleID{modi.IntegrityDigestOnEmptyBody},
		},
		modi.LenientContentType: {
			moditest.With(goodIntegrity(), "signed_headers", list("digest", digest256(body))), plain, body,
			[]modi.RuleID{modi.IntegrityContentTypeNotSigned},
		},
		modi.LenientContentEncoding: {
			goodIntegrity(), headers("Content-Type", typeJSON, "Digest", digest256(body), "Content-Encoding", "gzip"), body,
			[]modi.RuleID{modi.IntegrityContentEncodingNotSigned},
		},
		modi.LenientTwoMembers: {
			moditest.With(goodIntegrity(), "signed_headers", []map[string]string{{"digest": digest256(body), "content-type": typeJSON}}),
			plain, body,
			[]modi.RuleID{modi.IntegritySignedHeadersMalformed},
		},
		modi.LenientAudienceJSON: {
			moditest.With(goodIntegrity(), "aud", `["x","`+moditest.Audience+`"]`), plain, body, []modi.RuleID{modi.IntegrityAudienceMismatch},
		},
		modi.LenientNumericStrings: {
			moditest.With(goodIntegrity(), "iat", fmt.Sprint(now), "nbf", fmt.Sprint(now), "exp", fmt.Sprint(now+60)), plain, body,
			[]modi.RuleID{modi.IntegrityIATMalformed, modi.IntegrityNBFMalformed, modi.IntegrityExpMalformed},
		},
		modi.LenientLongJTI: {
			moditest.With(goodIntegrity(), "jti", strings.Repeat("j", 256)), plain, body, []modi.RuleID{modi.IntegrityJTIMalformed},
		},
	}
}

// Each leniency lets in what it names and nothing of the others.
func TestEachLeniencyLetsInOneThing(t *testing.T) {
	messages := toleratedMessages(t)
	for name, c := range messages {
		t.Run(string(name), func(t *testing.T) {
			v := integrityVerifier(t)
			m := message(t, c.claims, c.content, c.header)
			_, err := v.Verify(t.Context(), m)
			moditest.WantRules(t, err, c.rules...)
			v.Lenient = modi.Lenient{name}
			_, err = v.Verify(t.Context(), m)
			moditest.WantRules(t, err)
			for other := range messages {
				if other == name {
					continue
				}
				v.Lenient = modi.Lenient{other}
				_, err = v.Verify(t.Context(), m)
				moditest.WantRules(t, err, c.rules...)
			}
		})
	}
}

// Whatever is tolerated, the bytes are still those that were signed.
func TestLeniencyNeverAcceptsOtherBytes(t *testing.T) {
	all := make(modi.Lenient, 0, len(modi.Leniencies()))
	for _, l := range modi.Leniencies() {
		all = append(all, l.Name)
	}
	v := integrityVerifier(t)
	v.Lenient = all
	for name, c := range toleratedMessages(t) {
		t.Run(string(name), func(t *testing.T) {
			m := message(t, c.claims, c.content+" ", c.header)
			_, err := v.Verify(t.Context(), m)
			moditest.WantRules(t, err, modi.IntegrityDigestMismatch)
		})
	}
	for name, c := range map[string]struct {
		digest string
		rule   modi.RuleID
	}{
		"one of two wrong":   {digest256(body) + "," + digest512("x"), modi.IntegrityDigestMismatch},
		"one of two unknown": {digest256(body) + ",MD5=AAAA", modi.IntegrityDigestMalformed},
		"weak":               {"sha=AAAA", modi.IntegrityDigestMalformed},
		"nothing":            {"", modi.IntegrityDigestMalformed},
		"comma alone":        {digest256(body) + ",", modi.IntegrityDigestMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			claims := moditest.With(goodIntegrity(), "signed_headers", list("digest", c.digest, "content-type", typeJSON))
			_, err := v.Verify(t.Context(), message(t, claims, body, headers("Content-Type", typeJSON, "Digest", c.digest)))
			moditest.WantRules(t, err, c.rule)
		})
	}
}

func TestLenienciesOnADigestWithoutToken(t *testing.T) {
	v := integrityVerifier(t)
	m := rest.Message{Header: headers("Digest", digest256("x"))}
	_, err := v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.IntegrityDigestOnEmptyBody)
	v.Lenient = modi.Lenient{modi.LenientDigestOnEmpty}
	_, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.IntegrityDigestMismatch)
	m.Header.Set("Digest", digest256(""))
	_, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err)
}

// Both tolerances of base64 together admit what either alone refuses.
func TestUnpaddedBase64URL(t *testing.T) {
	sum, err := modi.Bytes(body).Digest(crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	value := "SHA-256=" + base64.RawURLEncoding.EncodeToString(sum)
	claims := moditest.With(goodIntegrity(), "signed_headers", list("digest", value, "content-type", typeJSON))
	m := message(t, claims, body, headers("Content-Type", typeJSON, "Digest", value))
	v := integrityVerifier(t)
	v.Lenient = modi.Lenient{modi.LenientDigestBase64URL, modi.LenientDigestUnpadded}
	_, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err)
}

func TestTypAndX5CLeniencies(t *testing.T) {
	der := base64.StdEncoding.EncodeToString(signer(t).Chain[0].Raw)
	for name, c := range map[modi.Leniency]struct {
		header string
		rule   modi.RuleID
	}{
		modi.LenientTypeAny:     {`{"alg":"RS256","x5c":["` + der + `"]}`, modi.IDAuthTypeMismatch},
		modi.LenientX5CNewlines: {`{"alg":"RS256","typ":"JWT","x5c":["` + der[:64] + `\n` + der[64:] + `"]}`, modi.IDAuthCertificateMalformed},
	} {
		compact := moditest.Forge(t, c.header, moditest.JSON(t, goodIDAuth()), moditest.RSA(t, 0))
		h := headers("Authorization", "Bearer "+compact)
		v := idAuthVerifier(t)
		_, err := v.Verify(t.Context(), h)
		moditest.WantRules(t, err, c.rule)
		v.Lenient = modi.Lenient{name}
		_, err = v.Verify(t.Context(), h)
		moditest.WantRules(t, err)
	}
}

func TestDnonceLeniency(t *testing.T) {
	for name, c := range map[string]struct {
		dnonce any
		rule   modi.RuleID
	}{
		"missing": {nil, modi.AuditDnonceMissing},
		"short":   {"12", modi.AuditDnonceMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			compact := forge(t, moditest.With(goodAudit(), "dnonce", c.dnonce), moditest.RSA(t, 0))
			v := auditVerifier(t, digestOf(compact))
			_, err := v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, compact))
			moditest.WantRules(t, err, c.rule)
			v.Lenient = modi.Lenient{modi.LenientDnonce}
			_, err = v.Verify(t.Context(), headers(rest.HeaderTrackingEvidence, compact))
			moditest.WantRules(t, err)
		})
	}
}

// The same Digest headers through every tolerance at once: nothing is accepted whose sum
// is not one of the body's.
func FuzzLenientDigest(f *testing.F) {
	f.Add(digest256(body))
	f.Add("sha-256=" + strings.Repeat("a", 64))
	f.Add(digest256(body) + "," + digest512(body))
	all := make(modi.Lenient, 0, len(modi.Leniencies()))
	for _, l := range modi.Leniencies() {
		all = append(all, l.Name)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsAny(value, "\r\n\x00") || strings.TrimSpace(value) != value {
			return
		}
		strict, lenient := integrityVerifier(t), integrityVerifier(t)
		lenient.Lenient = all
		m := rest.Message{Header: headers("Content-Type", typeJSON, "Digest", value), Body: modi.Bytes(body)}
		claims := moditest.With(goodIntegrity(), "signed_headers", list("digest", value, "content-type", typeJSON))
		m.Header.Set(rest.HeaderSignature, forge(t, claims, moditest.RSA(t, 0)))
		_, errStrict := strict.Verify(t.Context(), m)
		_, errLenient := lenient.Verify(t.Context(), m)
		if errStrict == nil && value != digest256(body) && value != digest384(body) && value != digest512(body) {
			t.Fatalf("strict accepts %q", value)
		}
		if errStrict == nil && errLenient != nil {
			t.Fatalf("tolerance refuses what the guideline accepts: %v", errLenient)
		}
		if errLenient == nil && !strings.Contains(strings.ToUpper(value), "SHA-") {
			t.Fatalf("%q was accepted", value)
		}
	})
}

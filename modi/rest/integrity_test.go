// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

func TestIntegrityRequestRoundTrip(t *testing.T) {
	m := rest.Message{
		Header: headers("Content-Type", "application/json", "X-Correlation-ID", "c-1", "X-Correlation-ID", "c-2", "Digest", "SHA-256=stale", rest.HeaderSignature, "stale"),
		Body:   modi.Bytes(body),
	}
	in := rest.IntegrityInput{Issuer: moditest.ClientID, Audience: moditest.Audience, SignedHeaders: []string{"X-Correlation-ID", "Content-Type"}}
	made, err := rest.SignIntegrity(&m, in, stamp(), clientKey(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Header.Values("Digest"); !cmp.Equal(got, []string{digest256(body)}) {
		t.Errorf("Digest %q", got)
	}
	proof, err := integrityVerifier(t).Verify(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	iat := moditest.Now().Add(-5 * time.Second)
	want := rest.Proof{
		Pattern: modi.PatternIntegrityREST02, JTI: made.JTI, KID: clientKey(t).KID, Owner: moditest.ClientID, Issuer: moditest.ClientID,
		Subject: moditest.ClientID, Audience: moditest.Audience, Algorithm: token.RS256, IssuedAt: iat, ExpiresAt: iat.Add(300 * time.Second), Compact: m.Header.Get(rest.HeaderSignature), BodyDigest: digest256(body),
	}
	if diff := cmp.Diff(want, proof); diff != "" {
		t.Error(diff)
	}
	made.Owner = moditest.ClientID
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
}

func TestIntegrityReplyRoundTrip(t *testing.T) {
	key := moditest.RSA(t, 1)
	signing := token.SigningKey{KID: moditest.Thumbprint(t, key.Public()), Algorithm: token.RS256, Signer: key}
	m := rest.Message{Header: headers("Content-Type", "application/problem+json", "Content-Encoding", "gzip"), Body: modi.Bytes("\x1f\x8b")}
	_, err := rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: moditest.ProducerID, Audience: moditest.ClientID}, stamp(), signing)
	if err != nil {
		t.Fatal(err)
	}
	v := rest.IntegrityVerifier{
		Audience: moditest.ClientID, Owner: moditest.KeychainID,
		Keys: moditest.Only(signing.KID, moditest.KeychainID, key.Public()), Clock: moditest.Clock, Times: modi.PartyTimes(),
	}
	proof, err := v.Verify(t.Context(), m)
	if err != nil || proof.Owner != moditest.KeychainID || proof.Issuer != moditest.ProducerID {
		t.Errorf("proof %+v, %v", proof, err)
	}
	v.Audience = moditest.ConsumerID
	_, err = v.Verify(t.Context(), m)
	moditest.WantRules(t, err, modi.IntegrityAudienceMismatch)
}

func TestIntegrityAccepts(t *testing.T) {
	now := moditest.Now().Unix()
	json := headers("Content-Type", "application/json", "Digest", digest256(body))
	for name, c := range map[string]struct {
		claims map[string]any
		h      http.Header
	}{
		"as documented":                  {goodIntegrity(), json},
		"without iss, sub and nbf":       {moditest.With(goodIntegrity(), "iss", nil, "sub", nil, "nbf", nil), json},
		"iss another name of the sender": {moditest.With(goodIntegrity(), "iss", "Comune di Prova"), json},
		"SHA-512":                        {moditest.With(goodIntegrity(), "signed_headers", list("digest", digest512(body), "content-type", "application/json")), headers("Content-Type", "application/json", "Digest", digest512(body))},
		"SHA-384":                        {moditest.With(goodIntegrity(), "signed_headers", list("digest", digest384(body), "content-type", "application/json")), headers("Content-Type", "application/json", "Digest", digest384(body))},
		"audience in a list":             {moditest.With(goodIntegrity(), "aud", []string{"x", moditest.Audience}), json},
		"nbf 2 s ahead":                  {moditest.With(goodIntegrity(), "nbf", now+2), json},
		"iat 5 s ahead":                  {moditest.With(goodIntegrity(), "iat", now+5), json},
		"iat 300 s old":                  {moditest.With(goodIntegrity(), "iat", now-300), json},
		"life of one hour":               {moditest.With(goodIntegrity(), "iat", now, "exp", now+3600), json},
		"last second":                    {moditest.With(goodIntegrity(), "exp", now+1), json},
		"fractional iat and exp":         {moditest.With(goodIntegrity(), "iat", float64(now)-0.5, "exp", float64(now)+60.5), json},
		"Content-Type spaced otherwise": {
			moditest.With(goodIntegrity(), "signed_headers", list("digest", digest256(body), "content-type", "application/json;charset=UTF-8")),
			headers("Content-Type", `Application/JSON; charset="utf-8"`, "Digest", digest256(body)),
		},
		"several values in order": {
			moditest.With(goodIntegrity(), "signed_headers", list("x-a", "1", "digest", digest256(body), "x-a", "2", "content-type", "application/json")),
			headers("Content-Type", "application/json", "Digest", digest256(body), "X-A", "1", "X-A", "2", "X-Unsigned", "y"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := integrityVerifier(t).Verify(t.Context(), message(t, c.claims, body, c.h))
			moditest.WantRules(t, err)
		})
	}
}

func TestIntegrityRejectsClaims(t *testing.T) {
	now := moditest.Now().Unix()
	h := headers("Content-Type", "application/json", "Digest", digest256(body))
	for name, c := range map[string]struct {
		changes []any
		rules   []modi.RuleID
	}{
		"no aud":                        {[]any{"aud", nil}, []modi.RuleID{modi.IntegrityAudienceMissing}},
		"aud with a final slash":        {[]any{"aud", moditest.Audience + "/"}, []modi.RuleID{modi.IntegrityAudienceMismatch}},
		"aud in another case":           {[]any{"aud", strings.ToUpper(moditest.Audience)}, []modi.RuleID{modi.IntegrityAudienceMismatch}},
		"aud without the version":       {[]any{"aud", strings.TrimSuffix(moditest.Audience, "/v1")}, []modi.RuleID{modi.IntegrityAudienceMismatch}},
		"aud joined by commas":          {[]any{"aud", "https://x.example," + moditest.Audience}, []modi.RuleID{modi.IntegrityAudienceMismatch}},
		"aud a list in a string":        {[]any{"aud", `["` + moditest.Audience + `"]`}, []modi.RuleID{modi.IntegrityAudienceMismatch}},
		"aud a list without ours":       {[]any{"aud", []string{"a", "b", "c", "d"}}, []modi.RuleID{modi.IntegrityAudienceMismatch}},
		"aud an empty list":             {[]any{"aud", []string{}}, []modi.RuleID{modi.IntegrityAudienceMalformed}},
		"aud with a number":             {[]any{"aud", []any{moditest.Audience, 1}}, []modi.RuleID{modi.IntegrityAudienceMalformed}},
		"no jti":                        {[]any{"jti", nil}, []modi.RuleID{modi.IntegrityJTIMissing}},
		"empty jti":                     {[]any{"jti", ""}, []modi.RuleID{modi.IntegrityJTIMalformed}},
		"jti a number":                  {[]any{"jti", 17}, []modi.RuleID{modi.IntegrityJTIMalformed}},
		"jti of 256 characters":         {[]any{"jti", strings.Repeat("j", 256)}, []modi.RuleID{modi.IntegrityJTIMalformed}},
		"jti of 10000 characters":       {[]any{"jti", strings.Repeat("j", 10000)}, []modi.RuleID{modi.IntegrityJTIMalformed}},
		"no iat and no exp":             {[]any{"iat", nil, "exp", nil}, []modi.RuleID{modi.IntegrityIATMissing, modi.IntegrityExpMissing}},
		"iat a string":                  {[]any{"iat", "1772441995"}, []modi.RuleID{modi.IntegrityIATMalformed}},
		"iat a date":                    {[]any{"iat", "2026-03-02T09:00:00Z"}, []modi.RuleID{modi.IntegrityIATMalformed}},
		"iat in milliseconds":           {[]any{"iat", now * 1000}, []modi.RuleID{modi.IntegrityIATMalformed}},
		"iat 6 s ahead":                 {[]any{"iat", now + 6}, []modi.RuleID{modi.IntegrityIssuedInFuture}},
		"iat 301 s old":                 {[]any{"iat", now - 301}, []modi.RuleID{modi.IntegrityTooOld}},
		"nbf 8 s ahead":                 {[]any{"nbf", now + 8}, []modi.RuleID{modi.IntegrityNotYetValid}},
		"nbf a string":                  {[]any{"nbf", "0"}, []modi.RuleID{modi.IntegrityNBFMalformed}},
		"expired now":                   {[]any{"exp", now}, []modi.RuleID{modi.IntegrityExpired}},
		"exp with a past fraction":      {[]any{"exp", float64(now) + 0.5}, []modi.RuleID{modi.IntegrityExpired}},
		"life of an hour and a second":  {[]any{"iat", now, "exp", now + 3601}, []modi.RuleID{modi.IntegrityLifetimeTooLong}},
		"exp in the far future":         {[]any{"exp", 253402300799}, []modi.RuleID{modi.IntegrityLifetimeTooLong}},
		"exp huge":                      {[]any{"exp", 1e300}, []modi.RuleID{modi.IntegrityExpMalformed}},
		"exp negative":                  {[]any{"exp", -1}, []modi.RuleID{modi.IntegrityExpMalformed}},
		"exp before iat, both past":     {[]any{"iat", now - 10, "exp", now - 20}, []modi.RuleID{modi.IntegrityExpired, modi.IntegrityExpBeforeIAT}},
		"exp equals iat, both ahead":    {[]any{"iat", now + 3, "exp", now + 3}, []modi.RuleID{modi.IntegrityExpBeforeIAT}},
		"everything at once told whole": {[]any{"aud", "x", "jti", "", "exp", 1, "signed_headers", nil}, []modi.RuleID{modi.IntegrityAudienceMismatch, modi.IntegrityJTIMalformed, modi.IntegrityExpired, modi.IntegrityExpBeforeIAT, modi.IntegritySignedHeadersMissing}},
	} {
		t.Run(name, func(t *testing.T) {
			proof, err := integrityVerifier(t).Verify(t.Context(), message(t, moditest.With(goodIntegrity(), c.changes...), body, h))
			moditest.WantRules(t, err, c.rules...)
			if proof != (rest.Proof{}) {
				t.Error("a refused message gave a proof")
			}
		})
	}
}

func TestIntegrityTokenHeader(t *testing.T) {
	good := forge(t, goodIntegrity(), moditest.RSA(t, 0))
	h := headers("Content-Type", "application/json", "Digest", digest256(body))
	add := func(values ...string) http.Header {
		out := h.Clone()
		for _, v := range values {
			out.Add(rest.HeaderSignature, v)
		}
		return out
	}
	for name, c := range map[string]struct {
		header http.Header
		rule   modi.RuleID
	}{
		"absent":               {add(), modi.IntegrityTokenMissing},
		"twice":                {add(good, good), modi.IntegrityTokenRepeated},
		"joined by a comma":    {add(good + "," + good), modi.IntegrityMalformed},
		"empty":                {add(""), modi.IntegrityMalformed},
		"spaces":               {add("   "), modi.IntegrityMalformed},
		"with a scheme":        {add("Bearer " + good), modi.IntegrityMalformed},
		"signed by a stranger": {add(forge(t, goodIntegrity(), moditest.RSA(t, 1))), modi.IntegritySignatureInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := integrityVerifier(t).Verify(t.Context(), rest.Message{Header: c.header, Body: modi.Bytes(body)})
			moditest.WantRules(t, err, c.rule)
		})
	}
}

// A genuine key of another client: its owner has no part in this voucher.
func TestRejectsKeyOfAnotherClient(t *testing.T) {
	m := message(t, goodIntegrity(), body, headers("Content-Type", "application/json", "Digest", digest256(body)))
	for _, owner := range []string{moditest.ConsumerID, ""} {
		v := integrityVerifier(t)
		v.Keys = moditest.Only(clientKey(t).KID, owner, clientKey(t).Signer.Public())
		_, err := v.Verify(t.Context(), m)
		moditest.WantRules(t, err, modi.IntegrityOwnerMismatch)
	}
	v := integrityVerifier(t)
	v.Owner = ""
	proof, err := v.Verify(t.Context(), m)
	if err != nil || proof.Owner != moditest.ClientID {
		t.Errorf("without a required owner: %+v, %v", proof, err)
	}
}

func TestIntegrityIsUndecidedWithoutKeysOrBody(t *testing.T) {
	h := headers("Content-Type", "application/json", "Digest", digest256(body))
	down := integrityVerifier(t)
	down.Keys = moditest.Keys{Down: errors.New("timeout")}
	unset := integrityVerifier(t)
	unset.Audience = ""
	spool := message(t, goodIntegrity(), body, h)
	spool.Body = brokenBody{}
	for name, c := range map[string]struct {
		v rest.IntegrityVerifier
		m rest.Message
	}{
		"registry down":   {down, message(t, goodIntegrity(), body, h)},
		"no audience":     {unset, message(t, goodIntegrity(), body, h)},
		"body unreadable": {integrityVerifier(t), spool},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.v.Verify(t.Context(), c.m)
			var refusal *modi.Refusal
			if !errors.Is(err, modi.ErrUndecided) || errors.As(err, &refusal) {
				t.Errorf("error %v, want undecided", err)
			}
		})
	}
}

type brokenBody struct{}

func (brokenBody) Len() int64                         { return 10 }
func (brokenBody) Digest(crypto.Hash) ([]byte, error) { return nil, io.ErrUnexpectedEOF }
func (brokenBody) Open() (io.ReadCloser, error)       { return nil, io.ErrUnexpectedEOF }

// TestWhatIsWrongIsToldThoughTheBodyCannotBeRead: a body that cannot be read hides no fault that was found without it.
func TestWhatIsWrongIsToldThoughTheBodyCannotBeRead(t *testing.T) {
	claims := goodIntegrity()
	claims["exp"], claims["aud"] = moditest.Now().Add(-time.Hour).Unix(), "https://altrove.example"
	m := message(t, claims, body, headers("Digest", digest256(body), "Content-Type", "application/json"))
	m.Body = brokenBody{}
	_, err := integrityVerifier(t).Verify(t.Context(), m)
	var refusal *modi.Refusal
	if !errors.As(err, &refusal) || errors.Is(err, modi.ErrUndecided) {
		t.Errorf("%v", err)
	}
}

// TestHeadIsJudgedBeforeTheBodyIsHere: all but the digest of the body, of which the proof then says nothing.
func TestHeadIsJudgedBeforeTheBodyIsHere(t *testing.T) {
	head := func(change func(claims map[string]any, h http.Header)) (rest.Proof, error) {
		claims := goodIntegrity()
		m := message(t, claims, body, headers("Digest", digest256(body), "Content-Type", "application/json"))
		if change != nil {
			change(claims, m.Header)
			m.Header.Set("Agid-JWT-Signature", forge(t, claims, clientKey(t).Signer))
		}
		m.Body, m.HeadOnly = nil, true
		return integrityVerifier(t).Verify(t.Context(), m)
	}
	proof, err := head(nil)
	if err != nil || proof.JTI != "1b5e" || proof.BodyDigest != "" {
		t.Errorf("%+v, %v", proof, err)
	}
	for name, change := range map[string]func(claims map[string]any, h http.Header){
		"expired":          func(claims map[string]any, _ http.Header) { claims["exp"] = moditest.Now().Add(-time.Hour).Unix() },
		"another audience": func(claims map[string]any, _ http.Header) { claims["aud"] = "https://altrove.example" },
		"another type":     func(_ map[string]any, h http.Header) { h.Set("Content-Type", "text/plain") },
		"another digest":   func(_ map[string]any, h http.Header) { h.Set("Digest", digest256("x")) },
		"no digest":        func(_ map[string]any, h http.Header) { h.Del("Digest") },
		"not a digest":     func(_ map[string]any, h http.Header) { h.Set("Digest", "SHA-256=x") },
	} {
		var refusal *modi.Refusal
		if _, err := head(change); !errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := message(t, goodIntegrity(), body, headers("Digest", digest256(body), "Content-Type", "application/json"))
	m.Header.Del("Agid-JWT-Signature")
	m.Body, m.HeadOnly = nil, true
	if _, err := integrityVerifier(t).Verify(t.Context(), m); err == nil {
		t.Error("a body that follows was taken for none: nothing is signed")
	}
}

func TestSignIntegrityFails(t *testing.T) {
	in := rest.IntegrityInput{Issuer: moditest.ClientID, Audience: moditest.Audience}
	for name, c := range map[string]struct {
		m     rest.Message
		in    rest.IntegrityInput
		stamp rest.Stamp
		key   token.SigningKey
	}{
		"nothing to sign":        {rest.Message{}, in, stamp(), clientKey(t)},
		"no issuer":              {rest.Message{Body: modi.Bytes(body)}, rest.IntegrityInput{Audience: "x"}, stamp(), clientKey(t)},
		"no audience":            {rest.Message{Body: modi.Bytes(body)}, rest.IntegrityInput{Issuer: "x"}, stamp(), clientKey(t)},
		"signed header absent":   {rest.Message{Body: modi.Bytes(body)}, rest.IntegrityInput{Issuer: "x", Audience: "y", SignedHeaders: []string{"X-A"}}, stamp(), clientKey(t)},
		"header signing itself":  {rest.Message{Body: modi.Bytes(body)}, rest.IntegrityInput{Issuer: "x", Audience: "y", SignedHeaders: []string{rest.HeaderSignature}}, stamp(), clientKey(t)},
		"not a header name":      {rest.Message{Body: modi.Bytes(body)}, rest.IntegrityInput{Issuer: "x", Audience: "y", SignedHeaders: []string{"a b"}}, stamp(), clientKey(t)},
		"not UTF-8":              {rest.Message{Header: headers("Content-Type", "text/plain; name=\xfb"), Body: modi.Bytes(body)}, in, stamp(), clientKey(t)},
		"extra not UTF-8":        {rest.Message{Header: headers("X-A", "buono", "X-A", "\xff"), Body: modi.Bytes(body)}, rest.IntegrityInput{Issuer: "x", Audience: "y", SignedHeaders: []string{"X-A"}}, stamp(), clientKey(t)},
		"no lifetime":            {rest.Message{Body: modi.Bytes(body)}, in, rest.Stamp{Now: moditest.Now(), Rand: stamp().Rand}, clientKey(t)},
		"over before it begins":  {rest.Message{Body: modi.Bytes(body)}, in, rest.Stamp{Now: moditest.Now(), Rand: stamp().Rand, Lifetime: time.Minute, BackDate: time.Minute}, clientKey(t)},
		"ahead of its time":      {rest.Message{Body: modi.Bytes(body)}, in, rest.Stamp{Now: moditest.Now(), Rand: stamp().Rand, Lifetime: time.Minute, BackDate: -time.Second}, clientKey(t)},
		"signed before":          {rest.Message{Header: headers("Digest", "old", "Content-Type", " text/plain\xff ", "Agid-JWT-Signature", "old"), Body: modi.Bytes(body)}, in, stamp(), clientKey(t)},
		"value to be trimmed":    {rest.Message{Header: headers("Content-Type", " text/plain "), Body: modi.Bytes(body)}, in, rest.Stamp{}, clientKey(t)},
		"no randomness":          {rest.Message{Body: modi.Bytes(body)}, in, rest.Stamp{Now: moditest.Now(), Lifetime: time.Minute}, clientKey(t)},
		"randomness exhausted":   {rest.Message{Body: modi.Bytes(body)}, in, rest.Stamp{Now: moditest.Now(), Lifetime: time.Minute, Rand: bytes.NewReader(nil)}, clientKey(t)},
		"key of another type":    {rest.Message{Body: modi.Bytes(body)}, in, stamp(), token.SigningKey{KID: clientKey(t).KID, Algorithm: token.RS256, Signer: moditest.EC(t, elliptic.P256())}},
		"body that is not there": {rest.Message{Body: brokenBody{}}, in, stamp(), clientKey(t)},
	} {
		t.Run(name, func(t *testing.T) {
			before := c.m.Header.Clone()
			_, err := rest.SignIntegrity(&c.m, c.in, c.stamp, c.key)
			if err == nil {
				t.Error("signed")
			}
			if diff := cmp.Diff(before, c.m.Header); diff != "" {
				t.Errorf("the message was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestIntegrityVerifierIsSafeForConcurrentUse(t *testing.T) {
	v := integrityVerifier(t)
	h := headers("Content-Type", "application/json", "Digest", digest256(body))
	good, bad := message(t, goodIntegrity(), body, h), message(t, goodIntegrity(), body+" ", h)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			_, err := v.Verify(t.Context(), []rest.Message{good, bad}[i%2])
			if (err == nil) != (i%2 == 0) {
				t.Errorf("verification %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

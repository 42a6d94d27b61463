// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"crypto/rsa"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/internal/producer"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

const profile400 = "InteroperabilityInvalidRequest"

// header returns a hook that changes a header; an empty value removes it.
func header(name, value string) fruitore.Hooks {
	return fruitore.Hooks{Request: func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
			return
		}
		r.Header.Set(name, value)
	}}
}

type edit = func(header, claims map[string]any)

func claim(name string, value any) edit {
	return func(_, claims map[string]any) {
		if value == nil {
			delete(claims, name)
			return
		}
		claims[name] = value
	}
}

func member(name string, value any) edit {
	return func(header, _ map[string]any) { header[name] = value }
}

func TestIntegrityRules(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	now := w.now().Unix()
	cases := map[string]struct {
		edit   edit
		status int
		name   string
	}{
		"alg none":               {member("alg", "none"), 400, "alg-not-allowed"},
		"typ":                    {member("typ", "at+jwt"), 400, "typ-invalid"},
		"unknown kid":            {member("kid", strings.Repeat("A", 43)), 400, "kid-unknown"},
		"crit":                   {member("crit", []string{"x"}), 400, "header-member"},
		"another client's kid":   {member("kid", w.otherKid), 400, "signature-invalid"},
		"aud":                    {claim("aud", audience030), 400, "aud-mismatch"},
		"aud with the operation": {claim("aud", audience020+"/anpr-service-e002"), 400, "aud-mismatch"},
		"no jti":                 {claim("jti", nil), 400, "jti-invalid"},
		"iss":                    {claim("iss", comune), 400, "iss-mismatch"},
		"old":                    {claim("iat", now-301), 400, "iat-old"},
		"seconds in the future":  {claim("iat", now+6), 400, "iat-future"},
		"expired":                {claim("exp", now), 400, "expired"},
		"nbf in the future":      {claim("nbf", now+6), 400, "nbf-future"},
		"no signed headers":      {claim("signed_headers", nil), 400, "signed-headers-missing"},
		"signed headers object":  {claim("signed_headers", map[string]any{"digest": "x"}), 400, "signed-headers-format"},
		"digest unsigned":        {claim("signed_headers", []any{map[string]any{"content-type": "application/json"}}), 400, "digest-unsigned"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{Signature: c.edit})
			w.wantRefused(reply, c.status, profile400, c.name)
			if strings.Contains(string(reply.Body), c.name) || !strings.Contains(string(reply.Body), "Received request is not conform") {
				t.Errorf("the answer tells the reason: %s", reply.Body)
			}
		})
	}
}

func TestMessageRules(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	cases := map[string]struct {
		hooks         fruitore.Hooks
		status        int
		title, reason string
	}{
		"no voucher":        {header("Authorization", ""), 401, "TokenAuthenticationFailed", "header-absent"},
		"Basic":             {header("Authorization", "Basic eA=="), 401, "TokenAuthenticationFailed", "scheme-invalid"},
		"DPoP":              {header("Authorization", "DPoP x.y.z"), 401, "TokenAuthenticationFailed", "scheme-invalid"},
		"no token":          {header("Authorization", "Bearer x"), 401, "TokenAuthenticationFailed", "voucher-malformed"},
		"no signature":      {header("Agid-JWT-Signature", ""), 400, profile400, "header-absent"},
		"JWS in the name":   {fruitore.Hooks{Request: rename}, 400, profile400, "header-absent"},
		"no evidence":       {header("Agid-JWT-TrackingEvidence", ""), 400, profile400, "evidence-header-absent"},
		"no digest":         {header("Digest", ""), 400, profile400, "digest-missing"},
		"another digest":    {header("Digest", rules.Digest([]byte("x"))), 400, profile400, "digest-mismatch"},
		"body changed":      {fruitore.Hooks{Request: newBody}, 400, profile400, "digest-mismatch"},
		"type changed":      {header("Content-Type", "text/plain"), 400, profile400, "header-mismatch"},
		"encoding added":    {header("Content-Encoding", "UTF-8"), 400, profile400, "header-unsigned"},
		"evidence damaged":  {fruitore.Hooks{Request: damageEvidence}, 400, profile400, "evidence-token-malformed"},
		"two authorization": {fruitore.Hooks{Request: doubled}, 401, "TokenAuthenticationFailed", "header-repeated"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), c.hooks)
			w.wantRefused(reply, c.status, c.title, c.reason)
		})
	}
}

func rename(r *http.Request) {
	r.Header.Set("Agid-JWS-Signature", r.Header.Get("Agid-JWT-Signature"))
	r.Header.Del("Agid-JWT-Signature")
}

func newBody(r *http.Request) {
	const other = `{"idOperazioneClient":"1"}`
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(other)), int64(len(other))
}

func damageEvidence(r *http.Request) {
	r.Header.Set("Agid-JWT-TrackingEvidence", r.Header.Get("Agid-JWT-TrackingEvidence")+"=")
}

func doubled(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }

func TestEvidenceRules(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	now := w.now().Unix()
	cases := map[string]struct {
		edit edit
		name string
	}{
		"aud":               {claim("aud", "x"), "aud-mismatch"},
		"another purpose":   {claim("purposeId", purpose030), "purpose-mismatch"},
		"no purpose":        {claim("purposeId", nil), "purpose-mismatch"},
		"no userID":         {claim("userID", nil), "userID-missing"},
		"no userLocation":   {claim("userLocation", nil), "userLocation-missing"},
		"no LoA":            {claim("LoA", nil), "LoA-missing"},
		"no dnonce":         {claim("dnonce", nil), "dnonce-invalid"},
		"dnonce of 12":      {claim("dnonce", "123456789012"), "dnonce-invalid"},
		"no jti":            {claim("jti", nil), "jti-invalid"},
		"old":               {claim("iat", now-301), "iat-old"},
		"future":            {claim("iat", now+6), "iat-future"},
		"expired":           {claim("exp", now), "expired"},
		"another key's kid": {member("kid", w.otherKid), "signature-invalid"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{Evidence: c.edit})
			w.wantRefused(reply, 400, profile400, "evidence-"+c.name)
		})
	}
	for name, value := range map[string]any{"as text": "4821093377120", "as a number": 4821093377120} {
		reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{Evidence: claim("dnonce", value)})
		if reply.Status != http.StatusOK {
			t.Errorf("dnonce %s: %v", name, w.anpr.LastRefusal())
		}
	}
}

func TestEvidenceIsBoundToTheVoucher(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	reply := w.send("C020", body, fruitore.Hooks{Assertion: claim("digest", nil)})
	w.wantRefused(reply, 400, profile400, "evidence-voucher-digest-missing")
	other := map[string]any{"alg": "SHA256", "value": strings.Repeat("a", 64)}
	reply = w.send("C020", body, fruitore.Hooks{Assertion: claim("digest", other)})
	w.wantRefused(reply, 400, profile400, "evidence-voucher-digest-mismatch")
}

func TestVoucherOfAnotherService(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	reply := w.send("C020", body, fruitore.Hooks{Assertion: claim("purposeId", purpose030)})
	w.wantRefused(reply, 400, profile400, "voucher-aud")
}

func TestVoucherSignature(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	forge := func(r *http.Request) {
		good, err := rules.Parse(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		must(t, err)
		forged, err := rules.Sign(nil, testKeys()[2], good.Header, good.Claims)
		must(t, err)
		r.Header.Set("Authorization", "Bearer "+forged)
	}
	reply := w.send("C020", body, fruitore.Hooks{Request: forge})
	w.wantRefused(reply, 401, "TokenAuthenticationFailed", "voucher-signature")
	if !strings.Contains(reply.Header.Get("WWW-Authenticate"), "invalid_token") {
		t.Errorf("headers %v", reply.Header)
	}
}

func TestVoucherExpires(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	late := fruitore.Hooks{Request: func(*http.Request) { w.advance(601 * time.Second) }}
	reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), late)
	w.wantRefused(reply, 401, "TokenAuthenticationFailed", "voucher-expired")
}

func TestKeyOfAnotherClientIsDenied(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	profile := w.pdnd.Profile()
	other := fruitore.New(fruitore.Options{
		Clock: w.now, TokenURL: profile.TokenURL, AssertionAudience: profile.AssertionAudience,
		ClientID: comuneClient, PurposeID: purpose020, Audience: audience020, Key: testKeys()[2], Kid: w.otherKid,
	})
	// The voucher is asked by the right client, the tokens are signed by another.
	var voucher string
	var err error
	good := w.consumer("C020")
	reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{Request: func(r *http.Request) {
		voucher, err = good.Voucher(r.Context(), rules.EvidenceDigest(r.Header.Get("Agid-JWT-TrackingEvidence")), nil)
		must(t, err)
		r.Header.Set("Authorization", "Bearer "+voucher)
		forged, err := other.Assertion("", func(header, claims map[string]any) {
			signed, _ := rules.Parse(r.Header.Get("Agid-JWT-Signature"))
			for name, value := range signed.Claims {
				claims[name] = value
			}
			delete(claims, "purposeId")
		})
		must(t, err)
		r.Header.Set("Agid-JWT-Signature", forged)
	}})
	w.wantRefused(reply, 403, "AuthorizationDeny", "key-owner")
}

func TestSignatureIsUsedOnce(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	same := fruitore.Hooks{Signature: claim("jti", "the-same")}
	if reply := w.send("C020", body, same); reply.Status != http.StatusOK {
		t.Fatalf("first: %v", w.anpr.LastRefusal())
	}
	w.wantRefused(w.send("C020", body, same), 409, "Conflict", "jti-replayed")
	w.advance(306 * time.Second)
	if reply := w.send("C020", body, same); reply.Status != http.StatusOK {
		t.Errorf("after the window: %v", w.anpr.LastRefusal())
	}
}

func TestRefusedRequestDoesNotBurnItsJTI(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	hooks := fruitore.Hooks{Signature: claim("jti", "kept"), Evidence: claim("LoA", nil)}
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	w.wantRefused(w.send("C020", body, hooks), 400, profile400, "evidence-LoA-missing")
	hooks.Evidence = nil
	if reply := w.send("C020", body, hooks); reply.Status != http.StatusOK {
		t.Errorf("status %d: %v", reply.Status, w.anpr.LastRefusal())
	}
}

func TestPlatformKeysAreCachedAndRefetched(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	fetches := func() int {
		n := 0
		for _, e := range w.pdnd.Requests() {
			if e.Path == "/.well-known/jwks.json" {
				n++
			}
		}
		return n
	}
	w.ask("C020", `{"idANPR":"QX48213ZB"}`)
	w.ask("C020", `{"idANPR":"QX48213ZB"}`)
	if n := fetches(); n != 1 {
		t.Errorf("%d fetches for two calls", n)
	}
	_, err := w.pdnd.RotateKey(true)
	must(t, err)
	reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{})
	w.wantRefused(reply, 401, "TokenAuthenticationFailed", "voucher-kid") // under the floor
	w.advance(2 * time.Second)
	w.ask("C020", `{"idANPR":"QX48213ZB"}`)
	if n := fetches(); n != 2 {
		t.Errorf("%d fetches after a rotation", n)
	}
	w.advance(producer.PlatformMaxAge - time.Second)
	stopped := fruitore.Hooks{Request: func(*http.Request) {
		must(t, w.pdnd.Stop())
		w.advance(2 * time.Second) // the set is now too old, and cannot be had again
	}}
	if reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), stopped); reply.Status != http.StatusOK {
		t.Errorf("with the last good set: %v", w.anpr.LastRefusal())
	}
}

func TestUnknownIsNotNo(t *testing.T) {
	broken := func(context.Context, string) (string, *rsa.PublicKey, error) {
		return "", nil, errors.New("lookup is down")
	}
	w := newWorld(t, Options{PlainHTTP: true, Keys: broken})
	reply := w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{})
	w.wantRefused(reply, 503, "APIUnavailable", "keys-unreachable")

	w = newWorld(t, Options{PlainHTTP: true})
	stop := fruitore.Hooks{Request: func(*http.Request) { must(t, w.pdnd.Stop()) }}
	reply = w.send("C020", w.body("C020", `{"idANPR":"QX48213ZB"}`), stop)
	w.wantRefused(reply, 503, "APIUnavailable", "platform-unreachable")
}

func TestUnknownPathIs404BeforeAnyToken(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	client := w.consumer("C020")
	reply, err := client.Do(t.Context(), http.MethodPost, w.anpr.URL()+PathC020+"/another", []byte("{}"), header("Authorization", ""))
	must(t, err)
	w.wantRefused(reply, 404, "NotFound", "path-unknown")
	reply, err = client.Do(t.Context(), http.MethodGet, w.anpr.URL()+PathC020+"/status", nil, header("Authorization", ""))
	must(t, err)
	if reply.Status != http.StatusOK || reply.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("status: %d %s", reply.Status, reply.Body)
	}
}

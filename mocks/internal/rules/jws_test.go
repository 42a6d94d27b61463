// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func TestParseRejectsMalformed(t *testing.T) {
	header, payload, signature := b64(`{"alg":"RS256"}`), b64(`{"a":1}`), b64("sig")
	good := header + "." + payload + "." + signature
	if _, err := Parse(good); err != nil {
		t.Fatalf("refused a good token: %v", err)
	}
	// 'Q' and 'R' in the last place differ only in bits that do not count.
	stray := header + "." + payload + "." + "c2R"
	cases := map[string]string{
		"empty":             "",
		"two parts":         header + "." + payload,
		"four parts":        good + ".x",
		"no signature":      header + "." + payload + ".",
		"no header":         "." + payload + "." + signature,
		"no payload":        header + ".." + signature,
		"padding":           header + "." + payload + "." + base64.URLEncoding.EncodeToString([]byte("s")),
		"standard base64":   header + "." + payload + ".+/+/",
		"stray bits":        stray,
		"line break":        header + "." + payload[:2] + "\n" + payload[2:] + "." + signature,
		"space around":      " " + good,
		"header array":      b64(`["alg"]`) + "." + payload + "." + signature,
		"payload text":      header + "." + b64(`"x"`) + "." + signature,
		"payload null":      header + "." + b64(`null`) + "." + signature,
		"duplicate member":  b64(`{"alg":"RS256","alg":"none"}`) + "." + payload + "." + signature,
		"escaped duplicate": b64(`{"alg":"RS256","\u0061lg":"none"}`) + "." + payload + "." + signature,
		"duplicate nested":  header + "." + b64(`{"a":{"b":1,"b":2}}`) + "." + signature,
		"data after":        header + "." + b64(`{"a":1}{}`) + "." + signature,
		"invalid UTF-8":     header + "." + b64("{\"a\":\"\xff\"}") + "." + signature,
		"deep":              header + "." + b64(strings.Repeat(`{"a":`, 20)+"1"+strings.Repeat("}", 20)) + "." + signature,
		"truncated JSON":    header + "." + b64(`{"a":1`) + "." + signature,
		"too long":          header + "." + b64(`{"a":"`+strings.Repeat("x", maxToken)+`"}`) + "." + signature,
	}
	for name, compact := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse(compact); !errors.Is(err, ErrMalformed) {
				t.Fatalf("got %v, expected ErrMalformed", err)
			}
		})
	}
}

func TestSignVerify(t *testing.T) {
	rsaKey, ecKey := testRSA(t), testEC(t)
	rs := mustSign(t, rsaKey, Members{"alg": "RS256"}, Members{"n": 1})
	es := mustSign(t, ecKey, Members{"alg": "ES256"}, Members{"n": 1})
	for compact, key := range map[string]any{rs: &rsaKey.PublicKey, es: &ecKey.PublicKey} {
		token, err := Parse(compact)
		if err != nil {
			t.Fatal(err)
		}
		if err := token.Verify(key); err != nil {
			t.Fatalf("refused a good signature: %v", err)
		}
		if token.Claims["n"] == nil {
			t.Fatal("the claims are lost")
		}
	}
}

func TestVerifyRejects(t *testing.T) {
	rsaKey, ecKey := testRSA(t), testEC(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rs := mustSign(t, rsaKey, Members{"alg": "RS256"}, Members{"n": 1})
	parts := strings.Split(rs, ".")
	cases := map[string]struct {
		compact string
		key     any
	}{
		"another key":       {rs, &other.PublicKey},
		"payload changed":   {parts[0] + "." + b64(`{"n":2}`) + "." + parts[2], &rsaKey.PublicKey},
		"header changed":    {b64(`{"alg":"RS256","x":1}`) + "." + parts[1] + "." + parts[2], &rsaKey.PublicKey},
		"alg none":          {b64(`{"alg":"none"}`) + "." + parts[1] + "." + parts[2], &rsaKey.PublicKey},
		"alg HS256":         {mustSign(t, rsaKey, Members{"alg": "HS256"}, Members{}), &rsaKey.PublicKey},
		"alg PS256":         {mustSign(t, rsaKey, Members{"alg": "PS256"}, Members{}), &rsaKey.PublicKey},
		"alg of the other":  {mustSign(t, rsaKey, Members{"alg": "ES256"}, Members{}), &ecKey.PublicKey},
		"EC alg RS256":      {mustSign(t, ecKey, Members{"alg": "RS256"}, Members{}), &ecKey.PublicKey},
		"no alg":            {mustSign(t, rsaKey, Members{}, Members{}), &rsaKey.PublicKey},
		"private key given": {rs, rsaKey},
		"no key":            {rs, nil},
		"short EC":          {b64(`{"alg":"ES256"}`) + "." + b64(`{}`) + "." + b64("abc"), &ecKey.PublicKey},
		"zero EC":           {b64(`{"alg":"ES256"}`) + "." + b64(`{}`) + "." + b64(strings.Repeat("\x00", 64)), &ecKey.PublicKey},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			token, err := Parse(c.compact)
			if err != nil {
				t.Fatal(err)
			}
			if err := token.Verify(c.key); !errors.Is(err, ErrSignature) {
				t.Fatalf("got %v, expected ErrSignature", err)
			}
		})
	}
}

func TestSignRejectsUnknownKey(t *testing.T) {
	if _, err := Sign(rand.Reader, nil, Members{}, Members{}); err == nil {
		t.Fatal("signed without a key")
	}
	if _, err := Sign(rand.Reader, testRSA(t), func() {}, Members{}); err == nil {
		t.Fatal("signed a header that is no JSON")
	}
	if _, err := Sign(rand.Reader, testRSA(t), Members{}, func() {}); err == nil {
		t.Fatal("signed claims that are no JSON")
	}
}

func TestMembers(t *testing.T) {
	object, err := DecodeObject([]byte(`{"s":"x","empty":"","n":12.5,"neg":-1,"far":1e300,"a":["x","y"],"mixed":["x",1],"none":[],"null":null}`))
	if err != nil {
		t.Fatal(err)
	}
	m := Members(object)
	if s, ok := m.String("s"); !ok || s != "x" {
		t.Error("String lost a text")
	}
	for _, name := range []string{"empty", "n", "null", "absent"} {
		if _, ok := m.String(name); ok {
			t.Errorf("String took %s", name)
		}
	}
	if n, ok := m.Seconds("n"); !ok || n != 12.5 {
		t.Error("Seconds lost a fraction")
	}
	for _, name := range []string{"s", "neg", "far", "absent"} {
		if _, ok := m.Seconds(name); ok {
			t.Errorf("Seconds took %s", name)
		}
	}
	if list, ok := m.Strings("a"); !ok || len(list) != 2 {
		t.Error("Strings lost a list")
	}
	for _, name := range []string{"mixed", "none", "n", "empty"} {
		if _, ok := m.Strings(name); ok {
			t.Errorf("Strings took %s", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(b64(`{"alg":"RS256"}`) + "." + b64(`{"a":[1,{"b":null}]}`) + "." + b64("sig"))
	f.Add("e30.e30.AA")
	f.Add("..")
	key := testRSA(f)
	f.Fuzz(func(t *testing.T, compact string) {
		token, err := Parse(compact)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		parts := strings.Split(compact, ".")
		for _, part := range parts {
			raw, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil || base64.RawURLEncoding.EncodeToString(raw) != part {
				t.Fatalf("accepted a part with a second spelling: %q", part)
			}
		}
		if token.Raw != compact || token.Header == nil || token.Claims == nil {
			t.Fatal("an accepted token lacks a part")
		}
		if token.Verify(&key.PublicKey) == nil {
			t.Fatal("an unsigned token verifies")
		}
	})
}

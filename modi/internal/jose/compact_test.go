// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestParseCompactRefuses(t *testing.T) {
	head, body, sig := b64(`{"alg":"RS256"}`), b64(`{"iss":"x"}`), b64("sig")
	good := head + "." + body + "." + sig
	for name, in := range map[string]string{
		"nothing":               "",
		"two segments":          head + "." + body,
		"four segments":         good + "." + sig,
		"five segments":         good + "." + sig + "." + sig,
		"trailing dot":          good + ".",
		"empty header":          "." + body + "." + sig,
		"empty payload":         head + ".." + sig,
		"empty signature":       head + "." + body + ".",
		"padding":               head + "." + body + "." + b64("s") + "==",
		"standard alphabet":     head + "." + body + ".+/+/",
		"space inside":          head + ". " + body + "." + sig,
		"leading space":         " " + good,
		"trailing newline":      good + "\n",
		"line break inside":     head + "." + body[:4] + "\r\n" + body[4:] + "." + sig,
		"stray trailing bits":   head + "." + body + "." + "QR",
		"header not object":     b64(`["RS256"]`) + "." + body + "." + sig,
		"payload not object":    head + "." + b64(`"text"`) + "." + sig,
		"payload not JSON":      head + "." + b64(`iss`) + "." + sig,
		"payload trailing":      head + "." + b64(`{"iss":"x"}{}`) + "." + sig,
		"duplicate header alg":  b64(`{"alg":"RS256","alg":"none"}`) + "." + body + "." + sig,
		"duplicate claim aud":   head + "." + b64(`{"aud":"a","aud":"b"}`) + "." + sig,
		"JSON serialisation":    `{"payload":"` + body + `","signatures":[]}`,
		"longer than the limit": head + "." + body + "." + strings.Repeat("A", MaxCompact),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseCompact(in)
			var f *Fault
			if !errors.As(err, &f) || f.Kind != Malformed {
				t.Errorf("error %v, want a malformed fault", err)
			}
		})
	}
	c, err := ParseCompact(good)
	if err != nil || string(c.Input) != head+"."+body || c.Raw != `{"iss":"x"}` || string(c.Signature) != "sig" {
		t.Errorf("good token: %+v, %v", c, err)
	}
}

func TestFaultsNeverShowTheToken(t *testing.T) {
	secret := b64(`{"codiceFiscale":"secret-value"}`)
	for _, in := range []string{secret, secret + "." + secret, secret + ".!!." + secret} {
		_, err := ParseCompact(in)
		if err == nil || strings.Contains(err.Error(), secret[:10]) {
			t.Errorf("error %v", err)
		}
	}
}

func TestQuoteIsBoundedASCII(t *testing.T) {
	got := Quote("\u202e\r\n" + strings.Repeat("x", 100))
	if strings.ContainsAny(got, "\r\n\u202e") || len(got) > 90 || !strings.HasSuffix(got, "...") {
		t.Errorf("Quote = %s", got)
	}
}

// An accepted token has only one spelling, so that what is bound to its bytes (the
// voucher's digest, the evidence) is bound to its meaning.
func FuzzParseCompact(f *testing.F) {
	f.Add(b64(`{"alg":"RS256"}`) + "." + b64(`{"iss":"x"}`) + "." + b64("sig"))
	f.Add("a.b.c")
	f.Add("e30.e30.AA")
	f.Add("e30.e30.AB")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCompact(s)
		if err != nil {
			return
		}
		head, _, _ := strings.Cut(s, ".")
		header, err := base64.RawURLEncoding.DecodeString(head)
		if err != nil {
			t.Fatalf("accepted a header that does not decode: %v", err)
		}
		again := b64(string(header)) + "." + b64(c.Raw) + "." + b64(string(c.Signature))
		if again != s {
			t.Fatalf("accepted %q, which is written %q", s, again)
		}
	})
}

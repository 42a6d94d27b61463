// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/modi"
)

// A leniency accepts what the guideline refuses, and only when it is named.
func TestLenienciesAreNamedOneByOne(t *testing.T) {
	right := "SHA-256=" + sum(body)
	raw, err := base64.StdEncoding.DecodeString(sum(body))
	if err != nil {
		t.Fatal(err)
	}
	message := func(digest string, changes ...any) string { return integrityMessage(t, digest, body, changes...) }
	two := []map[string]string{{"digest": right, "content-type": "application/json"}}
	for leniency, text := range map[modi.Leniency]string{
		modi.LenientDigestCase:      message("sha-256=" + sum(body)),
		modi.LenientDigestHex:       message("SHA-256=" + hex.EncodeToString(raw)),
		modi.LenientDigestBase64URL: message("SHA-256=" + base64.URLEncoding.EncodeToString(raw)),
		modi.LenientDigestUnpadded:  message(strings.TrimRight(right, "=")),
		modi.LenientContentType:     message(right, "signed_headers", []map[string]string{{"digest": right}}),
		modi.LenientTwoMembers:      message(right, "signed_headers", two),
		modi.LenientAudienceJSON:    message(right, "aud", `["`+aud+`"]`),
		modi.LenientNumericStrings:  message(right, "iat", "1772442000"),
		modi.LenientLongJTI:         message(right, "jti", strings.Repeat("j", 300)),
	} {
		t.Run(string(leniency), func(t *testing.T) {
			m := parse(t, text)
			v := verification(keysOf(t, clientID, newRSA(t).Public()), modi.PatternIntegrityREST02)
			if verdict := verify(t, m, v); verdict.Accepted {
				t.Fatal("accepted without leniency")
			}
			for _, other := range modi.Leniencies() {
				if other.Name != leniency {
					v.Lenient = append(v.Lenient, other.Name)
				}
			}
			if verdict := verify(t, m, v); verdict.Accepted {
				t.Errorf("accepted by %v", v.Lenient)
			}
			v.Lenient = modi.Lenient{leniency}
			if verdict := verify(t, m, v); !verdict.Accepted {
				t.Errorf("refused: %+v", verdict.Violations)
			}
		})
	}
}

// No leniency accepts a body or a header that is not the signed one.
func TestLenienciesNeverAcceptOtherBytes(t *testing.T) {
	var all modi.Lenient
	for _, l := range modi.Leniencies() {
		all = append(all, l.Name)
	}
	right := "SHA-256=" + sum(body)
	good := integrityMessage(t, right, body)
	for name, text := range map[string]string{
		"another body":         strings.Replace(good, "00017", "00018", 1),
		"body emptied":         strings.TrimSuffix(good, body),
		"another content type": strings.Replace(good, "application/json", "text/plain", 1),
		"signature cut":        strings.Replace(good, "\r\n\r\n", "A\r\n\r\n", 1),
		"no digest":            strings.Replace(good, "Digest: "+right+"\r\n", "", 1),
	} {
		t.Run(name, func(t *testing.T) {
			v := verification(keysOf(t, clientID, newRSA(t).Public()), modi.PatternIntegrityREST02)
			v.Lenient = all
			if verdict := verify(t, parse(t, text), v); verdict.Accepted {
				t.Error("accepted")
			}
		})
	}
}

// Any body and any content type: what is signed is accepted as it was read from the file,
// and one changed byte is refused.
func FuzzSignedMessagesVerify(f *testing.F) {
	f.Add([]byte(body), "application/json", uint16(3))
	f.Add([]byte{0}, "", uint16(0))
	f.Add([]byte("\r\n\r\n"), "text/plain; charset=\"UTF-8\"", uint16(1))
	key := newEC(f)
	f.Fuzz(func(t *testing.T, content []byte, contentType string, at uint16) {
		m := parse(t, "POST /x HTTP/1.1\r\nHost: h\r\n\r\n")
		m.Body = content
		if m.Set("Content-Type", contentType) != nil || !utf8.ValidString(contentType) || len(content) == 0 {
			return
		}
		s := signing(client(t), modi.PatternIntegrityREST02)
		s.Key.Signer, s.Key.Algorithm, s.Key.KID = key, "ES256", thumbprint(t, key.Public())
		if _, err := byhand.Sign(m, s); err != nil {
			t.Fatalf("%q: %v", contentType, err)
		}
		v := verification(keysOf(t, clientID, key.Public()), modi.PatternIntegrityREST02)
		read := parse(t, string(m.Bytes()))
		if verdict := verify(t, read, v); !verdict.Accepted {
			t.Fatalf("%q, %q: %+v", contentType, content, verdict.Violations)
		}
		read.Body[int(at)%len(read.Body)] ^= 1
		if verdict := verify(t, read, v); verdict.Accepted {
			t.Fatalf("%q, %q: accepted with another byte", contentType, content)
		}
	})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package terminal_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
)

const signature = "c2lnbmF0dXJlLXRoYXQtbXVzdC1uZXZlci1iZS1zaG93bg"

func compact(payload string) string {
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(`{"alg":"RS256", "kid":"k1"}`)) + "." + enc.EncodeToString([]byte(payload)) + "." + signature
}

func TestMessageDecodesTokensAndHidesSignatures(t *testing.T) {
	header := http.Header{}
	header.Set("Authorization", "Bearer "+compact(`{"iss":"pdnd"}`))
	header.Set("Agid-JWT-Signature", compact(`{"aud":"x"}`))
	header.Set("Digest", "SHA-256=abc")
	header.Set("Cookie", "unwanted")
	got := plain(t, func(w *terminal.Writer) {
		w.Message(terminal.Message{
			From: "snodo", To: "ANPR", Start: "POST /v1",
			Header: terminal.Fields(header, "Authorization", "Agid-JWT-Signature", "Digest", "Absent"),
			Body: []byte(`{"a":[1],"b":{"c":"x, y: z"},"d":[{"n":"0123456789012345678901234567890123456789"},` +
				`{"n":"0123456789012345678901234567890123456789"}],"e":{}}`),
		})
	})
	want := `
  snodo → ANPR
  │ POST /v1
  │ Authorization: Bearer JWS
  │     {"alg": "RS256", "kid": "k1"}
  │     {
  │       "iss": "pdnd"
  │     }
  │ Agid-JWT-Signature: JWS
  │     {"alg": "RS256", "kid": "k1"}
  │     {
  │       "aud": "x"
  │     }
  │ Digest: SHA-256=abc
  │
  │ {
  │   "a": [1],
  │   "b": {"c": "x, y: z"},
  │   "d": [
  │     {"n": "0123456789012345678901234567890123456789"},
  │     {"n": "0123456789012345678901234567890123456789"}
  │   ],
  │   "e": {}
  │ }
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func TestMessageShowsForms(t *testing.T) {
	got := plain(t, func(w *terminal.Writer) {
		w.Message(terminal.Message{Start: "POST /token.oauth2", Body: []byte("client_id=a+b&client_assertion=" + compact(`{"sub":"c"}`))})
	})
	for _, want := range []string{"│ client_id = a b", "│ client_assertion = JWS", `"sub": "c"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestNoSecretIsShownWhole(t *testing.T) {
	token := compact(`{"sub":"c"}`)
	key := "snodo_0123456789abcdef_0123456789abcdef"
	messages := map[string]terminal.Message{
		"voucher in a header":   {Header: []terminal.Field{{Name: "Authorization", Value: "Bearer " + token}}},
		"tokens in an array":    {Body: []byte(`{"tokens":["` + token + `"]}`)},
		"tokens in an object":   {Body: []byte(`{"a":{"token":"` + token + `"}}`)},
		"voucher in a reply":    {Body: []byte(`{"access_token":"` + token + `","expires_in":60}`)},
		"assertion in a form":   {Body: []byte("client_assertion=" + token)},
		"application's own key": {Header: []terminal.Field{{Name: "Authorization", Value: "Bearer " + key}}},
		"short key":             {Header: []terminal.Field{{Name: "Authorization", Value: "Bearer abcdef"}}},
	}
	for name, m := range messages {
		t.Run(name, func(t *testing.T) {
			got := plain(t, func(w *terminal.Writer) { w.Message(m) })
			joined := strings.NewReplacer("\n", "", "│", "", " ", "").Replace(got)
			for _, secret := range []string{signature, key, "abcdef"} {
				if strings.Contains(joined, secret) {
					t.Errorf("%q is shown in\n%s", secret, got)
				}
			}
		})
	}
}

func TestLongLinesStayInsideTheWidth(t *testing.T) {
	got := plain(t, func(w *terminal.Writer) {
		w.Message(terminal.Message{
			Start:  "GET /",
			Header: []terminal.Field{{Name: "X-Long", Value: strings.Repeat("é", 300)}},
			Body:   []byte(`{"testo":"` + strings.Repeat("a", 200) + `"}`),
		})
	})
	for _, line := range strings.Split(got, "\n") {
		if utf8.RuneCountInString(line) > 60 {
			t.Errorf("line of %d columns: %q", utf8.RuneCountInString(line), line)
		}
	}
	if n := strings.Count(got, "é"); n != 300 {
		t.Errorf("%d characters of the value are shown, want 300", n)
	}
}

func TestBinaryBodyIsNotShown(t *testing.T) {
	got := plain(t, func(w *terminal.Writer) {
		w.Message(terminal.Message{Start: "200", Body: []byte{0xff, 0xfe, 0x00}})
	})
	if !strings.HasSuffix(got, "│ 200\n  │\n") {
		t.Errorf("unexpected output %q", got)
	}
}

func FuzzMessageNeverShowsASignature(f *testing.F) {
	f.Add("Bearer "+compact(`{"a":1}`), []byte(`{"b":"`+compact(`{}`)+`"}`))
	f.Add("x", []byte("a=b&c=%zz"))
	f.Fuzz(func(t *testing.T, value string, body []byte) {
		var out strings.Builder
		w := terminal.New(&out, 80, false)
		w.Message(terminal.Message{Header: []terminal.Field{{Name: "Authorization", Value: value}}, Body: body})
		if w.Err() != nil {
			t.Fatal(w.Err())
		}
		scheme, secret, found := strings.Cut(value, " ")
		if found && len(secret) > 30 && !strings.Contains(scheme+string(body), secret) && strings.Contains(out.String(), secret) {
			t.Errorf("the secret is shown whole")
		}
	})
}

func TestTokensDecodedElsewhere(t *testing.T) {
	got := plain(t, func(w *terminal.Writer) {
		w.Message(terminal.Message{Start: "POST /", Tokens: []terminal.Token{
			{
				Name: "Agid-JWT-Signature", Header: map[string]any{"kid": "k1", "alg": "RS256"},
				Payload: map[string]any{"zeta": 1, "jti": "j1", "aud": "a", "iss": "i"},
			},
			{Name: "Authorization", Payload: map[string]any{"jti": "j2"}, Brief: true},
			{Name: "Empty"},
		}})
	})
	want := `
   → 
  │ POST /
  │ Agid-JWT-Signature: JWS
  │     {"alg": "RS256", "kid": "k1"}
  │     {
  │       "iss": "i",
  │       "aud": "a",
  │       "jti": "j1",
  │       "zeta": 1
  │     }
  │ Authorization: JWS, jti j2
  │ Empty: JWS
  │     {}
  │     {}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

func TestLongLinesAreCutAtSlashes(t *testing.T) {
	got := plain(t, func(w *terminal.Writer) {
		w.Message(terminal.Message{Start: "x", Body: []byte(`{"aud":"https://registry.example/govway/rest/in/Ministero/C030-servizio/v1"}`)})
	})
	if !strings.Contains(got, `rest/in/`+"\n") {
		t.Errorf("not cut after a slash:\n%s", got)
	}
}

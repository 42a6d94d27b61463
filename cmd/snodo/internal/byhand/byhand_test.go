// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
)

func TestParsePatterns(t *testing.T) {
	got, err := byhand.ParsePatterns("integrity_rest_02, VOUCHER,dpop", byhand.Patterns())
	want := []modi.Pattern{modi.PatternVoucher, modi.PatternDPoP, modi.PatternIntegrityREST02}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	for list, want := range map[string]string{
		"": "sconosciuto", "INTEGRITY_REST_03": "sconosciuto", "DPOP,": "sconosciuto", "DPOP,REST_JWS_2021_POP": "due volte",
	} {
		_, err = byhand.ParsePatterns(list, byhand.Patterns())
		if err == nil || !strings.Contains(italian(err), want) {
			t.Errorf("%q: %v", list, err)
		}
	}
	if _, err = byhand.ParsePatterns("VOUCHER", byhand.Signable()); err == nil {
		t.Error("a voucher is signed by PDND alone")
	}
}

func TestLabelsShowShortNames(t *testing.T) {
	if got := byhand.Label(modi.PatternDPoP); got != "REST_JWS_2021_POP (DPOP)" {
		t.Errorf("label %s", got)
	}
	if got := byhand.Label(modi.PatternAuditREST02); got != "AUDIT_REST_02" {
		t.Errorf("label %s", got)
	}
}

func TestKeysFromFiles(t *testing.T) {
	var keys byhand.Keys
	set := jwks(t, platformKID)
	jwk := strings.TrimSuffix(strings.TrimPrefix(string(set), `{"keys":[`), `]}`)
	noKID := strings.Replace(jwk, `"kid":"`+platformKID+`",`, "", 1)
	for _, data := range []string{
		string(set),
		`{"clientId":"` + clientID + `","jwk":` + strings.Replace(jwk, platformKID, "k-2", 1) + `}`,
		`{"producerKeychainId":"kc","jwk":` + strings.Replace(jwk, platformKID, "k-3", 1) + `}`,
		noKID,
	} {
		if err := keys.Add([]byte(data)); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
	}
	keys.Owner = "default"
	for kid, owner := range map[string]string{
		platformKID: "default", "k-2": clientID, "k-3": "kc", thumbprint(t, newRSA(t).Public()): "default",
	} {
		key, err := keys.ResolveKey(t.Context(), kid)
		if err != nil || key.Owner != owner {
			t.Errorf("%s: %+v, %v", kid, key.Owner, err)
		}
	}
	_, err := keys.ResolveKey(t.Context(), "none")
	if err == nil || errors.Is(err, modi.ErrKeyUnknown) || !strings.Contains(italian(err), "nessuna delle chiavi di --keys") {
		t.Errorf("error %v", err)
	}
	for name, data := range map[string]string{
		"twice": string(set), "no JSON": "chiave", "no key": "{}", "no public key": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
		"broken PEM": "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n", "private": `{"kty":"oct","k":"AA"}`, "empty set": `{"keys":[]}`,
	} {
		if err := keys.Add([]byte(data)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A key that nobody was told of is no "no": the wrong file may have been given.
func TestPlatformKeysOverTheNetwork(t *testing.T) {
	m := parse(t, requestHead+"Authorization: Bearer "+voucher(t)+"\r\n\r\n")
	url := byhand.PlatformURL(m)
	if url != "https://uat.interop.pagopa.it/.well-known/jwks.json" {
		t.Fatalf("URL %q", url)
	}
	var asked []string
	p := byhand.Platform{Files: &byhand.Keys{}, URL: url, Fetch: func(_ context.Context, url string) ([]byte, error) {
		asked = append(asked, url)
		return jwks(t, platformKID), nil
	}}
	v := verification(p, modi.PatternVoucher)
	if verdict := verify(t, m, v); !verdict.Accepted {
		t.Errorf("%+v", verdict)
	}
	if _, err := p.ResolveKey(t.Context(), "another"); !errors.Is(err, modi.ErrKeyUnknown) {
		t.Errorf("error %v", err)
	}
	asked = nil
	if _, err := p.ResolveKey(t.Context(), strings.Repeat("A", 43)); err == nil || len(asked) != 0 {
		t.Errorf("a party's key was asked of PDND: %v, %v", asked, err)
	}
	for name, fetch := range map[string]byhand.Fetch{
		"down":    func(context.Context, string) ([]byte, error) { return nil, errors.New("down") },
		"garbage": func(context.Context, string) ([]byte, error) { return []byte("{}"), nil },
	} {
		p.Fetch = fetch
		if _, err := p.ResolveKey(t.Context(), platformKID); err == nil || errors.Is(err, modi.ErrKeyUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A token that names a host of its own leads nowhere.
func TestPlatformURLNamesOnlyPDND(t *testing.T) {
	for iss, want := range map[string]string{
		"interop.pagopa.it":                     "https://interop.pagopa.it/.well-known/jwks.json",
		"https://api.uat.interop.pagopa.it":     "https://api.uat.interop.pagopa.it/.well-known/jwks.json",
		"attacker.test":                         "",
		"interop.pagopa.it.attacker.test":       "",
		"interop.pagopa.it/../x":                "",
		"https://interop.pagopa.it@attacker.it": "",
	} {
		m := parse(t, requestHead+"Authorization: Bearer "+voucher(t, "iss", iss)+"\r\n\r\n")
		if got := byhand.PlatformURL(m); got != want {
			t.Errorf("%s: %q", iss, got)
		}
	}
}

func TestClientAssertionAsPDNDSeesIt(t *testing.T) {
	claims := map[string]any{
		"iss": clientID, "sub": clientID, "aud": "auth.uat.interop.pagopa.it/client-assertion", "jti": "c-1",
		"iat": now().Unix(), "exp": now().Unix() + 300, "purposeId": purposeID,
	}
	v := verification(keysOf(t, "", newRSA(t).Public()), modi.PatternClientAssertion)
	v.Audience = ""
	for name, c := range map[string]struct {
		changes []any
		rules   []modi.RuleID
		it      string
	}{
		"good":              {nil, nil, ""},
		"of an API client":  {[]any{"purposeId", nil}, nil, ""},
		"https in aud":      {[]any{"aud", "https://auth.uat.interop.pagopa.it/client-assertion"}, []modi.RuleID{modi.AssertionAudienceMismatch}, "schema"},
		"nbf":               {[]any{"nbf", now().Unix()}, []modi.RuleID{modi.AssertionClaimNotAllowed}, ""},
		"client_id":         {[]any{"client_id", clientID}, []modi.RuleID{modi.AssertionClaimNotAllowed}, ""},
		"of another client": {[]any{"sub", purposeID, "iss", purposeID}, []modi.RuleID{modi.AssertionIssuerMismatch, modi.AssertionSubjectMismatch}, ""},
		"expired":           {[]any{"exp", now().Unix() - 1, "iat", now().Unix() - 100}, []modi.RuleID{modi.AssertionExpired}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			compact := forge(t, joseHeader(t), with(claims, c.changes...))
			m := parse(t, "POST /token.oauth2 HTTP/1.1\r\nHost: auth.uat.interop.pagopa.it\r\n\r\ngrant_type=client_credentials&client_assertion="+compact)
			for _, m := range []*message.Message{m, byhand.Wrap(compact, modi.PatternClientAssertion)} {
				verdict := verify(t, m, v)
				var rules []modi.RuleID
				for _, violation := range verdict.Violations {
					rules = append(rules, violation.Rule)
				}
				if diff := cmp.Diff(c.rules, rules); diff != "" || verdict.Accepted != (c.rules == nil) {
					t.Errorf("%+v\n%s", verdict, diff)
				}
				if c.it != "" && !contains(byhand.Advice(verdict.Violations[0]), c.it) {
					t.Errorf("%+v", verdict.Violations)
				}
			}
		})
	}
	other := v
	other.ClientID = ""
	if verdict := verify(t, byhand.Wrap(forge(t, joseHeader(t), claims), modi.PatternClientAssertion), other); !verdict.Accepted || len(verdict.Unchecked) != 1 {
		t.Errorf("%+v", verdict)
	}
	other.Keys = keysOf(t, "", newEC(t).Public())
	if _, err := byhand.Verify(t.Context(), byhand.Wrap(forge(t, joseHeader(t), claims), modi.PatternClientAssertion), other); err == nil {
		t.Error("decided without the key")
	}
}

func TestTokensAloneAreWrapped(t *testing.T) {
	keys := keysOf(t, clientID, newRSA(t).Public())
	if err := keys.Add(jwks(t, platformKID)); err != nil {
		t.Fatal(err)
	}
	verdict := verify(t, byhand.Wrap(voucher(t), modi.PatternVoucher), verification(keys, modi.PatternVoucher))
	if !verdict.Accepted {
		t.Errorf("%+v", verdict)
	}
	evidence := forge(t, joseHeader(t), auditClaims())
	verdict = verify(t, byhand.Wrap(evidence, modi.PatternAuditREST02), verification(keys, modi.PatternAuditREST02))
	if !verdict.Accepted || len(verdict.Unchecked) != 2 {
		t.Errorf("%+v", verdict)
	}
	if m := byhand.Wrap("x", modi.PatternDPoP); m.Fields[0].Name != "DPoP" {
		t.Errorf("%+v", m.Fields)
	}
	if m := byhand.Wrap("x", modi.PatternIntegrityREST02); m.Fields[0].Name != "Agid-JWT-Signature" {
		t.Errorf("%+v", m.Fields)
	}
}

// PDND's own replies have no aud: the issuer says who they are from.
func TestRepliesOfPDND(t *testing.T) {
	keys := keysOf(t, "")
	if err := keys.Add(jwks(t, platformKID)); err != nil {
		t.Fatal(err)
	}
	claims := with(integrityClaims("SHA-256="+sum("{}")), "aud", nil, "sub", nil, "iss", "https://api.uat.interop.pagopa.it", "exp", now().Unix()+100)
	compact := forge(t, map[string]any{"alg": "RS256", "typ": "at+jwt", "use": "sig", "kid": platformKID}, claims)
	m := parse(t, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDigest: SHA-256="+sum("{}")+"\r\nAgid-JWT-Signature: "+compact+"\r\n\r\n{}")
	v := byhand.Verification{Patterns: []modi.Pattern{modi.PatternPDNDResponse}, Keys: keys, Clock: clock, Reply: true}
	if verdict := verify(t, m, v); !verdict.Accepted || len(verdict.Unchecked) != 1 {
		t.Errorf("%+v", verdict)
	}
	v.Issuer = "https://api.interop.pagopa.it"
	if verdict := verify(t, m, v); verdict.Accepted || verdict.Violations[0].Rule != modi.IntegrityIssuerMismatch {
		t.Errorf("%+v", verdict)
	}
}

func TestEveryNoteHasWords(t *testing.T) {
	kinds := []message.NoteKind{
		message.NoteByteOrderMark, message.NoteLineFeeds, message.NoteBodyCut, message.NoteLength,
		message.NoteFinalNewline, message.NoteTransferEncoding, message.NoteNoBlankLine,
	}
	var seen []string
	for _, kind := range kinds {
		words := byhand.NoteText(message.Note{Kind: kind, N: 7})
		if words.IT == "" || words.EN == "" || words.EN == string(kind) || slices.Contains(seen, words.IT) {
			t.Errorf("%s: %+v", kind, words)
		}
		seen = append(seen, words.IT)
	}
	if words := byhand.NoteText(message.Note{Kind: "new"}); words.IT != "new" {
		t.Errorf("%+v", words)
	}
}

// A violation without hint is explained by its rule.
func TestAdviceFallsBackToTheRemedy(t *testing.T) {
	rule := byhand.RuleOf(modi.IntegrityDigestMissing)
	got := byhand.Advice(modi.Violation{Rule: modi.IntegrityDigestMissing})
	if got.IT != rule.Title.IT+": "+rule.Remedy.IT || got.EN != rule.Title.EN+": "+rule.Remedy.EN || rule.ID == "" {
		t.Errorf("%+v", got)
	}
	if byhand.RuleOf("no/rule").ID != "" {
		t.Error("a rule that is not there was found")
	}
}

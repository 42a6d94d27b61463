// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package forge

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// content is what a token of a genuine message says, written down from the texts and not
// from the code: ${name} is a name of the world, "new" an identifier of its own, "now" a
// time, "+60" seconds after it, "key" what depends on the key, "rest" what another test
// looks at.
type content struct{ header, claims map[string]string }

func certificateHeader() map[string]string {
	return map[string]string{"alg": "RS256", "typ": "JWT", "x5c": "key"}
}

func kidHeader() map[string]string {
	return map[string]string{"alg": "RS256", "typ": "JWT", "kid": "key"}
}

func platformHeader() map[string]string {
	return map[string]string{"alg": "RS256", "typ": "at+jwt", "use": "sig", "kid": "key"}
}

// with adds members to a copy, given as name and value pairs.
func with(members map[string]string, pairs ...string) map[string]string {
	out := maps.Clone(members)
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func request60() map[string]string {
	return map[string]string{"iat": "now", "exp": "+60", "aud": "${audience}"}
}

// contents are the tokens of each subject.
func contents() map[string]map[string]content {
	id01 := content{certificateHeader(), with(request60(), "iss", "${organisation}", "sub", "fruitore-app")}
	id02 := content{certificateHeader(), with(id01.claims, "jti", "new")}
	reply := map[string]string{"iat": "now", "exp": "+60", "aud": "${consumer-audience}", "iss": "${producer-org}"}
	reply01 := content{certificateHeader(), with(reply, "sub", "erogatore-app")}
	reply02 := content{certificateHeader(), with(reply01.claims, "jti", "new")}
	int01 := content{certificateHeader(), with(id02.claims, "signed_headers", "rest")}
	int01Reply := content{certificateHeader(), with(reply, "jti", "new", "signed_headers", "rest", "request_digest", "rest")}
	int02 := content{kidHeader(), with(request60(), "iss", "${client}", "sub", "${client}", "jti", "new", "signed_headers", "rest")}
	voucher := content{platformHeader(), map[string]string{
		"iat": "now", "nbf": "now", "exp": "+600", "jti": "new", "iss": "${issuer}", "aud": "${audience}", "sub": "${client}",
		"client_id": "${client}", "purposeId": "${purpose}", "producerId": "${producer}", "consumerId": "${consumer}",
		"eserviceId": "${eservice}", "descriptorId": "${descriptor}",
	}}
	bound := content{platformHeader(), with(voucher.claims, "digest", "rest")}
	audit01 := content{kidHeader(), with(request60(), "iss", "${client}", "jti", "new", "purposeId", "${purpose}",
		"userID", "${user}", "userLocation", "${workstation}", "LoA", "SPID_L2")}
	audit02 := content{kidHeader(), with(audit01.claims, "dnonce", "rest")}
	proofHeader := map[string]string{"alg": "ES256", "typ": "dpop+jwt", "jwk": "rest"}
	proof := map[string]string{"iat": "now", "jti": "new", "htm": "POST"}
	assertion := content{kidHeader(), map[string]string{
		"iat": "now", "exp": "+60", "jti": "new", "iss": "${client}", "sub": "${client}", "aud": "${assertion-aud}", "purposeId": "${purpose}",
	}}
	return map[string]map[string]content{
		"id-auth-01":            {Identity: id01},
		"id-auth-02":            {Identity: id02},
		"id-auth-01-response":   {Identity: reply01},
		"id-auth-02-response":   {Identity: reply02},
		"integrity-01":          {Signature: int01},
		"integrity-01-response": {Signature: int01Reply},
		"integrity-02":          {Voucher: voucher, Signature: int02},
		"integrity-02-response": {Signature: {kidHeader(), map[string]string{
			"iat": "now", "exp": "+60", "jti": "new", "iss": "${producer}", "sub": "${producer}", "aud": "${client}",
			"signed_headers": "rest", "request_digest": "rest",
		}}},
		"both-headers":          {Identity: id02, Signature: int01},
		"both-headers-response": {Identity: reply02, Signature: int01Reply},
		"pdnd-reply": {Signature: {platformHeader(), map[string]string{
			"iat": "now", "exp": "+100", "jti": "new", "iss": "${api-issuer}", "signed_headers": "rest",
		}}},
		"voucher":               {Voucher: voucher},
		"voucher-integrity-01":  {Voucher: voucher, Signature: int01},
		"audit-01":              {Evidence: audit01, Voucher: voucher},
		"audit-02":              {Evidence: audit02, Voucher: bound},
		"audit-02-integrity-02": {Evidence: audit02, Voucher: bound, Signature: int02},
		"dpop": {
			Voucher: {platformHeader(), with(voucher.claims, "cnf", "rest")},
			Proof:   {proofHeader, with(proof, "htu", "${url}", "ath", "rest")},
		},
		"dpop-token": {Assertion: assertion, Proof: {proofHeader, with(proof, "htu", "${token-url}")}},
		"assertion":  {Assertion: assertion},
	}
}

// asWritten replaces the values of a token by the words of the table that describe them.
func asWritten(t *testing.T, got map[string]any, want map[string]string) map[string]string {
	t.Helper()
	now, out := theWorld().Now.Unix(), map[string]string{}
	for name, value := range got {
		word := want[name]
		switch n, isNumber := value.(float64); {
		case isNumber && word == "now" && int64(n) == now:
			out[name] = word
		case isNumber && strings.HasPrefix(word, "+") && fmt.Sprintf("+%d", int64(n)-now) == word:
			out[name] = word
		case word == "rest", word == "key":
			out[name] = word
		case word == "new" && len(fmt.Sprint(value)) == 36:
			out[name] = word
		default:
			out[name] = fmt.Sprint(value)
		}
	}
	return out
}

// TestGenuineTokensSayWhatTheTextsAsk compares every member of every token: nothing is
// missing, nothing is there beside.
func TestGenuineTokensSayWhatTheTextsAsk(t *testing.T) {
	all := contents()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(subjects())), slices.Sorted(maps.Keys(all))); diff != "" {
		t.Fatalf("subjects (-made +described):\n%s", diff)
	}
	for subject, tokens := range all {
		t.Run(subject, func(t *testing.T) {
			m := build(t, subject)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(tokens)), slices.Sorted(maps.Keys(m.Tokens))); diff != "" {
				t.Fatalf("tokens (-want +got):\n%s", diff)
			}
			for place, want := range tokens {
				o := open(t, m.Tokens[place])
				if diff := cmp.Diff(want.header, asWritten(t, o.head, want.header)); diff != "" {
					t.Errorf("header of %s (-want +got):\n%s", place, diff)
				}
				claims := map[string]string{}
				for name, value := range want.claims {
					text, err := theWorld().Expand(value)
					if err != nil {
						t.Fatal(err)
					}
					claims[name] = text
				}
				if diff := cmp.Diff(claims, asWritten(t, o.claims, claims)); diff != "" {
					t.Errorf("claims of %s (-want +got):\n%s", place, diff)
				}
			}
		})
	}
}

// TestTokensTravelWhereTheTextsSay: each in its HTTP field, once, and in no other.
func TestTokensTravelWhereTheTextsSay(t *testing.T) {
	fields := map[string]string{
		Identity: "Authorization: Bearer ", Voucher: "Authorization: Bearer ", Signature: "Agid-JWT-Signature: ",
		Evidence: "Agid-JWT-TrackingEvidence: ", Proof: "DPoP: ",
	}
	for _, subject := range Subjects() {
		m := build(t, subject)
		sent := 0
		for place, compact := range m.Tokens {
			if place == Assertion {
				continue
			}
			name, scheme, _ := strings.Cut(fields[place], ": ")
			if subject == "dpop" && place == Voucher {
				scheme = "DPoP "
			}
			if got := m.Header.Values(name); len(got) != 1 || got[0] != scheme+compact {
				t.Errorf("%s: %s is %.40q", subject, name, got)
			}
			sent++
		}
		for name, values := range m.Header {
			for _, value := range values {
				if strings.Contains(value, "eyJ") {
					sent--
				}
				if value == "" {
					t.Errorf("%s: %s is empty", subject, name)
				}
			}
		}
		if sent != 0 {
			t.Errorf("%s: the tokens of the message and of its fields differ by %d", subject, sent)
		}
	}
}

// TestLinesOfTheGenuineMessages looks at what is not a token: method, address, status,
// type and body.
func TestLinesOfTheGenuineMessages(t *testing.T) {
	for _, subject := range Subjects() {
		m := build(t, subject)
		names, reply, form := theWorld().Names, strings.HasSuffix(subject, "-response") || subject == "pdnd-reply", false
		if _, form = m.Tokens[Assertion]; form {
			values, err := url.ParseQuery(string(m.Body))
			want := url.Values{
				"client_id": {names["client"]}, "client_assertion": {m.Tokens[Assertion]}, "grant_type": {"client_credentials"},
				"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			}
			if diff := cmp.Diff(want, values); diff != "" || err != nil {
				t.Errorf("%s: form (-want +got), %v:\n%s", subject, err, diff)
			}
		}
		address, media, status, body := names["url"], "application/json", 0, requestBody
		if form {
			address, media, body = names["token-url"], "application/x-www-form-urlencoded", string(m.Body)
		}
		if reply {
			status, body = 200, responseBody
		}
		if m.Method != "POST" || m.URL != address || m.Status != status || m.Header.Get("Content-Type") != media || string(m.Body) != body {
			t.Errorf("%s: %s %s %d %q %q", subject, m.Method, m.URL, m.Status, m.Header.Get("Content-Type"), m.Body)
		}
	}
}

// TestRepliesNameTheRequest: request_digest is the Digest of the request, as the
// guideline's PROFILE_NON_REPUDIATION_01 wants it.
func TestRepliesNameTheRequest(t *testing.T) {
	sum := sha256.Sum256([]byte(requestBody))
	asked := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	for _, subject := range Subjects() {
		m := build(t, subject)
		if m.Status == 0 {
			if m.Asked != "" {
				t.Errorf("%s: a request answers %s", subject, m.Asked)
			}
			continue
		}
		if m.Asked != asked {
			t.Errorf("%s: answers %s", subject, m.Asked)
		}
		compact, signed := m.Tokens[Signature]
		if signed && subject != "pdnd-reply" && open(t, compact).claims["request_digest"] != asked {
			t.Errorf("%s: request_digest %v", subject, open(t, compact).claims["request_digest"])
		}
	}
}

// TestIdentifiersAreNotRepeated: no two tokens of any messages share a jti.
func TestIdentifiersAreNotRepeated(t *testing.T) {
	seen := map[string]string{}
	for range 3 {
		for _, subject := range Subjects() {
			for place, compact := range build(t, subject).Tokens {
				id, has := open(t, compact).claims["jti"].(string)
				if !has {
					continue
				}
				if other, used := seen[id]; used {
					t.Errorf("%s, %s: the jti of %s", subject, place, other)
				}
				seen[id] = subject + ", " + place
				raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
				if err != nil || len(raw) != 16 || raw[6]>>4 != 4 || raw[8]>>6 != 2 {
					t.Errorf("%s, %s: %q is no UUID of version 4", subject, place, id)
				}
			}
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package hint_test

import (
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
)

// tidy checks what every hint promises: one line in each language, and nothing of what was
// looked at.
func tidy(t *testing.T, got modi.Text, secrets ...string) {
	t.Helper()
	if (got.IT == "") != (got.EN == "") {
		t.Errorf("one language is missing: %+v", got)
	}
	for _, s := range []string{got.IT, got.EN} {
		if strings.ContainsAny(s, "\r\n") || strings.HasSuffix(s, ".") || strings.TrimSpace(s) != s {
			t.Errorf("not a tidy line: %q", s)
		}
		for _, secret := range secrets {
			if strings.Contains(s, secret) {
				t.Errorf("the hint holds %q: %q", secret, s)
			}
		}
	}
}

// A digest of the body, or of another form of it, is recognised in whatever way it is
// written and by whatever algorithm it is made.
func TestEveryFormOfDigestIsRecognised(t *testing.T) {
	const content = "{\n \"nome\": \"Niccolò\", \"segreto\": [1, 2]\n}\n"
	bodies := map[string]string{
		"the body": content, "no final line break": strings.TrimSpace(content), "CRLF": strings.ReplaceAll(content, "\n", "\r\n"),
		"BOM": "\xef\xbb\xbf" + content, "compact": `{"nome":"Niccolò","segreto":[1,2]}`, "sorted and spaced": `{"nome": "Niccolò", "segreto": [1, 2]}`,
		"ASCII": `{"nome":"Niccol\u00f2","segreto":[1,2]}`, "Latin-1": strings.ReplaceAll(content, "ò", "\xf2"), "nothing": "",
	}
	algorithms := map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}
	ways := map[string]func([]byte) string{
		"base64": std, "hexadecimal": hex.EncodeToString, "HEXADECIMAL": func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) },
		"base64url": base64.RawURLEncoding.EncodeToString, "unpadded": base64.RawStdEncoding.EncodeToString,
	}
	for bodyName, hashed := range bodies {
		for name, alg := range algorithms {
			for way, write := range ways {
				header := name + "=" + write(sum(t, alg, hashed))
				got := hint.Digest(header, []byte(content), "")
				tidy(t, got, "segreto", "Niccol", header[len(name)+1:])
				right := bodyName == "the body" && (way == "base64" || way == "unpadded" && !strings.HasSuffix(std(sum(t, alg, hashed)), "="))
				same := bodyName == "the body" && way == "base64url" && !strings.ContainsAny(header[len(name):], "-_") // the alphabets agree on it
				if got == (modi.Text{}) && !right && !same {
					t.Errorf("%s of %s in %s: no hint", name, bodyName, way)
				}
				if got != (modi.Text{}) && right {
					t.Errorf("%s of %s in %s is right, hint %q", name, bodyName, way, got.EN)
				}
			}
		}
	}
}

// What is right gets no hint: a hint would send people to look for what is not there.
func TestNoHintForWhatIsRight(t *testing.T) {
	for name, got := range map[string]modi.Text{
		"digest":       hint.Digest("SHA-256="+std(sum(t, crypto.SHA256, "x")), []byte("x"), ""),
		"empty digest": hint.Digest("SHA-512="+std(sum(t, crypto.SHA512, "")), nil, ""),
		"evidence":     hint.EvidenceDigest(hex.EncodeToString(sum(t, crypto.SHA256, "a.b.c")), "a.b.c"),
		"kid":          hint.KID("qKUKEHfSJ8AdhULMQq9Jrs8LezIUUw3ZKk3nr9YS-rk"),
		"platform kid": hint.PlatformKID("pdnd-2026-1"),
		"claim":        hint.Claim([]string{"iss", "userID", "userLocation"}, "userID"),
		"date":         hint.Date([]byte("1772442000")),
	} {
		if got != (modi.Text{}) {
			t.Errorf("%s: hint %q", name, got.EN)
		}
	}
}

// The audiences that people mistook, as they report it: the address of the service in place
// of its audience, another service, another version, another environment.
func TestAudiencesOfTheField(t *testing.T) {
	const anpr = "https://modipa.anpr.interno.it/govway/rest/in/MinInternoPortaANPR/C020-servizioAccertamentoResidenza/v1"
	for name, c := range map[string]struct{ got, words string }{
		"address with -PDND":     {strings.Replace(anpr, "MinInternoPortaANPR", "MinInternoPortaANPR-PDND", 1), "-PDND"},
		"another service":        {strings.Replace(anpr, "C020-servizioAccertamentoResidenza", "C021-servizioAccertamentoStatoFamiglia", 1), "another service"},
		"version missing":        {strings.TrimSuffix(anpr, "/v1"), "version"},
		"version two":            {strings.TrimSuffix(anpr, "1") + "2", "version"},
		"address of operation":   {anpr + "/anpr-service-e002", "too much path"},
		"gateway alone":          {"https://modipa.anpr.interno.it/govway/rest/in/MinInternoPortaANPR", "end of the path"},
		"test for production":    {strings.Replace(anpr, "modipa.", "modipa-test.", 1), "environment"},
		"validation":             {strings.Replace(anpr, "modipa.", "modipa.val.", 1), "environment"},
		"environment first":      {strings.Replace(anpr, "modipa.", "uat.modipa.", 1), "environment"},
		"environment in path":    {strings.Replace(anpr, "PortaANPR/", "PortaANPR-test/", 1), "environment"},
		"training":               {strings.Replace(anpr, "anpr.", "collaudo.anpr.", 1), "environment"},
		"scheme missing":         {strings.TrimPrefix(anpr, "https://"), "scheme"},
		"final slash":            {anpr + "/", "slash"},
		"lower case":             {strings.ToLower(anpr), "case"},
		"slash and case":         {strings.ToLower(anpr) + "/", "several things"},
		"list joined by commas":  {"https://altro.example," + anpr, "commas"},
		"list inside the string": {`["` + anpr + `","https://altro.example"]`, "inside a string"},
	} {
		t.Run(name, func(t *testing.T) {
			got := hint.Audience([]string{c.got}, anpr)
			tidy(t, got, "modipa", "govway")
			want(t, got, c.words)
			// Whoever is right of the two, the difference is the same.
			if strings.Contains("-PDND slash case scheme version environment several things", c.words) && c.words != "" {
				want(t, hint.Audience([]string{anpr}, c.got), c.words)
			}
		})
	}
}

// Names of claims are compared as JSON does, exactly; what people write instead is told.
func TestClaimsOfOtherSpelling(t *testing.T) {
	for _, name := range []string{"userID", "userLocation", "LoA", "purposeId", "dnonce", "signed_headers", "request_digest", "client_id"} {
		flat := strings.ReplaceAll(name, "_", "")
		for _, other := range []string{strings.ToLower(name), strings.ToUpper(name), flat, flat[:4%len(flat)] + "_" + flat[4%len(flat):], strings.ReplaceAll(name, "_", "-")} {
			got := hint.Claim([]string{"iss", other, "aud"}, name)
			if other == name {
				want(t, got, "")
				continue
			}
			tidy(t, got)
			want(t, got, `"`+other+`"`)
		}
		want(t, hint.Claim([]string{"iss", name + "x", "aud"}, name), "")
	}
}

// An hour or two, give or take what a call takes, is a time zone; anything else is a clock.
func TestSkewTellsZonesFromClocks(t *testing.T) {
	for d, zone := range map[time.Duration]bool{
		time.Second: false, 30 * time.Minute: false, 57 * time.Minute: false, 58 * time.Minute: true, time.Hour: true, 62 * time.Minute: true,
		63 * time.Minute: false, 90 * time.Minute: false, 118 * time.Minute: true, 2 * time.Hour: true, 122 * time.Minute: true, 123 * time.Minute: false, 48 * time.Hour: false,
	} {
		for _, side := range []time.Duration{d, -d} {
			got := hint.Skew(side)
			tidy(t, got)
			if strings.Contains(got.EN, "local time") != zone || strings.Contains(got.IT, "ora locale") != zone {
				t.Errorf("%s: %q", side, got.EN)
			}
			if strings.Contains(got.EN, "ahead") != (side > 0) || strings.Contains(got.IT, "avanti") != (side > 0) {
				t.Errorf("%s is on the wrong side: %q, %q", side, got.EN, got.IT)
			}
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package hint_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/hint"
)

const audience = "https://modipa.comune.example/rest/PortaANPR/v1"

// want checks both languages: words are looked for in the English, and an empty word means
// no hint at all.
func want(t *testing.T, got modi.Text, words string) {
	t.Helper()
	switch {
	case words == "" && got != (modi.Text{}):
		t.Errorf("hint %q, want none", got.EN)
	case words != "" && (!strings.Contains(got.EN, words) || got.IT == "" || got.IT == got.EN):
		t.Errorf("hint %q (%q), want one with %q", got.EN, got.IT, words)
	}
}

func TestAudience(t *testing.T) {
	for name, c := range map[string]struct {
		got   []string
		words string
	}{
		"final slash":         {[]string{audience + "/"}, "slash"},
		"case":                {[]string{strings.ToLower(audience)}, "case"},
		"scheme missing":      {[]string{strings.TrimPrefix(audience, "https://")}, "scheme"},
		"http":                {[]string{strings.Replace(audience, "https", "http", 1)}, "scheme"},
		"-PDND":               {[]string{strings.Replace(audience, "PortaANPR", "PortaANPR-PDND", 1)}, "-PDND"},
		"version":             {[]string{strings.TrimSuffix(audience, "/v1")}, "version"},
		"another version":     {[]string{strings.TrimSuffix(audience, "v1") + "v2"}, "version"},
		"environment":         {[]string{strings.Replace(audience, "modipa.", "modipa.uat.", 1)}, "environment"},
		"two things":          {[]string{strings.ToUpper(audience) + "/"}, "several things"},
		"space":               {[]string{" " + audience}, "spaces"},
		"comma":               {[]string{"https://a.example, " + audience}, "commas"},
		"list in a string":    {[]string{`["` + audience + `"]`}, "inside a string"},
		"shorter path":        {[]string{"https://modipa.comune.example/rest"}, "end of the path"},
		"longer path":         {[]string{audience + "/persone/1"}, "too much path"},
		"same host":           {[]string{"https://modipa.comune.example/soap/Altro"}, "same host"},
		"the second is close": {[]string{"https://altro.example", audience + "/"}, "slash"},
		"the third is closer": {[]string{"https://modipa.comune.example/soap/Altro", audience + "/persone/1", audience + "/"}, "slash"},
		"the first of two":    {[]string{audience + "/", strings.ToLower(audience)}, "slash"},
		"a monster first":     {[]string{strings.Repeat("a", 5000), audience + "/"}, "slash"},
		"another":             {[]string{"https://altro.example/x"}, ""},
		"not an address":      {[]string{"qualcosa"}, ""},
		"hostile":             {[]string{strings.Repeat("a,", 5000)}, ""},
		"none":                {nil, ""},
	} {
		t.Run(name, func(t *testing.T) { want(t, hint.Audience(c.got, audience), c.words) })
	}
}

func sum(t *testing.T, alg crypto.Hash, content string) []byte {
	t.Helper()
	out, err := modi.Bytes(content).Digest(alg)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func std(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// packed is content under a Content-Encoding.
func packed(t *testing.T, encoding, content string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if encoding == "deflate" {
		w = zlib.NewWriter(&b)
	}
	_, err := io.WriteString(w, content)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDigest(t *testing.T) {
	const body = `{"nome": "Niccolò", "b": [1, {"x": "a\"b, c: d"}], "a": 1.50}`
	value := func(content string) string { return "SHA-256=" + std(sum(t, crypto.SHA256, content)) }
	web := body
	for !strings.ContainsAny(std(sum(t, crypto.SHA256, web)), "+/") {
		web += " "
	}
	indented := "{\n  \"nome\": \"Niccolò\",\n  \"b\": [\n    1,\n    {\n      \"x\": \"a\\\"b, c: d\"\n    }\n  ],\n  \"a\": 1.50\n}"
	for name, c := range map[string]struct {
		header, body, encoding, words string
	}{
		"hexadecimal":              {"SHA-256=" + hex.EncodeToString(sum(t, crypto.SHA256, body)), body, "", "hexadecimal"},
		"base64 of hexadecimal":    {"SHA-256=" + std([]byte(hex.EncodeToString(sum(t, crypto.SHA256, body)))), body, "", "base64 of the hexadecimal"},
		"base64url":                {"SHA-256=" + base64.URLEncoding.EncodeToString(sum(t, crypto.SHA256, web)), web, "", "base64url"},
		"unpadded":                 {strings.TrimRight(value(body), "="), body, "", "padding"},
		"no algorithm":             {std(sum(t, crypto.SHA256, body)), body, "", "SHA-256= is missing"},
		"no algorithm, hex":        {hex.EncodeToString(sum(t, crypto.SHA256, body)), body, "", "hexadecimal"},
		"lower-case algorithm":     {strings.Replace(value(body), "SHA", "sha", 1), body, "", ""},
		"SHA-512 under SHA-256":    {"SHA-256=" + std(sum(t, crypto.SHA512, body)), body, "", "the value is of SHA-512"},
		"MD5":                      {"MD5=AAAA", body, "", "too weak"},
		"an algorithm unheard of":  {"X-1=!", body, "", ""},
		"empty body":               {value(""), body, "", "empty body"},
		"before gzip":              {value(body), packed(t, "gzip", body), "gzip", "before Content-Encoding"},
		"before deflate":           {value(body), packed(t, "deflate", body), "deflate", "before Content-Encoding"},
		"not really gzip":          {value("other"), "plain", "gzip", ""},
		"final line break":         {value(body + "\n"), body, "", "line breaks"},
		"CRLF":                     {value("a\r\nb"), "a\nb", "", "line breaks"},
		"LF":                       {value("a\nb"), "a\r\nb", "", "line breaks"},
		"BOM added":                {value("\xef\xbb\xbf" + body), body, "", "BOM"},
		"BOM removed":              {value(body), "\xef\xbb\xbf" + body, "", "BOM"},
		"compact JSON":             {value(`{"nome":"Niccolò","b":[1,{"x":"a\"b, c: d"}],"a":1.50}`), body, "", "same JSON"},
		"spaced JSON":              {value(body), `{"nome":"Niccolò","b":[1,{"x":"a\"b, c: d"}],"a":1.50}`, "", "same JSON"},
		"indented JSON":            {value(indented), body, "", "same JSON"},
		"sorted JSON":              {value(`{"a":1.50,"b":[1,{"x":"a\"b, c: d"}],"nome":"Niccolò"}`), body, "", "same JSON"},
		"JSON in ASCII":            {value(`{"nome":"Niccol\u00f2","b":[1,{"x":"a\"b, c: d"}],"a":1.50}`), body, "", "same JSON"},
		"Latin-1":                  {value("Niccol\xf2"), "Niccolò", "", "charset"},
		"UTF-8 sent as Latin-1":    {value("Niccolò"), "Niccol\xf2", "", "charset"},
		"UTF-16":                   {value("a\x00b\x00"), "ab", "", "charset"},
		"beyond Latin-1":           {value("x"), "€", "", ""},
		"something else":           {value("something else"), body, "", ""},
		"not decodable":            {"SHA-256=!!", body, "", ""},
		"body beyond the limit":    {value("x"), strings.Repeat("x", hint.MaxBody+1), "", ""},
		"gzip bomb is not opened":  {value("x"), packed(t, "gzip", strings.Repeat("x", 2*hint.MaxBody)), "gzip", ""},
		"gzip cut short":           {value("x"), packed(t, "gzip", strings.Repeat("abc", 100))[:30], "gzip", ""},
		"JSON that does not parse": {value("x"), `{"a":`, "", ""},
	} {
		t.Run(name, func(t *testing.T) { want(t, hint.Digest(c.header, []byte(c.body), c.encoding), c.words) })
	}
}

func TestEvidenceDigest(t *testing.T) {
	payload := `{"userID":"x"}`
	compact := "eyJhIjoxfQ." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".AAAA"
	hexOf := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	right := sha256.Sum256([]byte(compact))
	cut := compact[:strings.LastIndexByte(compact, '.')]
	for name, c := range map[string]struct{ value, compact, words string }{
		"payload":           {hexOf(payload), compact, "payload alone"},
		"payload, encoded":  {hexOf(strings.Split(compact, ".")[1]), compact, "payload alone"},
		"without signature": {strings.ToUpper(hexOf(cut)), compact, "without its signature"},
		"with a line break": {hexOf(compact + "\n"), compact, "line break"},
		"whole header":      {hexOf("Agid-JWT-TrackingEvidence: " + compact), compact, "of the header"},
		"base64":            {std(right[:]), compact, "base64"},
		"base64url":         {base64.RawURLEncoding.EncodeToString(right[:]), compact, "base64"},
		"another":           {hexOf("another"), compact, ""},
		"not a token":       {hexOf("x"), "x", ""},
	} {
		t.Run(name, func(t *testing.T) { want(t, hint.EvidenceDigest(c.value, c.compact), c.words) })
	}
}

func TestOtherDigest(t *testing.T) {
	want(t, hint.OtherDigest([]string{"Content-Type", "Content-Digest"}), "Content-Digest (RFC 9530)")
	want(t, hint.OtherDigest([]string{"repr-digest"}), "repr-digest")
	want(t, hint.OtherDigest([]string{"Content-Type", "Want-Content-Digest"}), "")
}

func TestSkew(t *testing.T) {
	want(t, hint.Skew(12*time.Second), "12s ahead")
	for _, d := range []time.Duration{time.Second, time.Hour, 3 * time.Hour} {
		if got := hint.Skew(d); strings.Contains(got.EN, "again") || strings.Contains(got.IT, "riutilizzato") {
			t.Errorf("%v ahead: %q, and no token is of the future for being used again", d, got.EN)
		}
	}
	want(t, hint.Skew(-400*time.Second), "6m40s behind")
	want(t, hint.Skew(time.Hour+30*time.Second), "local time")
	want(t, hint.Skew(-2*time.Hour), "local time")
}

func TestDate(t *testing.T) {
	for raw, words := range map[string]string{
		`1767225600000`: "milliseconds", `"1767225600000"`: "milliseconds", `"1767225600"`: "quotes",
		`"2026-01-01T00:00:00Z"`: "date in words", `"ieri"`: "", `true`: "", ``: "",
	} {
		want(t, hint.Date(json.RawMessage(raw)), words)
	}
}

func TestKID(t *testing.T) {
	for kid, words := range map[string]string{
		"0f2b6a1e-8888-4a00-8000-0000000000f2":         "UUID",
		"qKUKEHfSJ8AdhULMQq9Jrs8LezIUUw3ZKk3nr9YS+rk=": "standard base64",
		strings.Repeat("ab", 32):                       "hexadecimal",
		"qKUKEHfSJ8AdhULMQq9Jrs8LezIUUw3ZKk3nr9YS-rk":  "",
		"": "",
	} {
		want(t, hint.KID(kid), words)
	}
}

func TestPlatformKID(t *testing.T) {
	want(t, hint.PlatformKID("qKUKEHfSJ8AdhULMQq9Jrs8LezIUUw3ZKk3nr9YS-rk"), "signed by PDND")
	want(t, hint.PlatformKID("0f2b6a1e-8888-4a00-8000-0000000000f2"), "")
}

func TestClaim(t *testing.T) {
	want(t, hint.Claim([]string{"iss", "loa"}, "LoA"), `"loa"`)
	want(t, hint.Claim([]string{"user_id"}, "userID"), `"user_id"`)
	want(t, hint.Claim([]string{"LoA"}, "LoA"), "")
	want(t, hint.Claim(nil, "LoA"), "")
}

func TestContentType(t *testing.T) {
	want(t, hint.ContentType("application/json", "application/json; charset=utf-8"), "added")
	want(t, hint.ContentType("application/json;charset=UTF-8", "application/json"), "removed")
	want(t, hint.ContentType("a/b; x=1", "a/b; x=2"), "parameters")
	want(t, hint.ContentType("a/b", "a/c"), "")
}

// Hints are asked about what strangers send: they never fail and never repeat a body.
func FuzzDigest(f *testing.F) {
	f.Add("SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", []byte(`{"segreto":1}`), "gzip")
	f.Fuzz(func(t *testing.T, header string, body []byte, encoding string) {
		got := hint.Digest(header, body, encoding)
		if strings.Contains(got.IT+got.EN, "segreto") {
			t.Fatalf("hint %+v", got)
		}
		_ = hint.Audience([]string{header}, encoding)
	})
}

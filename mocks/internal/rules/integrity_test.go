// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// The body and the digest of the example of C020, computed outside this package.
const (
	exampleBody   = `{"idOperazioneClient":"20261012000042","criteriRicerca":{"idANPR":"QX48213ZB"},"datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-2026-0012345","casoUso":"C020"}}`
	exampleDigest = "SHA-256=nlaaMZXv1kpEzwc1wWlmJ/uuuCeuxySW7Mc5HkmVHw8="
)

func TestDigestOfKnownBytes(t *testing.T) {
	if got := Digest([]byte(exampleBody)); got != exampleDigest {
		t.Errorf("got %s, expected %s", got, exampleDigest)
	}
	if got := Digest(nil); got != "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" {
		t.Errorf("the digest of nothing is %s", got)
	}
}

func TestCheckDigest(t *testing.T) {
	sum384 := sha512.Sum384([]byte(exampleBody))
	sum512 := sha512.Sum512([]byte(exampleBody))
	value := strings.TrimPrefix(exampleDigest, "SHA-256=")
	cases := map[string]struct {
		headers []string
		body    string
		want    string
	}{
		"SHA-256":        {[]string{exampleDigest}, exampleBody, ""},
		"SHA-384":        {[]string{"SHA-384=" + base64.StdEncoding.EncodeToString(sum384[:])}, exampleBody, ""},
		"SHA-512":        {[]string{"SHA-512=" + base64.StdEncoding.EncodeToString(sum512[:])}, exampleBody, ""},
		"absent":         {nil, exampleBody, "digest-missing"},
		"twice":          {[]string{exampleDigest, exampleDigest}, exampleBody, "digest-repeated"},
		"body changed":   {[]string{exampleDigest}, exampleBody + " ", "digest-mismatch"},
		"body emptied":   {[]string{exampleDigest}, "", "digest-mismatch"},
		"no algorithm":   {[]string{value}, exampleBody, "digest-format"},
		"lower case":     {[]string{"sha-256=" + value}, exampleBody, "digest-format"},
		"MD5":            {[]string{"MD5=" + value}, exampleBody, "digest-format"},
		"unpadded":       {[]string{strings.TrimSuffix(exampleDigest, "=")}, exampleBody, "digest-mismatch"},
		"base64url":      {[]string{strings.ReplaceAll(exampleDigest, "/", "_")}, exampleBody, "digest-mismatch"},
		"two algorithms": {[]string{exampleDigest + ",SHA-512=" + value}, exampleBody, "digest-mismatch"},
		"hex":            {[]string{"SHA-256=9e569a3195efd64a44cf0735c1696627fbaeb827aec72496ecc7391e49951f0f"}, exampleBody, "digest-mismatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantFault(t, CheckDigest(http.Header{"Digest": c.headers}, []byte(c.body)), c.want)
		})
	}
}

func TestCheckSignedHeaders(t *testing.T) {
	digest := map[string]any{"digest": exampleDigest}
	ctype := map[string]any{"content-type": "application/json"}
	base := http.Header{"Digest": {exampleDigest}, "Content-Type": {"application/json"}}
	with := func(name string, values ...string) http.Header {
		h := base.Clone()
		h[name] = values
		return h
	}
	custom := map[string]any{"x-test": "a"}
	cases := map[string]struct {
		claim any
		h     http.Header
		want  string
	}{
		"good":                    {[]any{digest, ctype}, base, ""},
		"name in upper case":      {[]any{map[string]any{"Digest": exampleDigest}, ctype}, base, ""},
		"spaces in content type":  {[]any{digest, map[string]any{"content-type": "application/json;charset=utf-8"}}, with("Content-Type", "application/json; charset=utf-8"), ""},
		"two values":              {[]any{digest, ctype, custom, map[string]any{"x-test": "b"}}, with("X-Test", "a", "b"), ""},
		"object":                  {map[string]any{"digest": exampleDigest}, base, "signed-headers-format"},
		"text":                    {"digest", base, "signed-headers-format"},
		"empty":                   {[]any{}, base, "signed-headers-format"},
		"two members":             {[]any{map[string]any{"digest": exampleDigest, "content-type": "application/json"}}, base, "signed-headers-format"},
		"value no text":           {[]any{map[string]any{"digest": 1}, ctype}, base, "signed-headers-format"},
		"element no object":       {[]any{"digest"}, base, "signed-headers-format"},
		"no digest":               {[]any{ctype}, base, "digest-unsigned"},
		"content type unsigned":   {[]any{digest}, base, "header-unsigned"},
		"encoding unsigned":       {[]any{digest, ctype}, with("Content-Encoding", "gzip"), "header-unsigned"},
		"another digest":          {[]any{map[string]any{"digest": "SHA-256=AAAA"}, ctype}, base, "header-mismatch"},
		"another content type":    {[]any{digest, ctype}, with("Content-Type", "text/plain"), "header-mismatch"},
		"charset added":           {[]any{digest, ctype}, with("Content-Type", "application/json; charset=utf-8"), "header-mismatch"},
		"signed header absent":    {[]any{digest, ctype, custom}, base, "header-missing"},
		"copy added by an enemy":  {[]any{digest, ctype, custom}, with("X-Test", "a", "a"), "header-count"},
		"signed twice, differing": {[]any{digest, ctype, custom, custom}, with("X-Test", "a", "b"), "header-mismatch"},
		"values in another order": {[]any{digest, ctype, custom, map[string]any{"x-test": "b"}}, with("X-Test", "b", "a"), "header-mismatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantFault(t, CheckSignedHeaders(Members{"signed_headers": c.claim}, c.h), c.want)
		})
	}
	wantFault(t, CheckSignedHeaders(Members{}, base), "signed-headers-missing")
}

func TestSignedHeadersMatchesItsVerifier(t *testing.T) {
	if got := SignedHeaders("d", ""); len(got) != 1 || got[0]["digest"] != "d" {
		t.Errorf("without a content type: %v", got)
	}
	if got := SignedHeaders("d", "application/json"); len(got) != 2 || got[1]["content-type"] != "application/json" {
		t.Errorf("with a content type: %v", got)
	}
}

func TestOneHeader(t *testing.T) {
	h := http.Header{"One": {"a"}, "Two": {"a", "a"}, "Empty": {""}}
	if v, fault := OneHeader(h, "One", ClassToken); fault != nil || v != "a" {
		t.Errorf("refused a single header: %v", fault)
	}
	for name, want := range map[string]string{"Two": "header-repeated", "Empty": "header-absent", "None": "header-absent"} {
		_, fault := OneHeader(h, name, ClassToken)
		wantFault(t, fault, want)
		if fault.Class != ClassToken {
			t.Errorf("%s: class %d", name, fault.Class)
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func TestSameContentType(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		same bool
	}{
		"equal":                        {"application/json", "application/json", true},
		"type in another case":         {"Application/JSON", "application/json", true},
		"spacing":                      {"application/json;charset=utf-8", "application/json ; charset=utf-8", true},
		"charset in another case":      {"text/xml; charset=UTF-8", "text/xml; charset=utf-8", true},
		"charset quoted":               {`text/xml; charset="utf-8"`, "text/xml; charset=utf-8", true},
		"parameter name in upper case": {"text/xml; CHARSET=utf-8", "text/xml; charset=utf-8", true},
		"parameters in another order":  {"a/b; x=1; y=2", "a/b; y=2; x=1", true},
		"charset added":                {"application/json", "application/json; charset=utf-8", false},
		"charset changed":              {"text/xml; charset=utf-8", "text/xml; charset=latin1", false},
		"subtype changed":              {"application/json", "application/xml", false},
		"parameter changed":            {"a/b; boundary=x", "a/b; boundary=X", false},
		"encoded parameter":            {"a/b; x*=utf-8''1", "a/b; x=1", false},
		"not a media type":             {"application/json;;;=", "application/json", false},
		"repeated parameter":           {"a/b; x=1; x=2", "a/b; x=1", false},
		"same nonsense":                {"???", "???", true},
		"dotted capital I":             {"application/json", "appl\u0130cation/json", false},
		"Kelvin sign":                  {"application/pkcs7-mime", "application/p\u212acs7-mime", false},
		"Kelvin sign in a charset":     {"application/json; charset=koi8-r", "application/json; charset=\"\u212aoi8-r\"", false},
		"byte that is not UTF-8":       {"a/b; x=\"\xff\"", "a/b;x=\"\xff\"", false},
		"empty":                        {"", "application/json", false},
	} {
		t.Run(name, func(t *testing.T) {
			if sameContentType(c.a, c.b) != c.same || sameContentType(c.b, c.a) != c.same {
				t.Errorf("%q and %q: want same %t", c.a, c.b, c.same)
			}
		})
	}
}

func FuzzContentType(f *testing.F) {
	f.Add("application/json; charset=utf-8", "application/json;charset=UTF-8")
	f.Add("a/b; x*0=1; x*1=2", "a/b; x=12")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !sameContentType(a, a) {
			t.Fatalf("%q differs from itself", a)
		}
		if sameContentType(a, b) != sameContentType(b, a) {
			t.Fatalf("%q and %q: the comparison has a direction", a, b)
		}
	})
}

// A digest has one spelling: what is accepted is written the same again.
func FuzzDigestHeader(f *testing.F) {
	f.Add("SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	f.Add("sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	f.Add("SHA-512=")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseDigest(s, nil)
		if err != nil {
			return
		}
		names := map[crypto.Hash]string{crypto.SHA256: "SHA-256", crypto.SHA384: "SHA-384", crypto.SHA512: "SHA-512"}
		if again := names[got[0].alg] + "=" + base64.StdEncoding.EncodeToString(got[0].sum); again != s || len(got) != 1 {
			t.Fatalf("accepted %q, which is written %q", s, again)
		}
	})
}

// What is accepted says the same to encoding/json, one member at a time and in order.
func FuzzSignedHeaders(f *testing.F) {
	f.Add([]byte(`[{"digest":"SHA-256=x"},{"content-type":"a/b"},{"x-a":"1"},{"x-a":"2"}]`))
	f.Add([]byte(`[{"a":"1","b":"2"}]`))
	f.Add([]byte(`[{"A":"1"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return // the claims that hold it are valid JSON
		}
		got, err := parseSignedHeaders(string(data), nil)
		if err != nil {
			return
		}
		var want []map[string]string
		err = json.Unmarshal(data, &want)
		if err != nil || len(want) != len(got) || len(got) == 0 {
			t.Fatalf("%d elements, encoding/json sees %d: %v", len(got), len(want), err)
		}
		for i, h := range got {
			value, ok := want[i][h.name]
			if !ok || value != h.value || len(want[i]) != 1 || strings.ToLower(h.name) != h.name {
				t.Fatalf("element %d is %q: %q, encoding/json sees %v", i, h.name, h.value, want[i])
			}
		}
	})
}

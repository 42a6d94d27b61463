// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNumbersAreReadAsEncodingJSONReadsThem: what strconv reads beyond RFC 8259 is refused.
func TestNumbersAreReadAsEncodingJSONReadsThem(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "7", "-12", "1.5", "0.25", "1e3", "1E+3", "2.5e-3", "1e308",
		"+1", "01", "-01", "1.", ".5", "-", "--1", "1e", "1e+", "1.e3", "1.5.2", "1-2", "1e999", "0x1", "1_0", "1e3e3", "00",
	} {
		var want float64
		wrong := json.Unmarshal([]byte(text), &want)
		got, err := ParseJSON([]byte(text))
		if (err == nil) != (wrong == nil) {
			t.Errorf("%q: %v, encoding/json says %v", text, err, wrong)
			continue
		}
		if err == nil && got != want {
			t.Errorf("%q read as %v, want %v", text, got, want)
		}
	}
}

func TestValueReadBeforeIsCheckedAsItsTextIs(t *testing.T) {
	o, err := CompileObject(map[string]any{
		"type": "object", "additionalProperties": false,
		"properties": map[string]any{"codiceFiscale": map[string]any{"type": "string", "format": FormatCodiceFiscale}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		`{"codiceFiscale":"RSSMRA85T10A562S"}`: nil,
		`{"codiceFiscale":"rssmra85t10a562s"}`: nil,
		`{"codiceFiscale":"rssmra85t10a562t"}`: {"/richiesta/codiceFiscale: format codice-fiscale"},
		`{"altro":1}`:                          {"/richiesta/altro: unknown"},
	} {
		value, fromText := o.Check([]byte(text), "richiesta")
		for _, err := range []error{fromText, o.CheckValue(value, "richiesta")} {
			var got []string
			var found *Violations
			if errors.As(err, &found) {
				for _, v := range found.Items {
					got = append(got, v.String())
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", text, diff)
			}
		}
	}
}

// BenchmarkCheck is one small body, read and held against its schema.
func BenchmarkCheck(b *testing.B) {
	o, err := CompileObject(map[string]any{
		"type": "object", "required": []any{"id", "anno"}, "additionalProperties": false,
		"properties": map[string]any{
			"id":   map[string]any{"type": "string", "pattern": "^[A-Z0-9-]+$"},
			"anno": map[string]any{"type": "integer", "minimum": 1900},
			"di":   map[string]any{"type": "string", "format": FormatCodiceFiscale},
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	text := []byte(`{"id":"ASILO-0001","anno":2026,"di":"RSSMRA85T10A562S"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Check(text); err != nil {
			b.Fatal(err)
		}
	}
}

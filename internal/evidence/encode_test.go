// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package evidence

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fill sets every field of v, at any depth, to something that is not empty; texts become text.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		switch v.Type() {
		case reflect.TypeFor[json.RawMessage]():
			v.SetBytes([]byte("{ \"a\": [1, \"<b>\"] }"))
		case reflect.TypeFor[[]byte]():
			v.SetBytes([]byte{0, 1, 0xfe})
		default:
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			fill(v.Index(0), text)
			fill(v.Index(1), "")
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"b": text, "a": ""}))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 22, 10, 0, 0, 120, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), text)
		}
	default:
		panic("a kind of field that no record had: " + v.Kind().String())
	}
}

// awkward are texts that JSON writes in ways of its own.
func awkward() []string {
	return []string{
		"", "plain", `quote " and \`, "line\nfeed\ttab\b\f\r\x01", "del\x7f", "<b>&amp;</b>", "città\u2028\u2029", "\xff broken \xc3",
	}
}

// same tells how the two ways of writing v differ.
func same(t *testing.T, v any, ours []byte, err error) {
	t.Helper()
	theirs, failed := marshalLine(v)
	if (err == nil) != (failed == nil) {
		t.Fatalf("%v, encoding/json says %v", err, failed)
	}
	if diff := cmp.Diff(string(theirs), string(ours)); err == nil && diff != "" {
		t.Errorf("differs from encoding/json (-want +got):\n%s", diff)
	}
}

func TestRecordsAreWrittenAsByEncodingJSON(t *testing.T) {
	for _, text := range awkward() {
		var leaf leafJSON
		var side Side
		ours, err := leaf.appendTo(nil)
		same(t, leaf, ours, err)
		ours, err = side.appendTo(nil)
		same(t, side, ours, err)
		fill(reflect.ValueOf(&leaf).Elem(), text)
		fill(reflect.ValueOf(&side).Elem(), text)
		ours, err = leaf.appendTo(nil)
		same(t, leaf, ours, err)
		ours, err = side.appendTo(nil)
		same(t, side, ours, err)
	}
}

func TestPayloadThatIsNotJSONIsNotWritten(t *testing.T) {
	for _, payload := range []string{"", "{", "{}{}", "nil", " ", `{"a":1}`, "null", "\xff"} {
		side := Side{Proofs: []Proof{{Token: TokenVoucher, Payload: json.RawMessage(payload)}}}
		ours, err := side.appendTo(nil)
		same(t, side, ours, err)
	}
}

// FuzzLeafIsWrittenAsByEncodingJSON: one entry has exactly one leaf, whoever writes it.
func FuzzLeafIsWrittenAsByEncodingJSON(f *testing.F) {
	for _, text := range awkward() {
		f.Add(text, 200, []byte(text))
	}
	f.Fuzz(func(t *testing.T, text string, status int, commitment []byte) {
		leaf := leafJSON{Version: LeafVersion, Ente: text, Service: text, Vouchers: []string{text, ""}, Status: status, Commitment: commitment}
		ours, err := leaf.appendTo(nil)
		same(t, leaf, ours, err)
	})
}

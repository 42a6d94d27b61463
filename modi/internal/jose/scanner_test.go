// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// The scanner knows exactly the grammar of RFC 8259 and refuses beyond it only what is
// named.
func TestScannerGrammar(t *testing.T) {
	for in, want := range map[string]error{
		`1`: nil, `-0`: nil, `0.5`: nil, `1e5`: nil, `1E+5`: nil, `-1.25e-3`: nil, `true`: nil, `false`: nil, `null`: nil,
		`""`: nil, `"\"\\\/\b\f\n\r\t\u00e0"`: nil, `"\uD83D\uDE00"`: nil, `"à€😀"`: nil, `[]`: nil, `[1, [2]]`: nil, `{}`: nil, ` { } `: nil,
		"\"\x7f\"": nil,
		``:         errNotJSON, `-`: errNotJSON, `01`: errNotJSON, `.5`: errNotJSON, `1.`: errNotJSON, `1e`: errNotJSON, `1e+`: errNotJSON,
		`+1`: errNotJSON, `tru`: errNotJSON, `nulL`: errNotJSON, `True`: errNotJSON, `"`: errNotJSON, `"\`: errNotJSON, `"\x"`: errNotJSON,
		`"\u12"`: errNotJSON, `"\u12g4"`: errNotJSON, `"\u+123"`: errNotJSON, `"\u0_12"`: errNotJSON, "\"\n\"": errNotJSON, "\"\x00\"": errNotJSON,
		`[1,]`: errNotJSON, `[,1]`: errNotJSON, `[1 2]`: errNotJSON, `[1`: errNotJSON, `{"a"}`: errNotJSON, `{"a":}`: errNotJSON,
		`{a:1}`: errNotJSON, `{"a":1 "b":2}`: errNotJSON, `{"a":1,}`: errNotJSON, `{"a" 1}`: errNotJSON, `{"\q":1}`: errNotJSON, `{"a`: errNotJSON,
		`'a'`: errNotJSON, `// a`: errNotJSON, `1 1`: errNotJSON,
		"\"\xff\"": errNotUTF8, "\"\xed\xa0\x80\"": errNotUTF8, "{\"\xc0\xaf\":1}": errNotUTF8,
		`"\ud800"`: errSurrogates, `"\udc00"`: errSurrogates, `"\ud800\u0041"`: errSurrogates, `"\ud800x"`: errSurrogates, `{"\ud800":1}`: errSurrogates,
		`{"a":1,"a":2}`: errRepeated, `{"a":1,"\u0061":2}`: errRepeated, `[{"b":{"x":1,"x":1}}]`: errRepeated,
	} {
		s := scanner{text: in}
		s.space()
		err := s.value(0)
		if err == nil {
			err = s.end()
		}
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
		if valid := json.Valid([]byte(in)) && utf8.ValidString(in); valid != (want == nil || errors.Is(want, errSurrogates) || errors.Is(want, errRepeated)) {
			t.Errorf("%q: encoding/json says %t", in, valid)
		}
	}
}

func TestParseObjectSaysWhatItFound(t *testing.T) {
	for in, want := range map[string]error{`[]`: errNotObject, `"a"`: errNotObject, `x`: errNotJSON, ``: errNotJSON, `{`: errNotJSON} {
		_, err := ParseObject(in)
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
}

func TestParseArray(t *testing.T) {
	items, err := ParseArray(` [1, "a,]", {"x":[2]} , [] ] `)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", `"a,]"`, `{"x":[2]}`, "[]"}, items); diff != "" {
		t.Error(diff)
	}
	for _, in := range []string{``, `{}`, `null`, `[`, `[1]x`, `[{"a":1,"a":1}]`, strings.Repeat("[", 17) + strings.Repeat("]", 17)} {
		out, err := ParseArray(in)
		if err == nil {
			t.Errorf("%q: accepted as %v", in, out)
		}
	}
}

// Sibling objects may share names: only those of one object may not repeat.
func TestNamesAreCountedPerObject(t *testing.T) {
	many := `{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":2}],"x":{"a":1,"b":2}`
	for i := range 40 {
		many += `,"m` + strings.Repeat("i", i) + `":{"x":1,"a":1}`
	}
	o, err := ParseObject(many + `}`)
	if err != nil || len(o) != 44 {
		t.Errorf("%d members, %v", len(o), err)
	}
}

// A Fault never comes from nowhere: what the signer gives is checked before it is written.
func TestSignRefusesASignerThatAnswersOtherwise(t *testing.T) {
	a := algorithm(t, "ES256")
	for _, signature := range []string{"", "\x30\x00", "\x30\x06\x02\x01\x00\x02\x01\x01", "\x30\x06\x02\x01\x01\x02\x01\x01\x00"} {
		out, err := a.fixed([]byte(signature))
		if err == nil {
			t.Errorf("%x taken as %x", signature, out)
		}
	}
	out, err := a.fixed([]byte("\x30\x06\x02\x01\x01\x02\x01\x02"))
	if err != nil || len(out) != 64 || out[31] != 1 || out[63] != 2 {
		t.Errorf("%x, %v", out, err)
	}
}

// The header is written as it is encoded, in one order, without HTML escapes.
func TestEncodeIsPlain(t *testing.T) {
	got, err := Encode(map[string]any{"b": "<&>", "a": 1})
	if err != nil || string(got) != `{"a":1,"b":"<&>"}` {
		t.Errorf("%s, %v", got, err)
	}
	_, err = Encode(make(chan int))
	if err == nil {
		t.Error("a channel was encoded")
	}
}

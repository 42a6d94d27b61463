// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestReadsJSONAsTheStandardLibraryDoes(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `null`, `true`, `false`, `0`, `-0`, `-1.5e3`, `1E-2`, `""`, `"a\"b\\\/\b\f\n\r\té"`, `"😀"`,
		` { "a" : [ 1 , { "b" : null } ] , "c" : "d" } `, "\t[\r\n]", `{"a":{"a":{"a":1}}}`, `"perché"`,
	} {
		got, err := ParseJSON([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var want any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestRejectsMalformedJSON(t *testing.T) {
	for text, offset := range map[string]int{
		``: 0, ` `: 1, `{`: 1, `[`: 1, `{"a"}`: 4, `{"a":}`: 5, `{"a":1,}`: 7, `[1,]`: 3, `[1 2]`: 3, `{a:1}`: 1, `'a'`: 0,
		`tru`: 0, `nul`: 0, `01`: 0, `1.`: 0, `.5`: 0, `+1`: 0, `1e400`: 0, `-`: 0, `"a`: 2, "\"a\nb\"": 2, `"\x"`: 1, `"\u12"`: 1,
		`{} {}`: 3, `{}x`: 2, "\xef\xbb\xbf{}": 0, "\"\xff\"": 1, `"\ud800"`: 1, `"\udc00"`: 1, `"\ud800A"`: 1, `"\`: 3, `NaN`: 0,
		"[\"a\\": 5, `"\ud83d\ud83d"`: 1,
	} {
		_, err := ParseJSON([]byte(text))
		var fault *JSONError
		if !errors.As(err, &fault) || fault.Fault != Malformed {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if want := min(offset, len(text)); fault.Offset != want {
			t.Errorf("%q: offset %d, want %d", text, fault.Offset, want)
		}
	}
}

func TestRejectsRepeatedMembers(t *testing.T) {
	for text, where := range map[string]string{
		`{"a":1,"a":1}`: "/a", `{"x":[{"b":1,"b":2}]}`: "/x/0/b", `{"a":1,"a":2}`: "/a", `{"":1,"":2}`: "/",
		`{"a/b":{"~":1,"~":1}}`: "/a~1b/~0",
	} {
		_, err := ParseJSON([]byte(text))
		var fault *JSONError
		if !errors.As(err, &fault) || fault.Fault != Duplicate || fault.Where != where {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRejectsDeepJSON(t *testing.T) {
	deep := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if _, err := ParseJSON(deep(MaxDepth + 1)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	var fault *JSONError
	if _, err := ParseJSON(deep(MaxDepth + 2)); !errors.As(err, &fault) || fault.Fault != TooDeep {
		t.Errorf("beyond the limit: %v", err)
	}
	if _, err := ParseJSON([]byte(strings.Repeat("[", 1<<20))); !errors.As(err, &fault) || fault.Fault != TooDeep {
		t.Errorf("a million: %v", err)
	}
}

func TestJSONErrorsDoNotQuote(t *testing.T) {
	_, err := ParseJSON([]byte(`{"codiceFiscale":"RSSMRA85T10A562S" x}`))
	if err == nil || strings.Contains(err.Error(), "RSSMRA") {
		t.Errorf("got %v", err)
	}
	if (&JSONError{}).Error() == "" {
		t.Error("an error without words")
	}
}

func TestPlacesAreBoundedAndPrintable(t *testing.T) {
	got := pointer([]string{"a\nb\u202e", strings.Repeat("x", 500)})
	if !strings.HasPrefix(got, "/a?b?/xxx") || len(got) > maxPlace+3 {
		t.Errorf("got %q", got)
	}
}

// FuzzParseJSON holds the reader against encoding/json: what it accepts means the same there, what it alone refuses is
// repeated, too deep or not Unicode.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"x",null,true]}`, `{"a":1,"a":2}`, `"\ud83d\ude00"`, `"\ud800"`, `[[[]]]`, ` 1 `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := ParseJSON(text)
		var want any
		std := json.Unmarshal(text, &want)
		if err == nil {
			if std != nil {
				t.Fatalf("accepted what encoding/json refuses: %q: %v", text, std)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%q: %s", text, diff)
			}
			return
		}
		var fault *JSONError
		if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > len(text) {
			t.Fatalf("%q: %v", text, err)
		}
		if std == nil && fault.Fault == Malformed && utf8.Valid(text) && !strings.Contains(string(text), `\u`) {
			t.Fatalf("refused what encoding/json reads: %q: %v", text, err)
		}
	})
}

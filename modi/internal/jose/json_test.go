// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestParseObjectRefuses(t *testing.T) {
	many := "{"
	for i := range 40 {
		many += fmt.Sprintf(`"m%d":0,`, i)
	}
	for name, in := range map[string]string{
		"nothing":                   "",
		"array":                     "[]",
		"string":                    `"a"`,
		"null":                      "null",
		"trailing bytes":            `{"a":1}x`,
		"second object":             `{"a":1}{"a":1}`,
		"trailing comma":            `{"a":1,}`,
		"comment":                   `{"a":1/**/}`,
		"repeated member":           `{"a":1,"a":1}`,
		"repeated by escape":        `{"aud":1,"\u0061ud":2}`,
		"repeated in depth":         `{"a":[{"b":{"c":1,"c":2}}]}`,
		"repeated after many":       many + `"m39":0}`,
		"repeated early after many": many + `"m0":0}`,
		"not UTF-8":                 "{\"a\":\"\xff\"}",
		"too deep":                  strings.Repeat(`{"a":`, 17) + "1" + strings.Repeat("}", 17),
		"too deep lists":            `{"a":` + strings.Repeat("[", 17) + strings.Repeat("]", 17) + "}",
		"leading zero":              `{"a":01}`,
		"NaN":                       `{"a":NaN}`,
	} {
		t.Run(name, func(t *testing.T) {
			o, err := ParseObject(in)
			if err == nil {
				t.Errorf("accepted as %v", o)
			}
		})
	}
}

func TestParseObjectKeepsOrderAndBytes(t *testing.T) {
	o, err := ParseObject(` {"b" : [1, {"x":"}]"}] ,` + "\t" + `"a":"q\"\\", "n":-1.5e3,"":null}` + "\n")
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]string{{"b", `[1, {"x":"}]"}]`}, {"a", `"q\"\\"`}, {"n", "-1.5e3"}, {"", "null"}}
	if len(o) != len(want) {
		t.Fatalf("%d members: %v", len(o), o)
	}
	for i, w := range want {
		if o[i].Name != w[0] || o[i].Value != w[1] {
			t.Errorf("member %d is %q: %s", i, o[i].Name, o[i].Value)
		}
	}
	s, ok := Unquote(o[1].Value)
	if !ok || s != `q"\` {
		t.Errorf("Unquote = %q, %t", s, ok)
	}
}

func TestGetIsExact(t *testing.T) {
	o, err := ParseObject(`{"AUD":1}`)
	if err != nil {
		t.Fatal(err)
	}
	_, ok := o.Get("aud")
	if ok {
		t.Error("AUD was taken for aud")
	}
}

func TestUnquoteRefusesOtherTypes(t *testing.T) {
	for _, raw := range []string{"", "1", "null", "{}", "[]", `"`} {
		s, ok := Unquote(raw)
		if ok {
			t.Errorf("Unquote(%s) = %q", raw, s)
		}
	}
}

// Whatever is accepted must mean the same to encoding/json, member by member.
func FuzzParseObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":{"b":[1,"x",null,true]}}`, `{"a":1,"a":2}`, ` {"\u0061" :"\"\\"} `, `{"a":1e400}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := ParseObject(string(data))
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		err = json.Unmarshal(data, &want)
		if err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if len(want) != len(o) {
			t.Fatalf("%d members, encoding/json sees %d", len(o), len(want))
		}
		for _, m := range o {
			if string(bytes.TrimSpace(want[m.Name])) != m.Value {
				t.Fatalf("member %q is %s, encoding/json sees %s", m.Name, m.Value, want[m.Name])
			}
		}
	})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package terminal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
)

// hostile has what a terminal obeys: a colour, a window title, an 8-bit CSI as a character
// and as a byte, DEL, a carriage return, a line separator, and turns of direction.
const hostile = "a\x1b[2J\x1b]0;x\x07b\u009b31mc\x9b31md\x7f\re\u2028f\u202eg\u2066h\u200fi"

// wantInert fails on anything that a terminal does instead of showing.
func wantInert(t *testing.T, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Errorf("not UTF-8: %q", out)
	}
	if i := strings.IndexFunc(out, func(r rune) bool {
		return r != '\n' && r != '\t' && (r < ' ' || r >= 0x7f && r <= 0x9f || strings.ContainsRune("\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069", r))
	}); i >= 0 {
		t.Errorf("%q is obeyed in %q", out[i:min(i+3, len(out))], out)
	}
}

func TestTerminalEscapesAreNotObeyed(t *testing.T) {
	quoted, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	raw := `{"x":"` + strings.NewReplacer("\x1b", "", "\x07", "", "\r", "").Replace(hostile) + `"}` // valid JSON all the same
	part := base64.RawURLEncoding.EncodeToString([]byte(raw))
	for name, write := range map[string]func(w *terminal.Writer){
		"line":          func(w *terminal.Writer) { w.Line(hostile) },
		"title":         func(w *terminal.Writer) { w.Title(hostile) },
		"step":          func(w *terminal.Writer) { w.Step(1, hostile) },
		"paragraph":     func(w *terminal.Writer) { w.Para(hostile) },
		"outcome":       func(w *terminal.Writer) { w.Say(terminal.Bad, hostile) },
		"code":          func(w *terminal.Writer) { w.Code(hostile) },
		"table":         func(w *terminal.Writer) { w.Table([][]string{{hostile, "x"}, {"y", hostile}}) },
		"JSON":          func(w *terminal.Writer) { w.JSON([]byte(raw)) },
		"JSON, escaped": func(w *terminal.Writer) { w.JSON([]byte(`{"x":` + string(quoted) + `}`)) },
		"not JSON":      func(w *terminal.Writer) { w.JSON([]byte(hostile)) },
		"message": func(w *terminal.Writer) {
			w.Message(terminal.Message{
				From: hostile, To: hostile, Start: "GET /" + hostile, Body: []byte(hostile),
				Header: []terminal.Field{{Name: hostile, Value: hostile}, {Name: "Authorization", Value: hostile + " " + part + "." + part + ".x"}},
				Tokens: []terminal.Token{
					{Name: hostile, Header: map[string]any{hostile: hostile}, Payload: map[string]any{"jti": hostile}, Brief: true},
					{Name: hostile, Header: map[string]any{"kid": hostile}, Payload: map[string]any{"iss": hostile, hostile: 1}},
				},
			})
		},
		"message with a form": func(w *terminal.Writer) {
			w.Message(terminal.Message{Body: []byte("a%1b=%1b%5B2J&b%0a=" + part + "." + part + ".x")})
		},
		"message with a token": func(w *terminal.Writer) { w.Message(terminal.Message{Body: []byte(raw)}) },
	} {
		t.Run(name, func(t *testing.T) { wantInert(t, plain(t, write)) })
	}
}

// The colours of the writer itself stay, and nothing of a painted text gets among them.
func TestColouredTextIsCleanedBeforeItIsPainted(t *testing.T) {
	var out bytes.Buffer
	w := terminal.New(&out, 60, true)
	w.Title(hostile)
	w.Say(terminal.Good, hostile)
	w.Code(hostile)
	got := out.String()
	for _, sgr := range []string{"\x1b[1m", "\x1b[32m", "\x1b[36m", "\x1b[0m"} {
		if !strings.Contains(got, sgr) {
			t.Errorf("%q is missing", sgr)
		}
		got = strings.ReplaceAll(got, sgr, "")
	}
	wantInert(t, got)
}

// What is escaped in JSON still means the same.
func TestJSONKeepsItsMeaning(t *testing.T) {
	const value = "tab\tè \u202e\u009b\x7f"
	raw, err := json.Marshal(map[string]string{"x": value})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(plain(t, func(w *terminal.Writer) { w.JSON(raw) })), &got); err != nil || got["x"] != value {
		t.Errorf("%q, %v", got["x"], err)
	}
}

func TestTabsAndLineBreaksAreKept(t *testing.T) {
	if got := plain(t, func(w *terminal.Writer) { w.Line("a\tb\nc") }); got != "a\tb\nc\n" {
		t.Errorf("%q", got)
	}
}

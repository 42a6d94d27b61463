// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package message_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/snodo-pa/snodo/modi/message"
)

// ignoreForm leaves out what only says how a message was written.
func ignoreForm() cmp.Option {
	return cmp.Options{cmpopts.IgnoreUnexported(message.Message{}, message.Field{}), cmpopts.EquateEmpty()}
}

func parse(t testing.TB, text string) *message.Message {
	t.Helper()
	m, err := message.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReadsARequest(t *testing.T) {
	const text = "POST /pratiche?x=1 HTTP/1.1\r\nHost: api.ente.example\r\nX-A:  1 \r\nx-a:2\r\nContent-Length: 4\r\n\r\n{\"\"}"
	m := parse(t, text)
	want := &message.Message{
		Method: "POST", Target: "/pratiche?x=1", Proto: "HTTP/1.1",
		Fields: []message.Field{
			{Name: "Host", Value: "api.ente.example"},
			{Name: "X-A", Value: "1"},
			{Name: "x-a", Value: "2"},
			{Name: "Content-Length", Value: "4"},
		},
		Body: []byte(`{""}`),
	}
	if diff := cmp.Diff(want, m, ignoreForm()); diff != "" {
		t.Error(diff)
	}
	if got := string(m.Bytes()); got != text {
		t.Errorf("written %q", got)
	}
	header := http.Header{"Host": {"api.ente.example"}, "X-A": {"1", "2"}, "Content-Length": {"4"}}
	if diff := cmp.Diff(header, m.Header()); diff != "" {
		t.Error(diff)
	}
	if !m.IsRequest() || m.URL("https") != "https://api.ente.example/pratiche?x=1" {
		t.Errorf("URL %q", m.URL("https"))
	}
}

func TestReadsAReply(t *testing.T) {
	m := parse(t, "HTTP/1.1 404 Not Found\nContent-Type: text/plain\n\nniente")
	if m.IsRequest() || m.Status != 404 || m.Reason != "Not Found" || m.URL("https") != "" || string(m.Body) != "niente" {
		t.Errorf("%+v", m)
	}
	for text, want := range map[string]string{
		"HTTP/2 200 \r\n\r\n":          "HTTP/2 200\r\n\r\n",
		"HTTP/1.1 204\r\n\r\n":         "HTTP/1.1 204\r\n\r\n",
		"HTTP/1.1 500 a  b c\r\n\r\nx": "HTTP/1.1 500 a  b c\r\n\r\nx",
	} {
		if got := string(parse(t, text).Bytes()); got != want {
			t.Errorf("%q written %q", text, got)
		}
	}
}

func TestURLNeedsAHost(t *testing.T) {
	for text, want := range map[string]string{
		"GET / HTTP/1.1\n\n":                                "",
		"GET / HTTP/1.1\nHost:\n\n":                         "",
		"GET / HTTP/1.1\nHost: a\nHost: b\n\n":              "",
		"GET / HTTP/1.1\nhost: a:8443\n\n":                  "https://a:8443/",
		"GET http://b.example/x?y HTTP/1.1\nHost: a\n\n":    "http://b.example/x?y",
		"GET / HTTP/1.1\r\nX: 1\r\nHost: a.example\r\n\r\n": "https://a.example/",
	} {
		if got := parse(t, text).URL("https"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestToleratesWhatHandsWrite(t *testing.T) {
	const head = "POST / HTTP/1.1\r\n"
	for name, c := range map[string]struct {
		text  string
		body  string
		notes []message.Note
	}{
		"CRLF and exact length":          {head + "Content-Length: 2\r\n\r\nab", "ab", nil},
		"equal lengths":                  {head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", "ab", nil},
		"no length, no body":             {head + "\r\n", "", nil},
		"LF in the head":                 {"POST / HTTP/1.1\nA: b\n\nx\r\ny", "x\r\ny", []message.Note{{Kind: message.NoteLineFeeds}}},
		"LF in the body only":            {head + "\r\nx\ny", "x\ny", nil},
		"byte order mark":                {"\xef\xbb\xbf" + head + "\r\nx", "x", []message.Note{{Kind: message.NoteByteOrderMark}}},
		"line break that an editor adds": {head + "Content-Length: 2\r\n\r\nab\n", "ab", []message.Note{{Kind: message.NoteBodyCut, N: 1}}},
		"CRLF that an editor adds":       {head + "Content-Length: 2\r\n\r\nab\r\n", "ab", []message.Note{{Kind: message.NoteBodyCut, N: 2}}},
		"body longer than its length":    {head + "Content-Length: 2\r\n\r\nabc", "abc", []message.Note{{Kind: message.NoteLength, N: 3}}},
		"body shorter than its length":   {head + "Content-Length: 9\r\n\r\nabc", "abc", []message.Note{{Kind: message.NoteLength, N: 3}}},
		"final line break, no length":    {head + "\r\nab\n", "ab\n", []message.Note{{Kind: message.NoteFinalNewline, N: 3}}},
		"chunked, but decoded":           {head + "Transfer-Encoding: chunked\r\n\r\nab", "ab", []message.Note{{Kind: message.NoteTransferEncoding}}},
		"no blank line":                  {head + "A: b\r\n", "", []message.Note{{Kind: message.NoteNoBlankLine}}},
		"start line alone":               {"GET / HTTP/1.1", "", []message.Note{{Kind: message.NoteNoBlankLine}}},
		"opaque bytes in a value":        {head + "A: caff\xe8\r\n\r\n", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, c.text)
			if string(m.Body) != c.body {
				t.Errorf("body %q, want %q", m.Body, c.body)
			}
			if diff := cmp.Diff(c.notes, m.Notes); diff != "" {
				t.Error(diff)
			}
			for _, n := range c.notes {
				if !m.Has(n.Kind) {
					t.Errorf("Has(%s) = false", n.Kind)
				}
			}
		})
	}
}

// Every one of these could be read in two ways, or is no message at all.
func TestRefusesWhatIsAmbiguous(t *testing.T) {
	const head = "POST / HTTP/1.1\r\n"
	for name, c := range map[string]struct {
		text string
		line int // 0: not a fault of a line, but one of a length or of the encoding
	}{
		"nothing":                     {"", 1},
		"blank first line":            {"\r\n" + head, 1},
		"a token alone":               {"eyJhbGciOiJSUzI1NiJ9.e30.AA", 1},
		"no version":                  {"GET /\r\n\r\n", 1},
		"unknown version":             {"GET / HTTP/9\r\n\r\n", 1},
		"two spaces":                  {"GET  / HTTP/1.1\r\n\r\n", 1},
		"method that is no token":     {"G@T / HTTP/1.1\r\n\r\n", 1},
		"target with a tab":           {"GET /a\tb HTTP/1.1\r\n\r\n", 1},
		"target that is not UTF-8":    {"GET /\xe8 HTTP/1.1\r\n\r\n", 1},
		"status of two digits":        {"HTTP/1.1 20 OK\r\n\r\n", 1},
		"status above 599":            {"HTTP/1.1 600 OK\r\n\r\n", 1},
		"status with a sign":          {"HTTP/1.1 +20 OK\r\n\r\n", 1},
		"folded line":                 {head + "A: b\r\n c\r\n\r\n", 3},
		"folded with a tab":           {head + "A: b\r\n\tc\r\n\r\n", 3},
		"space before the colon":      {head + "A : b\r\n\r\n", 2},
		"no colon":                    {head + "Host\r\n\r\n", 2},
		"no name":                     {head + ": b\r\n\r\n", 2},
		"bare CR in a value":          {head + "A: b\rC: d\r\n\r\n", 2},
		"NUL in a value":              {head + "A: \x00\r\n\r\n", 2},
		"DEL in the start line":       {"GET /\x7f HTTP/1.1\r\n\r\n", 1},
		"lengths that disagree":       {head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", 0},
		"length that is a list":       {head + "Content-Length: 2, 2\r\n\r\nab", 0},
		"negative length":             {head + "Content-Length: -1\r\n\r\n", 0},
		"length with a sign":          {head + "Content-Length: +2\r\n\r\nab", 0},
		"length beyond 31 bits":       {head + "Content-Length: 99999999999\r\n\r\n", 0},
		"line beyond the bound":       {head + "A: " + strings.Repeat("x", message.MaxLine) + "\r\n\r\n", 2},
		"too many fields":             {head + strings.Repeat("A: b\r\n", message.MaxFields+1) + "\r\n", message.MaxFields + 2},
		"head beyond the bound":       {head + strings.Repeat("A: "+strings.Repeat("x", 60<<10)+"\r\n", 5) + "\r\n", 6},
		"UTF-16, as PowerShell wrote": {"\xff\xfeG\x00E\x00T\x00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := message.Parse([]byte(c.text))
			var at *message.LineError
			switch {
			case err == nil || m != nil:
				t.Fatalf("message %v, error %v", m, err)
			case c.line == 0 && !errors.Is(err, message.ErrLength) && !errors.Is(err, message.ErrEncoding):
				t.Fatalf("error %v", err)
			case errors.As(err, &at) != (c.line > 0):
				t.Fatalf("error %v", err)
			case at != nil && at.Line != c.line:
				t.Errorf("line %d, want %d: %v", at.Line, c.line, err)
			}
		})
	}
	_, err := message.Parse([]byte("\xfe\xff\x00G"))
	if !errors.Is(err, message.ErrEncoding) {
		t.Errorf("UTF-16: %v", err)
	}
	_, err = message.Parse(append([]byte(head+"\r\n"), make([]byte, message.MaxBody+1)...))
	if !errors.Is(err, message.ErrTooLarge) {
		t.Errorf("huge body: %v", err)
	}
}

// An error must not repeat what the file holds: it may be a token.
func TestErrorsDoNotRepeatTheText(t *testing.T) {
	_, err := message.Parse([]byte("GET / HTTP/1.1\r\nAuthorization Bearer segreto\r\n\r\n"))
	if err == nil || strings.Contains(err.Error(), "segreto") || err.Error() != "line 2: no colon: a field is Name: value" {
		t.Errorf("error %v", err)
	}
}

func TestSetAndDelKeepTheRest(t *testing.T) {
	m := parse(t, "GET / HTTP/1.1\nA:  1\nDigest: old\nb: 2\ndigest: older\n\n")
	for _, f := range []struct{ name, value string }{{"Digest", "new"}, {"Agid-JWT-Signature", "a.b.c"}} {
		err := m.Set(f.name, f.value)
		if err != nil {
			t.Fatal(err)
		}
	}
	const want = "GET / HTTP/1.1\nA:  1\nDigest: new\nb: 2\nAgid-JWT-Signature: a.b.c\n\n"
	if got := string(m.Bytes()); got != want {
		t.Errorf("written %q", got)
	}
	if v, ok := m.Get("DIGEST"); !ok || v != "new" {
		t.Errorf("Get = %q, %t", v, ok)
	}
	m.Del("DIGEST")
	m.Del("a")
	if got := string(m.Bytes()); got != "GET / HTTP/1.1\nb: 2\nAgid-JWT-Signature: a.b.c\n\n" {
		t.Errorf("written %q", got)
	}
	if _, ok := m.Get("Digest"); ok {
		t.Error("Digest is still there")
	}
}

func TestRejectsHeaderInjection(t *testing.T) {
	m := parse(t, "GET / HTTP/1.1\r\n\r\n")
	for _, f := range []struct{ name, value string }{
		{"A", "b\r\nC: d"}, {"A", "b\nc"}, {"A", "\x00"}, {"A", " b"}, {"A\r\nB", "c"}, {"", "c"}, {"A:", "c"},
	} {
		err := m.Set(f.name, f.value)
		if err == nil {
			t.Errorf("%q: %q was written", f.name, f.value)
		}
	}
	if len(m.Fields) != 0 {
		t.Errorf("fields %v", m.Fields)
	}
}

func TestWritesAMessageMadeInMemory(t *testing.T) {
	m := &message.Message{
		Method: "POST", Target: "/a", Proto: "HTTP/1.1",
		Fields: []message.Field{{Name: "Host", Value: "api.ente.example"}}, Body: []byte("x"),
	}
	if got := string(m.Bytes()); got != "POST /a HTTP/1.1\r\nHost: api.ente.example\r\n\r\nx" {
		t.Errorf("written %q", got)
	}
}

// What is accepted means the same when it is written and read again, and a second
// writing gives the same bytes.
func FuzzParse(f *testing.F) {
	f.Add([]byte("POST /pratiche HTTP/1.1\r\nHost: api.ente.example\r\nContent-Type: application/json\r\n\r\n{\"a\":1}"))
	f.Add([]byte("HTTP/1.1 200 OK\nDigest: SHA-256=AA==\nContent-Length: 2\n\nab\n"))
	f.Add([]byte("\xef\xbb\xbfGET / HTTP/1.0\n\n"))
	f.Add([]byte("GET / HTTP/1.1\r\nA:\r\nA: \t\r\n\r\n\r\n"))
	f.Add([]byte("HTTP/2 200 \r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := message.Parse(data)
		if err != nil {
			return
		}
		text := first.Bytes()
		second, err := message.Parse(text)
		if err != nil {
			t.Fatalf("%q was written and is refused: %v", text, err)
		}
		if diff := cmp.Diff(first, second, ignoreForm(), cmpopts.IgnoreFields(message.Message{}, "Notes")); diff != "" {
			t.Fatalf("%q:\n%s", text, diff)
		}
		if !bytes.Equal(text, second.Bytes()) {
			t.Fatalf("%q became %q", text, second.Bytes())
		}
	})
}

func ExampleParse() {
	m, err := message.Parse([]byte("POST /pratiche HTTP/1.1\nHost: api.ente.example\nContent-Length: 2\n\n{}\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Method, m.URL("https"), len(m.Body))
	for _, note := range m.Notes {
		fmt.Println(note.Kind)
	}
	// Output:
	// POST https://api.ente.example/pratiche 2
	// line-feeds
	// body-cut
}

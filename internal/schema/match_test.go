// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// FuzzMatch: what matches a template means the same path to the next hop, and its parameters are whole segments.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"/a/7", "/a/fisso", "/a/x%2Fy", "/a/..", "/a/%2e%2e/b", "//a/7", "/a/7/b", "/a/%00"} {
		f.Add(seed)
	}
	d, err := Compile([]byte(sample))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		m, err := d.Match(http.MethodGet, path)
		var method *MethodError
		if err != nil {
			if !errors.Is(err, ErrUnknownPath) && !errors.As(err, &method) {
				t.Fatalf("%q: %v", path, err)
			}
			return
		}
		decoded, err := url.PathUnescape(path)
		if err != nil {
			t.Fatalf("%q matched and cannot be decoded", path)
		}
		for _, segment := range strings.Split(decoded, "/")[1:] {
			if segment == "." || segment == ".." {
				t.Fatalf("%q matched %s with a dot segment", path, m.Template)
			}
		}
		for name, value := range m.Params {
			if value == "" || !strings.Contains(decoded, value) {
				t.Fatalf("%q: parameter %s is %q", path, name, value)
			}
		}
	})
}

func TestDocumentUnderConcurrency(t *testing.T) {
	d := compiled(t)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			m, err := d.Match(http.MethodPost, "/a/7/b")
			if err != nil {
				t.Error(err)
				return
			}
			for body, ok := range map[string]bool{`{"nome":"abc","cf":"RSSMRA85T10A562S"}`: true, `{"nome":"ABC"}`: false} {
				_, err := m.CheckRequest(Request{Params: m.Params, Header: jsonHeader(), Body: []byte(body)})
				if (err == nil) != ok {
					t.Errorf("%s: %v", body, err)
				}
			}
		})
	}
	group.Wait()
}

func TestMostSpecificFirst(t *testing.T) {
	for _, tc := range []struct {
		first, second string
	}{{"/a/b", "/a/{x}"}, {"/a/b/{x}", "/a/{x}/b"}, {"/a", "/b"}, {"/a", "/a/b"}} {
		if moreSpecific(newRoute(tc.first), newRoute(tc.second)) >= 0 || moreSpecific(newRoute(tc.second), newRoute(tc.first)) <= 0 {
			t.Errorf("%s does not come before %s", tc.first, tc.second)
		}
	}
}

func BenchmarkCheckRequest(b *testing.B) {
	d, err := Compile([]byte(sample))
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(`{"nome":"abc","cf":"RSSMRA85T10A562S","voci":[{"n":1},{"n":2}],"tipo":"uno"}`)
	b.ReportAllocs()
	for b.Loop() {
		m, err := d.Match(http.MethodPost, "/a/7/b")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := m.CheckRequest(Request{Params: m.Params, Header: jsonHeader(), Body: body}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseJSON(b *testing.B) {
	body := []byte(`{"istanza":"PRT-2026-0000123","testo":"` + strings.Repeat("perché no ", 90) + `","n":[1,2,3.5,true,null]}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := ParseJSON(body); err != nil {
			b.Fatal(err)
		}
	}
}

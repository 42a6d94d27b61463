// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package dpop_test

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/modi/dpop"
)

func TestNormalizeHTU(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/x":                    "https://a.example/x",
		"HTTPS://A.Example/X":                    "https://a.example/X",
		"https://a.example":                      "https://a.example/",
		"https://a.example?q":                    "https://a.example/",
		"https://a.example/x?q=1&r#f":            "https://a.example/x",
		"https://a.example/x#f?q":                "https://a.example/x",
		"https://a.example:443/x":                "https://a.example/x",
		"https://a.example:0443/x":               "https://a.example/x",
		"https://a.example:/x":                   "https://a.example/x",
		"http://a.example:80/":                   "http://a.example/",
		"http://a.example:443/":                  "http://a.example:443/",
		"https://a.example:8443/x/":              "https://a.example:8443/x/",
		"https://a.example/%7euser/%41%2f%3a%c3": "https://a.example/~user/A%2F%3A%C3",
		"https://a.example/a/./b/../c":           "https://a.example/a/c",
		"https://a.example/a/..":                 "https://a.example/",
		"https://a.example/a/b/.":                "https://a.example/a/b/",
		"https://a.example/../../a":              "https://a.example/a",
		"https://a.example/a/%2e%2E/b":           "https://a.example/b",
		"https://a.example//a//b":                "https://a.example//a//b",
		"https://[2001:DB8::1]:443/x":            "https://[2001:db8::1]/x",
		"https://[::1]:8443/":                    "https://[::1]:8443/",
		"https://a.example/a;b=c,d(e)!*'":        "https://a.example/a;b=c,d(e)!*'",
	} {
		got, err := dpop.NormalizeHTU(in)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
	}
}

// Characters that a path cannot have are escaped without touching the rest: two spellings of
// one resource are equal, and an escaped slash stays one.
func TestAnEscapedSlashIsNoSlashBesideUnsafeCharacters(t *testing.T) {
	const base = "https://a.example/v1"
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"/a%2Fb%22", `/a%2fb"`, true},
		{"/a/b%22", `/a%2Fb"`, false},
		{"/a/b/%7B", "/a%2Fb/{", false},
		{"/pratiche/%7B1%7D", "/x%2F..%2Fpratiche/{1}", false},
		{"/a%3Bb%7B", "/a;b{", false},
		{"/a;b%7B", "/a;b{", true},
		{"/%5B%5D%7C%5E%60%3C%3E", "/[]|^`<>", true},
		{"/*", "/%2A", false},
	} {
		a, errA := dpop.NormalizeHTU(base + c.a)
		b, errB := dpop.NormalizeHTU(base + c.b)
		if errA != nil || errB != nil || (a == b) != c.same {
			t.Errorf("%s gives %s, %v; %s gives %s, %v; want same %v", c.a, a, errA, c.b, b, errB, c.same)
		}
	}
}

func TestNormalizeHTURefuses(t *testing.T) {
	for _, in := range []string{
		"", "/a", "a.example/x", "//a.example/x", "ftp://a.example/", "https:///x", "https:a.example", "https://",
		"https://user@a.example/", "https://user:pw@a.example/", "https://a.example:99999/", "https://a.example:x/",
		"https://a.example/%", "https://a.example/%4", "https://a.example/%zz", "https://a.example/a b",
		"https://a.example/à", "https://à.example/", "https://a%2eexample/", "https://a.example/\x00", "https://[::1/",
		`https://a.example\x`, "https://[fe80::1%25eth0]/", "http://0%80/", "https://a.example/" + strings.Repeat("x", 9<<10),
	} {
		got, err := dpop.NormalizeHTU(in)
		if err == nil {
			t.Errorf("%.80q: %.80s", in, got)
		}
		if err != nil && in != "" && strings.Contains(err.Error(), in) {
			t.Errorf("%q: the error repeats it: %v", in, err)
		}
	}
}

// The normal form is its own normal form.
func FuzzNormalizeHTU(f *testing.F) {
	for _, s := range []string{
		address, endpoint, "HTTPS://A.example:0443/%7e/../%2e/x?y#z", "http://[::1]:80", "https://a.example:/a/./..", "https://a//",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := dpop.NormalizeHTU(s)
		if err != nil {
			return
		}
		twice, err := dpop.NormalizeHTU(once)
		if err != nil || twice != once {
			t.Fatalf("%q gives %q, then %q, %v", s, once, twice, err)
		}
		if strings.ContainsAny(once, "?# ") {
			t.Fatalf("%q gives %q", s, once)
		}
	})
}

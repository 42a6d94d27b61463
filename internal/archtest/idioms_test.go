// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"strings"
	"testing"
)

func TestFindsWhatCodeDoesNotDo(t *testing.T) {
	cases := map[string]struct {
		path, text string
		want       []string
	}{
		"init":          {"a.go", "package a; func init() {}", []string{"init runs unseen"}},
		"method init":   {"a.go", "package a; type t int; func (t) init() {}", nil},
		"panic":         {"a.go", `package a; func f() { panic("x") }`, []string{"panic outside"}},
		"must":          {"a.go", `package a; func mustF() { panic("x") }`, nil},
		"cut":           {"a.go", `package a; import "net/http"; func f() { panic(http.ErrAbortHandler) }`, nil},
		"panic in test": {"a_test.go", `package a; func f() { panic("x") }`, nil},
		"sleep": {
			"a_test.go", `package a; import ("testing"; "time"); func TestA(t *testing.T) { time.Sleep(1) }`,
			[]string{"a test sleeps"},
		},
		"sleep in a suite": {
			"a/atest/a.go", `package atest; import "time"; func Run() { go func() { time.Sleep(1) }() }`,
			[]string{"a test sleeps"},
		},
		"sleep in a bubble": {
			"a_test.go",
			`package a; import ("testing"; "testing/synctest"; "time"); func TestA(t *testing.T) { synctest.Test(t, func(t *testing.T) { time.Sleep(1) }) }`,
			nil,
		},
		"sleep in code": {"a.go", `package a; import "time"; func f() { time.Sleep(1) }`, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, checkIdioms(invent(t, source{c.path, c.text})), c.want)
		})
	}
}

func TestFindsSkipsWithoutAKnownReason(t *testing.T) {
	for call, want := range map[string]int{
		`t.Skip("not-run: postgresql is not installed")`: 0,
		`t.Skipf("not-run: %s is not installed", "x")`:   0,
		`t.Skip("needs-shared: " + reason)`:              0,
		`t.Skip("needs-shared vectors")`:                 0,
		`const why = "not-run: x" + y; t.Skip(why)`:      0,
		`const why = "later"; t.Skip(why)`:               1,
		`why := "not-run: x"; t.Skip(why)`:               1,
		`t.Skip("later")`:                                1,
		`t.Skip(reason)`:                                 1,
		`t.Skip()`:                                       1,
		`t.SkipNow()`:                                    1,
		`b.Skip("slow")`:                                 1,
		`other.Skip("slow")`:                             0,
	} {
		text := "package a; func f() { " + call + " }"
		if found := checkIdioms(invent(t, source{"a_test.go", text})); len(found) != want {
			t.Errorf("%s: findings %q, expected %d", call, found, want)
		}
	}
}

func TestFindsWordsThatDoNotBelong(t *testing.T) {
	for _, word := range words() {
		found := checkWords([]file{{"a.md", []byte("one\ntwo " + word + " three\n")}})
		wantFindings(t, found, []string{"a.md:2"})
	}
	if found := checkWords([]file{{"a.md", []byte(strings.ToUpper(words()[4]) + "\n")}}); len(found) != 1 {
		t.Errorf("capitals hide a word: %q", found)
	}
	innocent := "User-Agent: snodo\nOpenAPI, agente, metodo TO" + "DOS, base64 aTO" + "DOb\nworkflow\n"
	wantFindings(t, checkWords([]file{{"a.md", []byte(innocent)}}), nil)
}

func TestOnlyChecksThatNeedItNameTheFolderBeside(t *testing.T) {
	wantFindings(t, checkWords([]file{
		{"a_test.go", []byte(`getenv("` + outsideName + `", "` + outside + `")`)},
		{"b_test.go", []byte(`open("` + outside + `/x")`)},
	}), []string{"b_test.go"})
}

func TestFindsPrivateKeys(t *testing.T) {
	begin := "-----BEGIN RSA " + "PRIVATE KEY-----"
	wantFindings(t, checkSecrets([]file{
		{"key.txt", []byte(begin + "\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xf\n")},
		{"doc.md", []byte("starts with `" + begin + "`\n")},
		{"pub.pem.txt", []byte("-----BEGIN PUBLIC KEY-----\nMIIEpAIBAAKCAQEA0Z3VS5JJcds3xf\n")},
	}), []string{"key.txt"})
}

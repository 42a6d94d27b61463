// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import "testing"

func TestFindsWhatIsNotDocumented(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string
	}{
		"all documented": {"// Package a is.\npackage a\n\n// T is.\ntype T int\n\n// M does.\nfunc (T) M() {}\n\n// A group.\nconst (\n\tB = 1\n\tC = 2\n)\n\nvar D = 1 // D is.\n", nil},
		"package":        {"package a\n", []string{"the package has no comment"}},
		"type":           {"// Package a is.\npackage a\n\ntype T int\n", []string{"T has no comment"}},
		"function":       {"// Package a is.\npackage a\n\nfunc F() {}\n", []string{"F has no comment"}},
		"method":         {"// Package a is.\npackage a\n\n// T is.\ntype T[K any] struct{}\n\nfunc (*T[K]) M() {}\n", []string{"T.M has no comment"}},
		"constant":       {"// Package a is.\npackage a\n\nconst (\n\tA = 1\n\t// B is.\n\tB = 2\n)\n", []string{"A has no comment"}},
		"hidden":         {"// Package a is.\npackage a\n\ntype t int\n\nfunc (t) M() {}\n\nfunc f() {}\n\nvar v int\n", nil},
		"interface": {
			"// Package a is.\npackage a\n\n// I is.\ntype I interface {\n\t// A does.\n\tA()\n\tB()\n\tc()\n}\n",
			[]string{"I.B has no comment"},
		},
		"interface of one method": {"// Package a is.\npackage a\n\n// I does.\ntype I interface{ A() }\n", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, checkDocumented(invent(t, source{"a/a.go", c.text})), c.want)
		})
	}
}

func TestOneFileDocumentsThePackage(t *testing.T) {
	wantFindings(t, checkDocumented(invent(t,
		source{"a/a.go", "package a\n"},
		source{"a/doc.go", "// Package a is.\npackage a\n"},
		source{"a/a_test.go", "package a_test\n\nfunc Exported() {}\n"},
	)), nil)
}

func TestFindsStateThatAPackageShares(t *testing.T) {
	cases := map[string]struct {
		text string
		want []string
	}{
		"table":             {`package a; var t = map[string]int{"x": 1}; func f() int { return t["x"] }`, nil},
		"error":             {`package a; import "errors"; var ErrX = errors.New("x")`, nil},
		"local of the name": {`package a; var t = 1; func f() { t := 2; t = 3; _ = t }`, nil},
		"local var":         {`package a; var t = 1; func f() { var t int; t++ }`, nil},
		"assigned":          {`package a; var t = 1; func f() { t = 2 }`, []string{"t is assigned to"}},
		"grown":             {`package a; var t = map[string]int{}; func f() { t["x"] = 1 }`, []string{"t is assigned to"}},
		"field":             {`package a; var t struct{ n int }; func f() { t.n++ }`, []string{"t is assigned to"}},
		"lock":              {`package a; import "sync"; var mu sync.Mutex`, []string{"mu is state"}},
		"counter":           {`package a; import "sync/atomic"; var n atomic.Int64`, []string{"n is state"}},
		"channel":           {`package a; var c chan int`, []string{"c is state"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, checkPackageVars(invent(t, source{"a/a.go", c.text})), c.want)
		})
	}
}

func TestFindsStateAcrossFiles(t *testing.T) {
	wantFindings(t, checkPackageVars(invent(t,
		source{"a/a.go", "package a\n\nvar t = 1\n"},
		source{"a/b.go", "package a\n\nfunc f() { t = 2 }\n"},
		source{"b/b.go", "package b\n\nfunc f() { t := 1; t = 2; _ = t }\n"},
		source{"a/a_test.go", "package a\n\nfunc g() { t = 2 }\n"},
	)), []string{"a/b.go:3"})
}

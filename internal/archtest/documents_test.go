// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindsMissingDocuments(t *testing.T) {
	var all []file
	for _, name := range documents {
		all = append(all, file{name, []byte("x")})
	}
	wantFindings(t, checkDocuments(all), nil)
	all[0].text = nil
	wantFindings(t, checkDocuments(all[:len(all)-1]), []string{documents[0], documents[len(documents)-1]})
}

func TestDecisions(t *testing.T) {
	whole := func(path, more string) file {
		return file{path, []byte("<!-- x -->\n\n# 1. Title\n\n## Context\n\n" + more + "\n\n## Decision\n\nb\n\n## Consequences\n\nc\n")}
	}
	cases := map[string]struct {
		files []file
		want  []string
	}{
		"whole":     {[]file{whole("docs/decisions/0001-one.md", "`x.org/one`")}, nil},
		"no module": {[]file{whole("docs/decisions/0001-one.md", "x.org/one")}, []string{"names `x.org/one`"}},
		"a gap":     {[]file{whole("docs/decisions/0002-one.md", "`x.org/one`")}, []string{"0001-title.md"}},
		"bad name":  {[]file{whole("docs/decisions/one.md", "`x.org/one`")}, []string{"0001-title.md"}},
		"no parts":  {[]file{{"docs/decisions/0001-one.md", []byte("# T\n`x.org/one`")}}, []string{"## Context", "## Decision", "## Consequences"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, checkDecisions(c.files, []string{"x.org/one"}), c.want)
		})
	}
}

func TestFindsCitedDecisionsThatDoNotExist(t *testing.T) {
	wantFindings(t, checkCitedDecisions([]file{
		{"docs/decisions/0001-a.md", []byte("Cited in the code as design D1 and design D" + "1b.\n")},
		{"a.go", []byte("// A (D" + "1) and design D" + "1b; RFC 7518, an ID4.\n// B (D" + "2).\n")},
		{"b.md", []byte("design D9")},
	}), []string{"a.go: cites D2"})
}

func TestDirectModules(t *testing.T) {
	got, err := directModules([]byte("module m\n\nrequire (\n\tx.org/one v1.0.0\n\tx.org/two v1.0.0 // indirect\n)\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"x.org/one"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := directModules([]byte("modul m")); err == nil {
		t.Error("a broken go.mod was accepted")
	}
}

func TestFindsCitedTestsThatDoNotExist(t *testing.T) {
	code := invent(t,
		source{"a_test.go", "package a\n\nfunc TestRefusesNone(t *testing.T) {}\nfunc FuzzParse(f *testing.F) {}\n"},
		source{"a.go", "package a\n\nfunc TestNotATest() {}\n"},
	)
	cases := map[string][]string{
		"`TestRefusesNone`, `FuzzParse` and `TestRefusesNone/some case`": nil,
		"`TestGone`":                {"TestGone"},
		"`TestNotATest`":            {"TestNotATest"},
		"nothing, and TestNoQuotes": {"names no test"},
	}
	for text, want := range cases {
		wantFindings(t, checkCitedTests(file{"docs/security.md", []byte(text)}, code), want)
	}
}

func TestFindsMetricsThatAreNotTold(t *testing.T) {
	code := file{"metrics.go", []byte(`m.a = m.counter("a_total", "A.")
m.b = m.gauge("b", "B.")`)}
	wantFindings(t, checkMetrics(file{"docs/operations.md", []byte("`snodo_a_total` and `snodo_b`")}, code), nil)
	wantFindings(t, checkMetrics(file{"docs/operations.md", []byte("`snodo_b`, `snodo_c{x}`")}, code),
		[]string{"does not tell of snodo_a_total", "tells of snodo_c"})
	wantFindings(t, checkMetrics(file{}, file{path: "metrics.go"}), []string{"makes no metric"})
}

func TestFindsLinksThatLeadNowhere(t *testing.T) {
	wantFindings(t, checkLinks([]file{
		{"docs/a.md", []byte("[b](b.md#part) [c](../c/) [d](https://x.org) [e](#here) [f](gone.md) [g](../docs/missing/)")},
		{"docs/b.md", nil},
		{"c/d.txt", []byte("[x](gone)")},
	}), []string{"gone.md", "docs/missing"})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"sort"
	"strings"
)

// The bars for the size of the code. Length is a sign, not a fault in itself; held
// as a bar, it makes a file that grows be split while its parts are still clear.
const (
	maxMedianFile = 150 // lines, of the files that are not tests
	maxP90File    = 450
	maxFile       = 800 // lines of any Go file
	maxFunc       = 80  // lines of a function outside tests, from func to the closing brace
	maxMain       = 30  // lines of the file that holds main, without comments and blank lines
	minTestRatio  = 0.9 // lines of tests for each line of code
)

// sizes is what the bars are held against.
type sizes struct {
	files          []int // lines of each file that is neither a test nor generated
	code, tests    int   // lines that are not blank
	tooLong        []string
	longFuncs      []string
	median, p90    int
	testCodeRatio  float64
	largestFile    string
	largestFileLen int
}

// measure counts the tree. The rules of this package are neither code nor tests of
// the product: they are left out of the ratio. Scripts are tests as much as Go is: a
// command's behaviour, or the faults of a folder, are written in them.
func measure(files []goFile, scripts ...file) sizes {
	var s sizes
	for _, f := range scripts {
		s.tests += textLines(f.text)
	}
	for _, f := range files {
		if f.isGenerated() {
			continue
		}
		n := f.lines()
		if n > maxFile {
			s.tooLong = append(s.tooLong, fmt.Sprintf("%s has %d lines, at most %d", f.path, n, maxFile))
		}
		if n > s.largestFileLen {
			s.largestFile, s.largestFileLen = f.path, n
		}
		if !f.isTest() {
			s.files = append(s.files, n)
			s.longFuncs = append(s.longFuncs, longFuncs(f)...)
		}
		switch {
		case within(f.folder(), "internal/archtest"):
		case f.isTest():
			s.tests += textLines(f.text)
		default:
			s.code += textLines(f.text)
		}
	}
	sort.Ints(s.files)
	s.median, s.p90 = quantile(s.files, 0.5), quantile(s.files, 0.9)
	if s.code > 0 {
		s.testCodeRatio = float64(s.tests) / float64(s.code)
	}
	return s
}

// check compares the sizes with the bars.
func (s sizes) check() []string {
	found := append(append([]string{}, s.tooLong...), s.longFuncs...)
	if s.median > maxMedianFile {
		found = append(found, fmt.Sprintf("the median file has %d lines, at most %d", s.median, maxMedianFile))
	}
	if s.p90 > maxP90File {
		found = append(found, fmt.Sprintf("one file in ten has over %d lines, at most %d", s.p90, maxP90File))
	}
	if s.testCodeRatio < minTestRatio {
		found = append(found, fmt.Sprintf("%d lines of tests for %d of code: %.3f, at least %.3f",
			s.tests, s.code, s.testCodeRatio, minTestRatio))
	}
	return found
}

// scriptsOf are the test scripts of the tree: archives below a testdata folder.
func scriptsOf(files []file) []file {
	var out []file
	for _, f := range files {
		if strings.HasSuffix(f.path, ".txtar") && strings.Contains("/"+f.folder()+"/", "/testdata/") {
			out = append(out, f)
		}
	}
	return out
}

// quantile is the least value that at least the part q of sorted does not exceed.
func quantile(sorted []int, q float64) int {
	if len(sorted) == 0 {
		return 0
	}
	at := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}

func longFuncs(f goFile) []string {
	var found []string
	for _, decl := range f.tree.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := f.set.Position(fn.End()).Line - f.line(fn) + 1; n > maxFunc {
			found = append(found, fmt.Sprintf("%s: %s has %d lines, at most %d", f.at(fn), fn.Name.Name, n, maxFunc))
		}
	}
	return found
}

// textLines is the number of lines with something on them.
func textLines(text []byte) int {
	n := 0
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	return n
}

// checkMain finds a main that does more than start the program.
func checkMain(files []goFile) []string {
	var found []string
	for _, f := range files {
		if f.path != "cmd/snodo/main.go" {
			continue
		}
		n := textLines(f.text)
		for _, group := range f.tree.Comments {
			n -= f.set.Position(group.End()).Line - f.line(group) + 1
		}
		if n > maxMain {
			found = append(found, fmt.Sprintf("%s has %d lines of code, at most %d", f.path, n, maxMain))
		}
	}
	return found
}

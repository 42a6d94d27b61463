// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"strings"
	"testing"
)

// header is a licence header for an invented file; in pieces, so that this file has
// one licence only.
func header(licence string) string {
	return "// SPDX-File" + "CopyrightText: 2026 Somebody\n// SPDX-License-" + "Identifier: " + licence + "\n"
}

func TestLicencesOfATree(t *testing.T) {
	text := file{"LICENSES/EUPL-1.2.txt", []byte("text")}
	good := file{"a.go", []byte(header("EUPL-1.2") + "package a\n")}
	dep5 := file{".reuse/dep5", []byte("Format: x\n\nFiles: *.json\n */testdata/*\nCopyright: 2026 Somebody\nLicense: EUPL-1.2\n")}
	cases := map[string]struct {
		files []file
		want  []string
	}{
		"header":             {[]file{text, good}, nil},
		"no header":          {[]file{text, good, {"b.go", []byte("package b\n")}}, []string{"b.go: no SPDX header"}},
		"no copyright":       {[]file{text, good, {"b.go", []byte(strings.SplitAfter(header("EUPL-1.2"), "\n")[1])}}, []string{"b.go"}},
		"no licence":         {[]file{text, good, {"b.go", []byte(strings.SplitAfter(header("EUPL-1.2"), "\n")[0])}}, []string{"b.go"}},
		"header too far":     {[]file{text, good, {"b.go", []byte(strings.Repeat("\n", headerSize) + header("EUPL-1.2"))}}, []string{"b.go"}},
		"empty":              {[]file{text, good, {"b.go", nil}}, nil},
		"covered":            {[]file{text, dep5, {"x/y.json", []byte("{}")}, {"x/testdata/z", []byte("z")}}, nil},
		"not covered":        {[]file{text, good, dep5, {"x/y.yaml", []byte("a: 1")}}, []string{"x/y.yaml"}},
		"file beside":        {[]file{text, good, {"b.png", []byte("x")}, {"b.png.license", []byte(header("EUPL-1.2"))}}, nil},
		"text missing":       {[]file{text, good, {"b.go", []byte(header("MIT"))}}, []string{"LICENSES/MIT.txt is missing"}},
		"text of no file":    {[]file{text, good, {"LICENSES/MIT.txt", []byte("text")}}, []string{"no file has this licence"}},
		"paragraph halfway":  {[]file{text, good, {".reuse/dep5", []byte("Files: *\nLicense: EUPL-1.2\n")}, {"x", []byte("x")}}, []string{"x: no SPDX"}},
		"comments are noise": {[]file{text, {".reuse/dep5", []byte("# c\nFiles: x?\nCopyright: 2026 S\nLicense: EUPL-1.2\n")}, {"xy", []byte("x")}}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { wantFindings(t, checkLicences(c.files), c.want) })
	}
}

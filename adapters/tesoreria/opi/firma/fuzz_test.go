// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package firma

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/xmltree"
)

// usedRules are the rules that the code of this package refuses with.
func usedRules(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`refuse\("([a-z-]+)"`).FindAllSubmatch(text, -1) {
			out = append(out, string(found[1]))
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d uses found", len(out))
	}
	return out
}

// FuzzVerify looks for bytes that verify and are not what was signed.
func FuzzVerify(f *testing.F) {
	good, p7m := []byte(signed(f, person())), goodP7M().sign(f)
	f.Add(good)
	f.Add(p7m)
	f.Add([]byte(b64(p7m)))
	f.Add([]byte("<a xmlns:ds='" + dsig + "'><ds:Signature/></a>"))
	f.Add([]byte{0x30, 0x80, 0x06, 0x09, 0x2a})
	want := content(f, good)
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := Verify(data, options())
		if err != nil {
			return
		}
		if found.Form == CAdES && string(found.XML) != order {
			t.Error("a p7m verifies with other content")
		}
		if found.Form != CAdES && !bytes.Equal(content(t, found.XML), want) {
			t.Error("a document verifies with other content")
		}
	})
}

// content is the document without its signature, in canonical form.
func content(t testing.TB, data []byte) []byte {
	t.Helper()
	doc, err := xmltree.Parse(data, xmltree.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Canonical(xmltree.Method{}, signatures(doc)...)
}

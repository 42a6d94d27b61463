// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestEveryReasonIsToldInItalian reads the words of the verification from its source, so
// that a new one cannot stay without Italian ones.
func TestEveryReasonIsToldInItalian(t *testing.T) {
	says := map[string]bool{
		"read": true, "readHeader": true, "readCheckpoints": true, "readHashes": true, "readEntry": true,
		"checkSide": true, "compareCheckpoints": true, "readEnd": true, "openCheckpoint": true, "parseCheckpoint": true,
	}
	english := regexp.MustCompile(`(?i)\b(the|is|not|no|or|of|was|where|a|are|has|each)\b`)
	a, seen := testApp(), 0
	for _, name := range []string{"verify.go", "checkpoint.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "internal", "evidence", name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !says[f.Name.Name] {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil || !strings.Contains(text, " ") || strings.Contains(text, "%w") || strings.Contains(text, "version %d") {
					return true
				}
				seen++
				if told := a.reason(text); told == text || english.MatchString(strings.ReplaceAll(told, "è", "e")) {
					t.Errorf("%s: %q is told as %q", f.Name.Name, text, told)
				}
				return true
			})
		}
	}
	if seen < 20 {
		t.Errorf("only %d reasons found", seen)
	}
	a.lang = "en"
	if a.reason("out of order") != "out of order" {
		t.Error("English is translated")
	}
}

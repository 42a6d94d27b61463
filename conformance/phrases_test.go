// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

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

// TestWhatIsToldIsToldInItalian: every text that the judge, the checks and the conduct tell
// as expected or found is in the table of phrases.
func TestWhatIsToldIsToldInItalian(t *testing.T) {
	files, err := filepath.Glob("internal/judge/*.go")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range append(files, "quality.go", "conduct.go", "server.go", "watch.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			var args []ast.Expr
			switch n := n.(type) {
			case *ast.CallExpr:
				called, _ := n.Fun.(*ast.SelectorExpr)
				if called == nil || called.Sel.Name != "hold" && called.Sel.Name != "see" || len(n.Args) < 4 {
					return true
				}
				args = n.Args[2:4]
			case *ast.ReturnStmt:
				if name == "conduct.go" || name == "quality.go" {
					args = n.Results
				}
			}
			for _, arg := range args {
				for _, text := range literals(arg) {
					checked++
					if !spoken(text) {
						t.Errorf("%s: %q is not in the table", name, text)
					}
				}
			}
			return true
		})
	}
	if checked < 80 {
		t.Errorf("%d texts were found", checked)
	}
}

// verb is where a text of the judge has a value.
var verb = regexp.MustCompile(`%[.0-9]*[a-z]`)

// literals are the texts in an expression, with 7 for the values that are put into them.
func literals(e ast.Expr) []string {
	var out []string
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			out = append(out, verb.ReplaceAllString(text, "7"))
		}
	case *ast.BinaryExpr:
		left, right := literals(e.X), literals(e.Y)
		switch {
		case len(left) == 1 && len(right) == 0:
			out = append(out, left[0]+"7")
		case len(left) == 0 && len(right) == 1:
			out = append(out, "7"+right[0])
		case len(left) == 1 && len(right) == 1:
			out = append(out, left[0]+right[0])
		}
	case *ast.CallExpr:
		if called, ok := e.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Sprintf" {
			out = literals(e.Args[0])
		}
	}
	return out
}

// spoken tells a text that the table has, or that has no words of a language in it.
func spoken(text string) bool {
	names := regexp.MustCompile(`^[7"]*$|^(iat|exp|nbf|aud|jti|dnonce|purposeId|signed_headers|DPoP|4xx|token_type 7|expires_in 7, exp-iat 7|Content-Type 7|X-Powered-By: 7|Server: 7|«7»|7 s|(7|digest) in signed_headers)?7?$`)
	return italian(text) != text || names.MatchString(text)
}

func TestPhrases(t *testing.T) {
	for english, want := range map[string]string{
		"iat at most 1m0s old": "iat indietro al massimo di 1m0s", "one field Digest": "una sola intestazione Digest", "one": "presente", "una frase": "una frase",
		"2 calls, and accepted": "2 chiamate, e accettata", "status 7 of another answer in the body": "nel corpo lo status 7 di un'altra risposta",
	} {
		if got := told(english); got.IT != want || got.EN != english {
			t.Errorf("%q: %q", english, got.IT)
		}
	}
}

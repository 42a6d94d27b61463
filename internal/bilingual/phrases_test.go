// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package bilingual_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

const repository = "../.."

// phrases reads out of the source of the verifiers what they may say: what stands in the
// place of Expected and Found, with x for what is put in at run time.
func phrases(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, folder := range []string{"modi", "internal/trust"} {
		err := filepath.WalkDir(filepath.Join(repository, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "moditest") || filepath.Base(path) == "store.go" {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, e := range said(n, filepath.Base(path)) {
					if text, ok := template(e); ok {
						out[text] = path
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// said are the expressions of a node that a person may read as expected or found.
func said(n ast.Node, file string) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		name, _ := n.Fun.(*ast.Ident)
		selected, _ := n.Fun.(*ast.SelectorExpr)
		if selected != nil {
			name = selected.Sel
		}
		switch {
		case name == nil:
		case slices.Contains([]string{"Add", "AddHint", "Violation", "refuse"}, name.Name) && len(n.Args) >= 3:
			return n.Args[1:3]
		case slices.Contains([]string{"malformed", "fault"}, name.Name):
			return n.Args
		case slices.Contains([]string{"New", "Errorf"}, name.Name) && slices.Contains([]string{"signedheaders.go", "scanner.go", "htu.go", "parse.go"}, file):
			return []ast.Expr{n}
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Expected" || key.Name == "Found" || key.Name == "kidForm") {
			return []ast.Expr{n.Value}
		}
	case *ast.AssignStmt:
		if n.Tok == token.ADD_ASSIGN {
			return nil // the end of a phrase
		}
		for i, left := range n.Lhs {
			if name, ok := left.(*ast.Ident); ok && (name.Name == "found" || name.Name == "expected") && i < len(n.Rhs) {
				return []ast.Expr{n.Rhs[i]}
			}
		}
	case *ast.FuncDecl:
		return returned(n)
	}
	return nil
}

// returned are what the functions return that describe what was found.
func returned(n *ast.FuncDecl) []ast.Expr {
	if !slices.Contains([]string{"describeHash", "difference", "jsonType", "why", "expectedReference", "keyNeeded"}, n.Name.Name) {
		return nil
	}
	var out []ast.Expr
	ast.Inspect(n, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) > 0 {
			out = append(out, r.Results[0])
		}
		return true
	})
	return out
}

var verb = regexp.MustCompile(`%[#+.0-9]*[a-zA-Z]`)

// template writes an expression with x in the place of what is not known; false when
// nothing is.
func template(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return verb.ReplaceAllString(text, "x"), err == nil
	case *ast.BinaryExpr:
		left, known := template(e.X)
		right, also := template(e.Y)
		return left + right, known || also
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "Sprintf" || f.Sel.Name == "New" || f.Sel.Name == "Errorf") && len(e.Args) > 0 {
			return template(e.Args[0])
		}
	}
	return "x", false
}

// Every phrase of the verifiers has Italian words: one that is added without them is found
// here.
func TestEveryPhraseHasItalianWords(t *testing.T) {
	same := []string{"", "null", "typ JWT", "typ dpop+jwt", "typ x", "use sig", "x", "x x", "kid x", "status x", "client_id x"}
	parts := []string{"a x", "x of x", "the body is too large", "x: x bytes, at most x", "x: it is not a number", "x: there are several"}
	all := phrases(t)
	if len(all) < 120 {
		t.Fatalf("%d phrases: the source is not read as it should be", len(all))
	}
	for text, path := range all {
		if !slices.Contains(same, text) && !slices.Contains(parts, text) && bilingual.Phrase(text).IT == text {
			t.Errorf("%s: no Italian for %q", path, text)
		}
	}
}

func TestPhrasesKeepTheirValues(t *testing.T) {
	for en, it := range map[string]string{
		"a header in base64url without padding":                                        "un'intestazione in base64url senza riempimento",
		"stato of 3 to 9 characters":                                                   "stato da 3 a 9 caratteri",
		"the body is too large: 3 bytes, at most 2":                                    "il corpo è troppo grande: 3 byte, al più 2",
		"the Content-Length does not say one number of bytes: there are several":       "Content-Length non dice un solo numero di byte: ce ne sono diversi",
		"line 3: no colon: a field is Name: value":                                     "riga 3: mancano i due punti: un'intestazione è Nome: valore",
		"SHA-256 of the 3 bytes received":                                              "SHA-256 dei 3 byte ricevuti",
		"iat at most 5s ahead":                                                         "iat avanti di al più 5s",
		"a number that is not such a date":                                             "un numero che non è una data così",
		`the signed value of "content-type"`:                                           `il valore firmato di "content-type"`,
		"the certificate of its CA valid at 2026-03-02":                                "il certificato della sua CA valido il 2026-03-02",
		"the header Authorization: DPoP or Bearer":                                     "l'intestazione Authorization: DPoP o Bearer",
		`"https://api.ente.example"`:                                                   `"https://api.ente.example"`,
		"for RS256 an RSA key of 2048 to 8192 bits with an odd exponent of at least 3": "per RS256 una chiave RSA da 2048 a 8192 bit con esponente dispari di almeno 3",
	} {
		if got := bilingual.Phrase(en); got.IT != it || got.EN != en {
			t.Errorf("%q: %+v, want %q", en, got, it)
		}
	}
}

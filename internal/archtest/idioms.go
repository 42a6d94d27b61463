// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// checkIdioms finds what the project's code does not do: init functions, panics
// outside must functions, tests that sleep, and tests that skip without saying why
// in one of the known forms.
func checkIdioms(files []goFile) []string {
	var found []string
	for _, f := range files {
		for _, decl := range f.tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				found = append(found, f.at(fn)+": init runs unseen: call a function from main")
			}
			if f.isTest() {
				found = append(found, sleeps(f, fn)...)
				found = append(found, skips(f, fn)...)
			} else {
				found = append(found, panics(f, fn)...)
			}
		}
	}
	return found
}

// panics finds calls of panic in a function that is not named must or Must. To cut a
// connection net/http has no other way than panic(http.ErrAbortHandler).
func panics(f goFile, fn *ast.FuncDecl) []string {
	if strings.HasPrefix(strings.ToLower(fn.Name.Name), "must") {
		return nil
	}
	var found []string
	ast.Inspect(fn, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "panic" && !abortsHandler(call.Args) {
				found = append(found, f.at(call)+": panic outside a must function: return an error")
			}
		}
		return true
	})
	return found
}

func abortsHandler(args []ast.Expr) bool {
	if len(args) != 1 {
		return false
	}
	sel, ok := args[0].(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "ErrAbortHandler"
}

// sleeps finds time.Sleep outside a synctest bubble, where it costs no time.
func sleeps(f goFile, fn *ast.FuncDecl) []string {
	var found []string
	ast.Inspect(fn, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if of, _ := selector(call); of == "synctest" {
			return false
		}
		if of, name := selector(call); of == "time" && name == "Sleep" {
			found = append(found, f.at(call)+": a test sleeps: inject a clock, use synctest or poll with a deadline")
		}
		return true
	})
	return found
}

// skips finds skipped tests whose reason is neither of the two known forms, which
// `make test` puts in its table.
func skips(f goFile, fn *ast.FuncDecl) []string {
	var found []string
	ast.Inspect(fn, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		of, name := selector(call)
		if (of == "t" || of == "b" || of == "f" || of == "tb") && strings.HasPrefix(name, "Skip") && !knownReason(name, call.Args) {
			found = append(found, f.at(call)+`: the reason of a skip is a literal that starts with "not-run: " or "needs-shared"`)
		}
		return true
	})
	return found
}

// knownReason tells whether a call of Skip or Skipf starts its reason in a known way.
func knownReason(name string, args []ast.Expr) bool {
	if name != "Skip" && name != "Skipf" || len(args) == 0 {
		return false
	}
	literal, ok := beginning(args[0]).(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return false
	}
	text, err := strconv.Unquote(literal.Value)
	return err == nil && (strings.HasPrefix(text, "not-run: ") || strings.HasPrefix(text, "needs-shared"))
}

// beginning is what a sum of strings begins with; it looks up a constant of the same
// file.
func beginning(e ast.Expr) ast.Expr {
	for {
		switch x := e.(type) {
		case *ast.BinaryExpr:
			e = x.X
		case *ast.Ident:
			if x.Obj == nil || x.Obj.Kind != ast.Con {
				return x
			}
			spec, ok := x.Obj.Decl.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return x
			}
			e = spec.Values[0]
		default:
			return e
		}
	}
}

// selector splits a call like x.Name into its parts; both are empty otherwise.
func selector(call *ast.CallExpr) (of, name string) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	return x.Name, sel.Sel.Name
}

// words are what has no place in a published project: names of the tools and rooms
// it was written with, and notes to oneself. They are in pieces here, so that this
// file does not hold them.
func words() []string {
	return []string{
		"." + "library", "steering " + "repo", "before-" + "stop", "this " + "session", "sub" + "agent", "sub-" + "agent",
		"Clau" + "de", "Anth" + "ropic", "Chat" + "GPT", "Copi" + "lot", "coding " + "agent", "language " + "model",
		"/work" + "/", "/tm" + "p/", "TO" + "DO", "FIX" + "ME",
	}
}

// outside is the folder beside the repository with reference material. Only checks
// that ask for it by the variable may name it.
const (
	outside     = "../" + "shared"
	outsideName = "SNODO_" + "SHARED"
)

// checkWords finds the words, without regard to case except where they are codes.
func checkWords(files []file) []string {
	var found []string
	for _, f := range files {
		for n, line := range strings.Split(string(f.text), "\n") {
			for _, word := range words() {
				if holds(line, word) {
					found = append(found, fmt.Sprintf("%s:%d: holds %q", f.path, n+1, word))
				}
			}
		}
		text := string(f.text)
		if strings.Contains(text, outside) && !strings.Contains(text, outsideName) {
			found = append(found, fmt.Sprintf("%s: names %s and is not a check that needs it", f.path, outside))
		}
	}
	return found
}

// privateKey is a private key in PEM, with at least a line of its content.
var privateKey = regexp.MustCompile("-----BEGIN [A-Z ]*" + `PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}`)

// checkSecrets finds private keys that were left in the tree: keys are made when a test
// runs.
func checkSecrets(files []file) []string {
	var found []string
	for _, f := range files {
		if privateKey.Match(f.text) {
			found = append(found, f.path+": holds a private key")
		}
	}
	return found
}

// holds looks for a word. Words in capitals are codes: they must stand alone, as
// "todos" and base64 do not.
func holds(line, word string) bool {
	if word != strings.ToUpper(word) || !strings.ContainsAny(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return strings.Contains(strings.ToLower(line), strings.ToLower(word))
	}
	for rest := line; ; {
		before, after, ok := strings.Cut(rest, word)
		if !ok {
			return false
		}
		if !endsInWord(before) && !startsWord(after) {
			return true
		}
		rest = after
	}
}

func endsInWord(s string) bool { return s != "" && isWordByte(s[len(s)-1]) }
func startsWord(s string) bool { return s != "" && isWordByte(s[0]) }
func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

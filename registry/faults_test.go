// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// The files of an archive of faults.
const (
	recipeYAML   = "recipe.yaml"
	exposureYAML = "exposure.yaml"
	wantEN       = "want.en"
	wantIT       = "want.it"
)

// archives reads the archives of faults of testdata, by name.
func archives(t *testing.T) map[string]map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/faults-*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	all := map[string]map[string]string{}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, f := range a.Files {
			files[f.Name] = string(f.Data)
		}
		all[strings.TrimSuffix(filepath.Base(path), ".txtar")] = files
	}
	return all
}

// decodeFaults decodes the one recipe of an archive, which must be refused.
func decodeFaults(t *testing.T, files map[string]string) yamlfile.Faults {
	t.Helper()
	var err error
	accepted := false
	if text, ok := files[recipeYAML]; ok {
		var recipe *registry.Recipe
		recipe, err = registry.DecodeRecipe(recipeYAML, []byte(text))
		accepted = recipe != nil
	} else {
		var exposure *registry.Exposure
		exposure, err = registry.DecodeExposure(exposureYAML, []byte(files[exposureYAML]), nil)
		accepted = exposure != nil
	}
	var faults yamlfile.Faults
	if !errors.As(err, &faults) || accepted {
		t.Fatalf("error is %v, accepted %v", err, accepted)
	}
	return faults
}

// TestFaultsOfRecipes compares all the faults of each archive, with their lines, in both
// languages.
func TestFaultsOfRecipes(t *testing.T) {
	for name, files := range archives(t) {
		t.Run(name, func(t *testing.T) {
			faults := decodeFaults(t, files)
			for file, lang := range map[string]string{wantEN: "en", wantIT: "it"} {
				if diff := cmp.Diff(files[file], faults.In(lang)+"\n"); diff != "" {
					t.Errorf("%s (-want +got):\n%s", file, diff)
				}
			}
		})
	}
}

// TestEveryMessageOfTheCheckIsShown finds the messages in the source of the check: each
// stands in at least one archive, in both languages.
func TestEveryMessageOfTheCheckIsShown(t *testing.T) {
	var shown [2]strings.Builder
	for _, files := range archives(t) {
		shown[0].WriteString(files[wantIT])
		shown[1].WriteString(files[wantEN])
	}
	sources, err := filepath.Glob("check*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, source := range sources {
		for _, m := range messagesOf(t, source) {
			seen++
			for i, format := range m.formats {
				if !formatExpression(format).MatchString(shown[i].String()) {
					t.Errorf("%s: no archive shows %q", m.at, format)
				}
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d messages were found", seen)
	}
}

// message is one call of Addf in the source: its place and its formats, Italian first.
type message struct {
	at      string
	formats []string
}

func messagesOf(t *testing.T, source string) []message {
	t.Helper()
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, source, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []message
	ast.Inspect(tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if name, ok := call.Fun.(*ast.SelectorExpr); !ok || name.Sel.Name != "Addf" {
			return true
		}
		m := message{at: files.Position(call.Pos()).String()}
		for _, arg := range call.Args[1:3] {
			literal, ok := arg.(*ast.BasicLit)
			if !ok {
				t.Fatalf("%s: a message that is no literal", m.at)
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			m.formats = append(m.formats, text)
		}
		found = append(found, m)
		return true
	})
	return found
}

var verb = regexp.MustCompile(`%(\\\[\d\\\])?[a-z]`)

// formatExpression matches what a format writes, at the end of a line of faults.
func formatExpression(format string) *regexp.Regexp {
	return regexp.MustCompile(fmt.Sprintf(`(?m):\d+: %s$`, verb.ReplaceAllString(regexp.QuoteMeta(format), ".+")))
}

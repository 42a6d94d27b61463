// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRulesAreComplete(t *testing.T) {
	form := regexp.MustCompile(`^(pdnd|modi|hub)\.[a-z]+(-[a-z]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, r := range Rules() {
		if !form.MatchString(string(r.ID)) {
			t.Errorf("%s: id is not <area>.<token>/<fault>", r.ID)
		}
		if r.Pattern == "" || r.Source == "" {
			t.Errorf("%s: no pattern or no source", r.ID)
		}
		if r.Class < Malformed || r.Class > Conflict {
			t.Errorf("%s: class %d", r.ID, r.Class)
		}
		for name, s := range map[string]string{
			"title it": r.Title.IT, "title en": r.Title.EN, "remedy it": r.Remedy.IT, "remedy en": r.Remedy.EN,
		} {
			if s == "" || strings.HasSuffix(s, ".") || strings.TrimSpace(s) != s {
				t.Errorf("%s: %s is %q", r.ID, name, s)
			}
		}
	}
}

func TestRulesAreUniqueAndSorted(t *testing.T) {
	rules := Rules()
	for i := 1; i < len(rules); i++ {
		if rules[i-1].ID >= rules[i].ID {
			t.Errorf("%s comes before %s", rules[i-1].ID, rules[i].ID)
		}
	}
}

// Every constant names a row and every row has a constant, so that nobody can refuse
// under an id that has no text.
func TestRuleConstantsMatchTheTable(t *testing.T) {
	var table []string
	for _, r := range Rules() {
		table = append(table, string(r.ID))
	}
	got := constants(t, "rules_ids*.go", "RuleID")
	slices.Sort(got)
	diff := cmp.Diff(table, got)
	if diff != "" {
		t.Errorf("constants of rules_ids*.go differ from the table (-table +constants):\n%s", diff)
	}
}

func TestFaultConstantsAreUsed(t *testing.T) {
	used := map[string]bool{}
	for _, r := range Rules() {
		_, fault, _ := strings.Cut(string(r.ID), "/")
		used[fault] = true
	}
	for _, fault := range constants(t, "faults*.go", "Fault") {
		if !used[fault] {
			t.Errorf("fault %q has no rule in any area", fault)
		}
	}
}

// constants reads the literals of the constants of a type from the files of a pattern.
func constants(t *testing.T, pattern, typ string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		out = append(out, constantsOf(t, file, typ)...)
	}
	if len(out) == 0 {
		t.Fatalf("no %s constants in %s", typ, pattern)
	}
	return out
}

func constantsOf(t *testing.T, file, typ string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		name, ok := spec.Type.(*ast.Ident)
		if !ok || name.Name != typ {
			return true
		}
		for _, v := range spec.Values {
			lit, ok := v.(*ast.BasicLit)
			if !ok {
				t.Fatalf("%s: a constant is not a literal", file)
			}
			s, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, s)
		}
		return true
	})
	return out
}

func TestClassesFollowTheTokens(t *testing.T) {
	for id, want := range map[RuleID]Class{
		VoucherExpired:          Unauthenticated,
		VoucherProducerMismatch: Unauthenticated,
		VoucherSignatureInvalid: Unauthenticated,
		IntegrityDigestMismatch: Malformed,
		IntegrityKeyUnknown:     Malformed,
		IntegrityOwnerMismatch:  Forbidden,
		IntegrityReplayed:       Conflict,
		AuditOwnerMismatch:      Forbidden,
		AuditDigestMismatch:     Malformed,
	} {
		i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.ID == id })
		if i < 0 || Rules()[i].Class != want {
			t.Errorf("%s: rule %d of the table is not of class %d", id, i, want)
		}
	}
}

func TestRulesReturnsACopy(t *testing.T) {
	rules := Rules()
	rules[0].ID = "changed"
	if Rules()[0].ID == "changed" {
		t.Error("a caller changed the table")
	}
}

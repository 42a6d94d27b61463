// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLenienciesAreExplained(t *testing.T) {
	rules := map[RuleID]bool{}
	for _, r := range Rules() {
		rules[r.ID] = true
	}
	var names []string
	for _, l := range Leniencies() {
		names = append(names, string(l.Name))
		if l.Text.IT == "" || l.Text.EN == "" || len(l.Rules) == 0 {
			t.Errorf("%s: no text or no rule", l.Name)
		}
		for _, id := range l.Rules {
			if !rules[id] {
				t.Errorf("%s: rule %s is not in the table", l.Name, id)
			}
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("names are not sorted: %v", names)
	}
	constants := constants(t, "leniency.go", "Leniency")
	slices.Sort(constants)
	if diff := cmp.Diff(constants, names); diff != "" {
		t.Errorf("constants and list differ:\n%s", diff)
	}
}

func TestParseLenient(t *testing.T) {
	got, err := ParseLenient([]string{"digest-hex", "typ-any"})
	if err != nil || !got.Allows(LenientDigestHex) || !got.Allows(LenientTypeAny) || got.Allows(LenientLongJTI) {
		t.Errorf("%v, %v", got, err)
	}
	got, err = ParseLenient(nil)
	if err != nil || got != nil || got.Allows(LenientDigestHex) {
		t.Errorf("no names: %v, %v", got, err)
	}
	for _, names := range [][]string{{"digest"}, {""}, {"digest-hex", "digest-hex"}} {
		_, err = ParseLenient(names)
		if err == nil {
			t.Errorf("%v taken", names)
		}
	}
	_, err = ParseLenient([]string{"digest"})
	if err == nil || !strings.Contains(err.Error(), "digest-case, ") {
		t.Errorf("error does not tell the names: %v", err)
	}
}

func TestCertificateRefusedSaysWhy(t *testing.T) {
	err := &CertificateRefused{Fault: FaultCertificateExpired, Expected: "a certificate in force", Found: "one that ended yesterday"}
	if err.Error() != "certificate-expired: expected a certificate in force, found one that ended yesterday" {
		t.Errorf("error %q", err)
	}
}

// Every fault of a certificate has a rule in every area whose tokens name one.
func TestCertificateFaultsHaveRules(t *testing.T) {
	tree, err := parser.ParseFile(token.NewFileSet(), "faults.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(tree, func(node ast.Node) bool {
		lit, ok := node.(*ast.BasicLit)
		if !ok || !strings.HasPrefix(lit.Value, `"certificate-`) && !strings.HasPrefix(lit.Value, `"reference`) && !strings.HasPrefix(lit.Value, `"x5u`) {
			return true
		}
		n++
		for _, area := range []Area{AreaIDAuth, AreaIntegrity, AreaAudit} {
			id := area.Rule(Fault(strings.Trim(lit.Value, `"`)))
			if !slices.ContainsFunc(Rules(), func(r Rule) bool { return r.ID == id }) {
				t.Errorf("%s has no row", id)
			}
		}
		return true
	})
	if n != 11 {
		t.Errorf("%d faults of certificates, want 11", n)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import "testing"

func ours(from, to string) edge  { return edge{from: from, to: Module + "/" + to} }
func tests(from, to string) edge { return edge{from: from, to: Module + "/" + to, test: true} }

func TestAllowedArrows(t *testing.T) {
	for _, e := range []edge{
		{from: "modi", to: "crypto/rsa"},
		ours("modi/rest", "modi/token"),
		ours("registry", "modi"),
		ours("registry/yamlfile", "registry"),
		ours("adapters", "adapters/anpr"),
		ours("adapters/anpr", "adapters/anpr/api"),
		ours("adapters/anpr", "registry"),
		ours("mocks/pdnd", "mocks/internal/rules"),
		ours("mocks/pdnd", "modi/token"),
		ours("conformance", "mocks/pdnd"),
		ours("internal/gateway", "registry"),
		ours("internal/transport", "internal/outbound"),
		ours("internal/gateway/answers", "internal/store"),
		ours("internal/tesoreria", "adapters/tesoreria/opi"),
		ours("internal/tools/perf", "mocks/ambiente"),
		ours("cmd/snodo", "mocks/ambiente"),
		ours("cmd/snodo", "internal/httpapi"),
		tests("adapters/anpr", "adapters/adaptertest"),
		tests("internal/transport", "mocks/pdnd"),
		tests("internal/store", "internal/store/storetest"),
		tests("internal/evidence/evidencetest", "internal/evidence"),
	} {
		if found := checkArrows([]edge{e}); len(found) > 0 {
			t.Errorf("refused: %v", found)
		}
	}
}

func TestRefusesArrowsAgainstTheOrder(t *testing.T) {
	for _, e := range []edge{
		ours("modi", "registry"),
		tests("modi/rest", "mocks/pdnd"),
		ours("registry", "internal/problem"),
		ours("registry", "adapters/anpr"),
		ours("adapters/anpr", "internal/outbound"),
		ours("adapters/anpr", "adapters/inad"),
		tests("adapters/anpr", "adapters/inad"),
		ours("adapters/anpr", "adapters"),
		ours("mocks/pdnd", "modi"),
		ours("mocks/pdnd", "modi/voucher"),
		ours("mocks/pdnd", "registry"),
		ours("mocks/anpr", "internal/store"),
		ours("conformance", "internal/gateway"),
		ours("conformance", "registry"),
		ours("internal/gateway", "mocks/pdnd"),
		ours("internal/gateway", "adapters/anpr"),
		ours("internal/gateway", "conformance"),
		ours("internal/gateway", "internal/httpapi"),
		ours("internal/gateway", "internal/store"),
		ours("internal/outbound", "modi/token"),
		ours("internal/store", "cmd/snodo/internal/folder"),
		ours("internal/store", "internal/tools/perf"),
		ours("internal/store", "internal/store/storetest"),
		ours("adapters/anpr", "adapters/adaptertest"),
		ours("pkg/util", "modi"),
		ours("internal/archtest", "modi"),
	} {
		if found := checkArrows([]edge{e}); len(found) != 1 {
			t.Errorf("%s imports %s: findings %q, expected one", e.from, e.to, found)
		}
	}
}

func TestEdgesTellTestsFromCode(t *testing.T) {
	got := edges([]pkg{
		{ImportPath: "net/http", Imports: []string{"io"}},
		{
			ImportPath: Module + "/modi", Imports: []string{"io"},
			TestImports: []string{"testing"}, XTestImports: []string{"bytes"},
		},
		{ImportPath: Module + "/internal/store/storetest", Imports: []string{"testing"}},
	})
	if len(got) != 4 {
		t.Fatalf("edges %v, expected 4", got)
	}
	for _, e := range got {
		if want := e.to != "io"; e.test != want {
			t.Errorf("%v: test is %t, expected %t", e, e.test, want)
		}
	}
}

func TestListPackagesTellsWhatTheGoCommandSaid(t *testing.T) {
	if _, err := listPackages(t.Context(), t.TempDir(), "-no-such-flag"); err == nil {
		t.Error("a wrong flag was accepted")
	}
}

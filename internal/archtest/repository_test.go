// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"context"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
)

// tree is the repository as the tests below see it.
type tree struct {
	root  string
	files []file
	code  []goFile
}

// loadTree reads and parses the repository once for all tests, which only look at it.
var loadTree = sync.OnceValues(func() (tree, error) {
	here, err := os.Getwd()
	if err != nil {
		return tree{}, err
	}
	root, err := findRoot(here)
	if err != nil {
		return tree{}, err
	}
	files, err := readTree(os.DirFS(root))
	if err != nil {
		return tree{}, err
	}
	code, err := parseGo(files)
	return tree{root, files, code}, err
})

func openTree(t *testing.T) tree {
	t.Helper()
	tr, err := loadTree()
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.code) < 20 {
		t.Fatalf("only %d Go files at %s: this is not the repository", len(tr.code), tr.root)
	}
	return tr
}

func (tr tree) file(t *testing.T, name string) file {
	t.Helper()
	for _, f := range tr.files {
		if f.path == name {
			return f
		}
	}
	t.Fatalf("%s is missing", name)
	return file{}
}

func report(t *testing.T, found []string) {
	t.Helper()
	for _, f := range found {
		t.Error(f)
	}
}

func packagesOf(t *testing.T, root string, args ...string) []pkg {
	t.Helper()
	pkgs, err := listPackages(context.Background(), root, args...)
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}

func TestImportsFollowTheLayers(t *testing.T) {
	report(t, checkArrows(edges(packagesOf(t, openTree(t).root, "-tags", buildTags, "./..."))))
}

func TestThirdPartyCodeStaysInItsPlace(t *testing.T) {
	report(t, checkConfinement(edges(packagesOf(t, openTree(t).root, "-tags", buildTags, "./..."))))
}

func TestBuildTagsAddFewDependencies(t *testing.T) {
	root := openTree(t).root
	plain := modulesSeen(packagesOf(t, root, "-deps", "./..."))
	added := taggedOnly(modulesSeen(packagesOf(t, root, "-deps", "-tags", buildTags, "./...")), plain)
	if len(added) == 0 {
		t.Errorf("the tags %q add no module: they are no longer looked at", buildTags)
	}
	t.Logf("%d modules linked only with -tags %s", len(added), buildTags)
	report(t, checkLinked(added, maxTagged))
}

func TestFewDependenciesAreLinked(t *testing.T) {
	pkgs := packagesOf(t, openTree(t).root, "-deps", "./cmd/snodo")
	if len(pkgs) < 10 {
		t.Fatalf("only %d packages make the program", len(pkgs))
	}
	seen := modulesSeen(pkgs)
	t.Logf("%d modules linked directly", len(seen))
	report(t, checkLinked(seen, maxLinked))
}

func TestEveryDependencyHasADecision(t *testing.T) {
	tr := openTree(t)
	modules, err := directModules(tr.file(t, "go.mod").text)
	if err != nil {
		t.Fatal(err)
	}
	if len(modules) == 0 {
		for module := range modulesSeen(packagesOf(t, tr.root, "-deps", "-test", "./...")) {
			modules = append(modules, module)
		}
	}
	report(t, checkDecisions(tr.files, modules))
}

func TestCitedDecisionsExist(t *testing.T) {
	report(t, checkCitedDecisions(openTree(t).files))
}

func TestFilesAndFunctionsAreShort(t *testing.T) {
	tr := openTree(t)
	s := measure(tr.code, scriptsOf(tr.files)...)
	t.Logf("median file %d lines, p90 %d, largest %s with %d; tests/code %d/%d = %.3f",
		s.median, s.p90, s.largestFile, s.largestFileLen, s.tests, s.code, s.testCodeRatio)
	report(t, s.check())
}

func TestMainOnlyStartsTheProgram(t *testing.T) {
	report(t, checkMain(openTree(t).code))
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	report(t, checkDocumented(openTree(t).code))
}

func TestPackagesShareNoState(t *testing.T) {
	report(t, checkPackageVars(openTree(t).code))
}

func TestCodeKeepsTheIdioms(t *testing.T) {
	report(t, checkIdioms(openTree(t).code))
}

func TestNothingTellsHowItWasWritten(t *testing.T) {
	report(t, checkWords(openTree(t).files))
}

func TestNoPrivateKeyIsKept(t *testing.T) {
	report(t, checkSecrets(openTree(t).files))
}

func TestEveryFileHasALicence(t *testing.T) {
	report(t, checkLicences(openTree(t).files))
}

// TestLicenceIsTheWholeText compares the two copies and looks for the parts that a
// shortened text lacks.
func TestLicenceIsTheWholeText(t *testing.T) {
	tr := openTree(t)
	licence := string(tr.file(t, "LICENSE").text)
	if licence != string(tr.file(t, "LICENSES/EUPL-1.2.txt").text) {
		t.Error("LICENSE and LICENSES/EUPL-1.2.txt differ")
	}
	for _, part := range []string{"EUROPEAN UNION PUBLIC LICENCE v. 1.2", "15.Applicable Law", "Appendix", "Reciprocity (LiLiQ-R)"} {
		if !strings.Contains(licence, part) {
			t.Errorf("LICENSE lacks %q", part)
		}
	}
}

func TestPublicCodeIsValid(t *testing.T) {
	report(t, checkPublicCode(openTree(t).file(t, "publiccode.yml").text))
}

func TestDocumentsArePresent(t *testing.T) {
	report(t, checkDocuments(openTree(t).files))
}

func TestSecurityDocumentNamesTestsThatExist(t *testing.T) {
	tr := openTree(t)
	report(t, checkCitedTests(tr.file(t, "docs/security.md"), tr.code))
}

func TestOperationsTellOfEveryMetric(t *testing.T) {
	tr := openTree(t)
	var code []file
	for _, name := range []string{"metrics", "expiry", "jobs", "keys", "quota"} {
		code = append(code, tr.file(t, "internal/obs/"+name+".go"))
	}
	report(t, checkMetrics(tr.file(t, "docs/operations.md"), code...))
}

func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	report(t, checkLinks(openTree(t).files))
}

// TestScriptsAreRunnable holds the files that make and others start.
func TestScriptsAreRunnable(t *testing.T) {
	tr := openTree(t)
	for _, f := range tr.files {
		if !strings.HasPrefix(string(f.text), "#!") {
			continue
		}
		info, err := os.Stat(path.Join(tr.root, f.path))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&0o111 == 0 {
			t.Errorf("%s starts with #! and is not executable", f.path)
		}
	}
}

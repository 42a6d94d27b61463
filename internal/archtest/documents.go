// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"

	"golang.org/x/mod/modfile"
)

// documents are the ones that a reader of the repository expects to find.
var documents = []string{
	"README.md", "README.it.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "publiccode.yml",
	"docs/ARCHITECTURE.md", "docs/operations.md", "docs/security.md",
	"docs/patterns/AUDIT_REST_02.md", "docs/patterns/INTEGRITY_REST_02.md",
}

// checkDocuments finds missing documents.
func checkDocuments(files []file) []string {
	present := map[string]bool{}
	for _, f := range files {
		present[f.path] = len(f.text) > 0
	}
	var found []string
	for _, name := range documents {
		if !present[name] {
			found = append(found, name+" is missing")
		}
	}
	return found
}

var decisionName = regexp.MustCompile(`^docs/decisions/(\d{4})-[a-z0-9-]+\.md$`)

// checkDecisions finds decisions that are not numbered in sequence or lack a part,
// and modules that no decision names.
func checkDecisions(files []file, modules []string) []string {
	var found, all []string
	next := 1
	for _, f := range inFolder(files, "docs/decisions") {
		text := string(f.text)
		all = append(all, text)
		number := decisionName.FindStringSubmatch(f.path)
		if number == nil || number[1] != fmt.Sprintf("%04d", next) {
			found = append(found, fmt.Sprintf("%s: expected a name like docs/decisions/%04d-title.md", f.path, next))
		}
		next++
		for _, part := range []string{"\n# ", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"} {
			if !strings.Contains("\n"+text, part) {
				found = append(found, fmt.Sprintf("%s: no part %q", f.path, strings.TrimSpace(part)))
			}
		}
	}
	text := strings.Join(all, "\n")
	for _, module := range modules {
		if !strings.Contains(text, "`"+module+"`") {
			found = append(found, fmt.Sprintf("no decision in docs/decisions names `%s`", module))
		}
	}
	return found
}

// citedDecision is how comments name a decision by its short code.
var citedDecision = regexp.MustCompile(`(?:\bdesign |\()(D\d{1,2}b?)\b`)

// checkCitedDecisions finds codes of decisions in the code that no decision bears.
func checkCitedDecisions(files []file) []string {
	known := map[string]bool{}
	for _, f := range inFolder(files, "docs/decisions") {
		for _, code := range citedDecision.FindAllSubmatch(f.text, -1) {
			known[string(code[1])] = true
		}
	}
	var found []string
	for _, f := range files {
		if ext := path.Ext(f.path); ext != ".go" && ext != ".sql" && ext != ".yaml" {
			continue
		}
		for _, code := range citedDecision.FindAllSubmatch(f.text, -1) {
			if !known[string(code[1])] {
				found = append(found, fmt.Sprintf("%s: cites %s, which no decision bears", f.path, code[1]))
			}
		}
	}
	return found
}

// inFolder lists the files of one folder, in name order.
func inFolder(files []file, folder string) []file {
	var out []file
	for _, f := range files {
		if f.folder() == folder {
			out = append(out, f)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].path < out[j].path })
	return out
}

// directModules lists the modules that go.mod requires by itself.
func directModules(goMod []byte) ([]string, error) {
	mod, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return nil, fmt.Errorf("read go.mod: %w", err)
	}
	var out []string
	for _, r := range mod.Require {
		if !r.Indirect {
			out = append(out, r.Mod.Path)
		}
	}
	return out, nil
}

var (
	citedTest   = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z0-9]\\w*)(?:/[^`]*)?`")
	writtenTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z0-9]\w*)\(`)
)

// checkCitedTests finds tests that a document names and the tree does not have,
// and a document that names none at all.
func checkCitedTests(document file, files []goFile) []string {
	exists := map[string]bool{}
	for _, f := range files {
		if f.isTest() {
			for _, name := range writtenTest.FindAllSubmatch(f.text, -1) {
				exists[string(name[1])] = true
			}
		}
	}
	cited := citedTest.FindAllSubmatch(document.text, -1)
	if len(cited) == 0 {
		return []string{document.path + ": names no test"}
	}
	var found []string
	for _, name := range cited {
		if !exists[string(name[1])] {
			found = append(found, fmt.Sprintf("%s: names %s, which is no test of ours", document.path, name[1]))
		}
	}
	return found
}

var (
	madeMetric      = regexp.MustCompile(`(?:\bm\.(?:counter|gauge|histogram)\("|namespace\+"_)(\w+)"`)
	mentionedMetric = regexp.MustCompile(`\bsnodo_([a-z_]+)`)
)

// checkMetrics compares the metrics that the code makes with those that a document
// tells of.
func checkMetrics(document file, codes ...file) []string {
	made, mentioned := map[string]bool{}, map[string]bool{}
	for _, code := range codes {
		for _, name := range madeMetric.FindAllSubmatch(code.text, -1) {
			made[string(name[1])] = true
		}
	}
	for _, name := range mentionedMetric.FindAllSubmatch(document.text, -1) {
		mentioned[string(name[1])] = true
	}
	if len(made) == 0 {
		return []string{codes[0].path + ": makes no metric"}
	}
	var found []string
	for name := range made {
		if !mentioned[name] {
			found = append(found, fmt.Sprintf("%s: does not tell of snodo_%s", document.path, name))
		}
	}
	for name := range mentioned {
		if !made[name] {
			found = append(found, fmt.Sprintf("%s: tells of snodo_%s, which nothing makes", document.path, name))
		}
	}
	sort.Strings(found)
	return found
}

var markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// checkLinks finds relative links of Markdown files that lead nowhere.
func checkLinks(files []file) []string {
	exists := map[string]bool{".": true}
	for _, f := range files {
		for name := f.path; name != "."; name = path.Dir(name) {
			exists[name] = true
		}
	}
	var found []string
	for _, f := range files {
		if path.Ext(f.path) != ".md" {
			continue
		}
		for _, link := range markdownLink.FindAllSubmatch(f.text, -1) {
			target, _, _ := strings.Cut(string(link[1]), "#")
			if target == "" || strings.Contains(target, ":") {
				continue
			}
			if !exists[path.Join(f.folder(), target)] {
				found = append(found, fmt.Sprintf("%s: the link to %s leads nowhere", f.path, target))
			}
		}
	}
	return found
}

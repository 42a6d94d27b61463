// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/message"
	"github.com/snodo-pa/snodo/modi/rest"
)

var update = flag.Bool("update", false, "write the generated parts of docs/patterns")

const pagesFolder = "../docs/patterns"

// generated is a part of a page that is made here: its kind, its arguments and its text.
var generated = regexp.MustCompile(`(?s)(<!-- generated: ([a-z]+) ?([^>]*?) ?-->\n).*?(<!-- end -->)`)

func pages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(pagesFolder + "/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("pages %v, %v", files, err)
	}
	out := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(file)] = string(text)
	}
	return out
}

// held compares a file with what it should be, or writes it.
func held(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join(pagesFolder, name)
	if *update {
		err := os.WriteFile(path, []byte(want), 0o644)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not what this test makes: go test ./modi -run TestPages -update (-want +got):\n%s", name, diff)
	}
}

// What the pages show is what the code makes: messages signed with fixed keys at a fixed
// instant, rules, leniencies and combinations from their tables.
func TestPages(t *testing.T) {
	w := newWorld(t)
	messages, files := w.messages(), w.files()
	shown := map[string]bool{}
	for name, text := range pages(t) {
		made := generated.ReplaceAllStringFunc(text, func(part string) string {
			match := generated.FindStringSubmatch(part)
			arguments := strings.Fields(match[3])
			var content string
			switch match[2] {
			case "message":
				m, ok := messages[arguments[0]]
				if !ok {
					t.Fatalf("%s: no message %q", name, arguments[0])
				}
				shown[arguments[0]] = true
				content = showMessage(t, arguments[0], m)
			case "rules":
				content = showRules(t, arguments)
			case "leniencies":
				content = showLeniencies(modi.Area(arguments[0]))
			case "combinations":
				content = showCombinations()
			case "refusals":
				content = showRefusals(t)
			default:
				t.Fatalf("%s: %q is not made here", name, match[2])
			}
			return match[1] + content + match[4]
		})
		held(t, name, made)
	}
	for name := range messages {
		if !shown[name] {
			t.Errorf("no page shows the message %s", name)
		}
	}
	for name, content := range files {
		held(t, filepath.Join("examples", name), string(content))
	}
}

// long is the text of a certificate or key, which nobody reads.
var long = regexp.MustCompile(`"([A-Za-z0-9+/=_-]{40})[A-Za-z0-9+/=_-]{60,}"`)

// showMessage shows a message as it is, and what its tokens say.
func showMessage(t *testing.T, name string, m *message.Message) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "[%s.http](examples/%s.http):\n\n```http\n%s\n```\n", name, name, bytes.TrimRight(m.Bytes(), "\n"))
	names, tokens := tokensOf(m)
	for i, compact := range tokens {
		parts := strings.Split(compact, ".")
		fmt.Fprintf(&b, "\n%s says:\n\n```json\n", names[i])
		for _, part := range parts[:2] {
			raw, err := base64.RawURLEncoding.DecodeString(part)
			if err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if err = json.Indent(&text, raw, "", "  "); err != nil {
				t.Fatal(err)
			}
			b.WriteString(long.ReplaceAllString(text.String(), `"$1…"`) + "\n")
		}
		b.WriteString("```\n")
	}
	return b.String()
}

// showRules lists the rules of an area: all but those that its pattern cannot break, or
// only some.
func showRules(t *testing.T, arguments []string) string {
	t.Helper()
	area, names := arguments[0], arguments[1:]
	only := len(names) > 0 && names[0] == "only"
	if only {
		names = names[1:]
	}
	used := map[string]bool{}
	named := func(fault string) bool {
		for _, name := range names {
			start, all := strings.CutSuffix(name, "*")
			if fault == name || all && strings.HasPrefix(fault, start) {
				used[name] = true
				return true
			}
		}
		return false
	}
	var b strings.Builder
	b.WriteString("| Rule | Answer | Meaning | What to do |\n| --- | --- | --- | --- |\n")
	for _, r := range modi.Rules() {
		fault, ok := strings.CutPrefix(string(r.ID), area+"/")
		if !ok || named(fault) != only {
			continue
		}
		_, title, _ := strings.Cut(r.Title.EN, ": ")
		fmt.Fprintf(&b, "| [`%s`](../problems/%s.md) | %d | %s | %s |\n", r.ID, r.ID, status(r.Class), title, r.Remedy.EN)
	}
	if len(used) < len(names) {
		t.Errorf("%s: of %v only %v are rules", area, names, used)
	}
	return b.String()
}

func status(c modi.Class) int {
	return map[modi.Class]int{modi.Malformed: 400, modi.Unauthenticated: 401, modi.Forbidden: 403, modi.Conflict: 409}[c]
}

// showLeniencies lists those that bend a rule of an area.
func showLeniencies(area modi.Area) string {
	var b strings.Builder
	b.WriteString("| Leniency | Lets in | Rules it bends |\n| --- | --- | --- |\n")
	for _, l := range modi.Leniencies() {
		var bent []string
		for _, id := range l.Rules {
			if fault, ok := strings.CutPrefix(string(id), string(area)+"/"); ok {
				bent = append(bent, "`"+fault+"`")
			}
		}
		if len(bent) > 0 {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", l.Name, l.Text.EN, strings.Join(bent, ", "))
		}
	}
	return b.String()
}

func showCombinations() string {
	var b strings.Builder
	b.WriteString("| | Patterns | Request | Reply |\n| --- | --- | --- | --- |\n")
	pieces := func(list []rest.Piece) string {
		if len(list) == 0 {
			return "nothing"
		}
		headers := make([]string, len(list))
		for i, p := range list {
			headers[i] = "`" + p.Header + "`"
			if p.Optional {
				headers[i] += " (optional)"
			}
		}
		return strings.Join(headers, ", ")
	}
	for _, c := range rest.Combinations() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.Technology, patternNames(c.Patterns), pieces(c.Request), pieces(c.Reply))
	}
	return b.String()
}

func patternNames(patterns []modi.Pattern) string {
	names := make([]string, len(patterns))
	for i, p := range patterns {
		names[i] = string(p)
	}
	return strings.Join(names, " + ")
}

// showRefusals lists sets of patterns that people try, and why they do not go together.
func showRefusals(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| | Patterns | Why not |\n| --- | --- | --- |\n")
	for _, c := range []struct {
		technology rest.Technology
		patterns   []modi.Pattern
	}{
		{rest.REST, []modi.Pattern{modi.PatternVoucher, modi.PatternIDAuthREST02}},
		{rest.REST, []modi.Pattern{modi.PatternIDAuthREST02, modi.PatternIntegrityREST02}},
		{rest.REST, []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST01, modi.PatternIntegrityREST02}},
		{rest.REST, []modi.Pattern{modi.PatternIDAuthREST01, modi.PatternAuditREST02}},
		{rest.REST, []modi.Pattern{modi.PatternAuditREST01}},
		{rest.REST, []modi.Pattern{modi.PatternVoucher, modi.PatternAuditREST01, modi.PatternAuditREST02}},
		{rest.REST, []modi.Pattern{modi.PatternDPoP}},
		{rest.SOAP, []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02}},
		{rest.REST, []modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02, modi.PatternPDNDResponse}},
	} {
		_, err := rest.Combine(c.technology, c.patterns...)
		if err == nil {
			t.Fatalf("%v go together", c.patterns)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", c.technology, patternNames(c.patterns), err)
	}
	return b.String()
}

// Every rule and every leniency stands in a page; every pattern has its page, and the index
// leads to all of them.
func TestPagesAreComplete(t *testing.T) {
	all := pages(t)
	text := strings.Builder{}
	for name, page := range all {
		text.WriteString(page)
		if name != "README.md" && !strings.Contains(all["README.md"], "]("+name+")") {
			t.Errorf("README.md does not lead to %s", name)
		}
		for _, part := range []string{"## By hand", "## Errors"} {
			if name != "README.md" && name != "combinations.md" && !strings.Contains(page, "\n"+part+"\n") {
				t.Errorf("%s has no part %q", name, part)
			}
		}
	}
	for _, r := range modi.Rules() {
		own := strings.HasPrefix(string(r.ID), string(modi.AreaProvenance)) // of the hub, no pattern of the guideline
		if !own && !strings.Contains(text.String(), "`"+string(r.ID)+"`") {
			t.Errorf("no page tells of %s", r.ID)
		}
		if r.Pattern != modi.PatternProvenance && !strings.Contains(all["README.md"], string(r.Pattern)) {
			t.Errorf("README.md does not name %s", r.Pattern)
		}
	}
	for _, l := range modi.Leniencies() {
		if !strings.Contains(text.String(), "`"+string(l.Name)+"`") {
			t.Errorf("no page tells of the leniency %s", l.Name)
		}
	}
}

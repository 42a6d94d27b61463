// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"bufio"
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// headerSize is how far into a file its licence may stand.
const headerSize = 1024

// The two tags of a header; in pieces, so that other tools find one header here.
var (
	copyrightTag = regexp.MustCompile("SPDX-File" + `CopyrightText: \d{4} \S`)
	licenceTag   = regexp.MustCompile("SPDX-License-" + `Identifier: (\S+)`)
)

// checkLicences finds files without a licence, by the REUSE specification 3.0: a
// header with both tags, a .license file beside it, or a paragraph of .reuse/dep5.
// Every licence named must stand in LICENSES, and nothing else may stand there.
func checkLicences(files []file) []string {
	var rules []dep5Rule
	texts, named := map[string]bool{}, map[string]bool{}
	beside := map[string]bool{}
	for _, f := range files {
		switch {
		case f.path == ".reuse/dep5":
			rules = parseDep5(f.text)
		case path.Dir(f.path) == "LICENSES":
			texts[strings.TrimSuffix(path.Base(f.path), ".txt")] = true
		case strings.HasSuffix(f.path, ".license"):
			beside[strings.TrimSuffix(f.path, ".license")] = true
		}
	}
	var found []string
	for _, f := range files {
		if exempt(f) {
			continue
		}
		licence := licenceOf(f, rules)
		if licence == "" && !beside[f.path] {
			found = append(found, f.path+": no SPDX header, and .reuse/dep5 does not cover it")
			continue
		}
		if licence != "" {
			named[licence] = true
		}
	}
	for licence := range named {
		if !texts[licence] {
			found = append(found, fmt.Sprintf("LICENSES/%s.txt is missing", licence))
		}
	}
	for licence := range texts {
		if !named[licence] {
			found = append(found, fmt.Sprintf("LICENSES/%s.txt: no file has this licence", licence))
		}
	}
	return found
}

// exempt tells the files that the specification leaves out.
func exempt(f file) bool {
	return f.path == "LICENSE" || path.Dir(f.path) == "LICENSES" || f.path == ".reuse/dep5" || len(f.text) == 0
}

// licenceOf is the licence of a file by its header or, without one, by the last
// paragraph that covers it; empty when there is none.
func licenceOf(f file, rules []dep5Rule) string {
	head := f.text[:min(len(f.text), headerSize)]
	if id := licenceTag.FindSubmatch(head); id != nil && copyrightTag.Match(head) {
		return string(id[1])
	}
	licence := ""
	for _, r := range rules {
		if r.covers(f.path) {
			licence = r.licence
		}
	}
	return licence
}

// dep5Rule is a Files paragraph of .reuse/dep5.
type dep5Rule struct {
	patterns []*regexp.Regexp
	licence  string
}

func (r dep5Rule) covers(name string) bool {
	for _, p := range r.patterns {
		if p.MatchString(name) {
			return true
		}
	}
	return false
}

// parseDep5 reads the paragraphs that have files, a copyright and a licence; in
// their patterns a star stands for any text, folders included.
func parseDep5(text []byte) []dep5Rule {
	var rules []dep5Rule
	fields := map[string]string{}
	end := func() {
		if fields["Files"] != "" && fields["Copyright"] != "" && fields["License"] != "" {
			rule := dep5Rule{licence: fields["License"]}
			for _, pattern := range strings.Fields(fields["Files"]) {
				quoted := regexp.QuoteMeta(pattern)
				quoted = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(quoted)
				if re, err := regexp.Compile("^" + quoted + "$"); err == nil {
					rule.patterns = append(rule.patterns, re)
				}
			}
			rules = append(rules, rule)
		}
		fields = map[string]string{}
	}
	field := ""
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			end()
		case line[0] == ' ' || line[0] == '\t':
			fields[field] += line
		default:
			name, value, _ := strings.Cut(line, ":")
			field = name
			fields[field] = strings.TrimSpace(value)
		}
	}
	end()
	return rules
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package bilingual

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/snodo-pa/snodo/modi"
)

// Phrase tells what a violation expected or found in both languages. Violations hold
// English alone, which scripts and peers read; what names a value and no more, or is not in
// the table, is the same in both.
func Phrase(s string) modi.Text { return modi.Text{IT: inItalian(s), EN: s} }

// inItalian finds the row that fits the whole of s; what stands in its holes is told in Italian too, when it is a phrase
// itself.
func inItalian(s string) string {
	table := rows()
	if it, known := table.whole[s]; known {
		return it
	}
	for _, row := range table.holed {
		if len(s) <= len(row.start)+len(row.end) || !strings.HasPrefix(s, row.start) || !strings.HasSuffix(s, row.end) {
			continue // most, before the expression is asked
		}
		holes := row.en.FindStringSubmatch(s)
		if holes == nil {
			continue
		}
		out := row.it
		for i, hole := range holes[1:] {
			out = strings.ReplaceAll(out, "{"+strconv.Itoa(i+1)+"}", inItalian(hole))
		}
		return out
	}
	return s
}

// phrases are the tables, read.
type phrases struct {
	whole map[string]string // without holes: no hole takes what has words of its own
	holed []phrase
}

// phrase is one row with holes: what stands before the first and behind the last, and all of it.
type phrase struct {
	start, end string
	en         *regexp.Regexp
	it         string
}

// rows reads the tables: in English {} is a hole, in Italian {1} the first of them.
var rows = sync.OnceValue(func() phrases {
	out := phrases{whole: map[string]string{}}
	for _, table := range []string{tokenPhrases, messagePhrases, filePhrases, keyPhrases, certificatePhrases} {
		for line := range strings.SplitSeq(strings.TrimSpace(table), "\n") {
			en, it, found := strings.Cut(line, " = ")
			if !found {
				continue
			}
			parts := strings.Split(en, "{}")
			if len(parts) == 1 {
				out.whole[en] = it
				continue
			}
			pattern := strings.ReplaceAll(regexp.QuoteMeta(en), regexp.QuoteMeta("{}"), "(.+?)")
			out.holed = append(out.holed, phrase{parts[0], parts[len(parts)-1], regexp.MustCompile("^" + pattern + "$"), it})
		}
	}
	return out
})

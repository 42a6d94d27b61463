// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

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
func Phrase(s string) modi.Text { return text(italian(s), s) }

// italian finds the row that fits the whole of s; what stands in its holes is told in
// Italian too, when it is a phrase itself.
func italian(s string) string {
	for _, row := range rows() {
		holes := row.en.FindStringSubmatch(s)
		if holes == nil {
			continue
		}
		out := row.it
		for i, hole := range holes[1:] {
			out = strings.ReplaceAll(out, "{"+strconv.Itoa(i+1)+"}", italian(hole))
		}
		return out
	}
	return s
}

// phrase is one row of the table.
type phrase struct {
	en *regexp.Regexp
	it string
}

// rows reads the tables: in English {} is a hole, in Italian {1} the first of them. A row
// without holes comes first, so that no hole takes what has words of its own.
var rows = sync.OnceValue(func() []phrase {
	var whole, holed []phrase
	for _, table := range []string{tokenPhrases, messagePhrases, filePhrases, keyPhrases, certificatePhrases} {
		for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
			en, it, found := strings.Cut(line, " = ")
			if !found {
				continue
			}
			pattern := strings.ReplaceAll(regexp.QuoteMeta(en), regexp.QuoteMeta("{}"), "(.+?)")
			row := phrase{regexp.MustCompile("^" + pattern + "$"), it}
			if strings.Contains(en, "{}") {
				holed = append(holed, row)
			} else {
				whole = append(whole, row)
			}
		}
	}
	return append(whole, holed...)
})

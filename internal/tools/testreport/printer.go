// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"io"
	"strings"
)

// printer writes packages as they end, with the output of what failed in them.
type printer struct{ out io.Writer }

var _ observer = (*printer)(nil)

func (p *printer) text(line string) { fmt.Fprint(p.out, line) }

func (p *printer) packageEnded(pkg *result, tests []*result) {
	if pkg.outcome != failed {
		fmt.Fprintf(p.out, "%-4s  %s  %.1fs\n", mark(pkg, tests), pkg.pkg, pkg.elapsed)
		return
	}
	for _, t := range tests {
		if t.outcome == failed || t.outcome == running {
			p.output(t)
		}
	}
	fmt.Fprint(p.out, pkg.output.String())
}

// output writes what a test said, without the lines that only follow its progress.
func (p *printer) output(t *result) {
	for line := range strings.Lines(t.output.String()) {
		if !strings.HasPrefix(line, "=== ") {
			fmt.Fprint(p.out, line)
		}
	}
}

// mark is the word before a package that did not fail.
func mark(pkg *result, tests []*result) string {
	if pkg.outcome == skipped || len(tests) == 0 {
		return "none"
	}
	return "ok"
}

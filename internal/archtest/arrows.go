// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"fmt"
	"strings"
)

// layer says what the packages below one folder may import of ours.
type layer struct {
	folder string
	may    []string // folders that any of its files may import
	tests  []string // folders that its tests may import besides
}

// layers is the order of the project, from the narrowest folder to the widest: the
// first whose folder holds a package decides. A package in none of them is an
// error, so that a new top-level folder is a decision.
var layers = []layer{
	{folder: "modi", may: []string{"modi"}},
	{folder: "registry", may: []string{"registry", "modi"}, tests: []string{"mocks"}},
	{folder: "adapters/adaptertest", may: []string{"registry", "modi"}},
	{folder: "adapters", may: []string{"registry", "modi"}, tests: []string{"adapters/adaptertest", "mocks"}},
	{folder: "mocks", may: []string{"mocks", "modi/token"}, tests: []string{"modi"}},
	{
		folder: "conformance", may: []string{"conformance", "modi", "mocks"},
		tests: []string{"internal/trust", "internal/replay", "internal/outbound"},
	},
	{folder: "internal/archtest", may: nil},
	{folder: "internal/tools", may: everything},
	{folder: "internal/tesoreria", may: []string{"internal", "registry", "modi", "adapters/tesoreria/opi"}, tests: everything},
	{folder: "internal", may: []string{"internal", "registry", "modi"}, tests: everything},
	{folder: "cmd", may: everything},
}

var everything = []string{"cmd", "internal", "adapters", "mocks", "conformance", "registry", "modi"}

// nobodyImports are the folders of programs, which only the go command opens.
var nobodyImports = []string{"cmd", "internal/tools", "internal/archtest"}

// apart are pairs inside internal that must not know each other: from the package
// itself, to the other and all below it.
var apart = []struct{ from, to, why string }{
	{"internal/outbound", "modi/token", "the HTTP client knows no token"},
	{"internal/outbound", "modi/voucher", "the HTTP client knows no token"},
	{"internal/outbound", "internal/pdnd", "the HTTP client knows no platform"},
	{"internal/outbound", "internal/transport", "the transport uses the HTTP client"},
	{"internal/transport", "internal/gateway", "the gateway uses the transport"},
	{"internal/pdnd", "internal/transport", "the transport uses the platform client"},
	{"internal/evidence", "internal/store", "the store implements the log"},
	{"internal/jobs", "internal/store", "the store implements the queue"},
	{"internal/quota", "internal/store", "the store implements the ledger"},
	{"internal/gateway", "internal/httpapi", "HTTP becomes an exchange before the gateway sees it"},
	{"internal/gateway", "internal/store", "the gateway sees the log, not the database"},
}

// checkArrows finds the imports of ours by ours that the order does not allow.
func checkArrows(all []edge) []string {
	var found []string
	for _, e := range all {
		to, ours := own(e.to)
		if !ours || within(to, e.from) && within(e.from, to) {
			continue
		}
		if why := forbidden(e, to); why != "" {
			found = append(found, fmt.Sprintf("%s imports %s: %s", e.from, to, why))
		}
	}
	return found
}

// forbidden says why an import is not allowed; it is empty when it is.
func forbidden(e edge, to string) string {
	if isSuite(to) && !e.test {
		return "a suite is for tests"
	}
	for _, folder := range nobodyImports {
		if within(to, folder) && !within(e.from, folder) {
			return "a program is not a library"
		}
	}
	for _, pair := range apart {
		if e.from == pair.from && within(to, pair.to) && !e.test {
			return pair.why
		}
	}
	if why, decided := adapterRule(e, to); decided {
		return why
	}
	for _, l := range layers {
		if !within(e.from, l.folder) {
			continue
		}
		if withinAny(to, l.may...) || e.test && withinAny(to, l.tests...) {
			return ""
		}
		return fmt.Sprintf("%s may import only %s", l.folder, listOr(l.may, "nothing of ours"))
	}
	return "the folder has no place in the order of layers"
}

// adapterRule is what the table cannot say: the list of adapters knows them all,
// and an adapter knows itself but no other one.
func adapterRule(e edge, to string) (why string, decided bool) {
	if !within(e.from, "adapters") || !within(to, "adapters") || within(to, "adapters/adaptertest") {
		return "", false
	}
	if e.from == "adapters" || within(to, adapterOf(e.from)) {
		return "", true
	}
	return "an adapter knows no other adapter", true
}

// adapterOf is the folder of the adapter that a package belongs to.
func adapterOf(pkg string) string {
	parts := strings.SplitN(pkg, "/", 3)
	return strings.Join(parts[:2], "/")
}

func listOr(items []string, none string) string {
	if len(items) == 0 {
		return none
	}
	return strings.Join(items, ", ")
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/snodo-pa/snodo/internal/bilingual"
)

// backEndOf writes the data of a mock back end: it answers with the examples of the document, one record for each operation.
func backEndOf(name string, document []byte) ([]byte, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, bilingual.Errorf("documento OpenAPI: %w", "OpenAPI document: %w", err)
	}
	s := newService(name, doc)
	out := &page{}
	out.line(0, "# Gestionale finto di %s, servito da «snodo mock --registri CARTELLA» e da «snodo new eservice --mock».", oneLine(s.title))
	out.line(0, "# Risponde con gli esempi del documento: aggiungere a tables i casi che servono alle prove.")
	out.line(0, "name: %s", s.name)
	out.line(0, "")
	out.line(0, "tables:")
	for _, op := range s.operations {
		op.errors = map[string]any{"400": problemOf(400, "Richiesta non valida"), "404": problemOf(404, "Non trovato")}
		op.writeTable(out)
	}
	if len(s.operations) == 0 {
		out.line(1, "vuota: []")
	}
	out.line(0, "")
	out.line(0, "routes:")
	for _, op := range s.operations {
		op.writeRoute(out)
	}
	for _, one := range s.left {
		method, path, _ := strings.Cut(one, " ")
		out.line(1, "- {method: %s, path: %s, replies: [{status: %d}]}", method, quoted(plainPath(path)), goodStatus(doc.Paths.Value(path).GetOperation(method)))
	}
	return slices.Clone(out.Bytes()), nil
}

func problemOf(status int, title string) map[string]any {
	return map[string]any{"type": "about:blank", "title": title, "status": status}
}

// goodStatus is the first good one of an operation whose answer has no fields.
func goodStatus(op *openapi3.Operation) int {
	for _, status := range statuses(op) {
		var n int
		if _, err := fmt.Sscan(strings.ReplaceAll(status, "X", "0"), &n); err == nil && n >= 200 && n < 300 && len(status) == len(strconv.Itoa(n)) {
			return n
		}
	}
	return 204
}

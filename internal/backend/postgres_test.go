// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/store/pgtest"
)

// rich is a table with the types of a real one, and a role that may only read it.
const rich = `CREATE TABLE pratiche (id uuid PRIMARY KEY, stato varchar(20), anno integer, importo numeric(10,2), urgente boolean,
	aperta date, mutata timestamptz, nota text, ufficio char(6), altro jsonb, fruitore text);
INSERT INTO pratiche VALUES ('018f0000-0000-7000-8000-000000000001', 'accolta', 2026, 1234567.10, true, '2026-01-02',
	'2026-01-03 10:00:00.5+01', NULL, 'Scuola', '{"allegati": [{"nome": "planimetria"}]}', 'c-1'),
	('018f0000-0000-7000-8000-000000000002', 'respinta', 2025, NULL, NULL, NULL, NULL, 'x', NULL, NULL, 'c-1')`

const richView = `
source: {kind: postgresql, dsnEnv: X}
operations:
  leggi:
    query: SELECT * FROM pratiche WHERE id = :id AND fruitore = :chi
    params: {id: path.id, chi: caller.consumer}
    types: {altro: json}
    members: {id: id, stato: stato, anno: anno, importo: importo, urgente: urgente, aperta: aperta, mutata: mutata, nota: nota, ufficio.nome: ufficio, altro: altro}
  cerca:
    query: >-
      SELECT id, stato, anno FROM pratiche
      WHERE (anno = :anno OR :anno IS NULL) AND (CAST(:stato AS text) IS NULL OR stato = :stato) ORDER BY anno
    params: {anno: query.anno, stato: body.filtro.stato}
    result: list
    list: pratiche
    members: {id: id, stato: stato, anno: anno}
`

func TestTheTypesOfPostgreSQL(t *testing.T) {
	dsn := pgtest.Start(t).NewDatabase(t)
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range strings.SplitAfter(rich, ";\n") {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := Read("vista.yaml", []byte(richView), document(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Open(plan, func(string) string { return "" }, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	for _, tc := range []struct{ method, path, body, want string }{
		{"GET", "/pratiche/018f0000-0000-7000-8000-000000000001", "", `{"altro":{"allegati":[{"nome":"planimetria"}]},"anno":2026,"aperta":"2026-01-02",` +
			`"id":"018f0000-0000-7000-8000-000000000001","importo":1234567.10,"mutata":"2026-01-03T09:00:00.5Z","nota":null,"stato":"accolta","ufficio":{"nome":"Scuola"},"urgente":true}`},
		{"GET", "/pratiche/018f0000-0000-7000-8000-000000000002", "", `{"anno":2025,"id":"018f0000-0000-7000-8000-000000000002","nota":"x","stato":"respinta"}`},
		{"POST", "/ricerche?anno=2025", `{}`, `{"pratiche":[{"anno":2025,"id":"018f0000-0000-7000-8000-000000000002","stato":"respinta"}]}`},
		{"POST", "/ricerche", `{"filtro":{"stato":"sospesa"}}`, `{"pratiche":[]}`},
	} {
		got, err := ask(t, v, tc.method, tc.path, tc.body)
		if err != nil {
			t.Errorf("%s: %v", tc.path, err)
			continue
		}
		if diff := cmp.Diff(tc.want, string(got.Body)); diff != "" {
			t.Errorf("%s: %s", tc.path, diff)
		}
		match, err := document(t).Match(tc.method, strings.Split(tc.path, "?")[0])
		if err == nil {
			err = match.CheckResponse(got.Status, got.Header, got.Body)
		}
		if err != nil {
			t.Errorf("%s: %v", tc.path, err)
		}
	}
	if _, err := ask(t, v, "GET", "/pratiche/non-un-uuid", ""); err == nil || strings.Contains(err.Error(), "non-un-uuid") {
		t.Errorf("a value that the column cannot have: %v", err)
	}
}

// TestManyAskAViewAtOnce: more callers than connections, of every kind of source, and each gets its own rows.
func TestManyAskAViewAtOnce(t *testing.T) {
	for name, view := range map[string]string{"sqlite": sqlView, "csv": csvView} {
		v := opened(t, view)
		var group sync.WaitGroup
		for n := range 32 {
			group.Go(func() {
				id := []string{"P-1", "P-3"}[n%2]
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://vista.invalid/pratiche/"+id, http.NoBody)
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set(gateway.HeaderConsumer, "c-1")
				got, err := v.Do(t.Context(), req, outbound.Exchange{})
				if err != nil || !strings.Contains(string(got.Body), `"id":"`+id+`"`) {
					t.Errorf("%s, %s: %v", name, id, err)
				}
			})
		}
		group.Wait()
	}
}

// TestAnswersFromAJSONFile whose values have types of their own.
func TestAnswersFromAJSONFile(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "dati.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`[{"id":"P-1","stato":"accolta","anno":2026,"importo":12.50,"urgente":false,"nota":null},{"id":"P-2","stato":"respinta","anno":"ieri"}]`)
	text := `
source: {kind: json, path: dati.json}
operations:
  leggi: {where: {id: path.id}, members: {id: id, stato: stato, anno: anno, importo: importo, urgente: urgente, nota: nota}}
  cerca: {where: {anno: query.anno, stato: body.filtro.stato}, result: list, list: pratiche, members: {id: id, stato: stato}}
`
	plan, err := Read("vista.yaml", []byte(text), document(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Open(plan, func(name string) string { return filepath.Join(dir, name) }, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]string{
		"GET /pratiche/P-1":        `{"anno":2026,"id":"P-1","importo":12.50,"nota":null,"stato":"accolta","urgente":false}`,
		"POST /ricerche?anno=2026": `{"pratiche":[{"id":"P-1","stato":"accolta"}]}`,
	} {
		method, path, _ := strings.Cut(path, " ")
		got, err := ask(t, v, method, path, "")
		if err != nil || string(got.Body) != want {
			t.Errorf("%s: %v %s", path, err, fmt.Sprint(got))
		}
	}
	if _, err := ask(t, v, "GET", "/pratiche/P-2", ""); err == nil || strings.Contains(err.Error(), "ieri") {
		t.Errorf("a year that is none: %v", err)
	}
	write(`[{"id":"P-1"`)
	if _, err := ask(t, v, "GET", "/pratiche/P-1", ""); err == nil {
		t.Error("a file cut short was answered from")
	}
}

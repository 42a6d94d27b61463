// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"database/sql"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry"
)

// contract is an invented e-service: one practice, and a list of them.
const contract = `
openapi: 3.0.3
info: {title: pratiche, version: 1.0.0}
paths:
  /pratiche/{id}:
    get:
      operationId: leggi
      parameters:
      - {name: id, in: path, required: true, schema: {type: string, pattern: '^[A-Za-z0-9-]{1,40}$'}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pratica'}}}}
        '404': {description: ko, content: {application/problem+json: {schema: {type: object}}}}
  /ricerche:
    post:
      operationId: cerca
      parameters:
      - {name: anno, in: query, schema: {type: integer}}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: {filtro: {type: object, properties: {stato: {type: string}}}}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [pratiche]
                properties: {pratiche: {type: array, items: {$ref: '#/components/schemas/Pratica'}}}
components:
  schemas:
    Pratica:
      type: object
      required: [id, stato]
      properties:
        id: {type: string}
        stato: {type: string}
        anno: {type: integer}
        importo: {type: number}
        urgente: {type: boolean}
        aperta: {type: string, format: date}
        mutata: {type: string, format: date-time}
        nota: {type: string, nullable: true}
        ufficio: {type: object, required: [nome], properties: {nome: {type: string}}}
        altro: {}
`

const members = `{id: id, stato: stato, anno: anno, importo: importo, urgente: urgente, aperta: aperta, mutata: mutata, nota: nota, ufficio.nome: ufficio}`

const sqlView = `
source: {kind: sqlite, path: dati.db}
rows: 2
operations:
  leggi:
    query: SELECT * FROM pratiche WHERE id = :id AND fruitore = :chi
    params: {id: path.id, chi: caller.consumer}
    members: ` + members + `
  cerca:
    query: >-
      SELECT * FROM pratiche
      WHERE (:anno IS NULL OR anno = :anno) AND (:stato IS NULL OR stato = :stato) ORDER BY id
    params: {anno: query.anno, stato: body.filtro.stato}
    result: list
    list: pratiche
    members: ` + members + `
`

const csvView = `
source: {kind: csv, path: dati.csv, separator: ";"}
rows: 2
operations:
  leggi: {where: {id: path.id, fruitore: caller.consumer}, members: ` + members + `}
  cerca: {where: {anno: query.anno, stato: body.filtro.stato}, result: list, list: pratiche, members: ` + members + `}
`

const csvData = `id;stato;anno;importo;urgente;aperta;mutata;nota;ufficio;fruitore
P-1;accolta;2026;12.50;true;2026-01-02;2026-01-03T10:00:00+01:00;;Scuola;c-1
P-2;respinta;2025;3;0;2025-01-02;2025-01-03T10:00:00Z;x;Scuola;c-2
P-3;accolta;2025;3;0;2025-01-02;2025-01-03T10:00:00Z;x;;c-1
`

func document(t testing.TB) *schema.Document {
	t.Helper()
	d, err := schema.Compile([]byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// opened is a view over the same three rows, whatever its source.
func opened(t *testing.T, view string) *View {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dati.csv"), []byte(csvData), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "dati.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range []string{
		`CREATE TABLE pratiche (id TEXT, stato TEXT, anno INTEGER, importo REAL, urgente INTEGER, aperta TEXT, mutata TEXT, nota TEXT, ufficio TEXT, fruitore TEXT)`,
		`INSERT INTO pratiche VALUES ('P-1','accolta',2026,12.5,1,'2026-01-02','2026-01-03T10:00:00+01:00',NULL,'Scuola','c-1'),
			('P-2','respinta',2025,3,0,'2025-01-02','2025-01-03T10:00:00Z','x','Scuola','c-2'),
			('P-3','accolta',2025,3,0,'2025-01-02','2025-01-03T10:00:00Z','x',NULL,'c-1')`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := Read("vista.yaml", []byte(view), document(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Open(plan, func(name string) string { return filepath.Join(dir, name) }, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func ask(t *testing.T, v *View, method, path, body string) (*outbound.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://vista.invalid"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(gateway.HeaderConsumer, "c-1")
	return v.Do(t.Context(), req, outbound.Exchange{})
}

// TestAnswersAlikeFromEverySource and every answer is one that the document allows.
func TestAnswersAlikeFromEverySource(t *testing.T) {
	first := `{"anno":2026,"aperta":"2026-01-02","id":"P-1","importo":12.5,"mutata":"2026-01-03T10:00:00+01:00","nota":null,"stato":"accolta","ufficio":{"nome":"Scuola"},"urgente":true}`
	for name, view := range map[string]string{"sqlite": sqlView, "csv": csvView} {
		v := opened(t, view)
		for _, tc := range []struct {
			method, path, body string
			status             int
			want               string
		}{
			{"GET", "/pratiche/P-1", "", 200, first},
			{"GET", "/pratiche/P-9", "", 404, `{"status":404,"title":"Nessun risultato"}`},
			{"GET", "/pratiche/P-2", "", 404, `{"status":404,"title":"Nessun risultato"}`}, // of another consumer
			{"POST", "/ricerche?anno=2026", `{}`, 200, `{"pratiche":[` + first + `]}`},
			{"POST", "/ricerche?anno=2024", ``, 200, `{"pratiche":[]}`},
			{"POST", "/ricerche", `{"filtro":{"stato":"' OR 1=1 --"}}`, 200, `{"pratiche":[]}`},
		} {
			got, err := ask(t, v, tc.method, tc.path, tc.body)
			if err != nil || got.Status != tc.status || strings.Replace(string(got.Body), "12.50", "12.5", 1) != tc.want {
				t.Errorf("%s %s: %v, %+v", name, tc.path, err, got)
				continue
			}
			match, err := document(t).Match(tc.method, strings.Split(tc.path, "?")[0])
			if err == nil {
				err = match.CheckResponse(got.Status, got.Header, got.Body)
			}
			if err != nil {
				t.Errorf("%s %s: %v", name, tc.path, err)
			}
		}
		got, err := ask(t, v, "POST", "/ricerche", `{"filtro":{"stato":"accolta"}}`)
		if err != nil || strings.Count(string(got.Body), `"id"`) != 2 || strings.Contains(string(got.Body), `"ufficio":null`) {
			t.Errorf("%s: %v, %s", name, err, got.Body)
		}
	}
}

func TestFaultsAreToldApart(t *testing.T) {
	for name, tc := range map[string]struct {
		view, method, path, body string
		rule                     string
	}{
		"a list longer than rows":      {sqlView, "POST", "/ricerche", "", string(problem.RuleBackEndBadAnswer)},
		"an object that is not unique": {strings.Replace(sqlView, "WHERE id = :id", "WHERE id <> :id", 1), "GET", "/pratiche/P-9", "", string(problem.RuleBackEndBadAnswer)},
		"a value of another type":      {strings.Replace(sqlView, "anno: anno", "anno: stato", 1), "GET", "/pratiche/P-1", "", string(problem.RuleBackEndBadAnswer)},
		"a column that is not there":   {strings.Replace(sqlView, "anno: anno", "anno: segreta", 1), "GET", "/pratiche/P-1", "", string(problem.RuleBackEndSettings)},
		"a table that is not there":    {strings.Replace(sqlView, "FROM pratiche", "FROM segreta", 1), "GET", "/pratiche/P-1", "", string(problem.RuleBackEndSettings)},
		"a column of two":              {strings.Replace(sqlView, "SELECT *", "SELECT *, 1 AS anno", 1), "GET", "/pratiche/P-1", "", string(problem.RuleBackEndSettings)},
		"a path of nobody":             {sqlView, "GET", "/altro", "", string(problem.RuleBackEndSettings)},
		"a body that is no JSON":       {sqlView, "POST", "/ricerche", "{", string(problem.RuleMalformedJSON)},
		"a CSV column not there":       {strings.Replace(csvView, "id: path.id", "segreta: path.id", 1), "GET", "/pratiche/P-1", "", string(problem.RuleBackEndSettings)},
	} {
		_, err := ask(t, opened(t, tc.view), tc.method, tc.path, tc.body)
		var own *problem.Error
		if !errors.As(err, &own) || string(own.Rule) != tc.rule || strings.Contains(err.Error(), "segreta") || strings.Contains(err.Error(), "P-1") {
			t.Errorf("%s: %v, want %s", name, err, tc.rule)
		}
	}
	gone := opened(t, sqlView)
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	var own *problem.Error
	_, err := ask(t, gone, "GET", "/pratiche/P-1", "")
	if !errors.As(err, &own) || own.Rule != problem.RuleBackEndUnavailable || !errors.Is(err, registry.ErrUnavailable) || !strings.Contains(err.Error(), "operation leggi") {
		t.Errorf("a database that does not answer: %v", err)
	}
	away := opened(t, strings.Replace(csvView, "dati.csv", "altri.csv", 1))
	_, err = ask(t, away, "GET", "/pratiche/P-1", "")
	if !errors.Is(err, registry.ErrUnavailable) || !strings.Contains(err.Error(), "operation leggi, file altri.csv: ") || !strings.Contains(err.Error(), "it is not there") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestANumberIsComparedAsItIsWritten: 1000000 is not 1e+06.
func TestANumberIsComparedAsItIsWritten(t *testing.T) {
	text := strings.NewReplacer("{anno: query.anno, stato: body.filtro.stato}", "{importo: query.anno}").Replace(csvView)
	d, err := schema.Compile([]byte(strings.Replace(contract, "{name: anno, in: query, schema: {type: integer}}", "{name: anno, in: query, schema: {type: number}}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Read("vista.yaml", []byte(text), d, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dati.csv"), []byte(strings.Replace(csvData, "12.50", "1000000", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := Open(plan, func(name string) string { return filepath.Join(dir, name) }, "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ask(t, v, "POST", "/ricerche?anno=1000000", ""); err != nil || !strings.Contains(string(got.Body), "P-1") {
		t.Errorf("%v, %+v", err, got)
	}
}

// TestACallerWhoseIdentityIsMissingSeesNothing: the restriction must not fall away.
func TestACallerWhoseIdentityIsMissingSeesNothing(t *testing.T) {
	for _, view := range []string{sqlView, csvView} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://vista.invalid/pratiche/P-1", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := opened(t, view).Do(t.Context(), req, outbound.Exchange{}); err == nil {
			t.Errorf("got %s", got.Body)
		}
	}
}

// TestFileIsNotShownWholeForWhatIsMissing: a filter that the request does not bring does not fall away.
func TestFileIsNotShownWholeForWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dati.json"), []byte(`[{"id":"P-1","stato":"accolta","anno":2026}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	const year, header = "{name: anno, in: query, schema: {type: integer}}", "{name: X-Stato, in: header, schema: {type: string}}"
	for name, tc := range map[string]struct {
		parameter, where string
		empty            bool
	}{
		"no member of the body": {header, "{stato: body.filtro.stato}", true},
		"no header":             {header, "{stato: header.X-Stato}", true},
		"the year restricts":    {year, "{anno: query.anno, stato: body.filtro.stato}", false},
	} {
		document, err := schema.Compile([]byte(strings.Replace(contract, year, tc.parameter, 1)))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := Read("vista.yaml", []byte(`
source: {kind: json, path: dati.json}
operations:
  leggi: {where: {id: path.id}, members: {id: id, stato: stato, anno: anno}}
  cerca: {where: `+tc.where+`, result: list, list: pratiche, members: {id: id, stato: stato}}
`), document, []string{"X-Stato"})
		if err != nil {
			t.Fatal(err)
		}
		v, err := Open(plan, func(name string) string { return filepath.Join(dir, name) }, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := ask(t, v, "POST", "/ricerche?anno=2026", `{}`)
		if err != nil || (string(got.Body) == `{"pratiche":[]}`) != tc.empty {
			t.Errorf("%s: %v %+v", name, err, got)
		}
	}
}

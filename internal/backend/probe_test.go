// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package backend

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/schema"
)

// TestAViewThatNamesWhatIsNotThere is told so before anybody calls, at the line that names it.
func TestAViewThatNamesWhatIsNotThere(t *testing.T) {
	for name, tc := range map[string]struct{ view, old, new, it, en string }{
		"a table": {
			sqlView, "FROM pratiche WHERE id", "FROM domande WHERE id",
			"vista.yaml:6: query: la base dati la rifiuta: no such table: domande", "vista.yaml:6: query: the database refuses it: no such table: domande",
		},
		"a column of the query": {
			sqlView, "WHERE id = :id AND", "WHERE scade = :id AND",
			"vista.yaml:6: query: la base dati la rifiuta: no such column: scade", "vista.yaml:6: query: the database refuses it: no such column: scade",
		},
		"a column of the answer": {
			sqlView, "nota: nota, ufficio.nome", "nota: scade, ufficio.nome",
			"vista.yaml:8: la colonna scade non c'è: la query dà id, stato,", "vista.yaml:8: there is no column scade: the query gives id, stato,",
		},
		"no database":  {sqlView, "dati.db", "altri.db", "vista.yaml:2: la base dati rifiuta la query della vista", "vista.yaml:2: the database refuses"},
		"no such file": {csvView, "dati.csv", "altri.csv", "vista.yaml:2: altri.csv: il file della vista ora non si può leggere: non c'è", "it is not there"},
		"another separator": {
			csvView, `, separator: ";"`, "",
			`vista.yaml:2: la prima riga di dati.csv ha un solo nome, che contiene ";": scrivere separator: ";"`, `write separator: ";"`,
		},
		"a column that is searched":  {csvView, "id: path.id", "numero: path.id", "vista.yaml:5: la colonna numero non c'è: dati.csv ha id, stato,", "there is no column numero"},
		"a column of the file alone": {csvView, "nota: nota", "nota: scade", "vista.yaml:5: la colonna scade non c'è", "there is no column scade"},
	} {
		text := strings.Replace(tc.view, tc.old, tc.new, 1)
		if text == tc.view {
			t.Fatalf("%s: %q changes nothing", name, tc.old)
		}
		faults := Faults(opened(t, text).Probe(t.Context()))
		if !strings.Contains(faults.In("it"), tc.it) || !strings.Contains(faults.In("en"), tc.en) {
			t.Errorf("%s:\n%s\n%s", name, faults.In("it"), faults.In("en"))
		}
	}
}

func TestASoundViewFindsAllItsColumns(t *testing.T) {
	for name, view := range map[string]string{"sqlite": sqlView, "csv": csvView} {
		if err := opened(t, view).Probe(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAServerThatIsAwaySaysNothingOfTheView: whoever checks is told, and nothing is wrong.
func TestAServerThatIsAwaySaysNothingOfTheView(t *testing.T) {
	text := strings.Replace(sqlView, "kind: sqlite, path: dati.db", "kind: postgresql, dsnEnv: VISTA", 1)
	plan, err := Read("vista.yaml", []byte(text), document(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := Open(plan, filepath.Clean, "postgres://nobody@127.0.0.1:1/x?sslmode=disable&connect_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = v.Close() }()
	if err := v.Probe(t.Context()); err == nil || Faults(err) != nil || strings.Contains(err.Error(), "nobody") {
		t.Error(err)
	}
}

// TestRowsThatAnAnswerHasNoRoomFor: the hub counts the values of every answer, and would deliver none of these.
func TestRowsThatAnAnswerHasNoRoomFor(t *testing.T) {
	// Eleven values an item: nine members, one of them in an object of its own, and the item itself.
	for rows, want := range map[string]string{
		"908": "", "909": "rows is 909: with the members of cerca an answer has room for 908 rows (10000 values in all)", "0": "rows is 0: write from 1 to 10000",
	} {
		_, err := Read("vista.yaml", []byte(strings.Replace(sqlView, "rows: 2", "rows: "+rows, 1)), document(t), nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", rows, err)
		}
	}
	var items []string
	for range 908 {
		items = append(items, `{"id":"a","stato":"a","anno":1,"importo":1,"urgente":true,"aperta":"x","mutata":"x","nota":null,"ufficio":{"nome":"x"}}`)
	}
	if _, err := schema.ParseJSON([]byte(`{"pratiche":[` + strings.Join(items, ",") + `]}`)); err != nil {
		t.Errorf("the longest list that is allowed is not delivered: %v", err)
	}
	if _, err := schema.ParseJSON([]byte(`{"pratiche":[` + strings.Join(append(items, items[0]), ",") + `]}`)); err == nil {
		t.Error("a longer list than is allowed would be delivered")
	}
}

// TestAHeaderThatDoesNotReachTheView would never restrict anything.
func TestAHeaderThatDoesNotReachTheView(t *testing.T) {
	const year, header = "{name: anno, in: query, schema: {type: integer}}", "{name: X-Stato, in: header, schema: {type: string}}"
	d, err := schema.Compile([]byte(strings.Replace(contract, year, header, 1)))
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(strings.Replace(csvView, "anno: query.anno", "anno: header.X-Stato", 1))
	if _, err := Read("vista.yaml", text, d, []string{"x-stato"}); err != nil {
		t.Error(err)
	}
	if _, err := Read("vista.yaml", text, d, []string{"Accept"}); err == nil || !strings.Contains(err.Error(), "header.X-Stato does not reach the view: list it in requestHeaders") {
		t.Error(err)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/schema/apirules"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

func statoIstanza(t *testing.T) *registry.Exposure {
	t.Helper()
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return exposes["stato-istanza"]
}

// TestADocumentThatPutsAPersonIntoAURLIsNotServed: an own recipe with it is a fault of the folder, whatever else it says.
func TestADocumentThatPutsAPersonIntoAURLIsNotServed(t *testing.T) {
	good, bad := statoIstanza(t), *statoIstanza(t)
	bad.Name = "persone"
	bad.Document = bytes.ReplaceAll(good.Document, []byte("      - name: id\n"), []byte("      - name: codice_fiscale\n"))
	l := &loader{}
	l.checkDocuments("ricette", map[string]*registry.Exposure{"stato-istanza": good})
	if len(l.loose) != 0 {
		t.Errorf("a sound document: %v", l.loose)
	}
	l.checkDocuments("ricette", map[string]*registry.Exposure{"persone": &bad})
	if len(l.loose) != 1 || !strings.Contains(l.loose[0].In("it"), "ricette/exposes/stato-istanza.openapi.yaml: /paths/") ||
		!strings.Contains(l.loose[0].In("it"), string(apirules.FiscalCodeInURL)) || !strings.Contains(l.loose[0].In("en"), "body of a POST") {
		t.Errorf("faults %v", l.loose)
	}
}

// TestOtherRulesAreHints: of own documents alone, since those that ship with the hub are tested.
func TestOtherRulesAreHints(t *testing.T) {
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	c := &Config{Exposes: exposes}
	if hints := c.DocumentHints(); len(hints) != 0 {
		t.Errorf("hints on built-in documents: %v", hints)
	}
	own := *statoIstanza(t)
	own.Document = bytes.Replace(own.Document, []byte("  x-summary: Stato di avanzamento di un'istanza presentata all'ente\n"), nil, 1)
	own.Document = bytes.Replace(own.Document, []byte("  termsOfService: https://ente.example/termini\n"), nil, 1)
	exposes["stato-istanza"] = &own
	hints := c.DocumentHints()
	if len(hints) != 2 {
		t.Fatalf("hints %v", hints)
	}
	for i, want := range []string{"stato-istanza, errore /info: info.x-summary", "stato-istanza, avviso /info: info.termsOfService"} {
		if text := hints[i].Text(); !strings.HasPrefix(text.IT, want) || !strings.Contains(text.EN, "oas.info/") {
			t.Errorf("hint %+v", text)
		}
	}
}

func TestContacts(t *testing.T) {
	for email, want := range map[string]int{"": 0, "a@b.example": 0, "Ufficio <a@b.example>": 1, "nessuna": 1} {
		doc, err := yamlfile.Parse("exposes.yaml", []byte("- contact: {email: x}\n"))
		if err != nil {
			t.Fatal(err)
		}
		c := checks{doc.Report(nil)}
		c.contact(Contact{Email: email}, 0, "contact")
		if got := len(c.Faults()); got != want {
			t.Errorf("%q: %v", email, c.Faults())
		}
	}
	doc, err := yamlfile.Parse("exposes.yaml", []byte("- contact: {url: x}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := checks{doc.Report(nil)}
	c.contact(Contact{URL: "http://a.example"}, 0, "contact")
	c.contact(Contact{URL: "https://a.example"}, 0, "contact")
	if len(c.Faults()) != 1 {
		t.Errorf("%v", c.Faults())
	}
}

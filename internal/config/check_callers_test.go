// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
)

// TestRefusesCallers that no call could ever match.
func TestRefusesCallers(t *testing.T) {
	for rules, want := range map[string]string{
		"{consumers: [comune]}": "callers.consumers[0] is not a UUID",
		"{purposes: [x]}":       "callers.purposes[0] is not a UUID",
		"{clients: [B1000000-0000-4000-8000-000000000001]}": "callers.clients[0] is not a UUID",
		"{categories: [comuni]}":                            `"comuni" is not an IPA category`,
		"{categories: [L6, L6]}":                            `"L6" is written twice`,
		"{attributes: [L6]}":                                `"L6" is not a certified attribute`,
		"{attributes: [IPA/L6, IPA/L6]}":                    `"IPA/L6" is written twice`,
	} {
		faults := faultsOf(t, changed(t, edit{exposesFile, "  backEnd:", "  callers: " + rules + "\n  backEnd:"}))
		if !strings.Contains(faults, want) {
			t.Errorf("%s: %s, want %s", rules, faults, want)
		}
	}
	sound := "{consumers: [b1000000-0000-4000-8000-000000000001], categories: [L6, L18, C1], attributes: [IPA/L6, PDND/uno-due]}"
	c, err := config.Load(changed(t, edit{exposesFile, "  backEnd:", "  callers: " + sound + "\n  backEnd:"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range c.Enti["c_bf01"].Exposes {
		if len(x.Callers.Categories) != 3 {
			t.Errorf("%+v", x.Callers)
		}
	}
}

// withView answers by a view instead of an address.
func withView(t *testing.T, block string) string {
	t.Helper()
	base := archive(t, "base.txtar")
	for _, f := range base.Files {
		if f.Name != exposesFile {
			continue
		}
		_, rest, _ := strings.Cut(string(f.Data), "backEnd: ")
		line, _, _ := strings.Cut(rest, "\n")
		return changed(t, edit{exposesFile, "backEnd: " + line, "backEnd: " + block})
	}
	t.Fatal("no exposes.yaml")
	return ""
}

func TestRefusesAViewThat(t *testing.T) {
	for block, want := range map[string]string{
		`{view: pratiche.yaml}`:                              "there is no file enti/c_bf01/pratiche.yaml",
		`{view: ../c_vs02/ente.yaml}`:                        "a .yaml file in the folder of the ente",
		`{view: pratiche.sql}`:                               "a .yaml file in the folder of the ente",
		`{view: ente.yaml, url: "http://127.0.0.1:1"}`:       "remove url, socket, rete and identity",
		`{view: ente.yaml, identity: jwt}`:                   "remove url, socket, rete and identity",
		`{view: ente.yaml, rete: {proxy: "http://proxy:1"}}`: "remove url, socket, rete and identity",
	} {
		if faults := faultsOf(t, withView(t, block)); !strings.Contains(faults, want) {
			t.Errorf("%s: %s, want %s", block, faults, want)
		}
	}
}

// TestAViewIsReadAndNotStray, beside exposes.yaml or in a folder.
func TestAViewIsReadAndNotStray(t *testing.T) {
	for _, name := range []string{"pratiche.yaml", "viste/pratiche.yaml"} {
		dir := withView(t, "{view: "+name+"}")
		at := filepath.Join(dir, "enti", "c_bf01", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte("source: {}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := c.ViewPath("c_bf01", name); got != at {
			t.Errorf("%s is at %s", name, got)
		}
	}
}

// TestAViewAnswersAtOnceAndWhole: what the recipe offers otherwise needs a procedure.
func TestAViewAnswersAtOnceAndWhole(t *testing.T) {
	for operation, refused := range map[string]bool{
		"search_istanza: {bulk: true}": true, "search_istanza: {interaction: {pattern: NONBLOCK_PUSH_REST}}": true, "search_istanza: {dpop: optional}": false,
	} {
		dir := withView(t, "{view: pratiche.yaml}")
		write(t, filepath.Join(dir, "enti", "c_bf01", "pratiche.yaml"), []byte("source: {}\n"))
		_, exposes, err := registry.Builtin()
		if err != nil {
			t.Fatal(err)
		}
		own := filepath.Join(dir, "recipes", "exposes")
		write(t, filepath.Join(own, "stato-istanza.openapi.yaml"), exposes["stato-istanza"].Document)
		data, err := os.ReadFile("../../registry/recipes/exposes/stato-istanza.yaml")
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(own, "stato-istanza.yaml"), append(data, []byte("\noperations:\n  "+operation+"\n")...))
		hub, err := os.ReadFile(filepath.Join(dir, hubFile))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, hubFile), append(hub, []byte("recipesDir: recipes\n")...))
		_, err = config.Load(dir)
		if got := err != nil && strings.Contains(err.Error(), "a view answers at once and whole"); got != refused {
			t.Errorf("%s: %v", operation, err)
		}
	}
}

// TestOfferingPushToNobodyYetIsNoFault: who may be called back is known once there are consumers.
func TestOfferingPushToNobodyYetIsNoFault(t *testing.T) {
	item := `- recipe: stato-istanza-differito
  environment: locale
  eserviceId: b1000000-0000-4000-8000-000000000005
  descriptorIds: [b1000000-0000-4000-8000-000000000006]
  audience: https://snodo.locale.invalid/differito
  keychain: istanze
  backEnd: {url: "http://127.0.0.1:9002"}
  publicURL: http://127.0.0.1:9081/modi/c_bf01/stato-istanza-differito/v1
`
	c, err := config.Load(folder(t, txtar.File{Name: "enti/c_bf01/exposes.yaml", Data: []byte(item)}))
	if err != nil {
		t.Fatal(err)
	}
	hints := c.CallbackHints()
	if len(hints) != 1 || !strings.Contains(hints[0].Text().IT, "c_bf01, stato-istanza-differito") || !strings.Contains(hints[0].Text().EN, "403") {
		t.Errorf("%v", hints)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/mocks/scripted"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

const manyEnti = `
tutti:
  environment: collaudo
  keychain: procedimenti
  publicURL: https://interop.unione.example/
  audience: https://interop.unione.example/{codiceIPA}/pratiche
  quotaTotal: 500
  terms: https://interop.unione.example/{codiceIPA}/condizioni
  contact: {name: Unione, email: interop@unione.example}
  backEnd: {url: "https://gestionale.example/{codiceIPA}", deadline: 5s, identity: jwt}
enti:
  c_bf01: {eserviceId: 5a1e0c52-0000-4000-8000-000000000001, descriptorIds: [5a1e0c52-0000-4000-8000-000000000002]}
  c_vs02:
    eserviceId: 5a1e0c52-0000-4000-8000-000000000003
    descriptorIds: [5a1e0c52-0000-4000-8000-000000000004]
    publicURL: https://interop.valserena.example/modi/c_vs02/pratiche/v2
    quotaPerConsumer: 7
    contact: {email: suap@valserena.example, url: https://valserena.example}
    backEnd: {view: pratiche.view.yaml}
`

// bound reads what was written as the hub does.
func bound(t *testing.T, text []byte) []config.Expose {
	t.Helper()
	doc, err := yamlfile.Parse("exposes.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var all []config.Expose
	if faults := doc.Into(&all); len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, text)
	}
	return all
}

func TestBindsManyEntiAtOnce(t *testing.T) {
	items, err := Bind("enti.yaml", []byte(manyEnti), "pratiche", 2)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]config.Expose{
		"c_bf01": {
			Recipe: "pratiche", Environment: "collaudo", EserviceID: "5a1e0c52-0000-4000-8000-000000000001", DescriptorIDs: []string{"5a1e0c52-0000-4000-8000-000000000002"},
			Audience: "https://interop.unione.example/c_bf01/pratiche", Keychain: "procedimenti", PublicURL: "https://interop.unione.example/modi/c_bf01/pratiche/v2", QuotaTotal: 500, Terms: "https://interop.unione.example/c_bf01/condizioni",
			Contact: config.Contact{Name: "Unione", Email: "interop@unione.example"},
			BackEnd: config.BackEnd{URL: "https://gestionale.example/c_bf01", Deadline: 5 * time.Second, Identity: "jwt"},
		},
		"c_vs02": {
			Recipe: "pratiche", Environment: "collaudo", EserviceID: "5a1e0c52-0000-4000-8000-000000000003", DescriptorIDs: []string{"5a1e0c52-0000-4000-8000-000000000004"},
			Audience: "https://interop.unione.example/c_vs02/pratiche", Keychain: "procedimenti", PublicURL: "https://interop.valserena.example/modi/c_vs02/pratiche/v2",
			QuotaPerConsumer: 7, QuotaTotal: 500, Terms: "https://interop.unione.example/c_vs02/condizioni", Contact: config.Contact{Name: "Unione", Email: "suap@valserena.example", URL: "https://valserena.example"},
			BackEnd: config.BackEnd{View: "pratiche.view.yaml", Deadline: 5 * time.Second, Identity: "jwt"},
		},
	}
	got := map[string]config.Expose{}
	for ente, text := range items {
		got[ente] = bound(t, text)[0]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestBindRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no YAML":      {"enti: [", "enti.yaml:1"},
		"unknown key":  {"tutto: {}\nenti: {a: {}}", "tutto"},
		"nobody":       {"tutti: {environment: collaudo}", "enti is missing"},
		"another name": {"enti: {a: {recipe: altra}}", "recipe is not written here"},
	} {
		if items, err := Bind("enti.yaml", []byte(c.text), "pratiche", 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", name, items, err)
		}
	}
}

func TestAppendsAnItem(t *testing.T) {
	item := []byte("- recipe: pratiche\n  environment: locale\n")
	for name, before := range map[string]string{
		"nothing": "", "a comment": "# Gli e-service.\n", "another": "- recipe: altra\n", "without an end of line": "- recipe: altra",
	} {
		after, taken, err := AppendItem("exposes.yaml", []byte(before), item, "pratiche")
		if err != nil || taken {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := bound(t, after)
		if !strings.HasPrefix(string(after), before) || all[len(all)-1].Recipe != "pratiche" || len(all) != strings.Count(before, "recipe")+1 {
			t.Errorf("%s: %s", name, after)
		}
	}
	const there = "- recipe: altra\n- recipe: pratiche\n"
	if after, taken, err := AppendItem("exposes.yaml", []byte(there), item, "pratiche"); err != nil || !taken || string(after) != there {
		t.Errorf("twice: %s, %v", after, err)
	}
	if after, _, err := AppendItem("exposes.yaml", []byte("- [\n"), item, "pratiche"); err == nil {
		t.Errorf("no YAML: %s", after)
	}
}

// TestEveryTemplateCanBeCopied under a name of its own, whole, with a back end that answers each operation but those of
// an interaction that the hub answers by itself.
func TestEveryTemplateCanBeCopied(t *testing.T) {
	_, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(exposes)) {
		made, err := Template(name, "copia")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		copied, err := registry.DecodeExposure("copia.yaml", made.Recipe, made.Document)
		if err != nil || copied.Name != "copia" || copied.OpenAPI != "copia.openapi.yaml" || strings.Contains(string(made.Document), "/"+name+"/v") {
			t.Errorf("%s: %v %+v", name, err, copied)
		}
		backEnd, err := scripted.ParseBackEnd(made.BackEnd)
		routes := len(made.Operations)
		for _, o := range copied.Operations {
			if o.Interaction != nil && o.Interaction.Pattern == registry.NonBlockingPull {
				routes -= 2 // the state and the result
			}
		}
		if err != nil || backEnd.Name != "copia" || len(backEnd.Routes) != routes {
			t.Errorf("%s: %v, %d routes for %v", name, err, len(backEnd.Routes), made.Operations)
		}
		for _, f := range made.Findings {
			if f.Severity == "error" || !strings.HasPrefix(name, "suap-") {
				t.Errorf("%s: %s", name, f)
			}
		}
	}
	if _, err := Template("stato-istanza", "Copia"); err == nil {
		t.Error("a name of another form")
	}
	if _, err := Template("nessuno", "copia"); err == nil {
		t.Error("a template that is not there")
	}
}

func TestTreesKeepTheirOrder(t *testing.T) {
	root, err := readTree([]byte("b: 1\na: {d: [1, {c: x}], e: null}\n"))
	if err != nil {
		t.Fatal(err)
	}
	twin, isTree := copied(root).(*tree)
	if !isTree || !same(root, twin) {
		t.Fatal("a copy is not the same")
	}
	twin.first("z", "prima")
	twin.rename("b", "bi")
	twin.make("a", "nuovo").set("x", true)
	twin.at("a").del("d")
	text, err := twin.yaml()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("z: prima\nbi: 1\na:\n  e: null\n  nuovo:\n    x: true\n", string(text)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if same(root, twin) || root.has("z") || root.at("a", "d") != nil || len(root.at("a").list("d")) != 2 {
		t.Error("a copy shares something with the first one")
	}
	if root.at("no", "way") != nil || (*tree)(nil).has("x") || root.text("a") != "" || (*tree)(nil).names() != nil {
		t.Error("what is not there is found")
	}
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		before := "*a" + string(n[0]-1)
		bomb += "a" + n + ": &a" + n + " [" + strings.Repeat(before+", ", 8) + before + "]\n"
	}
	for name, text := range map[string]string{"a list": "[]", "a text": "x", "no YAML": "a: [", "aliases": bomb} {
		if _, err := readTree([]byte(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

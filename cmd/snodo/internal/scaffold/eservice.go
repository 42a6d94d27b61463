// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package scaffold

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/internal/schema/apirules"
	"github.com/snodo-pa/snodo/mocks/scripted"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// Eservice says how an e-service is offered.
type Eservice struct {
	Name              string
	Request, Response []modi.Pattern // beside the voucher
}

// Published are the files of an e-service that an ente offers.
type Published struct {
	Recipe   []byte
	Document []byte // OpenAPI, with what the Italian rules require
	BackEnd  []byte // data of a mock back end, nil when it could not be made
	// Changes says what was added to the document or changed in it.
	Changes []modi.Text
	// Findings are the rules that the result still breaks: a person has to decide.
	Findings   []apirules.Finding
	Operations []string
}

// common is what every published document has.
//
//go:embed common.yaml
var common []byte

// Publish makes the files of an e-service from its OpenAPI 3.0 document, in YAML or JSON: what the caller describes stays as
// it is, what the Italian rules require is added. References outside the document are not followed. With an error the files
// that could be made are returned beside it.
func Publish(e Eservice, document []byte) (Published, error) {
	if !registry.IsName(e.Name) {
		return Published{}, bilingual.Errorf("il nome %q non ha la forma ricerca-pratiche: lettere minuscole, cifre e trattini singoli",
			"name %q is not of the form ricerca-pratiche: small letters, digits and single hyphens", e.Name)
	}
	root, err := readTree(document)
	if err != nil {
		return Published{}, bilingual.Errorf("documento OpenAPI: %w", "OpenAPI document: %w", err)
	}
	if version := root.text("openapi"); !strings.HasPrefix(version, "3.0") {
		return Published{}, bilingual.Errorf("il documento è di OpenAPI %q: convertirlo in OpenAPI 3.0", "the document is of OpenAPI %q: convert it to OpenAPI 3.0", version)
	}
	shared, err := readTree(common)
	if err != nil {
		return Published{}, fmt.Errorf("common part of documents: %w", err)
	}
	p := &publisher{Eservice: e, root: root, common: shared, refs: map[string]string{}, answered: map[*tree]bool{}, count: map[string]int{}}
	p.publish()
	written, err := p.root.yaml()
	if err != nil {
		return Published{}, fmt.Errorf("write the document: %w", err)
	}
	out := Published{Document: slices.Concat(p.heading(), written), Changes: p.changes()}
	out.Findings = apirules.Check(out.Document)
	out.Recipe = p.recipe()
	return out, p.finish(&out)
}

// Template copies a built-in e-service under a name of its own.
func Template(from, name string) (Published, error) {
	if !registry.IsName(name) {
		return Published{}, bilingual.Errorf("il nome %q non ha la forma ricerca-pratiche: lettere minuscole, cifre e trattini singoli",
			"name %q is not of the form ricerca-pratiche: small letters, digits and single hyphens", name)
	}
	recipe, document, err := registry.BuiltinExposure(from)
	if err != nil {
		return Published{}, bilingual.Errorf("il modello %q non c'è", "there is no template %q", from)
	}
	backEnd, err := scripted.BuiltinBackEnd(from)
	if err != nil {
		return Published{}, err
	}
	line := func(text []byte, key, suffix string) []byte {
		return bytes.Replace(text, []byte("\n"+key+": "+from+suffix+"\n"), []byte("\n"+key+": "+name+suffix+"\n"), 1)
	}
	out := Published{
		Recipe:   line(line(recipe, "name", ""), "openapi", ".openapi.yaml"),
		Document: bytes.ReplaceAll(document, []byte("/"+from+"/v"), []byte("/"+name+"/v")),
		BackEnd:  line(backEnd, "name", ""),
	}
	return out, Read(name, &out)
}

// Read fills in what the texts of an e-service say: its operations and its findings. The error tells that they are not sound.
func Read(name string, p *Published) error {
	p.Findings = apirules.Check(p.Document)
	compiled, err := schema.Compile(p.Document)
	if err != nil {
		return err
	}
	for _, op := range compiled.Without(statusPath).Operations() {
		p.Operations = append(p.Operations, op.ID)
	}
	_, err = registry.DecodeExposure(name+".yaml", p.Recipe, p.Document)
	return err
}

// finish proves what was written, and makes the mock back end.
func (p *publisher) finish(out *Published) error {
	compiled, err := schema.Compile(out.Document)
	if err != nil {
		return bilingual.Errorf("il documento scritto va corretto a mano: %w", "the document written has to be corrected by hand: %w", err)
	}
	for _, op := range compiled.Without(statusPath).Operations() {
		out.Operations = append(out.Operations, op.ID)
	}
	if len(out.Operations) == 0 {
		return bilingual.Errorf("il documento OpenAPI non descrive operazioni", "the OpenAPI document describes no operation")
	}
	if _, err := registry.DecodeExposure(p.Name+".yaml", out.Recipe, out.Document); err != nil {
		return bilingual.Errorf("la ricetta scritta va corretta a mano: %w", "the recipe written has to be corrected by hand: %w", err)
	}
	backEnd, err := backEndOf(p.Name, out.Document)
	if err != nil {
		return err
	}
	if _, err := scripted.ParseBackEnd(backEnd); err != nil {
		return bilingual.Errorf("la simulazione del gestionale va scritta a mano: %w", "the mock of the back end has to be written by hand: %w", err)
	}
	out.BackEnd = backEnd
	return nil
}

// Major is the version in the path: the first number of the document's.
func (p *publisher) major() string {
	major, _, _ := strings.Cut(p.root.at("info").text("version"), ".")
	if major == "0" {
		return "1"
	}
	return major
}

func (p *publisher) heading() []byte {
	return []byte("# Documento OpenAPI di " + p.Name + " come lo pubblica lo Snodo: servers e contact sono quelli di ciascun ente.\n")
}

// recipe writes the recipe.
func (p *publisher) recipe() []byte {
	title := quoted(oneLine(p.root.at("info").text("title")))
	out := &page{}
	out.line(0, "# Le righe segnate «%s» dicono ciò che un documento OpenAPI non sa.", Review)
	out.line(0, "name: %s", p.Name)
	out.line(0, "title: {it: %s, en: %s}   # %s", title, title, Review)
	out.line(0, "major: %s", p.major())
	out.line(0, "openapi: %s.openapi.yaml", p.Name)
	out.line(0, "")
	out.line(0, "# Oltre al voucher PDND.")
	out.line(0, "patterns:")
	out.line(1, "request: [%s]", patternList(p.Request))
	out.line(1, "response: [%s]", patternList(p.Response))
	out.line(0, "")
	out.line(0, "evidence: {keep: proofs}")
	out.line(0, "")
	out.line(0, "# Una risposta del gestionale che non rispetta il documento non parte: con report parte, e si conta.")
	out.line(0, "responsePolicy: refuse")
	out.line(0, "")
	out.line(0, "# Tutto ciò che il gestionale riceve del messaggio oltre a percorso, query e corpo.")
	out.line(0, "requestHeaders: [%s]", strings.Join(p.forwarded(), ", "))
	out.line(0, "")
	out.line(0, "# Chiamate al giorno, come dichiarate su PDND. %s", Review)
	out.line(0, "quota: {perConsumer: 10000, total: 100000}")
	out.line(0, "")
	out.line(0, "guard: {failures: 5, ratio: 0.5, minCalls: 20, window: 60s, openFor: 15s, probes: 1, deadline: 10s, attempts: 1}")
	return bytes.Clone(out.Bytes())
}

func patternList(all []modi.Pattern) string {
	names := make([]string, len(all))
	for i, p := range all {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

// forwarded are the headers of the document that are no business of the hub's.
func (p *publisher) forwarded() []string {
	names := []string{"Accept", "Accept-Language", "Content-Type"}
	each(p.root.at("paths"), func(t *tree) {
		name := t.text("name")
		known := slices.ContainsFunc(names, func(s string) bool { return strings.EqualFold(s, name) })
		if t.text("in") == "header" && !known && registry.ForwardableHeader(name) {
			names = append(names, name)
		}
	})
	return names
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/registry/pick"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// Bounds of what a recipe may ask of the adapter.
const (
	maxPages    = 1000
	minPollWait = 100 * time.Millisecond
	maxPollTime = 10 * time.Minute
)

// mappingCheck looks at what the declarative adapter does for one operation.
type mappingCheck struct {
	recipeCheck
	op RecipeOperation
	at []any
}

func (c mappingCheck) path(steps ...any) []any { return append(slices.Clone(c.at), steps...) }

func (c mappingCheck) all() {
	common{c.Report}.oneOf(c.op.Mode, OperationModes(), c.path("mode")...)
	if c.r.Adapter != Declarative {
		c.onlyDeclarative()
		return
	}
	common{c.Report}.oneOf(c.op.Answer, []string{AnswerObject, AnswerList}, c.path("answer")...)
	if c.op.CasoUso != "" || c.op.Mode != "" || c.op.Remember != 0 || len(c.op.Needs)+len(c.op.Verifica) > 0 {
		c.Addf(c.at, "%s: mode, verifica, remember, casoUso e needs sono degli adattatori in Go",
			"%s: mode, verifica, remember, casoUso and needs belong to Go adapters", yamlfile.Name(c.at))
	}
	c.request(c.op.Method, c.op.Path, c.op.Request, RequestRoots(false), c.at)
	c.response()
	c.outcomes()
	for i, s := range c.op.Same {
		c.ref(s.At, ResponseRoots(), c.path("same", i, "at"))
		c.ref(s.Is, []string{FromRichiesta}, c.path("same", i, "is"))
	}
	for i, s := range c.op.Subjects {
		c.place(s, []string{FromBody}, c.path("subjects", i), true)
	}
	c.paging()
	c.poll()
	c.interaction()
	if then := c.op.Then; then != nil {
		at := c.path("then")
		common{c.Report}.oneOf(then.Method, []string{http.MethodGet, http.MethodPost}, append(at, "method")...)
		c.Require(then.Method, append(at, "method")...)
		c.pathForm(then.Path, append(at, "path"))
		c.request(then.Method, then.Path, then.Request, RequestRoots(true), at)
	}
}

// onlyDeclarative refuses a mapping that no code would read.
func (c mappingCheck) onlyDeclarative() {
	o := c.op
	if o.Answer != "" || len(o.Request)+len(o.Response)+len(o.Same)+len(o.Subjects)+len(o.Outcomes) > 0 ||
		o.Paging != nil || o.Poll != nil || o.Then != nil || o.Interaction != nil {
		c.Addf(c.at, "%s descrive richiesta o risposta, ma l'adattatore %s ha le proprie: si descrivono con adapter: declarative",
			"%s describes request or response, but adapter %s has its own: they are described with adapter: declarative",
			yamlfile.Name(c.at), c.r.Adapter)
	}
}

// ref checks a place that one value comes from or goes to.
func (c mappingCheck) ref(s string, roots []string, at []any) { c.place(s, roots, at, false) }

// place checks a place; wild tells whether it may stand for several values.
func (c mappingCheck) place(s string, roots []string, at []any, wild bool) {
	ref, err := ParseRef(s, roots...)
	if s == "" {
		c.Require(s, at...)
		return
	}
	if err != nil || ref.Path.Wild() && !wild {
		c.Addf(at, "%s è %q: un valore si indica con %s", "%s is %q: a place is written %s", yamlfile.Name(at), s, refForms(roots))
	}
}

// refForms shows how places are written.
func refForms(roots []string) string {
	if len(roots) == 0 {
		return "a/b/0"
	}
	forms := make([]string, len(roots))
	for i, root := range roots {
		switch root {
		case FromRichiesta, FromDati, FromBody, ToPath, ToQuery, FromHeader:
			forms[i] = root + "/x"
		case FromOperator:
			forms[i] = "operator/userID"
		default:
			forms[i] = root
		}
	}
	return strings.Join(forms, ", ")
}

var placeholder = regexp.MustCompile(`\{([^{}/]*)\}`)

// Placeholders are the names in the braces of a path of a recipe.
func Placeholders(path string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		names = append(names, m[1])
	}
	return names
}

// request checks the lines that make up one call.
func (c mappingCheck) request(method, path string, lines []Assignment, roots []string, base []any) {
	at := func(steps ...any) []any { return append(slices.Clone(base), steps...) }
	filled := map[string]bool{}
	var body any
	for i, line := range lines {
		to, err := ParseRef(line.To, TargetRoots()...)
		if err != nil || to.Path.Wild() {
			c.ref(line.To, TargetRoots(), at("request", i, "to"))
			continue
		}
		if filled[line.To] {
			c.Addf(at("request", i, "to"), "%q è scritto due volte", "%q is written twice", line.To)
		}
		if to.Root == ToBody && !filled[line.To] {
			body = c.beside(body, to.Path, line.To, at("request", i, "to"))
		}
		filled[line.To] = true
		c.target(method, path, to, at("request", i, "to"))
		c.source(line, roots, at("request", i))
	}
	for _, name := range Placeholders(path) {
		if !filled[ToPath+"/"+name] {
			c.Addf(at("path"), "nessuna riga di request riempie {%s}: scrivere to: path/%[1]s",
				"no line of request fills {%s}: write to: path/%[1]s", name)
		}
	}
}

// beside puts a place among those of one document and gives it back. Two of which one
// lies inside the other, or a position of a list whose earlier ones nobody writes, can
// never be written together.
func (c mappingCheck) beside(doc any, path pick.Path, to string, at []any) any {
	next, err := path.Set(doc, true)
	if err != nil {
		c.Addf(at, "%q non si può scrivere insieme alle righe precedenti: una sta dentro l'altra, o un elenco ha un vuoto",
			"%q cannot be written beside the lines before it: one lies inside the other, or a list has a gap", to)
		return doc
	}
	return next
}

// target checks where one value of a call goes.
func (c mappingCheck) target(method, path string, to Ref, at []any) {
	switch {
	case to.Root == ToPath && !slices.Contains(Placeholders(path), to.Path[0]):
		c.Addf(at, "il percorso %s non ha {%s}", "path %s has no {%s}", path, to.Path[0])
	case to.Root == ToBody && (method == http.MethodGet || method == http.MethodDelete):
		c.Addf(at, "una richiesta %s non ha corpo", "a %s request has no body", method)
	case to.Root == ToHeader && (!ForwardableHeader(to.Path[0]) || slices.Contains([]string{"accept", "content-type"}, strings.ToLower(to.Path[0]))):
		c.Addf(at, "l'header %s è dello Snodo", "header %s belongs to the hub", to.Path[0])
	}
}

// source checks where a value comes from and what becomes of it. Without roots places
// are relative to an item of a list.
func (c mappingCheck) source(a Assignment, roots []string, base []any) {
	at := func(steps ...any) []any { return append(slices.Clone(base), steps...) }
	set := 0
	for _, is := range []bool{a.From != "", a.Value != nil, len(a.Cases) > 0} {
		if is {
			set++
		}
	}
	if set != 1 {
		c.Addf(base, "%s: scrivere uno tra from, value e cases", "%s: write one of from, value and cases", yamlfile.Name(base))
	}
	if a.From != "" {
		c.ref(a.From, roots, at("from"))
	} else if len(a.As)+len(a.Table)+len(a.Where)+len(a.Items)+len(a.None) > 0 {
		c.Addf(base, "%s: as, none, table, where e items vogliono from", "%s: as, none, table, where and items need from", yamlfile.Name(base))
	}
	for i, name := range a.As {
		common{c.Report}.oneOf(name, Conversions(), at("as", i)...)
	}
	for i, one := range a.Cases {
		c.conditions(one.When, roots, at("cases", i, "when"))
		if one.Value == nil {
			c.Require("", at("cases", i, "value")...)
		}
	}
	if len(a.Where) > 0 {
		c.conditions(a.Where, nil, at("where"))
	}
	written := map[string]bool{}
	var object any
	for i, item := range a.Items {
		to, err := ParseRef(item.To)
		switch {
		case err != nil || to.Path.Wild():
			c.ref(item.To, nil, at("items", i, "to"))
		case written[item.To]:
			c.Addf(at("items", i, "to"), "%q è scritto due volte", "%q is written twice", item.To)
		default:
			object = c.beside(object, to.Path, item.To, at("items", i, "to"))
		}
		written[item.To] = true
		c.source(item, nil, at("items", i))
	}
}

func (c mappingCheck) conditions(list []Condition, roots []string, at []any) {
	if len(list) == 0 {
		c.Require("", at...)
	}
	for i, one := range list {
		path := append(slices.Clone(at), i)
		c.ref(one.At, roots, append(slices.Clone(path), "at"))
		set := 0
		for _, is := range []bool{len(one.In) > 0, len(one.NotIn) > 0, one.Test != ""} {
			if is {
				set++
			}
		}
		if set != 1 {
			c.Addf(path, "%s: scrivere uno tra in, notIn e test", "%s: write one of in, notIn and test", yamlfile.Name(path))
		}
		common{c.Report}.oneOf(one.Test, Tests(), append(slices.Clone(path), "test")...)
	}
}

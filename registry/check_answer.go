// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"slices"
	"time"

	"github.com/snodo-pa/snodo/registry/pick"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// response checks that the lines write the fields a procedimento may be given, all of
// them and nothing else.
func (c mappingCheck) response() {
	written := map[string]bool{}
	var dati any
	for i, line := range c.op.Response {
		at := c.path("response", i)
		to, err := ParseRef(line.To)
		switch {
		case err != nil || to.Path.Wild():
			c.ref(line.To, nil, append(at, "to"))
			continue
		case written[line.To]:
			c.Addf(append(at, "to"), "%q è scritto due volte", "%q is written twice", line.To)
		case !slices.Contains(c.op.Fields, to.Path[0]):
			c.Addf(append(at, "to"), "%q non è tra i fields dell'operazione: nessun procedimento potrebbe averlo",
				"%q is not among the fields of the operation: no procedimento could be given it", to.Path[0])
		default:
			dati = c.beside(dati, to.Path, line.To, append(at, "to"))
		}
		written[line.To], written[to.Path[0]] = true, true
		c.source(line, ResponseRoots(), at)
	}
	for i, field := range c.op.Fields {
		if !written[field] && field != "" {
			c.Addf(c.path("fields", i), "nessuna riga di response scrive %q", "no line of response writes %q", field)
		}
	}
}

func (c mappingCheck) outcomes() {
	for i, o := range c.op.Outcomes {
		at := c.path("outcomes", i)
		c.conditions(o.When, OutcomeRoots(o.Kind), append(slices.Clone(at), "when"))
		if o.Code != "" {
			c.ref(o.Code, answerRoots(), append(slices.Clone(at), "code"))
		}
		c.kind(o.Kind, append(slices.Clone(at), "kind"))
		common{c.Report}.text(o.Say, append(slices.Clone(at), "say")...)
		if o.Kind == KindIgnore || o.Kind == KindRenumber {
			c.Addf(append(slices.Clone(at), "kind"), "un esito non può essere %s", "an outcome cannot be %s", o.Kind)
		}
	}
}

func (c mappingCheck) paging() {
	p := c.op.Paging
	if p == nil {
		return
	}
	at := func(key string) []any { return c.path("paging", key) }
	if c.Require(p.By, at("by")...) {
		common{c.Report}.oneOf(p.By, []string{PageByCursor, PageByOffset, PageByNumber}, at("by")...)
	}
	c.Require(p.Param, at("param")...)
	if c.op.Answer == AnswerList || c.Require(p.Items, at("items")...) {
		c.jsonPath(p.Items, at("items"))
	}
	if p.By == PageByCursor && c.Require(p.Next, at("next")...) {
		c.jsonPath(p.Next, at("next"))
	}
	if p.By != PageByCursor && len(p.More) == 0 && (p.Size == nil || p.Size.Value < 1) {
		c.Addf(at("size"), "paging.size manca: senza, non si sa quale pagina è l'ultima",
			"paging.size is missing: without it nobody knows which page is the last")
	}
	c.statuses(p.More, 200, 299, at("more"))
	if p.MaxPages < 1 || p.MaxPages > maxPages {
		c.Addf(at("maxPages"), "paging.maxPages è fuori da 1-%d", "paging.maxPages lies outside 1-%d", maxPages)
	}
	if c.op.Poll != nil || c.op.Then != nil {
		c.Addf(c.path("paging"), "paging non si usa con poll o then", "paging is not used with poll or then")
	}
}

func (c mappingCheck) poll() {
	p := c.op.Poll
	if p == nil {
		return
	}
	at := func(steps ...any) []any { return append(c.path("poll"), steps...) }
	if len(p.Pending) == 0 {
		c.Require("", at("pending")...)
	}
	for i, one := range p.Pending {
		if len(one.Status) == 0 {
			c.Require("", at("pending", i, "status")...)
		}
		c.statuses(one.Status, 200, 599, at("pending", i, "status"))
		if len(one.When) == 0 && slices.ContainsFunc(one.Status, func(status int) bool { return status >= 400 }) {
			c.Addf(at("pending", i), "%s.when manca: un errore senza altro segno non dice che il risultato arriverà",
				"%s.when is missing: an error without another sign does not say that the result will come", yamlfile.Name(at("pending", i)))
		}
		if len(one.When) > 0 {
			c.conditions(one.When, answerRoots(), at("pending", i, "when"))
		}
	}
	if p.SeeOther && c.op.Then == nil {
		c.Addf(at("seeOther"), "poll.seeOther vuole then: 303 non porta il risultato e non si segue",
			"poll.seeOther needs then: 303 does not hold the result and is not followed")
	}
	for key, d := range map[string]time.Duration{"every": p.Every, "max": p.Max, "deadline": p.Deadline} {
		if d < minPollWait || d > maxPollTime {
			c.Addf(at(key), "poll.%s è fuori da %s-%s", "poll.%s lies outside %s-%s", key, minPollWait, maxPollTime)
		}
	}
	if !c.op.Idempotent {
		c.Addf(c.path("poll"), "un'operazione che si ripete finché è pronta è idempotente: inviare e ritirare sono due operazioni",
			"an operation repeated until it is ready is idempotent: sending and fetching are two operations")
	}
}

// jsonPath checks a path into a body.
func (c recipeCheck) jsonPath(s string, at []any) {
	if p, err := pick.Parse(s); err != nil || p.Wild() {
		c.Addf(at, "%s è %q: un percorso nel corpo si scrive a/b/0", "%s is %q: a path into the body is written a/b/0", yamlfile.Name(at), s)
	}
}

// shape checks the paths of errorShape.
func (c recipeCheck) shape() {
	s := c.r.ErrorShape
	for key, path := range map[string]string{"list": s.List, "code": s.Code, "type": s.Type, "text": s.Text, "id": s.ID} {
		c.jsonPath(path, yamlfile.Path("errorShape", key))
	}
	if c.r.Adapter != Declarative {
		return
	}
	for i, e := range c.r.Errors {
		if e.Kind == KindRenumber {
			c.Addf(yamlfile.Path("errors", i, "kind"), "%s è degli adattatori in Go", "%s belongs to Go adapters", e.Kind)
		}
		for key, missing := range map[string]bool{"codes": len(e.Codes) > 0 && s.Code == "", "type": e.Type != "" && s.Type == "", "text": e.Text != "" && s.Text == ""} {
			if missing {
				c.Addf(yamlfile.Path("errors", i, key), "errorShape non dice dove sta: la riga non vale mai",
					"errorShape does not say where it stands: the row never holds")
			}
		}
	}
}

// quota checks the published limits.
func (c recipeCheck) quota() {
	if c.r.Quota.Daily < 0 || c.r.Quota.PerSecond < 0 {
		c.Addf(yamlfile.Path("quota"), "una quota non è minore di 0; 0 vuol dire che non se ne conosce",
			"a quota is not below 0; 0 means none is known")
	}
}

func (c recipeCheck) kind(k ErrorKind, at []any) {
	if !slices.Contains(ErrorKinds(), k) {
		c.Addf(at, "%s è %q: scrivere uno tra %v", "%s is %q: write one of %v", yamlfile.Name(at), k, ErrorKinds())
	}
}

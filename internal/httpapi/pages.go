// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bytes"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// pageTemplate is the page a problem type leads to, Italian first.
const pageTemplate = `<!DOCTYPE html>
<html lang="it"><head><meta charset="utf-8"><title>{{.Rule}}</title>
<meta name="viewport" content="width=device-width"></head><body>
<main><h1>{{.Title.IT}}</h1>
<p><code>{{.Rule}}</code>{{if .Pattern}} · {{.Pattern}}{{end}} · HTTP {{.Status}}</p>
<p>{{.Remedy.IT}}</p>
<section lang="en"><h2>{{.Title.EN}}</h2><p>{{.Remedy.EN}}</p></section>
<p><small>{{.Source}}</small></p></main></body></html>
`

const indexTemplate = `<!DOCTYPE html>
<html lang="it"><head><meta charset="utf-8"><title>Errori</title>
<meta name="viewport" content="width=device-width"></head><body>
<main><h1>Errori</h1><ul>
{{range .}}<li><a href="/problems/{{.Rule}}"><code>{{.Rule}}</code></a> {{.Title.IT}} · <span lang="en">{{.Title.EN}}</span></li>
{{end}}</ul></main></body></html>
`

func (a *API) problemPage(c *gin.Context) {
	requestOf(c).operation = "problema"
	row, ok := problem.Lookup(modi.RuleID(c.Param("area") + "/" + c.Param("fault")))
	if !ok {
		a.fail(c, problem.New(problem.RuleUnknownPath))
		return
	}
	a.page(c, a.problemTemplate, row)
}

func (a *API) problemIndex(c *gin.Context) {
	requestOf(c).operation = "problemi"
	a.page(c, a.indexTemplate, problem.Table())
}

func (a *API) page(c *gin.Context, t *template.Template, data any) {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		a.fail(c, err)
		return
	}
	c.Header("Content-Security-Policy", "default-src 'none'")
	c.Data(http.StatusOK, "text/html; charset=utf-8", b.Bytes())
}

func (a *API) compilePages() error {
	var err error
	if a.problemTemplate, err = template.New("problem").Parse(pageTemplate); err != nil {
		return err
	}
	a.indexTemplate, err = template.New("index").Parse(indexTemplate)
	return err
}

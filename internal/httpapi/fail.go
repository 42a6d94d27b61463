// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
)

const mediaJSON = "application/json"

// fail answers with the problem document of an error and ends the request.
func (a *API) fail(c *gin.Context, err error) {
	if p, ok := a.announce(c, err); ok {
		a.write(c, p.Status, problem.MediaType, p)
	}
}

// announce ends the request with an error: it counts it and sets the headers that go with it, whatever the body is. It is
// false when it is too late for another answer.
func (a *API) announce(c *gin.Context, err error) (problem.Problem, bool) {
	lang := problem.Language(c.GetHeader("Accept-Language"))
	p, retry := problem.From(err, lang, a.Config.Hub.ProblemBase)
	r := requestOf(c)
	r.rule = string(p.Rule)
	if a.Refused != nil && !r.counted {
		a.Refused(r.listener, r.rule)
	}
	c.Abort()
	if c.Writer.Written() {
		return p, false // the connection is cut by the short body
	}
	h := c.Writer.Header()
	h.Set("Content-Language", lang)
	if v := p.Challenge(); v != "" {
		h.Set("WWW-Authenticate", v)
	}
	if retry > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((retry+time.Second-1)/time.Second), 10))
	}
	if allow := problem.Explain(err).Allow; len(allow) > 0 {
		h.Set("Allow", strings.Join(allow, ", "))
	}
	return p, true
}

// write answers with JSON whose raw parts keep their bytes: no HTML escapes.
func (a *API) write(c *gin.Context, status int, media string, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		a.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "risposta non codificabile",
			slog.String("id_richiesta", requestOf(c).id))
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Writer.Header().Set("Content-Type", media) // whatever a handler had in mind before it failed
	c.Data(status, media, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// exportStall is how long the reader of an export may leave a piece of it unread.
const exportStall = time.Minute

// exportEvidence streams a file that `snodo evidence verify` judges. When reading fails half-way the connection is cut:
// a file cut short does not verify. A log of years takes longer than a request may: the reader gets exportStall for every
// piece, not for the whole.
func (a *API) exportEvidence(c *gin.Context) {
	requestOf(c).operation = "esportazione prove"
	q := evidence.ExportQuery{Ente: c.Param("ente"), Sides: c.Query("riservati") == "true"}
	for _, bound := range []struct {
		text string
		into *time.Time
	}{{c.Query("da"), &q.From}, {c.Query("a"), &q.To}} {
		if bound.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, bound.text)
		if err != nil {
			a.fail(c, problem.Newf(problem.RuleSchema, "da, a: atteso RFC 3339.", "da, a: expected RFC 3339."))
			return
		}
		*bound.into = at
	}
	c.Header("Content-Type", "application/jsonl")
	err := a.Evidence.Export(c.Request.Context(), q, patient{to: c.Writer, clock: a.Clock})
	switch {
	case err == nil:
	case c.Writer.Written():
		a.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "esportazione interrotta", slog.String("errore", err.Error()))
		cut(c)
	default:
		a.fail(c, evidenceProblem(err))
	}
}

// patient writes pieces of a long answer, each with a deadline of its own in place of the server's for the whole.
type patient struct {
	to    http.ResponseWriter
	clock modi.Clock
}

// Write sends one piece.
func (p patient) Write(piece []byte) (int, error) {
	err := http.NewResponseController(p.to).SetWriteDeadline(p.clock().Add(exportStall))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.to.Write(piece)
}

// cut makes the rest of an answer impossible to send, so that the reader sees an answer cut short and not a whole one.
func cut(c *gin.Context) {
	if err := http.NewResponseController(c.Writer).SetWriteDeadline(time.Unix(1, 0)); err != nil {
		c.Abort() // the connection is gone already
	}
}

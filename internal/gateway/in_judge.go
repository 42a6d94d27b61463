// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/snodo-pa/snodo/internal/problem"
)

// policyReport delivers an answer that breaks its OpenAPI document and only counts it; the default refuses it.
const policyReport = "report"

// judge holds the back end's answer against the OpenAPI document and builds the reply from it, with the headers a back
// end may set. A redirection is never passed on (BLOCK_REST).
func (i *In) judge(ctx context.Context, x *serving) error {
	a := x.answer
	if a.Status >= 300 && a.Status < 400 || a.Status < 200 {
		return problem.Newf(problem.RuleBackEndBadAnswer, "La procedura ha risposto con un reindirizzamento.",
			"The procedure answered with a redirection.")
	}
	if err := x.match.CheckResponse(a.Status, a.Header, a.Body); err != nil {
		i.Observer.badAnswer(x.exposed.recipe.Name)
		if x.exposed.recipe.ResponsePolicy != policyReport {
			return problem.New(problem.RuleBackEndBadAnswer).Because(err)
		}
		i.Logger.LogAttrs(ctx, slog.LevelWarn, "risposta non conforme all'OpenAPI, consegnata",
			slog.String("scambio", x.id), slog.String("servizio", x.exposed.recipe.Name), slog.String("errore", problem.ForLog(err)))
	}
	x.reply = &Reply{Status: a.Status, Header: http.Header{}, Body: a.Body}
	for _, name := range answerHeaders() {
		if v := a.Header.Get(name); v != "" && !hopByHop(a.Header, name) {
			x.reply.Header.Set(name, v)
		}
	}
	return nil
}

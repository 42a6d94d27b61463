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
// end may set. A redirection is never passed on (BLOCK_REST), but for the end of a pull interaction.
func (i *In) judge(ctx context.Context, x *serving) error {
	if x.stream != nil {
		return i.judgeStream(ctx, x)
	}
	a := x.answer
	ends := a.Status == http.StatusSeeOther && x.terms.seeOther
	if (a.Status >= 300 && a.Status < 400 || a.Status < 200) && !ends {
		return problem.Newf(problem.RuleBackEndBadAnswer, "La procedura ha risposto con un reindirizzamento.",
			"The procedure answered with a redirection.")
	}
	if err := i.deviates(ctx, x, x.match.CheckResponse(a.Status, a.Header, a.Body)); err != nil {
		return err
	}
	x.reply = &Reply{Status: a.Status, Header: http.Header{}, Body: a.Body}
	copyHeaders(x.reply.Header, a.Header, answerHeaders())
	switch a.Status {
	case http.StatusCreated, http.StatusAccepted, http.StatusSeeOther:
		return i.locate(x, a.Header)
	}
	return nil
}

// deviates tells what becomes of an answer that is not the OpenAPI document's: by the policy it is refused, or counted and
// delivered.
func (i *In) deviates(ctx context.Context, x *serving, fault error) error {
	if fault == nil {
		return nil
	}
	i.Observer.badAnswer(x.exposed.recipe.Name)
	if x.exposed.recipe.ResponsePolicy != policyReport {
		return problem.New(problem.RuleBackEndBadAnswer).Because(fault)
	}
	i.Logger.LogAttrs(ctx, slog.LevelWarn, "risposta non conforme all'OpenAPI, consegnata",
		slog.String("scambio", x.id), slog.String("servizio", x.exposed.recipe.Name), slog.String("errore", problem.ForLog(fault)))
	return nil
}

func copyHeaders(to, from http.Header, names []string) {
	for _, name := range names {
		if v := from.Get(name); v != "" && !hopByHop(from, name) {
			to.Set(name, v)
		}
	}
}

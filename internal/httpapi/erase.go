// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// evidenceErasure is the body of POST /v1/prove/cancellazione. The person travels in the body, never in a URL.
type evidenceErasure struct {
	Ente          string `json:"ente"`
	CodiceFiscale string `json:"codiceFiscale"`
}

// Cancellazione says what an erasure destroyed.
type Cancellazione struct {
	Cancellate int `json:"cancellate"` // side records
}

// eraseEvidence destroys what the log of an ente holds about a person (GDPR art. 17). The log says that it happened and
// how much it was, never whom it was about.
func (a *API) eraseEvidence(c *gin.Context) {
	r := requestOf(c)
	r.operation = "cancellazione prove"
	var in evidenceErasure
	if err := a.decodeManagement(c, &in); err != nil {
		a.fail(c, err)
		return
	}
	if _, known := a.Config.Enti[in.Ente]; !known {
		a.fail(c, a.unknownEnte("/ente", in.Ente))
		return
	}
	r.ente = in.Ente
	person := codicefiscale.Normal(in.CodiceFiscale)
	if codicefiscale.Valid(person) != nil {
		a.fail(c, problem.New(problem.RuleCodiceFiscale))
		return
	}
	erased, err := a.Evidence.Erase(c.Request.Context(), in.Ente, person)
	if err != nil {
		a.fail(c, evidenceProblem(err))
		return
	}
	a.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "riservati cancellati",
		slog.String("ente", in.Ente), slog.Int("cancellate", erased), slog.String("id_richiesta", r.id))
	a.write(c, http.StatusOK, mediaJSON, Cancellazione{Cancellate: erased})
}

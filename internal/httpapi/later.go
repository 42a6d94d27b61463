// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
)

// Later gives answers that came after their acquisition; *gateway.Out is the one.
type Later interface {
	// Answer returns the answer to a request of the caller, with esito in_attesa while there is none; its errors are told by
	// problem.From.
	Answer(ctx context.Context, caller gateway.Application, correlazione, requestID string) (*gateway.Acquired, error)
}

// laterBase is where the answers that come later are.
const laterBase = "/v1/acquisizioni/correlazioni/"

// InAttesa is the answer of an acquisition whose data come later, and of who asks for them before they are there.
type InAttesa struct {
	Esito        string    `json:"esito"`
	Correlazione string    `json:"correlazione"`
	Scade        time.Time `json:"scade"` // nobody waits for the answer any longer
}

// later: authenticate; all the rest is the pipeline's.
func (a *API) later(c *gin.Context) {
	r := requestOf(c)
	r.operation = "correlazione"
	caller, err := a.caller(c.Request.Context(), c.Request.Header)
	if err != nil {
		a.fail(c, err)
		return
	}
	r.ente, r.consumer = caller.Ente, caller.Ente+"/"+caller.Name
	out, err := a.Later.Answer(c.Request.Context(), caller, c.Param("id"), r.id)
	a.tell(c, out, err)
}

// tell writes what an acquisition came to.
func (a *API) tell(c *gin.Context, out *gateway.Acquired, err error) {
	r := requestOf(c)
	if err != nil {
		place := problem.Explain(err).Place
		r.exchange, r.service = place.Exchange, place.Servizio
		r.counted = place.Exchange != ""
		a.fail(c, err)
		return
	}
	if out.Esito == gateway.EsitoInAttesa {
		r.exchange = out.Correlazione
		c.Header("Location", laterBase+url.PathEscape(out.Correlazione))
		a.write(c, http.StatusAccepted, mediaJSON, InAttesa{Esito: out.Esito, Correlazione: out.Correlazione, Scade: out.Scade.UTC()})
		return
	}
	r.exchange, r.service = out.Provenienza.Scambio, out.Provenienza.Servizio
	lang := problem.Language(c.GetHeader("Accept-Language"))
	answer := Acquisita{Esito: out.Esito, Dati: out.Dati, Provenienza: out.Provenienza, Firma: out.Firma}
	for _, w := range out.Avvisi {
		answer.Avvisi = append(answer.Avvisi, problem.Say(w, lang))
	}
	c.Header("Content-Language", lang)
	a.write(c, http.StatusOK, mediaJSON, answer)
}

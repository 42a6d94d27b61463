// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/json"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/internal/httpapi/contract"
	"github.com/snodo-pa/snodo/internal/schema"
)

// Acquisita is the answer of POST /v1/acquisizioni, and of POST /v1/verifiche, whose dati are verdicts.
type Acquisita struct {
	Esito       string                `json:"esito"`
	Dati        json.RawMessage       `json:"dati"` // its bytes are what firma covers
	Avvisi      []string              `json:"avvisi,omitempty"`
	Provenienza provenance.Provenance `json:"provenienza"`
	Firma       string                `json:"firma"`
}

// acquire: bound, authenticate, read, decode; all the rest is the pipeline's.
func (a *API) acquire(c *gin.Context) { a.carry(c, "acquisizione", a.contract.ReadAcquisition) }

// verify likewise; what was declared comes beside richiesta.
func (a *API) verify(c *gin.Context) { a.carry(c, "verifica", a.contract.ReadVerification) }

func (a *API) carry(c *gin.Context, operation string, read func(schema.Request) (contract.Acquisition, error)) {
	r := requestOf(c)
	r.operation = operation
	caller, err := a.caller(c.Request.Context(), c.Request.Header)
	if err != nil {
		a.fail(c, err)
		return
	}
	r.ente, r.consumer = caller.Ente, caller.Ente+"/"+caller.Name
	in, err := a.decodeAcquisition(c, read)
	if err != nil {
		a.fail(c, err)
		return
	}
	in.Caller, in.RequestID = caller, r.id
	out, err := a.Out.Acquire(c.Request.Context(), in)
	a.tell(c, out, err)
}

func (a *API) decodeAcquisition(c *gin.Context, read func(schema.Request) (contract.Acquisition, error)) (gateway.Acquisition, error) {
	if err := wantJSON(c.Request.Header); err != nil {
		return gateway.Acquisition{}, err
	}
	body, err := a.readBody(c)
	if err != nil {
		return gateway.Acquisition{}, err
	}
	params := map[string]string{"servizio": c.Param("servizio"), "operazione": c.Param("operazione")}
	b, err := read(schema.Request{
		Params: params, Query: c.Request.URL.Query(), Header: c.Request.Header, Body: body,
	})
	if err != nil {
		return gateway.Acquisition{}, err
	}
	return gateway.Acquisition{
		Servizio: params["servizio"], Operazione: params["operazione"],
		Contesto: gateway.Contesto{
			Ente: b.Contesto.Ente, Procedimento: b.Contesto.Procedimento, Pratica: b.Contesto.Pratica,
			Operatore: gateway.Operatore(b.Contesto.Operatore),
		},
		Richiesta: b.Richiesta, Decoded: b.Decoded, Dichiarato: b.Dichiarato, IdempotencyKey: c.GetHeader(contract.HeaderIdempotencyKey),
	}, nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/problem"
)

// ActRoutes are the routes of what commands do on PDND in the name of an ente. The hub keeps
// the record and takes up new keys; it cannot write on PDND itself.
const (
	PathActs       = "/v1/pdnd/atti"
	PathActsEnd    = "/v1/pdnd/atti/esito"
	PathActsSearch = "/v1/pdnd/atti/ricerca"
	PathReloadKeys = "/v1/pdnd/chiavi/ricarica"
)

// EndedAct is the body of PathActsEnd.
type EndedAct struct {
	Begun acts.Begun `json:"iniziato"`
	Act   acts.Act   `json:"atto"`
}

// ActSearch is the body of PathActsSearch.
type ActSearch struct {
	Ente        string `json:"ente"`
	Environment string `json:"ambiente"`
}

// ActList is the answer of PathActsSearch.
type ActList struct {
	Acts []acts.Act `json:"atti"`
}

// KeyAt is the body and the answer of PathReloadKeys: a setting of ente.yaml, and the kid
// with which the hub now signs.
type KeyAt struct {
	Ente    string `json:"ente"`
	Setting string `json:"chiave"`
	KID     string `json:"kid,omitempty"`
}

func (a *API) mountActs(e *gin.Engine) {
	if a.Acts != nil {
		e.POST(PathActs, a.beginAct)
		e.POST(PathActsEnd, a.endAct)
		e.POST(PathActsSearch, a.searchActs)
	}
	if a.ReloadKeys != nil {
		e.POST(PathReloadKeys, a.reloadKeys)
	}
}

// decodeFor reads a body about an ente, which must be configured.
func (a *API) decodeFor(c *gin.Context, into any, ente *string) bool {
	err := a.decodeManagement(c, into)
	if err == nil {
		if _, known := a.Config.Enti[*ente]; !known {
			err = a.unknownEnte("/ente", *ente)
		}
	}
	if err != nil {
		a.fail(c, err)
		return false
	}
	requestOf(c).ente = *ente
	return true
}

func (a *API) beginAct(c *gin.Context) {
	requestOf(c).operation = "atto su PDND"
	var in acts.Act
	if !a.decodeFor(c, &in, &in.Ente) {
		return
	}
	begun, err := a.Acts.Begin(c.Request.Context(), in)
	switch {
	case errors.Is(err, acts.ErrInvalid):
		a.fail(c, problem.New(problem.RuleSchema))
	case err != nil:
		a.fail(c, problem.New(problem.RuleIntentNotStored).Because(err))
	default:
		a.write(c, http.StatusCreated, mediaJSON, begun)
	}
}

func (a *API) endAct(c *gin.Context) {
	requestOf(c).operation = "esito di un atto su PDND"
	var in EndedAct
	if !a.decodeFor(c, &in, &in.Act.Ente) {
		return
	}
	err := a.Acts.End(c.Request.Context(), in.Begun, in.Act)
	switch {
	case errors.Is(err, acts.ErrInvalid):
		a.fail(c, problem.New(problem.RuleSchema))
	case err != nil:
		a.fail(c, problem.New(problem.RuleOutcomeNotStored).Because(err))
	default:
		a.write(c, http.StatusOK, mediaJSON, in.Begun)
	}
}

func (a *API) searchActs(c *gin.Context) {
	requestOf(c).operation = "atti su PDND"
	var in ActSearch
	if !a.decodeFor(c, &in, &in.Ente) {
		return
	}
	list, err := a.Acts.Acts(c.Request.Context(), in.Ente, in.Environment)
	if err != nil {
		a.fail(c, evidenceProblem(err))
		return
	}
	a.write(c, http.StatusOK, mediaJSON, ActList{Acts: list})
}

func (a *API) reloadKeys(c *gin.Context) {
	requestOf(c).operation = "chiavi ricaricate"
	var in KeyAt
	if !a.decodeFor(c, &in, &in.Ente) {
		return
	}
	kid, err := a.ReloadKeys(c.Request.Context(), in.Ente, in.Setting)
	if err != nil {
		a.fail(c, problem.New(problem.RuleUnexpected).Because(err))
		return
	}
	a.write(c, http.StatusOK, mediaJSON, KeyAt{Ente: in.Ente, Setting: in.Setting, KID: kid})
}

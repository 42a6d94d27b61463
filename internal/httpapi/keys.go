// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/store"
)

// Chiave is a key of an application as it is listed.
type Chiave struct {
	ID           string     `json:"id"`
	Ente         string     `json:"ente"`
	Applicazione string     `json:"applicazione"`
	Creata       time.Time  `json:"creata"`
	Revocata     *time.Time `json:"revocata,omitempty"`
}

// ChiaveNuova is a key when it is made, the only time it is shown.
type ChiaveNuova struct {
	Chiave
	Segreto string `json:"chiave"`
}

type newKeyRequest struct {
	Ente         string `json:"ente"`
	Applicazione string `json:"applicazione"`
}

// newKey makes a key for an application of the configuration and keeps only its SHA-256.
func (a *API) newKey(c *gin.Context) {
	requestOf(c).operation = "chiave nuova"
	var in newKeyRequest
	if err := a.decodeManagement(c, &in); err != nil {
		a.fail(c, err)
		return
	}
	ente, known := a.Config.Enti[in.Ente]
	if !known {
		a.fail(c, a.unknownEnte("/ente", in.Ente))
		return
	}
	if _, known := ente.Applicazioni[in.Applicazione]; !known {
		a.fail(c, problem.New(problem.RuleUnknownApplication))
		return
	}
	plain, key, err := store.NewAPIKey(a.Rand, in.Ente, in.Applicazione, a.Clock())
	if err == nil {
		err = a.Keys.Put(c.Request.Context(), key)
	}
	if err != nil {
		a.fail(c, problem.New(problem.RuleStore).Because(err))
		return
	}
	a.write(c, http.StatusCreated, mediaJSON, ChiaveNuova{Chiave: chiaveOf(key), Segreto: plain})
}

func (a *API) listKeys(c *gin.Context) {
	requestOf(c).operation = "chiavi"
	keys, err := a.Keys.List(c.Request.Context(), c.Query("ente"))
	if err != nil {
		a.fail(c, problem.New(problem.RuleStore).Because(err))
		return
	}
	list := make([]Chiave, 0, len(keys))
	for _, k := range keys {
		list = append(list, chiaveOf(k))
	}
	a.write(c, http.StatusOK, mediaJSON, gin.H{"chiavi": list})
}

func (a *API) revokeKey(c *gin.Context) {
	requestOf(c).operation = "chiave revocata"
	err := a.Keys.Revoke(c.Request.Context(), c.Param("id"), a.Clock())
	switch {
	case err == nil:
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
	case errors.Is(err, store.ErrNotFound):
		a.fail(c, problem.New(problem.RuleUnknownAPIKey))
	default:
		a.fail(c, problem.New(problem.RuleStore).Because(err))
	}
}

func chiaveOf(k store.APIKey) Chiave {
	out := Chiave{ID: k.ID, Ente: k.Ente, Applicazione: k.Application, Creata: k.CreatedAt.UTC()}
	if !k.RevokedAt.IsZero() {
		at := k.RevokedAt.UTC()
		out.Revocata = &at
	}
	return out
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/vigilanza"
)

// QuotaBook shows what of the quotas of the day is used and how far the enti are from what is watched;
// *vigilanza.Book is the one.
type QuotaBook interface {
	// Quotas lists the limits of today.
	Quotas() []vigilanza.Quota
	// Vigilance computes the indicators of today; an error is a "don't know".
	Vigilance(ctx context.Context) ([]vigilanza.Indicator, error)
}

func (a *API) listQuotas(c *gin.Context) {
	requestOf(c).operation = "quote"
	ente := c.Query("ente")
	if _, known := a.Config.Enti[ente]; ente != "" && !known {
		a.fail(c, a.unknownEnte("query ente", ente))
		return
	}
	list := []vigilanza.Quota{}
	for _, q := range a.Quota.Quotas() {
		if ente == "" || q.Ente == ente {
			list = append(list, q)
		}
	}
	a.write(c, http.StatusOK, mediaJSON, gin.H{"quote": list})
}

func (a *API) listVigilance(c *gin.Context) {
	requestOf(c).operation = "vigilanza"
	list, err := a.Quota.Vigilance(c.Request.Context())
	if err != nil {
		a.fail(c, problem.New(problem.RuleStore).Because(err))
		return
	}
	if list == nil {
		list = []vigilanza.Indicator{}
	}
	a.write(c, http.StatusOK, mediaJSON, gin.H{"indicatori": list})
}

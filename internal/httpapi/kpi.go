// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/internal/problem"
)

// KPIBook has the figures of exposed e-services; *kpi.Ledger is the one.
type KPIBook interface {
	// Report makes the figures of the days, enti and e-services that are chosen; an error is a "don't know".
	Report(ctx context.Context, q kpi.Query) (kpi.Report, error)
}

// kpiDays is how many days are told when the request does not say.
const kpiDays = 30

func (a *API) showKPI(c *gin.Context) {
	requestOf(c).operation = "indicatori"
	report, err := a.kpiReport(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	a.write(c, http.StatusOK, mediaJSON, report)
}

func (a *API) exportKPI(c *gin.Context) {
	requestOf(c).operation = "indicatori file"
	if !slices.Contains(kpi.Tables(), c.Param("tabella")) {
		a.fail(c, problem.New(problem.RuleUnknownPath))
		return
	}
	report, err := a.kpiReport(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	var file bytes.Buffer
	if err := report.CSV(&file, c.Param("tabella")); err != nil {
		a.fail(c, err)
		return
	}
	c.Data(http.StatusOK, "text/csv; charset=utf-8", file.Bytes())
}

func (a *API) kpiReport(c *gin.Context) (kpi.Report, error) {
	now := a.Clock()
	q := kpi.Query{
		From: c.DefaultQuery("dal", now.AddDate(0, 0, 1-kpiDays).Format(time.DateOnly)), To: c.DefaultQuery("al", now.AddDate(0, 0, 1).Format(time.DateOnly)),
		Ente: c.Query("ente"), Service: c.Query("servizio"),
	}
	for _, day := range []string{q.From, q.To} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return kpi.Report{}, problem.Newf(problem.RuleSchema, "dal e al sono giorni, AAAA-MM-GG.", "dal and al are days, YYYY-MM-DD.")
		}
	}
	if _, known := a.Config.Enti[q.Ente]; q.Ente != "" && !known {
		return kpi.Report{}, a.unknownEnte("query ente", q.Ente)
	}
	report, err := a.KPI.Report(c.Request.Context(), q)
	if err != nil {
		return kpi.Report{}, problem.New(problem.RuleStore).Because(err)
	}
	return report, nil
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

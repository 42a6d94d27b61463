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
	// Report makes the figures of the days, enti and e-services that are chosen, of the last thirty days when none is; an
	// error is a "don't know".
	Report(ctx context.Context, q kpi.Query) (kpi.Report, error)
	// Callers lists who called, of all the days that are kept; an error is a "don't know".
	Callers(ctx context.Context, q kpi.Query) ([]kpi.Caller, error)
}

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
	q := kpi.Query{From: c.Query("dal"), To: c.Query("al"), Ente: c.Query("ente"), Service: c.Query("servizio")}
	for _, day := range []string{q.From, q.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return kpi.Report{}, problem.Newf(problem.RuleSchema, "dal e al sono giorni, AAAA-MM-GG.", "dal and al are days, YYYY-MM-DD.")
		}
	}
	if _, known := a.Config.Enti[q.Ente]; q.Ente != "" && !known {
		return kpi.Report{}, a.unknownEnte("query ente", q.Ente)
	}
	report, err := a.KPI.Report(c.Request.Context(), q)
	switch {
	case err != nil:
		return kpi.Report{}, problem.New(problem.RuleStore).Because(err)
	case report.Dal > report.Al:
		return kpi.Report{}, problem.Newf(problem.RuleSchema, "dal ("+report.Dal+") viene dopo al ("+report.Al+").", "dal ("+report.Dal+") comes after al ("+report.Al+").")
	case q.Service != "" && len(report.Servizi) == 0 && !a.exposes(q.Ente, q.Service):
		return kpi.Report{}, problem.Newf(problem.RuleUnknownExposure, "query servizio: nessun e-service si chiama così.", "query servizio: no e-service is called so.")
	}
	return report, nil
}

// exposes tells whether an ente, or any of them, exposes an e-service.
func (a *API) exposes(ente, service string) bool {
	for name, owner := range a.Config.Enti {
		if (ente == "" || ente == name) && owner.Exposes[service] != nil {
			return true
		}
	}
	return false
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import "github.com/gin-gonic/gin"

// duties mounts on gestione what the hub does towards the platform besides exchanges.
func (a *API) duties(e *gin.Engine) {
	a.mountActs(e)
	a.mountTreasury(e, ListenerGestione)
	if a.Jobs != nil {
		e.GET("/v1/lavori", a.listJobs)
		e.GET("/v1/lavori/:id", a.showJob)
		e.POST("/v1/lavori/:id/ripetizione", a.retryJob)
		e.POST("/v1/lavori/:id/abbandono", a.discardJob)
	}
	if a.Quota != nil {
		e.GET("/v1/quote", a.listQuotas)
		e.GET("/v1/vigilanza", a.listVigilance)
	}
	if a.KPI != nil {
		e.GET("/v1/indicatori", a.showKPI)
		e.GET("/v1/indicatori/:tabella", a.exportKPI)
	}
	if a.KPI != nil && a.Callers != nil {
		e.GET("/v1/chiamanti", a.listCallers)
		e.POST("/v1/chiamanti/sospensioni", a.suspendCaller)
		e.POST("/v1/chiamanti/riammissioni", a.resumeCaller)
	}
	if a.Tracing != nil {
		e.GET("/v1/tracing/:ente/:ambiente", a.tracingStatus)
		e.GET("/v1/tracing/:ente/:ambiente/:giorno", a.tracingExport)
		e.POST("/v1/tracing/:ente/:ambiente/:giorno", a.tracingSubmit)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
)

// Names of the listeners, in logs and metrics.
const (
	ListenerApplicazioni = "applicazioni"
	ListenerEsposizione  = "esposizione"
	ListenerGestione     = "gestione"
)

// engine is a router without conveniences: no redirections, paths as they were sent, a problem document for whatever
// has no route. Forwarded headers are believed from listed proxies alone.
func (a *API) engine(listener string) *gin.Engine {
	gin.SetMode(gin.ReleaseMode) // gin has no per-engine mode
	e := gin.New()
	e.RedirectTrailingSlash = false
	e.RedirectFixedPath = false
	e.HandleMethodNotAllowed = true
	e.UseEscapedPath = true
	e.UnescapePathValues = true
	e.RemoteIPHeaders = []string{"X-Forwarded-For"}
	if err := e.SetTrustedProxies(a.proxies); err != nil {
		e.ForwardedByClientIP = false // New has checked them: believe nobody
	}
	e.Use(a.observe(listener), a.recovered, common)
	e.NoRoute(func(c *gin.Context) { a.fail(c, problem.New(problem.RuleUnknownPath)) })
	e.NoMethod(func(c *gin.Context) {
		allow := strings.Split(c.Writer.Header().Get("Allow"), ", ")
		a.fail(c, &problem.Error{Rule: problem.RuleMethod, Allow: allow})
	})
	e.GET("/problems", a.problemIndex)
	e.GET("/problems/:area/:fault", a.problemPage)
	return e
}

// common sets what every answer says.
func common(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// Applicazioni is the handler for the ente's own applications.
func (a *API) Applicazioni() http.Handler {
	e := a.engine(ListenerApplicazioni)
	e.POST("/v1/acquisizioni/:servizio/:operazione", a.acquire)
	e.POST("/v1/verifiche/:servizio/:operazione", a.verify)
	if a.Later != nil {
		e.GET(laterBase+":id", a.later)
	}
	a.mountNative(e)
	a.mountTreasury(e, ListenerApplicazioni)
	e.GET("/v1/openapi.json", a.openAPI)
	e.GET("/status", a.status)
	e.GET("/v1/enti/:ente/sigillo/jwks.json", a.sealKeys)
	e.GET("/v1/enti/:ente/identita/jwks.json", a.identityKeys)
	return e
}

// Esposizione is the handler for other administrations.
func (a *API) Esposizione() http.Handler {
	e := a.engine(ListenerEsposizione)
	e.Any("/modi/*path", a.published, a.expose)
	return e
}

// Gestione is the handler for who runs the hub: its listener must be a Unix socket or ask for client certificates.
func (a *API) Gestione() http.Handler {
	e := a.engine(ListenerGestione)
	e.GET("/health/live", a.live)
	e.GET("/health/ready", a.ready)
	if a.Metrics != nil {
		e.GET("/metrics", gin.WrapH(a.Metrics))
	}
	e.POST("/v1/prove/ricerca", a.searchEvidence)
	e.POST("/v1/prove/cancellazione", a.eraseEvidence)
	e.GET("/v1/prove/:ente/export", a.exportEvidence)
	e.GET("/v1/prove/:ente/checkpoint", a.checkpoint)
	e.GET("/v1/prove/:ente/:indice", a.showEvidence)
	e.POST("/v1/chiavi", a.newKey)
	e.GET("/v1/chiavi", a.listKeys)
	e.DELETE("/v1/chiavi/:id", a.revokeKey)
	e.GET("/v1/protezioni", a.guards)
	e.GET("/v1/enti/:ente/identita/jwks.json", a.identityKeys)
	a.duties(e)
	return e
}

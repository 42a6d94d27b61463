// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// checkTimeout bounds one readiness check: a probe must not hang on what it probes.
const checkTimeout = 2 * time.Second

// CheckResult is one line of /health/ready.
type CheckResult struct {
	Nome   string `json:"nome"`
	Stato  string `json:"stato"`            // ok | ko
	Motivo string `json:"motivo,omitempty"` // why not
}

// live says that the process answers, and which version it is.
func (a *API) live(c *gin.Context) {
	requestOf(c).operation = "live"
	a.write(c, http.StatusOK, mediaJSON, gin.H{"stato": "ok", "versione": a.Version})
}

// ready says whether the hub can do its work, with the reason when it cannot: 200 or 503. An open breaker is shown but
// is not a reason: the other services go on.
func (a *API) ready(c *gin.Context) {
	requestOf(c).operation = "ready"
	status, word := http.StatusOK, "ok"
	results := make([]CheckResult, 0, len(a.Ready))
	for _, check := range a.Ready {
		ctx, cancel := context.WithTimeout(c.Request.Context(), checkTimeout)
		err := check.Do(ctx)
		cancel()
		r := CheckResult{Nome: check.Name, Stato: "ok"}
		if err != nil {
			status, word = http.StatusServiceUnavailable, "ko"
			r.Stato, r.Motivo = "ko", err.Error()
		}
		results = append(results, r)
	}
	a.write(c, status, mediaJSON, gin.H{"stato": word, "verifiche": results, "protezioni": a.guardStates()})
}

func (a *API) guards(c *gin.Context) {
	requestOf(c).operation = "protezioni"
	a.write(c, http.StatusOK, mediaJSON, gin.H{"protezioni": a.guardStates()})
}

func (a *API) guardStates() map[string]string {
	if a.Guards == nil {
		return map[string]string{}
	}
	return a.Guards()
}

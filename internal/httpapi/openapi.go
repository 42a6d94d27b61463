// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
)

// status answers the probe that the guideline asks of every API: a problem document with status 200.
func (a *API) status(c *gin.Context) {
	requestOf(c).operation = "stato"
	a.write(c, http.StatusOK, problem.MediaType, gin.H{"title": "Il servizio è attivo", "status": http.StatusOK})
}

// openAPI serves the document that requests are held against.
func (a *API) openAPI(c *gin.Context) {
	requestOf(c).operation = "openapi"
	c.Data(http.StatusOK, mediaJSON, a.contract.JSON())
}

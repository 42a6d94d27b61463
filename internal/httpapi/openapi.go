// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// openAPI serves the document that requests are held against.
func (a *API) openAPI(c *gin.Context) {
	requestOf(c).operation = "openapi"
	c.Data(http.StatusOK, mediaJSON, a.contract.JSON())
}

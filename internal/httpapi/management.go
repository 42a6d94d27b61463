// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bytes"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
)

// decodeManagement reads the body of a management request into a structure whose JSON members are all there may be.
func (a *API) decodeManagement(c *gin.Context, into any) error {
	if err := wantJSON(c.Request.Header); err != nil {
		return err
	}
	body, err := a.readBody(c)
	if err != nil {
		return err
	}
	if _, err := schema.ParseJSON(body); err != nil {
		return schema.Problem(err)
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return problem.New(problem.RuleSchema)
	}
	return nil
}

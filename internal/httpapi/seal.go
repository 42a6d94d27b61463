// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// sealKeys publishes the public keys of an ente's seal, the retired ones too: what they signed stays valid. Anybody may
// read them.
func (a *API) sealKeys(c *gin.Context) { a.publish(c, "sigillo", a.SealKeys) }

// identityKeys publishes the keys with which an ente tells its back ends who calls.
func (a *API) identityKeys(c *gin.Context) { a.publish(c, "identita", a.IdentityKeys) }

// publish writes public keys of an ente as a JWK set.
func (a *API) publish(c *gin.Context, operation string, keysOf func(ente string) ([]modi.Key, error)) {
	requestOf(c).operation = operation
	ente := c.Param("ente")
	if _, known := a.Config.Enti[ente]; !known || keysOf == nil {
		a.fail(c, problem.New(problem.RuleUnknownPath))
		return
	}
	keys, err := keysOf(ente)
	if err != nil {
		a.fail(c, err)
		return
	}
	set := struct {
		Keys []json.RawMessage `json:"keys"`
	}{Keys: []json.RawMessage{}}
	for _, k := range keys {
		jwk, err := token.MarshalJWK(k.Public, k.KID, token.ES256)
		if err != nil {
			a.fail(c, err)
			return
		}
		set.Keys = append(set.Keys, jwk)
	}
	a.write(c, http.StatusOK, "application/jwk-set+json", set)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package adaptertest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/snodo-pa/snodo/registry"
)

// OpenAPI makes a [Subject.Contract] of OpenAPI documents, by service. Paths of the
// documents are those of the calls: below the URL of the recipe. Tokens are the
// transport's and are not looked at.
func OpenAPI(documents map[string][]byte) (func(registry.Call) error, error) {
	byService := map[string]routers.Router{}
	for service, data := range documents {
		doc, err := openapi3.NewLoader().LoadFromData(data)
		if err != nil {
			return nil, fmt.Errorf("OpenAPI document of %s: %w", service, err)
		}
		doc.Servers = nil
		router, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation()) // published ones are often wrong
		if err != nil {
			return nil, fmt.Errorf("OpenAPI document of %s: %w", service, err)
		}
		byService[service] = router
	}
	return func(c registry.Call) error {
		router, ok := byService[c.Service]
		if !ok {
			return fmt.Errorf("no OpenAPI document describes %s", c.Service)
		}
		return admits(router, c)
	}, nil
}

func admits(router routers.Router, c registry.Call) error {
	ctx := context.Background()
	req, err := http.NewRequestWithContext(ctx, c.Method, "http://registry.invalid"+c.Path, bytes.NewReader(c.Body))
	if err != nil {
		return fmt.Errorf("the call is no request: %w", err)
	}
	req.Header = c.Header.Clone()
	route, params, err := router.FindRoute(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", c.Method, c.Path, err)
	}
	query := req.URL.Query()
	for _, p := range route.Operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			query.Del(p.Value.Name)
		}
	}
	if len(query) > 0 {
		return fmt.Errorf("%s %s: query parameters that the contract does not know", c.Method, c.Path)
	}
	return openapi3filter.ValidateRequest(ctx, &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
}

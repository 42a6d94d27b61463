// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// acceptPatch names the media types of a PATCH that came with another one (RFC 5789 §2.2; CRUD_REST).
func (x *serving) acceptPatch(err error) {
	var media *schema.MediaTypeError
	if x.in.Method == http.MethodPatch && errors.As(err, &media) {
		x.header.Set("Accept-Patch", strings.Join(media.Want, ", "))
	}
}

// validate holds the request against the OpenAPI document of the e-service: 400, or 415 for the media type. It comes
// after every check on who calls, so that an outsider learns nothing of the contract from refusals.
func (i *In) validate(_ context.Context, x *serving) error {
	if err := boundOperator(x.audit); err != nil {
		return err
	}
	var err error
	if x.query, err = url.ParseQuery(x.in.RawQuery); err != nil {
		return problem.Newf(problem.RuleSchema, "La query string non è leggibile.", "The query string cannot be read.")
	}
	request := schema.Request{Params: x.match.Params, Query: x.query, Header: x.in.Header, Body: x.in.Body}
	if x.upload != nil {
		request.Unread = x.upload.Len()
	}
	value, err := x.match.CheckRequest(request)
	if err != nil {
		x.acceptPatch(err)
		return schema.Problem(err)
	}
	for _, p := range persons(value, "") {
		if normal := codicefiscale.Normal(p.value); codicefiscale.Valid(normal) == nil {
			x.subjects = append(x.subjects, normal)
		}
	}
	return nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi/uuid"
)

// StatusPath is what the hub itself answers below every e-service, without a token.
const StatusPath = "/status"

// route finds the e-service and the operation. A path that leads nowhere is 404 before any token is looked at.
func (i *In) route(_ context.Context, x *serving) error {
	rest, ok := strings.CutPrefix(x.in.Path, "/modi/")
	parts := strings.SplitN(rest, "/", 4)
	if !ok || len(parts) < 3 {
		return problem.New(problem.RuleUnknownExposure)
	}
	found, ok := i.exposed[strings.Join(parts[:3], "/")]
	if !ok {
		return problem.New(problem.RuleUnknownExposure)
	}
	id, err := uuid.NewAt(i.Clock(), i.Rand)
	if err != nil {
		return fmt.Errorf("exchange id: %w", err)
	}
	x.exposed, x.terms, x.id, x.rest = found, found.terms, id, "/"
	if len(parts) == 4 {
		x.rest = "/" + parts[3]
	}
	if asked, err := url.PathUnescape(x.rest); err == nil && asked == StatusPath {
		return x.statusPage()
	}
	x.match, err = found.match(x.in.Method, x.rest)
	var method *schema.MethodError
	switch {
	case errors.As(err, &method):
		return &problem.Error{Rule: problem.RuleMethod, Allow: method.Allow}
	case err != nil:
		return problem.New(problem.RuleUnknownPath)
	}
	x.terms = found.termsFor(x.match.ID)
	return x.refusePerson()
}

// statusPage answers the probe that every exposed e-service has: a problem document with status 200, no token, nothing
// about the procedure (RAC, PDND Probing).
func (x *serving) statusPage() error {
	if x.in.Method != http.MethodGet && x.in.Method != http.MethodHead {
		return &problem.Error{Rule: problem.RuleMethod, Allow: []string{http.MethodGet, http.MethodHead}}
	}
	body, err := json.Marshal(map[string]any{"title": "Il servizio è attivo", "status": http.StatusOK})
	if err != nil {
		return err
	}
	x.reply = &Reply{Status: http.StatusOK, Header: http.Header{headerContentType: {problem.MediaType}}, Body: body}
	x.done = true
	return nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/snodo-pa/snodo/internal/problem"
)

// locate tells the caller where what it made or waits for is, at the public address of the e-service (CRUD_REST,
// NONBLOCK_PULL_REST). What lies elsewhere is not told: it would be the address of a machine that the caller cannot reach
// or should not. Of a creation nothing else is lost by that; of a state or an acceptance it is the answer.
func (i *In) locate(x *serving, h http.Header) error {
	raw := h.Get("Location")
	if raw == "" {
		return nil
	}
	if public, ok := x.publicLocation(raw); ok {
		x.reply.Header.Set("Location", public)
		return nil
	}
	i.Observer.badAnswer(x.exposed.recipe.Name)
	if x.reply.Status == http.StatusCreated {
		return nil
	}
	return problem.Newf(problem.RuleBackEndBadAnswer, "Location porta fuori dall'e-service.", "Location leads out of the e-service.")
}

// publicLocation turns a Location into the public address of a resource of the e-service: one below the address of the
// procedure, or the path of a resource as the OpenAPI document writes it.
func (x *serving) publicLocation(raw string) (string, bool) {
	e := x.exposed
	base, err := url.Parse(e.url + x.match.Path)
	if err != nil {
		return "", false
	}
	target, err := base.Parse(raw)
	if err != nil || target.User != nil {
		return "", false
	}
	target.RawQuery, target.Fragment, target.RawFragment = "", "", ""
	for _, path := range []string{strings.TrimPrefix(target.String(), e.url), raw} {
		if !strings.HasPrefix(path, "/") {
			continue
		}
		if m, err := e.document.Match(http.MethodGet, path); err == nil && !namesPerson(m.Path, url.PathUnescape) {
			return e.binding.PublicURL + m.Path, true
		}
	}
	return "", false
}

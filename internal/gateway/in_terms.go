// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// terms are what one operation of an exposure asks for and does. They are read-only.
type terms struct {
	registry.ExposureTerms

	signsAll bool     // answers are signed whatever their status, also without a body
	bulk     bool     // BULK_RESOURCE_REST: HEAD and Range, streamed
	whole    bool     // its message is held whole: it is kept for later, or looked into
	seeOther bool     // 303 is an answer: the state of a NONBLOCK_PULL_REST that has come to its end
	headers  []string // of the caller, that reach the back end
}

// byVoucher tells whether PDND says who calls.
func (t *terms) byVoucher() bool { return t.Identity == modi.PatternVoucher }

// signs tells whether answers carry a proof of this hub.
func (t *terms) signs() bool { return t.Answer != "" || t.AnswerIdentity != "" }

// Headers that operations need beyond the recipe's allow-list.
func interactionHeaders() []string { return []string{"X-Replyto", "X-Correlation-Id"} }

func bulkHeaders() []string {
	return []string{"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}
}

// compileTerms completes what each operation asks with what its e-service does. It fails on an operation that the
// document does not have, and on a bulk one that is no GET.
func (e *exposed) compileTerms(document *schema.Document) error {
	var err error
	if e.terms, err = e.termsOf("", registry.ExposureOperation{}); err != nil {
		return err
	}
	methods := map[string]string{}
	for _, o := range document.Operations() {
		methods[o.ID] = o.Method
	}
	e.own = map[string]*terms{}
	for _, id := range slices.Sorted(maps.Keys(e.recipe.Operations)) {
		o := e.recipe.Operations[id]
		method, ok := methods[id]
		switch {
		case !ok:
			return fmt.Errorf("operations.%s: the OpenAPI document has no such operationId", id)
		case o.Bulk && method != http.MethodGet:
			return fmt.Errorf("operations.%s: bulk is for GET, not for %s", id, method)
		}
		if e.own[id], err = e.termsOf(id, o); err != nil {
			return fmt.Errorf("operations.%s: %w", id, err)
		}
	}
	return e.compileStates()
}

// compileStates lets the operation that tells the state of a pull interaction answer 303.
func (e *exposed) compileStates() error {
	for _, id := range slices.Sorted(maps.Keys(e.recipe.Operations)) {
		i := e.recipe.Operations[id].Interaction
		if i == nil || i.Status == "" {
			continue
		}
		state, err := e.termsOf(i.Status, e.recipe.Operations[i.Status])
		if err != nil {
			return fmt.Errorf("operations.%s: %w", i.Status, err)
		}
		state.seeOther = true
		e.own[i.Status] = state
	}
	return nil
}

func (e *exposed) termsOf(id string, o registry.ExposureOperation) (*terms, error) {
	found, err := e.recipe.Terms(id)
	if err != nil {
		return nil, err
	}
	t := &terms{
		ExposureTerms: found, signsAll: e.recipe.Refusals == registry.RefusalsSUAP, bulk: o.Bulk,
		whole:   o.Interaction != nil || o.Check != "",
		headers: allowedHeaders(e.recipe.RequestHeaders),
	}
	for _, more := range []struct {
		names []string
		due   bool
	}{{bulkHeaders(), o.Bulk}, {interactionHeaders(), o.Interaction != nil}} {
		for _, name := range more.names {
			if more.due && !slices.Contains(t.headers, name) {
				t.headers = append(t.headers, name)
			}
		}
	}
	return t, nil
}

// termsFor finds those of an operation.
func (e *exposed) termsFor(operation string) *terms {
	if len(e.own) > 0 {
		if t, ok := e.own[operation]; ok {
			return t
		}
	}
	return e.terms
}

// all lists the terms of the e-service and of its operations.
func (e *exposed) all() []*terms {
	list := []*terms{e.terms}
	for _, id := range slices.Sorted(maps.Keys(e.own)) {
		list = append(list, e.own[id])
	}
	return list
}

// trusts opens what the terms need: a trust store for certificates of callers, a key for answers, with its certificate
// where they name it.
func (e *exposed) trusts(d InDeps) error {
	for _, t := range e.all() {
		if t.ByCertificate() && e.certificates == nil {
			if d.Certificates == nil || e.binding.Fiducia == nil {
				return errors.New("callers are known by certificate, and there is no trust store (fiducia)")
			}
			var err error
			if e.certificates, err = d.Certificates(e.ente.CodiceIPA, e.recipe.Name); err != nil {
				return fmt.Errorf("fiducia: %w", err)
			}
		}
		if !t.signs() {
			continue
		}
		key, err := e.key()
		if err != nil {
			return fmt.Errorf("keychain %s: %w", e.binding.Keychain, err)
		}
		if t.AnswersByCertificate() && len(key.Chain) == 0 {
			return fmt.Errorf("keychain %s: answers name a certificate, and the file of the key has none", e.binding.Keychain)
		}
	}
	return nil
}

// match finds the operation of a request. A bulk operation answers HEAD as it does GET, without the representation.
func (e *exposed) match(method, path string) (schema.Match, error) {
	m, err := e.document.Match(method, path)
	if len(e.own) == 0 || err == nil {
		return m, err
	}
	var other *schema.MethodError
	if !errors.As(err, &other) || !slices.Contains(other.Allow, http.MethodGet) {
		return m, err
	}
	get, missing := e.document.Match(http.MethodGet, path)
	if missing != nil || !e.termsFor(get.ID).bulk {
		return m, err
	}
	if method == http.MethodHead {
		return get, nil
	}
	other.Allow = append(slices.Clone(other.Allow), http.MethodHead)
	return m, err
}

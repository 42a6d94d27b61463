// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// tokenForm is a token request whose shape was accepted.
type tokenForm struct {
	assertion     string
	assertionType string
	clientID      string // empty when it was not sent
}

// readForm applies the strict schema of the request body. The text of the error names
// the field and, unlike every later refusal, is sent to the caller.
func readForm(r *http.Request) (tokenForm, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return tokenForm{}, fmt.Errorf("expected application/x-www-form-urlencoded")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return tokenForm{}, fmt.Errorf("unreadable body")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return tokenForm{}, fmt.Errorf("malformed form")
	}
	known := []string{"client_assertion", "client_assertion_type", "grant_type", "client_id"}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, name) {
			return tokenForm{}, fmt.Errorf("unrecognized key in object: '%s'", name)
		}
		if len(values[name]) > 1 {
			return tokenForm{}, fmt.Errorf("expected string, received array at '%s'", name)
		}
	}
	for _, name := range known[:3] {
		if !values.Has(name) {
			return tokenForm{}, fmt.Errorf("required at '%s'", name)
		}
	}
	if values.Get("grant_type") != "client_credentials" {
		return tokenForm{}, fmt.Errorf("invalid literal value, expected 'client_credentials' at 'grant_type'")
	}
	if values.Has("client_id") && !rules.IsUUID(values.Get("client_id")) {
		return tokenForm{}, fmt.Errorf("invalid uuid at 'client_id'")
	}
	return tokenForm{
		assertion:     values.Get("client_assertion"),
		assertionType: values.Get("client_assertion_type"),
		clientID:      values.Get("client_id"),
	}, nil
}

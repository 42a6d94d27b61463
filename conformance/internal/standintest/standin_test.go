// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package standintest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestAStandInNeedsItsTerms: one that was told nothing does not start.
func TestAStandInNeedsItsTerms(t *testing.T) {
	for name, terms := range map[string]Terms{"no key": {Consumer: true}, "a key that is none": {Key: []byte("x")}} {
		if _, err := terms.Handler(); err == nil {
			t.Errorf("%s: started", name)
		}
	}
}

// TestAProblemIsADocument: refusals of the stand-in have the form that the suite wants.
func TestAProblemIsADocument(t *testing.T) {
	w := httptest.NewRecorder()
	problem(w, http.StatusConflict, "modi.integrity/replayed")
	var doc struct {
		Status int
		Rule   string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || doc.Status != 409 || doc.Rule != "modi.integrity/replayed" {
		t.Errorf("%s, %v", w.Body, err)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Error(got)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
)

// TestServiceOnTheWayMayBeMissing only where the binding says so, and never the service
// itself.
func TestServiceOnTheWayMayBeMissing(t *testing.T) {
	without := func(service string) func(*config.Config) {
		return func(c *config.Config) {
			c.Enti["c_a"].Consumes["anagrafe"].SenzaC030 = config.SenzaC030Avvisa
			delete(c.Enti["c_a"].Procedimenti["iscrizione"].Purposes, service)
		}
	}
	if _, err := newOutWorld(t, without("chiavi")).Acquire(context.Background(), newAcquisition()); err != nil {
		t.Errorf("without the service on the way: %v", err)
	}
	_, err := newOutWorld(t, without("anagrafe")).Acquire(context.Background(), newAcquisition())
	wantRule(t, err, problem.RuleNoPurpose, http.StatusForbidden)
}

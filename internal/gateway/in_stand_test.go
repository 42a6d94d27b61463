// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// TestVoucherThatRestsOnWhatStoppedIsRefused before its body is looked at and before it uses
// anything up, and kept as evidence.
func TestVoucherThatRestsOnWhatStoppedIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		says   error
		rule   modi.RuleID
		status int
	}{
		"no":         {errors.New("stopped"), problem.RuleNotActive, http.StatusForbidden},
		"don't know": {fmt.Errorf("%w: purpose", modi.ErrUndecided), problem.RulePDNDUnavailable, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			w := newInWorld(t)
			var asked *voucher.Voucher
			w.Stands = func(environment string, v *voucher.Voucher) error {
				if environment != "locale" {
					t.Errorf("environment %s", environment)
				}
				asked = v
				return tc.says
			}
			call := w.newCall().build(t)
			_, err := w.Serve(t.Context(), call)
			wantRule(t, err, tc.rule, tc.status)
			if asked == nil || asked.PurposeID != purposeID || asked.ConsumerID != consumerID {
				t.Errorf("asked about %+v", asked)
			}
			if w.backEnd.calls() != 0 || len(w.log.kinds()) != 1 {
				t.Errorf("%d calls of the back end, %d entries of evidence", w.backEnd.calls(), len(w.log.kinds()))
			}
			w.Stands = nil
			if _, err := w.Serve(t.Context(), call); err != nil {
				t.Errorf("the refusal used the tokens up: %v", err)
			}
		})
	}
}

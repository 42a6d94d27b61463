// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"errors"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// stand refuses a voucher whose purpose, agreement or version has stopped since it was issued: by itself a voucher is
// good for as long as a day.
func (i *In) stand(_ context.Context, x *serving) error {
	if i.Stands == nil || !x.terms.byVoucher() {
		return nil
	}
	err := i.Stands(x.exposed.binding.Environment, x.voucher)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, modi.ErrUndecided):
		return problem.Newf(problem.RulePDNDUnavailable,
			"PDND non ha ancora detto se ciò su cui il voucher si fonda è attivo.", "PDND has not said yet whether what the voucher rests on is active.")
	default:
		return problem.New(problem.RuleNotActive)
	}
}

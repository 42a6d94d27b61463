// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/firma"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

func noTreasury() error { return problem.New(problem.RuleTreasuryNone) }

// invalid tells every fault of a flow with its place.
func invalid(faults opi.Faults) error {
	e := problem.New(problem.RuleTreasuryFlow)
	for _, f := range faults {
		where := f.Path
		switch {
		case f.Row > 0:
			where = "riga " + strconv.Itoa(f.Row) + " " + f.Field
		case f.Line > 0:
			where = "linea " + strconv.Itoa(f.Line) + " " + f.Path
		}
		e.Spots = append(e.Spots, problem.Spot{
			Rule: problem.RuleTreasuryFlow, Where: where,
			Expected: modi.Text{IT: f.What.IT, EN: f.What.EN}, Found: modi.Text{IT: f.Rule, EN: f.Rule},
		})
	}
	return e
}

// badSignature tells a signature that is refused; what is not known about it is not a refusal.
func badSignature(err error) error {
	var no *firma.Refusal
	if errors.As(err, &no) {
		return problem.Newf(problem.RuleTreasurySignature, no.In("it"), no.In("en"))
	}
	return problem.New(problem.RuleStore).Because(err)
}

func samePerson() error {
	return problem.Newf(problem.RuleTreasurySame,
		"Far firmare un altro firmatario; se non c'è, ritirare il flusso («snodo tesoreria withdraw») e farlo preparare a un'altra persona.",
		"Have another signatory sign; where there is none, withdraw the flow (`snodo tesoreria withdraw`) and have somebody else prepare it.")
}

func wrongState(what string, is State) error {
	return problem.Newf(problem.RuleTreasuryState, fmt.Sprintf("%s: lo stato è %s.", what, is), fmt.Sprintf("%s: its state is %s.", what, is))
}

// stored turns an error of the store into a problem.
func stored(err error) error {
	var known *problem.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, ErrNotFound):
		return problem.New(problem.RuleTreasuryUnknown)
	case errors.Is(err, ErrExists):
		return problem.New(problem.RuleTreasuryUsed)
	default:
		return problem.New(problem.RuleStore).Because(err)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// How the hub knows the operator, as the configuration writes it.
const (
	operatoriElenco     = "elenco"
	operatoriDichiarati = "dichiarati"
)

const (
	maxOperatorText = 128
	maxLoA          = 20 // AUDIT_REST_02 as ANPR reads it
)

// authoriseOperator checks who stands behind the call, as the application's mode asks: in "elenco" the operator is one
// of ente.yaml; in "dichiarati" the application answers for it and its level of assurance is capped.
func (o *Out) authoriseOperator(x *acquiring) error {
	op := x.in.Contesto.Operatore
	if err := operatorShape(op); err != nil {
		return err
	}
	x.operator = registry.Operator{
		Kind: registry.OperatorKind(op.Tipo), UserID: op.UserID, UserLocation: op.Postazione, LoA: op.LoA,
	}
	if x.applicazione.Operatori == operatoriDichiarati {
		x.assurance = operatoriDichiarati
		return checkLoA(op.LoA, x.applicazione.LoAMax)
	}
	x.assurance = operatoriElenco
	return x.listedOperator(op)
}

func operatorShape(op Operatore) error {
	switch registry.OperatorKind(op.Tipo) {
	case registry.Persona, registry.Automatismo, registry.Cittadino:
	default:
		return problem.Newf(problem.RuleOperator,
			"tipo: atteso persona, automatismo o cittadino.", "tipo: expected persona, automatismo or cittadino.")
	}
	for _, f := range []struct {
		name, value string
		least, most int
	}{
		{"userID", op.UserID, 1, maxOperatorText},
		{"postazione", op.Postazione, 1, maxOperatorText},
		{"loa", op.LoA, 0, maxLoA},
	} {
		if n := utf8.RuneCountInString(f.value); n < f.least || n > f.most || !printable(f.value) {
			return problem.Newf(problem.RuleOperator,
				fmt.Sprintf("%s: attesi da %d a %d caratteri stampabili.", f.name, f.least, f.most),
				fmt.Sprintf("%s: expected %d to %d printable characters.", f.name, f.least, f.most))
		}
	}
	return nil
}

func (x *acquiring) listedOperator(op Operatore) error {
	if registry.OperatorKind(op.Tipo) == registry.Cittadino {
		return problem.New(problem.RuleOperatorKind)
	}
	listed, known := x.ente.Operatori[op.UserID]
	switch {
	case !known:
		return problem.New(problem.RuleOperatorNotListed)
	case listed.Tipo != op.Tipo:
		return problem.New(problem.RuleOperatorKind)
	case len(listed.Uffici) > 0 && !slices.Contains(listed.Uffici, x.procedimento.Ufficio):
		return problem.New(problem.RuleOperatorOffice)
	case len(listed.Postazioni) > 0 && !slices.Contains(listed.Postazioni, op.Postazione):
		return problem.New(problem.RuleWorkstation)
	}
	x.responsible, x.act = listed.Responsabile, listed.Atto
	return checkLoA(op.LoA, listed.LoA)
}

// printable refuses what could disturb a log, a terminal or a header: control, format and separator characters.
func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

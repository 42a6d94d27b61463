// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The fields of dati that have a meaning beyond the block they come from.
const (
	fieldIDANPR         = "idANPR"
	fieldResidenza      = "residenza"
	fieldGeneralita     = "generalita"
	fieldIdentificativi = "identificativi"
	fieldAIRE           = "aire"
	fieldVita           = "esistenzaInVita"
	fieldComponenti     = "componenti"
)

// told is an answer about who was asked for, with all its subjects.
type told struct {
	inquiry inquiry
	who     subject
	all     []subject
}

// reader finds one field of dati in an answer, nil where it holds none.
type reader func(*told) (any, error)

// fieldReaders are the fields an accertamento may name in its recipe. Those that are
// blocks of ANPR are handed on with its own member names and the descriptions of its
// codes.
func fieldReaders() map[string]reader {
	readers := map[string]reader{
		fieldResidenza: func(t *told) (any, error) {
			chosen, _, err := latest(t.who.Residenza)
			if err != nil || chosen == nil {
				return nil, err
			}
			return t.inquiry.adapter.tables.describe(chosen)
		},
		fieldAIRE: func(t *told) (any, error) { return t.who.aire() },
		fieldVita: func(t *told) (any, error) {
			l, ok := t.who.life()
			if !ok {
				return nil, fmt.Errorf("no fact that ANPR documents")
			}
			return l, nil
		},
		fieldComponenti: (*told).household,
	}
	for _, block := range []string{
		fieldGeneralita, fieldIdentificativi, "statoCivile", "cittadinanza", "paternita", "maternita", "matrimonio",
		"annullamentoMatrimonio", "vedovanza", "unioneCivile", "datiDecesso", "domicilioDigitale",
	} {
		readers[block] = func(t *told) (any, error) { return t.inquiry.block(t.who, block) }
	}
	return readers
}

// block is one block of a subject, nil when it is not there.
func (q inquiry) block(s subject, name string) (any, error) {
	raw := s.blocks[name]
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	return q.adapter.tables.describe(raw)
}

// member is one person of a household.
type member struct {
	Generalita      any  `json:"generalita"`
	LegameSoggetto  any  `json:"legameSoggetto"`
	Identificativi  any  `json:"identificativi,omitempty"`
	EsistenzaInVita life `json:"esistenzaInVita"`
}

// household are all the people of the answer, in ANPR's order.
func (t *told) household() (any, error) {
	members := make([]member, len(t.all))
	for i, s := range t.all {
		m := &members[i]
		var ok bool
		if m.EsistenzaInVita, ok = s.life(); !ok {
			return nil, fmt.Errorf("no fact that ANPR documents")
		}
		for name, into := range map[string]*any{
			fieldGeneralita: &m.Generalita, "legameSoggetto": &m.LegameSoggetto, fieldIdentificativi: &m.Identificativi,
		} {
			value, err := t.inquiry.block(s, name)
			if err != nil {
				return nil, err
			}
			*into = value
		}
	}
	return members, nil
}

// aire tells a person resident abroad.
func (s subject) aire() (bool, error) {
	var who generalita
	if len(s.Generalita) > 0 && json.Unmarshal(s.Generalita, &who) != nil {
		return false, fmt.Errorf("generalita cannot be read")
	}
	_, abroad, err := latest(s.Residenza)
	return abroad || strings.EqualFold(who.SoggettoAIRE, "S"), err
}

// latest picks the address with the latest dataDecorrenzaResidenza; one without a date
// counts as the oldest. Dates are written year first, so they compare as text.
func latest(list []json.RawMessage) (chosen json.RawMessage, abroad bool, err error) {
	since := ""
	for _, raw := range list {
		var r residenza
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, false, fmt.Errorf("read an address: %w", err)
		}
		if chosen == nil || r.DataDecorrenzaResidenza > since {
			chosen, since = raw, r.DataDecorrenzaResidenza
			abroad = len(r.LocalitaEstera) > 0 && string(r.LocalitaEstera) != "null"
		}
	}
	return chosen, abroad, nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The three values of a fact.
const (
	yes    = "S"
	no     = "N"
	cannot = "A" // the record does not hold what would be needed
)

const testoSenzaComune = "Devi specificare il comune di residenza per questo caso d'uso"

var reTipoIndirizzo = regexp.MustCompile(`^[0-9]{1,2}$`)

// checkDeclared refuses a verifica without the block it is about, or with another.
func (r *RichiestaE002) checkDeclared(service row) *ko {
	if service.kind != verifica {
		if len(r.Verifica) > 0 {
			return malformed("verifica")
		}
		return nil
	}
	for block := range r.Verifica {
		if !slices.Contains(service.blocks, block) {
			return malformed(block)
		}
	}
	for _, block := range service.blocks {
		if len(r.Verifica[block]) == 0 {
			return missingField(block)
		}
	}
	if service.casoUso == "C008" {
		return checkResidence(r.Verifica["residenza"])
	}
	return nil
}

// checkResidence holds the two rules of C008 that are known.
func checkResidence(declared json.RawMessage) *ko {
	var r Residenza
	if json.Unmarshal(declared, &r) != nil {
		return malformed("residenza")
	}
	switch {
	case r.TipoIndirizzo != "" && !reTipoIndirizzo.MatchString(r.TipoIndirizzo):
		return malformed("tipoIndirizzo")
	case r.LocalitaEstera == nil && (r.Indirizzo == nil || r.Indirizzo.Comune.CodiceIstat == "" && r.Indirizzo.Comune.NomeComune == ""):
		return businessRule(testoSenzaComune, "comune")
	}
	return nil
}

// verify compares what is declared with the record of a day.
func (s *Server) verify(p *Person, service row, request *RichiestaE002) (InfoEnte, error) {
	day := request.DatiRichiesta.DataRiferimentoRichiesta
	fact := service.fact
	record := s.scheda(p, day)
	switch service.casoUso {
	case "C007":
		fact.Valore = record.InfoSoggetto[0].Valore
	case "C010":
		fact.Valore = free(record.StatoCivile.StatoCivile)
	case "C009":
		members, err := plain(s.household(p, day))
		if err != nil {
			return fact, err
		}
		if fact.Valore, err = verifyHousehold(request.Verifica["listaSoggetti"], members); err != nil {
			return fact, err
		}
	default:
		value, err := verifyBlock(service.blocks[0], request.Verifica[service.blocks[0]], record)
		if err != nil {
			return fact, err
		}
		fact.Valore = value
	}
	if service.casoUso == "C004" && p.dead(day) && p.DataDecesso == "" {
		fact.Valore = cannot
	}
	if fact.Valore == no {
		fact.Dettaglio = "dato non corrispondente"
	}
	return fact, nil
}

// free tells of a civil status whether its holder may marry.
func free(status string) string {
	switch status {
	case "1", "3", "4", "7", "8":
		return yes
	case "2", "6":
		return no
	default:
		return cannot
	}
}

func verifyBlock(block string, declared json.RawMessage, record DatiSoggetto) (string, error) {
	whole, err := plain(record)
	if err != nil {
		return "", err
	}
	var said any
	if err := json.Unmarshal(declared, &said); err != nil {
		return "", fmt.Errorf("read what is declared: %w", err)
	}
	members, _ := whole.(map[string]any) // a record is an object
	held := members[block]
	if block == "residenza" {
		held = inForce(held)
	}
	if list, many := held.([]any); many { // one of several citizenships
		for _, one := range list {
			if agrees(said, one) {
				return yes, nil
			}
		}
		return no, nil
	}
	if held != nil && agrees(said, held) {
		return yes, nil
	}
	return no, nil
}

// inForce is the residence that began last.
func inForce(list any) any {
	var last any
	since := ""
	items, _ := list.([]any) // none is no residence
	for _, item := range items {
		r, _ := item.(map[string]any)                    // a residence is an object
		from, _ := r["dataDecorrenzaResidenza"].(string) // absent is the oldest
		if last == nil || from > since {
			last, since = item, from
		}
	}
	return last
}

// verifyHousehold wants each declared person to be a member and each member declared.
func verifyHousehold(declared json.RawMessage, members any) (string, error) {
	var said struct {
		DatiSoggetto []any `json:"datiSoggetto"`
	}
	if err := json.Unmarshal(declared, &said); err != nil {
		return "", fmt.Errorf("read what is declared: %w", err)
	}
	left, _ := members.([]any) // a household is a list
	if len(said.DatiSoggetto) != len(left) {
		return no, nil
	}
	for _, one := range said.DatiSoggetto {
		i := slices.IndexFunc(left, func(m any) bool { return agrees(one, m) })
		if i < 0 {
			return no, nil
		}
		left = slices.Delete(slices.Clone(left), i, i+1)
	}
	return yes, nil
}

// agrees tells whether everything said is in what is held, whatever the case; what is
// held beyond it does not matter.
func agrees(said, held any) bool {
	switch s := said.(type) {
	case map[string]any:
		h, ok := held.(map[string]any)
		if !ok {
			return false
		}
		for name, value := range s {
			if !agrees(value, h[name]) {
				return false
			}
		}
		return true
	case string:
		h, ok := held.(string)
		return ok && strings.EqualFold(strings.TrimSpace(s), h)
	default:
		return said == held
	}
}

// plain is a value as its JSON reads.
func plain(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write a record: %w", err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("read a record: %w", err)
	}
	return out, nil
}

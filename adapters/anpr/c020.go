// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// residenceRequest is the richiesta of C020: one of the two keys, and the day the
// situation is asked for.
type residenceRequest struct {
	CodiceFiscale   string `json:"codiceFiscale"`
	IDANPR          string `json:"idANPR"`
	DataRiferimento string `json:"dataRiferimento"`
}

// residenceData are the dati of C020, in ANPR's own field names. Residenza is the one
// that began last, null when ANPR holds none. AIRE tells a person resident abroad.
type residenceData struct {
	Residenza       json.RawMessage `json:"residenza"`
	Generalita      json.RawMessage `json:"generalita,omitempty"`
	Identificativi  json.RawMessage `json:"identificativi,omitempty"`
	AIRE            bool            `json:"aire"`
	EsistenzaInVita life            `json:"esistenzaInVita"`
}

// residence is C020. A codice fiscale is turned into an idANPR by C030 first, as the
// DM of 3 March 2023 asks; the person of the answer must be the one asked for.
func (q inquiry) residence(ctx context.Context, richiesta json.RawMessage) (registry.Response, error) {
	var r residenceRequest
	if err := q.read(richiesta, &r); err != nil {
		return registry.Response{}, err
	}
	r.CodiceFiscale = codicefiscale.Normal(r.CodiceFiscale)
	if (r.CodiceFiscale == "") == (r.IDANPR == "") {
		return registry.Response{}, q.invalid(modi.Text{
			IT: "indicare codiceFiscale oppure idANPR",
			EN: "give either codiceFiscale or idANPR",
		})
	}
	day, err := q.day(r.DataRiferimento)
	if err != nil {
		return registry.Response{}, err
	}
	var warnings []modi.Text
	if r.CodiceFiscale != "" {
		if err := q.checkCode(r.CodiceFiscale); err != nil {
			return registry.Response{}, err
		}
		if r.IDANPR, warnings, err = q.resolve(ctx, r.CodiceFiscale); err != nil {
			return registry.Response{}, err
		}
	}
	a, err := q.ask(ctx, criteria{IDANPR: r.IDANPR}, day)
	if err != nil {
		return registry.Response{}, err
	}
	s, err := q.one(a)
	if err != nil {
		return registry.Response{}, err
	}
	data, notes, err := q.readResidence(s, r)
	if err != nil {
		return registry.Response{}, err
	}
	dati, err := json.Marshal(data)
	if err != nil {
		return registry.Response{}, fmt.Errorf("write dati: %w", err)
	}
	avvisi := append(append(warnings, q.warnings(a)...), notes...)
	return registry.Response{Dati: dati, Avvisi: avvisi, RegistryID: a.IDOperazioneANPR, Subjects: s.codes()}, nil
}

// resolve asks the C030 service that the operation needs.
func (q inquiry) resolve(ctx context.Context, codiceFiscale string) (string, []modi.Text, error) {
	recipe, op, err := q.adapter.identifier(q.op)
	if err != nil {
		return "", nil, fmt.Errorf("find the idANPR: %w", err)
	}
	first := inquiry{adapter: q.adapter, recipe: recipe, op: op, scope: q.scope}
	id, _, a, err := first.idANPR(ctx, criteria{CodiceFiscale: codiceFiscale})
	if err != nil {
		return "", nil, err
	}
	return id, first.warnings(a), nil
}

// readResidence checks who the subject is and picks the address. Asked by codice
// fiscale, the answer names it in generalita, which it always holds; asked by idANPR
// alone, identificativi is the only thing that ties the answer to the question.
func (q inquiry) readResidence(s subject, asked residenceRequest) (residenceData, []modi.Text, error) {
	var who generalita
	if json.Unmarshal(s.Generalita, &who) != nil {
		return residenceData{}, nil, q.badReply(0, "the answer of C020 holds no generalita")
	}
	if asked.CodiceFiscale != "" && codicefiscale.Normal(who.CodiceFiscale.CodFiscale) != asked.CodiceFiscale {
		return residenceData{}, nil, q.badReply(0, "the answer of C020 holds another codice fiscale than the one asked for")
	}
	var ids identificativi
	if len(s.Identificativi) > 0 && json.Unmarshal(s.Identificativi, &ids) != nil {
		return residenceData{}, nil, q.badReply(0, "the answer of C020 holds identificativi that cannot be read")
	}
	switch {
	case ids.IDANPR == "" && asked.CodiceFiscale == "":
		return residenceData{}, nil, q.badReply(0, "the answer of C020 does not say whose idANPR it is about")
	case ids.IDANPR != "" && ids.IDANPR != asked.IDANPR:
		return residenceData{}, nil, q.badReply(0, "the answer of C020 holds another idANPR than the one asked for")
	}
	alive, ok := lifeOf(s.InfoSoggettoEnte)
	if !ok {
		return residenceData{}, nil, q.badReply(0, "the answer of C020 holds an infoSoggettoEnte that cannot be read")
	}
	chosen, abroad, err := latest(s.Residenza)
	if err != nil {
		return residenceData{}, nil, q.badReply(0, "the answer of C020 holds an address that cannot be read")
	}
	data := residenceData{
		Residenza:       chosen,
		Generalita:      s.Generalita,
		Identificativi:  s.Identificativi,
		AIRE:            abroad || strings.EqualFold(who.SoggettoAIRE, "S"),
		EsistenzaInVita: alive,
	}
	notes := alive.notes()
	if chosen == nil {
		notes = append(notes, modi.Text{
			IT: "ANPR conosce la persona ma non riporta alcuna residenza alla data richiesta",
			EN: "ANPR knows the person but holds no residence on the day asked for",
		})
	}
	return data, notes, nil
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

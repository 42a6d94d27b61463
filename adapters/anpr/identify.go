// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// identify is C030: richiesta holds a codiceFiscale, or cognome, nome, sesso and
// datiNascita with date and place; dati is {"idANPR"}.
func (q inquiry) identify(ctx context.Context, richiesta json.RawMessage) (registry.Response, error) {
	var who criteria
	if err := q.decode(richiesta, &who); err != nil {
		return registry.Response{}, err
	}
	who.CodiceFiscale = codicefiscale.Normal(who.CodiceFiscale)
	switch byCode, byData := who.CodiceFiscale != "", len(who.DatiNascita) > 0; {
	case byCode == byData || who.IDANPR != "":
		return registry.Response{}, q.invalid(modi.Text{
			IT: "indicare codiceFiscale, oppure cognome, nome, sesso e datiNascita",
			EN: "give codiceFiscale, or cognome, nome, sesso and datiNascita",
		})
	case byCode:
		if err := q.checkCode(who.CodiceFiscale); err != nil {
			return registry.Response{}, err
		}
	}
	id, s, a, err := q.idANPR(ctx, who)
	if err != nil {
		return registry.Response{}, err
	}
	dati, err := json.Marshal(identificativi{IDANPR: id})
	if err != nil {
		return registry.Response{}, fmt.Errorf("write dati: %w", err)
	}
	return registry.Response{Dati: dati, Avvisi: q.warnings(a), RegistryID: a.IDOperazioneANPR, Subjects: codesOf([]subject{s}, "")}, nil
}

// idANPR asks C030 for the identifier of the person who meets the criteria today, and
// gives the subject and the answer it stands in.
func (q inquiry) idANPR(ctx context.Context, who criteria) (string, subject, answer, error) {
	today, err := q.day("")
	if err != nil {
		return "", subject{}, answer{}, err
	}
	a, err := q.ask(ctx, who, nil, today)
	if err != nil {
		return "", subject{}, answer{}, err
	}
	s, err := q.one(a)
	if err != nil {
		return "", subject{}, answer{}, err
	}
	var ids identificativi
	if json.Unmarshal(s.Identificativi, &ids) != nil || registry.SafeWord(ids.IDANPR) == "" {
		return "", subject{}, answer{}, q.badReply(0, "the answer of C030 holds no idANPR")
	}
	return ids.IDANPR, s, a, nil
}

// decode reads richiesta; unknown members are refused without naming their values.
func (q inquiry) decode(richiesta json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(richiesta))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return q.noRichiesta()
	}
	return nil
}

func (q inquiry) noRichiesta() error {
	return q.invalid(modi.Text{
		IT: "richiesta non è l'oggetto che l'operazione documenta",
		EN: "richiesta is not the object the operation documents",
	})
}

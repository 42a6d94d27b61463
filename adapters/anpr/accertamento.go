// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// tell is an accertamento: dati has the fields the recipe names, null where ANPR holds
// nothing. The person of the answer must be the one asked for.
func (q inquiry) tell(ctx context.Context, richiesta json.RawMessage) (registry.Response, error) {
	asked, _, err := q.read(richiesta)
	if err != nil {
		return registry.Response{}, err
	}
	asked, a, warnings, err := q.about(ctx, asked, nil)
	if err != nil {
		return registry.Response{}, err
	}
	who, err := q.subjectOf(a, asked)
	if err != nil {
		return registry.Response{}, q.doubt(asked, err)
	}
	source := told{inquiry: q, who: who, all: a.ListaSoggetti.DatiSoggetto}
	data := map[string]any{}
	for _, field := range q.op.Fields {
		value, err := q.adapter.readers[field](&source)
		if err != nil {
			return registry.Response{}, q.badReply(0, "the answer holds a "+field+" that cannot be read")
		}
		data[field] = value
	}
	dati, err := json.Marshal(data)
	if err != nil {
		return registry.Response{}, fmt.Errorf("write dati: %w", err)
	}
	return registry.Response{
		Dati: dati, Avvisi: slices.Concat(warnings, q.warnings(a)), Notes: source.notes(),
		RegistryID: a.IDOperazioneANPR, Subjects: codesOf(a.ListaSoggetti.DatiSoggetto, asked.CodiceFiscale),
	}, nil
}

// subjectOf finds in an answer the person asked for: the only one, or among those of a
// household.
func (q inquiry) subjectOf(a answer, asked question) (subject, error) {
	if !slices.Contains(q.op.Fields, fieldComponenti) || len(a.ListaSoggetti.DatiSoggetto) == 0 {
		s, err := q.one(a)
		if err != nil {
			return subject{}, err
		}
		return s, q.tied(s, asked)
	}
	for _, s := range a.ListaSoggetti.DatiSoggetto {
		if q.tied(s, asked) == nil {
			return s, nil
		}
	}
	return subject{}, q.badReply(0, "the answer holds a household without the person asked for")
}

// tied checks that a subject is the one asked for. Asked by codice fiscale, the answer
// names it in generalita; asked by idANPR alone, identificativi is what ties the answer
// to the question. An e-service that gives neither block is held to the number of the
// operation and the signature alone; one that gives it and is wrong is refused.
func (q inquiry) tied(s subject, asked question) error {
	gives := func(field string) bool {
		return slices.Contains(q.op.Fields, field) || slices.Contains(q.op.Fields, fieldComponenti)
	}
	var who generalita
	hasWho := len(s.Generalita) > 0 && string(s.Generalita) != "null"
	if hasWho && json.Unmarshal(s.Generalita, &who) != nil || !hasWho && gives(fieldGeneralita) {
		return q.badReply(0, "the answer holds no generalita")
	}
	if code := codicefiscale.Normal(who.CodiceFiscale.CodFiscale); asked.CodiceFiscale != "" && hasWho && code != asked.CodiceFiscale {
		return q.badReply(0, "the answer holds another codice fiscale than the one asked for")
	}
	var ids identificativi
	if len(s.Identificativi) > 0 && json.Unmarshal(s.Identificativi, &ids) != nil {
		return q.badReply(0, "the answer holds identificativi that cannot be read")
	}
	switch {
	case ids.IDANPR == "" && asked.CodiceFiscale == "" && gives(fieldIdentificativi):
		return q.badReply(0, "the answer does not say whose idANPR it is about")
	case ids.IDANPR != "" && asked.IDANPR != "" && normalID(ids.IDANPR) != normalID(asked.IDANPR):
		return q.badReply(0, "the answer holds another idANPR than the one asked for")
	}
	return nil
}

// codesOf are the codici fiscali that subjects hold, of themselves and of those their
// records name, and the one that was asked for; normalised, without repetition.
func codesOf(list []subject, asked string) []string {
	var codes []string
	if asked != "" {
		codes = []string{asked}
	}
	for _, s := range list {
		for _, block := range s.blocks {
			var v any
			if json.Unmarshal(block, &v) == nil {
				codes = codesIn(v, codes)
			}
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func codesIn(v any, codes []string) []string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			codes = codesIn(item, codes)
		}
	case map[string]any:
		for name, value := range v {
			if text, ok := value.(string); ok && name == "codFiscale" {
				if code := codicefiscale.Normal(text); code != "" {
					codes = append(codes, code)
				}
				continue
			}
			codes = codesIn(value, codes)
		}
	}
	return codes
}

// notes warn of what changes the meaning of a residence: the one of a dead person looks
// like any other. Why it is no longer one is told with esistenzaInVita alone.
func (t *told) notes() []registry.Note {
	fields := t.inquiry.op.Fields
	if slices.Contains(fields, fieldComponenti) || !slices.Contains(fields, fieldResidenza) {
		return nil
	}
	var notes []registry.Note
	if l, ok := t.who.life(); ok {
		notes = l.notes()
	}
	if len(t.who.Residenza) == 0 {
		notes = append(notes, registry.Note{Fields: []string{fieldResidenza}, Text: modi.Text{
			IT: "ANPR conosce la persona ma non riporta alcuna residenza alla data richiesta",
			EN: "ANPR knows the person but holds no residence on the day asked for",
		}})
	}
	return notes
}

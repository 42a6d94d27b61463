// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// outcome is what a comparison says.
type outcome string

const (
	conforms outcome = "conforme"
	differs  outcome = "non-conforme"
	unknown  outcome = "non-determinabile"
)

// comparison are the dati of a verifica: the outcome, and each answer it is made of.
type comparison struct {
	Esito     outcome    `json:"esito"`
	Controlli []controls `json:"controlli"`
}

type controls struct {
	ID        string  `json:"id"`
	Chiave    string  `json:"chiave"`
	Esito     outcome `json:"esito"`
	Dettaglio string  `json:"dettaglio,omitempty"`
}

const fieldEsito = "esito"

func comparisonFields() []string { return []string{fieldEsito, "controlli"} }

// factWords are the characters of ANPR's names of facts; others are not handed on.
var factWords = regexp.MustCompile(`^[a-zA-Z' ]{1,160}$`)

// compare is a verifica: ANPR says whether what is declared is in its record, and gives
// nothing else away.
func (q inquiry) compare(ctx context.Context, richiesta json.RawMessage) (registry.Response, error) {
	asked, declared, err := q.read(richiesta)
	if err != nil {
		return registry.Response{}, err
	}
	asked, a, warnings, err := q.about(ctx, asked, declared)
	if err != nil {
		return registry.Response{}, err
	}
	s, err := q.one(a)
	if err != nil {
		return registry.Response{}, err
	}
	if err := q.tied(s, asked); err != nil {
		return registry.Response{}, q.doubt(asked, err)
	}
	result, err := q.outcome(s)
	if err != nil {
		return registry.Response{}, err
	}
	dati, err := json.Marshal(result)
	if err != nil {
		return registry.Response{}, fmt.Errorf("write dati: %w", err)
	}
	return registry.Response{
		Dati: dati, Avvisi: slices.Concat(warnings, q.warnings(a)), Notes: result.notes(),
		RegistryID: a.IDOperazioneANPR, Subjects: codesOf(a.ListaSoggetti.DatiSoggetto, asked.CodiceFiscale),
	}, nil
}

// outcome reads the facts: one that does not conform decides, then one that ANPR cannot
// tell. Facts without S, N or A, such as a date, are not part of the comparison.
func (q inquiry) outcome(s subject) (comparison, error) {
	result := comparison{Esito: conforms, Controlli: []controls{}}
	for _, f := range s.InfoSoggettoEnte {
		if f.Valore == "" {
			continue
		}
		one := controls{ID: registry.SafeWord(f.ID)}
		switch f.Valore {
		case "S":
			one.Esito = conforms
		case "N":
			one.Esito = differs
		case "A":
			one.Esito = unknown
		default:
			return comparison{}, q.badReply(0, "the answer holds a fact that is none of S, N and A")
		}
		if factWords.MatchString(f.Chiave) {
			one.Chiave = f.Chiave
		}
		if factWords.MatchString(f.Dettaglio) {
			one.Dettaglio = f.Dettaglio
		}
		result.Controlli = append(result.Controlli, one)
		if one.Esito == differs || one.Esito == unknown && result.Esito == conforms {
			result.Esito = one.Esito
		}
	}
	if len(result.Controlli) == 0 {
		return comparison{}, q.badReply(0, "the answer compares nothing")
	}
	return result, nil
}

func (c comparison) notes() []registry.Note {
	if c.Esito != unknown {
		return nil
	}
	return []registry.Note{{Fields: []string{fieldEsito}, Text: modi.Text{
		IT: "ANPR non può determinare se il dato dichiarato corrisponde: non vale né come conferma né come smentita",
		EN: "ANPR cannot tell whether the declared datum is its own: this neither confirms nor denies it",
	}}}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"cmp"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// The facts of infoSoggettoEnte about life and death.
const (
	factAlive       = "1003" // Verifica esistenza in vita
	factDateOfDeath = "1015" // Data decesso
)

// lifeState is what ANPR says of a person's life. ANPR often knows of a death without
// its date, and in most answers says nothing at all: that is not "alive".
type lifeState string

const (
	lifeAlive   lifeState = "vivo"
	lifeDead    lifeState = "deceduto"
	lifeUnknown lifeState = "non determinabile" // ANPR cannot tell, or contradicts itself
	lifeUnsaid  lifeState = "non indicata"
)

// life is the field esistenzaInVita of dati. DataDecesso is only there when the person
// is dead and ANPR knows the day.
type life struct {
	Stato       lifeState `json:"stato"`
	DataDecesso string    `json:"dataDecesso,omitempty"`
}

// lifeOf reads the facts. A date of death alone says that the person is dead; ok is
// false when a fact is none that ANPR documents.
func lifeOf(facts []fact) (l life, ok bool) {
	alive, died := "", ""
	for _, f := range facts {
		switch f.ID {
		case factAlive:
			alive = f.Valore
		case factDateOfDeath:
			died = f.ValoreData
		}
	}
	if died != "" {
		if _, err := time.Parse(time.DateOnly, died); err != nil {
			return life{}, false
		}
	}
	switch {
	case alive == "N", alive == "" && died != "":
		return life{Stato: lifeDead, DataDecesso: died}, true
	case alive == "A", alive == "S" && died != "":
		return life{Stato: lifeUnknown}, true
	case alive == "S":
		return life{Stato: lifeAlive}, true
	case alive == "":
		return life{Stato: lifeUnsaid}, true
	default:
		return life{}, false
	}
}

// life is what an answer says of a person's life: by its facts, and by datiDecesso where
// those are silent.
func (s subject) life() (life, bool) {
	l, ok := lifeOf(s.InfoSoggettoEnte)
	died := s.DatiDecesso.DataEvento
	if !ok || died == "" {
		return l, ok
	}
	if _, err := time.Parse(time.DateOnly, died); err != nil {
		return life{}, false
	}
	switch l.Stato {
	case lifeUnsaid, lifeDead:
		return life{Stato: lifeDead, DataDecesso: cmp.Or(l.DataDecesso, died)}, true
	case lifeAlive:
		return life{Stato: lifeUnknown}, true // it contradicts itself
	default:
		return l, true
	}
}

// notes warn whoever asked for an address: who may see it alone learns that it is none
// today, who may see esistenzaInVita the reason.
func (l life) notes() []registry.Note {
	switch l.Stato {
	case lifeDead:
		return []registry.Note{
			{Fields: []string{fieldResidenza}, Text: modi.Text{
				IT: "la residenza è l'ultima registrata: la persona non vi risiede più",
				EN: "the residence is the last one registered: the person no longer lives there",
			}},
			{Fields: []string{fieldVita}, Text: modi.Text{
				IT: "ANPR indica che la persona è deceduta",
				EN: "ANPR says that the person is dead",
			}},
		}
	case lifeUnknown:
		return []registry.Note{{Fields: []string{fieldVita}, Text: modi.Text{
			IT: "ANPR non può determinare se la persona è in vita",
			EN: "ANPR cannot tell whether the person is alive",
		}}}
	case lifeAlive, lifeUnsaid:
		return nil
	default:
		return nil
	}
}

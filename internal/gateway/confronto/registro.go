// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package confronto

import (
	"cmp"
	"maps"
	"slices"
)

// OfRegistry reads what a registry's own comparison said: its esito and, with each, its controlli, which have a chiave, an
// id and an esito. It is false when there is no outcome, or one that is none of the three.
func OfRegistry(declared, answer map[string]any, each bool) (Risultato, bool) {
	r := Risultato{Confronto: DelRegistro, Verdetti: []Verdetto{}}
	var ok bool
	if r.Esito, ok = verdict(answer["esito"]); !ok {
		return r, false
	}
	list, _ := answer["controlli"].([]any)
	for _, item := range list {
		one, _ := item.(map[string]any)
		esito, ok := verdict(one["esito"])
		if !ok {
			return r, false
		}
		key, _ := one["chiave"].(string)
		id, _ := one["id"].(string)
		if each {
			r.Verdetti = append(r.Verdetti, Verdetto{Campo: cmp.Or(key, id), Esito: esito})
		}
	}
	if names := slices.Collect(maps.Keys(declared)); len(r.Verdetti) == 0 && len(names) == 1 {
		r.Verdetti = append(r.Verdetti, Verdetto{Campo: names[0], Esito: r.Esito})
	}
	return r, true
}

func verdict(v any) (Esito, bool) {
	s, _ := v.(string)
	e := Esito(s)
	return e, e == Conforme || e == NonConforme || e == NonDeterminabile
}

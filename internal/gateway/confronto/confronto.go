// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package confronto compares what a person declared with what a registry holds, field by field.
//
// It owns the three verdicts and the rules of equality between texts, dates and lists. It depends on the standard library
// alone, keeps nothing and repeats no value: a result names fields and verdicts.
package confronto

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// Esito is the verdict on a field, or on all of them.
type Esito string

// The three verdicts. What the registry does not say neither confirms nor denies.
const (
	Conforme         Esito = "conforme"
	NonConforme      Esito = "non-conforme"
	NonDeterminabile Esito = "non-determinabile"
)

// Who compared.
const (
	DelRegistro = "registro" // the registry, with a service of its own: no data left it
	DelNodo     = "nodo"     // the hub
)

// Verdetto is the verdict on one field, named by its path in what was declared.
type Verdetto struct {
	Campo string `json:"campo"`
	Esito Esito  `json:"esito"`
}

// Risultato is all that a comparison tells.
type Risultato struct {
	Esito     Esito      `json:"esito"` // non-conforme if one is, else non-determinabile if one is
	Confronto string     `json:"confronto"`
	Verdetti  []Verdetto `json:"verdetti"` // by path
}

// maxList bounds the lists that are compared: each item of one meets each of the other.
const maxList = 200

// Compare holds what was declared against what the registry holds; both as JSON is read into any. Every value that was
// declared has a verdict of its own; a list has one, and conforms when both hold the same items in any order.
func Compare(declared, held map[string]any) Risultato {
	r := Risultato{Confronto: DelNodo, Verdetti: []Verdetto{}}
	r.members("", declared, held)
	r.Esito = NonDeterminabile
	if len(r.Verdetti) > 0 {
		r.Esito = Conforme
	}
	for _, v := range r.Verdetti {
		r.Esito = worse(r.Esito, v.Esito)
	}
	return r
}

func (r *Risultato) members(at string, declared, held map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		inner, isObject := declared[name].(map[string]any)
		below, both := held[name].(map[string]any)
		if isObject && both {
			r.members(at+name+"/", inner, below)
			continue
		}
		r.Verdetti = append(r.Verdetti, Verdetto{Campo: at + name, Esito: values(declared[name], held[name])})
	}
}

// values compares two values of any kind.
func values(declared, held any) Esito {
	switch d := declared.(type) {
	case map[string]any:
		switch h := held.(type) {
		case map[string]any:
			return objects(d, h)
		case []any:
			return anyOf(declared, h)
		}
		return NonDeterminabile
	case []any:
		h, isList := held.([]any)
		if !isList {
			return NonDeterminabile
		}
		return lists(d, h)
	}
	if h, isList := held.([]any); isList {
		return anyOf(declared, h)
	}
	return scalars(declared, held)
}

func objects(declared, held map[string]any) Esito {
	if len(declared) == 0 {
		return NonDeterminabile
	}
	result := Conforme
	for name, d := range declared {
		result = worse(result, values(d, held[name]))
	}
	return result
}

// anyOf holds one declared value against the many of the registry: one that conforms is enough.
func anyOf(declared any, held []any) Esito {
	if len(held) > maxList {
		return NonDeterminabile
	}
	result := NonConforme
	for _, h := range held {
		switch values(declared, h) {
		case Conforme:
			return Conforme
		case NonDeterminabile:
			result = NonDeterminabile
		case NonConforme:
		}
	}
	return result
}

// lists wants each declared item among those of the registry, and no others there.
func lists(declared, held []any) Esito {
	if len(declared) > maxList || len(held) > maxList {
		return NonDeterminabile
	}
	left := slices.Clone(held)
	result := Conforme
	for _, d := range declared {
		i := slices.IndexFunc(left, func(h any) bool { return values(d, h) == Conforme })
		if i < 0 {
			result = worse(result, anyOf(d, left))
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	if result == Conforme && len(left) > 0 {
		return NonConforme
	}
	return result
}

func scalars(declared, held any) Esito {
	d, ok := text(declared)
	h, also := text(held)
	switch {
	case !ok || !also || plain(d) == "" || plain(h) == "":
		return NonDeterminabile
	case equal(d, h):
		return Conforme
	default:
		return NonConforme
	}
}

// text is a scalar as a text; null is none.
func text(v any) (string, bool) {
	switch s := v.(type) {
	case string:
		return s, true
	case json.Number:
		return s.String(), true
	case float64:
		return strconv.FormatFloat(s, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(s), true
	}
	return "", false
}

// worse is what two verdicts say together.
func worse(a, b Esito) Esito {
	for _, e := range []Esito{NonConforme, NonDeterminabile} {
		if a == e || b == e {
			return e
		}
	}
	return Conforme
}

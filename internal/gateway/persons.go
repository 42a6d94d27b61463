// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/schema"
)

// memberCodiceFiscale is how every registry of the catalogue names the codice fiscale of a person.
const memberCodiceFiscale = "codiceFiscale"

// person is a codice fiscale and where it stands.
type person struct{ where, value string }

// persons finds the codici fiscali of a decoded JSON value at any depth, ordered by place.
func persons(value any, at string) []person {
	found := findPersons(value, at, nil)
	slices.SortFunc(found, func(a, b person) int { return strings.Compare(a.where, b.where) })
	return found
}

func findPersons(value any, at string, found []person) []person {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			text, isText := member.(string)
			if name == memberCodiceFiscale && isText {
				found = append(found, person{below(at, name), text})
				continue
			}
			found = findPersons(member, below(at, name), found)
		}
	case []any:
		for _, item := range v {
			found = findPersons(item, at, found)
		}
	}
	return found
}

// maxPersonPlace bounds the place of a codice fiscale, in bytes: a caller may nest and name as it likes.
const maxPersonPlace = 200

// below names a member of the object at a place.
func below(at, name string) string {
	if len(at) > maxPersonPlace {
		return at
	}
	return at + "/" + schema.Name(name)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package callers

import (
	"slices"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
)

// aliases are the other names of an organisation: the codice fiscale of its certificates and its id on PDND, as the
// bindings of an ente match them (fiducia.organizzazioni). A suspension by either keeps it out under both.
type aliases map[string][]string

func aliasesOf(ente *config.Ente) aliases {
	a := aliases{}
	add := func(name, other string) {
		if !slices.Contains(a[name], other) {
			a[name] = append(a[name], other)
		}
	}
	for _, x := range ente.Exposes {
		if x.Fiducia == nil {
			continue
		}
		for code, id := range x.Fiducia.Organizzazioni {
			if id != "" {
				add(code, id)
				add(id, code)
			}
		}
	}
	return a
}

// Comparable tells whether a consumer of an e-service of an ente, or of all with "", may be known by a name, so that a
// suspension by it can keep somebody out. Every id on PDND may call; a codice fiscale is known where a binding names it as
// that of a certificate, or matches it to such an id.
func Comparable(ente *config.Ente, service, name string) bool {
	if registry.IsUUID(name) {
		return true
	}
	for exposure, x := range ente.Exposes {
		if x.Fiducia == nil {
			continue
		}
		if id, named := x.Fiducia.Organizzazioni[name]; named && (id != "" || service == "" || service == exposure) {
			return true
		}
	}
	return false
}

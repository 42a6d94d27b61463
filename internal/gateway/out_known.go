// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"slices"

	"github.com/snodo-pa/snodo/internal/config"
)

// procedimenti are those on which the calling application may work: the only names of the ente it is told.
func (x *acquiring) procedimenti() []string {
	var names []string
	for name, p := range x.ente.Procedimenti {
		if slices.Contains(p.Applicazioni, x.in.Caller.Name) {
			names = append(names, name)
		}
	}
	return names
}

// allowed are the operations of those procedimenti.
func (x *acquiring) allowed() []config.Autorizzazione {
	var list []config.Autorizzazione
	for _, name := range x.procedimenti() {
		list = append(list, x.ente.Procedimenti[name].Operazioni...)
	}
	return list
}

// services are those of which the calling application may ask something.
func (x *acquiring) services() []string {
	var names []string
	for _, o := range x.allowed() {
		names = append(names, o.Servizio)
	}
	return names
}

// operations are those of the service asked for that the calling application may ask.
func (x *acquiring) operations() []string {
	var names []string
	for _, o := range x.allowed() {
		if o.Servizio == x.in.Servizio && !o.Passante {
			names = append(names, o.Operazione)
		}
	}
	return names
}

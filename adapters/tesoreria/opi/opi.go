// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package opi reads, checks and writes the documents that a public body and its treasurer exchange through SIOPE+: the
// Ordinativo di Pagamento e Incasso of AgID and the messages that answer it.
//
// It owns the typed model, the structural rules of each version, what an order has to be beyond its structure, and the
// forms in which people have orders: JSON, CSV, ready XML. Signatures are in opi/firma. It depends on its own
// internal packages and the standard library; it never sends, signs or stores anything, and knows no clock.
//
// Every fault names its rule, its place (path, and line or row) and says in Italian and in English what is wrong. Texts
// never quote the value of an element, which may name a person.
package opi

import (
	"slices"
	"strings"
)

// Kind is a kind of document: the name of its root element.
type Kind string

// The kinds.
const (
	KindFlusso    Kind = "flusso_ordinativi"
	KindAck       Kind = "messaggio_ack_siope"
	KindRicezione Kind = "messaggio_ricezione_flusso"
	KindRifiuto   Kind = "messaggio_rifiuto_flusso"
	KindEsiti     Kind = "messaggi_esito_applicativo"
	KindGiornale  Kind = "flusso_giornale_di_cassa"
	KindLiquide   Kind = "flusso_disponibilita_liquide"
)

// Kinds lists them all.
func Kinds() []Kind {
	return []Kind{KindFlusso, KindAck, KindRicezione, KindRifiuto, KindEsiti, KindGiornale, KindLiquide}
}

// Version is a version of the standard, such as "1.7.1". A document does not say its own.
type Version string

// The versions that schemas are known of.
const (
	Version161 Version = "1.6.1"
	Version171 Version = "1.7.1"
	Version18  Version = "1.8"
)

// Versions lists the versions in which the structure of a kind changed, the oldest first; nil for no kind.
func Versions(k Kind) []Version {
	switch k {
	case KindGiornale:
		return []Version{Version161, Version171, Version18}
	case KindFlusso, KindLiquide:
		return []Version{Version161, Version171}
	case KindAck, KindRicezione, KindRifiuto, KindEsiti:
		return []Version{Version161}
	}
	return nil
}

// Latest is the newest structure of a kind.
func Latest(k Kind) Version {
	versions := Versions(k)
	if len(versions) == 0 {
		return ""
	}
	return versions[len(versions)-1]
}

// structure is the version whose structure a kind has in a version of the standard: the newest that is not newer.
// False for a version that is none.
func structure(k Kind, v Version) (Version, bool) {
	if !slices.Contains([]Version{Version161, Version171, Version18}, v) {
		return "", false
	}
	found := Version("")
	for _, known := range Versions(k) {
		if strings.Compare(string(known), string(v)) <= 0 {
			found = known
		}
	}
	return found, found != ""
}

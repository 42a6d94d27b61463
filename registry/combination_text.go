// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// apartText says in both languages why patterns do not go together: package modi speaks English alone. Names of patterns and
// settings are the same in both.
func apartText(err error) modi.Text {
	en := err.Error()
	return modi.Text{IT: strings.NewReplacer(
		" takes the identity from a PDND voucher and needs one", " prende chi chiama da un voucher PDND, e ne vuole uno",
		" proves possession of the key of a voucher and needs one", " prova il possesso della chiave di un voucher, e ne vuole uno",
		" is bound to a PDND voucher and needs one", " è legato a un voucher PDND, e ne vuole uno",
		" needs a pattern that says who calls", " vuole un pattern che dica chi chiama",
		" and INTEGRITY_REST_02 use the same header", " e INTEGRITY_REST_02 usano la stessa intestazione",
		" and AUDIT_REST_02 use the same header", " e AUDIT_REST_02 usano la stessa intestazione",
		"more than one pattern of identity: all of them use Authorization", "più di un pattern di identità: usano tutti Authorization",
		" goes with a voucher and a DPoP proof only", " va solo con un voucher e una prova DPoP",
		" does not travel in a message of an e-service", " non viaggia nei messaggi di un e-service",
		" stands twice", " c'è due volte",
		" names the key by certificate, INTEGRITY_REST_02 by PDND", " nomina la chiave con un certificato, INTEGRITY_REST_02 con PDND",
		"no pattern", "nessun pattern",
	).Replace(en), EN: en}
}

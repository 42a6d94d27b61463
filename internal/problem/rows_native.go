// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// nativeRows are the rules of the HTTP form of native calls.
func nativeRows() []Row {
	return []Row{
		{
			Rule: RuleNativePath, Status: http.StatusBadRequest, Source: "RFC 3986 §3.3, §6.2.2.3",
			Title: modi.Text{IT: "Percorso o query non ammessi in una chiamata nativa", EN: "Path or query not allowed in a native call"},
			Remedy: modi.Text{
				IT: "Togliere segmenti vuoti, «.» e «..», barre codificate e doppie codifiche.",
				EN: "Remove empty, . and .. segments, escaped slashes and double escapes.",
			},
		},
		{
			Rule: RuleContextHeader, Status: http.StatusBadRequest, Source: "/v1/openapi.json",
			Title: modi.Text{IT: "Contesto della chiamata nativa mancante o illeggibile", EN: "Context of the native call missing or unreadable"},
			Remedy: modi.Text{
				IT: "Inviare una volta Snodo-Procedimento, Snodo-Pratica, Snodo-Operatore e Snodo-Postazione, in ASCII o con %XX.",
				EN: "Send Snodo-Procedimento, Snodo-Pratica, Snodo-Operatore and Snodo-Postazione once each, in ASCII or with %XX.",
			},
		},
	}
}

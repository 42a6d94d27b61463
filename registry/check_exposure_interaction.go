// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"maps"
	"slices"
)

// interactions checks the operations that do not block. Whether the OpenAPI document has what they need is for whoever
// reads it.
func (c exposureCheck) interactions() {
	share := common{c.Report}
	follows := map[string]string{} // operation of a state or a result -> its request
	receiver := ""
	for _, id := range slices.Sorted(maps.Keys(c.e.Operations)) {
		o := c.e.Operations[id]
		i := o.Interaction
		if i == nil {
			continue
		}
		at := []any{"operations", id, "interaction"}
		if !c.Require(i.Pattern, append(at, "pattern")...) {
			continue
		}
		share.oneOf(i.Pattern, []string{NonBlockingPull, NonBlockingPush}, append(at, "pattern")...)
		if o.Bulk {
			c.Addf(at, "un'operazione bulk non è differita", "a bulk operation is not put off")
		}
		share.keep(i.Keep, at)
		if i.Receives {
			c.receives(i, receiver, at)
			receiver = id
			continue
		}
		pull := i.Pattern == NonBlockingPull
		if (i.Status != "") != pull || (i.Result != "") != pull {
			c.Addf(at, "status e result sono le operationId dello stato e del risultato di %s: entrambe, e solo lì",
				"status and result are the operationIds of the state and the result of %s: both, and only there", NonBlockingPull)
			continue
		}
		for _, other := range []string{i.Status, i.Result} {
			if first, again := follows[other]; again && other != "" {
				c.Addf(at, "l'operazione %s segue già %s", "operation %s follows %s already", other, first)
			}
			follows[other] = id
		}
	}
}

// receives checks an operation that takes callbacks; other is one that does so already.
func (c exposureCheck) receives(i *ExposureInteraction, other string, at []any) {
	if i.Pattern != NonBlockingPush || i.Status != "" || i.Result != "" || i.Keep != 0 {
		c.Addf(at, "receives è di %s, senza status, result e keep", "receives belongs to %s, without status, result and keep", NonBlockingPush)
	}
	if other != "" {
		c.Addf(at, "le risposte le riceve già l'operazione %s: X-ReplyTo ne indica una sola",
			"operation %s receives the answers already: X-ReplyTo names only one", other)
	}
}

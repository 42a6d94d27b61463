// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// The bounds of how long an interaction is remembered.
const (
	minKeep = time.Hour
	maxKeep = 365 * 24 * time.Hour
)

// interaction checks an operation whose answer comes later.
func (c mappingCheck) interaction() {
	i := c.op.Interaction
	if i == nil {
		return
	}
	at := c.path("interaction")
	if c.Require(i.Pattern, append(at, "pattern")...) {
		common{c.Report}.oneOf(i.Pattern, []string{NonBlockingPush}, append(at, "pattern")...)
	}
	c.Require(i.Callback, append(at, "callback")...)
	common{c.Report}.keep(i.Keep, at)
	if c.op.Method != http.MethodPost || c.op.Poll != nil || c.op.Then != nil || c.op.Paging != nil {
		c.Addf(at, "una risposta che arriva da sé si chiede con un solo POST, senza poll, then e paging",
			"an answer that comes by itself is asked for with one POST, without poll, then and paging")
	}
	for _, name := range slices.Sorted(maps.Keys(c.r.Environments)) {
		if c.r.Environments[name].ProducerID == "" {
			c.Addf(at, "environments.%s.producerId manca: la risposta si accetta solo da chi è stato interrogato",
				"environments.%s.producerId is missing: the answer is accepted only from who was asked", name)
		}
	}
}

// keep checks how long an interaction is remembered.
func (c common) keep(d time.Duration, at []any) {
	if d != 0 && (d < minKeep || d > maxKeep) {
		path := append(slices.Clone(at), "keep")
		c.Addf(path, "%s è fuori da %s-%s", "%s lies outside %s-%s", yamlfile.Name(path), minKeep, maxKeep)
	}
}

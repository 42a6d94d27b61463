// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"maps"
	"slices"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// The bounds of ExposureLimits.
const (
	maxExposureBody        = 64 << 20
	maxExposureUpload      = 2 << 30
	maxExposureAnswer      = 64 << 20
	defaultExposureAnswer  = 1 << 20
	maxExposureAnswers     = 256 << 20 // held at once for one ente
	maxExposureConcurrency = 10_000
)

// terms checks what the e-service and each of its operations ask for and give: patterns, proofs of possession, formats
// and limits. Whether the OpenAPI document has the operations is for whoever reads it.
func (c exposureCheck) terms() {
	share := common{c.Report}
	share.oneOf(c.e.Refusals, []string{RefusalsProblem, RefusalsSUAP}, "refusals")
	every, sound := c.together("", c.e.Patterns, c.e.DPoP)
	for _, id := range slices.Sorted(maps.Keys(c.e.Operations)) {
		if check := c.e.Operations[id].Check; check != "" {
			share.oneOf(check, []string{CheckSegnatura}, "operations", id, "check")
		}
		switch o := c.e.Operations[id]; {
		case o.Patterns != nil:
			c.together(id, *o.Patterns, o.DPoP, "operations", id)
		case o.DPoP != "":
			c.together(id, RecipePatterns{}, o.DPoP, "operations", id)
		}
	}
	if c.e.Refusals == RefusalsSUAP && sound && every.Answer == "" {
		c.Addf(yamlfile.Path("refusals"), "refusals: suap richiede un pattern di integrità tra quelli della risposta: ogni risposta è firmata",
			"refusals: suap needs a pattern of integrity among those of the response: every answer is signed")
	}
	if c.e.ReplayAudit && sound && every.Audit == "" {
		c.Addf(yamlfile.Path("replayAudit"), "replayAudit richiede AUDIT_REST_01 o AUDIT_REST_02 tra i pattern della richiesta",
			"replayAudit needs AUDIT_REST_01 or AUDIT_REST_02 among the request patterns")
	}
	if l := c.e.Limits; l.Body < 0 || l.Body > maxExposureBody {
		c.Addf(yamlfile.Path("limits", "body"), "limits.body è fuori da 0-%d byte; 0 è il limite del nodo",
			"limits.body lies outside 0-%d bytes; 0 is the hub's own", int64(maxExposureBody))
	}
	if l := c.e.Limits; l.Upload < 0 || l.Upload > maxExposureUpload || l.Upload > 0 && l.Upload < l.Body {
		c.Addf(yamlfile.Path("limits", "upload"), "limits.upload è fuori da 0-%d byte o minore di limits.body; 0 è limits.body",
			"limits.upload lies outside 0-%d bytes or below limits.body; 0 is limits.body", int64(maxExposureUpload))
	}
	if l := c.e.Limits; l.Answer < 0 || l.Answer > maxExposureAnswer {
		c.Addf(yamlfile.Path("limits", "answer"), "limits.answer è fuori da 0-%d byte; 0 è 1 MiB",
			"limits.answer lies outside 0-%d bytes; 0 is 1 MiB", int64(maxExposureAnswer))
	}
	if l := c.e.Limits; l.Answer > defaultExposureAnswer && (l.Concurrency < 1 || l.Answer*int64(l.Concurrency) > maxExposureAnswers) {
		c.Addf(yamlfile.Path("limits", "answer"), "limits.answer sopra 1 MiB richiede limits.concurrency, e il loro prodotto non supera %d byte",
			"limits.answer above 1 MiB needs limits.concurrency, and their product is at most %d bytes", int64(maxExposureAnswers))
	}
	if l := c.e.Limits; l.Concurrency < 0 || l.Concurrency > maxExposureConcurrency {
		c.Addf(yamlfile.Path("limits", "concurrency"), "limits.concurrency è fuori da 0-%d; 0 vuol dire nessun limite",
			"limits.concurrency lies outside 0-%d; 0 means none", maxExposureConcurrency)
	}
}

// together checks what is written at one place and whether it goes together with what holds there; operation is "" for
// the e-service. It is true when it does.
func (c exposureCheck) together(operation string, p RecipePatterns, dpop string, at ...any) (ExposureTerms, bool) {
	share := common{c.Report}
	in := func(more ...any) []any { return append(slices.Clone(at), more...) }
	spoken := true
	for _, list := range []struct {
		name         string
		got, allowed []modi.Pattern
	}{
		{"request", p.Request, exposureRequestPatterns()}, {"response", p.Response, exposureResponsePatterns()},
	} {
		share.patterns(list.got, list.allowed, in("patterns", list.name)...)
		for i, pattern := range list.got {
			spoken = spoken && slices.Contains(list.allowed, pattern) && !slices.Contains(list.got[:i], pattern)
		}
	}
	modes := []string{DPoPNo, DPoPOptional, DPoPRequired}
	share.oneOf(dpop, modes, in("dpop")...)
	if !spoken || dpop != "" && !slices.Contains(modes, dpop) {
		return ExposureTerms{}, false
	}
	t, err := c.e.Terms(operation)
	if err != nil {
		place := in("patterns")
		if _, own := c.e.Operations[operation]; own && len(p.Request)+len(p.Response) == 0 {
			place = in("dpop")
		}
		c.Addf(place, "questi pattern non vanno insieme: %s", "these patterns do not go together: %s", apartText(err))
	}
	return t, err == nil
}

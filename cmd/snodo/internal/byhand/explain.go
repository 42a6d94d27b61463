// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"net/http"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/modi/hint"
	"github.com/snodo-pa/snodo/modi/rest"
)

// explain adds to violations that have no hint what a look at the headers tells.
func (c *collector) explain() {
	told := map[string]bool{} // one hint for each header is enough
	for i := range c.verdict.Violations {
		violation := &c.verdict.Violations[i]
		header := c.headerOf(violation.Pattern)
		if ofScheme(*violation) {
			header = "Authorization"
		}
		value, _ := c.m.Get(header)
		if violation.Hint != (modi.Text{}) || told[header] || value == "" {
			continue
		}
		violation.Hint = c.mistake(header, value, *violation)
		told[header] = violation.Hint != (modi.Text{})
	}
}

// ofScheme tells the violations about the scheme of Authorization, whatever their pattern.
func ofScheme(v modi.Violation) bool {
	return strings.HasSuffix(string(v.Rule), "/"+string(modi.FaultSchemeNotAllowed))
}

// headerOf is where the token of a pattern is looked for.
func (c *collector) headerOf(p modi.Pattern) string {
	switch p {
	case modi.PatternAuditREST01, modi.PatternAuditREST02:
		return rest.HeaderTrackingEvidence
	case modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternPDNDResponse:
		if c.v.HeaderName != "" {
			return c.v.HeaderName
		}
		return rest.HeaderSignature
	case modi.PatternDPoP:
		return dpop.HeaderProof
	default:
		return "Authorization"
	}
}

// mistake tells what is wrong in how a header is written, or that its token is of
// another pattern.
func (c *collector) mistake(header, value string, violation modi.Violation) modi.Text {
	scheme := ofScheme(violation)
	first, _, spaced := strings.Cut(value, " ")
	known := strings.EqualFold(first, string(dpop.SchemeBearer)) || strings.EqualFold(first, string(dpop.SchemeDPoP))
	switch {
	case scheme && !spaced && strings.HasPrefix(value, "eyJ"):
		return text("nessuno schema: il token è scritto da solo", "no scheme: the token is written alone")
	case scheme && strings.EqualFold(first, string(dpop.SchemeDPoP)) && !c.v.has(modi.PatternDPoP):
		return text("lo schema è DPoP: aggiungere DPOP a --pattern", "the scheme is DPoP: add DPOP to --pattern")
	case scheme && strings.EqualFold(first, string(dpop.SchemeBearer)) && c.v.has(modi.PatternDPoP):
		return text("lo schema è Bearer: con DPOP in --pattern dev'essere DPoP", "the scheme is Bearer: with DPOP in --pattern it must be DPoP")
	case scheme:
		return modi.Text{}
	case header != "Authorization" && known:
		return text("il valore comincia con "+first+": qui il token va da solo, senza schema",
			"the value begins with "+first+": here the token stands alone, without scheme")
	case header != "Authorization" && strings.Map(dropSpace, value) != value:
		return text("ci sono spazi o a capo dentro il token", "there are spaces or line breaks inside the token")
	}
	return c.another(header, value, violation.Pattern)
}

// another names the pattern that a token looks like, where it was not asked for.
func (c *collector) another(header, value string, asked modi.Pattern) modi.Text {
	p, _ := decode(Bare([]byte(value)))
	if p.head == nil || p.body == nil {
		return modi.Text{}
	}
	found := guess(http.CanonicalHeaderKey(header), p)
	if found == "" || found == asked || slices.Contains(c.v.Patterns, found) {
		return modi.Text{}
	}
	return text("il token somiglia a "+string(found)+", non a "+string(asked)+": correggere --pattern, se è quello",
		"the token looks like "+string(found)+", not like "+string(asked)+": correct --pattern, if that is what it is")
}

// misspelt notes an optional claim of almost the right name: nothing refuses it.
func (c *collector) misspelt() {
	if !c.v.has(modi.PatternAuditREST01, modi.PatternAuditREST02) {
		return
	}
	body := c.stated(rest.HeaderTrackingEvidence).body
	if has(body, "LoA") {
		return
	}
	var names []string
	for name := range body {
		names = append(names, name)
	}
	slices.Sort(names)
	if h := hint.Claim(names, "LoA"); h != (modi.Text{}) {
		c.unchecked(h.IT, h.EN)
	}
}

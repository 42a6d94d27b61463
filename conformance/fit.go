// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/modi"
)

// fits tells whether a case can be played against the service: Pass when it can, else
// Skip or Unsupported with the reason.
func (p *provider) fits(c Case, l learnt) (Verdict, Text) {
	t := c.table
	for _, pattern := range c.Patterns {
		switch {
		case slices.Contains(p.ignored, pattern):
			return Unsupported, Text{IT: fmt.Sprintf("il servizio non guarda %s", pattern), EN: fmt.Sprintf("the service does not look at %s", pattern)}
		case !slices.Contains(p.demanded, pattern):
			return Unsupported, Text{IT: fmt.Sprintf("il servizio non adotta %s", pattern), EN: fmt.Sprintf("the service does not use %s", pattern)}
		}
	}
	good := t.Verdict == cases.Accept && len(t.Steps) == 0 && t.Play == cases.Once
	if !l.accepted && (!good || len(p.config.Patterns) == 0) { // what is declared is held against the service
		return Skip, Text{
			IT: "il servizio rifiuta anche il messaggio buono: un rifiuto non dice nulla", EN: "the service refuses the good message as well: a refusal says nothing",
		}
	}
	if len(t.Steps) == 0 && t.Play == cases.Once && t.Verdict != cases.Accept && t.Layer == cases.LayerGateway {
		return Skip, Text{IT: "riguarda come il servizio è impostato, non un messaggio", EN: "it is about how the service is set up, not about a message"}
	}
	if missing := p.config.without(c); missing != "" {
		return Skip, Text{IT: "serve una circostanza che da fuori non si può creare (setup): " + missing, EN: "a circumstance is needed that cannot be made from outside (setup): " + missing}
	}
	if held := p.config.against(c); held != "" {
		return Skip, Text{IT: "non vale per come il servizio è impostato (setup): " + held, EN: "it does not hold for how the service is set up (setup): " + held}
	}
	if slices.ContainsFunc(c.Patterns, byCertificate) && p.config.Keys.Certificate == "" && p.peers == nil {
		return Skip, Text{IT: "serve un certificato (keys.certificate)", EN: "a certificate is needed (keys.certificate)"}
	}
	if t.Edge {
		return Skip, Text{IT: "l'esito dipende da un secondo: l'orologio dell'altro non si conosce", EN: "the answer hangs on a second: the other's clock is not known"}
	}
	if what := p.spoiled(t); what != "" {
		return Skip, Text{IT: "lo decide un altro pattern che il servizio chiede: " + what, EN: "another pattern that the service demands decides it: " + what}
	}
	if keys := p.unregistered(t); keys != "" {
		return Skip, Text{IT: "serve una chiave registrata presso PDND: " + keys, EN: "a key registered with PDND is needed: " + keys}
	}
	if t.Verdict == cases.Accept && changes(t) {
		return Skip, Text{
			IT: "il messaggio buono cambia metodo, indirizzo o corpo: il contratto del servizio può non ammetterlo",
			EN: "the good message changes method, address or body: the contract of the service may not admit it",
		}
	}
	return Pass, Text{}
}

func byCertificate(p modi.Pattern) bool {
	return p == modi.PatternIDAuthREST01 || p == modi.PatternIDAuthREST02 || p == modi.PatternIntegrityREST01
}

// without names the circumstances of a case that do not hold.
func (c Config) without(one Case) string {
	missing := slices.DeleteFunc(slices.Clone(one.Needs), func(name string) bool { return slices.Contains(c.Setup, name) })
	return strings.Join(missing, ", ")
}

// against names the circumstances that hold and in which a case says nothing.
func (c Config) against(one Case) string {
	held := slices.DeleteFunc(slices.Clone(one.Unless), func(name string) bool { return !slices.Contains(c.Setup, name) })
	return strings.Join(held, ", ")
}

// spoiled names the pattern of the service, beside those of the case, that would decide
// it: a message sent again carries its other proofs again, and two proofs by certificate
// must be signed with one key.
func (p *provider) spoiled(t *cases.Case) string {
	for _, pattern := range p.demanded {
		if slices.Contains(t.Patterns, pattern) {
			continue
		}
		once := slices.Contains([]modi.Pattern{modi.PatternIDAuthREST02, modi.PatternIntegrityREST01, modi.PatternIntegrityREST02, modi.PatternDPoP}, pattern)
		scheme := pattern == modi.PatternDPoP && slices.ContainsFunc(t.Steps, func(s cases.Step) bool { return s.Do == "token.scheme" })
		switch {
		case once && t.Play == cases.Twice, scheme, byCertificate(pattern) && otherKey(t):
			return string(pattern)
		}
	}
	return ""
}

// unregistered names the keys that a good message is signed with and that PDND does not
// publish: those that the suite makes, where it is not PDND.
func (p *provider) unregistered(t *cases.Case) string {
	if t.Verdict != cases.Accept || p.peers != nil {
		return ""
	}
	var names []string
	for _, s := range t.Steps {
		if name, ok := s.Value.(string); ok && (s.Do == "token.key" || s.Do == "token.signer" || s.Do == "token.algorithm") {
			names = append(names, name) // PDND may publish a key for one algorithm alone
		}
	}
	return strings.Join(names, ", ")
}

// changes tells a case that sends something else than the operation wants.
func changes(t *cases.Case) bool {
	return slices.ContainsFunc(t.Steps, func(s cases.Step) bool {
		return slices.Contains([]string{"message.method", "message.url", "message.body", "message.empty", "message.gzip", "wire.url", "wire.body"}, s.Do) ||
			s.Do == "field.set" && (s.Name == "Content-Type" || s.Name == "Content-Encoding") || s.Do == "wire.set" && s.Name == "Content-Type"
	})
}

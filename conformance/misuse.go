// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// Misuse is a configuration with which nothing can be judged: each line says what is
// missing or wrong.
type Misuse struct{ Faults []Text }

// Error tells the faults in English.
func (m *Misuse) Error() string { return m.In("en") }

// In tells the faults in a language.
func (m *Misuse) In(lang string) string {
	lines := make([]string, len(m.Faults))
	for i, f := range m.Faults {
		lines[i] = f.In(lang)
	}
	return strings.Join(lines, "; ")
}

func (m *Misuse) add(it, en string, args ...any) {
	m.Faults = append(m.Faults, Text{IT: fmt.Sprintf(it, args...), EN: fmt.Sprintf(en, args...)})
}

func (m *Misuse) need(value, name string) {
	if value == "" {
		m.add("manca %s", "%s is missing", name)
	}
}

// check finds what is missing or wrong for the role.
func (c Config) check() error {
	m := &Misuse{}
	if !slices.Contains(Roles(), c.Role) {
		m.add("role %q: valori ammessi %s", "role %q: allowed values are %s", c.Role, strings.Join(roleNames(), ", "))
	}
	if c.Severity != "" && !slices.Contains([]string{"must", "strict", "advisory"}, c.Severity) {
		m.add("severity %q: valori ammessi must, strict, advisory", "severity %q: allowed values are must, strict, advisory", c.Severity)
	}
	for _, p := range slices.Concat(c.Patterns, c.ReplyPatterns) {
		if !slices.Contains(knownPatterns(), p) {
			m.add("patterns: %q è sconosciuto", "patterns: %q is unknown", p)
		}
	}
	if c.At != "" && c.Role != RoleToken && c.Role != RoleOpenAPI {
		m.add("at: solo i ruoli token e openapi giudicano a un'ora data; negli altri lo scambio avviene adesso",
			"at: only the roles token and openapi judge at a given time; in the others the exchange happens now")
	}
	switch c.Role {
	case RoleErogatore:
		c.checkErogatore(m)
	case RoleFruitore:
		m.need(c.Parties.Audience, "parties.audience")
	case RoleToken:
		if len(c.Files) == 0 {
			m.need("", "files")
		}
		if len(c.Patterns) == 0 && len(c.ReplyPatterns) == 0 {
			m.need("", "patterns")
		}
	case RoleServer:
		c.checkTarget(m)
		m.need(c.Keys.Client, "keys.client")
		m.need(c.Parties.Client, "parties.client")
		m.need(c.Parties.Purpose, "parties.purpose")
		m.need(c.Parties.AssertionAudience, "parties.assertion_audience")
	case RoleOpenAPI:
		m.need(c.OpenAPI, "openapi")
	}
	if len(m.Faults) > 0 {
		return m
	}
	return nil
}

func (c Config) checkErogatore(m *Misuse) {
	c.checkTarget(m)
	if len(c.Operations) == 0 {
		m.need("", "operations")
	}
	for i, op := range c.Operations {
		m.need(op.Method, fmt.Sprintf("operations[%d].method", i))
		if !strings.HasPrefix(op.Path, "/") {
			m.add("operations[%d].path: deve cominciare con /", "operations[%d].path: must begin with /", i)
		}
	}
	m.need(c.Parties.Audience, "parties.audience")
	if c.Platform.TokenURL == "" {
		return
	}
	m.need(c.Keys.Client, "keys.client")
	m.need(c.Parties.Client, "parties.client")
	m.need(c.Parties.Purpose, "parties.purpose")
	m.need(c.Parties.AssertionAudience, "parties.assertion_audience")
}

func (c Config) checkTarget(m *Misuse) {
	if c.Target == "" {
		m.need("", "target")
		return
	}
	u, err := url.Parse(c.Target)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		m.add("target %q: serve un indirizzo http o https", "target %q: an http or https address is needed", addressOnly(c.Target))
	}
}

func roleNames() []string {
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return names
}

func knownPatterns() []modi.Pattern {
	return []modi.Pattern{
		modi.PatternVoucher, modi.PatternClientAssertion, modi.PatternIDAuthREST01, modi.PatternIDAuthREST02, modi.PatternIntegrityREST01,
		modi.PatternIntegrityREST02, modi.PatternAuditREST01, modi.PatternAuditREST02, modi.PatternDPoP, modi.PatternPDNDResponse,
	}
}

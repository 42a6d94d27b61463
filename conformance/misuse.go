// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// Misuse is a configuration with which nothing can be judged: each line says what is
// missing or wrong.
type Misuse struct{ Faults []Text }

// Error tells the faults in English.
func (m *Misuse) Error() string { return m.In("en") }

// In tells the faults in a language, each on its line.
func (m *Misuse) In(lang string) string {
	lines := make([]string, len(m.Faults))
	for i, f := range m.Faults {
		lines[i] = f.In(lang)
	}
	return strings.Join(lines, "\n  ")
}

// add tells a fault; a Text among args is told in the language of each.
func (m *Misuse) add(it, en string, args ...any) {
	m.Faults = append(m.Faults, phrase(it, en, args...))
}

// phrase writes a sentence in both languages; a Text among args is told in that of each.
func phrase(it, en string, args ...any) Text {
	in := func(lang string) []any {
		out := slices.Clone(args)
		for i, arg := range out {
			if t, ok := arg.(Text); ok {
				out[i] = t.In(lang)
			}
		}
		return out
	}
	return Text{IT: fmt.Sprintf(it, in("it")...), EN: fmt.Sprintf(en, in("en")...)}
}

func (m *Misuse) need(value, name string) {
	if value == "" {
		m.add("manca %s", "%s is missing", name)
	}
}

// check finds what is missing or wrong for the role, and gives the circumstances their
// whole names.
func (c *Config) check() error {
	m := &Misuse{}
	setup, err := c.normalSetup(m)
	if err != nil {
		return err
	}
	c.Setup = setup
	switch roles := strings.Join(roleNames(), ", "); {
	case c.Role == "":
		m.add("manca role: %s", "role is missing: %s", roles)
	case !slices.Contains(Roles(), c.Role):
		m.add("role %q: valori ammessi %s", "role %q: allowed values are %s", c.Role, roles)
	}
	c.checkDurations(m)
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
	if c.Serve {
		c.checkServe(m)
	} else {
		c.checkRole(m)
	}
	if len(m.Faults) > 0 {
		return m
	}
	return nil
}

// checkServe finds what keeps the suite from being PDND: nothing is asked of the party
// under test.
func (c Config) checkServe(m *Misuse) {
	switch {
	case c.Role == RoleFruitore:
		m.need(c.Parties.Audience, "parties.audience")
	case c.Role != RoleErogatore:
		m.add("role %q: serve è per i ruoli erogatore e fruitore", "role %q: serve is for the roles erogatore and fruitore", c.Role)
	case c.Platform.TokenURL != "":
		m.add("platform.token_url: PDND è quella, e la suite non ha chiavi da pubblicare", "platform.token_url: that is PDND, and the suite has no keys to publish")
	}
}

// checkRole finds what the cases of the role cannot be played without.
func (c Config) checkRole(m *Misuse) {
	switch c.Role {
	case RoleErogatore:
		c.checkErogatore(m)
	case RoleFruitore:
		m.need(c.Parties.Audience, "parties.audience")
		if !c.Trigger.given() {
			m.add("manca trigger (trigger.url o trigger.command): per osservare chiamate che altri provocano, snodo conformance serve",
				"trigger is missing (trigger.url or trigger.command): to watch calls that others cause, snodo conformance serve")
		}
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
}

// checkDurations refuses times in which nothing can happen: a number without its unit is
// one of nanoseconds.
func (c Config) checkDurations(m *Misuse) {
	for _, one := range []struct {
		name  string
		value time.Duration
	}{{"network.timeout", c.Network.Timeout}, {"network.late", c.Network.Late}, {"trigger.timeout", c.Trigger.Timeout}} {
		if one.value < 0 || one.value > 0 && one.value < time.Millisecond {
			m.add("%s %s: serve una durata come 5s o 500ms", "%s %s: needs a duration like 5s or 500ms", one.name, one.value)
		}
	}
}

// checkPlayed refuses a choice that leaves no case to play.
func (s *Suite) checkPlayed() error {
	m := &Misuse{}
	for _, part := range s.config.Only {
		if !slices.ContainsFunc(s.cases, func(c Case) bool { return slices.Contains(c.Roles, s.config.Role) && strings.Contains(c.ID, part) }) {
			m.add("only: nessun caso del ruolo %s contiene %q nell'id; vedere snodo conformance list --role %[1]s",
				"only: no case of the role %s holds %q in its id; see snodo conformance list --role %[1]s", s.config.Role, part)
		}
	}
	if len(m.Faults) == 0 && !slices.ContainsFunc(s.cases, s.wanted) {
		m.add("only, severity ed edition insieme non lasciano nessun caso da giocare", "only, severity and edition together leave no case to play")
	}
	if len(m.Faults) > 0 {
		return m
	}
	return nil
}

func (c Config) checkErogatore(m *Misuse) {
	c.checkTarget(m)
	if len(c.Operations) == 0 {
		m.add("manca operations: nel file, o --operations \"GET /stato\"", "operations are missing: in the file, or --operations \"GET /status\"")
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

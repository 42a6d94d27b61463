// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"strconv"
	"time"
)

// Exchange counts an exchange that ended (gateway.Observer).
func (m *Metrics) Exchange(direction, service string, status int, took time.Duration) {
	d, s := m.bounds.direction(direction), m.bounds.service(service)
	m.exchanges.WithLabelValues(d, s, class(status)).Inc()
	m.exchange.WithLabelValues(d, s).Observe(took.Seconds())
}

// Refusal counts an exchange that failed, by its headline rule (gateway.Observer).
func (m *Metrics) Refusal(direction, rule string) {
	m.refusals.WithLabelValues(m.bounds.direction(direction), m.bounds.rule(rule)).Inc()
}

// Refused counts a request that failed before an exchange began, or beside all of them (httpapi.Options).
func (m *Metrics) Refused(listener, rule string) {
	direction := listener
	switch listener {
	case "applicazioni":
		direction = "acquisizione"
	case "esposizione":
		direction = "erogazione"
	}
	m.Refusal(direction, rule)
}

// VoucherCache counts a lookup of a caller's voucher (gateway.Observer).
func (m *Metrics) VoucherCache(result string) {
	m.vouchers.WithLabelValues(m.bounds.result(result)).Inc()
}

// Replay counts a replay check (gateway.Observer).
func (m *Metrics) Replay(result string) { m.replays.WithLabelValues(m.bounds.result(result)).Inc() }

// Evidence measures the storing of a record (gateway.Observer).
func (m *Metrics) Evidence(kind string, stored bool, took time.Duration) {
	m.evidence.WithLabelValues(m.bounds.kind(kind), strconv.FormatBool(stored)).Observe(took.Seconds())
}

// BackEnd measures a call to a back end (gateway.Observer).
func (m *Metrics) BackEnd(service string, status int, took time.Duration) {
	m.backEnds.WithLabelValues(m.bounds.service(service), class(status)).Observe(took.Seconds())
}

// BadAnswer counts a back-end answer that breaks its OpenAPI document (gateway.Observer).
func (m *Metrics) BadAnswer(service string) {
	m.badAnswers.WithLabelValues(m.bounds.service(service)).Inc()
}

// Call measures a call to a registry with its retries (transport.Observer).
func (m *Metrics) Call(service, environment, outcome string, took time.Duration) {
	m.calls.WithLabelValues(m.bounds.service(service), m.bounds.environment(environment), m.bounds.outcome(outcome)).
		Observe(took.Seconds())
}

// Attempt measures one attempt on the wire (transport.Observer).
func (m *Metrics) Attempt(service, environment string, status int, took time.Duration) {
	m.attempts.WithLabelValues(m.bounds.service(service), m.bounds.environment(environment), class(status)).
		Observe(took.Seconds())
}

// Token measures a request to the token endpoint (pdnd.Observer).
func (m *Metrics) Token(environment, outcome string, took time.Duration) {
	m.tokens.WithLabelValues(m.bounds.environment(environment), m.bounds.outcome(outcome)).Observe(took.Seconds())
}

// Cache counts a lookup in a cache of the PDND client (pdnd.Observer).
func (m *Metrics) Cache(environment, cache, result string) {
	m.caches.WithLabelValues(m.bounds.environment(environment), m.bounds.cache(cache), m.bounds.result(result)).Inc()
}

// Guard records that a circuit breaker changed state or, with from "", that it was made (all observers). From then on
// every state has its series, so that an alert on "open" has something to read before the first failure.
func (m *Metrics) Guard(name, from, to string) {
	name = m.bounds.guard(name)
	for state := range m.bounds.states {
		m.guardState.WithLabelValues(name, state).Set(0)
	}
	m.guardState.WithLabelValues(name, m.bounds.guardState(to)).Set(1)
	if from == "" {
		return
	}
	m.guardMoves.WithLabelValues(name, m.bounds.guardState(to)).Inc()
}

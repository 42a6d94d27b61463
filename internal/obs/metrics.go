// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Bounds lists what labels may say; anything else is counted as "altro". Empty lists bound nothing out: they count
// everything as "altro".
type Bounds struct {
	Services     []string // recipes and exposures of the configuration
	Environments []string
	Rules        []string // ids of the rule table
}

// Metrics are the hub's own measures, in a registry of their own. All methods are safe for concurrent use and never
// block. Durations are in seconds, as Prometheus asks.
type Metrics struct {
	registry *prometheus.Registry
	bounds   bounds

	requests    *prometheus.CounterVec
	requestTime *prometheus.HistogramVec
	exchanges   *prometheus.CounterVec
	exchange    *prometheus.HistogramVec
	refusals    *prometheus.CounterVec
	vouchers    *prometheus.CounterVec
	replays     *prometheus.CounterVec
	evidence    *prometheus.HistogramVec
	backEnds    *prometheus.HistogramVec
	badAnswers  *prometheus.CounterVec
	calls       *prometheus.HistogramVec
	attempts    *prometheus.HistogramVec
	tokens      *prometheus.HistogramVec
	caches      *prometheus.CounterVec
	guardState  *prometheus.GaugeVec
	guardMoves  *prometheus.CounterVec
	expiries    *expiries
	keyAges     *keyAges
}

const namespace = "snodo"

// NewMetrics makes the measures of one process.
func NewMetrics(b Bounds) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), bounds: newBounds(b)}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.requests = m.counter("http_requests_total", "HTTP requests answered.", "listener", "class")
	m.requestTime = m.histogram("http_request_seconds", "Time of HTTP requests.", "listener")
	m.exchanges = m.counter("exchanges_total", "Exchanges by direction, service and status class.", "direction", "service", "class")
	m.exchange = m.histogram("exchange_seconds", "Time of exchanges.", "direction", "service")
	m.refusals = m.counter("refusals_total", "Requests that were refused or failed, by headline rule.", "direction", "rule")
	m.vouchers = m.counter("inbound_voucher_cache_total", "Vouchers of callers: hit or miss.", "result")
	m.replays = m.counter("replay_checks_total", "Replay checks: fresh, replayed or undecided.", "result")
	m.evidence = m.histogram("evidence_append_seconds", "Time to make a record durable.", "kind", "stored")
	m.backEnds = m.histogram("backend_seconds", "Time of calls to back ends.", "service", "class")
	m.badAnswers = m.counter("backend_bad_answers_total", "Back-end answers that break their OpenAPI document.", "service")
	m.calls = m.histogram("registry_call_seconds", "Calls to registries, retries included.", "service", "environment", "outcome")
	m.attempts = m.histogram("registry_attempt_seconds", "Attempts on the wire.", "service", "environment", "class")
	m.tokens = m.histogram("pdnd_token_seconds", "Requests to the PDND token endpoint.", "environment", "outcome")
	m.caches = m.counter("pdnd_cache_total", "Lookups in the caches of the PDND client.", "environment", "cache", "result")
	m.guardState = m.gauge("guard_state", "1 for the state a circuit breaker is in.", "guard", "state")
	m.guardMoves = m.counter("guard_changes_total", "Changes of state of circuit breakers.", "guard", "to")
	m.expiries = newExpiries()
	m.keyAges = newKeyAges()
	m.registry.MustRegister(m.expiries, m.keyAges)
	return m
}

// Handler serves the measures in the Prometheus text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

func (m *Metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

func (m *Metrics) histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help,
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, labels)
	m.registry.MustRegister(v)
	return v
}

// class is the status class of an HTTP status; "nessuna" when no answer came.
func class(status int) string {
	if status < 100 || status > 599 {
		return "nessuna"
	}
	return strconv.Itoa(status/100) + "xx"
}

// Request counts an HTTP request.
func (m *Metrics) Request(listener, class string, took time.Duration) {
	m.requests.WithLabelValues(m.bounds.listener(listener), m.bounds.class(class)).Inc()
	m.requestTime.WithLabelValues(m.bounds.listener(listener)).Observe(took.Seconds())
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"cmp"
	"time"

	"github.com/snodo-pa/snodo/registry"
)

// What a key that is not written means.
const (
	DefaultApplicazioni    = "127.0.0.1:8080"
	DefaultEsposizione     = "127.0.0.1:8081"
	DefaultGestione        = "run/gestione.sock"
	DefaultStoreKind       = StoreSQLite
	DefaultStorePath       = "data/snodo.db"
	DefaultCheckpointFile  = "data/checkpoint.log"
	DefaultCheckpointEvery = time.Minute
	DefaultBody            = 1 << 20 // bytes
	DefaultRequest         = 60 * time.Second
	DefaultEventsEvery     = time.Minute
	DefaultReserve         = 10   // hundredths
	DefaultPerAddress      = 1024 // connections: a quarter of what a listener holds
	DefaultProblemBase     = "https://snodo.example/problems/"
	DefaultBackEndDeadline = 10 * time.Second
	DefaultOperatori       = OperatoriElenco
)

// The kinds of store.
const (
	StoreSQLite     = "sqlite"
	StorePostgreSQL = "postgresql"
)

// How an application answers for the operators it names.
const (
	OperatoriElenco     = "elenco"     // they must be listed in ente.yaml
	OperatoriDichiarati = "dichiarati" // the application answers for them, up to loaMax
)

func (h *Hub) fillDefaults() {
	fill(&h.ProblemBase, DefaultProblemBase)
	fill(&h.Store.Kind, DefaultStoreKind)
	if h.Store.Kind == StoreSQLite {
		fill(&h.Store.Path, DefaultStorePath)
	}
	fill(&h.Evidence.CheckpointFile, DefaultCheckpointFile)
	fill(&h.Evidence.CheckpointEvery, DefaultCheckpointEvery)
	fill(&h.Limits.Body, DefaultBody)
	fill(&h.Limits.Request, DefaultRequest)
	fill(&h.Limits.ConnectionsPerAddress, DefaultPerAddress)
	fill(&h.EventsEvery, DefaultEventsEvery)
	h.Listeners.Applicazioni.fill(Listener{Address: DefaultApplicazioni})
	h.Listeners.Esposizione.fill(Listener{Address: DefaultEsposizione})
	h.Listeners.Gestione.fill(Listener{Socket: DefaultGestione})
}

func (l *Listener) fill(fallback Listener) {
	if l.Address == "" && l.Socket == "" {
		l.Address, l.Socket = fallback.Address, fallback.Socket
	}
}

func (e *Ente) fillDefaults() {
	for name, a := range e.Applicazioni {
		fill(&a.Operatori, DefaultOperatori)
		e.Applicazioni[name] = a
	}
	for environment, c := range e.APIClients {
		fill(&c.Environment, environment)
		e.APIClients[environment] = c
	}
	if e.Tesoreria != nil {
		e.Tesoreria.fillDefaults()
	}
}

func (p *Procedimento) fillDefaults(e *Ente) {
	p.Conservazione = time.Duration(p.ConservazioneGiorni) * 24 * time.Hour
	fill(&p.Responsabile, e.Uffici[p.Ufficio].Responsabile)
}

func (x *Expose) fillDefaults() { fill(&x.BackEnd.Deadline, DefaultBackEndDeadline) }

// fill sets a value that was not written.
func fill[T comparable](value *T, fallback T) { *value = cmp.Or(*value, fallback) }

// BuiltinEnvironments returns the PDND profiles of the three real environments. What
// PDND does not document was inferred from its code; a profile may be replaced whole by
// a file (Hub.Environments), and `locale` always is.
func BuiltinEnvironments() map[string]Environment {
	profiles := map[string]Environment{}
	for name, label := range map[string]string{
		registry.Produzione:   "",
		registry.Collaudo:     "uat.",
		registry.Attestazione: "att.",
	} {
		profiles[name] = Environment{
			Name:              name,
			Issuer:            label + "interop.pagopa.it",
			TokenURL:          "https://auth." + label + "interop.pagopa.it/token.oauth2",
			AssertionAudience: "auth." + label + "interop.pagopa.it/client-assertion",
			JWKSURL:           "https://" + label + "interop.pagopa.it/.well-known/jwks.json",
			APIBase:           "https://api." + label + "interop.pagopa.it",
			APIAudience:       label + "interop.pagopa.it/m2m",
			TracingURL:        "https://api." + label + "tracing.interop.pagopa.it",
		}
	}
	return profiles
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

// validCF is the invented codice fiscale of the tests.
const validCF = "RSSMRA85T10A562S"

// register is an adapter that answers what it is told and records what it was asked.
type register struct {
	mu       sync.Mutex
	dati     string
	subjects []string
	avvisi   []modi.Text
	notes    []registry.Note
	status   int    // of the last attempt, 200 when 0, with fault none
	fault    string // of the last attempt
	err      error
	requests []registry.Request
	entered  chan struct{} // when set, a call says that it began and waits for release
	release  chan struct{}
}

func (r *register) Services() []string { return []string{"anagrafe", "chiavi"} }

func (r *register) Call(ctx context.Context, service, operation string, in registry.Request) (registry.Response, error) {
	r.mu.Lock()
	r.requests = append(r.requests, in)
	entered, release := r.entered, r.release
	r.mu.Unlock()
	if entered != nil {
		entered <- struct{}{}
		<-release
	}
	if err := ctx.Err(); err != nil {
		return registry.Response{}, err
	}
	in.Scope.Calls.Add(registry.CallRecord{
		Service: "chiavi", VoucherJTI: "v-1", Status: 200, OperationID: "1", TrackingEvidence: "a.b.c", KID: "kid-1",
	})
	in.Scope.Calls.Add(registry.CallRecord{Service: service, VoucherJTI: "v-2", Status: 503, Fault: "unavailable"})
	if r.fault != "" || r.status != 0 {
		in.Scope.Calls.Add(registry.CallRecord{Service: service, VoucherJTI: "v-2", Status: r.status, Fault: r.fault})
		return registry.Response{}, r.err
	}
	in.Scope.Calls.Add(registry.CallRecord{
		Service: service, VoucherJTI: "v-2", Status: 200, OperationID: "2", RegistryID: "g-2", DescriptorID: "d-2",
		RequestSignature: "d.e.f", ResponseSignature: "g.h.i", RequestDigest: "AAA=", ResponseDigest: "BBB=", KID: "kid-1",
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return registry.Response{}, r.err
	}
	return registry.Response{Dati: json.RawMessage(r.dati), Avvisi: r.avvisi, Notes: r.notes, RegistryID: "op-7", Subjects: r.subjects}, nil
}

func (r *register) asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.requests)
}

// memoryAnswers remembers in memory.
type memoryAnswers struct {
	mu      sync.Mutex
	doomed  map[string]bool
	digests map[string][32]byte
	answers map[string][]byte
	err     error
}

func (m *memoryAnswers) Begin(_ context.Context, c Application, key string, d [32]byte) ([]byte, Claim, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return nil, nil, m.err
	}
	if m.digests == nil {
		m.digests, m.answers, m.doomed = map[string][32]byte{}, map[string][]byte{}, map[string]bool{}
	}
	k := c.Ente + "|" + c.Name + "|" + key
	known, taken := m.digests[k]
	switch {
	case !taken:
		m.digests[k] = d
		return nil, memoryClaim{m, k}, nil
	case known != d:
		return nil, nil, ErrAnswerMismatch
	case m.doomed[k]:
		return nil, nil, ErrAnswerUnknown
	case m.answers[k] == nil:
		return nil, nil, ErrAnswerRunning
	}
	return m.answers[k], nil, nil
}

type memoryClaim struct {
	m *memoryAnswers
	k string
}

func (c memoryClaim) Complete(_ context.Context, answer []byte) error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.m.answers[c.k] = answer
	return nil
}

func (c memoryClaim) Abandon(context.Context) error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	delete(c.m.digests, c.k)
	return nil
}

func (c memoryClaim) Doom(context.Context) error {
	c.m.mu.Lock()
	defer c.m.mu.Unlock()
	c.m.doomed[c.k] = true
	return nil
}

type outWorld struct {
	*Out
	clock    *clock
	log      *memoryLog
	register *register
	answers  *memoryAnswers
}

// outConfig is two enti, one of which has a procedimento over an invented register.
func outConfig() *config.Config {
	return &config.Config{
		Consumes: map[string]*registry.Recipe{"anagrafe": {
			Name: "anagrafe", Registry: "Anagrafe inventata",
			Environments: map[string]registry.RecipeEnvironment{"locale": {EserviceID: "es-1"}},
			Operations: map[string]registry.RecipeOperation{
				"residenza": {Idempotent: true, Needs: []string{"chiavi"}, Input: map[string]any{
					"type": "object", "additionalProperties": false,
					"properties": map[string]any{
						"codiceFiscale": map[string]any{"type": "string", "maxLength": 16},
						"nota":          map[string]any{"type": "string", "maxLength": 5},
					},
				}},
				"decesso": {},
			},
		}},
		Enti: map[string]*config.Ente{
			"c_a": {
				CodiceIPA: "c_a",
				Clients:   map[string]config.Client{"principale": {Environment: "locale", ID: "client-a"}},
				Operatori: map[string]config.Operatore{
					"op-1":  {Tipo: "persona", Uffici: []string{"scuola"}, Postazioni: []string{"p-1", "p-2"}, LoA: "SPID_L2"},
					"op-2":  {Tipo: "persona", Uffici: []string{"tributi"}, LoA: "SPID_L2"},
					"job-1": {Tipo: "automatismo", Responsabile: "op-1", Atto: "Determina 12/2026"},
				},
				Applicazioni: map[string]config.Applicazione{
					"asilo": {}, "portale": {Operatori: "dichiarati", LoAMax: "SPID_L2"}, "altra": {},
				},
				Procedimenti: map[string]*config.Procedimento{"iscrizione": {
					Norma: "DPR 445/2000 art. 43", BaseGiuridica: "art43", Ufficio: "scuola", Applicazioni: []string{"asilo", "portale"},
					Operazioni:    []config.Autorizzazione{{Servizio: "anagrafe", Operazione: "residenza", Campi: []string{"residenza", "nome"}}},
					Purposes:      map[string]string{"anagrafe": "purpose-1", "chiavi": "purpose-2"},
					Conservazione: 24 * time.Hour, PraticaFormato: `ASILO-[0-9]{4}`,
				}},
				Consumes: map[string]*config.Consume{
					"anagrafe": {Recipe: "anagrafe", Environment: "locale", Client: "principale", Titolo: "proprio"},
				},
			},
			"c_b": {CodiceIPA: "c_b"},
		},
	}
}

func newOutWorld(t testing.TB, change ...func(*config.Config)) *outWorld {
	t.Helper()
	w := &outWorld{clock: newClock(), log: &memoryLog{}, register: &register{}, answers: &memoryAnswers{}}
	w.register.dati = `{"residenza": {"via": "Via <Roma> & C."}, "nome":"Mario","figli":[1]}`
	c := outConfig()
	for _, f := range change {
		f(c)
	}
	catalogue, err := registry.NewCatalogue([]registry.Adapter{w.register})
	if err != nil {
		t.Fatal(err)
	}
	w.Out, err = NewOut(OutDeps{
		Config: c, Log: w.log, Catalogue: catalogue, Answers: w.answers, Clock: w.clock.Now, Rand: rand.Reader,
		Seal: func(string) (token.SigningKey, error) { return keysOnce().seal, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// newAcquisition is a request that every check accepts.
func newAcquisition() Acquisition {
	return Acquisition{
		Caller: Application{Ente: "c_a", Name: "asilo", KeyID: "k-1"}, Servizio: "anagrafe", Operazione: "residenza",
		Contesto: Contesto{
			Ente: "c_a", Procedimento: "iscrizione", Pratica: "ASILO-0001",
			Operatore: Operatore{Tipo: "persona", UserID: "op-1", Postazione: "p-1", LoA: "SPID_L2"},
		},
		Richiesta: json.RawMessage(fmt.Sprintf(`{"codiceFiscale":%q}`, validCF)),
	}
}

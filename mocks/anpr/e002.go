// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// firstOperation is where the ids of the registry's own operations start.
const firstOperation = 59_000_000

type counter struct{ n atomic.Int64 }

func (c *counter) next() string { return strconv.FormatInt(firstOperation+c.n.Add(1), 10) }

// e002 serves POST anpr-service-e002: the gateway first, then the registry.
func (s *Server) e002(w http.ResponseWriter, r *http.Request, service Service) {
	if !s.gate.Transaction(w) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	who, fault := s.gate.Verify(r, s.admission(service), body)
	if fault != nil {
		s.gate.Refuse(r.Context(), w, fault)
		return
	}
	local := s.opts.Clock().In(s.rome)
	s.indicators.count(who.ClientID, local)
	if !s.quota.Take(w.Header(), who.ClientID+" "+who.PurposeID+" "+service.CasoUso, local) {
		s.gate.Problem(r.Context(), w, http.StatusTooManyRequests, "LimitExceeded", "Limit exceeded detected",
			&rules.Fault{Name: "quota-exhausted", Detail: "the calls of the day are used up"})
		return
	}
	request, fault := readRequest(r, body)
	if fault != nil {
		s.gate.Problem(r.Context(), w, http.StatusBadRequest, "InvalidRequestContent",
			"Request content not conform to API specification", fault)
		return
	}
	status, answer := s.operate(who.ClientID, service.CasoUso, request)
	if status != http.StatusOK {
		// As the real gateway does by default, only good answers are signed.
		host.JSON(w, status, "application/problem+json", answer)
		return
	}
	s.signer.Answer(r.Context(), w, http.StatusOK, who.ClientID, answer)
}

func readRequest(r *http.Request, body []byte) (*RichiestaE002, *rules.Fault) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, &rules.Fault{Class: rules.ClassProfile, Name: "content-type", Detail: "the content is not application/json"}
	}
	request := new(RichiestaE002)
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(request); err != nil || dec.More() {
		return nil, &rules.Fault{Class: rules.ClassProfile, Name: "content", Detail: "the body is not a RichiestaE002"}
	}
	return request, nil
}

// operate applies the rules of the registry, once per idOperazioneClient.
func (s *Server) operate(clientID, casoUso string, request *RichiestaE002) (int, any) {
	service, known := rowOf(casoUso)
	if !known {
		return s.negative(businessRule("Ente non abilitato o caso uso inesistente : "+casoUso, "casoUso"))
	}
	k := request.check(casoUso)
	if k == nil {
		k = request.checkDeclared(service)
	}
	if k != nil {
		return s.negative(k)
	}
	if !s.sequence.claim(clientID, casoUso, request.IDOperazioneClient) {
		return s.negative(otherService())
	}
	ops := s.sequence.of(clientID, casoUso)
	defer ops.mu.Unlock()
	if before, seen := ops.answers[request.IDOperazioneClient]; seen {
		return before.status, before.body
	}
	if !ops.admit(request.IDOperazioneClient) {
		return s.negative(businessRule("idOperazioneClient inferiore all'ultimo inviato", "idOperazioneClient"))
	}
	status, answer := s.search(service, request)
	ops.remember(request.IDOperazioneClient, remembered{status, answer})
	return status, answer
}

func (s *Server) search(service row, request *RichiestaE002) (int, any) {
	criteri := request.CriteriRicerca
	person, k := s.find(criteri)
	if k != nil {
		return s.negative(k)
	}
	subjects, err := s.answer(person, service, request)
	if err != nil {
		return s.negative(malformed("verifica"))
	}
	answer := RispostaE002OK{
		IDOperazioneANPR: s.operations.next(),
		ListaSoggetti:    &ListaSoggetti{DatiSoggetto: subjects},
	}
	if service.casoUso != "C030" && criteri.CodiceFiscale != "" {
		answer.ListaAnomalie = []Errore{{Codice: "EN148", Tipo: "W", Testo: testoUsareIDANPR}}
	}
	return http.StatusOK, answer
}

// answer is what one e-service says about a person.
func (s *Server) answer(p *Person, service row, request *RichiestaE002) ([]DatiSoggetto, error) {
	if service.kind == verifica {
		fact, err := s.verify(p, service, request)
		return []DatiSoggetto{{InfoSoggetto: []InfoEnte{fact}}}, err
	}
	day := request.DatiRichiesta.DataRiferimentoRichiesta
	if !service.household {
		return []DatiSoggetto{s.scheda(p, day).only(service.blocks)}, nil
	}
	list := s.household(p, day)
	for i := range list {
		list[i] = list[i].only(service.blocks)
	}
	return list, nil
}

func (s *Server) negative(k *ko) (int, any) {
	return k.status, RispostaKO{IDOperazioneANPR: s.operations.next(), ListaErrori: []Errore{k.errore}}
}

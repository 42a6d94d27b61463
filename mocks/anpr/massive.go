// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
	"github.com/snodo-pa/snodo/mocks/internal/producer"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// maxRows is how many people one massive request may ask about.
const maxRows = 2000

// RichiestaMassiva is a request about many: a CSV file without header, one key in each
// row, gzip, base64. What the members are called was never published: the names are
// those of E002 where there is one.
type RichiestaMassiva struct {
	IDOperazioneClient string         `json:"idOperazioneClient"`
	TipoRicerca        string         `json:"tipoRicerca"` // 1 codice fiscale, 2 idANPR
	File               string         `json:"file"`
	DatiRichiesta      *DatiRichiesta `json:"datiRichiesta"`
}

// PresaInCarico is the answer to it.
type PresaInCarico struct {
	IDOperazioneANPR string `json:"idOperazioneANPR"`
	Stato            int    `json:"stato"` // 0 queued, 1 running, 2 ok, 3 ko, 4 cancelled
}

// RisposteMassive is the file that is downloaded. Who was not found is not in it.
type RisposteMassive struct {
	RisposteMassive []RispostaE002OK `json:"risposteMassive"`
}

// job is one massive request.
type job struct {
	id, owner string // owner: client and e-service
	casoUso   string
	asked     time.Time
	keys      []string
	byID      bool
	day       string
}

// jobs holds the massive requests. It is safe for concurrent use.
type jobs struct {
	mu   sync.Mutex
	list []job
}

func (s *Server) massiveRoutes(mux *http.ServeMux, service Service, r row) {
	mux.HandleFunc("POST "+service.Path+"/anpr-massivo-e002-richiesta", func(w http.ResponseWriter, req *http.Request) {
		s.massive(w, req, service, func(who producer.Caller, body []byte) { s.submit(w, req, service, who, body) })
	})
	mux.HandleFunc("GET "+service.Path+"/anpr-massivo-e002-download/resource/{id}", func(w http.ResponseWriter, req *http.Request) {
		s.massive(w, req, service, func(who producer.Caller, _ []byte) { s.download(w, req, service, r, who) })
	})
	mux.HandleFunc("DELETE "+service.Path+"/anpr-massivo-e002-delete/resource/{id}", func(w http.ResponseWriter, req *http.Request) {
		s.massive(w, req, service, func(who producer.Caller, _ []byte) { s.drop(w, req, service, who) })
	})
}

// massive verifies a request as e002 does; one without a body carries no integrity.
func (s *Server) massive(w http.ResponseWriter, r *http.Request, service Service, then func(producer.Caller, []byte)) {
	if !s.gate.Transaction(w) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	admission := s.admission(service)
	admission.Integrity = len(body) > 0
	who, fault := s.gate.Verify(r, admission, body)
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
	then(who, body)
}

func (s *Server) refuse(w http.ResponseWriter, k *ko) {
	status, answer := s.negative(k)
	host.JSON(w, status, "application/problem+json", answer)
}

// submit queues a request, unless another of the client at the e-service is not done.
func (s *Server) submit(w http.ResponseWriter, r *http.Request, service Service, who producer.Caller, body []byte) {
	var asked RichiestaMassiva
	if err := json.Unmarshal(body, &asked); err != nil {
		s.gate.Problem(r.Context(), w, http.StatusBadRequest, "InvalidRequestContent", "Request content not conform to API specification",
			&rules.Fault{Class: rules.ClassProfile, Name: "content", Detail: "the body is not a RichiestaMassiva"})
		return
	}
	keys, k := asked.check(service.CasoUso)
	if k != nil {
		s.refuse(w, k)
		return
	}
	if !s.sequence.claim(who.ClientID, service.CasoUso, asked.IDOperazioneClient) {
		s.refuse(w, otherService())
		return
	}
	now := s.opts.Clock()
	one := job{
		owner: who.ClientID + " " + service.CasoUso, casoUso: service.CasoUso, asked: now, keys: keys,
		byID: asked.TipoRicerca == "2", day: asked.DatiRichiesta.DataRiferimentoRichiesta,
	}
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	if slices.ContainsFunc(s.jobs.list, func(j job) bool { return j.owner == one.owner && s.state(j, now) < 2 }) {
		s.refuse(w, pending())
		return
	}
	one.id = s.operations.next()
	s.jobs.list = append(s.jobs.list, one)
	s.signer.Answer(r.Context(), w, http.StatusOK, who.ClientID, PresaInCarico{IDOperazioneANPR: one.id})
}

// state of a job by the clock: queued, running, done.
func (s *Server) state(j job, now time.Time) int {
	switch age := now.Sub(j.asked); {
	case age < s.opts.MassiveAfter/2:
		return 0
	case age < s.opts.MassiveAfter:
		return 1
	default:
		return 2
	}
}

// casoUsoOf is what datiRichiesta names for a massive e-service: the case of use whose
// record it answers.
func casoUsoOf(massive string) string { return "C" + massive[1:] }

// check reads the rows of a request.
func (a *RichiestaMassiva) check(massive string) ([]string, *ko) {
	switch {
	case a.IDOperazioneClient == "":
		return nil, missingField("idOperazioneClient")
	case !reIDOperazione.MatchString(a.IDOperazioneClient):
		return nil, malformed("idOperazioneClient")
	case a.DatiRichiesta == nil:
		return nil, missingField("datiRichiesta")
	case a.TipoRicerca != "1" && a.TipoRicerca != "2":
		return nil, malformed("tipoRicerca")
	case massive == "M030" && a.TipoRicerca == "2":
		return nil, malformed("tipoRicerca")
	}
	if k := a.DatiRichiesta.check(casoUsoOf(massive)); k != nil {
		return nil, k
	}
	keys, ok := rowsOf(a.File)
	switch {
	case !ok || len(keys) == 0:
		return nil, malformed("file")
	case len(keys) > maxRows:
		return nil, &ko{http.StatusBadRequest, Errore{Codice: "EN101", Tipo: "E", Testo: "Il file contiene piu' di 2000 codici fiscali"}}
	}
	for _, key := range keys {
		if a.TipoRicerca == "1" && !reCodiceFiscale.MatchString(key) || a.TipoRicerca == "2" && !reIDANPR.MatchString(key) {
			return nil, &ko{http.StatusBadRequest, Errore{Codice: "EN100", Tipo: "E", Testo: "Lunghezza del codice fiscale errata nel file"}}
		}
	}
	return keys, nil
}

// rowsOf reads a file: base64, gzip, CSV of one column.
func rowsOf(file string) ([]string, bool) {
	packed, err := base64.StdEncoding.DecodeString(file)
	if err != nil {
		return nil, false
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, false
	}
	reader := csv.NewReader(io.LimitReader(z, 1<<20))
	reader.FieldsPerRecord = 1
	records, err := reader.ReadAll()
	if err != nil {
		return nil, false
	}
	keys := make([]string, len(records))
	for i, record := range records {
		keys[i] = record[0]
	}
	return keys, true
}

// find looks for a job of a caller; the lock is held.
func (s *Server) findJob(r *http.Request, service Service, who producer.Caller) int {
	return slices.IndexFunc(s.jobs.list, func(j job) bool {
		return j.id == r.PathValue("id") && j.owner == who.ClientID+" "+service.CasoUso
	})
}

func (s *Server) download(w http.ResponseWriter, r *http.Request, service Service, about row, who producer.Caller) {
	s.jobs.mu.Lock()
	i := s.findJob(r, service, who)
	if i < 0 {
		s.jobs.mu.Unlock()
		s.refuse(w, resource("Risorsa non trovata"))
		return
	}
	one := s.jobs.list[i]
	s.jobs.mu.Unlock()
	if state := s.state(one, s.opts.Clock()); state < 2 {
		s.refuse(w, resource("Risorsa in attesa di elaborazione con stato: "+strconv.Itoa(state)))
		return
	}
	file, err := s.fileOf(one, about)
	if err != nil {
		http.Error(w, "the file cannot be made", http.StatusInternalServerError)
		return
	}
	s.signer.Bytes(r.Context(), w, http.StatusOK, who.ClientID, "application/gzip", file)
}

// fileOf answers every row whose person is found.
func (s *Server) fileOf(one job, about row) ([]byte, error) {
	all := RisposteMassive{RisposteMassive: []RispostaE002OK{}}
	for _, key := range one.keys {
		criteri := &Criteri{CodiceFiscale: key}
		if one.byID {
			criteri = &Criteri{IDANPR: key}
		}
		p, k := s.find(criteri)
		if k != nil {
			continue
		}
		all.RisposteMassive = append(all.RisposteMassive, RispostaE002OK{
			IDOperazioneANPR: "0", // as the real ones have it
			ListaSoggetti:    &ListaSoggetti{DatiSoggetto: []DatiSoggetto{s.scheda(p, one.day).only(about.blocks)}},
		})
	}
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	if err := json.NewEncoder(z).Encode(all); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// drop forgets a request, done or not.
func (s *Server) drop(w http.ResponseWriter, r *http.Request, service Service, who producer.Caller) {
	s.jobs.mu.Lock()
	defer s.jobs.mu.Unlock()
	i := s.findJob(r, service, who)
	if i < 0 {
		s.refuse(w, resource("Risorsa non trovata"))
		return
	}
	id := s.jobs.list[i].id
	s.jobs.list = slices.Delete(s.jobs.list, i, i+1)
	s.signer.Answer(r.Context(), w, http.StatusOK, who.ClientID, PresaInCarico{IDOperazioneANPR: id, Stato: 4})
}

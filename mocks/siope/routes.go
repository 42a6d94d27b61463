// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/host"
)

// The lists, by the end of their path.
const (
	listAck      = "flusso/ack"
	listEsito    = "flusso/esitoflusso"
	listEsiti    = "esitoapplicativo"
	listGiornale = "giornale"
)

const instantForm = "2006-01-02T15:04:05.000"

// message is one that can be listed and fetched.
type message struct {
	list, ufficio string
	number        int
	at            time.Time
	xml           string
	fetched       bool
}

func (s *Server) routes(mux *http.ServeMux) {
	base := "/v1/{a2a}/PA/{ufficio}/"
	mux.HandleFunc("POST "+base+"flusso/{$}", s.within(s.upload))
	for _, list := range []string{listAck, listEsito, listEsiti, listGiornale} {
		mux.HandleFunc("GET "+base+list+"/{$}", s.within(func(w http.ResponseWriter, r *http.Request, b *body) { s.list(w, r, b, list) }))
		mux.HandleFunc("GET "+base+list+"/{number}", s.within(func(w http.ResponseWriter, r *http.Request, b *body) { s.fetch(w, r, b, list) }))
	}
}

// within admits who holds the certificate of the A2A code in the path, for the enti that send through it. It holds the
// lock while the request is served, and first lets happen what is due.
func (s *Server) within(next func(w http.ResponseWriter, r *http.Request, b *body)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a2a := r.PathValue("a2a")
		if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 || r.TLS.PeerCertificates[0].Subject.CommonName != a2a {
			refuse(w, r, http.StatusForbidden, "certificato non del codice A2A")
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		b := s.enti[r.PathValue("ufficio")]
		if b == nil || b.A2A != a2a {
			refuse(w, r, http.StatusForbidden, "ente non abilitato per il codice A2A")
			return
		}
		s.advance(s.opts.Clock())
		next(w, r, b)
	}
}

func refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	host.Refused(r.Context(), why)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"status": status, "message": why}) // the client may have left
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may have left
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request, b *body) {
	if r.Header.Get("Content-Type") != "application/zip" {
		refuse(w, r, http.StatusUnsupportedMediaType, "serve application/zip")
		return
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "corpo illeggibile")
		return
	}
	flow, err := unzip(data)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	s.progress++
	now := s.opts.Clock()
	s.receive(b, r.PathValue("a2a"), flow, now)
	location := fmt.Sprintf("/v1/%s/PA/%s/flusso/%d", r.PathValue("a2a"), b.Ufficio, s.progress)
	answer(w, http.StatusCreated, map[string]any{
		"progFlusso": s.progress, "dataUpload": now.In(s.place).Format(instantForm), "download": false, "location": location,
	})
}

// window reads the parameters of a list: how they are called differs for the ACKs.
func (s *Server) window(r *http.Request, list string) (from, to time.Time, page int, fresh bool, err error) {
	what := "dataUpload"
	if list == listAck {
		what = "dataProduzione"
	}
	q := r.URL.Query()
	if from, err = time.ParseInLocation(instantForm, q.Get(what+"Da"), s.place); err != nil {
		return from, to, 0, false, fmt.Errorf("%sDa: serve %s", what, instantForm)
	}
	if to, err = time.ParseInLocation(instantForm, q.Get(what+"A"), s.place); err != nil || to.Before(from) {
		return from, to, 0, false, fmt.Errorf("%sA: serve %s, non prima di %sDa", what, instantForm, what)
	}
	page = 1
	if q.Has("pagina") {
		if page, err = strconv.Atoi(q.Get("pagina")); err != nil || page < 1 {
			return from, to, 0, false, fmt.Errorf("pagina: serve un numero da 1")
		}
	}
	switch q.Get("download") {
	case "", "true":
	case "false":
		fresh = true
	default:
		return from, to, 0, false, fmt.Errorf("download: serve true o false")
	}
	return from, to, page, fresh, nil
}

// list tells of the messages of a window; with download=false only of those that nobody fetched yet.
func (s *Server) list(w http.ResponseWriter, r *http.Request, b *body, list string) {
	from, to, page, fresh, err := s.window(r, list)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	dated, numbered := "dataUpload", map[string]string{listEsito: "progFlusso", listEsiti: "progEsitoApplicativo", listGiornale: "progGiornale"}[list]
	if list == listAck {
		dated, numbered = "dataProduzione", "progFlusso"
	}
	var found []map[string]any
	for _, m := range s.messages {
		if m.list != list || m.ufficio != b.Ufficio || m.at.Before(from.Add(-time.Millisecond)) || m.at.After(to.Add(time.Millisecond)) || fresh && m.fetched {
			continue
		}
		found = append(found, map[string]any{
			numbered: m.number, dated: m.at.In(s.place).Format(instantForm), "download": m.fetched,
			"location": fmt.Sprintf("/v1/%s/PA/%s/%s/%d", b.A2A, b.Ufficio, list, m.number),
		})
	}
	pages := (len(found) + s.opts.PerPage - 1) / s.opts.PerPage
	begin := min((page-1)*s.opts.PerPage, len(found))
	shown := found[begin:min(begin+s.opts.PerPage, len(found))]
	if shown == nil {
		shown = []map[string]any{}
	}
	answer(w, http.StatusOK, map[string]any{
		"numRisultati": len(found), "numPagine": pages, "risultatiPerPagina": s.opts.PerPage, "pagina": page,
		dated + "Da": from.Format(instantForm), dated + "A": to.Format(instantForm), "risultati": shown,
	})
}

// fetch gives a message in its zip.
func (s *Server) fetch(w http.ResponseWriter, r *http.Request, b *body, list string) {
	if !strings.Contains(r.Header.Get("Accept"), "application/zip") {
		refuse(w, r, http.StatusNotAcceptable, "serve Accept: application/zip")
		return
	}
	for _, m := range s.messages {
		if m.list == list && m.ufficio == b.Ufficio && strconv.Itoa(m.number) == r.PathValue("number") {
			packed, err := pack(m.xml)
			if err != nil {
				refuse(w, r, http.StatusInternalServerError, "zip")
				return
			}
			m.fetched = true
			w.Header().Set("Content-Type", "application/zip")
			_, _ = w.Write(packed) // the client may have left
			return
		}
	}
	refuse(w, r, http.StatusNotFound, "messaggio inesistente")
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// evidenceSearch is the body of POST /v1/prove/ricerca. The person travels in the body, never in a URL.
type evidenceSearch struct {
	Ente     string    `json:"ente"`
	Ambiente string    `json:"ambiente"`
	Da       time.Time `json:"da"`
	A        time.Time `json:"a"`
	Tipo     string    `json:"tipo"`
	Scambio  string    `json:"scambio"`
	Soggetto string    `json:"soggetto"` // codice fiscale
	Dopo     *int64    `json:"dopo"`     // index where the page before ended
	Limite   int       `json:"limite"`
}

// check refuses filters that could never match: a mistake of typing would look like an empty log.
func (s evidenceSearch) check() error {
	e := &problem.Error{Rule: problem.RuleSchema}
	wrong := func(where, it, en string) {
		e.Spots = append(e.Spots, problem.Spot{
			Rule: problem.RuleSchema, Where: where, Expected: modi.Text{IT: it, EN: en},
			Found: modi.Text{IT: "un altro valore", EN: "another value"},
		})
	}
	if environments := registry.Environments(); s.Ambiente != "" && !slices.Contains(environments, s.Ambiente) {
		all := strings.Join(environments, ", ")
		wrong("/ambiente", "uno tra "+all, "one of "+all)
	}
	if s.Tipo != "" && !evidence.Kind(s.Tipo).Valid() {
		all := strings.Join(kinds(), ", ")
		wrong("/tipo", "uno tra "+all, "one of "+all)
	}
	if !s.A.IsZero() && s.A.Before(s.Da) {
		wrong("/a", "un istante non anteriore a /da", "an instant not before /da")
	}
	if s.Limite < 0 {
		wrong("/limite", "un numero non negativo", "a number that is not negative")
	}
	if s.Soggetto != "" && codicefiscale.Valid(codicefiscale.Normal(s.Soggetto)) != nil {
		return problem.New(problem.RuleCodiceFiscale)
	}
	if len(e.Spots) > 0 {
		return e
	}
	return nil
}

func kinds() []string {
	return []string{
		string(evidence.KindAcquisizioneIntento), string(evidence.KindAcquisizioneEsito), string(evidence.KindAcquisizioneRifiuto),
		string(evidence.KindErogazioneIntento), string(evidence.KindErogazioneEsito), string(evidence.KindErogazioneRifiuto),
		string(evidence.KindPiattaformaIntento), string(evidence.KindPiattaformaEsito), string(evidence.KindTesoreriaIntento),
		string(evidence.KindTesoreriaEsito), string(evidence.KindTesoreriaEvento), string(evidence.KindSconosciuto),
	}
}

func (a *API) searchEvidence(c *gin.Context) {
	requestOf(c).operation = "prove"
	var in evidenceSearch
	if err := a.decodeManagement(c, &in); err != nil {
		a.fail(c, err)
		return
	}
	if err := in.check(); err != nil {
		a.fail(c, err)
		return
	}
	found, err := a.Evidence.List(c.Request.Context(), evidence.Query{
		Ente: in.Ente, Environment: in.Ambiente, Kind: evidence.Kind(in.Tipo), Exchange: in.Scambio,
		Subject: codicefiscale.Normal(in.Soggetto), From: in.Da, To: in.A, After: in.Dopo, Limit: in.Limite,
	})
	if err != nil {
		a.fail(c, evidenceProblem(err))
		return
	}
	// An ente that is no longer configured may still have a log.
	if _, known := a.Config.Enti[in.Ente]; !known && len(found) == 0 {
		a.fail(c, a.unknownEnte("/ente", in.Ente))
		return
	}
	list := make([]Prova, 0, len(found))
	for i := range found {
		list = append(list, provaOf(&found[i]))
	}
	a.write(c, http.StatusOK, mediaJSON, gin.H{"prove": list})
}

func (a *API) showEvidence(c *gin.Context) {
	requestOf(c).operation = "prova"
	index, err := strconv.ParseInt(c.Param("indice"), 10, 64)
	if err != nil {
		a.fail(c, problem.New(problem.RuleEvidenceNotFound))
		return
	}
	found, err := a.Evidence.Get(c.Request.Context(), c.Param("ente"), index)
	if err != nil {
		a.fail(c, evidenceProblem(err))
		return
	}
	a.write(c, http.StatusOK, mediaJSON, provaOf(&found))
}

// CheckpointJSON is a signed state of a log.
type CheckpointJSON struct {
	Origine    string `json:"origine"`
	Ente       string `json:"ente"`
	Dimensione int64  `json:"dimensione"`
	Radice     string `json:"radice"`             // base64
	Chiave     string `json:"chiave,omitempty"`   // verifier key, note format
	Impronta   string `json:"impronta,omitempty"` // SHA-256 of the key
	Nota       string `json:"nota"`               // the signed note
}

func (a *API) checkpoint(c *gin.Context) {
	requestOf(c).operation = "checkpoint"
	ente := c.Param("ente")
	if _, known := a.Config.Enti[ente]; !known {
		a.fail(c, problem.New(problem.RuleEvidenceNotFound))
		return
	}
	cp, err := a.Evidence.Checkpoint(c.Request.Context(), ente)
	if err != nil {
		a.fail(c, evidenceProblem(err))
		return
	}
	out := CheckpointJSON{
		Origine: evidence.Origin(a.Config.Hub.Name, ente), Ente: cp.Ente, Dimensione: cp.Size,
		Radice: base64.StdEncoding.EncodeToString(cp.Root[:]), Nota: string(cp.Note),
	}
	if a.CheckpointKey != nil {
		if out.Chiave, err = a.CheckpointKey(ente); err == nil {
			out.Impronta, err = evidence.Fingerprint(out.Chiave)
		}
		if err != nil {
			a.fail(c, err)
			return
		}
	}
	a.write(c, http.StatusOK, mediaJSON, out)
}

// unknownEnte names the enti there are: who runs the hub may see them all.
func (a *API) unknownEnte(where, asked string) error {
	return problem.Unknown(problem.RuleUnknownEnte, where, asked, slices.Collect(maps.Keys(a.Config.Enti)))
}

func evidenceProblem(err error) error {
	switch {
	case errors.Is(err, evidence.ErrNotFound):
		return problem.New(problem.RuleEvidenceNotFound)
	case errors.Is(err, evidence.ErrTampered):
		return problem.New(problem.RuleEvidenceAltered).Because(err)
	default:
		return problem.New(problem.RuleEvidenceReading).Because(err)
	}
}

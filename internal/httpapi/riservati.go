// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/json"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
)

// What became of the side record of an entry, in the words of this API.
const (
	RiservatiAssenti    = "assenti"    // the entry never had one
	RiservatiPresenti   = "presenti"   // readable, and what the entry commits to
	RiservatiCancellati = "cancellati" // destroyed on request or at the end of its retention
	RiservatiSigillati  = "sigillati"  // sealed under a master key that this hub does not have
	RiservatiAlterati   = "alterati"   // missing, or not what the entry commits to
)

// Riservati is the side record of an entry, in the words of this API. An export holds it as the log keeps it, whose
// names are those of evidence.Side.
type Riservati struct {
	Applicazione  string         `json:"applicazione,omitempty"`
	Operatore     ProvaOperatore `json:"operatore,omitzero"`
	Pratica       string         `json:"pratica,omitempty"`
	Procedimento  string         `json:"procedimento,omitempty"`
	Ufficio       string         `json:"ufficio,omitempty"`
	BaseGiuridica string         `json:"baseGiuridica,omitempty"`
	Norma         string         `json:"norma,omitempty"`
	Titolo        string         `json:"titolo,omitempty"`

	Metodo    string `json:"metodo,omitempty"`
	URI       string `json:"uri,omitempty"`
	Indirizzo string `json:"indirizzo,omitempty"` // of who called

	ConservatiFino time.Time `json:"conservatiFino,omitzero"`

	Chiamate []ProvaChiamata  `json:"chiamate,omitempty"`
	Token    []ProvaToken     `json:"token,omitempty"`
	Impronte []ProvaImpronta  `json:"impronte,omitempty"`
	Messaggi []ProvaMessaggio `json:"messaggi,omitempty"`

	Atto *ProvaAtto `json:"atto,omitempty"` // of the kinds piattaforma/*
}

// ProvaAtto is what was declared or changed on PDND in the name of the ente.
type ProvaAtto struct {
	Oggetto      string             `json:"oggetto"`
	ID           string             `json:"id,omitempty"` // on PDND
	Valori       map[string]string  `json:"valori,omitempty"`
	Approvazione *ProvaApprovazione `json:"approvazione,omitempty"`
	Codice       string             `json:"codice,omitempty"` // PDND's own, of a refusal
}

// ProvaApprovazione is who answers for the declaration of a purpose.
type ProvaApprovazione struct {
	Da     string `json:"da"`
	Il     string `json:"il"`
	Atto   string `json:"atto"`
	DPO    string `json:"dpo"`
	DPOIl  string `json:"dpoIl"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// ProvaOperatore is who acted.
type ProvaOperatore struct {
	Tipo         string `json:"tipo"`
	UserID       string `json:"userID"`
	Postazione   string `json:"postazione"`
	LoA          string `json:"loa"`
	Garanzia     string `json:"garanzia,omitempty"` // how the hub knows it is them: verificati, elenco, dichiarati
	Responsabile string `json:"responsabile,omitempty"`
	Atto         string `json:"atto,omitempty"`
}

// ProvaChiamata is one attempt on the wire.
type ProvaChiamata struct {
	Servizio           string    `json:"servizio"`
	Operazione         string    `json:"operazione,omitempty"`
	EserviceID         string    `json:"eserviceId,omitempty"`
	PurposeID          string    `json:"purposeId,omitempty"`
	VoucherJTI         string    `json:"voucherJti,omitempty"`
	Kid                string    `json:"kid,omitempty"`
	Tentativo          int       `json:"tentativo"` // from 1
	Stato              int       `json:"stato"`     // HTTP status; zero when no answer came
	Inizio             time.Time `json:"inizio"`
	Fine               time.Time `json:"fine"`
	IDOperazioneClient string    `json:"idOperazioneClient,omitempty"`
	GovWayID           string    `json:"govwayId,omitempty"`
	Regola             string    `json:"regola,omitempty"`
}

// ProvaToken is one token of the exchange.
type ProvaToken struct {
	Tipo      evidence.TokenKind `json:"tipo"`
	Direzione string             `json:"direzione"`          // richiesta, risposta
	Chiamata  int                `json:"chiamata,omitempty"` // position in chiamate, from 1
	Kid       string             `json:"kid,omitempty"`
	Contenuto json.RawMessage    `json:"contenuto,omitempty"`
	Compatto  string             `json:"compatto,omitempty"`
}

// ProvaImpronta is the digest of one body.
type ProvaImpronta struct {
	Nome      string `json:"nome"`
	Algoritmo string `json:"algoritmo"`
	Valore    string `json:"valore"` // base64
}

// ProvaMessaggio is one body kept whole.
type ProvaMessaggio struct {
	Direzione string `json:"direzione"`
	MediaType string `json:"mediaType"`
	Corpo     []byte `json:"corpo"` // base64
}

func statoRiservati(s evidence.SideState) string {
	switch s {
	case evidence.SideNone:
		return RiservatiAssenti
	case evidence.SidePresent:
		return RiservatiPresenti
	case evidence.SideErased:
		return RiservatiCancellati
	case evidence.SideSealed:
		return RiservatiSigillati
	case evidence.SideAltered:
		return RiservatiAlterati
	}
	return string(s)
}

// riservatiOf is nil for a side record that cannot be read.
func riservatiOf(s *evidence.Side) *Riservati {
	if s == nil {
		return nil
	}
	o := s.Operator
	r := &Riservati{
		Applicazione: s.Application, Pratica: s.Pratica, Procedimento: s.Procedimento, Ufficio: s.Ufficio,
		BaseGiuridica: s.BaseGiuridica, Norma: s.Norma, Titolo: s.Titolo,
		Metodo: s.Method, URI: s.URI, Indirizzo: s.Peer, ConservatiFino: s.RetainUntil,
		Operatore: ProvaOperatore{
			Tipo: o.Type, UserID: o.UserID, Postazione: o.Workstation, LoA: o.LoA,
			Garanzia: o.Assurance, Responsabile: o.Responsible, Atto: o.Atto,
		},
	}
	for _, c := range s.Calls {
		r.Chiamate = append(r.Chiamate, ProvaChiamata{
			Servizio: c.Service, Operazione: c.Operation, EserviceID: c.Eservice, PurposeID: c.Purpose,
			VoucherJTI: c.VoucherJTI, Kid: c.Kid, Tentativo: c.Attempt, Stato: c.Status, Inizio: c.Started, Fine: c.Ended,
			IDOperazioneClient: c.IDOperazioneClient, GovWayID: c.GovWayID, Regola: c.Rule,
		})
	}
	for _, p := range s.Proofs {
		r.Token = append(r.Token, ProvaToken{
			Tipo: p.Token, Direzione: direzione(p.Direction), Chiamata: p.Call, Kid: p.Kid, Contenuto: p.Payload, Compatto: p.Compact,
		})
	}
	for _, d := range s.Digests {
		r.Impronte = append(r.Impronte, ProvaImpronta{Nome: d.Name, Algoritmo: d.Algorithm, Valore: d.Value})
	}
	for _, m := range s.Messages {
		r.Messaggi = append(r.Messaggi, ProvaMessaggio{Direzione: direzione(m.Direction), MediaType: m.MediaType, Corpo: m.Body})
	}
	if act := s.Act; act != nil {
		r.Atto = &ProvaAtto{Oggetto: act.Target, ID: act.Object, Valori: act.Values, Codice: act.Code}
		if v := act.Approval; v != nil {
			r.Atto.Approvazione = &ProvaApprovazione{Da: v.By, Il: v.On, Atto: v.Atto, DPO: v.DPO, DPOIl: v.DPOOn, File: v.File, SHA256: v.SHA256}
		}
	}
	return r
}

func direzione(d evidence.Direction) string {
	switch d {
	case evidence.DirectionRequest:
		return "richiesta"
	case evidence.DirectionResponse:
		return "risposta"
	}
	return string(d)
}

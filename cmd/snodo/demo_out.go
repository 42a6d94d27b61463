// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/record"
)

// The invented person of the demonstration, Marco Bianchi.
const demoPerson = "BNCMRC85C12D612V"

func (s *stage) introduce() {
	s.w.Title(s.t("Snodo: dimostrazione", "Snodo: demonstration"))
	s.w.Para(s.t(
		"Tre amministrazioni inventate. Il Comune di Borgo Fiorito e il Comune di Val Serena usano questo Snodo; "+
			"l'Unione dei Comuni della Piana li chiama. PDND, ANPR (con una CA privata, come quella vera) e il gestionale "+
			"delle istanze sono simulazioni che rifiutano ciò che rifiutano quelli veri. Le chiavi sono state generate adesso.",
		"Three invented administrations. The Comune di Borgo Fiorito and the Comune di Val Serena use this hub; the Unione "+
			"dei Comuni della Piana calls them. PDND, ANPR (with a private CA, as the real one) and the back end are mocks "+
			"that refuse what the real ones refuse. The keys were made just now."))
	s.w.Blank()
	s.w.Table([][]string{
		{s.t("CHI", "WHO"), s.t("DOVE", "WHERE")},
		{s.t("Snodo, per le applicazioni", "hub, for applications"), "http://" + s.world.applicazioni},
		{s.t("Snodo, per le altre amministrazioni", "hub, for other administrations"), "http://" + s.world.esposizione},
		{s.t("PDND simulata", "mock PDND"), s.world.PDND.URL()},
		{s.t("ANPR simulata", "mock ANPR"), s.world.ANPR.URL()},
		{s.t("configurazione", "configuration"), s.world.dir},
	})
}

// demoRequest is the acquisition of the demonstration.
func demoRequest() acquire.Request {
	return acquire.Request{
		Service: "anpr-c020", Operation: "residenza",
		Context: acquire.Context{
			Ente: ambiente.BorgoFiorito().CodiceIPA, Procedimento: folder.Procedimento, Pratica: folder.Pratica,
			Operatore: acquire.Operator{
				Tipo: "persona", UserID: folder.Operatore, Postazione: folder.Postazione, LoA: folder.LoA,
			},
		},
		Richiesta: json.RawMessage(`{"codiceFiscale":"` + demoPerson + `"}`),
	}
}

// acquire is the first scene: an application gets a residence.
func (s *stage) acquire(ctx context.Context) error {
	s.w.Step(1, s.t("Borgo Fiorito acquisisce una residenza da ANPR", "Borgo Fiorito acquires a residence from ANPR"))
	s.w.Para(s.t(
		"Lo sportello delle famiglie lavora una domanda di iscrizione al nido e non deve chiedere certificati al cittadino "+
			"(DPR 445/2000, art. 43). Dice allo Snodo chi chiede e per quale pratica: base giuridica, finalità PDND, campi "+
			"visibili e conservazione derivano dal procedimento.",
		"The family desk works on an application for the nursery and must not ask the citizen for certificates (DPR "+
			"445/2000, art. 43). It tells the hub who asks and for which case: legal basis, PDND purpose, visible fields and "+
			"retention derive from the procedimento."))
	request := demoRequest()
	s.showAcquisition(request)
	s.world.PDND.ResetRequests()
	s.world.ANPR.ResetRequests()
	answer, err := s.client.Acquire(ctx, request)
	if err != nil {
		return err
	}
	s.w.Blank()
	s.w.Para(s.t(
		"C020 chiede l'idANPR, e lo Snodo ha un codice fiscale: chiama prima C030, poi C020. Per ogni chiamata firma la "+
			"prova di tracciamento (AUDIT_REST_02), ottiene da PDND un voucher legato alla sua impronta, firma il corpo "+
			"(INTEGRITY_REST_02) e verifica la firma della risposta.",
		"C020 asks for the idANPR, and the hub has a codice fiscale: it calls C030 first, then C020. For each call it signs "+
			"the tracking evidence (AUDIT_REST_02), gets from PDND a voucher bound to its digest, signs the body "+
			"(INTEGRITY_REST_02) and verifies the signature of the answer."))
	s.showRecorded()
	return s.acquired(ctx, request, answer)
}

func (s *stage) showAcquisition(r acquire.Request) {
	body, err := json.Marshal(map[string]any{"contesto": r.Context, "richiesta": r.Richiesta})
	if err != nil {
		return // constants of this file
	}
	s.w.Message(terminal.Message{
		From: s.t("sportello", "application"), To: "Snodo",
		Start:  "POST /v1/acquisizioni/" + r.Service + "/" + r.Operation,
		Header: []terminal.Field{{Name: "Authorization", Value: "Bearer " + s.key}, {Name: "Content-Type", Value: "application/json"}},
		Body:   body,
	})
}

// acquired shows the answer and checks what the scene promised.
func (s *stage) acquired(ctx context.Context, r acquire.Request, answer *acquire.Answer) error {
	s.w.Message(terminal.Message{
		From: "Snodo", To: s.t("sportello", "application"),
		Start: fmt.Sprintf("%d %s", answer.Status, http.StatusText(answer.Status)), Body: answer.Raw,
	})
	s.w.Blank()
	calls := 0
	for _, e := range s.world.ANPR.Requests() {
		if e.Method == http.MethodPost && e.Status == http.StatusOK {
			calls++
		}
	}
	s.promise(answer.Problem == nil, "la residenza è arrivata", "the residence has arrived")
	s.promise(calls == 2, "ANPR ha accettato due chiamate, ciascuna con un voucher suo", "ANPR accepted two calls, each with a voucher of its own")
	if answer.Problem != nil {
		return nil
	}
	err := s.client.VerifyProvenance(ctx, r.Context.Ente, answer)
	s.promise(err == nil, "la provenienza è firmata dal sigillo dell'ente, con la chiave che pubblica",
		"the provenance is signed by the seal of the ente, with the key it publishes")
	return nil
}

// exchangeOf is a recorded exchange with the mock that received it.
type exchangeOf struct {
	record.Exchange
	peer string
}

// showRecorded shows what the hub exchanged with PDND and ANPR for the acquisition, in order:
// tokens whole for the first e-service called, by their jti for what repeats the same steps.
// What it reads of PDND on its own account meanwhile (events, quotas) is another story.
func (s *stage) showRecorded() {
	var all []exchangeOf
	for _, e := range s.world.PDND.Requests() {
		all = append(all, exchangeOf{e, "PDND"})
	}
	for _, e := range s.world.ANPR.Requests() {
		all = append(all, exchangeOf{e, "ANPR"})
	}
	slices.SortStableFunc(all, func(a, b exchangeOf) int { return a.At.Compare(b.At) })
	brief := false
	for _, e := range all {
		if e.Method == http.MethodGet {
			if !publicKeys(e.Path) {
				continue
			}
			s.w.Blank()
			s.w.Say(terminal.Note, fmt.Sprintf(s.t("Snodo → %s  GET %s → %d (chiavi pubbliche)", "hub → %s  GET %s → %d (public keys)"),
				e.peer, e.Path, e.Status))
			continue
		}
		s.showExchange(e, brief)
		if e.peer == "ANPR" && !brief {
			brief = true
			s.w.Blank()
			s.w.Para(s.t("Da qui in poi i passi si ripetono, con token nuovi: se ne mostra solo l'identificativo (jti).",
				"From here on the steps repeat, with new tokens: only their identifier (jti) is shown."))
		}
	}
}

// publicKeys tells the addresses at which keys are published: PDND's own, and those of clients and producers.
func publicKeys(path string) bool {
	return strings.Contains(path, "/.well-known/") || strings.Contains(path, "/keys/") || strings.Contains(path, "/producerKeys/")
}

func (s *stage) showExchange(e exchangeOf, brief bool) {
	s.w.Message(terminal.Message{
		From: "Snodo", To: e.peer, Start: e.Method + " " + shortPath(e.Path),
		Header: terminal.Fields(e.RequestHeader, "Content-Type", "Digest"), Tokens: tokens(e.RequestTokens, brief), Body: e.RequestBody,
	})
	s.w.Message(terminal.Message{
		From: e.peer, To: "Snodo", Start: fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)),
		Header: terminal.Fields(e.ResponseHeader, "Content-Type", "Digest"), Tokens: tokens(e.ResponseTokens, brief),
		Body: bytes.TrimSpace(e.ResponseBody),
	})
}

// tokens prepares decoded tokens to be shown. The voucher in Authorization is always
// brief: it has just been shown where PDND issued it.
func tokens(list []record.Token, brief bool) []terminal.Token {
	// Header names as the guideline writes them, not as HTTP libraries do.
	names := map[string]string{"Agid-Jwt-Signature": "Agid-JWT-Signature", "Agid-Jwt-Trackingevidence": "Agid-JWT-TrackingEvidence"}
	shown := make([]terminal.Token, 0, len(list))
	for _, t := range list {
		name := t.Name
		if known, ok := names[name]; ok {
			name = known
		}
		shown = append(shown, terminal.Token{Name: name, Header: t.Header, Payload: t.Payload, Brief: brief || name == "Authorization"})
	}
	return shown
}

// shortPath leaves out the part of a GovWay path that says nothing.
func shortPath(path string) string {
	if at := strings.LastIndex(path, "/C0"); at > 0 {
		return "…" + path[at:]
	}
	return path
}

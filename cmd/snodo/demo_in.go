// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// The invented practice that the Unione asks about.
const demoSearch = `{"istanza":"PRT-2026-0000123"}`

// unioneCall makes one signed call of the Unione to the e-service of an ente and returns
// the request as it was sent.
func (s *stage) unioneCall(ctx context.Context, e ambiente.Ente, url string, alter func(*http.Request)) (*http.Request, *fruitore.Reply, error) {
	var sent *http.Request
	reply, err := s.world.Unione(e).Do(ctx, http.MethodPost, url+"/ricerche", []byte(demoSearch), fruitore.Hooks{
		Request: func(r *http.Request) {
			if alter != nil {
				alter(r)
			}
			sent = r.Clone(ctx)
		},
	})
	return sent, reply, err
}

// expose is the second scene: another administration calls the ente.
func (s *stage) expose(ctx context.Context) error {
	s.w.Step(2, s.t("L'Unione dei Comuni della Piana legge lo stato di un'istanza a Borgo Fiorito",
		"The Unione dei Comuni della Piana reads the state of a practice in Borgo Fiorito"))
	s.w.Para(s.t(
		"L'Unione è un'altra amministrazione: ha un client PDND suo e firma con il suo programma. Chiede un voucher per "+
			"l'e-service di Borgo Fiorito e chiama lo Snodo, che controlla voucher, firma, prova di tracciamento, riuso, "+
			"finalità e quota; poi chiama il gestionale e firma la risposta con il portachiavi dell'ente.",
		"The Unione is another administration: it has a PDND client of its own and signs with its own program. It asks a "+
			"voucher for the e-service of Borgo Fiorito and calls the hub, which checks voucher, signature, tracking evidence, "+
			"replay, purpose and quota; then it calls the back end and signs the answer with the ente's producer keychain."))
	ente := ambiente.BorgoFiorito()
	sent, reply, err := s.unioneCall(ctx, ente, s.world.exposedURL(ente), nil)
	if err != nil {
		return err
	}
	s.w.Message(terminal.Message{
		From: "Unione", To: "Snodo", Start: sent.Method + " " + sent.URL.Path,
		Header: terminal.Fields(sent.Header, "Authorization", "Agid-JWT-TrackingEvidence", "Agid-JWT-Signature", "Digest", "Content-Type"),
		Body:   []byte(demoSearch),
	})
	s.w.Message(terminal.Message{
		From: "Snodo", To: "Unione", Start: fmt.Sprintf("%d %s", reply.Status, http.StatusText(reply.Status)),
		Header: terminal.Fields(reply.Header, "Agid-JWT-Signature", "Digest", "Content-Type", "X-RateLimit-Limit", "X-RateLimit-Remaining"),
		Body:   reply.Body,
	})
	s.w.Blank()
	s.promise(reply.Status == http.StatusOK, "lo Snodo ha ammesso la chiamata", "the hub has admitted the call")
	key, err := s.keychainKey(ente)
	if err != nil {
		return err
	}
	err = s.world.Unione(ente).CheckReply(reply, key)
	s.promise(err == nil, "la risposta è firmata dal portachiavi di Borgo Fiorito, per l'Unione",
		"the answer is signed by the producer keychain of Borgo Fiorito, for the Unione")
	return nil
}

// keychainKey is the public key that signs the answers of an ente.
func (s *stage) keychainKey(e ambiente.Ente) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(s.world.written.Public[e.CodiceIPA].Keychain)
	if block == nil {
		return nil, errors.New("keychain key: no PEM block")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, bilingual.Errorf("chiave del portachiavi: %w", "keychain key: %w", err)
	}
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("keychain key: not RSA")
	}
	return key, nil
}

// attempt is one message that must be refused, and how.
type attempt struct {
	it, en string
	status int
	rule   string
	send   func(ctx context.Context) (*fruitore.Reply, error)
}

// refuse is the third scene: messages that break a rule.
func (s *stage) refuse(ctx context.Context) error {
	s.w.Step(3, s.t("Che cosa lo Snodo rifiuta, e con quale regola", "What the hub refuses, and by which rule"))
	s.w.Para(s.t("Ogni rifiuto porta l'identificativo stabile della regola violata, con una pagina che la spiega.",
		"Every refusal carries the stable identifier of the rule broken, with a page that explains it."))
	s.w.Blank()
	for _, try := range s.attempts() {
		reply, err := try.send(ctx)
		if err != nil {
			return err
		}
		status, rule := reply.Status, ruleOf(reply.Body)
		s.promise(status == try.status && rule == try.rule, "%s → %d %s", "%s → %d %s", s.t(try.it, try.en), status, rule)
	}
	return nil
}

func (s *stage) attempts() []attempt {
	borgo, serena := ambiente.BorgoFiorito(), ambiente.ValSerena()
	url := s.world.exposedURL(borgo)
	return []attempt{
		{
			"lo stesso messaggio spedito due volte", "the same message sent twice", http.StatusConflict, "modi.integrity/replayed",
			func(ctx context.Context) (*fruitore.Reply, error) { return s.replay(ctx, borgo, url) },
		},
		{
			"un voucher per Borgo Fiorito usato con Val Serena", "a voucher for Borgo Fiorito used with Val Serena",
			http.StatusUnauthorized, "pdnd.voucher/audience-mismatch",
			func(ctx context.Context) (*fruitore.Reply, error) {
				_, reply, err := s.unioneCall(ctx, borgo, s.world.exposedURL(serena), nil)
				return reply, err
			},
		},
		{
			"il corpo cambiato dopo la firma", "the body changed after it was signed", http.StatusBadRequest, "modi.integrity/digest-mismatch",
			func(ctx context.Context) (*fruitore.Reply, error) {
				_, reply, err := s.unioneCall(ctx, borgo, url, func(r *http.Request) {
					other := []byte(`{"istanza":"PRT-2026-0000124"}`)
					r.Body = io.NopCloser(bytes.NewReader(other))
					r.ContentLength = int64(len(other))
				})
				return reply, err
			},
		},
		{
			"nessun voucher", "no voucher", http.StatusUnauthorized, "pdnd.voucher/token-missing",
			func(ctx context.Context) (*fruitore.Reply, error) {
				_, reply, err := s.unioneCall(ctx, borgo, url, func(r *http.Request) { r.Header.Del("Authorization") })
				return reply, err
			},
		},
	}
}

// replay sends one message twice and returns the second answer.
func (s *stage) replay(ctx context.Context, e ambiente.Ente, url string) (*fruitore.Reply, error) {
	sent, _, err := s.unioneCall(ctx, e, url, nil)
	if err != nil {
		return nil, err
	}
	_, reply, err := s.unioneCall(ctx, e, url, func(r *http.Request) { r.Header = sent.Header })
	return reply, err
}

// ruleOf reads the rule id of a problem document.
func ruleOf(body []byte) string {
	var problem struct {
		Rule string `json:"rule"`
	}
	if json.Unmarshal(body, &problem) != nil || problem.Rule == "" {
		return "-"
	}
	return problem.Rule
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi/uuid"
	"github.com/snodo-pa/snodo/registry"
)

// acquiring is the exchange of an acquisition: one value, filled in step by step.
type acquiring struct {
	in    Acquisition
	id    string
	began time.Time

	// route
	ente         *config.Ente
	binding      *config.Consume
	recipe       *registry.Recipe
	operation    registry.RecipeOperation
	procedimento *config.Procedimento

	// choose
	richiesta json.RawMessage // what the adapter is asked
	decoded   any             // the same, once it has been read
	declared  map[string]any  // of a verifica
	own       bool            // the registry compares, not the hub

	native *native // of a native call

	// authorise
	applicazione config.Applicazione
	operator     registry.Operator
	assurance    string // verificati, elenco, dichiarati
	responsible  string // of an automatismo
	act          string // that institutes an automatismo
	fields       []string

	// validate
	subjects []string // codici fiscali the request is about

	claim    Claim     // recall
	recalled *Acquired // recall: the answer this very request got before

	intent *evidence.Receipt // intend

	replyTo string // call: where an answer that comes later is to go; "" = it comes at once

	scope registry.Scope    // call
	calls registry.CallLog  //
	reply registry.Response //

	waits time.Time    // await: the answer comes later, until then; zero = it is here
	later *laterAnswer // of an answer that came later

	dati json.RawMessage // narrow

	outcome evidence.Receipt // conclude
	ended   time.Time        //

	answer *Acquired // attest
	err    error     // what ended the way down
}

func (x *acquiring) identify(now time.Time, rand io.Reader) error {
	id, err := uuid.NewAt(now, rand)
	if err != nil {
		return fmt.Errorf("exchange id: %w", err)
	}
	x.id = id
	return nil
}

// status is the HTTP status the caller gets.
func (x *acquiring) status() int {
	if x.err != nil {
		return problem.Status(x.err)
	}
	if x.native != nil && x.later == nil {
		return x.native.reply.Status
	}
	if !x.waits.IsZero() {
		return http.StatusAccepted
	}
	return http.StatusOK
}

// enteName and serviceName are names of the configuration, never what a caller wrote.
func (x *acquiring) enteName() string {
	if x.ente == nil {
		return ""
	}
	return x.ente.CodiceIPA
}

func (x *acquiring) serviceName() string {
	if x.binding == nil {
		return ""
	}
	return x.in.Servizio
}

func (x *acquiring) place() problem.Place {
	return problem.Place{Exchange: x.id, Ente: x.enteName(), Servizio: x.serviceName()}
}

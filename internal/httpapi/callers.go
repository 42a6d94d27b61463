// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/callers"
	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// CallersDesk suspends consumers and readmits them; *callers.Desk is the one.
type CallersDesk interface {
	// Suspend keeps a consumer from calling; callers.ErrSuspended is a "no".
	Suspend(ctx context.Context, s callers.Suspension) error
	// Resume lets it call again; callers.ErrNotSuspended is a "no".
	Resume(ctx context.Context, ente, service, consumer, by string) error
	// Suspensions lists those of an ente, ended ones too.
	Suspensions(ctx context.Context, ente string) ([]callers.Suspension, error)
}

// What a consumer waits for on PDND.
const (
	WaitsAgreement = "richiesta di fruizione"
	WaitsPurpose   = "finalità oltre soglia"
)

// PendingCaller is a consumer that waits for the ente to approve something on PDND.
type PendingCaller struct {
	Servizio       string    `json:"servizio"`
	Fruitore       string    `json:"fruitore"`
	Denominazione  string    `json:"denominazione,omitempty"`
	Attende        string    `json:"attende"`
	ID             string    `json:"id"` // of the agreement or the purpose
	ChiamateGiorno int64     `json:"chiamateGiorno,omitempty"`
	Dal            time.Time `json:"dal"`
}

// Chiamanti are the consumers of an ente's e-services: those that wait, those that have called, those suspended.
type Chiamanti struct {
	InAttesa []PendingCaller `json:"inAttesa"`
	// AttesaIgnota are the e-services of which PDND could not be asked who waits.
	AttesaIgnota []string             `json:"attesaIgnota,omitempty"`
	Fruitori     []kpi.Caller         `json:"fruitori"`
	Sospensioni  []callers.Suspension `json:"sospensioni"`
	// Denominazioni are the names on PDND of those who called, by consumerId, as far as PDND tells them.
	Denominazioni map[string]string `json:"denominazioni,omitempty"`
}

// Sospensione is the request to suspend a consumer, or to readmit it: then without motivo.
type Sospensione struct {
	Ente     string `json:"ente"`
	Servizio string `json:"servizio"` // "" = all e-services of the ente
	Fruitore string `json:"fruitore"`
	Motivo   string `json:"motivo"`
	Da       string `json:"da"` // who decides
}

// Sospeso is the answer to a suspension.
type Sospeso struct {
	Sospensione
	// MaiChiamato tells that the hub has no call of the consumer, of the e-service if one is named: it may be the wrong id.
	MaiChiamato bool `json:"maiChiamato,omitempty"`
}

// maxReason is the length of motivo and da, in bytes.
const maxReason = 500

func (a *API) listCallers(c *gin.Context) {
	requestOf(c).operation = "chiamanti"
	ente, service := c.Query("ente"), c.Query("servizio")
	owner, known := a.Config.Enti[ente]
	if !known {
		a.fail(c, a.unknownEnte("query ente", ente))
		return
	}
	if service != "" && owner.Exposes[service] == nil {
		a.fail(c, problem.New(problem.RuleUnknownExposure))
		return
	}
	ctx := c.Request.Context()
	out := Chiamanti{InAttesa: []PendingCaller{}}
	who, err := a.KPI.Callers(ctx, kpi.Query{Ente: ente, Service: service})
	if err == nil {
		out.Fruitori = who
		out.Sospensioni, err = a.Callers.Suspensions(ctx, ente)
	}
	if err != nil {
		a.fail(c, problem.New(problem.RuleStore).Because(err))
		return
	}
	if out.Sospensioni == nil {
		out.Sospensioni = []callers.Suspension{}
	}
	if a.ConsumerNames != nil {
		out.Denominazioni = a.ConsumerNames(ctx, ente, out.Fruitori)
	}
	for _, name := range sortedNames(owner.Exposes) {
		if service != "" && name != service || a.Pending == nil {
			continue
		}
		list, err := a.Pending(ctx, ente, name)
		if err != nil {
			out.AttesaIgnota = append(out.AttesaIgnota, name)
			continue
		}
		out.InAttesa = append(out.InAttesa, list...)
	}
	a.write(c, http.StatusOK, mediaJSON, out)
}

func (a *API) suspendCaller(c *gin.Context) {
	requestOf(c).operation = "sospensione"
	in, err := a.suspension(c)
	switch {
	case err != nil:
	case strings.TrimSpace(in.Motivo) == "":
		err = problem.New(problem.RuleSuspension)
	case !callers.Comparable(a.Config.Enti[in.Ente], in.Servizio, in.Fruitore):
		err = problem.Newf(problem.RuleSuspension,
			"Nessun fruitore è noto qui per questo codice fiscale: la sospensione non fermerebbe nessuno. Indicare l'UUID del consumerId.",
			"No consumer is known here by this codice fiscale: the suspension would keep nobody out. Name the UUID of the consumerId.")
	}
	if err == nil {
		err = a.Callers.Suspend(c.Request.Context(), callers.Suspension{
			Ente: in.Ente, Service: in.Servizio, Consumer: in.Fruitore, Reason: in.Motivo, By: in.Da,
		})
	}
	if err != nil {
		a.fail(c, callersProblem(err))
		return
	}
	a.write(c, http.StatusCreated, mediaJSON, Sospeso{Sospensione: in, MaiChiamato: a.neverCalled(c.Request.Context(), in)})
}

// neverCalled tells whether the counts have no call of a consumer. It is a note: counts that cannot be read are no answer.
func (a *API) neverCalled(ctx context.Context, in Sospensione) bool {
	who, err := a.KPI.Callers(ctx, kpi.Query{Ente: in.Ente, Service: in.Servizio})
	return err == nil && !slices.ContainsFunc(who, func(k kpi.Caller) bool { return strings.EqualFold(k.Fruitore, in.Fruitore) })
}

func (a *API) resumeCaller(c *gin.Context) {
	requestOf(c).operation = "riammissione"
	in, err := a.suspension(c)
	if err == nil {
		err = a.Callers.Resume(c.Request.Context(), in.Ente, in.Servizio, in.Fruitore, in.Da)
	}
	if err != nil {
		a.fail(c, callersProblem(err))
		return
	}
	a.write(c, http.StatusOK, mediaJSON, in)
}

// suspension reads the request and holds it against what is configured.
func (a *API) suspension(c *gin.Context) (Sospensione, error) {
	var in Sospensione
	if err := a.decodeManagement(c, &in); err != nil {
		return in, err
	}
	ente, known := a.Config.Enti[in.Ente]
	if !known {
		return in, a.unknownEnte("/ente", in.Ente)
	}
	switch {
	case in.Servizio != "" && ente.Exposes[in.Servizio] == nil:
		all := strings.Join(sortedNames(ente.Exposes), ", ")
		return in, problem.Newf(problem.RuleSuspension, "/servizio: l'ente non espone un e-service di questo nome; ci sono "+all+".",
			"/servizio: the ente exposes no e-service of this name; there are "+all+".")
	case !consumerName(in.Fruitore):
		return in, problem.Newf(problem.RuleSuspension, "/fruitore: non è l'UUID intero di un consumerId, né il codice fiscale di undici cifre di un ente.",
			"/fruitore: it is neither the whole UUID of a consumerId nor the codice fiscale of eleven digits of an organisation.")
	case strings.TrimSpace(in.Da) == "" || len(in.Motivo) > maxReason || len(in.Da) > maxReason:
		return in, problem.New(problem.RuleSuspension)
	}
	return in, nil
}

// consumerName tells what can name a consumer: its id on PDND, or the codice fiscale in the certificate of one that has
// none.
func consumerName(s string) bool {
	if registry.IsUUID(s) {
		return true
	}
	return len(s) == 11 && strings.Trim(s, "0123456789") == ""
}

func callersProblem(err error) error {
	var told *problem.Error
	switch {
	case errors.As(err, &told):
		return err
	case errors.Is(err, callers.ErrSuspended):
		return problem.New(problem.RuleAlreadySuspended)
	case errors.Is(err, callers.ErrNotSuspended):
		return problem.New(problem.RuleNotSuspended)
	default:
		return problem.New(problem.RuleStore).Because(err)
	}
}

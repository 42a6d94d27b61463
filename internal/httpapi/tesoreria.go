// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/schema"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

// Treasury carries flows of orders; *tesoreria.Desk is the one. An application that is "" is who runs the hub. Errors are
// told by problem.From.
type Treasury interface {
	// Submit checks a flow and keeps it.
	Submit(ctx context.Context, s tesoreria.Submission) (tesoreria.Flow, error)
	// Faults tells all that is wrong with a flow, without keeping it.
	Faults(ctx context.Context, s tesoreria.Submission) ([]tesoreria.Fault, error)
	// Flow tells the state of a flow.
	Flow(ctx context.Context, ente, application string, k tesoreria.FlowKey) (tesoreria.Flow, error)
	// Flows lists flows, of a state when it is not empty.
	Flows(ctx context.Context, ente, application string, s tesoreria.State) ([]tesoreria.Flow, error)
	// Order tells the state of an order.
	Order(ctx context.Context, ente, application string, k tesoreria.OrderKey) (tesoreria.Order, error)
	// Orders lists the orders of a flow.
	Orders(ctx context.Context, ente, application string, year int, flow string) ([]tesoreria.Order, error)
	// Document hands out a flow to be signed.
	Document(ctx context.Context, ente, application, operator string, k tesoreria.FlowKey) ([]byte, error)
	// Attach takes the signed document of a flow.
	Attach(ctx context.Context, ente, application, operator string, k tesoreria.FlowKey, signed []byte) (tesoreria.Flow, error)
	// SignRemotely has a provider sign a flow.
	SignRemotely(ctx context.Context, ente, application, operator string, k tesoreria.FlowKey, signatory, otp string) (tesoreria.Flow, error)
	// SignWithFile signs with a key in a file, in environment locale alone.
	SignWithFile(ctx context.Context, ente, application, operator string, k tesoreria.FlowKey) (tesoreria.Flow, error)
	// Withdraw takes back a flow that was not sent yet.
	Withdraw(ctx context.Context, ente, application, operator string, k tesoreria.FlowKey) (tesoreria.Flow, error)
	// Journal gives the movements of a period, its days as YYYY-MM-DD.
	Journal(ctx context.Context, ente, application, from, to string) ([]tesoreria.Movimento, error)
	// Balances gives the balances of a year.
	Balances(ctx context.Context, ente, application string, year int) (tesoreria.Saldi, error)
	// Reconcile holds orders, cash book and payments of a year against each other.
	Reconcile(ctx context.Context, ente, application string, year int, payments []tesoreria.Payment) (tesoreria.Riconciliazione, error)
	// MaxFlow is the longest flow of an ente in bytes; 0 for one without a treasury.
	MaxFlow(ente string) int64
}

// asker is on whose behalf something of the treasury is asked.
type asker struct{ ente, application, operator string }

// treasuryRoute is a handler that knows who asks; its error is answered as a problem.
type treasuryRoute func(c *gin.Context, who asker) error

// mountTreasury mounts the treasury on a listener. On applicazioni the key says who asks; on gestione the query names the
// ente.
func (a *API) mountTreasury(e *gin.Engine, listener string) {
	if a.Treasury == nil {
		return
	}
	const base, flow = "/v1/tesoreria", "/v1/tesoreria/flussi/:esercizio/:flusso"
	for _, r := range []struct {
		method, path, operation string
		do                      treasuryRoute
	}{
		{http.MethodPost, base + "/flussi", "flusso", a.submitFlow},
		{http.MethodPost, base + "/controlli", "controllo", a.checkFlow},
		{http.MethodGet, base + "/flussi", "flussi", a.listFlows},
		{http.MethodGet, flow, "stato del flusso", a.showFlow},
		{http.MethodGet, flow + "/ordinativi", "ordinativi", a.listOrders},
		{http.MethodGet, flow + "/documento", "documento", a.flowDocument},
		{http.MethodPost, flow + "/firma", "firma", a.signFlow},
		{http.MethodPost, flow + "/ritiro", "ritiro", a.withdrawFlow},
		{http.MethodGet, base + "/ordinativi/:esercizio/:tipo/:numero", "ordinativo", a.showOrder},
		{http.MethodGet, base + "/giornale", "giornale", a.journal},
		{http.MethodGet, base + "/saldi/:esercizio", "saldi", a.balances},
		{http.MethodPost, base + "/riconciliazioni", "riconciliazione", a.reconcile},
	} {
		e.Handle(r.method, r.path, func(c *gin.Context) {
			requestOf(c).operation = "tesoreria: " + r.operation
			who, err := a.asker(c, listener)
			if err == nil {
				err = r.do(c, who)
			}
			if err != nil {
				a.fail(c, err)
			}
		})
	}
}

func (a *API) asker(c *gin.Context, listener string) (asker, error) {
	operator, err := contextValue(c.Request.Header, headerOperatore, true)
	if err != nil {
		return asker{}, err
	}
	who := asker{ente: c.Query("ente"), operator: operator}
	if listener == ListenerApplicazioni {
		caller, err := a.caller(c.Request.Context(), c.Request.Header)
		if err != nil {
			return asker{}, err
		}
		who.ente, who.application = caller.Ente, caller.Name
	}
	r := requestOf(c)
	r.ente, r.consumer = who.ente, who.ente+"/"+who.application
	return who, nil
}

// submission reads a flow in the form that its media type says.
func (a *API) submission(c *gin.Context, who asker) (tesoreria.Submission, error) {
	s := tesoreria.Submission{Ente: who.ente, Application: who.application, Operator: who.operator, ID: c.Query("flusso")}
	media, readable := schema.MediaType(c.Request.Header)
	switch media {
	case "application/xml", "text/xml":
		s.Form = tesoreria.FormXML
	case "application/pkcs7-mime":
		s.Form = tesoreria.FormP7M
	case mediaJSON:
		s.Form = tesoreria.FormJSON
	case "text/csv":
		s.Form = tesoreria.FormCSV
	}
	if !readable || s.Form == "" {
		return s, problem.New(problem.RuleTreasuryForm)
	}
	var err error
	if year := c.Query("esercizio"); year != "" {
		if s.Year, err = yearOf(year); err != nil {
			return s, err
		}
	}
	s.Data, err = a.readUpTo(c, max(a.maxBody, a.Treasury.MaxFlow(who.ente)))
	return s, err
}

func yearOf(text string) (int, error) {
	year, err := strconv.Atoi(text)
	if err != nil || year < 1999 || year > 2099 {
		return 0, problem.Newf(problem.RuleTreasuryDays, "L'esercizio è un anno, come 2026.", "The esercizio is a year, as 2026.")
	}
	return year, nil
}

func (a *API) submitFlow(c *gin.Context, who asker) error {
	s, err := a.submission(c, who)
	if err != nil {
		return err
	}
	flow, err := a.Treasury.Submit(c.Request.Context(), s)
	if err == nil {
		a.write(c, http.StatusAccepted, mediaJSON, flow)
	}
	return err
}

func (a *API) checkFlow(c *gin.Context, who asker) error {
	s, err := a.submission(c, who)
	if err != nil {
		return err
	}
	faults, err := a.Treasury.Faults(c.Request.Context(), s)
	if err == nil {
		a.write(c, http.StatusOK, mediaJSON, gin.H{"valido": len(faults) == 0, "errori": faults})
	}
	return err
}

func flowKey(c *gin.Context) (tesoreria.FlowKey, error) {
	year, err := yearOf(c.Param("esercizio"))
	return tesoreria.FlowKey{Year: year, ID: c.Param("flusso")}, err
}

func (a *API) listFlows(c *gin.Context, who asker) error {
	flows, err := a.Treasury.Flows(c.Request.Context(), who.ente, who.application, tesoreria.State(c.Query("stato")))
	if err == nil {
		a.write(c, http.StatusOK, mediaJSON, gin.H{"flussi": flows})
	}
	return err
}

// withFlow answers with what is made of the flow in the path.
func (a *API) withFlow(c *gin.Context, do func(k tesoreria.FlowKey) (any, error)) error {
	k, err := flowKey(c)
	if err != nil {
		return err
	}
	found, err := do(k)
	if err == nil {
		a.write(c, http.StatusOK, mediaJSON, found)
	}
	return err
}

func (a *API) showFlow(c *gin.Context, who asker) error {
	return a.withFlow(c, func(k tesoreria.FlowKey) (any, error) {
		return a.Treasury.Flow(c.Request.Context(), who.ente, who.application, k)
	})
}

func (a *API) listOrders(c *gin.Context, who asker) error {
	return a.withFlow(c, func(k tesoreria.FlowKey) (any, error) {
		orders, err := a.Treasury.Orders(c.Request.Context(), who.ente, who.application, k.Year, k.ID)
		return gin.H{"ordinativi": orders}, err
	})
}

func (a *API) withdrawFlow(c *gin.Context, who asker) error {
	return a.withFlow(c, func(k tesoreria.FlowKey) (any, error) {
		return a.Treasury.Withdraw(c.Request.Context(), who.ente, who.application, who.operator, k)
	})
}

// flowDocument hands out the document to be signed, byte for byte.
func (a *API) flowDocument(c *gin.Context, who asker) error {
	k, err := flowKey(c)
	if err != nil {
		return err
	}
	document, err := a.Treasury.Document(c.Request.Context(), who.ente, who.application, who.operator, k)
	if err == nil {
		c.Header("Content-Disposition", `attachment; filename="flusso.xml"`)
		c.Header("Content-Security-Policy", "default-src 'none'; sandbox")
		c.Data(http.StatusOK, "application/xml", document)
	}
	return err
}

// signature is how a flow is signed where no signed document is uploaded.
type signature struct {
	Modo       string `json:"modo"` // remota, chiave
	Firmatario string `json:"firmatario"`
	OTP        string `json:"otp"`
}

// signFlow takes the signed document, or has the flow signed: by a provider, or in environment locale by a key in a file.
func (a *API) signFlow(c *gin.Context, who asker) error {
	media, _ := schema.MediaType(c.Request.Header)
	body, err := a.readUpTo(c, max(a.maxBody, a.Treasury.MaxFlow(who.ente)))
	if err != nil {
		return err
	}
	var how signature
	switch media {
	case "application/xml", "text/xml":
	case mediaJSON:
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&how); err != nil || how.Modo != "remota" && how.Modo != "chiave" {
			return problem.New(problem.RuleSchema)
		}
	default:
		return problem.New(problem.RuleTreasuryForm)
	}
	ctx := c.Request.Context()
	return a.withFlow(c, func(k tesoreria.FlowKey) (any, error) {
		switch how.Modo {
		case "remota":
			return a.Treasury.SignRemotely(ctx, who.ente, who.application, who.operator, k, how.Firmatario, how.OTP)
		case "chiave":
			return a.Treasury.SignWithFile(ctx, who.ente, who.application, who.operator, k)
		default:
			return a.Treasury.Attach(ctx, who.ente, who.application, who.operator, k, body)
		}
	})
}

func (a *API) showOrder(c *gin.Context, who asker) error {
	year, err := yearOf(c.Param("esercizio"))
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(c.Param("numero"), 10, 64)
	kind := c.Param("tipo")
	if err != nil || kind != "mandato" && kind != "reversale" {
		return problem.Newf(problem.RuleTreasuryUnknown, "Un ordinativo è mandato/N o reversale/N.", "An order is mandato/N or reversale/N.")
	}
	order, err := a.Treasury.Order(c.Request.Context(), who.ente, who.application, tesoreria.OrderKey{Collection: kind == "reversale", Year: year, Number: number})
	if err == nil {
		a.write(c, http.StatusOK, mediaJSON, order)
	}
	return err
}

// journal answers with the cash book of a period: JSON, CSV or a workbook.
func (a *API) journal(c *gin.Context, who asker) error {
	today := a.Clock().Format(time.DateOnly)
	rows, err := a.Treasury.Journal(c.Request.Context(), who.ente, who.application, c.DefaultQuery("dal", today), c.DefaultQuery("al", today))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	media := "text/csv; charset=utf-8"
	switch c.DefaultQuery("formato", "json") {
	case "csv":
		err = tesoreria.WriteCSV(&out, rows)
	case "xlsx":
		media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		err = tesoreria.WriteXLSX(&out, rows)
	case "json":
		a.write(c, http.StatusOK, mediaJSON, gin.H{"movimenti": rows})
		return nil
	default:
		return problem.Newf(problem.RuleTreasuryForm, "Il formato del giornale è json, csv o xlsx.", "The formato of the cash book is json, csv or xlsx.")
	}
	if err == nil {
		c.Data(http.StatusOK, media, out.Bytes())
	}
	return err
}

func (a *API) balances(c *gin.Context, who asker) error {
	year, err := yearOf(c.Param("esercizio"))
	if err != nil {
		return err
	}
	found, err := a.Treasury.Balances(c.Request.Context(), who.ente, who.application, year)
	if err == nil {
		a.write(c, http.StatusOK, mediaJSON, found)
	}
	return err
}

func (a *API) reconcile(c *gin.Context, who asker) error {
	var in struct {
		Esercizio int                 `json:"esercizio"`
		Pagamenti []tesoreria.Payment `json:"pagamenti"`
	}
	if err := a.decodeManagement(c, &in); err != nil {
		return err
	}
	if _, err := yearOf(strconv.Itoa(in.Esercizio)); err != nil {
		return err
	}
	found, err := a.Treasury.Reconcile(c.Request.Context(), who.ente, who.application, in.Esercizio, in.Pagamenti)
	if err == nil {
		a.write(c, http.StatusOK, mediaJSON, found)
	}
	return err
}

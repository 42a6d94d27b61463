// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/gateway"
)

const (
	headerRequestID = "X-Request-Id"
	keyRequest      = "snodo.request"
)

// request is what the access log says of a request beside its line. A template is logged, never the path: paths of
// others' e-services may hold what identifies a person.
type request struct {
	id        string
	ente      string // codice IPA of this hub's ente that acts or is asked
	service   string // recipe: with the template it says which e-service
	template  string
	operation string
	consumer  string
	exchange  string
	rule      string
	listener  string
	counted   bool // its refusal is a pipeline's, which has counted it

	room    *budget // for its body
	booked  int64   // of it
	holders []string
}

func requestOf(c *gin.Context) *request {
	if r, ok := c.MustGet(keyRequest).(*request); ok {
		return r
	}
	return &request{}
}

// observe gives the request its id and writes one line when it is over, with the fields of RAC_GEN_LOG_01: instant (the
// logger's), ente, service, URI and operation, method, outcome, client address, consumer, request id. Ente and service
// are names of the configuration, never what a caller wrote. Of strangers it writes so many lines a second and counts the
// rest.
func (a *API) observe(listener string) gin.HandlerFunc {
	room, lines := newBudget(a.maxBody), &flood{}
	return func(c *gin.Context) {
		began := a.Clock()
		r := &request{template: c.FullPath(), room: room, listener: listener}
		defer r.release()
		var id [16]byte
		if _, err := io.ReadFull(a.Rand, id[:]); err == nil {
			r.id = hex.EncodeToString(id[:])
		}
		c.Set(keyRequest, r)
		c.Writer.Header().Set(headerRequestID, r.id)
		c.Next()
		status, took := c.Writer.Status(), a.Clock().Sub(began)
		if a.Request != nil {
			a.Request(listener, strconv.Itoa(status/100)+"xx", took)
		}
		if !a.writes(c.Request.Context(), listener, lines, r) {
			return
		}
		line := slog.NewRecord(a.Clock(), slog.LevelInfo, "richiesta", 0) // the place in the code, which is not logged, costs to find
		line.AddAttrs(
			slog.String("ascolto", listener), slog.String("ente", r.ente), slog.String("servizio", r.service),
			slog.String("uri", r.template), slog.String("operazione", r.operation),
			slog.String("metodo", method(c.Request.Method)), slog.Int("esito", status), slog.String("ip", peer(c)),
			slog.String("fruitore", r.consumer), slog.String("id_richiesta", r.id), slog.String("scambio", r.exchange),
			slog.String("regola", r.rule), slog.Duration("durata", took.Round(time.Microsecond)))
		if h := a.Logger.Handler(); h.Enabled(c.Request.Context(), line.Level) {
			_ = h.Handle(c.Request.Context(), line) // a log that cannot be written has nobody to be told
		}
	}
}

// peer is the address of the client, "locale" on a Unix socket.
func peer(c *gin.Context) string {
	ip := c.ClientIP()
	if _, err := netip.ParseAddr(ip); err != nil {
		return "locale"
	}
	return ip
}

// method keeps a made-up method out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return m
	}
	return "altro"
}

var errPanic = errors.New("a handler panicked")

// recovered turns a panic into a 500 without detail; the stack goes to the log.
func (a *API) recovered(c *gin.Context) {
	defer func() {
		if recover() == nil {
			return
		}
		// The value is not logged: it may quote what was being read.
		a.Logger.LogAttrs(c.Request.Context(), slog.LevelError, "errore imprevisto",
			slog.String("id_richiesta", requestOf(c).id), slog.String("stack", string(debug.Stack())))
		a.fail(c, errPanic)
	}()
	c.Next()
}

// note copies what the exposed side knows of the exchange.
func (r *request) note(a gateway.Access) {
	r.exchange, r.operation, r.consumer = a.Exchange, a.Operation, a.Consumer
	r.ente, r.service = a.Ente, a.Service
	if a.Template != "" {
		r.template = a.Template
	}
}

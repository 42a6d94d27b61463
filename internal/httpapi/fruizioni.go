// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// Native carries native calls; *gateway.Out is the one.
type Native interface {
	// Native carries one native call; its errors are told by problem.From, an error answer of the registry is none.
	Native(ctx context.Context, c gateway.NativeCall) (*gateway.NativeReply, error)
}

// nativeBase is where the native calls of an ente and a service begin.
const nativeBase = "/v1/fruizioni/"

// The context of a native call. Values are visible ASCII; anything else is percent-encoded UTF-8.
const (
	headerProcedimento  = "Snodo-Procedimento"
	headerPratica       = "Snodo-Pratica"
	headerOperatore     = "Snodo-Operatore"      // userID
	headerTipoOperatore = "Snodo-Operatore-Tipo" // persona (default), automatismo, cittadino
	headerPostazione    = "Snodo-Postazione"
	headerLoA           = "Snodo-LoA"

	headerScambio  = "Snodo-Scambio" // of answers: id of the exchange
	headerAmbiente = "Snodo-Ambiente"
)

// What GovWay's consuming side reads of a call (ModI, AUDIT_REST_01 and 02).
const (
	govwayUser, govwayUserQuery         = "Govway-Audit-User", "govway_audit_user"
	govwayLocation, govwayLocationQuery = "Govway-Audit-Userlocation", "govway_audit_user_location"
	govwayLoA, govwayLoAQuery           = "Govway-Audit-Loa", "govway_audit_loa"
)

// mountNative mounts the native calls, and the old paths that bindings keep.
func (a *API) mountNative(e *gin.Engine) {
	if a.Native == nil {
		return
	}
	for _, method := range config.NativeMethods() {
		e.Handle(method, nativeBase+":ente/:servizio/*percorso", a.native)
	}
	e.NoRoute(a.oldNative)
}

func (a *API) native(c *gin.Context) {
	// The path as it was sent: gin's parameters are unescaped.
	parts := strings.SplitN(strings.TrimPrefix(c.Request.URL.EscapedPath(), nativeBase), "/", 3)
	if len(parts) != 3 {
		a.fail(c, problem.New(problem.RuleUnknownPath))
		return
	}
	caller, err := a.caller(c.Request.Context(), c.Request.Header)
	if err != nil {
		a.fail(c, err)
		return
	}
	a.pass(c, caller, c.Param("ente"), c.Param("servizio"), "/"+parts[2], nativeBase+parts[0]+"/"+parts[1])
}

// oldNative answers at the paths that programs know from the system before this one; what is none of them has no route.
func (a *API) oldNative(c *gin.Context) {
	path := c.Request.URL.EscapedPath()
	base := ""
	for _, ente := range a.Config.Enti {
		if _, found := oldService(ente, path); found != "" {
			base = found
		}
	}
	if base == "" {
		a.fail(c, problem.New(problem.RuleUnknownPath))
		return
	}
	requestOf(c).template = base + "/*percorso"
	caller, err := a.caller(c.Request.Context(), c.Request.Header)
	if err != nil {
		a.fail(c, err)
		return
	}
	var servizio string
	if ente := a.Config.Enti[caller.Ente]; ente != nil {
		servizio, base = oldService(ente, path)
	}
	allowed := config.NativeMethods()
	switch {
	case servizio == "":
		a.fail(c, problem.New(problem.RuleUnknownPath))
	case !slices.Contains(allowed, c.Request.Method):
		a.fail(c, &problem.Error{Rule: problem.RuleMethod, Allow: allowed})
	default:
		a.pass(c, caller, caller.Ente, servizio, strings.TrimPrefix(path, base), base)
	}
}

// oldService finds the service of an ente that answers at an old path. Old paths of an ente do not lie within each other.
func oldService(ente *config.Ente, path string) (servizio, base string) {
	for name, binding := range ente.Consumes {
		if p := binding.Passante; p != nil && p.Percorso != "" && (path == p.Percorso || strings.HasPrefix(path, p.Percorso+"/")) {
			return name, p.Percorso
		}
	}
	return "", ""
}

// pass reads context and body and hands the call to the pipeline. base is where the service begins on this listener.
func (a *API) pass(c *gin.Context, caller gateway.Application, ente, servizio, path, base string) {
	r := requestOf(c)
	r.operation, r.ente, r.consumer = "fruizione", caller.Ente, caller.Ente+"/"+caller.Name
	call := gateway.NativeCall{
		Caller: caller, Servizio: servizio, Method: c.Request.Method, Path: path, RawQuery: c.Request.URL.RawQuery,
		Header: c.Request.Header, RequestID: r.id,
	}
	var settings *config.Passante
	if known := a.Config.Enti[caller.Ente]; known != nil && known.Consumes[servizio] != nil {
		settings = known.Consumes[servizio].Passante
	}
	err := readContext(&call, ente, settings)
	if err == nil {
		call.Body, err = a.readBody(c)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	reply, err := a.Native.Native(c.Request.Context(), call)
	if err != nil {
		place := problem.Explain(err).Place
		r.exchange, r.service = place.Exchange, place.Servizio
		r.counted = place.Exchange != ""
		if place.Exchange != "" {
			c.Header(headerScambio, place.Exchange)
		}
		a.fail(c, err)
		return
	}
	r.exchange, r.service = reply.Exchange, servizio
	writeNative(c, reply, base)
}

// writeNative answers with what the registry said. Its pages must not run as the hub's own.
func writeNative(c *gin.Context, reply *gateway.NativeReply, base string) {
	h := c.Writer.Header()
	for name, values := range reply.Header {
		h[name] = values
	}
	if len(reply.Body) > 0 && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/octet-stream") // never guessed from the content
	}
	h.Set(headerScambio, reply.Exchange)
	h.Set(headerAmbiente, reply.Ambiente)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if reply.Location != "" {
		h.Set("Location", base+reply.Location)
	}
	c.Status(reply.Status)
	c.Writer.WriteHeaderNow()
	if len(reply.Body) == 0 || c.Request.Method == http.MethodHead {
		return
	}
	if _, err := c.Writer.Write(reply.Body); err != nil {
		c.Abort() // the peer has gone; its outcome is evidence already
	}
}

// readContext reads why the call is made. What GovWay reads is read too where the binding says so; its parameters are
// taken out of the query, as it does.
func readContext(call *gateway.NativeCall, ente string, settings *config.Passante) error {
	values := map[string]string{}
	for _, name := range []string{headerProcedimento, headerPratica, headerOperatore, headerTipoOperatore, headerPostazione, headerLoA} {
		value, err := contextValue(call.Header, name, true)
		if err != nil {
			return err
		}
		values[name] = value
	}
	if settings != nil && settings.Compat == config.CompatGovWay {
		if err := readGovWay(call, values, settings); err != nil {
			return err
		}
	}
	for _, name := range []string{headerProcedimento, headerPratica, headerOperatore, headerPostazione} {
		if values[name] == "" {
			return badContext(name, modi.Text{IT: "nessun valore", EN: "no value"})
		}
	}
	call.Contesto = gateway.Contesto{
		Ente: ente, Procedimento: values[headerProcedimento], Pratica: values[headerPratica],
		Operatore: gateway.Operatore{
			Tipo: cmp.Or(values[headerTipoOperatore], "persona"), UserID: values[headerOperatore],
			Postazione: values[headerPostazione], LoA: values[headerLoA],
		},
	}
	return nil
}

// readGovWay fills in what the hub's own headers leave open. GovWay writes its headers as they are: they are not decoded.
func readGovWay(call *gateway.NativeCall, values map[string]string, settings *config.Passante) error {
	query, taken, err := takeGovWay(call.RawQuery)
	if err != nil {
		return err
	}
	call.RawQuery = query
	for _, s := range []struct{ into, header, parameter string }{
		{headerOperatore, govwayUser, govwayUserQuery},
		{headerPostazione, govwayLocation, govwayLocationQuery},
		{headerLoA, govwayLoA, govwayLoAQuery},
		{headerPratica, settings.PraticaDa, ""},
	} {
		if values[s.into] != "" || s.header == "" {
			continue
		}
		value, err := contextValue(call.Header, s.header, false)
		if err != nil {
			return err
		}
		values[s.into] = cmp.Or(value, taken[s.parameter])
	}
	values[headerProcedimento] = cmp.Or(values[headerProcedimento], settings.Procedimento)
	return nil
}

// takeGovWay separates GovWay's parameters from a query; the others keep their bytes and their order.
func takeGovWay(query string) (rest string, taken map[string]string, err error) {
	taken = map[string]string{}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case govwayUserQuery, govwayLocationQuery, govwayLoAQuery:
			plain, err := url.QueryUnescape(value)
			if _, again := taken[name]; err != nil || again {
				return "", nil, badContext(name, modi.Text{IT: "un valore illeggibile o ripetuto", EN: "an unreadable or repeated value"})
			}
			taken[name] = plain
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&"), taken, nil
}

// contextValue is the one value of a header, "" when it is absent.
func contextValue(h http.Header, name string, encoded bool) (string, error) {
	values := h.Values(name)
	if len(values) > 1 {
		return "", badContext(name, modi.Text{IT: "più valori", EN: "more than one value"})
	}
	if len(values) == 0 || !encoded {
		return strings.Join(values, ""), nil
	}
	plain, err := url.PathUnescape(values[0])
	if err != nil || !utf8.ValidString(plain) {
		return "", badContext(name, modi.Text{IT: "una codifica %XX illeggibile", EN: "an unreadable %XX escape"})
	}
	return plain, nil
}

func badContext(name string, found modi.Text) error {
	return &problem.Error{Rule: problem.RuleContextHeader, Spots: []problem.Spot{{
		Rule: problem.RuleContextHeader, Where: "header " + name, Found: found,
		Expected: modi.Text{IT: "un solo valore", EN: "one value"},
	}}}
}

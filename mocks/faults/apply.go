// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package faults

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// page is the shape of the HTML that a gateway under maintenance answers with.
const page = "<html><head><title>GovWay</title></head><body><h1>GovWay-OP20000-9999</h1>" +
	"<p>Servizio temporaneamente non disponibile</p></body></html>\n"

// apply acts out the faults that do not depend on the mock. Any other kind goes to next,
// which finds it in the context.
func (f Fault) apply(w http.ResponseWriter, r *http.Request, next http.Handler) {
	switch f.Kind {
	case Status:
		f.problem(w, valueOr(f.Status, http.StatusInternalServerError))
	case Throttle:
		f.problem(w, http.StatusTooManyRequests)
	case Delay:
		if wait(r.Context(), time.Duration(f.DelayMS)*time.Millisecond) {
			next.ServeHTTP(w, r)
		}
	case Hang:
		<-r.Context().Done()
	case Down:
		drop(w)
	case Empty:
		w.WriteHeader(valueOr(f.Status, http.StatusServiceUnavailable))
	case HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(valueOr(f.Status, http.StatusOK))
		_, _ = fmt.Fprint(w, page) // the client may have left
	case Cut, Stall:
		half(r.Context(), w, r, next, f.Kind == Stall)
	case Masked, JWKSDuplicateKid, JWKSSmallKey, JWKSPrivateMember, JWKSHuge,
		BadSignature, Unsigned, WrongDigest:
		next.ServeHTTP(w, r)
	}
}

func (f Fault) problem(w http.ResponseWriter, status int) {
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"type":"about:blank","title":%q,"status":%d}`, http.StatusText(status), status)
}

// half runs the mock into a buffer, announces the whole length and sends half of it:
// the server then closes the connection, as it must when a handler writes too little.
func half(ctx context.Context, w http.ResponseWriter, r *http.Request, next http.Handler, stall bool) {
	full := &buffer{header: w.Header(), status: http.StatusOK}
	next.ServeHTTP(full, r)
	w.Header().Set("Content-Length", strconv.Itoa(full.body.Len()))
	w.WriteHeader(full.status)
	_, _ = w.Write(full.body.Bytes()[:full.body.Len()/2])
	if !stall {
		return
	}
	_ = http.NewResponseController(w).Flush()
	<-ctx.Done()
}

func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, not an orderly end
	}
	_ = conn.Close()
}

type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffer) Header() http.Header         { return b.header }
func (b *buffer) WriteHeader(status int)      { b.status = status }
func (b *buffer) Write(p []byte) (int, error) { return b.body.Write(p) }

func valueOr(value, fallback int) int {
	if value == 0 {
		return fallback
	}
	return value
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

func TestExposedAnswerIsDeliveredByteForByte(t *testing.T) {
	w := newWorld(t)
	w.in.reply.Header.Set("Agid-JWT-Signature", "a.b.c")
	w.in.reply.Access = gateway.Access{
		Exchange: "x-1", Operation: "cerca", Template: "/modi/{codiceIPA}/pratiche/v1/ricerche", Consumer: "consumer-1",
		Ente: "c_a", Service: "pratiche",
	}
	w.start(t)
	a := w.do(t, ListenerEsposizione, "POST", "/modi/c_a/pratiche/v1/ricerche%2Fx?n=1", `{"id":"1"}`, "X-A", "b", "Accept-Encoding", "gzip")
	if a.StatusCode != 200 || a.body != `{"a":"<"}` || a.Header.Get("Agid-JWT-Signature") != "a.b.c" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s %v", a.StatusCode, a.body, a.Header)
	}
	in := w.in.asked[0]
	if in.Path != "/modi/c_a/pratiche/v1/ricerche%2Fx" || in.RawQuery != "n=1" || string(in.Body) != `{"id":"1"}` ||
		in.Method != "POST" || in.Header.Get("X-A") != "b" || in.RemoteIP != "127.0.0.1" || in.RequestID != a.Header.Get("X-Request-Id") {
		t.Errorf("asked %+v", in)
	}
	log := w.log.String()
	for _, want := range []string{`"uri":"/modi/{codiceIPA}/pratiche/v1/ricerche"`, `"operazione":"cerca"`, `"fruitore":"consumer-1"`, `"scambio":"x-1"`, `"ente":"c_a","servizio":"pratiche"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the access log has no %s: %s", want, log)
		}
	}
	if strings.Contains(log, "ricerche%2Fx") {
		t.Error("the raw path was logged")
	}
}

func TestExposedRefusalIsAProblemWithTheHeadersOfTheReply(t *testing.T) {
	w := newWorld(t)
	w.in.reply = gateway.Reply{Header: http.Header{"X-Ratelimit-Limit": {"10"}, "Content-Type": {"text/plain"}}}
	w.in.err = modi.Refuse(modi.Violation{Rule: modi.VoucherExpired})
	w.start(t)
	a := w.do(t, ListenerEsposizione, "GET", "/modi/c_a/pratiche/v1/pratiche/1", "")
	wantProblem(t, a, modi.VoucherExpired, 401)
	if a.Header.Get("WWW-Authenticate") != `Bearer realm="snodo", error="invalid_token"` || a.Header.Get("X-RateLimit-Limit") != "10" {
		t.Errorf("headers %v", a.Header)
	}
	if a.Header.Get("Agid-JWT-Signature") != "" {
		t.Error("a problem is signed")
	}
}

func TestExposedAnswerWithoutBody(t *testing.T) {
	w := newWorld(t)
	w.in.reply = gateway.Reply{Status: 204, Header: http.Header{}}
	w.start(t)
	a := w.do(t, ListenerEsposizione, "DELETE", "/modi/c_a/pratiche/v1/pratiche/1", "")
	if a.StatusCode != 204 || a.body != "" || a.Header.Get("Content-Type") != "" {
		t.Errorf("%d %q %v", a.StatusCode, a.body, a.Header)
	}
}

func TestExposedBodyIsBounded(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.do(t, ListenerEsposizione, "POST", "/modi/c_a/pratiche/v1/ricerche", strings.Repeat("x", maxTestBody+1))
	wantProblem(t, a, problem.RuleTooLarge, 413)
	// Without an announced length the limit is met while reading.
	raw := w.raw(t, ListenerEsposizione, "POST /modi/c_a/pratiche/v1/ricerche HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"FFF\r\n"+strings.Repeat("x", 0xfff)+"\r\n0\r\n\r\n")
	if !strings.HasPrefix(raw, "HTTP/1.1 413 ") {
		t.Errorf("got %.60q", raw)
	}
	if len(w.in.asked) != 0 {
		t.Error("the pipeline was reached")
	}
}

func TestMethodsNobodyKnowsAreProblems(t *testing.T) {
	w := newWorld(t).start(t)
	a := w.do(t, ListenerEsposizione, "BREW", "/modi/c_a/pratiche/v1/ricerche", "")
	wantProblem(t, a, problem.RuleMethod, 405)
	if a := w.do(t, ListenerApplicazioni, "PUT", "/v1/acquisizioni/a/b", ""); a.Header.Get("Allow") != "POST" {
		t.Errorf("Allow %q", a.Header.Get("Allow"))
	}
	if strings.Contains(w.log.String(), "BREW") {
		t.Error("a made-up method was logged")
	}
}

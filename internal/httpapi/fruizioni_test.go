// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
)

func wholeContext() http.Header {
	h := http.Header{}
	for name, value := range map[string]string{
		headerProcedimento: "iscrizione", headerPratica: "P%2F1%20%C3%A8", headerOperatore: "op-1", headerPostazione: "p-1", headerLoA: "LoA3",
	} {
		h.Set(name, value)
	}
	return h
}

func TestContextOfANativeCall(t *testing.T) {
	call := gateway.NativeCall{Header: wholeContext(), RawQuery: "govway_audit_user=x"}
	if err := readContext(&call, "c_a", nil); err != nil {
		t.Fatal(err)
	}
	want := gateway.Contesto{
		Ente: "c_a", Procedimento: "iscrizione", Pratica: "P/1 è",
		Operatore: gateway.Operatore{Tipo: "persona", UserID: "op-1", Postazione: "p-1", LoA: "LoA3"},
	}
	if diff := cmp.Diff(want, call.Contesto); diff != "" || call.RawQuery != "govway_audit_user=x" {
		t.Errorf("%s, query %s", diff, call.RawQuery)
	}
	for name, change := range map[string]func(http.Header){
		"no procedimento": func(h http.Header) { h.Del(headerProcedimento) },
		"empty pratica":   func(h http.Header) { h.Set(headerPratica, "") },
		"no operator":     func(h http.Header) { h.Del(headerOperatore) },
		"no workstation":  func(h http.Header) { h.Del(headerPostazione) },
		"two operators":   func(h http.Header) { h.Add(headerOperatore, "op-2") },
		"bad escape":      func(h http.Header) { h.Set(headerPratica, "%zz") },
		"not UTF-8":       func(h http.Header) { h.Set(headerPratica, "%ff") },
	} {
		h := wholeContext()
		change(h)
		err := readContext(&gateway.NativeCall{Header: h}, "c_a", nil)
		if problem.Explain(err).Row.Rule != problem.RuleContextHeader {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGovWaySaysWhatTheHubsHeadersLeaveOpen(t *testing.T) {
	settings := &config.Passante{Compat: config.CompatGovWay, Procedimento: "vecchio", PraticaDa: "X-Pratica"}
	h := http.Header{}
	h.Set("GovWay-Audit-User", "100%")
	h.Set("GovWay-Audit-UserLocation", "p-1")
	h.Set("X-Pratica", "P-1")
	call := gateway.NativeCall{Header: h, RawQuery: "b=2&govway_audit_loa=Lo%41&a=%20&govway_audit_user=nessuno"}
	if err := readContext(&call, "c_a", settings); err != nil {
		t.Fatal(err)
	}
	want := gateway.Contesto{
		Ente: "c_a", Procedimento: "vecchio", Pratica: "P-1",
		Operatore: gateway.Operatore{Tipo: "persona", UserID: "100%", Postazione: "p-1", LoA: "LoA"},
	}
	if diff := cmp.Diff(want, call.Contesto); diff != "" || call.RawQuery != "b=2&a=%20" {
		t.Errorf("%s, query %s", diff, call.RawQuery)
	}
	h.Set(headerProcedimento, "nuovo")
	h.Set(headerOperatore, "op-9")
	call = gateway.NativeCall{Header: h}
	if err := readContext(&call, "c_a", settings); err != nil || call.Contesto.Procedimento != "nuovo" || call.Contesto.Operatore.UserID != "op-9" {
		t.Errorf("the hub's own headers come first: %+v %v", call.Contesto, err)
	}
	for _, query := range []string{"govway_audit_user=a&govway_audit_user=b", "govway_audit_loa=%zz"} {
		if _, _, err := takeGovWay(query); problem.Explain(err).Row.Rule != problem.RuleContextHeader {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// nativeAnswers is a pipeline that answers what it is told.
type nativeAnswers struct{ reply gateway.NativeReply }

func (n nativeAnswers) Native(context.Context, gateway.NativeCall) (*gateway.NativeReply, error) {
	return &n.reply, nil
}

func TestNativeAnswersCannotRunAsTheHubsOwnPages(t *testing.T) {
	for name, tc := range map[string]struct {
		reply gateway.NativeReply
		media string
	}{
		"a page":  {gateway.NativeReply{Status: 500, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<script>")}, "text/html"},
		"untyped": {gateway.NativeReply{Status: 400, Header: http.Header{}, Body: []byte("<html><script>")}, "application/octet-stream"},
		"nothing": {gateway.NativeReply{Status: 204, Header: http.Header{}}, ""},
	} {
		w := newWorld(t)
		tc.reply.Location, tc.reply.Exchange = "/esiti/7", "x-1"
		w.options.Native = nativeAnswers{tc.reply}
		w.start(t)
		args := []string{"Authorization", "Bearer " + w.key}
		for n, v := range wholeContext() {
			args = append(args, n, v[0])
		}
		a := w.do(t, ListenerApplicazioni, "GET", "/v1/fruizioni/c_a/anagrafe/x", "", args...)
		if a.StatusCode != tc.reply.Status || a.Header.Get("Content-Type") != tc.media || a.body != string(tc.reply.Body) ||
			!strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox") || a.Header.Get("X-Content-Type-Options") != "nosniff" ||
			a.Header.Get("Location") != "/v1/fruizioni/c_a/anagrafe/esiti/7" || a.Header.Get("Snodo-Scambio") != "x-1" {
			t.Errorf("%s: %d %v %s", name, a.StatusCode, a.Header, a.body)
		}
	}
}

func TestWithoutNativeCallsThereIsNoRoute(t *testing.T) {
	w := newWorld(t)
	w.options.Native = nil
	a, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	engine, ok := a.Applicazioni().(*gin.Engine)
	if !ok {
		t.Fatal("not an engine")
	}
	rec := httptest.NewRecorder()
	engine.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/fruizioni/c_a/x/y", http.NoBody))
	if rec.Code != http.StatusNotFound {
		t.Errorf("%d", rec.Code)
	}
}

// FuzzTakeGovWay: what is left of a query holds every other parameter as it was, and none of GovWay's.
func FuzzTakeGovWay(f *testing.F) {
	for _, seed := range []string{"", "a=1", "govway_audit_user=x&a=1", "&&", "govway_audit_loa", "a=govway_audit_user=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		rest, taken, err := takeGovWay(query)
		if err != nil {
			return
		}
		before, errBefore := url.ParseQuery(query)
		after, errAfter := url.ParseQuery(rest)
		if errBefore != nil || errAfter != nil {
			return // the pipeline refuses it
		}
		for name := range taken {
			delete(before, name)
		}
		for _, name := range []string{govwayUserQuery, govwayLocationQuery, govwayLoAQuery} {
			if _, plain := taken[name]; !plain {
				delete(before, name) // written with an escape: a parameter of its own
				delete(after, name)
			}
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Fatal(diff)
		}
	})
}

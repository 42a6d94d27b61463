// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/registry"
)

// suap makes the e-service one that refuses as the SUAP specifications say, with a document that wants If-Match.
func suap(c *config.Config) {
	e := c.Exposes["pratiche"]
	e.Refusals, e.Quota.PerConsumer = registry.RefusalsSUAP, 100
	e.Document = []byte(strings.Replace(practice, "      - {name: dettaglio, in: query",
		"      - {name: If-Match, in: header, required: true, schema: {type: string}}\n      - {name: dettaglio, in: query", 1))
}

// signedFor checks the signature of a reply.
func (w *inWorld) signedFor(t *testing.T, reply *Reply, audience string) {
	t.Helper()
	own := &keyRing{}
	own.add(keysOnce().keychain, "keychain-1")
	_, err := rest.IntegrityVerifier{
		Audience: audience, Owner: "keychain-1", Keys: own, Clock: w.clock.Now, Times: modi.PartyTimes(), RequireOnEmpty: true,
	}.Verify(context.Background(), rest.Message{Header: reply.Header, Body: modi.Bytes(reply.Body)})
	if err != nil {
		t.Errorf("signature for %s: %v", audience, err)
	}
}

func TestRefusalsInTheWordsOfSUAP(t *testing.T) {
	read := "/modi/c_a/pratiche/v1/pratiche/12"
	withIfMatch := func(c *calling) *calling { c.header.Set("If-Match", `"a"`); return c }
	for name, tc := range map[string]struct {
		change func(w *inWorld) *calling
		break_ func(in *Inbound)
		code   string
		status int
		known  bool // the caller
	}{
		"unknown path before any token": {func(w *inWorld) *calling { return w.newCall().get("/modi/c_a/pratiche/v1/altro") }, func(in *Inbound) { in.Header = http.Header{} }, "ERROR_404_001", 404, false},
		"no voucher":                    {nil, func(in *Inbound) { in.Header.Del("Authorization") }, "ERROR_401_001", 401, false},
		"no prefix Bearer":              {nil, func(in *Inbound) { in.Header.Set("Authorization", in.Header.Get("Authorization")[7:]) }, "ERROR_401_002", 401, false},
		"voucher for another":           {func(w *inWorld) *calling { c := w.newCall(); c.claims["aud"] = audienceB; return c }, nil, "ERROR_401_002", 401, false},
		"no signature":                  {nil, func(in *Inbound) { in.Header.Del(rest.HeaderSignature) }, "ERROR_401_003", 401, true},
		"signature of another body":     {nil, func(in *Inbound) { in.Body = []byte(`{"id":"13"}`) }, "ERROR_401_004", 401, true},
		"body outside the document":     {func(w *inWorld) *calling { c := w.newCall(); c.body = `{}`; return c }, nil, "ERROR_400_001", 400, true},
		"no If-Match":                   {func(w *inWorld) *calling { return w.newCall().get(read) }, nil, "ERROR_428_001", 428, true},
		"back end down": {func(w *inWorld) *calling {
			w.backEnd.err = errBackEnd
			return withIfMatch(w.newCall().get(read))
		}, nil, "ERROR_503_001", 503, true},
		"back end out of its document": {func(w *inWorld) *calling {
			w.backEnd.body = `{}`
			return withIfMatch(w.newCall().get(read))
		}, nil, "ERROR_500_007", 500, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newInWorld(t, suap)
			call := w.newCall()
			if tc.change != nil {
				call = tc.change(w)
			}
			in := call.build(t)
			if tc.break_ != nil {
				tc.break_(in)
			}
			reply, err := w.Serve(context.Background(), in)
			if err == nil || reply.Status != tc.status || !strings.Contains(string(reply.Body), `{"code":"`+tc.code+`","message":"`) {
				t.Fatalf("%d %s, %v", reply.Status, reply.Body, err)
			}
			if reply.Header.Get("Content-Type") != mediaJSON {
				t.Errorf("content type %s", reply.Header.Get("Content-Type"))
			}
			if !tc.known {
				w.signedFor(t, reply, anonymous)
				return
			}
			w.signedFor(t, reply, clientID)
			if reply.Header.Get("X-RateLimit-Limit") != "100" || reply.Header.Get("X-RateLimit-Reset") == "" {
				t.Errorf("rate limit %v", reply.Header)
			}
			if last := w.log.last(t); last.Status != tc.status {
				t.Errorf("evidence says %d", last.Status)
			}
		})
	}
}

// TestEveryAnswerOfSUAPIsSigned: an error of the back end and an empty answer too.
func TestEveryAnswerOfSUAPIsSigned(t *testing.T) {
	w := newInWorld(t, suap)
	w.backEnd.status, w.backEnd.body = http.StatusNotFound, `{"title":"x"}`
	w.backEnd.header = http.Header{"Content-Type": {problem.MediaType}}
	reply, err := w.serve(t, w.newCall())
	if err != nil || reply.Status != http.StatusNotFound {
		t.Fatalf("%d, %v", reply.Status, err)
	}
	w.signedFor(t, reply, clientID)
	if last := w.log.last(t); len(last.Side.Proofs) != 1 || last.Side.Proofs[0].Token != evidence.TokenSignature {
		t.Errorf("the signature is not evidence: %+v", last.Side.Proofs)
	}
}

// TestAWithheldAnswerIsToldAgain: a refusal that follows from the evidence is in the words of the e-service too, and nothing
// of the answer is left in it.
func TestAWithheldAnswerIsToldAgain(t *testing.T) {
	w := newInWorld(t, suap)
	w.log.breakKind(evidence.KindErogazioneEsito)
	reply, err := w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleOutcomeNotStored, http.StatusInternalServerError)
	if reply.Status != http.StatusInternalServerError || !strings.Contains(string(reply.Body), "ERROR_500_007") || strings.Contains(string(reply.Body), "accolta") {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
	w.signedFor(t, reply, clientID)
}

func TestStrangersDoNotMakeTheHubSign(t *testing.T) {
	w := newInWorld(t, suap)
	signed := 0
	for range strangersSigned + 5 {
		reply, _ := w.Serve(context.Background(), &Inbound{Method: "POST", Path: "/modi/c_a/pratiche/v1/ricerche", Header: http.Header{}})
		if reply.Status != http.StatusUnauthorized {
			t.Fatalf("%d", reply.Status)
		}
		if reply.Header.Get(rest.HeaderSignature) != "" {
			signed++
		}
	}
	if signed != strangersSigned {
		t.Errorf("%d refusals were signed", signed)
	}
}

func TestRefusalsSpeakTheLanguageThatIsAsked(t *testing.T) {
	w := newInWorld(t, suap)
	for lang, want := range map[string]string{"en": "No operation", "it": "Indirizzo sconosciuto"} {
		reply, _ := w.Serve(context.Background(), &Inbound{
			Method: "GET", Path: "/modi/c_a/pratiche/v1/altro", Header: http.Header{"Accept-Language": {lang}},
		})
		if row, _ := problem.Lookup(problem.RuleUnknownPath); lang == "en" {
			want = row.Title.EN
		}
		if !strings.Contains(string(reply.Body), want) {
			t.Errorf("%s: %s", lang, reply.Body)
		}
	}
}

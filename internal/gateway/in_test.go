// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

func TestServesASignedCall(t *testing.T) {
	w := newInWorld(t)
	reply, err := w.serve(t, w.newCall())
	if err != nil {
		t.Fatal(err)
	}
	if reply.Status != http.StatusOK || string(reply.Body) != answerOK {
		t.Fatalf("got %d %s", reply.Status, reply.Body)
	}
	own := &keyRing{}
	own.add(keysOnce().keychain, "keychain-1")
	proof, err := rest.IntegrityVerifier{
		Audience: clientID, Owner: "keychain-1", Keys: own, Clock: w.clock.Now, Times: modi.PartyTimes(),
	}.Verify(context.Background(), rest.Message{Header: reply.Header, Body: modi.Bytes(reply.Body)})
	if err != nil {
		t.Fatalf("signature of the answer: %v", err)
	}
	if proof.Issuer != tenantA {
		t.Errorf("iss %s, want the producer", proof.Issuer)
	}
	want := Access{
		Exchange: reply.Access.Exchange, Ente: "c_a", Service: "pratiche", Operation: "cerca",
		Template: "/modi/{codiceIPA}/pratiche/v1/ricerche", Consumer: consumerID,
	}
	if diff := cmp.Diff(want, reply.Access); diff != "" {
		t.Error(diff)
	}
}

func TestEvidenceOfACall(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	call.body = `{"id":"12","codiceFiscale":"rssmra85t10a562s"}`
	reply, err := w.serve(t, call)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]evidence.Kind{evidence.KindErogazioneIntento, evidence.KindErogazioneEsito}, w.log.kinds()); diff != "" {
		t.Fatal(diff)
	}
	intent, outcome := w.log.records[0], w.log.records[1]
	if outcome.Closes == nil || *outcome.Closes != 0 || outcome.Status != 200 || outcome.Exchange != intent.Exchange {
		t.Errorf("outcome does not close its intent: %+v", outcome.Entry)
	}
	if intent.Exchange != reply.Access.Exchange || intent.Purpose != purposeID || intent.Client != clientID ||
		intent.Eservice != eserviceA || intent.Descriptor != descriptor {
		t.Errorf("identifiers of the intent: %+v", intent.Entry)
	}
	if diff := cmp.Diff([]string{"RSSMRA85T10A562S"}, intent.Subjects); diff != "" {
		t.Error(diff)
	}
	if intent.Side.Operator.UserID != "operatore-17" || intent.Side.Peer != "192.0.2.7" {
		t.Errorf("who called: %+v", intent.Side.Operator)
	}
	kinds := map[evidence.TokenKind]bool{}
	for _, p := range intent.Side.Proofs {
		kinds[p.Token] = true
		if p.Token == evidence.TokenVoucher && (p.Compact != "" || !strings.Contains(string(p.Payload), consumerID)) {
			t.Error("of a voucher the payload alone is kept")
		}
	}
	if !kinds[evidence.TokenVoucher] || !kinds[evidence.TokenSignature] || !kinds[evidence.TokenTracking] {
		t.Errorf("proofs kept: %v", kinds)
	}
	if len(outcome.Side.Proofs) != 1 || outcome.Side.Proofs[0].Direction != evidence.DirectionResponse {
		t.Errorf("the signature of the answer is not kept: %+v", outcome.Side.Proofs)
	}
}

func TestMetadataAloneIsKeptWhenAsked(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Evidence.Keep = "metadata" })
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.log.records {
		if len(r.Side.Proofs) != 0 || len(r.Side.Messages) != 0 {
			t.Errorf("%s keeps proofs", r.Kind)
		}
	}
}

func TestMessagesAreKeptWhenAsked(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Evidence.Keep = "messages" })
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, r := range w.log.records {
		for _, m := range r.Side.Messages {
			kept = append(kept, string(m.Body))
		}
	}
	if diff := cmp.Diff([]string{`{"id":"12"}`, answerOK}, kept); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownPathWinsOverTokens(t *testing.T) {
	w := newInWorld(t)
	for _, path := range []string{
		"/modi/c_x/pratiche/v1/ricerche", "/modi/c_a/altro/v1/ricerche", "/modi/c_a/pratiche/v2/ricerche", "/modi/c_a/pratiche",
		"/modi/", "/altro/c_a/pratiche/v1/ricerche", "/modi/c_a%2Fpratiche/v1/ricerche",
	} {
		_, err := w.Serve(context.Background(), &Inbound{Method: "GET", Path: path, Header: http.Header{}})
		wantRule(t, err, problem.RuleUnknownExposure, http.StatusNotFound)
	}
	for _, path := range []string{"", "/", "/altro", "/pratiche/", "/pratiche/..", "/pratiche/%2e%2e", "/pratiche/a%2F..%2Fb", "//ricerche"} {
		_, err := w.Serve(context.Background(), &Inbound{Method: "GET", Path: "/modi/c_a/pratiche/v1" + path, Header: http.Header{}})
		wantRule(t, err, problem.RuleUnknownPath, http.StatusNotFound)
	}
	if len(w.log.kinds()) != 0 {
		t.Error("a path that leads nowhere became evidence")
	}
}

func TestMethodNotAllowedNamesTheAllowed(t *testing.T) {
	w := newInWorld(t)
	_, err := w.Serve(context.Background(), &Inbound{Method: "DELETE", Path: "/modi/c_a/pratiche/v1/ricerche", Header: http.Header{}})
	wantRule(t, err, problem.RuleMethod, http.StatusMethodNotAllowed)
	if diff := cmp.Diff([]string{"POST"}, problem.Explain(err).Allow); diff != "" {
		t.Error(diff)
	}
}

func TestStatusNeedsNoToken(t *testing.T) {
	w := newInWorld(t)
	reply, err := w.Serve(context.Background(), &Inbound{Method: "GET", Path: "/modi/c_a/pratiche/v1/status", Header: http.Header{}})
	if err != nil || reply.Status != 200 || reply.Header.Get("Content-Type") != problem.MediaType {
		t.Fatalf("got %+v, %v", reply, err)
	}
	_, err = w.Serve(context.Background(), &Inbound{Method: "POST", Path: "/modi/c_a/pratiche/v1/status", Header: http.Header{}})
	wantRule(t, err, problem.RuleMethod, http.StatusMethodNotAllowed)
}

// TestRejects is the list of what a caller may try, each refused with its own rule and never forwarded.
func TestRejects(t *testing.T) {
	keys := keysOnce()
	for name, tc := range map[string]struct {
		change func(c *calling)
		rule   modi.RuleID
		status int
		kept   bool // as evidence: the voucher had verified
	}{
		"no voucher":               {func(c *calling) { c.header.Set("X-Drop", "Authorization") }, modi.VoucherTokenMissing, 401, false},
		"two Authorization":        {func(c *calling) { c.header.Set("X-Double", "Authorization") }, modi.VoucherTokenRepeated, 401, false},
		"issuer of another world":  {func(c *calling) { c.claims["iss"] = "interop.pagopa.it" }, modi.VoucherIssuerMismatch, 401, false},
		"audience of another":      {func(c *calling) { c.claims["aud"] = audienceB }, modi.VoucherAudienceMismatch, 401, false},
		"producer of another":      {func(c *calling) { c.claims["producerId"] = tenantB }, modi.VoucherProducerMismatch, 401, false},
		"e-service of another":     {func(c *calling) { c.claims["eserviceId"] = eserviceB }, modi.VoucherEserviceMismatch, 401, false},
		"descriptor not served":    {func(c *calling) { c.claims["descriptorId"] = eserviceB }, modi.VoucherDescriptorMismatch, 401, false},
		"expired voucher":          {func(c *calling) { c.claims["exp"] = c.stamp.Now.Unix() }, modi.VoucherExpired, 401, false},
		"voucher signed by caller": {func(c *calling) { c.voucherKey = signing(keys.consumer.Signer, "pdnd-1", "RS256") }, modi.VoucherSignatureInvalid, 401, false},
		"bound voucher as Bearer":  {func(c *calling) { c.claims["cnf"] = map[string]string{"jkt": keys.consumer.KID} }, modi.VoucherDPoPRequired, 401, false},
		"no integrity token":       {func(c *calling) { c.noIntegrity = true }, modi.IntegrityTokenMissing, 400, true},
		"key of another client":    {func(c *calling) { c.integrityKey = keys.other }, modi.IntegrityOwnerMismatch, 403, true},
		"unknown key":              {func(c *calling) { c.integrityKey = keys.keychain }, modi.IntegrityKeyUnknown, 400, true},
		"integrity for another":    {func(c *calling) { c.audience = audienceB }, modi.IntegrityAudienceMismatch, 400, true},
		"no tracking evidence":     {func(c *calling) { c.noAudit = true }, modi.AuditTokenMissing, 400, true},
		"digest of another": {func(c *calling) {
			c.claims["digest"] = map[string]string{"alg": "SHA256", "value": strings.Repeat("0", 64)}
		}, modi.AuditDigestMismatch, 400, true},
		"member not in the schema": {func(c *calling) { c.body = `{"id":"12","x":1}` }, problem.RuleUnknownField, 400, true},
		"body not in the schema":   {func(c *calling) { c.body = `{"id":"1234567"}` }, problem.RuleSchema, 400, true},
		"repeated member":          {func(c *calling) { c.body = `{"id":"12","id":"13"}` }, problem.RuleDuplicateMember, 400, true},
		"not JSON":                 {func(c *calling) { c.body = `{"id":` }, problem.RuleMalformedJSON, 400, true},
		"unknown query parameter":  {func(c *calling) { c.query = "debug=1" }, problem.RuleUnknownField, 400, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newInWorld(t)
			call := w.newCall()
			tc.change(call)
			in := call.build(t)
			if in.Header.Get("X-Drop") != "" {
				in.Header.Del("Authorization")
			}
			if in.Header.Get("X-Double") != "" {
				in.Header.Add("Authorization", "Basic Zm9vOmJhcg==")
			}
			reply, err := w.Serve(context.Background(), in)
			wantRule(t, err, tc.rule, tc.status)
			if w.backEnd.calls() != 0 {
				t.Error("the back end was called")
			}
			if len(reply.Body) != 0 || reply.Header.Get(rest.HeaderSignature) != "" {
				t.Error("something of an answer was left in the reply")
			}
			var want []evidence.Kind
			if tc.kept {
				want = []evidence.Kind{evidence.KindErogazioneRifiuto}
			}
			if diff := cmp.Diff(want, w.log.kinds(), cmpEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRejectsTamperedBody(t *testing.T) {
	w := newInWorld(t)
	in := w.newCall().build(t)
	in.Body = []byte(`{"id":"13"}`)
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.IntegrityDigestMismatch, http.StatusBadRequest)
	if r := w.log.last(t); r.Rules[0] != string(modi.IntegrityDigestMismatch) || r.Status != 400 {
		t.Errorf("refusal kept as %+v", r.Entry)
	}
}

func TestVoucherOfOneEnteIsRefusedByTheOther(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	in := call.build(t)
	if _, err := w.Serve(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	// The same voucher, now cached, on the route of the other ente.
	in.Path = strings.Replace(in.Path, "c_a", "c_b", 1)
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.VoucherAudienceMismatch, http.StatusUnauthorized)
	x := problem.Explain(err)
	found := map[modi.RuleID]bool{}
	for _, v := range x.Violations {
		found[v.Rule] = true
	}
	if !found[modi.VoucherProducerMismatch] || !found[modi.VoucherEserviceMismatch] {
		t.Errorf("rules told: %v", found)
	}
	if w.backEnd.calls() != 1 {
		t.Error("the other ente's back end was called")
	}
}

func TestVoucherOfAnAudienceSquatterIsRefused(t *testing.T) {
	// Any organisation can register an e-service with our audience and get a genuine voucher for it.
	w := newInWorld(t)
	call := w.newCall()
	call.claims["producerId"], call.claims["eserviceId"] = "70000000-0000-4000-8000-000000000001", "70000000-0000-4000-8000-000000000002"
	_, err := w.serve(t, call)
	wantRule(t, err, modi.VoucherProducerMismatch, http.StatusUnauthorized)
}

func TestGetNeedsNoIntegrityToken(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
	call.query = "dettaglio=true"
	reply, err := w.serve(t, call)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.backEnd.requests[0].URL.String(); got != "http://procedura.example/api/pratiche/12?dettaglio=true" {
		t.Errorf("forwarded to %s", got)
	}
	if reply.Header.Get(rest.HeaderSignature) == "" {
		t.Error("the answer has a body and no signature")
	}
}

func TestReplayIsRefused(t *testing.T) {
	w := newInWorld(t)
	in := w.newCall().build(t)
	if _, err := w.Serve(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.IntegrityReplayed, http.StatusConflict)
	if w.backEnd.calls() != 1 {
		t.Error("a replayed request reached the back end")
	}
}

func TestVoucherAndEvidenceMayBeReused(t *testing.T) {
	w := newInWorld(t)
	for range 2 {
		call := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
		if _, err := w.serve(t, call); err != nil {
			t.Fatal(err)
		}
	}
	in := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12").build(t)
	for range 2 {
		if _, err := w.Serve(context.Background(), in); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReplayOfEvidenceIsRefusedWhenAsked(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].ReplayAudit = true })
	in := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12").build(t)
	if _, err := w.Serve(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, problem.RuleAuditReplayed, http.StatusConflict)
}

func TestVoucherCacheDropsAKeyThatPDNDRemoved(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
	in := call.build(t)
	for range 2 {
		if _, err := w.Serve(context.Background(), in); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"miss", "hit"}, w.seen.vouchers); diff != "" {
		t.Fatal(diff)
	}
	w.pdnd.remove("pdnd-1")
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.VoucherKeyUnknown, http.StatusUnauthorized)
}

func TestCachedVoucherExpires(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/12")
	call.claims["exp"] = w.clock.Now().Add(time.Minute).Unix()
	in := call.build(t)
	if _, err := w.Serve(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.VoucherExpired, http.StatusUnauthorized)
}

func TestUnknownKeysOfPDNDAreNotANo(t *testing.T) {
	w := newInWorld(t)
	w.pdnd.fail(modi.ErrUndecided)
	_, err := w.serve(t, w.newCall())
	wantRule(t, err, problem.RuleKeysUndecided, http.StatusServiceUnavailable)
	if problem.Explain(err).RetryAfter <= 0 {
		t.Error("no Retry-After")
	}
}

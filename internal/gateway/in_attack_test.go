// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/replay"
	"github.com/snodo-pa/snodo/modi"
)

// lazily moves the body of a request behind Open and counts how often it is asked for.
func lazily(in *Inbound, asked *int) *Inbound {
	body := in.Body
	in.Body = nil
	in.Open = func(int64, string, string) ([]byte, error) { *asked++; return body, nil }
	return in
}

func TestBodyIsNotReadBeforeTheVoucher(t *testing.T) {
	w := newInWorld(t)
	for name, change := range map[string]func(in *Inbound){
		"no voucher":      func(in *Inbound) { in.Header.Del("Authorization") },
		"forged voucher":  func(in *Inbound) { in.Header.Set("Authorization", in.Header.Get("Authorization")+"A") },
		"unknown path":    func(in *Inbound) { in.Path += "/x" },
		"unknown service": func(in *Inbound) { in.Path = "/modi/c_x/pratiche/v1/ricerche" },
		"wrong method":    func(in *Inbound) { in.Method = http.MethodPut },
		"status page":     func(in *Inbound) { in.Method, in.Path = http.MethodGet, "/modi/c_a/pratiche/v1/status" },
	} {
		asked := 0
		in := lazily(w.newCall().build(t), &asked)
		change(in)
		_, err := w.Serve(context.Background(), in)
		if (err == nil) != (name == "status page") || asked != 0 {
			t.Errorf("%s: %v, body read %d times", name, err, asked)
		}
	}
	asked := 0
	in := lazily(w.newCall().build(t), &asked)
	reply, err := w.Serve(context.Background(), in)
	if err != nil || reply.Status != http.StatusOK || asked != 1 {
		t.Errorf("with everything right: %v, body read %d times", err, asked)
	}
	if in.Body != nil {
		t.Error("the caller's request was changed")
	}
}

func TestBodyThatCannotBeReadIsRefused(t *testing.T) {
	w := newInWorld(t)
	in := w.newCall().build(t)
	in.Body, in.Open = nil, func(int64, string, string) ([]byte, error) { return nil, problem.New(problem.RuleTooLarge) }
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, problem.RuleTooLarge, http.StatusRequestEntityTooLarge)
	if diff := cmp.Diff([]evidence.Kind{evidence.KindErogazioneRifiuto}, w.log.kinds()); diff != "" {
		t.Error(diff)
	}
}

// TestPathIsForwardedAsMatched: the back end sees the one spelling that was checked.
func TestPathIsForwardedAsMatched(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall().get("/modi/c_a/pratiche/v1/pr%61tiche/%31%32")
	if _, err := w.serve(t, call); err != nil {
		t.Fatal(err)
	}
	if got := w.backEnd.requests[0].URL.String(); got != "http://procedura.example/api/pratiche/12" {
		t.Errorf("forwarded to %s", got)
	}
	for _, id := range []string{"12%2Fadmin", "..;", "..%3B", "%5c", "%00", "%0d%0a", "%3F", "%ff", "12;a=b"} {
		call := w.newCall().get("/modi/c_a/pratiche/v1/pratiche/" + id)
		if _, err := w.serve(t, call); err == nil || problem.Status(err) >= 500 {
			t.Errorf("%s: %v", id, err)
		}
	}
	if w.backEnd.calls() != 1 {
		t.Error("a path with something else in it was forwarded")
	}
}

// TestEscapedStatusPathIsTheStatusPage: no spelling of /status reaches the procedure.
func TestEscapedStatusPathIsTheStatusPage(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) {
		withStatus := strings.Replace(practice, "paths:\n", "paths:\n  /status:\n    get: {responses: {default: {description: ok}}}\n", 1)
		c.Exposes["pratiche"].Document = []byte(withStatus)
	})
	for _, path := range []string{"/status", "/%73tatus", "/statu%73"} {
		reply, err := w.serve(t, w.newCall().get("/modi/c_a/pratiche/v1"+path))
		if err != nil || reply.Header.Get("Content-Type") != problem.MediaType {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, err := w.serve(t, w.newCall().get("/modi/c_a/pratiche/v1/%2573tatus"))
	wantRule(t, err, problem.RuleUnknownPath, http.StatusNotFound)
	if w.backEnd.calls() != 0 {
		t.Error("the procedure was asked for its status")
	}
}

func TestRejectsBodiesInAnotherCharset(t *testing.T) {
	w := newInWorld(t)
	for media, ok := range map[string]bool{
		"application/json; charset=utf-16": false, "application/json;charset=UTF-7": false,
		`application/json; charset="UTF-8"; x=y`: true,
	} {
		call := w.newCall()
		in := call.build(t)
		in.Header.Set("Content-Type", media)
		call.noIntegrity = true
		_, err := w.validated(in)
		if (err == nil) != ok {
			t.Errorf("%s: %v", media, err)
		}
		if err != nil {
			wantRule(t, err, problem.RuleMediaType, http.StatusUnsupportedMediaType)
		}
	}
}

// validated runs the steps that hold a message against its document, without the proofs over its headers.
func (w *inWorld) validated(in *Inbound) (*serving, error) {
	x := &serving{in: in, header: http.Header{}}
	if err := w.route(context.Background(), x); err != nil {
		return x, err
	}
	if err := w.admit(context.Background(), x); err != nil {
		return x, err
	}
	return x, w.validate(context.Background(), x)
}

func TestForwardsTheBareMediaType(t *testing.T) {
	w := newInWorld(t)
	in := w.newCall().build(t)
	in.Header.Set("Content-Type", `application/json; charset=utf-8; boundary=x`)
	x, err := w.validated(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := x.backEndRequest(context.Background())
	if err != nil || req.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %q, %v", req.Header.Get("Content-Type"), err)
	}
}

// TestReplayFloorCoversClocksThatRunAhead: a token used before an unclean stop may bear an instant just after it.
func TestReplayFloorCoversClocksThatRunAhead(t *testing.T) {
	for name, tc := range map[string]struct {
		issued time.Duration // after the floor
		rule   modi.RuleID
	}{
		"before":       {-time.Second, problem.RuleReplayUndecided},
		"clock ahead":  {4 * time.Second, problem.RuleReplayUndecided},
		"surely after": {5 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newInWorld(t)
			call := w.newCall()
			issued := w.clock.Now().Add(-call.stamp.BackDate)
			w.Replay = flooredReplay{w.replays, issued.Add(-tc.issued)}
			_, err := w.serve(t, call)
			if tc.rule == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantRule(t, err, tc.rule, http.StatusServiceUnavailable)
		})
	}
}

type flooredReplay struct {
	replay.Cache
	floor time.Time
}

func (f flooredReplay) NotBefore() time.Time { return f.floor }

func TestHeaderSafeIsInjective(t *testing.T) {
	seen := map[string]string{}
	for _, claim := range []string{
		"a", "a b", "a%20b", "a%2520b", " a", "a ", "%20a", "è", "%C3%A8", "a\nb", "a%0Ab", "\x00", "", "operatore-17", "100%",
	} {
		written := headerSafe(claim)
		if other, taken := seen[written]; taken {
			t.Errorf("%q and %q are both %q", claim, other, written)
		}
		seen[written] = claim
		back, err := url.PathUnescape(written)
		if err != nil || back != claim || strings.TrimSpace(written) != written || strings.ContainsAny(written, "\r\n\x00") {
			t.Errorf("%q was written %q, read back %q, %v", claim, written, back, err)
		}
	}
}

func TestLongOperatorClaimsAreRefused(t *testing.T) {
	w := newInWorld(t)
	x, err := w.validated(w.newCall().build(t))
	if err != nil {
		t.Fatal(err)
	}
	x.audit.UserID, x.audit.UserLocation, x.audit.LoA = strings.Repeat("è", 128), strings.Repeat("b", 129), strings.Repeat("c", 21)
	err = w.validate(context.Background(), x)
	wantRule(t, err, problem.RuleOperatorClaim, http.StatusBadRequest)
	document, _ := problem.From(err, "en", "")
	var told []string
	for _, v := range document.Violations {
		told = append(told, v.Expected+" / "+v.Found)
	}
	if diff := cmp.Diff([]string{"userLocation 128 / 129", "LoA 20 / 21"}, told); diff != "" {
		t.Error(diff)
	}
}

// TestRefusalsWithoutAVoucherAreSampledWhateverTheirStatus: an outage of PDND's keys does not let strangers fill the log.
func TestRefusalsWithoutAVoucherAreSampledWhateverTheirStatus(t *testing.T) {
	w := newInWorld(t)
	var log bytes.Buffer
	w.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	w.pdnd.fail(modi.ErrUndecided)
	in := w.newCall().build(t)
	for range 50 {
		_, err := w.Serve(context.Background(), in)
		wantRule(t, err, problem.RuleKeysUndecided, http.StatusServiceUnavailable)
	}
	if n := bytes.Count(log.Bytes(), []byte("\n")); n != 1 {
		t.Errorf("%d lines of one second", n)
	}
	if len(w.seen.rules) != 50 {
		t.Errorf("%d refusals counted", len(w.seen.rules))
	}
}

// TestRefusalsOfOneVoucherAreBounded: one genuine voucher with wrong messages fills neither the evidence nor hides what
// happened: beyond the allowance refusals are counted, and the count becomes evidence.
func TestRefusalsOfOneVoucherAreBounded(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	call.noIntegrity = true
	in := call.build(t)
	const sent = refusalsPerMinute + 40
	for range sent {
		_, err := w.Serve(context.Background(), in)
		wantRule(t, err, modi.IntegrityTokenMissing, http.StatusBadRequest) // the true refusal, every time
	}
	if n := len(w.log.kinds()); n != refusalsPerMinute {
		t.Fatalf("%d refusals in the log", n)
	}
	w.clock.Advance(refusalsSummary)
	if _, err := w.serve(t, w.newCall()); err != nil {
		t.Fatal(err)
	}
	last := w.log.last(t)
	if last.Kind != evidence.KindErogazioneRifiuto || last.Rules[0] != string(problem.RuleRefusalsCounted) {
		t.Fatalf("no summary: %+v", last.Entry)
	}
	var summary refusalSummary
	if err := json.Unmarshal(last.Side.Messages[0].Body, &summary); err != nil {
		t.Fatal(err)
	}
	if summary.Rifiuti != 40 || summary.Fruitore != consumerID || summary.Al.Before(summary.Dal) {
		t.Errorf("summary %+v", summary)
	}
	if len(w.seen.rules) != sent {
		t.Errorf("%d refusals counted", len(w.seen.rules))
	}
}

func TestSummaryThatCannotBeStoredStaysDue(t *testing.T) {
	w := newInWorld(t)
	call := w.newCall()
	call.noIntegrity = true
	in := call.build(t)
	for range refusalsPerMinute + 1 {
		if _, err := w.Serve(context.Background(), in); err == nil {
			t.Fatal("accepted")
		}
	}
	w.clock.Advance(refusalsSummary)
	w.log.breakKind(evidence.KindErogazioneRifiuto)
	w.summarise(context.Background())
	if c, due := w.refused.due(w.clock.Now()); !due || c.n != 1 {
		t.Errorf("got %+v, %v", c, due)
	}
}

// TestUnverifiedBodiesAreNotKept: with keep: messages a body is evidence only once it was proved and allowed.
func TestUnverifiedBodiesAreNotKept(t *testing.T) {
	w := newInWorld(t, func(c *config.Config) { c.Exposes["pratiche"].Evidence.Keep = "messages" })
	in := w.newCall().build(t)
	in.Body = []byte(`{"id":"99"}`)
	_, err := w.Serve(context.Background(), in)
	wantRule(t, err, modi.IntegrityDigestMismatch, http.StatusBadRequest)
	if m := w.log.last(t).Side.Messages; len(m) != 0 {
		t.Errorf("kept %s", m[0].Body)
	}
}

func TestRefusersBeyondTheBoundShareOneAllowance(t *testing.T) {
	r := newRefusals(2)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	e := &exposed{}
	for _, consumer := range []string{"a", "b", "c", "d"} {
		if ok, _ := r.take(now, refuser{e, consumer}); !ok {
			t.Errorf("first refusal of %s", consumer)
		}
	}
	if len(r.by) != 3 {
		t.Errorf("%d buckets, want a, b and the shared one", len(r.by))
	}
	// A minute later nobody has anything left to say and the places are free.
	if r.take(now.Add(time.Minute), refuser{e, "e"}); len(r.by) != 1 {
		t.Errorf("%d buckets after they filled up again", len(r.by))
	}
}

func TestPlaceOfAPersonIsBounded(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	var value any = map[string]any{memberCodiceFiscale: "A"}
	for range 10 {
		value = map[string]any{long: value}
	}
	found := persons(value, "")
	if len(found) != 1 || len(found[0].where) > 2*maxPersonPlace {
		t.Errorf("%d found, place of %d bytes", len(found), len(found[0].where))
	}
}

func TestLogOfARefusalIsBounded(t *testing.T) {
	if s := problem.ForLog(errors.New(strings.Repeat("è", 10_000))); len(s) > 1100 {
		t.Errorf("%d bytes", len(s))
	}
}

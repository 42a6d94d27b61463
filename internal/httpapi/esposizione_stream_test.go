// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

func TestExposedRefusalInTheWordsOfItsEservice(t *testing.T) {
	w := newWorld(t)
	var counted []string
	w.options.Refused = func(_, rule string) { counted = append(counted, rule) }
	w.in.reply = gateway.Reply{
		Status: 401, Header: http.Header{"Content-Type": {"application/json"}, "Agid-Jwt-Signature": {"a.b.c"}},
		Body: []byte(`{"code":"ERROR_401_002","message":"x"}`), Access: gateway.Access{Ente: "c_a"},
	}
	w.in.err = modi.Refuse(modi.Violation{Rule: modi.DPoPReplayed})
	w.start(t)
	a := w.do(t, ListenerEsposizione, "GET", "/modi/c_a/pratiche/v1/pratiche/1", "")
	if a.StatusCode != 401 || a.body != `{"code":"ERROR_401_002","message":"x"}` || a.Header.Get("Content-Type") != "application/json" ||
		a.Header.Get("Agid-JWT-Signature") != "a.b.c" || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), `DPoP realm="snodo", error="invalid_dpop_proof"`) {
		t.Errorf("%d %s %v", a.StatusCode, a.body, a.Header)
	}
	if len(counted) != 0 {
		t.Errorf("the pipeline counts its own refusals: %v", counted)
	}
	if !strings.Contains(w.log.String(), string(modi.DPoPReplayed)) {
		t.Error("the access log does not say the rule")
	}
}

func TestExposedBodyIsBoundedByItsEservice(t *testing.T) {
	w := newWorld(t)
	w.options.Config.Exposes = map[string]*registry.Exposure{"a": {}, "b": {Limits: registry.ExposureLimits{Body: 3 * maxTestBody}}}
	w.start(t)
	for _, c := range []struct {
		most   int64
		length int
		served bool
	}{
		{0, maxTestBody, true},
		{0, maxTestBody + 1, false},
		{3 * maxTestBody, 3 * maxTestBody, true},
		{10, 11, false},
		{10, 10, true},
		{3 * maxTestBody, 3*maxTestBody + 1, false},
	} {
		w.in.most = c.most
		a := w.do(t, ListenerEsposizione, "POST", "/modi/c_a/pratiche/v1/ricerche", strings.Repeat("x", c.length))
		if served := a.StatusCode == 200; served != c.served || !served && a.problem.Rule != problem.RuleTooLarge {
			t.Errorf("%d bytes of %d: %d %s", c.length, c.most, a.StatusCode, a.body)
		}
	}
}

// body is a stream of a test.
type body struct {
	io.Reader
	closed chan struct{}
}

func (b *body) Close() error { close(b.closed); return nil }

// breaks fails after what it is read after.
type breaks struct{}

func (breaks) Read([]byte) (int, error) { return 0, errors.New("cut") }

func TestStreamsAreHandedOnAndCutWhenTheyBreak(t *testing.T) {
	text := strings.Repeat("0123456789", 50_000)
	for name, tc := range map[string]struct {
		body   io.Reader
		length int64
		whole  bool
	}{
		"known length":              {strings.NewReader(text), int64(len(text)), true},
		"unknown length":            {strings.NewReader(text), -1, true},
		"known length, it breaks":   {io.MultiReader(strings.NewReader(text[:len(text)-1]), breaks{}), int64(len(text)), false},
		"unknown length, it breaks": {io.MultiReader(strings.NewReader(text), breaks{}), -1, false},
		"it breaks at once":         {breaks{}, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			stream := &body{tc.body, make(chan struct{})}
			w.in.reply = gateway.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/pdf"}}, Stream: stream, Length: tc.length}
			w.start(t)
			req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+w.address[ListenerEsposizione]+"/modi/c_a/p/v1/d", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err == nil {
				defer resp.Body.Close()
				var got []byte
				got, err = io.ReadAll(resp.Body)
				if tc.whole && (string(got) != text || resp.ContentLength != tc.length) {
					t.Errorf("%d bytes, announced %d", len(got), resp.ContentLength)
				}
			}
			if (err == nil) != tc.whole {
				t.Errorf("the peer saw %v", err)
			}
			<-stream.closed
		})
	}
}

func TestHeadTellsTheLength(t *testing.T) {
	w := newWorld(t)
	w.in.reply = gateway.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/pdf"}, "Content-Length": {"12345"}}}
	w.start(t)
	a := w.do(t, ListenerEsposizione, "HEAD", "/modi/c_a/p/v1/d", "")
	if a.StatusCode != 200 || a.ContentLength != 12345 || a.body != "" {
		t.Errorf("%d, %d bytes", a.StatusCode, a.ContentLength)
	}
}

func TestIdentityKeysArePublishedToBackEnds(t *testing.T) {
	w := newWorld(t)
	current := ecdsaKey(t)
	w.options.IdentityKeys = func(string) ([]modi.Key, error) { return []modi.Key{current}, nil }
	w.start(t)
	for _, listener := range []string{ListenerApplicazioni, ListenerGestione} {
		a := w.do(t, listener, "GET", "/v1/enti/c_a/identita/jwks.json", "")
		if keys, err := token.ParseJWKSet([]byte(a.body)); err != nil || len(keys) != 1 || keys[0].KID != current.KID {
			t.Errorf("%s: %s, %v", listener, a.body, err)
		}
	}
	wantProblem(t, w.do(t, ListenerEsposizione, "GET", "/v1/enti/c_a/identita/jwks.json", ""), problem.RuleUnknownPath, 404)
}

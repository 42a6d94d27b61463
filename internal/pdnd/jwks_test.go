// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

func resolves(t *testing.T, r modi.KeyResolver, kid string) {
	t.Helper()
	key, err := r.ResolveKey(t.Context(), kid)
	if err != nil || key.KID != kid || key.Public == nil {
		t.Fatalf("ResolveKey = %q, %v", key.KID, err)
	}
}

func wantUnknown(t *testing.T, r modi.KeyResolver, kid string) {
	t.Helper()
	_, err := r.ResolveKey(t.Context(), kid)
	if !errors.Is(err, modi.ErrKeyUnknown) || errors.Is(err, modi.ErrUndecided) {
		t.Fatalf("ResolveKey = %v, want ErrKeyUnknown", err)
	}
}

func wantUndecided(t *testing.T, r modi.KeyResolver, kid string) {
	t.Helper()
	_, err := r.ResolveKey(t.Context(), kid)
	if !errors.Is(err, modi.ErrUndecided) || errors.Is(err, modi.ErrKeyUnknown) {
		t.Fatalf("ResolveKey = %v, want ErrUndecided", err)
	}
}

func TestJWKSIsFetchedOnceForManyCallers(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if _, err := p.VoucherKeys().ResolveKey(t.Context(), pdndOwn().KID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := f.count("/jwks"); n != 1 {
		t.Fatalf("%d fetches", n)
	}
}

func TestUnknownKidsCauseOneFetchPerFloor(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	resolves(t, p.VoucherKeys(), pdndOwn().KID)
	for round := range 3 {
		f.clock.forward(11 * time.Second)
		for i := range 1000 {
			wantUnknown(t, p.VoucherKeys(), fmt.Sprintf("inventato-%d-%d", round, i))
		}
		resolves(t, p.VoucherKeys(), pdndOwn().KID)
		if n := f.count("/jwks"); n != 2+round {
			t.Fatalf("round %d: %d fetches", round, n)
		}
	}
}

func TestRotatedKeyIsFoundByItsFirstUse(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	resolves(t, p.VoucherKeys(), pdndOwn().KID)
	f.set(&f.jwks, serveJWKS(jwkSet(t, aPartys())))
	f.clock.forward(11 * time.Second)
	resolves(t, p.VoucherKeys(), aPartys().KID)
	wantUnknown(t, p.VoucherKeys(), pdndOwn().KID) // withdrawn with the old set
}

func TestPoisonedSetIsRefusedAndTheOldOneKept(t *testing.T) {
	good := jwk(t, pdndOwn())
	with := func(change map[string]any) json.RawMessage {
		var m map[string]any
		if err := json.Unmarshal(jwk(t, aPartys()), &m); err != nil {
			t.Fatal(err)
		}
		for k, v := range change {
			m[k] = v
		}
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	small := base64.RawURLEncoding.EncodeToString(smallKey().N.Bytes())
	set := func(keys ...json.RawMessage) string {
		data, err := json.Marshal(map[string]any{"keys": keys})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, body := range map[string]string{
		"duplicate kid":       set(good, with(map[string]any{"kid": pdndOwn().KID})),
		"small key":           set(good, with(map[string]any{"n": small})),
		"private member":      set(good, with(map[string]any{"d": "AQAB"})),
		"symmetric key":       set(good, json.RawMessage(`{"kty":"oct","kid":"x","k":"AQAB"}`)),
		"exponent 1":          set(good, with(map[string]any{"e": "AQ"})),
		"no kid":              set(good, with(map[string]any{"kid": ""})),
		"no keys":             `{"keys":[]}`,
		"keys twice":          `{"keys":[],"keys":[` + string(good) + `]}`,
		"not JSON":            "<html>",
		"5 MB":                `{"keys":[` + string(good) + `],"x":"` + strings.Repeat("a", 5<<20) + `"}`,
		"empty":               "",
		"the old one, cut":    set(good)[:50],
		"another media, list": "[]",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			p := f.platform()
			resolves(t, p.VoucherKeys(), pdndOwn().KID)
			f.set(&f.jwks, answer(200, map[string]string{"Content-Type": "application/json"}, body))
			f.clock.forward(time.Hour)
			wantUndecided(t, p.VoucherKeys(), aPartys().KID) // the fetch brought no set
			resolves(t, p.VoucherKeys(), pdndOwn().KID)      // the last good one serves on
			if err := p.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLastGoodSetServesWhilePDNDIsDownUpToItsAge(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	resolves(t, p.VoucherKeys(), pdndOwn().KID)
	f.set(&f.jwks, answer(503, nil, ""))
	f.clock.forward(23 * time.Hour)
	resolves(t, p.VoucherKeys(), pdndOwn().KID)
	p.work.Wait()
	f.clock.forward(2 * time.Hour)
	wantUndecided(t, p.VoucherKeys(), pdndOwn().KID)
	if err := p.Ready(t.Context()); err == nil {
		t.Error("ready without a set that is believed")
	}
	f.set(&f.jwks, nil)
	f.clock.forward(11 * time.Second)
	resolves(t, p.VoucherKeys(), pdndOwn().KID)
}

func TestStartWithPDNDDownRecoversSoon(t *testing.T) {
	f := newFake(t)
	f.set(&f.jwks, answer(500, nil, ""))
	p := f.platform()
	if err := p.Ready(t.Context()); err == nil {
		t.Fatal("ready without any key")
	}
	wantUndecided(t, p.VoucherKeys(), pdndOwn().KID)
	for range 100 {
		wantUndecided(t, p.VoucherKeys(), "inventato")
	}
	if n := f.count("/jwks"); n != 1 {
		t.Fatalf("%d fetches", n)
	}
	f.set(&f.jwks, nil)
	f.clock.forward(3 * time.Second)
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	resolves(t, p.VoucherKeys(), pdndOwn().KID)
}

func TestRefreshIsConditionalAndInTheBackground(t *testing.T) {
	f := newFake(t)
	body := jwkSet(t, pdndOwn())
	var mu sync.Mutex
	var asked []string
	f.set(&f.jwks, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Header.Get("If-None-Match")+"|"+r.Header.Get("If-Modified-Since"))
		mu.Unlock()
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 08:00:00 GMT")
		_, _ = w.Write(body)
	})
	p := f.platform()
	for range 3 {
		resolves(t, p.VoucherKeys(), pdndOwn().KID)
		p.work.Wait()
		f.clock.forward(20 * time.Minute)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(asked) != 3 || asked[0] != "|" || asked[1] != `"v1"|Mon, 02 Mar 2026 08:00:00 GMT` || asked[2] != asked[1] {
		t.Fatalf("asked with %q", asked)
	}
}

func TestJWKSCallerWhoLeaves(t *testing.T) {
	f := newFake(t)
	f.set(&f.jwks, hang)
	p := f.platform(limits(Limits{LookupTimeout: 100 * time.Millisecond}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.VoucherKeys().ResolveKey(ctx, "x")
	if !errors.Is(err, modi.ErrUndecided) {
		t.Fatalf("ResolveKey = %v", err)
	}
	wantUndecided(t, p.VoucherKeys(), "x")
}

func TestErrorsOfLookupsHoldNoToken(t *testing.T) {
	f := newFake(t)
	f.set(&f.api, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(r.Header.Get("Authorization")))
	})
	_, err := f.platform().ConsumerKeysFor(api(), clientID).ResolveKey(t.Context(), aPartys().KID)
	if err == nil || strings.Contains(err.Error(), "eyJ") || strings.Contains(err.Error(), f.server.URL) {
		t.Fatalf("error %v", err)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// inventedKid is of the right form and of no key.
func inventedKid(n int) string { return fmt.Sprintf("%043d", n) }

func TestConsumerKeyIsLookedUpWithAnAPIVoucher(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	for range 5 {
		key, err := p.ConsumerKeysFor(api(), clientID).ResolveKey(t.Context(), aPartys().KID)
		if err != nil || key.Owner != clientID || key.KID != aPartys().KID {
			t.Fatalf("ResolveKey = %+v, %v", key.Owner, err)
		}
	}
	if f.count("/v2/keys/"+aPartys().KID) != 1 || f.count("/token") != 1 {
		t.Fatalf("%d lookups, %d vouchers", f.count("/v2/keys/"+aPartys().KID), f.count("/token"))
	}
	if f.forms[0]["client_id"] != apiID {
		t.Fatal("the voucher is not the API client's")
	}
}

func TestKidOfAnotherFormIsNeverLookedUp(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	for _, kid := range []string{
		"", "a", strings.Repeat("a", 42), strings.Repeat("a", 44), strings.Repeat("a", 42) + "/", strings.Repeat("a", 42) + "=",
		"../../../v2/clients/" + strings.Repeat("a", 23), strings.Repeat("à", 43), strings.Repeat("a", 42) + "\n",
		"b1c5ffcb-ba40-4b1a-9f0e-1d5ff0f8a3c1",
	} {
		wantUnknown(t, p.ConsumerKeysFor(api(), clientID), kid)
		wantUnknown(t, p.ProducerKeys(api(), producerID), kid)
	}
	if n := f.count("/token"); n != 0 {
		t.Fatal("PDND was asked")
	}
}

func TestOneLookupForManyCallers(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			if _, err := p.ConsumerKeysFor(api(), clientID).ResolveKey(t.Context(), aPartys().KID); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := f.count("/v2/keys/" + aPartys().KID); n != 1 {
		t.Fatalf("%d lookups", n)
	}
}

func TestRevokedKeyDies(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	keys := p.ConsumerKeysFor(api(), clientID)
	resolves(t, keys, aPartys().KID)
	f.set(&f.api, func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, 404, "012-0009", "") })
	f.clock.forward(4 * time.Minute)
	resolves(t, keys, aPartys().KID) // still within its freshness
	f.clock.forward(2 * time.Minute)
	wantUnknown(t, keys, aPartys().KID)
}

func TestKeyDiesEvenIfPDNDIsSilent(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	keys := p.ConsumerKeysFor(api(), clientID)
	resolves(t, keys, aPartys().KID)
	f.set(&f.api, answer(503, nil, ""))
	f.clock.forward(14 * time.Minute)
	resolves(t, keys, aPartys().KID)
	f.clock.forward(2 * time.Minute)
	wantUndecided(t, keys, aPartys().KID)
}

func TestUnknownKidsAreRememberedShortly(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	kid := inventedKid(1)
	for range 20 {
		wantUnknown(t, p.ConsumerKeysFor(api(), clientID), kid)
	}
	f.clock.forward(31 * time.Second)
	wantUnknown(t, p.ConsumerKeysFor(api(), clientID), kid)
	if n := f.count("/v2/keys/" + kid); n != 2 {
		t.Fatalf("%d lookups", n)
	}
}

func TestClientThatInventsKidsIsLimitedAndOthersAreNot(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	noisy := p.ConsumerKeysFor(api(), "rumoroso")
	asked := 0
	for i := range 1000 {
		kid := inventedKid(i)
		if _, err := noisy.ResolveKey(t.Context(), kid); errors.Is(err, modi.ErrKeyUnknown) {
			asked++
		} else if !errors.Is(err, modi.ErrUndecided) {
			t.Fatal(err)
		}
	}
	if asked != 10 {
		t.Fatalf("%d lookups were made for one client", asked)
	}
	resolves(t, p.ConsumerKeysFor(api(), "tranquillo"), aPartys().KID)
	resolves(t, noisy, aPartys().KID) // a key already known costs nothing
	f.clock.forward(13 * time.Second)
	again := 0
	for i := range 10 {
		if _, err := noisy.ResolveKey(t.Context(), inventedKid(5000+i)); errors.Is(err, modi.ErrKeyUnknown) {
			again++
		}
	}
	if again != 2 {
		t.Fatalf("%d lookups after 13 s, want 2", again)
	}
}

func TestAllClientsTogetherAreLimited(t *testing.T) {
	f := newFake(t)
	p := f.platform(limits(Limits{LookupBurst: 20}))
	asked := 0
	for i := range 200 {
		_, err := p.ConsumerKeysFor(api(), fmt.Sprintf("cliente-%d", i)).ResolveKey(t.Context(), inventedKid(i))
		if errors.Is(err, modi.ErrKeyUnknown) {
			asked++
		}
	}
	if asked != 20 {
		t.Fatalf("%d lookups", asked)
	}
}

func TestKeysThatExistCostNothing(t *testing.T) {
	f := newFake(t)
	p := f.platform(limits(Limits{
		UnknownBurst: 1, UnknownEvery: 1000 * time.Hour, LookupBurst: 1, LookupEvery: 1000 * time.Hour,
	}))
	keys := p.ConsumerKeysFor(api(), "c")
	for range 5 {
		resolves(t, keys, aPartys().KID)
		f.clock.forward(6 * time.Minute) // past its freshness: each time a lookup
	}
	if n := f.count("/v2/keys/" + aPartys().KID); n != 5 {
		t.Fatalf("%d lookups", n)
	}
}

func TestAnswersOfTheKeyLookup(t *testing.T) {
	good := map[string]any{"clientId": clientID, "jwk": jwk(t, aPartys())}
	with := func(k string, v any) http.HandlerFunc {
		body := map[string]any{}
		for name, value := range good {
			body[name] = value
		}
		body[k] = v
		return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, body) }
	}
	private := func() json.RawMessage {
		var m map[string]any
		if err := json.Unmarshal(jwk(t, aPartys()), &m); err != nil {
			t.Fatal(err)
		}
		m["d"] = "AQAB"
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	renamed := aPartys()
	renamed.KID = inventedKid(3)
	swapped := ours()
	swapped.KID = aPartys().KID
	for name, h := range map[string]http.HandlerFunc{
		"another key under the kid":      with("jwk", jwk(t, swapped)),
		"the key under another name":     with("jwk", jwk(t, renamed)),
		"a private key":                  with("jwk", private()),
		"no key":                         with("jwk", nil),
		"a key that is none":             with("jwk", "chiave"),
		"no owner":                       with("clientId", ""),
		"owner that is no identifier":    with("clientId", "../x"),
		"owner of another type":          with("clientId", 7),
		"a page":                         answer(200, nil, "<html>"),
		"404 that is not PDND's":         answer(404, nil, "<html>404</html>"),
		"404 in another shape":           answer(404, nil, `{"status":404}`),
		"403 of the API client":          func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, 403, "012-9993", "") },
		"401 twice":                      func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, 401, "012-10014", "") },
		"429":                            answer(429, nil, ""),
		"500":                            answer(500, nil, ""),
		"larger than a key":              answer(200, nil, strings.Repeat("a", 1<<20)),
		"redirect":                       answer(302, map[string]string{"Location": "/v2/keys/x"}, ""),
		"the answer to the other lookup": with("clientId", nil),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.set(&f.api, h)
			p := f.platform()
			wantUndecided(t, p.ConsumerKeysFor(api(), clientID), aPartys().KID)
			f.set(&f.api, nil)
			f.clock.forward(time.Second)                                   // a 429 without a time holds for one
			resolves(t, p.ConsumerKeysFor(api(), clientID), aPartys().KID) // nothing wrong was kept
		})
	}
}

func TestRefusedAPIVoucherIsReplacedOnce(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	first := true
	f.set(&f.api, func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		refuse := first
		first = false
		f.mu.Unlock()
		if refuse {
			writeProblem(w, 401, "012-10014", "")
			return
		}
		f.serveKey(w, r)
	})
	resolves(t, p.ConsumerKeysFor(api(), clientID), aPartys().KID)
	if n := f.count("/token"); n != 2 {
		t.Fatalf("%d vouchers", n)
	}
}

// TestARefusedClientIsNoAnswerAboutTheObject: a second 401 refuses who asks; a 403 and a 404 are about what was asked.
func TestARefusedClientIsNoAnswerAboutTheObject(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	ask := func(status int) error {
		f.set(&f.api, func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, status, "012-10014", "") })
		_, err := p.Call(t.Context(), api(), Request{Method: http.MethodGet, Path: "/purposes/x"})
		return err
	}
	err := ask(http.StatusUnauthorized)
	var fault *registry.Fault
	if !errors.As(err, &fault) || !errors.Is(err, registry.ErrConfig) || errors.Is(err, ErrRefused) ||
		fault.Status != http.StatusUnauthorized || fault.Code != "012-10014" {
		t.Errorf("401: %v, want ErrConfig", err)
	} else if !strings.Contains(fault.Text.IT, api().ClientID) || !strings.Contains(fault.Text.EN, api().ClientID) {
		t.Errorf("401: the client is not named: %+v", fault.Text)
	}
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		if err := ask(status); !errors.Is(err, ErrRefused) {
			t.Errorf("%d: %v, want PDND's no", status, err)
		}
	}
}

func TestLookupIsUndecidedWhenTheAPIClientIsRefused(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, masked)
	wantUndecided(t, f.platform().ConsumerKeysFor(api(), clientID), aPartys().KID)
}

func TestProducerKeyBelongsToItsProducer(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	key, err := p.ProducerKeys(api(), producerID).ResolveKey(t.Context(), aPartys().KID)
	if err != nil || key.Owner != keychainID {
		t.Fatalf("%+v, %v", key.Owner, err)
	}
	wantUnknown(t, p.ProducerKeys(api(), ""), aPartys().KID) // nobody's keys are everybody's
	wantUnknown(t, p.ProducerKeys(api(), clientID), aPartys().KID)
	wantUnknown(t, p.ProducerKeys(api(), producerID), inventedKid(1))
	if n := f.count("/v2/producerKeychains/" + keychainID); n != 1 {
		t.Fatalf("the keychain was asked for %d times", n)
	}
}

func TestProducerThatCannotBeAskedIsUndecided(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"silent":      answer(500, nil, ""),
		"gone":        func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, 404, "012-0009", "") },
		"no producer": func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, map[string]any{"id": keychainID}) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			p := f.platform()
			resolves(t, resolver{lookup: p.producers, api: api()}, aPartys().KID)
			f.set(&f.api, h)
			wantUndecided(t, p.ProducerKeys(api(), producerID), aPartys().KID)
		})
	}
}

func TestKeysKeptAreBounded(t *testing.T) {
	f := newFake(t)
	p := f.platform(limits(Limits{Keys: 8, LookupBurst: 1000}))
	for i := range 100 {
		wantUnknown(t, p.ConsumerKeysFor(api(), fmt.Sprint(i)), inventedKid(i))
	}
	if p.consumers.keys.len() != 8 || p.consumers.buckets.len() != 8 {
		t.Fatalf("%d kids, %d clients are kept", p.consumers.keys.len(), p.consumers.buckets.len())
	}
}

func FuzzReadKey(f *testing.F) {
	f.Add([]byte(`{"clientId":"4f0a2d5e-0000-4000-8000-000000000001","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}}`))
	f.Add([]byte(`{"clientId":null,"jwk":null}`))
	f.Add([]byte(`[]`))
	kid := inventedKid(1)
	f.Fuzz(func(t *testing.T, body []byte) {
		if key, err := readKey(body, kid, consumerKeys()); err == nil {
			t.Fatalf("a key was accepted under a kid of no key: %+v", key)
		}
	})
}

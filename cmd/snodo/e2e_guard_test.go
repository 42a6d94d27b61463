// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/rsa"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/acquire"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// breakerFailures is what the recipes of these tests allow before the breaker opens.
const breakerFailures = 3

// quickGuard makes a recipe's breaker open soon and probe soon.
func quickGuard(name string) func(t testing.TB, dir string) {
	return ownRecipe("consumes", name,
		"failures: 5", "failures: "+strconv.Itoa(breakerFailures), "openFor: 30s", "openFor: 1s", "attempts: 2", "attempts: 1")
}

// patientGuard keeps the breaker out of a test of single faults.
func patientGuard(name string) func(t testing.TB, dir string) {
	return ownRecipe("consumes", name, "failures: 5", "failures: 1000", "minCalls: 20", "minCalls: 1000",
		"deadline: 20s", "deadline: 2s", "attempts: 2", "attempts: 1")
}

// registryOptions describe another ANPR host of the world.
func registryOptions(w *world) anpr.Options {
	return anpr.Options{
		Issuer: w.PDND.Profile().Issuer, JWKSURL: func() string { return w.PDND.Profile().JWKSURL },
		ProducerID: ambiente.MinisteroTenantID, PlainHTTP: true,
		Keys: func(_ context.Context, kid string) (string, *rsa.PublicKey, error) {
			client, key, ok := w.PDND.ClientKey(kid)
			if !ok {
				return "", nil, anpr.ErrKeyUnknown
			}
			return client, key, nil
		},
		Services: []anpr.Service{
			{
				CasoUso: "C030", Path: anpr.PathC030, Audience: ambiente.C030Audience,
				EserviceID: ambiente.C030EserviceID, DescriptorIDs: []string{ambiente.C030DescriptorID},
			},
			{
				CasoUso: "C020", Path: anpr.PathC020, Audience: ambiente.C020Audience,
				EserviceID: ambiente.C020EserviceID, DescriptorIDs: []string{ambiente.C020DescriptorID},
			},
		},
	}
}

// register adds the key of another ANPR host to the producer's keychain.
func register(t testing.TB, w *world, registry *anpr.Server) {
	t.Helper()
	key, err := registry.PublicKeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.PDND.AddKeychainKey(ambiente.MinisteroKeychain, key); err != nil {
		t.Fatal(err)
	}
}

// secondRegistry starts another ANPR host and points the bindings of C020 at it.
func secondRegistry(t *testing.T, w *world) *anpr.Server {
	t.Helper()
	second, err := anpr.New(registryOptions(w))
	if err != nil {
		t.Fatal(err)
	}
	register(t, w, second)
	if err := second.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Close() })
	for _, e := range ambiente.Enti() {
		editFile("enti/"+e.CodiceIPA+"/consumes.yaml", w.ANPR.URL()+anpr.PathC020, second.URL()+anpr.PathC020)(t, w.dir)
	}
	return second
}

// guards reads the states of all breakers.
func (s *site) guards(t testing.TB) map[string]string {
	t.Helper()
	var answer struct {
		Protezioni map[string]string `json:"protezioni"`
	}
	if err := s.manage.Get(context.Background(), "/v1/protezioni", nil, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Protezioni
}

// openGuards lists the breakers that are not closed.
func (s *site) openGuards(t testing.TB) []string {
	t.Helper()
	var open []string
	for name, state := range s.guards(t) {
		if state != "closed" {
			open = append(open, name)
		}
	}
	return open
}

func residence(e ambiente.Ente) acquire.Request { return acquisition(e, `{"idANPR":"QX48213ZB"}`) }

func identifier(e ambiente.Ente) acquire.Request {
	r := acquisition(e, byCodiceFiscale(demoPerson))
	r.Service, r.Operation = "anpr-c030", "id-anpr"
	return r
}

func TestStoppedRegistryOpensItsBreakerAndNoOther(t *testing.T) {
	w := newWorld(t, quickGuard("anpr-c020"), quickGuard("anpr-c030"))
	second := secondRegistry(t, w)
	s := &site{world: w, app: testApp(), logs: &lockedBuffer{}}
	s.start(t)
	t.Cleanup(func() { s.stop(t) })
	ente := ambiente.BorgoFiorito()
	if answer := s.acquire(t, residence(ente)); answer.Problem != nil {
		t.Fatalf("before the fault: %s", answer.Raw)
	}
	if err := second.Stop(); err != nil {
		t.Fatal(err)
	}
	for i := range breakerFailures {
		if answer := s.acquire(t, residence(ente)); answer.Status != http.StatusServiceUnavailable {
			t.Fatalf("call %d with the registry down: %d %s", i+1, answer.Status, answer.Raw)
		}
	}
	open := s.openGuards(t)
	if len(open) != 1 || !strings.Contains(open[0], "anpr-c020") {
		t.Fatalf("breakers not closed: %v, want that of anpr-c020", open)
	}
	t.Run("callers are told when to come back", func(t *testing.T) {
		answer := s.acquire(t, residence(ente))
		seconds, err := strconv.Atoi(answer.RetryAfter)
		if answer.Status != http.StatusServiceUnavailable || err != nil || seconds < 1 {
			t.Errorf("%d, Retry-After %q", answer.Status, answer.RetryAfter)
		}
	})
	t.Run("the other recipe goes on", func(t *testing.T) {
		if answer := s.acquire(t, identifier(ente)); answer.Problem != nil {
			t.Errorf("%s", answer.Raw)
		}
	})
	t.Run("the exposed side goes on", func(t *testing.T) { s.mustServe(t, ente) })
	t.Run("it recovers without restart", func(t *testing.T) {
		if err := second.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		eventually(t, 10*time.Second, "the acquisition works again", func() bool {
			return s.acquire(t, residence(ente)).Problem == nil
		})
		if open := s.openGuards(t); len(open) != 0 {
			t.Errorf("breakers still open: %v", open)
		}
	})
}

// mustServe makes one good call of the Unione. It may run beside the test's goroutine.
func (s *site) mustServe(t testing.TB, e ambiente.Ente) {
	t.Helper()
	reply, err := s.Unione(e).Do(context.Background(), http.MethodPost, s.exposedURL(e)+"/ricerche", []byte(demoSearch), fruitore.Hooks{})
	if err != nil {
		t.Error(err)
		return
	}
	if reply.Status != http.StatusOK {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
}

func TestStoppedPDNDTripsNoRegistry(t *testing.T) {
	s := newSite(t, quickGuard("anpr-c020"), quickGuard("anpr-c030"))
	ente := ambiente.BorgoFiorito()
	sent := s.capture(t, ente) // its keys are now known to the hub
	if err := s.PDND.Stop(); err != nil {
		t.Fatal(err)
	}
	for range 3 * breakerFailures {
		answer := s.acquire(t, residence(ente))
		if answer.Status != http.StatusServiceUnavailable || answer.RetryAfter == "" {
			t.Fatalf("with PDND down: %d, Retry-After %q: %s", answer.Status, answer.RetryAfter, answer.Raw)
		}
	}
	for _, name := range s.openGuards(t) {
		if strings.Contains(name, "anpr") {
			t.Errorf("the breaker %s is not closed", name)
		}
	}
	t.Run("known keys still verify", func(t *testing.T) {
		// The message verifies whole and only then turns out to be a replay.
		if status, rule := s.resend(t, sent); status != http.StatusConflict {
			t.Errorf("%d %s", status, rule)
		}
	})
	if err := s.PDND.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, 40*time.Second, "the acquisition works again", func() bool {
		return s.acquire(t, residence(ente)).Problem == nil
	})
}

func TestFaultsOfTheRegistryAreTold(t *testing.T) {
	s := newSite(t, patientGuard("anpr-c020"), patientGuard("anpr-c030"))
	date := time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
	tests := map[string]struct {
		fault      faults.Fault
		status     int
		retryAfter bool
	}{
		"bad signature":              {faults.Fault{Kind: faults.BadSignature}, http.StatusBadGateway, false},
		"unsigned answer":            {faults.Fault{Kind: faults.Unsigned}, http.StatusBadGateway, false},
		"digest of another body":     {faults.Fault{Kind: faults.WrongDigest}, http.StatusBadGateway, false},
		"HTML page with 200":         {faults.Fault{Kind: faults.HTML}, http.StatusBadGateway, false},
		"HTML page with 503":         {faults.Fault{Kind: faults.HTML, Status: 503}, http.StatusServiceUnavailable, true},
		"cut body":                   {faults.Fault{Kind: faults.Cut}, http.StatusServiceUnavailable, true},
		"no answer":                  {faults.Fault{Kind: faults.Hang}, http.StatusServiceUnavailable, true},
		"closed connection":          {faults.Fault{Kind: faults.Down}, http.StatusServiceUnavailable, true},
		"500":                        {faults.Fault{Kind: faults.Status, Status: 500}, http.StatusServiceUnavailable, true},
		"429 with seconds":           {faults.Fault{Kind: faults.Throttle, RetryAfter: "7"}, http.StatusTooManyRequests, true},
		"429 with an HTTP date":      {faults.Fault{Kind: faults.Throttle, RetryAfter: date}, http.StatusTooManyRequests, true},
		"429 without any indication": {faults.Fault{Kind: faults.Throttle}, http.StatusTooManyRequests, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := s.ANPR.SetFaults(tt.fault); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.ANPR.SetFaults() })
			// A throttled pair of ente and purpose waits: each case uses its own ente or service.
			r := residence(ambiente.BorgoFiorito())
			switch name {
			case "429 with an HTTP date":
				r = residence(ambiente.ValSerena())
			case "429 without any indication":
				r = identifier(ambiente.ValSerena())
			case "429 with seconds":
				r = identifier(ambiente.BorgoFiorito())
			}
			answer := s.acquire(t, r)
			if answer.Status != tt.status || (answer.RetryAfter != "") != tt.retryAfter {
				t.Errorf("%d, Retry-After %q, want %d (told when: %t): %s", answer.Status, answer.RetryAfter, tt.status, tt.retryAfter, answer.Raw)
			}
			if strings.Contains(string(answer.Raw), demoPerson) || strings.Contains(string(answer.Raw), "127.0.0.1") {
				t.Errorf("the problem names a person or an address: %s", answer.Raw)
			}
		})
	}
}

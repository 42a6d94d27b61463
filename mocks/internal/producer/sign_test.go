// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package producer

import (
	"crypto/rand"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

func newSigner() *Signer {
	return &Signer{
		Clock: func() time.Time { return now }, Rand: rules.Locked(rand.Reader), Key: keyOf()[consumerKid], Kid: consumerKid, ProducerID: producerID,
	}
}

// answered runs a signer under a fault, or none.
func answered(t *testing.T, s *Signer, fault faults.Kind, value any) *httptest.ResponseRecorder {
	t.Helper()
	var set faults.Set
	if fault != "" {
		must(t, set.Put(faults.Fault{Kind: fault}))
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	set.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Answer(r.Context(), w, http.StatusCreated, clientID, value)
	})).ServeHTTP(w, r)
	return w
}

// TestAnAnswerIsSignedForItsCaller verifies an answer as its consumer would
// (INTEGRITY_REST_02): the audience is the client, the lifetime 300 s.
func TestAnAnswerIsSignedForItsCaller(t *testing.T) {
	w := answered(t, newSigner(), "", map[string]string{"esito": "S"})
	if w.Code != http.StatusCreated || w.Header().Get("Content-Type") != "application/json" || w.Body.String() != `{"esito":"S"}` {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if fault := rules.CheckDigest(w.Header(), w.Body.Bytes()); fault != nil {
		t.Error(fault)
	}
	token, kid, fault := rules.ParseParty(w.Header().Get("Agid-JWT-Signature"))
	if fault != nil {
		t.Fatal(fault)
	}
	must(t, token.Verify(&keyOf()[consumerKid].PublicKey))
	if fault := rules.CheckSignedHeaders(token.Claims, w.Header()); fault != nil || kid != consumerKid {
		t.Errorf("%v, kid %s", fault, kid)
	}
	got := map[string]string{}
	for _, name := range []string{"iss", "sub", "aud", "client_id"} {
		got[name], _ = token.Claims.String(name)
	}
	if diff := cmp.Diff(map[string]string{"iss": producerID, "sub": producerID, "aud": clientID, "client_id": clientID}, got); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	iat, _ := token.Claims.Seconds("iat")
	nbf, _ := token.Claims.Seconds("nbf")
	exp, _ := token.Claims.Seconds("exp")
	if iat != float64(now.Unix()) || nbf != iat || exp-iat != 300 {
		t.Errorf("iat %f, nbf %f, exp %f", iat, nbf, exp)
	}
}

func TestEveryAnswerHasAJTIOfItsOwn(t *testing.T) {
	s, seen := newSigner(), map[string]bool{}
	for range 3 {
		token, _, fault := rules.ParseParty(answered(t, s, "", 1).Header().Get("Agid-JWT-Signature"))
		if fault != nil {
			t.Fatal(fault)
		}
		jti, _ := token.Claims.String("jti")
		if !rules.IsUUID(jti) || seen[jti] {
			t.Errorf("jti %q", jti)
		}
		seen[jti] = true
	}
}

// TestFaultsSpoilOneThingOfAnAnswer asks for each fault of a signature and finds that one
// thing broken, the rest good.
func TestFaultsSpoilOneThingOfAnAnswer(t *testing.T) {
	for fault, want := range map[faults.Kind]struct{ digest, signature string }{
		faults.WrongDigest:  {"digest-mismatch", "good"},
		faults.BadSignature: {"", "bad"},
		faults.Unsigned:     {"digest-missing", "absent"},
	} {
		t.Run(string(fault), func(t *testing.T) {
			w := answered(t, newSigner(), fault, map[string]string{"esito": "S"})
			if got := nameOf(rules.CheckDigest(w.Header(), w.Body.Bytes())); got != want.digest {
				t.Errorf("digest: %q, expected %q", got, want.digest)
			}
			signature := "absent"
			if compact := w.Header().Get("Agid-JWT-Signature"); compact != "" {
				token, _, fault := rules.ParseParty(compact)
				if fault != nil {
					t.Fatal(fault)
				}
				signature = "good"
				if token.Verify(&keyOf()[consumerKid].PublicKey) != nil {
					signature = "bad"
				}
				if fault := rules.CheckSignedHeaders(token.Claims, w.Header()); fault != nil {
					t.Errorf("signed headers: %v", fault)
				}
			}
			if signature != want.signature {
				t.Errorf("the signature is %s, expected %s", signature, want.signature)
			}
		})
	}
}

// TestAnAnswerThatCannotBeMadeIsAnError never sends half an answer.
func TestAnAnswerThatCannotBeMadeIsAnError(t *testing.T) {
	blind := newSigner()
	blind.Rand = iotest.ErrReader(errors.New("no randomness"))
	for name, w := range map[string]*httptest.ResponseRecorder{
		"no randomness":      answered(t, blind, "", 1),
		"a value of no JSON": answered(t, newSigner(), "", math.Inf(1)),
	} {
		if w.Code != http.StatusInternalServerError || w.Header().Get("Agid-JWT-Signature") != "" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
}

func TestWithoutRandomnessThereIsNoTransaction(t *testing.T) {
	g := NewGate(Options{Rand: iotest.ErrReader(errors.New("broken"))})
	w := httptest.NewRecorder()
	if g.Transaction(w) || w.Code != http.StatusInternalServerError || w.Header().Get("GovWay-Transaction-ID") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// TestQuotaIsOfTheKey counts each key apart and says what is left.
func TestQuotaIsOfTheKey(t *testing.T) {
	q := NewQuota(2)
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for i, step := range []struct {
		key       string
		within    bool
		remaining string
		retry     string
	}{
		{"a", true, "1", ""},
		{"b", true, "1", ""},
		{"a", true, "0", ""},
		{"a", false, "0", "43201"},
		{"a", false, "0", "43201"}, // a refused call is not counted
		{"b", true, "0", ""},
		{"b", false, "0", "43201"},
	} {
		h := http.Header{}
		within := q.Take(h, step.key, noon)
		if within != step.within || h.Get("X-RateLimit-Limit") != "2" || h.Get("X-RateLimit-Remaining") != step.remaining || h.Get("Retry-After") != step.retry {
			t.Errorf("step %d: %t %v", i, within, h)
		}
	}
	if none := NewQuota(0); none.Take(http.Header{}, "a", noon) {
		t.Error("a quota of nothing lets a call through")
	}
}

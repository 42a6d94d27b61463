// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package faults

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// call sends one request through the middleware and returns what came out.
func call(t *testing.T, s *Set, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f, ok := From(r.Context()); ok {
			w.Header().Set("Seen", string(f.Kind))
		}
		w.WriteHeader(http.StatusTeapot)
	})
	s.Middleware(next).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
	return w
}

func put(t *testing.T, s *Set, list ...Fault) {
	t.Helper()
	if err := s.Put(list...); err != nil {
		t.Fatal(err)
	}
}

func TestNoFault(t *testing.T) {
	var s Set
	if w := call(t, &s, "/a"); w.Code != http.StatusTeapot || w.Header().Get("Seen") != "" {
		t.Fatalf("an empty set changes the answer: %d", w.Code)
	}
}

func TestStatusAndThrottle(t *testing.T) {
	var s Set
	put(t, &s, Fault{Kind: Status})
	if w := call(t, &s, "/a"); w.Code != http.StatusInternalServerError {
		t.Errorf("default status: %d", w.Code)
	}
	put(t, &s, Fault{Kind: Throttle, RetryAfter: "Wed, 21 Oct 2026 07:28:00 GMT"})
	w := call(t, &s, "/a")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "Wed, 21 Oct 2026 07:28:00 GMT" {
		t.Errorf("throttle: %d %v", w.Code, w.Header())
	}
	put(t, &s, Fault{Kind: Throttle})
	if w := call(t, &s, "/a"); w.Header().Values("Retry-After") != nil {
		t.Errorf("an unasked Retry-After")
	}
}

func TestEmptyHasNoBody(t *testing.T) {
	var s Set
	put(t, &s, Fault{Kind: Empty})
	if w := call(t, &s, "/v3/keyEvents"); w.Code != http.StatusServiceUnavailable || w.Body.Len() != 0 {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	put(t, &s, Fault{Kind: Empty, Status: http.StatusBadGateway})
	if w := call(t, &s, "/v3/keyEvents"); w.Code != http.StatusBadGateway {
		t.Errorf("%d", w.Code)
	}
}

func TestPathTimesAndEvery(t *testing.T) {
	var s Set
	put(t, &s, Fault{Kind: Status, Path: "C020", Times: 2})
	got := []int{}
	for _, path := range []string{"/C030", "/C020", "/C020", "/C020", "/_mock/C020"} {
		got = append(got, call(t, &s, path).Code)
	}
	for i, want := range []int{418, 500, 500, 418, 418} {
		if got[i] != want {
			t.Errorf("request %d: %d, expected %d", i, got[i], want)
		}
	}
	if len(s.Active()) != 0 {
		t.Error("a used up fault stays in force")
	}
	put(t, &s, Fault{Kind: Status, Every: 3})
	hit := 0
	for range 9 {
		if call(t, &s, "/a").Code == http.StatusInternalServerError {
			hit++
		}
	}
	if hit != 3 {
		t.Errorf("one in three hit %d of 9", hit)
	}
}

func TestDelayThenAnswers(t *testing.T) {
	var s Set
	put(t, &s, Fault{Kind: Delay, DelayMS: 1})
	if w := call(t, &s, "/a"); w.Code != http.StatusTeapot {
		t.Errorf("after the delay: %d", w.Code)
	}
}

func TestMockKindsReachTheMock(t *testing.T) {
	for _, kind := range []Kind{Masked, JWKSDuplicateKid, JWKSSmallKey, JWKSPrivateMember, JWKSHuge, BadSignature, Unsigned, WrongDigest} {
		var s Set
		put(t, &s, Fault{Kind: kind})
		if w := call(t, &s, "/a"); w.Header().Get("Seen") != string(kind) {
			t.Errorf("%s does not reach the mock", kind)
		}
	}
}

func TestDownWithoutAConnection(t *testing.T) {
	var s Set
	put(t, &s, Fault{Kind: Down})
	if w := call(t, &s, "/a"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
}

func TestPutRejectsAndKeepsTheOld(t *testing.T) {
	var s Set
	put(t, &s, Fault{Kind: Status})
	for _, bad := range []Fault{{}, {Kind: "x"}, {Kind: Status, Status: 99}, {Kind: Status, Status: 600}, {Kind: Delay, DelayMS: -1}, {Kind: Cut, Times: -1}, {Kind: Cut, Every: -1}} {
		if err := s.Put(Fault{Kind: Cut}, bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if active := s.Active(); len(active) != 1 || active[0].Kind != Status {
		t.Errorf("in force: %+v", active)
	}
	put(t, &s)
	if len(s.Active()) != 0 {
		t.Error("not cleared")
	}
}

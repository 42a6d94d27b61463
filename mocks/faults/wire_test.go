// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package faults

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const whole = `{"codiceFiscale":"BNCMRC85C12D612V","residenza":"via Larga 7"}`

// serve runs the faults before a handler that answers well, as a server a client meets.
func serve(t *testing.T, list ...Fault) (*httptest.Server, *Set) {
	t.Helper()
	set := &Set{}
	put(t, set, list...)
	server := httptest.NewServer(set.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, whole)
	})))
	t.Cleanup(server.Close)
	return server, set
}

// heard is what a client made of an answer.
type heard struct {
	status int
	header http.Header
	body   string
}

// get asks and reads what comes; the error is that of the call or of the body.
func get(ctx context.Context, t *testing.T, url string) (heard, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return heard{}, err
	}
	body, err := io.ReadAll(response.Body)
	return heard{response.StatusCode, response.Header, string(body)}, errors.Join(err, response.Body.Close())
}

// TestCutBodiesAreCut: the length of the whole is announced, half of it comes, and no
// client that counts takes it for all.
func TestCutBodiesAreCut(t *testing.T) {
	server, _ := serve(t, Fault{Kind: Cut})
	got, err := get(t.Context(), t, server.URL)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error is %v, want an unexpected end", err)
	}
	if got.status != http.StatusCreated || got.header.Get("Content-Length") != strconv.Itoa(len(whole)) || got.body != whole[:len(whole)/2] {
		t.Errorf("heard %+v", got)
	}
}

// TestStalledBodiesEndWithTheClient: headers and half of the body, then nothing.
func TestStalledBodiesEndWithTheClient(t *testing.T) {
	server, _ := serve(t, Fault{Kind: Stall})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	half := make([]byte, len(whole)/2)
	if _, err := io.ReadFull(response.Body, half); err != nil || string(half) != whole[:len(whole)/2] {
		t.Fatalf("%q, %v", half, err)
	}
	cancel()
	if n, err := response.Body.Read(make([]byte, 1)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("the body went on or ended: %d, %v", n, err)
	}
}

// TestHangAnswersNothing until the client leaves; a delay gives up with it too.
func TestHangAnswersNothing(t *testing.T) {
	for _, fault := range []Fault{{Kind: Hang}, {Kind: Delay, DelayMS: 3_600_000}} {
		server, _ := serve(t, fault)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if _, err := get(ctx, t, server.URL); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: error is %v, want the deadline", fault.Kind, err)
		}
		cancel()
	}
}

// TestDownClosesWithoutAByte.
func TestDownClosesWithoutAByte(t *testing.T) {
	server, _ := serve(t, Fault{Kind: Down, Times: 1})
	if got, err := get(t.Context(), t, server.URL); err == nil {
		t.Errorf("an answer came: %+v", got)
	}
	if got, err := get(t.Context(), t, server.URL); err != nil || got.body != whole {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

// TestPagesAndProblems as a client reads them.
func TestPagesAndProblems(t *testing.T) {
	for name, c := range map[string]struct {
		fault  Fault
		status int
		media  string
		after  string
		holds  string
	}{
		"page with a good status":   {Fault{Kind: HTML}, 200, "text/html; charset=utf-8", "", "<h1>GovWay"},
		"page out of order":         {Fault{Kind: HTML, Status: 503}, 503, "text/html; charset=utf-8", "", "<h1>GovWay"},
		"status":                    {Fault{Kind: Status, Status: 502}, 502, "application/problem+json", "", `"title":"Bad Gateway","status":502}`},
		"status with a wait":        {Fault{Kind: Status, Status: 503, RetryAfter: "7"}, 503, "application/problem+json", "7", `"status":503`},
		"throttled":                 {Fault{Kind: Throttle, RetryAfter: "soon"}, 429, "application/problem+json", "soon", `"status":429`},
		"throttled, another status": {Fault{Kind: Throttle, Status: 500}, 429, "application/problem+json", "", `"status":429`},
		"empty":                     {Fault{Kind: Empty, Status: 404}, 404, "", "", ""},
		"no fault of this path":     {Fault{Kind: Status, Path: "/altro"}, 201, "application/json", "", whole},
	} {
		t.Run(name, func(t *testing.T) {
			server, _ := serve(t, c.fault)
			got, err := get(t.Context(), t, server.URL+"/servizio")
			if err != nil {
				t.Fatal(err)
			}
			if got.status != c.status || got.header.Get("Content-Type") != c.media || got.header.Get("Retry-After") != c.after || !strings.Contains(got.body, c.holds) {
				t.Errorf("heard %+v", got)
			}
			if c.holds == "" && got.body != "" {
				t.Errorf("body is %q", got.body)
			}
		})
	}
}

// TestTheFirstFaultInForceHits, and a fault that passes a request by leaves it to the next.
func TestTheFirstFaultInForceHits(t *testing.T) {
	var s Set
	put(t, &s, Fault{Kind: Status, Status: 500, Every: 2}, Fault{Kind: Status, Status: 503, Path: "/a", Times: 2}, Fault{Kind: Throttle})
	got := []int{}
	for _, path := range []string{"/a", "/a", "/b", "/b", "/a", "/a"} {
		got = append(got, call(t, &s, path).Code)
	}
	if want := []int{503, 500, 429, 500, 503, 500}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("statuses are %v, want %v", got, want)
	}
	if active := s.Active(); len(active) != 2 || active[0].Status != 500 || active[1].Kind != Throttle {
		t.Errorf("in force: %+v", active)
	}
}

// TestPutGivesCopies: what a caller changes afterwards changes nothing in force.
func TestPutGivesCopies(t *testing.T) {
	var s Set
	list := []Fault{{Kind: Status, Times: 3}}
	put(t, &s, list...)
	list[0].Status = 418
	s.Active()[0].Kind = Hang
	if w := call(t, &s, "/a"); w.Code != http.StatusInternalServerError {
		t.Errorf("status %d", w.Code)
	}
	if left := s.Active()[0]; left.Times != 2 || left.Kind != Status {
		t.Errorf("left: %+v", left)
	}
}

// TestTimesAreCountedOnceEach by many clients at the same time.
func TestTimesAreCountedOnceEach(t *testing.T) {
	var s Set
	put(t, &s, Fault{Kind: Status, Times: 40})
	var mu sync.Mutex
	hits := 0
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 10 {
				if call(t, &s, "/a").Code == http.StatusInternalServerError {
					mu.Lock()
					hits++
					mu.Unlock()
				}
				_ = s.Active()
			}
		})
	}
	all.Wait()
	if hits != 40 || len(s.Active()) != 0 {
		t.Errorf("%d requests were hit, want 40; left %+v", hits, s.Active())
	}
}

// TestNoFaultInAContextOfNone.
func TestNoFaultInAContextOfNone(t *testing.T) {
	if f, ok := From(t.Context()); ok || Is(t.Context(), "") || Is(t.Context(), Status) {
		t.Errorf("a fault %+v", f)
	}
}

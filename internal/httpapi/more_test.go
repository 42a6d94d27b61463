// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

// stalled is a body whose bytes do not come in time.
type stalled struct{}

func (stalled) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }
func (stalled) Close() error             { return nil }

func (w *world) handlers(t testing.TB) *API {
	t.Helper()
	a, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestBodyThatDoesNotComeIsATimeout(t *testing.T) {
	w := newWorld(t)
	req := httptest.NewRequest("POST", "/v1/acquisizioni/a/b", nil)
	req.Body = stalled{}
	req.Header.Set("Authorization", "Bearer "+w.key)
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.handlers(t).Applicazioni().ServeHTTP(rec, req)
	if rec.Code != http.StatusRequestTimeout || !strings.Contains(rec.Body.String(), string(problem.RuleBodyTimeout)) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	rec = httptest.NewRecorder()
	req = httptest.NewRequest("POST", "/modi/c_a/pratiche/v1/ricerche", nil)
	req.Body = stalled{}
	w.handlers(t).Esposizione().ServeHTTP(rec, req)
	if rec.Code != http.StatusRequestTimeout || len(w.in.asked) != 0 {
		t.Errorf("exposed: %d", rec.Code)
	}
}

func TestMetricsAreMountedWhereConfigured(t *testing.T) {
	w := newWorld(t)
	var counted []string
	var mu sync.Mutex
	w.options.Metrics = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "snodo_up 1") })
	w.options.Request = func(listener, class string, _ time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		counted = append(counted, listener+" "+class)
	}
	w.start(t)
	if a := w.do(t, ListenerGestione, "GET", "/metrics", ""); a.body != "snodo_up 1" {
		t.Errorf("got %d %s", a.StatusCode, a.body)
	}
	w.do(t, ListenerApplicazioni, "GET", "/nulla", "")
	deadline := time.Now().Add(5 * time.Second)
	for {
		mu.Lock()
		got := strings.Join(counted, ",")
		mu.Unlock()
		if got == "gestione 2xx,applicazioni 4xx" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("counted %q", got)
		}
		<-time.After(time.Millisecond)
	}
}

func TestPeerOnASocketIsLocal(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "g.sock")
	serveOn(t, config.Listener{Socket: path}, w.handlers(t).Gestione())
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	resp, err := client.Get("http://gestione/health/live")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for !strings.Contains(w.log.String(), `"ip":"locale"`) {
		if time.Now().After(deadline) {
			t.Fatalf("logged %s", w.log.String())
		}
		<-time.After(time.Millisecond)
	}
}

func TestManagementBodiesAreStrict(t *testing.T) {
	w := newWorld(t).start(t)
	for name, tc := range map[string]struct {
		body   string
		rule   modi.RuleID
		status int
	}{
		"unknown field": {`{"ente":"c_a","x":1}`, problem.RuleSchema, 400},
		"bad type":      {`{"ente":7}`, problem.RuleSchema, 400},
		"repeated":      {`{"ente":"c_a","ente":"c_b"}`, problem.RuleDuplicateMember, 400},
		"not JSON":      {`{`, problem.RuleMalformedJSON, 400},
		"oversized":     {`{"ente":"` + strings.Repeat("x", maxTestBody) + `"}`, problem.RuleTooLarge, 413},
		"bad instant":   {`{"ente":"c_a","da":"ieri"}`, problem.RuleSchema, 400},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.do(t, ListenerGestione, "POST", "/v1/prove/ricerca", tc.body, "Content-Type", "application/json")
			wantProblem(t, a, tc.rule, tc.status)
		})
	}
}

func TestSealKeyThatIsNoKey(t *testing.T) {
	w := newWorld(t)
	w.options.SealKeys = func(string) ([]modi.Key, error) { return []modi.Key{{KID: "x", Public: "not a key"}}, nil }
	w.start(t)
	wantProblem(t, w.do(t, ListenerApplicazioni, "GET", "/v1/enti/c_a/sigillo/jwks.json", ""), problem.RuleUnexpected, 500)
}

func TestAnswerThatCannotBeWrittenIsA500(t *testing.T) {
	w := newWorld(t)
	a := w.handlers(t)
	rec := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(rec)
	c.Request = httptest.NewRequest("GET", "/", nil)
	c.Set(keyRequest, &request{id: "r-1"})
	a.write(c, http.StatusOK, mediaJSON, func() {})
	c.Writer.WriteHeaderNow()
	if rec.Code != http.StatusInternalServerError || !strings.Contains(w.log.String(), "r-1") {
		t.Errorf("%d, log %s", rec.Code, w.log.String())
	}
}

func TestNothingIsAddedToAnAnswerAlreadyBegun(t *testing.T) {
	w := newWorld(t)
	a := w.handlers(t)
	rec := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(rec)
	c.Request = httptest.NewRequest("GET", "/", nil)
	c.Set(keyRequest, &request{})
	c.String(http.StatusOK, "begun")
	a.fail(c, errors.New("x"))
	if rec.Body.String() != "begun" {
		t.Errorf("got %s", rec.Body)
	}
}

func TestReadyWithoutGuards(t *testing.T) {
	w := newWorld(t)
	w.options.Guards = nil
	w.start(t)
	if a := w.do(t, ListenerGestione, "GET", "/v1/protezioni", ""); a.body != `{"protezioni":{}}` {
		t.Errorf("got %s", a.body)
	}
}

func TestReadyDoesNotHangOnWhatItProbes(t *testing.T) {
	w := newWorld(t)
	w.options.Ready = []Check{{Name: "lenta", Do: func(ctx context.Context) error {
		if _, bounded := ctx.Deadline(); !bounded {
			return errors.New("no deadline")
		}
		return nil
	}}}
	w.start(t)
	if a := w.do(t, ListenerGestione, "GET", "/health/ready", ""); a.StatusCode != 200 {
		t.Errorf("got %s", a.body)
	}
}

func TestManyCallersAtOnce(t *testing.T) {
	w := newWorld(t).start(t)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			if a := w.acquire(t, goodBody); a.StatusCode != 200 {
				t.Errorf("%d %s", a.StatusCode, a.body)
			}
			if a := w.acquire(t, "{"); a.StatusCode != 400 {
				t.Errorf("%d %s", a.StatusCode, a.body)
			}
		})
	}
	group.Wait()
	ids := map[string]bool{}
	for _, in := range w.out.requests() {
		if ids[in.RequestID] {
			t.Error("two requests have one id")
		}
		ids[in.RequestID] = true
	}
}

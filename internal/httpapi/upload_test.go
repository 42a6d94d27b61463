// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/spool"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// exposer serves what a test wants.
type exposer func(ctx context.Context, in *gateway.Inbound) (*gateway.Reply, error)

func (f exposer) Serve(ctx context.Context, in *gateway.Inbound) (*gateway.Reply, error) {
	return f(ctx, in)
}

// taking reads an upload of up to most bytes and then takes its time for the answer, which is the number of bytes.
func taking(most int64, answer time.Duration) exposer {
	return func(ctx context.Context, in *gateway.Inbound) (*gateway.Reply, error) {
		upload, err := in.Spool(most, "", "")
		if err != nil {
			return &gateway.Reply{}, err
		}
		defer func() { _ = upload.Close() }()
		timer := time.NewTimer(answer)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return &gateway.Reply{}, errors.New("the exchange was given up")
		}
		r, err := upload.Open()
		if err != nil {
			return &gateway.Reply{}, err
		}
		text, err := io.ReadAll(r)
		return &gateway.Reply{Status: 200, Header: http.Header{}, Body: bytes.ToUpper(text[len(text)-1:])}, err
	}
}

// pipes is a listener within one process, whose connections keep the time of a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

// anExposer is an API whose exposed side is what the exposer is at the time: it is made once for all the bubbles of a test.
func anExposer(t *testing.T, e *exposer) *API {
	t.Helper()
	w := newWorld(t)
	w.options.In = exposer(func(ctx context.Context, in *gateway.Inbound) (*gateway.Reply, error) { return (*e)(ctx, in) })
	w.options.Config.Exposes = map[string]*registry.Exposure{"a": {Limits: registry.ExposureLimits{Upload: 64 << 20}}}
	a, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// piped serves the exposed side to one client. It must be called in a bubble.
func piped(t *testing.T, a *API, method string, body io.Reader, length int64) (*http.Response, error) {
	t.Helper()
	l := &pipes{make(chan net.Conn), make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, l, a.Esposizione(), ServerOptions{}) }()
	client := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		l.conns <- theirs
		return ours, nil
	}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	req, err := http.NewRequestWithContext(t.Context(), method, "http://snodo.invalid/modi/c_a/p/v1/d", body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = length
	return client.RoundTrip(req)
}

// paced sends so many pieces, each after a while, and then stalls until it is over.
type paced struct {
	pieces, size int
	every        time.Duration
	stalls       bool
	over         chan struct{}
}

func (p *paced) Read(b []byte) (int, error) {
	if p.pieces == 0 {
		if p.stalls {
			<-p.over
		}
		return 0, io.EOF
	}
	next := time.NewTimer(p.every)
	defer next.Stop()
	select {
	case <-next.C:
	case <-p.over:
		return 0, io.EOF
	}
	p.pieces--
	n := min(len(b), p.size)
	copy(b, strings.Repeat("x", n))
	return n, nil
}

// TestUploadsKeepTheirOwnTime: whoever goes on sending is waited for beyond the time of a whole exchange, and gets the answer
// whenever it comes; whoever stops, or hardly goes on, is refused.
func TestUploadsKeepTheirOwnTime(t *testing.T) {
	const slow = DefaultRequest + time.Minute
	var e exposer
	a := anExposer(t, &e)
	for name, c := range map[string]struct {
		body   paced
		length int64 // announced, below 0 when it is not
		answer time.Duration
		status int
		rule   modi.RuleID
		within time.Duration
	}{
		"at once":             {paced{3, 1000, 0, false, nil}, -1, 0, 200, "", time.Second},
		"for minutes":         {paced{100, 32 << 10, time.Second, false, nil}, -1, 0, 200, "", 101 * time.Second},
		"a procedure is slow": {paced{3, 1000, time.Second, false, nil}, -1, slow, 200, "", slow + 4*time.Second},
		"and all in memory":   {paced{8, spool.DefaultMemory / 8, time.Second, false, nil}, spool.DefaultMemory, slow, 200, "", slow + 9*time.Second},
		"it stops":            {paced{3, 1000, time.Second, true, nil}, -1, 0, 408, problem.RuleBodyTimeout, paceWait + 4*time.Second},
		"it hardly goes on":   {paced{900, 100, time.Second, false, nil}, -1, 0, 408, problem.RuleBodyTimeout, paceWait + 4*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				c.body.over = make(chan struct{})
				defer close(c.body.over)
				e = taking(64<<20, c.answer)
				resp, err := piped(t, a, http.MethodPut, &c.body, c.length)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(resp.Body)
				if err := errors.Join(err, resp.Body.Close()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); resp.StatusCode != c.status || took > c.within || !strings.Contains(string(text), string(c.rule)) {
					t.Errorf("%d after %s, %s", resp.StatusCode, took, text)
				}
			})
		})
	}
}

// TestUploadsAreBounded by their e-service, by the largest that any of them takes, and by the room for all.
func TestUploadsAreBounded(t *testing.T) {
	const largest = 2 * maxTestBody
	var most atomic.Int64
	w := newWorld(t)
	w.options.In = exposer(func(ctx context.Context, in *gateway.Inbound) (*gateway.Reply, error) {
		return taking(most.Load(), 0)(ctx, in)
	})
	w.options.Config.Exposes = map[string]*registry.Exposure{"a": {Limits: registry.ExposureLimits{Upload: largest}}}
	w.start(t)
	for name, c := range map[string]struct {
		length    int
		announced bool
		most      int64
		status    int
		rule      modi.RuleID
	}{
		"as long as it may be":       {3000, true, 3000, 200, ""},
		"not announced":              {3000, false, 3000, 200, ""},
		"announced too long":         {3001, true, 3000, 413, problem.RuleTooLarge},
		"too long":                   {3001, false, 3000, 413, problem.RuleTooLarge},
		"too long for any e-service": {largest + 1, true, largest, 413, problem.RuleTooLarge},
		"no limit of its own":        {maxTestBody, true, 0, 200, ""},
		"above that of the hub":      {maxTestBody + 1, true, 0, 413, problem.RuleTooLarge},
		"no room":                    {1, false, uploadsHeld + 1, 503, problem.RuleBusy},
	} {
		t.Run(name, func(t *testing.T) {
			most.Store(c.most)
			var body io.Reader = strings.NewReader(strings.Repeat("x", c.length))
			if !c.announced {
				body = io.MultiReader(body) // whose length net/http does not see
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+w.address[ListenerEsposizione]+"/modi/c_a/p/v1/d", body)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			if err := errors.Join(err, resp.Body.Close()); err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != c.status || !strings.Contains(string(text), string(c.rule)) || c.status == 503 && resp.Header.Get("Retry-After") == "" {
				t.Errorf("%d %s", resp.StatusCode, text)
			}
		})
	}
}

// TestPaceOfABody: each piece in its time, and all of them so far in theirs.
func TestPaceOfABody(t *testing.T) {
	began := time.Now()
	p := pace{began: began, wait: 30 * time.Second}
	if got := p.deadline(began.Add(10 * time.Second)); !got.Equal(began.Add(30 * time.Second)) {
		t.Errorf("who has moved nothing may wait until %s", got.Sub(began))
	}
	p.moved = 10 * paceRate
	if got := p.deadline(began.Add(20 * time.Second)); !got.Equal(began.Add(40 * time.Second)) {
		t.Errorf("ten seconds of pieces last until %s", got.Sub(began))
	}
	p.moved = 1000 * paceRate
	if got := p.deadline(began.Add(20 * time.Second)); !got.Equal(began.Add(50 * time.Second)) {
		t.Errorf("who is quick waits for a piece until %s", got.Sub(began))
	}
}

// TestUploadsTakeNoLongerThanTheLongest, whatever their pace.
func TestUploadsTakeNoLongerThanTheLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer func() { _ = errors.Join(ours.Close(), theirs.Close()) }()
		go func() {
			for _, err := ours.Write(make([]byte, paceRate)); err == nil; _, err = ours.Write(make([]byte, paceRate)) {
				time.Sleep(time.Second / 2)
			}
		}()
		began := time.Now()
		body := &arriving{
			from: theirs, control: http.NewResponseController(connWriter{theirs}), pace: pace{began: began, wait: paceWait}, last: began.Add(time.Minute),
		}
		_, err := io.Copy(io.Discard, body)
		if took := time.Since(began); !errors.Is(err, os.ErrDeadlineExceeded) || took != time.Minute {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// connWriter gives a controller the deadlines of a connection.
type connWriter struct{ net.Conn }

func (connWriter) Header() http.Header { return nil }
func (connWriter) WriteHeader(int)     {}

// given is a stream of so many bytes, one piece after another.
type given struct {
	left   int
	every  time.Duration // what the procedure takes for each
	closed chan struct{}
}

func (g *given) Read(b []byte) (int, error) {
	if g.left == 0 {
		return 0, io.EOF
	}
	<-time.After(g.every)
	n := min(len(b), g.left)
	g.left -= n
	clear(b[:n])
	return n, nil
}

func (g *given) Close() error { close(g.closed); return nil }

// TestStreamsKeepTheirOwnTime: a slow consumer, and a slow procedure, are waited for beyond the time of a whole exchange; a
// consumer that stops reading, or hardly reads, gives its place back.
func TestStreamsKeepTheirOwnTime(t *testing.T) {
	const length = 10 << 20
	var e exposer
	a := anExposer(t, &e)
	for name, c := range map[string]struct {
		every, procedure time.Duration // for each piece of the consumer, of the procedure
		piece            int
		stops            bool
		whole            bool
	}{
		"at once":          {0, 0, streamPiece, false, true},
		"a slow consumer":  {time.Second, 0, streamPiece, false, true},
		"a slow procedure": {0, 9 * time.Second, streamPiece, false, true},
		"it stops reading": {0, 0, streamPiece, true, false},
		"it hardly reads":  {time.Second, 0, 1 << 10, false, false},
		"both are slow":    {time.Second, 9 * time.Second, streamPiece, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stream := &given{length, c.procedure, make(chan struct{})}
				e = func(ctx context.Context, _ *gateway.Inbound) (*gateway.Reply, error) {
					context.AfterFunc(ctx, func() { // as the request to the back end ends with it
						if c.whole && stream.left > 0 {
							t.Error("the exchange was given up")
						}
					})
					return &gateway.Reply{Status: 200, Header: http.Header{}, Stream: stream, Length: length}, nil
				}
				resp, err := piped(t, a, http.MethodGet, nil, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = resp.Body.Close() }()
				got, piece := 0, make([]byte, c.piece)
				for err == nil && !c.stops {
					time.Sleep(c.every)
					var n int
					n, err = io.ReadFull(resp.Body, piece)
					got += n
				}
				if whole := got == length; whole != c.whole {
					t.Errorf("%d bytes, %v", got, err)
				}
				<-stream.closed
			})
		})
	}
}

// TestHeadsOfUploadsTakeRoomAmongTheBodies: what of them stays in memory counts, for as long as the request lasts; where there
// is no room for it nothing is read. What is known to have no body is no upload.
func TestHeadsOfUploadsTakeRoomAmongTheBodies(t *testing.T) {
	var e exposer
	a, room := anExposer(t, &e), newBudget(0)
	engine := gin.New()
	engine.Use(a.observe(ListenerEsposizione), func(c *gin.Context) { requestOf(c).room = room })
	engine.Any("/modi/*path", a.expose)
	put := func(body io.Reader) int {
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/modi/x", body))
		return w.Code
	}
	for length, want := range map[int]int64{1000: 1000, 3 * spool.DefaultMemory: spool.DefaultMemory} {
		for name, body := range map[string]io.Reader{
			"announced":     strings.NewReader(strings.Repeat("x", length)),
			"not announced": io.MultiReader(strings.NewReader(strings.Repeat("x", length))),
		} {
			held := int64(-1)
			e = func(_ context.Context, in *gateway.Inbound) (*gateway.Reply, error) {
				upload, err := in.Spool(1<<20, "c_a/p", "a")
				if err != nil {
					return &gateway.Reply{}, err
				}
				held = room.held()
				return &gateway.Reply{Status: http.StatusNoContent, Header: http.Header{}}, upload.Close()
			}
			if code := put(body); code != http.StatusNoContent || held != want || room.held() != 0 {
				t.Errorf("%d bytes, %s: %d, held %d, want %d, then %d", length, name, code, held, want, room.held())
			}
		}
	}
	if err := room.take(bodiesInFlight/2, "another", "a"); err != nil {
		t.Fatal(err)
	}
	if code := put(strings.NewReader("x")); code != http.StatusServiceUnavailable || a.uploads.Used() != 0 {
		t.Errorf("%d beside what its sender holds in memory, %d bytes on disk", code, a.uploads.Used())
	}
	e = func(_ context.Context, in *gateway.Inbound) (*gateway.Reply, error) {
		if in.Spool != nil {
			t.Error("no body is an upload")
		}
		return &gateway.Reply{Status: http.StatusNoContent, Header: http.Header{}}, nil
	}
	put(http.NoBody)
}

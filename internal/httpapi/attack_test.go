// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
)

const postExposed = "POST /modi/c_a/pratiche/v1/ricerche HTTP/1.1\r\nHost: x\r\n"

// TestNobodyIsToldToSendABodyBeforeTheVoucher: without a verified voucher the answer comes at once, whatever body was
// announced, and no 100-continue goes out.
func TestNobodyIsToldToSendABodyBeforeTheVoucher(t *testing.T) {
	w := newWorld(t)
	w.in.early, w.in.err = true, modi.Refuse(modi.Violation{Rule: modi.VoucherTokenMissing})
	w.start(t)
	got := w.raw(t, ListenerEsposizione, postExposed+"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 401 ") {
		t.Errorf("got %.100q", got)
	}
	w.in.mu.Lock()
	w.in.early, w.in.err = false, nil
	w.in.mu.Unlock()
	got = w.raw(t, ListenerEsposizione, postExposed+"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}")
	if !strings.HasPrefix(got, "HTTP/1.1 100 ") || !strings.Contains(got, "HTTP/1.1 200 ") {
		t.Errorf("once the pipeline reads: %.200q", got)
	}
}

func TestOptionsOfTheWholeServerIsAProblem(t *testing.T) {
	w := newWorld(t).start(t)
	got := w.raw(t, ListenerEsposizione, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 404 ") || !strings.Contains(got, string(problem.RuleUnknownPath)) {
		t.Errorf("got %.300q", got)
	}
	if !strings.Contains(w.log.String(), `"esito":404`) {
		t.Error("no access line")
	}
}

// endlessListener has a connection for whoever asks.
type endlessListener struct{ net.Listener }

func (endlessListener) Accept() (net.Conn, error) {
	c, _ := net.Pipe()
	return c, nil
}

func TestConnectionsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit(endlessListener{}, 2, Share{})
		accepted := make(chan net.Conn, 3)
		go func() {
			for range 3 {
				c, err := l.Accept()
				if err != nil {
					t.Error(err)
				}
				accepted <- c
			}
		}()
		synctest.Wait()
		if n := len(accepted); n != 2 {
			t.Fatalf("%d connections accepted", n)
		}
		first := <-accepted
		for range 2 { // closing twice gives one place back
			_ = first.Close()
		}
		synctest.Wait()
		if len(accepted) != 2 || len(l.slots) != 2 {
			t.Fatalf("%d connections open, %d places taken", len(accepted), len(l.slots))
		}
	})
}

func TestCloseWakesAListenerWithoutFreePlaces(t *testing.T) {
	tcp, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limit(tcp, 0, Share{})
	ended := make(chan error, 1)
	go func() { _, err := l.Accept(); ended <- err }()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestBodiesInFlightAreBounded: a body is read only into room that is free, announced or not, and the room comes back.
func TestBodiesInFlightAreBounded(t *testing.T) {
	a := &API{maxBody: 100}
	room := &budget{most: 150}
	read := func(body string, announced int64) (*request, error) {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		c.Request.ContentLength = announced
		r := &request{room: room}
		c.Set(keyRequest, r)
		_, err := a.readBody(c)
		return r, err
	}
	first, err := read(strings.Repeat("x", 80), 80)
	if err != nil {
		t.Fatal(err)
	}
	for name, announced := range map[string]int64{"announced": 80, "chunked": -1} {
		_, err := read("x", announced)
		if problem.Explain(err).Row.Rule != problem.RuleBusy || problem.Explain(err).RetryAfter <= 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	first.release()
	second, err := read("xy", -1)
	if err != nil || room.held() != 2 {
		t.Errorf("%v, %d bytes booked for a body of 2", err, room.held())
	}
	second.release()
	second.release()
	if n := room.held(); n != 0 {
		t.Errorf("%d bytes were not given back", n)
	}
}

// TestSlowBodiesOfOneEServiceLeaveRoomForTheOthers: neither an e-service nor a caller holds more than half of the room, and
// what each holds comes back.
func TestSlowBodiesOfOneEServiceLeaveRoomForTheOthers(t *testing.T) {
	room := newBudget(0)
	const body = 32 << 20
	for n := range bodiesInFlight / body / 2 {
		if err := room.take(body, "c_a/atti", fmt.Sprint("fruitore ", n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := room.take(1, "c_a/atti", "un altro"); problem.Explain(err).Row.Rule != problem.RuleBusy {
		t.Errorf("the e-service holds half of the room: %v", err)
	}
	for _, e := range []string{"c_a/a", "c_a/b"} { // fruitore 0 holds one body already
		if err := room.take(body, e, "fruitore 0"); err != nil {
			t.Fatal(err)
		}
	}
	if err := room.take(bodiesInFlight/2-3*body+1, "c_b/a", "fruitore 0"); err == nil {
		t.Error("one caller holds more than half of the room")
	}
	if err := room.take(body, "", ""); err != nil {
		t.Errorf("who is not known: %v", err)
	}
	room.give(body, "", "")
	for n := range bodiesInFlight / body / 2 {
		room.give(body, "c_a/atti", fmt.Sprint("fruitore ", n))
	}
	room.give(body, "c_a/a", "fruitore 0")
	room.give(body, "c_a/b", "fruitore 0")
	if room.held() != 0 || len(room.taken) != 0 {
		t.Errorf("%d bytes were not given back, by %v", room.held(), room.taken)
	}
}

// TestRoomComesBackAfterEveryAnswer: also after a refusal, a body cut short and a panic.
func TestRoomComesBackAfterEveryAnswer(t *testing.T) {
	w := newWorld(t)
	a, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	room := newBudget(a.maxBody)
	e := gin.New()
	e.Use(a.observe(ListenerEsposizione), func(c *gin.Context) { requestOf(c).room = room }, a.recovered)
	e.POST("/panic", func(c *gin.Context) {
		if _, err := a.readBody(c); err == nil {
			panic("while it was held")
		}
	})
	e.POST("/modi/*path", a.expose)
	for _, path := range []string{"/panic", "/modi/x", "/modi/x"} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("{}"))
		e.ServeHTTP(httptest.NewRecorder(), req)
		w.in.err = problem.New(problem.RuleSchema)
	}
	if n := room.held(); n != 0 {
		t.Errorf("%d bytes were not given back", n)
	}
}

func TestSocketIsNeverOpenToOthers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "gestione.sock")
	open := func() (net.Listener, error) {
		return Listen(t.Context(), config.Listener{Socket: path}, func(p string) string { return p }, Share{})
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); err == nil {
		t.Error("a folder that every user may write in was taken")
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := open()
	if err != nil {
		t.Fatal(err)
	}
	if l.Addr().String() != path {
		t.Errorf("address %s", l.Addr())
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket outlived its listener: %v", err)
	}
}

func TestSocketOfAKilledProcessIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gestione.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := openSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openSocket(t.Context(), path); err == nil {
		t.Error("a file that is no socket was replaced")
	}
}

// stoppedClock is a clock that the test moves.
type stoppedClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *stoppedClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stoppedClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// TestStrangersDoNotFillTheAccessLog: above the rate their lines become one count; known consumers keep theirs.
func TestStrangersDoNotFillTheAccessLog(t *testing.T) {
	w := newWorld(t)
	clock := &stoppedClock{now: time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)}
	w.options.Clock = clock.Now
	w.in.reply.Access = gateway.Access{Consumer: "consumer-1"}
	metrics := 0
	w.options.Request = func(string, string, time.Duration) { metrics++ }
	a, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	h := a.Esposizione()
	send := func(path string, times int) {
		for range times {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		}
	}
	lines := func(text string) int { return strings.Count(w.log.String(), text) }
	send("/x", strangerLines+30)
	send("/modi/x", 5)
	if lines(`"esito":404`) != strangerLines || lines(`"fruitore":"consumer-1"`) != 5 {
		t.Errorf("%d lines of strangers, %d of a consumer", lines(`"esito":404`), lines(`"fruitore":"consumer-1"`))
	}
	clock.Advance(time.Second)
	send("/modi/x", 1)
	if lines(`"richieste":30`) != 1 {
		t.Errorf("the missing lines are not counted: %s", w.log.String())
	}
	if metrics != strangerLines+36 {
		t.Errorf("%d requests measured", metrics)
	}
}

// held is how many bytes are booked.
func (b *budget) held() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const maxHead = 4096

// served is what the handler saw of one request.
type served struct {
	line string
	body string
	err  bool
}

// server is a net/http server behind the watched listener.
type server struct {
	address string
	mu      sync.Mutex
	seen    []served
}

func newServer(t *testing.T) *server {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{address: inner.Addr().String()}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		s.mu.Lock()
		s.seen = append(s.seen, served{r.Method + " " + r.URL.Path, string(body), err != nil})
		s.mu.Unlock()
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "ok %s", r.URL.Path)
	})
	web := &http.Server{Handler: h, MaxHeaderBytes: maxHead, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := web.Serve(Listener{Listener: inner, MaxHead: maxHead}); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		if err := web.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return s
}

func (s *server) requests() []served {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]served(nil), s.seen...)
}

// reply is what matters of an answer.
type reply struct {
	status int
	closes bool
}

// send writes raw bytes, in pieces, and returns every answer until the server closes or falls silent.
func (s *server) send(t *testing.T, pieces ...string) []reply {
	t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for _, p := range pieces {
		if _, err := io.WriteString(c, p); err != nil {
			break // the server has closed already
		}
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // no more requests: the server closes after its answers
	}
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var answers []reply
	r := bufio.NewReader(c)
	for {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return answers
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if closed := resp.Body.Close(); err != nil || closed != nil {
			return answers
		}
		answers = append(answers, reply{status: resp.StatusCode, closes: resp.Close})
	}
}

// TestRefusesAmbiguousFraming is the list of heads that two readers may frame otherwise: each gets a bare 400, the
// connection closes and no handler sees it, nor what hides behind it.
func TestRefusesAmbiguousFraming(t *testing.T) {
	hidden := "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, head := range map[string]string{
		"Content-Length and Transfer-Encoding":  "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding and Content-Length":  "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
		"two equal Content-Length":              "Content-Length: 4\r\nContent-Length: 4\r\n",
		"two different Content-Length":          "Content-Length: 4\r\nContent-Length: 5\r\n",
		"list of lengths":                       "Content-Length: 4, 4\r\n",
		"signed length":                         "Content-Length: +5\r\n",
		"negative length":                       "Content-Length: -1\r\n",
		"hexadecimal length":                    "Content-Length: 0x4\r\n",
		"empty length":                          "Content-Length:\r\n",
		"length with a fraction":                "Content-Length: 4.0\r\n",
		"length beyond any":                     "Content-Length: 99999999999999999999\r\n",
		"two Transfer-Encoding":                 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
		"coding before chunked":                 "Transfer-Encoding: gzip, chunked\r\n",
		"coding that is not chunked":            "Transfer-Encoding: identity\r\n",
		"chunked in quotes":                     "Transfer-Encoding: \"chunked\"\r\n",
		"chunked with a vertical tab":           "Transfer-Encoding: \vchunked\r\n",
		"space before the colon":                "Transfer-Encoding : chunked\r\n",
		"tab before the colon":                  "Content-Length\t: 4\r\n",
		"folded Transfer-Encoding":              "X: y\r\n Transfer-Encoding: chunked\r\n",
		"value folded":                          "Transfer-Encoding:\r\n chunked\r\n",
		"bare line feed":                        "X: y\nTransfer-Encoding: chunked\r\n",
		"bare carriage return":                  "X: y\rTransfer-Encoding: chunked\r\n",
		"NUL in a value":                        "X: a\x00b\r\n",
		"name that is no token":                 "X(y): z\r\n",
		"line without a colon":                  "Transfer-Encoding chunked\r\n",
		"line that is empty before the colon":   ": chunked\r\n",
		"Transfer-Encoding with other spelling": "transfer-encoding: xchunked\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			answers := s.send(t, "POST /a HTTP/1.1\r\nHost: x\r\n"+head+"\r\n0\r\n\r\n"+hidden)
			if len(answers) != 1 || answers[0].status != http.StatusBadRequest || !answers[0].closes {
				t.Errorf("answers %v, want one 400 that closes", answers)
			}
			if seen := s.requests(); len(seen) != 0 {
				t.Errorf("a handler saw %v", seen)
			}
		})
	}
}

func TestRefusesBadRequestLines(t *testing.T) {
	for name, head := range map[string]string{
		"chunked in HTTP/1.0":   "POST /a HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"preface of HTTP/2":     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"version of two digits": "GET / HTTP/1.10\r\nHost: x\r\n\r\n",
		"no version":            "GET /\r\nHost: x\r\n\r\n",
		"two spaces":            "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
		"empty line first":      "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"bare empty line first": "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"heads of bare feeds":   "GET / HTTP/1.1\nHost: x\n\n",
		"TLS to a plain port":   "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			answers := s.send(t, head)
			if len(answers) != 1 || answers[0].status != http.StatusBadRequest {
				t.Errorf("answers %v", answers)
			}
			if seen := s.requests(); len(seen) != 0 {
				t.Errorf("a handler saw %v", seen)
			}
		})
	}
}

func TestServesPipelinedRequests(t *testing.T) {
	stream := "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" +
		"POST /2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n3;ext=1\r\ndef\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n" +
		"GET /3 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" +
		"GET /4 HTTP/1.1\r\nHost: x\r\n\r\n"
	want := []served{{"POST /1", "abc", false}, {"POST /2", "def0123456789", false}, {"GET /3", "", false}, {"GET /4", "", false}}
	for _, size := range []int{1, 2, 3, 7, 64, len(stream)} {
		s := newServer(t)
		var pieces []string
		for rest := stream; rest != ""; {
			n := min(size, len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		if answers := s.send(t, pieces...); len(answers) != 4 {
			t.Fatalf("pieces of %d: %d answers", size, len(answers))
		}
		if got := s.requests(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pieces of %d: %v", size, got)
		}
	}
}

func TestPipelinedSmugglingIsAnsweredInOrder(t *testing.T) {
	s := newServer(t)
	answers := s.send(t, "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"+
		"POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: x\r\n\r\n")
	if len(answers) != 2 || answers[0].status != 200 || answers[1].status != 400 {
		t.Errorf("answers %v", answers)
	}
	if seen := s.requests(); len(seen) != 1 {
		t.Errorf("handlers saw %v", seen)
	}
}

func TestBrokenChunksNeverReachTheNextRequest(t *testing.T) {
	for name, body := range map[string]string{
		"size that is none":      "x\r\n",
		"empty size":             "\r\n",
		"signed size":            "+3\r\nabc\r\n0\r\n\r\n",
		"size with a prefix":     "0x3\r\nabc\r\n0\r\n\r\n",
		"bare feed after size":   "3\nabc\r\n0\r\n\r\n",
		"chunk without its CRLF": "3\r\nabcd\r\n0\r\n\r\n",
		"chunk ended by LF":      "3\r\nabc\n0\r\n\r\n",
		"size beyond any":        "fffffffffffffffff\r\n",
		"trailer that is none":   "0\r\nnot a trailer\r\n\r\n",
		"trailer of a bare feed": "0\r\n\n",
		"endless size line":      "3;" + strings.Repeat("x", maxLine+10) + "\r\nabc\r\n0\r\n\r\n",
		"endless trailer":        "0\r\n" + strings.Repeat("A: "+strings.Repeat("b", 200)+"\r\n", 60) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			answers := s.send(t, "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"+body+
				"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n")
			for _, seen := range s.requests() {
				if strings.Contains(seen.line, "hidden") {
					t.Error("the hidden request was served")
				}
			}
			if len(answers) > 1 || (len(answers) == 1 && answers[0].status != http.StatusBadRequest) {
				t.Errorf("answers %v", answers)
			}
		})
	}
}

func TestHeadTooLargeIs431(t *testing.T) {
	s := newServer(t)
	answers := s.send(t, "GET / HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("a", 3*(maxHead+slop)))
	// The server closes without reading the rest: the answer may be lost to a reset.
	if len(answers) == 1 && answers[0].status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", answers[0].status)
	}
	if seen := s.requests(); len(seen) != 0 {
		t.Errorf("a handler saw %v", seen)
	}
}

func TestCutBodyIsSeenAsCut(t *testing.T) {
	s := newServer(t)
	s.send(t, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
	deadline := time.Now().Add(5 * time.Second)
	for len(s.requests()) == 0 && time.Now().Before(deadline) {
		s.send(t, "") // another connection: gives the server time
	}
	if seen := s.requests(); len(seen) != 1 || !seen[0].err {
		t.Errorf("handlers saw %v", seen)
	}
}

func TestClosingListenerEndsAccept(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listener{Listener: inner, MaxHead: maxHead}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// scripted is a connection whose reads are written down.
type scripted struct {
	net.Conn
	reads []string
	errs  []error
}

func (s *scripted) Read(p []byte) (int, error) {
	if len(s.reads) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.reads[0])
	err := s.errs[0]
	s.reads, s.errs = s.reads[1:], s.errs[1:]
	return n, err
}

func TestDeadlineLosesNothing(t *testing.T) {
	timeout := errors.New("deadline")
	inner := &scripted{
		reads: []string{"GET / HT", "", "TP/1.1\r\nHost: x\r\n\r\n"}, errs: []error{timeout, timeout, nil},
	}
	c := NewConn(inner, maxHead)
	p := make([]byte, 100)
	for range 2 {
		if n, err := c.Read(p); n != 0 || !errors.Is(err, timeout) {
			t.Fatalf("got %d, %v", n, err)
		}
	}
	n, err := c.Read(p)
	if err != nil || string(p[:n]) != "GET / HTTP/1.1\r\nHost: x\r\n\r\n" {
		t.Errorf("got %q, %v", p[:n], err)
	}
	if n, err := c.Read(nil); n != 0 || err != nil {
		t.Errorf("empty read: %d, %v", n, err)
	}
}

func TestDataThatComesWithAnErrorIsDelivered(t *testing.T) {
	c := NewConn(&scripted{reads: []string{"GET / HTTP/1.1\r\n\r\n"}, errs: []error{io.EOF}}, maxHead)
	p := make([]byte, 100)
	if n, err := c.Read(p); n == 0 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if _, err := c.Read(p); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}

// FuzzWatcher holds the watcher against net/http's own reader: of whatever the watcher lets through, net/http must find
// the same requests with the same bodies, wherever the stream is cut.
func FuzzWatcher(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
		"\r\n\r\n", "GET / HTTP/1.0\n\n",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, stream []byte, step uint8) {
		w := newWatcher(1 << 16)
		for rest := stream; len(rest) > 0; {
			n := min(int(step)+1, len(rest))
			w.feed(rest[:n])
			rest = rest[n:]
		}
		if w.state == dropping || w.state == passing || w.broken {
			return
		}
		passed := bytes.Clone(w.ready)
		if !bytes.HasPrefix(stream, passed) {
			t.Fatalf("bytes were changed: %q", passed)
		}
		if w.state != inHead {
			return // the last body is not whole
		}
		source := bytes.NewReader(passed)
		r := bufio.NewReader(source)
		for {
			rest := passed[len(passed)-source.Len()-r.Buffered():]
			req, err := http.ReadRequest(r)
			if errors.Is(err, io.EOF) && len(rest) == 0 {
				return // every request found, nothing left over
			}
			if err != nil {
				// net/http may refuse more than framing (a bad URL), but only at the start of what is a head here too.
				end := headEnd(rest, 0)
				if end < 0 {
					t.Fatalf("net/http stands in the middle of something: %q of %q", rest, passed)
				}
				if _, ok := readHead(rest[:end]); !ok {
					t.Fatalf("net/http reads a head where none is: %q of %q", rest, passed)
				}
				return
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				t.Fatalf("net/http cannot read a body that was let through: %v in %q", err, passed)
			}
		}
	})
}

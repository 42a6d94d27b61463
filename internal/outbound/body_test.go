// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package outbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func zip(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReplyBodies(t *testing.T) {
	const limit = 1000
	whole := strings.Repeat("a", limit)
	zipped := zip(t, []byte(whole))
	for name, tc := range map[string]struct {
		encoding string
		body     []byte
		want     string
		reason   Reason
	}{
		"plain at the limit":                {"", []byte(whole), whole, ""},
		"plain over the limit":              {"", []byte(whole + "b"), "", ReasonTooLarge},
		"identity":                          {"identity", []byte("x"), "x", ""},
		"gzip though not asked for":         {"gzip", zipped, whole, ""},
		"gzip upper case":                   {"GZIP", zipped, whole, ""},
		"gzip bomb":                         {"gzip", zip(t, make([]byte, 100*limit)), "", ReasonTooLarge},
		"gzip cut":                          {"gzip", zipped[:len(zipped)-6], "", ReasonEncoding},
		"gzip with rubbish behind":          {"gzip", append(bytes.Clone(zipped), 1, 2, 3), "", ReasonEncoding},
		"gzip that is none":                 {"gzip", []byte("{}"), "", ReasonEncoding},
		"gzip empty":                        {"gzip", nil, "", ""},
		"brotli":                            {"br", []byte("x"), "", ReasonEncoding},
		"two encodings":                     {"gzip, gzip", zip(t, zipped), "", ReasonEncoding},
		"unknown encoding of an empty body": {"zstd", nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Accept-Encoding"); got != "identity" {
					t.Errorf("Accept-Encoding = %q", got)
				}
				if tc.encoding != "" {
					w.Header().Set("Content-Encoding", tc.encoding)
				}
				_, _ = w.Write(tc.body)
			}))
			defer server.Close()
			resp, err := newClient(t, quick()).Do(t.Context(), get(t, server.URL), Exchange{MaxBody: limit})
			if ReasonOf(err) != tc.reason {
				t.Fatalf("Do = %v, want %q", err, tc.reason)
			}
			if err != nil {
				return
			}
			if string(resp.Body) != tc.want || !bytes.Equal(resp.Wire, tc.body) {
				t.Fatalf("body %d bytes, wire %d bytes", len(resp.Body), len(resp.Wire))
			}
			if e := resp.Header.Values("Content-Encoding"); len(e) > 0 || resp.WireHeader.Get("Content-Encoding") != tc.encoding {
				t.Errorf("encoding of the body %v, on the wire %v", e, resp.WireHeader)
			}
			if n := resp.Header.Get("Content-Length"); n != "" && n != strconv.Itoa(len(resp.Body)) {
				t.Errorf("Content-Length %s describes %d bytes", n, len(resp.Body))
			}
		})
	}
}

func TestOversizeReplyIsNotDownloaded(t *testing.T) {
	var sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		chunk := make([]byte, 1<<16)
		for r.Context().Err() == nil && sent.Load() < 100<<20 {
			n, err := w.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}))
	defer server.Close()
	_, err := newClient(t, quick()).Do(t.Context(), get(t, server.URL), Exchange{MaxBody: 1 << 20})
	if ReasonOf(err) != ReasonTooLarge {
		t.Fatalf("Do = %v", err)
	}
	if sent.Load() > 50<<20 {
		t.Fatalf("%d bytes were taken", sent.Load())
	}
}

// raw answers every connection with the bytes and closes it.
func raw(t *testing.T, reply string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = io.WriteString(conn, reply)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestBrokenReplies(t *testing.T) {
	for name, tc := range map[string]struct {
		reply  string
		reason Reason
	}{
		"no reply":                 {"", ReasonLost},
		"shorter than its length":  {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\"", ReasonCut},
		"cut inside a chunk":       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ReasonCut},
		"no last chunk":            {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", ReasonCut},
		"not HTTP":                 {"SSH-2.0-OpenSSH_9.6\r\n", ReasonProtocol},
		"declared beyond the cap":  {"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", ReasonTooLarge},
		"header beyond its bound":  {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 200<<10) + "\r\n\r\n", ReasonProtocol},
		"two different lengths":    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", ReasonProtocol},
		"cut before the blank row": {"HTTP/1.1 200 OK\r\nContent-Le", ReasonProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			resp, err := newClient(t, quick()).Do(t.Context(), get(t, raw(t, tc.reply)), Exchange{})
			if resp != nil || ReasonOf(err) != tc.reason {
				t.Fatalf("Do = %v, %v; want %q", resp, err, tc.reason)
			}
		})
	}
}

func TestStalledBodyIsGivenUp(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "{")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	s := quick()
	s.IdleTimeout = 30 * time.Millisecond
	_, err := newClient(t, s).Do(t.Context(), get(t, server.URL), Exchange{})
	if ReasonOf(err) != ReasonTimeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Do = %v", err)
	}
}

func TestHangIsEndedByTheDeadline(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := newClient(t, quick()).Do(ctx, get(t, server.URL), Exchange{Attempts: 5, Retryable: always})
	if ReasonOf(err) != ReasonTimeout || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Do = %v", err)
	}
}

func TestRedirectsAreRepliesAndNotFollowed(t *testing.T) {
	var hits atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	resp, err := newClient(t, quick()).Do(t.Context(), post(t, server.URL, "x"), Exchange{})
	if err != nil || resp.Status != http.StatusTemporaryRedirect || hits.Load() != 1 {
		t.Fatalf("Do = %v, %v after %d requests", resp, err, hits.Load())
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("gzip", []byte{0x1f, 0x8b, 8, 0})
	f.Add("", []byte("plain"))
	f.Add("br", []byte("x"))
	f.Fuzz(func(t *testing.T, encoding string, wire []byte) {
		const limit = 1 << 12
		body, err := decode(http.Header{"Content-Encoding": {encoding}}, wire, limit)
		if err == nil && len(body) > limit && len(body) > len(wire) {
			t.Fatalf("%d bytes out of a limit of %d", len(body), limit)
		}
		if err != nil && ReasonOf(err) == "" {
			t.Fatalf("untyped error %v", err)
		}
	})
}

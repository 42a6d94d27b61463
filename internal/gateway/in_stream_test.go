// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/registry"
)

// archive is a document with one resource that is too large to hold.
const archive = `
openapi: 3.0.3
info: {title: archivio, version: 1.0.0}
paths:
  /documenti/{id}:
    get:
      operationId: scarica
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^[0-9]{1,6}$'}}]
      responses:
        '200': {description: ok, content: {application/pdf: {schema: {type: string, format: binary}}}}
        '206': {description: parte, content: {application/pdf: {schema: {type: string, format: binary}}}}
        '304': {description: non cambiato}
        '404': {description: ko, content: {application/problem+json: {schema: {type: object}}}}
        '416': {description: ko, content: {application/problem+json: {schema: {type: object}}}}
  /altro:
    get: {operationId: altro, responses: {'200': {description: ok}}}
`

// streams is a back end whose answers come in pieces.
type streams struct {
	backEnd

	closed int
	broken error // what the body ends with, instead of its end
}

func (s *streams) Stream(_ context.Context, req *http.Request) (*outbound.Stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, req)
	if s.err != nil {
		return nil, s.err
	}
	var body io.Reader = strings.NewReader(s.body)
	if s.broken != nil {
		body = io.MultiReader(body, failing{s.broken})
	}
	return &outbound.Stream{Status: s.status, Header: s.header, Body: &counted{body, s}, Length: int64(len(s.body))}, nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// counted counts how often its body was closed.
type counted struct {
	io.Reader
	of *streams
}

func (c *counted) Close() error { c.of.closed++; return nil }

func sha256Digest(body string) string {
	sum := sha256.Sum256([]byte(body))
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

// newArchive is a world whose back end streams body.
func newArchive(t *testing.T, body string, change ...func(*config.Config)) (*inWorld, *streams) {
	t.Helper()
	w := newInWorld(t)
	s := &streams{backEnd: backEnd{status: http.StatusOK, body: body, header: http.Header{
		"Content-Type": {"application/pdf"}, "Etag": {`"a"`}, "Accept-Ranges": {"bytes"}, "Server": {"interno"},
		"Digest": {sha256Digest(body)},
	}}}
	c := inConfig()
	e := c.Exposes["pratiche"]
	e.Document, e.Operations = []byte(archive), map[string]registry.ExposureOperation{"scarica": {Bulk: true}}
	e.Limits.Concurrency = 1
	for _, f := range change {
		f(c)
	}
	deps := w.InDeps
	deps.Config, deps.BackEnd = c, func(_, _ string) (Doer, error) { return s, nil }
	in, err := NewIn(deps)
	if err != nil {
		t.Fatal(err)
	}
	w.In = in
	return w, s
}

func (w *inWorld) download(t *testing.T, method string, header ...string) (*Reply, error) {
	t.Helper()
	call := w.newCall().get("/modi/c_a/pratiche/v1/documenti/12")
	call.method = method
	for i := 0; i < len(header); i += 2 {
		call.header.Set(header[i], header[i+1])
	}
	return w.serve(t, call)
}

func TestBulkResourceIsStreamedAndSigned(t *testing.T) {
	body := strings.Repeat("0123456789abcdef", 20_000)
	w, s := newArchive(t, body)
	reply, err := w.download(t, http.MethodGet, "If-None-Match", `"b"`)
	if err != nil || reply.Status != http.StatusOK || reply.Stream == nil || reply.Length != int64(len(body)) {
		t.Fatalf("%+v, %v", reply, err)
	}
	if got := s.requests[0].Header; got.Get("If-None-Match") != `"b"` || !strings.Contains(got.Get("Accept"), "application/pdf") {
		t.Errorf("sent %v", got)
	}
	if reply.Header.Get("Etag") != `"a"` || reply.Header.Get("Accept-Ranges") != "bytes" || reply.Header.Get("Server") != "" {
		t.Errorf("headers %v", reply.Header)
	}
	if last := w.log.last(t); last.Kind != evidence.KindErogazioneEsito || last.Status != http.StatusOK {
		t.Errorf("nothing may be delivered before its outcome is evidence: %+v", last.Entry)
	}
	if n := w.exposed["c_a/pratiche/v1"].places.count(); n != 1 {
		t.Errorf("a stream under way does not count: %d places", n)
	}
	got, err := io.ReadAll(reply.Stream)
	if err != nil || string(got) != body {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if err := reply.Stream.Close(); err != nil || s.closed != 1 {
		t.Errorf("closed %d times, %v", s.closed, err)
	}
	own := &keyRing{}
	own.add(keysOnce().keychain, "keychain-1")
	_, err = rest.IntegrityVerifier{
		Audience: clientID, Owner: "keychain-1", Keys: own, Clock: w.clock.Now, Times: modi.PartyTimes(),
	}.Verify(t.Context(), rest.Message{Header: reply.Header, Body: modi.Bytes(got)})
	if err != nil {
		t.Errorf("signature: %v", err)
	}
	again, err := w.download(t, http.MethodGet) // the place came back
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Stream.Close()
}

// TestStreamOfAnotherBodyIsCut: what was signed is the digest that the procedure told, so another body must not be whole.
func TestStreamOfAnotherBodyIsCut(t *testing.T) {
	for name, body := range map[string]string{"long": strings.Repeat("x", 200_000), "short": "x", "empty": ""} {
		w, s := newArchive(t, body)
		s.header.Set("Digest", sha256Digest("another"))
		reply, err := w.download(t, http.MethodGet)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(reply.Stream)
		if !errors.Is(err, errOtherBody) || len(body) > 0 && len(got) >= len(body) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(body), err)
		}
		_ = reply.Stream.Close()
	}
	w, s := newArchive(t, "abc")
	s.broken = errBackEnd
	reply, err := w.download(t, http.MethodGet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(reply.Stream); !errors.Is(err, errBackEnd) {
		t.Errorf("a body that breaks off: %v", err)
	}
	_ = reply.Stream.Close()
}

func TestBulkAnswers(t *testing.T) {
	unsigned := func(c *config.Config) { c.Exposes["pratiche"].Patterns.Response = nil }
	for name, tc := range map[string]struct {
		method  string
		header  []string
		change  func(s *streams)
		config  []func(*config.Config)
		status  int
		rule    modi.RuleID
		body    string // streamed, "" for none
		signed  bool
		content string // Content-Length of a HEAD
	}{
		"a part":                      {"GET", []string{"Range", "bytes=0-1"}, func(s *streams) { s.status, s.body = 206, "ab"; s.header.Set("Content-Range", "bytes 0-1/9") }, nil, 206, "", "ab", false, ""},
		"a part nobody asked for":     {"GET", nil, func(s *streams) { s.status = 206; s.header.Set("Content-Range", "bytes 0-1/9") }, nil, 0, problem.RuleBackEndBadAnswer, "", false, ""},
		"a part of nothing":           {"GET", []string{"Range", "bytes=0-1"}, func(s *streams) { s.status = 206 }, nil, 0, problem.RuleBackEndBadAnswer, "", false, ""},
		"HEAD":                        {"HEAD", nil, func(s *streams) { s.header.Set("Content-Length", "9") }, nil, 200, "", "", true, "9"},
		"HEAD without digest":         {"HEAD", nil, func(s *streams) { s.header.Del("Digest"); s.header.Set("Content-Length", "9") }, nil, 200, "", "", false, "9"},
		"not modified":                {"GET", []string{"If-None-Match", `"a"`}, func(s *streams) { s.status = 304 }, nil, 304, "", "", false, ""},
		"no digest":                   {"GET", nil, func(s *streams) { s.header.Del("Digest") }, nil, 0, problem.RuleBackEndBadAnswer, "", false, ""},
		"a digest of another kind":    {"GET", nil, func(s *streams) { s.header.Set("Digest", "SHA-512=AAAA") }, nil, 0, problem.RuleBackEndBadAnswer, "", false, ""},
		"no digest, not to be signed": {"GET", nil, func(s *streams) { s.header.Del("Digest") }, []func(*config.Config){unsigned}, 200, "", "contenuto", false, ""},
		"another media type":          {"GET", nil, func(s *streams) { s.header.Set("Content-Type", "text/html") }, nil, 0, problem.RuleBackEndBadAnswer, "", false, ""},
		"not there": {"GET", nil, func(s *streams) {
			s.status, s.body = 404, `{"title":"x"}`
			s.header.Set("Content-Type", problem.MediaType)
		}, nil, 404, "", "", false, ""},
		"an error out of its document": {"GET", nil, func(s *streams) { s.status = 400 }, nil, 0, problem.RuleBackEndBadAnswer, "", false, ""},
		"an error that has no end": {"GET", nil, func(s *streams) {
			s.status, s.body = 404, strings.Repeat(" ", maxStreamError+1)
		}, nil, 0, problem.RuleBackEndBadAnswer, "", false, ""},
		"overloaded":     {"GET", nil, func(s *streams) { s.status = 503 }, nil, 0, problem.RuleBackEndUnavailable, "", false, ""},
		"a redirection":  {"GET", nil, func(s *streams) { s.status = 302 }, nil, 0, problem.RuleBackEndBadAnswer, "", false, ""},
		"out of reach":   {"GET", nil, func(s *streams) { s.err = errBackEnd }, nil, 0, problem.RuleBackEndUnavailable, "", false, ""},
		"another method": {"PUT", nil, nil, nil, 0, problem.RuleMethod, "", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, s := newArchive(t, "contenuto", tc.config...)
			if tc.change != nil {
				tc.change(s)
			}
			reply, err := w.download(t, tc.method, tc.header...)
			if got := firstRule(err); got != tc.rule {
				t.Fatalf("%q, want %q: %v", got, tc.rule, err)
			}
			if reply.Status != tc.status || (reply.Stream != nil) != (tc.body != "") {
				t.Fatalf("%d, a stream %v", reply.Status, reply.Stream != nil)
			}
			if signed := reply.Header.Get(rest.HeaderSignature) != ""; signed != tc.signed {
				t.Errorf("signed %v", signed)
			}
			if got := reply.Header.Get("Content-Length"); got != tc.content {
				t.Errorf("Content-Length %q", got)
			}
			if reply.Stream != nil {
				got, err := io.ReadAll(reply.Stream)
				if err != nil || !bytes.Equal(got, []byte(tc.body)) {
					t.Errorf("%s, %v", got, err)
				}
				_ = reply.Stream.Close()
			}
			if made := len(s.requests); s.err == nil && tc.rule != problem.RuleMethod && s.closed != made {
				t.Errorf("%d bodies, %d closed", made, s.closed)
			}
			if n := w.exposed["c_a/pratiche/v1"].places.count(); n != 0 {
				t.Errorf("%d calls under way", n)
			}
		})
	}
}

// TestHeadIsForBulkOperationsAlone, and their 405 names it.
func TestHeadIsForBulkOperationsAlone(t *testing.T) {
	w, _ := newArchive(t, "x")
	for path, want := range map[string]string{"/altro": "GET", "/documenti/12": "GET, HEAD"} {
		method := http.MethodHead
		if path == "/documenti/12" {
			method = http.MethodDelete
		}
		_, err := w.Serve(t.Context(), &Inbound{Method: method, Path: "/modi/c_a/pratiche/v1" + path, Header: http.Header{}})
		if got := strings.Join(problem.Explain(err).Allow, ", "); got != want {
			t.Errorf("%s %s: Allow %q, want %q", method, path, got, want)
		}
	}
}

// TestWithheldStreamIsClosed: when its outcome cannot be stored nothing of it is delivered.
func TestWithheldStreamIsClosed(t *testing.T) {
	w, s := newArchive(t, "contenuto")
	w.log.breakKind(evidence.KindErogazioneEsito)
	reply, err := w.download(t, http.MethodGet)
	wantRule(t, err, problem.RuleOutcomeNotStored, http.StatusInternalServerError)
	if reply.Stream != nil || s.closed != 1 {
		t.Errorf("a stream %v, closed %d times", reply.Stream != nil, s.closed)
	}
}

// TestStreamThatBreaksOffIsTold: its outcome is evidence before its first byte, so that the log says who broke it off, and
// the metrics count what the procedure did.
func TestStreamThatBreaksOffIsTold(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(s *streams)
		read   func(ctx context.CancelFunc, r io.Reader) // what the consumer does
		who    string                                    // "" = nobody
		bad    int
	}{
		"whole":                    {nil, func(_ context.CancelFunc, r io.Reader) { _, _ = io.ReadAll(r) }, "", 0},
		"the procedure breaks off": {func(s *streams) { s.broken = errBackEnd }, func(_ context.CancelFunc, r io.Reader) { _, _ = io.ReadAll(r) }, "procedura", 1},
		"another body":             {func(s *streams) { s.header.Set("Digest", sha256Digest("x")) }, func(_ context.CancelFunc, r io.Reader) { _, _ = io.ReadAll(r) }, "procedura", 1},
		"the consumer gives up":    {nil, func(_ context.CancelFunc, r io.Reader) { _, _ = r.Read(make([]byte, 1)) }, "fruitore", 0},
		"the consumer leaves": {func(s *streams) { s.broken = errBackEnd }, func(leave context.CancelFunc, r io.Reader) {
			leave() // which ends the reading too
			_, _ = io.ReadAll(r)
		}, "fruitore", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, s := newArchive(t, "contenuto di un atto")
			var log bytes.Buffer
			w.Logger = slog.New(slog.NewJSONHandler(&log, nil))
			if tc.change != nil {
				tc.change(s)
			}
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			reply, err := w.Serve(ctx, w.newCall().get("/modi/c_a/pratiche/v1/documenti/12").build(t))
			if err != nil {
				t.Fatal(err)
			}
			tc.read(leave, reply.Stream)
			for range 2 { // closed twice, it is told once
				if err := reply.Stream.Close(); err != nil {
					t.Error(err)
				}
			}
			lines := strings.Count(log.String(), "risposta interrotta")
			if want := strings.Contains(log.String(), `"da":"`+tc.who+`"`); tc.who != "" && (!want || lines != 1) || tc.who == "" && lines != 0 {
				t.Errorf("the log says %s", log.String())
			}
			if w.seen.bad != tc.bad {
				t.Errorf("%d bad answers, want %d", w.seen.bad, tc.bad)
			}
			if n := w.exposed["c_a/pratiche/v1"].places.count(); n != 0 {
				t.Errorf("%d calls under way", n)
			}
		})
	}
}

// TestStreamHoldsItsPlaceForATime: an hour, and for what is long as long as that takes at a fair rate; whoever reads it ever so
// slowly, or a procedure that sends it so, is cut off then, and the place comes back.
func TestStreamHoldsItsPlaceForATime(t *testing.T) {
	for length, want := range map[int64]time.Duration{-1: time.Hour, 100: time.Hour, 3600 << 20: 2 * time.Hour} {
		if got := streamLasts(length); got != want {
			t.Errorf("%d bytes: %s", length, got)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		w, s := newArchive(t, strings.Repeat("x", 100_000))
		var log bytes.Buffer
		w.Logger = slog.New(slog.NewJSONHandler(&log, nil))
		reply, err := w.download(t, http.MethodGet)
		if err != nil {
			t.Fatal(err)
		}
		piece, began := make([]byte, 1), time.Now()
		for err == nil {
			time.Sleep(time.Minute)
			_, err = reply.Stream.Read(piece)
		}
		if took := time.Since(began); !errors.Is(err, errLongStream) || took < time.Hour || took > time.Hour+time.Minute {
			t.Errorf("%v after %s", err, took)
		}
		if err := reply.Stream.Close(); err != nil || s.closed != 1 || w.exposed["c_a/pratiche/v1"].places.count() != 0 {
			t.Errorf("closed %d times, %v", s.closed, err)
		}
		if !strings.Contains(log.String(), `"da":"durata"`) || w.seen.bad != 0 {
			t.Errorf("%d bad answers, the log says %s", w.seen.bad, log.String())
		}
	})
}

// TestOneConsumerHoldsHalfOfThePlaces with streams that it does not read: others are served meanwhile.
func TestOneConsumerHoldsHalfOfThePlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := newArchive(t, "contenuto", func(c *config.Config) { c.Exposes["pratiche"].Limits.Concurrency = 4 })
		var held []*Reply
		for range 2 {
			reply, err := w.download(t, http.MethodGet)
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, reply)
		}
		_, err := w.download(t, http.MethodGet)
		wantRule(t, err, problem.RuleConcurrency, http.StatusServiceUnavailable)
		other := w.newCall().get("/modi/c_a/pratiche/v1/documenti/12")
		other.claims["consumerId"] = "50000000-0000-4000-8000-000000000002"
		reply, err := w.serve(t, other)
		if err != nil {
			t.Fatalf("another consumer: %v", err)
		}
		for _, r := range append(held, reply) {
			_ = r.Stream.Close()
		}
	})
}

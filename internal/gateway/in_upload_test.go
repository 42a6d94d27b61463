// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/spool"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/registry"
)

// deposit is a document with one resource that others upload.
const deposit = `
openapi: 3.0.3
info: {title: deposito, version: 1.0.0}
paths:
  /atti/{id}/contenuto:
    put:
      operationId: deposita
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^[0-9]{1,6}$'}}]
      requestBody:
        required: true
        content:
          application/octet-stream: {schema: {type: string, format: binary}}
          application/json: {schema: {type: object}}
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
  /atti/{id}:
    get:
      operationId: leggi
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^[0-9]{1,6}$'}}]
      responses: {'200': {description: ok, content: {application/json: {schema: {type: object}}}}}
`

// newDeposit is a world that takes uploads of up to 64 MiB and sends them to behind; nil is the back end of every world.
func newDeposit(t *testing.T, behind Doer, change ...func(*config.Config, *InDeps)) *inWorld {
	t.Helper()
	w := newInWorld(t)
	c, deps := inConfig(), w.InDeps
	e := c.Exposes["pratiche"]
	e.Document, e.Limits = []byte(deposit), registry.ExposureLimits{Upload: 64 << 20}
	if behind != nil {
		deps.BackEnd = func(_, _ string) (Doer, error) { return behind, nil }
	}
	deps.Config, deps.Replay = c, w.replays
	for _, f := range change {
		f(c, &deps)
	}
	in, err := NewIn(deps)
	if err != nil {
		t.Fatal(err)
	}
	w.In = in
	return w
}

// zeros is so many bytes that nobody holds.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func content(length int64) io.Reader { return io.LimitReader(zeros{}, length) }

func digestOfZeros(t testing.TB, length int64) digested {
	t.Helper()
	sum := sha256.New()
	if _, err := io.Copy(sum, content(length)); err != nil {
		t.Fatal(err)
	}
	return digested{sum: [sha256.Size]byte(sum.Sum(nil)), length: length}
}

// uploading is a call that sends length zeros, which it signs.
func (w *inWorld) uploading(t *testing.T, length int64) *Inbound {
	t.Helper()
	c := w.newCall()
	c.method, c.path, c.body, c.noIntegrity = http.MethodPut, "/modi/c_a/pratiche/v1/atti/12/contenuto", "", true
	in := c.build(t)
	in.Header.Set(headerContentType, "application/octet-stream")
	m := rest.Message{Header: in.Header, Body: digestOfZeros(t, length)}
	if _, err := rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: clientID, Audience: c.audience}, c.stamp, c.integrityKey); err != nil {
		t.Fatal(err)
	}
	in.Spool = spooling(t, content(length), length)
	return in
}

// spooling reads from as httpapi does, with little memory.
func spooling(t *testing.T, from io.Reader, announced int64) func(int64, string, string) (Upload, error) {
	t.Helper()
	room, dir := spool.NewRoom(1<<30), t.TempDir()
	t.Cleanup(func() {
		if room.Used() != 0 {
			t.Errorf("%d bytes of uploads are still held", room.Used())
		}
	})
	return func(most int64, eservice, sender string) (Upload, error) {
		if eservice != "c_a/pratiche" || sender != consumerID {
			t.Errorf("the room is taken for %q of %q", eservice, sender)
		}
		return spool.Read(from, spool.Options{Room: room, Place: eservice, Sender: sender, Most: most, Announced: announced, Memory: 100, Dir: dir, Rand: rand.Reader})
	}
}

// TestUploadGoesThroughBoundedMemory: 64 MiB reach the back end, whole, with their length, and are never all in memory.
func TestUploadGoesThroughBoundedMemory(t *testing.T) {
	const length, allowed = 64 << 20, 8 << 20
	want := digestOfZeros(t, length)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body)
		if err != nil || n != length || r.ContentLength != length || !bytes.Equal(sum.Sum(nil), want.sum[:]) ||
			r.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%d bytes of %d, %s, %v", n, r.ContentLength, r.Header.Get("Content-Type"), err)
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, "{}")
	}))
	defer server.Close()
	client, err := outbound.New(outbound.Settings{Egress: outbound.Egress{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	w := newDeposit(t, client, func(c *config.Config, _ *InDeps) { c.Enti["c_a"].Exposes["pratiche"].BackEnd.URL = server.URL })
	in := w.uploading(t, length)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	reply, err := w.Serve(t.Context(), in)
	runtime.ReadMemStats(&after)
	if err != nil || reply.Status != http.StatusOK {
		t.Fatalf("%+v, %v", reply, err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > allowed {
		t.Errorf("%d bytes were allocated for %d, live or not", grown, length)
	}
	for _, r := range w.log.records {
		if len(r.Side.Messages) != 0 {
			t.Error("evidence holds the content")
		}
	}
	if got := w.log.records[0].Side.Digests; len(got) != 1 || got[0].Name != "request" || got[0].Algorithm != "SHA-256" {
		t.Errorf("digests %+v", got)
	}
}

// TestNothingOfAnUploadLeavesBeforeItIsJudged: the back end sees nothing of what is refused, and nothing stays behind.
func TestNothingOfAnUploadLeavesBeforeItIsJudged(t *testing.T) {
	broken := problem.New(problem.RuleIncompleteBody)
	for name, c := range map[string]struct {
		change func(t *testing.T, in *Inbound)
		rule   modi.RuleID
	}{
		"another content": {func(t *testing.T, in *Inbound) { in.Spool = spooling(t, bytes.NewReader(make([]byte, 9999)), 9999) }, modi.IntegrityDigestMismatch},
		"a bit of it":     {func(t *testing.T, in *Inbound) { in.Spool = spooling(t, flipped(10_000), -1) }, modi.IntegrityDigestMismatch},
		"nothing":         {func(t *testing.T, in *Inbound) { in.Spool = spooling(t, bytes.NewReader(nil), 0) }, modi.IntegrityDigestOnEmptyBody},
		"not signed":      {func(_ *testing.T, in *Inbound) { in.Header.Del(rest.HeaderSignature) }, modi.IntegrityTokenMissing},
		"it breaks off": {func(_ *testing.T, in *Inbound) {
			in.Spool = func(int64, string, string) (Upload, error) { return nil, broken }
		}, problem.RuleIncompleteBody},
		"no voucher": {func(_ *testing.T, in *Inbound) { in.Header.Del("Authorization"); in.Spool = nil }, modi.VoucherTokenMissing},
		"another type": {func(_ *testing.T, in *Inbound) {
			in.Header.Set(headerContentType, "application/pdf")
			in.Open = func(int64, string, string) ([]byte, error) { return make([]byte, 10_000), nil }
		}, modi.IntegritySignedHeaderMismatch},
		"a person in the path": {func(_ *testing.T, in *Inbound) { in.RawQuery = "x=BNCMRC85C12D612V" }, problem.RulePersonInURL},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDeposit(t, nil)
			in := w.uploading(t, 10_000)
			c.change(t, in)
			_, err := w.Serve(t.Context(), in)
			if firstRule(err) != c.rule {
				t.Errorf("%v, want %s", err, c.rule)
			}
			if w.backEnd.calls() != 0 {
				t.Error("the back end was called")
			}
		})
	}
}

// flipped is so many zeros, with a bit that is none.
func flipped(length int) io.Reader {
	b := make([]byte, length)
	b[length-1] = 1
	return bytes.NewReader(b)
}

// TestWhatIsNoUploadIsHeldWhole: JSON, and the messages that somebody reads before the procedure does.
func TestWhatIsNoUploadIsHeldWhole(t *testing.T) {
	for name, c := range map[string]struct {
		media  string
		change func(*config.Config, *InDeps)
	}{
		"JSON": {"application/json", func(*config.Config, *InDeps) {}},
		"check": {"application/octet-stream", func(c *config.Config, _ *InDeps) {
			c.Exposes["pratiche"].Operations = map[string]registry.ExposureOperation{"deposita": {Check: registry.CheckSegnatura}}
		}},
		"view": {"application/octet-stream", func(c *config.Config, _ *InDeps) {
			c.Enti["c_a"].Exposes["pratiche"].BackEnd = config.BackEnd{View: "x"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDeposit(t, nil, c.change)
			in, opened := w.uploading(t, 10), int64(-1)
			in.Header.Set(headerContentType, c.media)
			in.Spool = func(int64, string, string) (Upload, error) { t.Error("spooled"); return nil, errBackEnd }
			in.Open = func(most int64, _, _ string) ([]byte, error) {
				opened = most
				return nil, problem.New(problem.RuleIncompleteBody)
			}
			if _, err := w.Serve(t.Context(), in); firstRule(err) != problem.RuleIncompleteBody || opened != 0 {
				t.Errorf("opened up to %d, %v", opened, err)
			}
		})
	}
}

// TestEvidenceHasTheDigestOfAnUpload also where no token speaks of it, and its content never.
func TestEvidenceHasTheDigestOfAnUpload(t *testing.T) {
	w := newDeposit(t, nil, func(c *config.Config, _ *InDeps) {
		e := c.Exposes["pratiche"]
		e.Patterns.Request, e.Evidence.Keep = []modi.Pattern{modi.PatternAuditREST02}, keepMessages
	})
	in := w.uploading(t, 5)
	in.Header.Del(rest.HeaderSignature)
	in.Header.Del(rest.HeaderDigest)
	if _, err := w.Serve(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	intent := w.log.records[0]
	sum := digestOfZeros(t, 5).sum
	want := evidence.Digest{Name: "request", Algorithm: "SHA-256", Value: base64.StdEncoding.EncodeToString(sum[:])}
	if got := intent.Side.Digests; len(got) != 1 || got[0] != want || len(intent.Side.Messages) != 0 {
		t.Errorf("%+v, %d messages", got, len(intent.Side.Messages))
	}
}

// TestSlowUploadsKeepNobodyElseOut: while a body arrives it takes no place among the calls under way; there are as many
// places for arrivals; once here it waits for a place, and keeps the one that it has.
func TestSlowUploadsKeepNobodyElseOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newDeposit(t, nil, func(c *config.Config, _ *InDeps) { c.Exposes["pratiche"].Limits.Concurrency = 1 })
		e := w.exposed["c_a/pratiche/v1"]
		slow := w.uploading(t, 1000)
		read, release, done := slow.Spool, make(chan struct{}), make(chan error, 1)
		slow.Spool = func(most int64, eservice, sender string) (Upload, error) {
			<-release
			return read(most, eservice, sender)
		}
		go func() {
			_, err := w.Serve(context.Background(), slow)
			done <- err
		}()
		synctest.Wait()
		if _, err := w.serve(t, w.newCall().get("/modi/c_a/pratiche/v1/atti/12")); err != nil {
			t.Errorf("who reads is kept out by an upload: %v", err)
		}
		if _, err := w.Serve(t.Context(), w.uploading(t, 10)); firstRule(err) != problem.RuleConcurrency {
			t.Errorf("a second upload: %v", err)
		}
		leave, _ := e.places.try("somebody else")
		close(release)
		synctest.Wait() // it has arrived
		select {
		case err := <-done:
			t.Errorf("it did not wait for a place: %v", err)
		default:
		}
		if _, err := w.Serve(t.Context(), w.uploading(t, 10)); firstRule(err) != problem.RuleConcurrency {
			t.Errorf("a second upload while the first waits for a place: %v", err)
		}
		leave()
		if err := <-done; err != nil {
			t.Errorf("the upload: %v", err)
		}
		if e.places.count() != 0 || e.arrivals.count() != 0 {
			t.Errorf("%d places, %d arrivals taken", e.places.count(), e.arrivals.count())
		}
	})
}

// TestUploadThatFindsNoPlaceIsRefused within the time of an exchange.
func TestUploadThatFindsNoPlaceIsRefused(t *testing.T) {
	w := newDeposit(t, nil, func(c *config.Config, d *InDeps) {
		c.Exposes["pratiche"].Limits.Concurrency = 1
		d.Deadline = 10 * time.Millisecond
	})
	e := w.exposed["c_a/pratiche/v1"]
	_, _ = e.places.try("somebody else")
	_, err := w.Serve(t.Context(), w.uploading(t, 1000))
	wantRule(t, err, problem.RuleConcurrency, http.StatusServiceUnavailable)
	if e.places.count() != 1 || e.arrivals.count() != 0 {
		t.Errorf("%d places, %d arrivals taken", e.places.count(), e.arrivals.count())
	}
}

// TestTokensOfAnUploadAreAsOldAsWhenItBegan: a slow line costs nobody the message; a token that was too old then is refused.
func TestTokensOfAnUploadAreAsOldAsWhenItBegan(t *testing.T) {
	w := newDeposit(t, nil)
	slow, asked := w.uploading(t, 1000), false
	read := slow.Spool
	slow.Spool = func(most int64, eservice, sender string) (Upload, error) {
		w.clock.Advance(20 * time.Minute)
		return read(most, eservice, sender)
	}
	if _, err := w.Serve(t.Context(), slow); err != nil {
		t.Errorf("twenty minutes of upload: %v", err)
	}
	late := w.uploading(t, 1000)
	late.Spool = func(int64, string, string) (Upload, error) { asked = true; return nil, errBackEnd }
	w.clock.Advance(6 * time.Minute)
	if _, err := w.Serve(t.Context(), late); firstRule(err) == "" || asked || w.backEnd.calls() != 1 {
		t.Errorf("an old token: %v, read %v, %d calls", err, asked, w.backEnd.calls())
	}
}

// taking is a back end that takes an upload at its own pace.
type taking struct {
	every  int64 // bytes, after each of which it pauses
	pause  time.Duration
	answer time.Duration
}

func (b taking) Do(ctx context.Context, req *http.Request, _ outbound.Exchange) (*outbound.Response, error) {
	wait := func(d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return &outbound.Error{Reason: outbound.ReasonCancelled}
		}
	}
	for {
		n, err := io.CopyN(io.Discard, req.Body, b.every)
		if errors.Is(err, io.EOF) && n < b.every {
			break
		}
		if err == nil {
			err = wait(b.pause)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := wait(b.answer); err != nil {
		return nil, err
	}
	return &outbound.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("{}")}, nil
}

// TestDeadlineOfAnUploadIsForEachPiece: a back end that goes on taking is not cut, however long the whole lasts; one that
// stops, or that does not answer once it has all, is.
func TestDeadlineOfAnUploadIsForEachPiece(t *testing.T) {
	const length, deadline = 8 << 20, defaultBackEndDeadline
	for name, c := range map[string]struct {
		back taking
		rule modi.RuleID
	}{
		"goes on":              {taking{1 << 20, deadline - time.Second, deadline - time.Second}, ""},
		"stops":                {taking{3 << 20, deadline + time.Second, 0}, problem.RuleBackEndUnavailable},
		"hardly goes on":       {taking{64 << 10, time.Second, 0}, problem.RuleBackEndUnavailable},
		"takes all, is silent": {taking{1 << 20, 0, deadline + time.Second}, problem.RuleBackEndUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newDeposit(t, c.back)
				_, err := w.Serve(t.Context(), w.uploading(t, length))
				if got := firstRule(err); got != c.rule {
					t.Errorf("%q, want %q: %v", got, c.rule, err)
				}
			})
		})
	}
}

// unreadable is an upload whose file was lost after it was judged.
type unreadable struct{ Upload }

func (unreadable) Open() (io.ReadCloser, error) {
	return io.NopCloser(failing{fmt.Errorf("%w: lost", spool.ErrStore)}), nil
}

// TestLostUploadIsNoFaultOfTheBackEnd: the hub's own disk opens no breaker.
func TestLostUploadIsNoFaultOfTheBackEnd(t *testing.T) {
	w := newDeposit(t, taking{every: 1 << 20})
	for range 4 {
		in := w.uploading(t, sentAtOnce+1)
		read := in.Spool
		in.Spool = func(most int64, eservice, sender string) (Upload, error) {
			upload, err := read(most, eservice, sender)
			return unreadable{upload}, err
		}
		if _, err := w.Serve(t.Context(), in); !errors.Is(err, spool.ErrStore) || problem.Status(err) != http.StatusInternalServerError {
			t.Fatalf("%d %v", problem.Status(err), err)
		}
	}
	if state := w.GuardStates()["esposizione/c_a/pratiche"]; state != "closed" {
		t.Errorf("the breaker is %s", state)
	}
}

// TestSmallBodyLeavesWithItsHead: net/http sends head and body in one piece only where it knows the type of the body.
func TestSmallBodyLeavesWithItsHead(t *testing.T) {
	for _, c := range []struct {
		length  int
		wrapped bool
	}{{1, false}, {sentAtOnce, false}, {sentAtOnce + 1, true}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://ente.example/", bytes.NewReader(make([]byte, c.length)))
		if err != nil {
			t.Fatal(err)
		}
		_, wrapped := (&sending{}).of(t.Context(), req).Body.(*sendingReader)
		if wrapped != c.wrapped {
			t.Errorf("%d bytes: wrapped is %v", c.length, wrapped)
		}
	}
}

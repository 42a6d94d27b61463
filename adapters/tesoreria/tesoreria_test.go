// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/adapters/tesoreria"
	"github.com/snodo-pa/snodo/registry"
)

// script answers every request with what it holds, and remembers them.
type script struct {
	status int
	header http.Header
	body   string
	err    error
	asked  []*http.Request
	bodies []string
	again  bool
}

func (s *script) Do(_ context.Context, req *http.Request, again bool) (int, http.Header, []byte, error) {
	s.asked, s.again = append(s.asked, req), again
	if req.Body != nil {
		data, err := io.ReadAll(req.Body)
		if err != nil {
			return 0, nil, nil, err
		}
		s.bodies = append(s.bodies, string(data))
	}
	return s.status, s.header, []byte(s.body), s.err
}

var noon = time.Date(2026, 7, 1, 10, 0, 0, 5_000_000, time.UTC) // 12:00 in Rome

func client(t *testing.T, s *script) *tesoreria.Client {
	t.Helper()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	c, err := tesoreria.New(tesoreria.Config{
		Base: "https://siope.example", A2A: "A2A-00000011", Ufficio: "UFBORG", HTTP: s, Rome: rome, Clock: func() time.Time { return noon },
		Guard: registry.NewGuard("siope", registry.GuardSettings{Failures: 2, OpenFor: time.Hour}, nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func jsonType() http.Header { return http.Header{"Content-Type": {"application/json;charset=UTF-8"}} }

func TestUploadIsAZipWithOneEntry(t *testing.T) {
	s := &script{status: 201, header: jsonType(), body: `{"progFlusso":17,"dataUpload":"2026-07-01T12:00:00.005","download":false,"location":"/v1/x/17"}`}
	got, err := client(t, s).Upload(t.Context(), []byte("<flusso_ordinativi/>"))
	if diff := cmp.Diff(tesoreria.Upload{Number: "17", At: noon, Location: "/v1/x/17"}, got, cmp.Comparer(time.Time.Equal)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	r := s.asked[0]
	if r.Method != "POST" || r.URL.String() != "https://siope.example/v1/A2A-00000011/PA/UFBORG/flusso/" || r.Header.Get("Content-Type") != "application/zip" || s.again {
		t.Errorf("%s %s %v, again %t", r.Method, r.URL, r.Header, s.again)
	}
	packed, err := zip.NewReader(strings.NewReader(s.bodies[0]), int64(len(s.bodies[0])))
	if err != nil || len(packed.File) != 1 || packed.File[0].Name != "flusso.xml" {
		t.Fatalf("zip: %v %v", packed, err)
	}
	doc, err := tesoreria.Unpack([]byte(s.bodies[0]))
	if err != nil || string(doc) != "<flusso_ordinativi/>" {
		t.Errorf("%q %v", doc, err)
	}
}

// TestOnlyAClearNoLetsAFlowBeSentAgain: of everything else nobody knows whether it arrived.
func TestOnlyAClearNoLetsAFlowBeSentAgain(t *testing.T) {
	for name, c := range map[string]struct {
		script           script
		refused, notSent bool
	}{
		"400":           {script: script{status: 400}, refused: true},
		"413":           {script: script{status: 413}, refused: true},
		"401":           {script: script{status: 401}, notSent: true},
		"403":           {script: script{status: 403}, notSent: true},
		"404":           {script: script{status: 404}, notSent: true},
		"429":           {script: script{status: 429}, notSent: true},
		"408":           {script: script{status: 408}},
		"500":           {script: script{status: 500}},
		"503":           {script: script{status: 503}},
		"200 of others": {script: script{status: 200, body: "<html>"}},
		"silence":       {script: script{err: context.DeadlineExceeded}},
		"not connected": {script: script{err: errors.Join(tesoreria.ErrNotSent, errors.New("refused"))}, notSent: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, &c.script).Upload(t.Context(), []byte("x"))
			if err == nil || errors.Is(err, tesoreria.ErrRefused) != c.refused || errors.Is(err, tesoreria.ErrNotSent) != c.notSent {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAReceiptThatCannotBeReadIsOneStill(t *testing.T) {
	if _, err := client(t, &script{status: 201, body: "<html>"}).Upload(t.Context(), []byte("x")); err != nil {
		t.Error(err)
	}
}

func TestThrottlingSaysHowLongToWait(t *testing.T) {
	for header, want := range map[string]time.Duration{"": 30 * time.Second, "7": 7 * time.Second} {
		s := &script{status: 429, header: http.Header{}}
		if header != "" {
			s.header.Set("Retry-After", header)
		}
		_, err := client(t, s).Upload(t.Context(), []byte("x"))
		var f *registry.Fault
		if !errors.As(err, &f) || f.RetryAfter != want || !errors.Is(err, registry.ErrThrottled) {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestAnOpenGuardSendsNothing(t *testing.T) {
	s := &script{status: 503}
	c := client(t, s)
	for range 3 {
		_, err := c.Upload(t.Context(), []byte("x"))
		if len(s.asked) == 2 && errors.Is(err, tesoreria.ErrNotSent) {
			return
		}
	}
	t.Errorf("%d requests, and the guard is not open", len(s.asked))
}

func TestListsAskForAWindowInRome(t *testing.T) {
	s := &script{status: 200, header: jsonType(), body: `{"numRisultati":3,"numPagine":2,"pagina":1,"risultati":[` +
		`{"progFlusso":1,"dataProduzione":"2026-07-01T12:00:00.005","location":"/v1/a/1"},{"location":"https://siope.example/v1/a/2"}]}`}
	c := client(t, s)
	page, err := c.List(t.Context(), tesoreria.Query{List: tesoreria.Acks, From: noon.Add(-time.Hour), To: noon, Page: 1, Fresh: true})
	want := tesoreria.Page{Pages: 2, Items: []tesoreria.Item{{Location: "/v1/a/1", At: noon}, {Location: "https://siope.example/v1/a/2"}}}
	if diff := cmp.Diff(want, page, cmp.Comparer(time.Time.Equal)); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	q := s.asked[0].URL.Query()
	if s.asked[0].URL.Path != "/v1/A2A-00000011/PA/UFBORG/flusso/ack/" || q.Get("dataProduzioneDa") != "2026-07-01T11:00:00.005" ||
		q.Get("dataProduzioneA") != "2026-07-01T12:00:00.005" || q.Get("download") != "false" || q.Get("pagina") != "1" || !s.again {
		t.Errorf("%s", s.asked[0].URL)
	}
	if _, err := c.List(t.Context(), tesoreria.Query{List: tesoreria.Giornali, From: noon, To: noon}); err != nil {
		t.Fatal(err)
	}
	if q := s.asked[1].URL.Query(); !q.Has("dataUploadDa") || q.Get("download") != "true" || q.Get("pagina") != "1" {
		t.Errorf("%s", s.asked[1].URL)
	}
}

// TestMessagesStayOnTheHost whatever a list says: the client certificate goes nowhere else.
func TestMessagesStayOnTheHost(t *testing.T) {
	for _, location := range []string{"https://altrove.example/x", "http://siope.example/x", "//altrove.example/x", "", "https://u@siope.example/x"} {
		s := &script{status: 200, header: jsonType(), body: `{"numPagine":1,"risultati":[{"location":"` + location + `"}]}`}
		if _, err := client(t, s).List(t.Context(), tesoreria.Query{List: tesoreria.Acks, From: noon, To: noon}); !errors.Is(err, tesoreria.ErrReply) {
			t.Errorf("%q: %v", location, err)
		}
		if _, err := client(t, s).Fetch(t.Context(), location); !errors.Is(err, tesoreria.ErrReply) || len(s.asked) != 1 {
			t.Errorf("%q: %v, %d requests", location, err, len(s.asked))
		}
	}
}

func TestFetchTellsAPageOfAGatewayFromADamagedMessage(t *testing.T) {
	packed, err := tesoreria.Pack([]byte("<a/>"))
	if err != nil {
		t.Fatal(err)
	}
	zipType := http.Header{"Content-Type": {"application/zip"}}
	for name, c := range map[string]struct {
		script script
		text   string
		reply  bool // it will not be better another time
	}{
		"good":         {script{status: 200, header: zipType, body: string(packed)}, "<a/>", false},
		"gateway page": {script{status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: "<html>"}, "", false},
		"damaged":      {script{status: 200, header: zipType, body: string(packed[:len(packed)/2])}, "", true},
		"gone":         {script{status: 404, header: http.Header{}}, "", false},
	} {
		got, err := client(t, &c.script).Fetch(t.Context(), "/v1/m/1")
		if string(got) != c.text || (err == nil) != (c.text != "") || errors.Is(err, tesoreria.ErrReply) != c.reply {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestRefusesZipsOfOtherShapes(t *testing.T) {
	make := func(names ...string) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, name := range names {
			if _, err := w.Create(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for name, packed := range map[string][]byte{"none": make(), "two": make("a.xml", "b.xml"), "a folder": make("a/"), "no zip": []byte("x"), "nothing": nil} {
		if _, err := tesoreria.Unpack(packed); !errors.Is(err, tesoreria.ErrReply) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAChannelNeedsItsCodes(t *testing.T) {
	if _, err := tesoreria.New(tesoreria.Config{Base: "https://siope.example"}); err == nil {
		t.Error("accepted")
	}
}

func FuzzUnpack(f *testing.F) {
	packed, err := tesoreria.Pack([]byte("<a/>"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if doc, err := tesoreria.Unpack(data); err != nil && (doc != nil || !errors.Is(err, tesoreria.ErrReply)) {
			t.Errorf("%q, %v", doc, err)
		}
	})
}

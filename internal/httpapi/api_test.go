// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package httpapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/gateway/provenance"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/modi"
)

const maxTestBody = 2000

// fakeOut answers what it is told and records what it was asked.
type fakeOut struct {
	mu    sync.Mutex
	asked []gateway.Acquisition
	err   error
	panic bool
	later bool // the data come later
}

func (f *fakeOut) Acquire(_ context.Context, a gateway.Acquisition) (*gateway.Acquired, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, a)
	if f.panic {
		panic("RSSMRA85T10A562S was being read")
	}
	if f.err != nil {
		return nil, f.err
	}
	if f.later {
		return &gateway.Acquired{Esito: gateway.EsitoInAttesa, Correlazione: correlazione, Scade: time.Now()}, nil
	}
	return &gateway.Acquired{
		Esito: gateway.EsitoAcquisito, Dati: json.RawMessage(`{"via":"Via <Roma> & C."}`),
		Avvisi:      []modi.Text{{IT: "attenzione", EN: "careful"}},
		Provenienza: provenance.Provenance{Registro: "r", Servizio: a.Servizio, Operazione: a.Operazione, Ambiente: "locale", Scambio: "s-1", Ente: "c_a"},
		Firma:       "a.b.c",
	}, nil
}

// Native answers nothing: native calls are tested over a real pipeline.
func (f *fakeOut) Native(context.Context, gateway.NativeCall) (*gateway.NativeReply, error) {
	return nil, f.err
}

func (f *fakeOut) requests() []gateway.Acquisition {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]gateway.Acquisition(nil), f.asked...)
}

// fakeIn likewise.
type fakeIn struct {
	mu    sync.Mutex
	asked []gateway.Inbound
	reply gateway.Reply
	err   error
	early bool  // err comes before the body is read
	most  int64 // bytes that the e-service takes; 0 is the listener's limit
}

func (f *fakeIn) Serve(_ context.Context, in *gateway.Inbound) (*gateway.Reply, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.early {
		return &gateway.Reply{}, f.err
	}
	body, err := in.Open(f.most, "", "")
	if err != nil {
		return &gateway.Reply{}, err
	}
	in.Body = body
	f.asked = append(f.asked, *in)
	reply := f.reply
	return &reply, f.err
}

// fakeKeys keeps keys in memory.
type fakeKeys struct {
	mu   sync.Mutex
	keys map[[32]byte]store.APIKey
	err  error
}

func (f *fakeKeys) Put(_ context.Context, k store.APIKey) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.keys[k.Digest] = k
	}
	return f.err
}

func (f *fakeKeys) Lookup(_ context.Context, digest [32]byte) (store.APIKey, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, ok := f.keys[digest]
	switch {
	case f.err != nil:
		return store.APIKey{}, f.err
	case !ok:
		return store.APIKey{}, store.ErrNotFound
	case !k.RevokedAt.IsZero():
		return k, store.ErrRevoked
	}
	return k, nil
}

func (f *fakeKeys) List(_ context.Context, ente string) ([]store.APIKey, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []store.APIKey
	for _, k := range f.keys {
		if ente == "" || k.Ente == ente {
			out = append(out, k)
		}
	}
	return out, f.err
}

func (f *fakeKeys) Revoke(_ context.Context, id string, at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	for d, k := range f.keys {
		if k.ID == id && k.RevokedAt.IsZero() {
			k.RevokedAt = at
			f.keys[d] = k
			return nil
		}
	}
	return store.ErrNotFound
}

// fakeEvidence holds one entry.
type fakeEvidence struct {
	mu     sync.Mutex
	err    error
	late   error // after the first byte of an export
	query  evidence.Query
	export evidence.ExportQuery
	erased []string                               // ente and person of every erasure
	pieces func(context.Context, io.Writer) error // writes an export, when set
}

func (f *fakeEvidence) entry() evidence.Stored {
	return evidence.Stored{
		Entry: evidence.Entry{Ente: "c_a", Kind: evidence.KindAcquisizioneEsito, Exchange: "x-1"}, Index: 3,
		SideState: evidence.SidePresent, Side: &evidence.Side{Pratica: "P-1"},
	}
}

func (f *fakeEvidence) Get(_ context.Context, ente string, index int64) (evidence.Stored, error) {
	if ente != "c_a" || index != 3 {
		return evidence.Stored{}, evidence.ErrNotFound
	}
	return f.entry(), f.err
}

func (f *fakeEvidence) List(_ context.Context, q evidence.Query) ([]evidence.Stored, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.query = q
	return []evidence.Stored{f.entry()}, f.err
}

func (f *fakeEvidence) Checkpoint(context.Context, string) (evidence.Checkpoint, error) {
	return evidence.Checkpoint{Ente: "c_a", Size: 4, Note: []byte("nota\n")}, f.err
}

func (f *fakeEvidence) Export(ctx context.Context, q evidence.ExportQuery, w io.Writer) error {
	f.mu.Lock()
	f.export = q
	f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	if f.pieces != nil {
		return f.pieces(ctx, w)
	}
	if _, err := io.WriteString(w, "{}\n"); err != nil {
		return err
	}
	return f.late
}

func (f *fakeEvidence) Erase(_ context.Context, ente, person string) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return 0, f.err
	}
	f.erased = append(f.erased, ente, person)
	return 3, nil
}

// world is the three handlers behind real listeners.
type world struct {
	out      *fakeOut
	in       *fakeIn
	keys     *fakeKeys
	evidence *fakeEvidence
	ready    error
	log      *syncBuffer
	key      string // of application asilo of c_a
	options  Options
	address  map[string]string
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func testConfig() *config.Config {
	return &config.Config{
		Hub: config.Hub{Name: "snodo.example", Limits: config.Limits{Body: maxTestBody}},
		Enti: map[string]*config.Ente{
			"c_a": {CodiceIPA: "c_a", Applicazioni: map[string]config.Applicazione{"asilo": {}}},
		},
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		out: &fakeOut{}, in: &fakeIn{}, keys: &fakeKeys{keys: map[[32]byte]store.APIKey{}}, evidence: &fakeEvidence{},
		log: &syncBuffer{}, address: map[string]string{},
	}
	w.in.reply = gateway.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":"<"}`)}
	plain, k, err := store.NewAPIKey(rand.Reader, "c_a", "asilo", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.keys.Put(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	w.key = plain
	w.options = Options{
		Config: testConfig(), Out: w.out, Native: w.out, Treasury: &fakeTreasury{}, Later: &fakeLater{}, In: w.in, Keys: w.keys, Evidence: w.evidence, Clock: time.Now, Rand: rand.Reader,
		Ready:  []Check{{Name: "archivio", Do: func(context.Context) error { return w.ready }}},
		Guards: func() map[string]string { return map[string]string{"anpr": "closed"} },
		Logger: slog.New(slog.NewJSONHandler(w.log, nil)),
	}
	return w
}

// start serves the three handlers over TCP.
func (w *world) start(t *testing.T) *world {
	t.Helper()
	a, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]http.Handler{
		ListenerApplicazioni: a.Applicazioni(), ListenerEsposizione: a.Esposizione(), ListenerGestione: a.Gestione(),
	} {
		w.address[name] = serveOn(t, config.Listener{Address: "127.0.0.1:0"}, h)
	}
	return w
}

func serveOn(t *testing.T, l config.Listener, h http.Handler) string {
	t.Helper()
	return serveWith(t, l, h, ServerOptions{})
}

func serveWith(t *testing.T, l config.Listener, h http.Handler, o ServerOptions) string {
	t.Helper()
	o.Drain = 5 * time.Second
	listener, err := Listen(t.Context(), l, func(p string) string { return p }, Share{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, listener, h, o) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// answer is a whole answer.
type answer struct {
	*http.Response
	body    string
	problem problem.Problem
}

func (w *world) do(t *testing.T, listener, method, path, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+w.address[listener]+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	client := &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("redirected")
		},
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{Response: resp, body: string(text)}
	if resp.Header.Get("Content-Type") == problem.MediaType {
		if err := json.Unmarshal(text, &a.problem); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	return a
}

const goodBody = `{"contesto":{"ente":"c_a","procedimento":"iscrizione","pratica":"P-1","operatore":{"tipo":"persona","userID":"op-1","postazione":"p-1"}},"richiesta":{"codiceFiscale":"RSSMRA85T10A562S"}}`

// acquire posts an acquisition with the key of the application.
func (w *world) acquire(t *testing.T, body string, header ...string) answer {
	t.Helper()
	header = append([]string{"Authorization", "Bearer " + w.key, "Content-Type", "application/json"}, header...)
	return w.do(t, ListenerApplicazioni, "POST", "/v1/acquisizioni/anagrafe/residenza", body, header...)
}

// wantProblem checks status, rule and what every problem document must have.
func wantProblem(t *testing.T, a answer, rule modi.RuleID, status int) {
	t.Helper()
	if a.StatusCode != status || a.problem.Rule != rule || a.problem.Status != status {
		t.Fatalf("got %d %s (%s), want %d %s", a.StatusCode, a.problem.Rule, a.body, status, rule)
	}
	if a.problem.Type == "" || a.problem.Title == "" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Content-Language") == "" {
		t.Errorf("incomplete problem: %s, headers %v", a.body, a.Header)
	}
}

// raw writes bytes to a listener and returns what comes back.
func (w *world) raw(t *testing.T, listener, text string) string {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", w.address[listener])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // the server sees that nothing more will come
	}
	got, err := io.ReadAll(c)
	if err != nil && len(got) == 0 {
		return "" // closed without an answer
	}
	return string(got)
}

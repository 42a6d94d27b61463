// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// senders is how many requests are under way at once.
const senders = 32

// BenchmarkInboundSigned is an exposed call whose answer is signed.
func BenchmarkInboundSigned(b *testing.B) { benchmarkInbound(b) }

// BenchmarkInboundUnsigned is the same call where the recipe asks no signed answer.
func BenchmarkInboundUnsigned(b *testing.B) {
	benchmarkInbound(b, ownRecipe("exposes", "stato-istanza", "response: [INTEGRITY_REST_02]", "response: []",
		"perConsumer: 10000", "perConsumer: 100000000", "total: 100000", "total: 100000000"))
}

// BenchmarkOutboundFreshVoucher is an acquisition of one call: assertion, tracking
// evidence and integrity token are signed for each.
func BenchmarkOutboundFreshVoucher(b *testing.B) {
	w := newWorld(b)
	manyRegistries(b, w)
	hub, manage := serveProcess(b, w)
	ente := ambiente.BorgoFiorito()
	key := newKey(b, manage, ente.CodiceIPA)
	client := benchClient()
	r := identifier(ente)
	body, err := json.Marshal(map[string]any{"contesto": r.Context, "richiesta": r.Richiesta})
	if err != nil {
		b.Fatal(err)
	}
	target := "http://" + w.applicazioni + "/v1/acquisizioni/" + r.Service + "/" + r.Operation
	measure(b, hub, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+key)
		return expectOK(client, req)
	})
}

var operationNumber = regexp.MustCompile(`"idOperazioneClient":"([0-9]+)"`)

// manyRegistries points the hub at one address behind which are as many registries as
// there are senders. ANPR takes the operation numbers of a client in order; calls that
// overtake each other on the way would be sent twice, and the benchmark would measure
// that instead.
func manyRegistries(b *testing.B, w *world) {
	b.Helper()
	var registries []*anpr.Server
	options := registryOptions(w)
	var err error
	if options.SigningKey, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		b.Fatal(err)
	}
	options.Quota = 1 << 30
	for range senders {
		registry, err := anpr.New(options)
		if err != nil {
			b.Fatal(err)
		}
		registries = append(registries, registry)
	}
	register(b, w, registries[0])
	front := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the hub has left
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		number := 0
		if found := operationNumber.FindSubmatch(body); found != nil {
			number, _ = strconv.Atoi(string(found[1]))
		}
		registries[number%senders].Handler().ServeHTTP(rw, r)
	}))
	b.Cleanup(front.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	for _, e := range ambiente.Enti() {
		editFile("enti/"+e.CodiceIPA+"/consumes.yaml", w.ANPR.URL(), front.URL)(b, w.dir)
		if err := os.WriteFile(filepath.Join(w.dir, "enti", e.CodiceIPA, "reti", "anpr-ca.pem"), ca, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkInbound(b *testing.B, edits ...func(t testing.TB, dir string)) {
	if len(edits) == 0 {
		edits = append(edits, ownRecipe("exposes", "stato-istanza", "perConsumer: 10000", "perConsumer: 100000000", "total: 100000", "total: 100000000"))
	}
	w := newWorld(b, edits...)
	hub, _ := serveProcess(b, w)
	ente := ambiente.BorgoFiorito()
	consumer := newConsumer(b, w, ente)
	client := benchClient()
	// Signing is the consumer's work and slower than the hub: it is done before, so that
	// the hub is not kept waiting.
	ready := consumer.sign(b, b.N+2*senders)
	measure(b, hub, func(context.Context) error { return expectOK(client, <-ready) })
}

func benchClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}, Timeout: 30 * time.Second}
}

func expectOK(client *http.Client, req *http.Request) error {
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", resp.StatusCode, body)
	}
	return nil
}

// consumer makes calls with one voucher and one tracking evidence, as consumers do, and a
// new integrity token for each.
type consumer struct {
	url, audience     string
	voucher, evidence string
	key               token.SigningKey
	body              []byte
	client            string
}

func newConsumer(b *testing.B, w *world, e ambiente.Ente) *consumer {
	b.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		b.Fatal(err)
	}
	kid, err := w.PDND.AddClientKey(ambiente.UnioneClientID, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	if err != nil {
		b.Fatal(err)
	}
	profile := w.PDND.Profile()
	unione := fruitore.New(fruitore.Options{
		TokenURL: profile.TokenURL, AssertionAudience: profile.AssertionAudience, ClientID: ambiente.UnioneClientID,
		PurposeID: e.PurposeUnione, Audience: e.Audience, Key: private, Kid: kid,
	})
	c := &consumer{
		url: w.exposedURL(e) + "/ricerche", audience: e.Audience, client: ambiente.UnioneClientID,
		key:  token.SigningKey{KID: kid, Algorithm: token.RS256, Signer: private},
		body: []byte(demoSearch + strings.Repeat(" ", 1024-len(demoSearch))),
	}
	reply, err := unione.Do(b.Context(), http.MethodPost, c.url, c.body, fruitore.Hooks{Request: func(r *http.Request) {
		c.voucher, c.evidence = r.Header.Get("Authorization"), r.Header.Get(rest.HeaderTrackingEvidence)
	}})
	if err != nil || reply.Status != http.StatusOK {
		b.Fatalf("%v %+v", err, reply)
	}
	return c
}

// sign prepares requests, each with an integrity token of its own.
func (c *consumer) sign(b *testing.B, n int) <-chan *http.Request {
	b.Helper()
	ready := make(chan *http.Request, n)
	var left atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for left.Add(1) <= int64(n) {
				req, err := c.request(b.Context())
				if err != nil {
					b.Error(err)
					return
				}
				ready <- req
			}
		})
	}
	group.Wait()
	return ready
}

func (c *consumer) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", c.voucher)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(rest.HeaderTrackingEvidence, c.evidence)
	message := rest.Message{Header: req.Header, Body: modi.Bytes(c.body)}
	input := rest.IntegrityInput{Issuer: c.client, Subject: c.client, Audience: c.audience}
	stamp := rest.Stamp{Now: time.Now(), Rand: rand.Reader, BackDate: 5 * time.Second, Lifetime: 5 * time.Minute}
	_, err = rest.SignIntegrity(&message, input, stamp, c.key)
	return req, err
}

// measure sends b.N requests from several senders at once and reports the CPU time the
// hub's process spent on each.
func measure(b *testing.B, hub *process, send func(ctx context.Context) error) {
	b.Helper()
	for range 2 * senders { // connections, caches, prepared statements
		if err := send(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, senders)
	start := processCPU(b, hub.cmd.Process.Pid)
	b.ResetTimer()
	for range senders {
		group.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := send(b.Context()); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	spent := processCPU(b, hub.cmd.Process.Pid) - start
	select {
	case err := <-failures:
		b.Fatal(err)
	default:
	}
	reportCPU(b, spent)
	hub.stop(b)
}

// processCPU is the time all threads of a process have run, in user and kernel mode, as
// the scheduler counts it.
func processCPU(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no scheduler figures of process %d: %v", pid, err)
	}
	var total time.Duration
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		ran, _, _ := strings.Cut(string(data), " ")
		ns, err := strconv.ParseInt(ran, 10, 64)
		if err != nil {
			tb.Fatalf("%s: %v", file, err)
		}
		total += time.Duration(ns)
	}
	return total
}

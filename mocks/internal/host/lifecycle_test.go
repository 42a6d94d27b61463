// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package host

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/internal/privateca"
)

func TestTLSHostSpeaksHTTP1Only(t *testing.T) {
	ca, err := privateca.New(rand.Reader, "test")
	if err != nil {
		t.Fatal(err)
	}
	config, err := ca.Server(false)
	if err != nil {
		t.Fatal(err)
	}
	h := New(http.HandlerFunc(hello), config, time.Now)
	if err := h.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	client := &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: ca.Pool(), MinVersion: tls.VersionTLS12},
	}}
	// Faults that close the connection must work over TLS too.
	for _, kind := range []faults.Kind{"", faults.Cut, faults.Down} {
		if kind != "" {
			if err := h.SetFaults(faults.Fault{Kind: kind}); err != nil {
				t.Fatal(err)
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL(), http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if kind == faults.Down {
			if err == nil {
				_ = resp.Body.Close()
				t.Error("a dropped connection answers")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.ProtoMajor != 1 || (err != nil) != (kind == faults.Cut) {
			t.Errorf("%q: HTTP/%d, %v", kind, resp.ProtoMajor, err)
		}
	}
}

func TestStartAndStopFromManyPlaces(t *testing.T) {
	h := started(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				if err := h.Stop(); err != nil {
					t.Error(err)
				}
				if err := h.Restart(context.WithoutCancel(t.Context())); err != nil && !errors.Is(err, ErrStarted) {
					t.Error(err)
				}
				_, _ = h.URL(), h.Addr()
			}
		})
	}
	group.Wait()
	if err := h.Restart(t.Context()); err != nil && !errors.Is(err, ErrStarted) {
		t.Fatal(err)
	}
	if a, err := get(t.Context(), http.MethodGet, h.URL(), ""); err != nil || a.status != http.StatusOK {
		t.Errorf("in the end: %v %v", a.status, err)
	}
}

func TestTakenAddress(t *testing.T) {
	h, other := started(t), New(http.HandlerFunc(hello), nil, time.Now)
	if err := other.Start(t.Context(), h.Addr()); err == nil {
		t.Fatal("two mocks on one address")
	}
	if err := other.Restart(t.Context()); !errors.Is(err, ErrNotStarted) {
		t.Errorf("a failed start counts as one: %v", err)
	}
}

func TestStoppingDropsOpenConnections(t *testing.T) {
	h := started(t)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	ask := func() error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL(), http.NoBody)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	if err := h.Stop(); err != nil {
		t.Fatal(err)
	}
	if ask() == nil {
		t.Error("a kept connection survives the stop")
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// attempt makes one call whose failure is part of the test.
func (w *world) attempt(ctx context.Context, hooks fruitore.Hooks) (*fruitore.Reply, error) {
	w.t.Helper()
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	return w.consumer("C020").Do(ctx, http.MethodPost, endpoint(w, "C020"), body, hooks)
}

func TestFaultsThatAnswer(t *testing.T) {
	w := newWorld(t, Options{})
	for name, c := range map[string]struct {
		fault             faults.Fault
		status            int
		contentType, want string
	}{
		"500":             {faults.Fault{Kind: faults.Status}, 500, "application/problem+json", "Internal Server Error"},
		"503":             {faults.Fault{Kind: faults.Status, Status: 503, RetryAfter: "9"}, 503, "application/problem+json", "Service Unavailable"},
		"maintenance":     {faults.Fault{Kind: faults.HTML}, 200, "text/html", "GovWay-OP20000-9999"},
		"bad gateway":     {faults.Fault{Kind: faults.HTML, Status: 502}, 502, "text/html", "GovWay-OP20000-9999"},
		"late":            {faults.Fault{Kind: faults.Delay, DelayMS: 1}, 200, "application/json", "QX48213ZB"},
		"another service": {faults.Fault{Kind: faults.Status, Path: "C030"}, 200, "application/json", "QX48213ZB"},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, w.anpr.SetFaults(c.fault))
			reply, err := w.attempt(t.Context(), fruitore.Hooks{})
			must(t, err)
			if reply.Status != c.status || !strings.HasPrefix(reply.Header.Get("Content-Type"), c.contentType) || !strings.Contains(string(reply.Body), c.want) {
				t.Errorf("%d %s %s", reply.Status, reply.Header.Get("Content-Type"), reply.Body)
			}
			if reply.Header.Get("Retry-After") != c.fault.RetryAfter {
				t.Errorf("Retry-After %q", reply.Header.Get("Retry-After"))
			}
		})
	}
}

func TestFaultsThatDoNotAnswer(t *testing.T) {
	w := newWorld(t, Options{})
	must(t, w.anpr.SetFaults(faults.Fault{Kind: faults.Cut}))
	if _, err := w.attempt(t.Context(), fruitore.Hooks{}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %v", err)
	}
	must(t, w.anpr.SetFaults(faults.Fault{Kind: faults.Down}))
	if _, err := w.attempt(t.Context(), fruitore.Hooks{}); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("down: %v", err)
	}
	for _, kind := range []faults.Kind{faults.Hang, faults.Stall} {
		must(t, w.anpr.SetFaults(faults.Fault{Kind: kind}))
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		if _, err := w.attempt(ctx, fruitore.Hooks{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", kind, err)
		}
		cancel()
	}
	must(t, w.anpr.SetFaults())
	if reply, err := w.attempt(t.Context(), fruitore.Hooks{}); err != nil || reply.Status != http.StatusOK {
		t.Errorf("cured: %v", err)
	}
}

func TestFlappingRegistry(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	must(t, w.anpr.SetFaults(faults.Fault{Kind: faults.Status, Every: 2}))
	var got []int
	for range 6 {
		reply, err := w.attempt(t.Context(), fruitore.Hooks{})
		must(t, err)
		got = append(got, reply.Status)
	}
	for i, status := range got {
		if want := []int{200, 500}[i%2]; status != want {
			t.Errorf("call %d: %d, expected %d", i, status, want)
		}
	}
}

// TestFaultBurnsNothing: a call that a fault stopped before the registry can be made
// again with the same idOperazioneClient, and its quota is not spent.
func TestFaultBurnsNothing(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true, Quota: 1})
	body := w.body("C020", `{"idANPR":"QX48213ZB"}`)
	must(t, w.anpr.SetFaults(faults.Fault{Kind: faults.Status, Times: 1}))
	if reply := w.send("C020", body, fruitore.Hooks{}); reply.Status != http.StatusInternalServerError {
		t.Fatalf("status %d", reply.Status)
	}
	if reply := w.send("C020", body, fruitore.Hooks{}); reply.Status != http.StatusOK {
		t.Errorf("again: %d, %v", reply.Status, w.anpr.LastRefusal())
	}
	if len(w.anpr.Anomalies()) != 1 || w.anpr.Anomalies()[0].Chiamate != 1 {
		t.Errorf("counted %+v", w.anpr.Anomalies())
	}
}

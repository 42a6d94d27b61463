// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/registry"
)

func stale() registry.Reply {
	return ko(400, "EN148", "E", "idOperazioneClient inferiore all'ultimo inviato")
}

func TestStaleNumberIsDrawnAgain(t *testing.T) {
	tr := adaptertest.Play(stale(), stale(), ok(identified))
	if _, err := open(t, tr).ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`); err != nil {
		t.Fatal(err)
	}
	last := uint64(0)
	for _, c := range tr.Calls() {
		n, err := strconv.ParseUint(c.OperationID, 10, 64)
		if err != nil || n <= last {
			t.Errorf("number %s does not grow", c.OperationID)
		}
		last = n
	}
	if len(tr.Calls()) != 3 {
		t.Errorf("%d calls, want 3", len(tr.Calls()))
	}
}

// TestNumberOfAnotherServiceIsDrawnAgain: EN079, as the registry writes it.
func TestNumberOfAnotherServiceIsDrawnAgain(t *testing.T) {
	used := ko(400, "EN079", "E", "id operazione comune gia' presente per un servizio diverso")
	tr := adaptertest.Play(used, ok(identified))
	if _, err := open(t, tr).ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`); err != nil {
		t.Fatal(err)
	}
	if calls := tr.Calls(); len(calls) != 2 || calls[0].OperationID == calls[1].OperationID {
		t.Errorf("calls %+v, want two with different numbers", calls)
	}
}

func TestAStaleNumberIsNotDrawnForever(t *testing.T) {
	tr := adaptertest.Play(stale())
	_, err := open(t, tr).ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`)
	if f := faultOf(t, err, registry.ErrInvalid); f.Code != "EN148" || len(tr.Calls()) != 5 {
		t.Errorf("%d calls, fault %+v", len(tr.Calls()), f)
	}
}

func TestOtherErrorsDrawNoNewNumber(t *testing.T) {
	tr := adaptertest.Play(ko(400, "EN148", "E", "Devi specificare il comune"), ok(identified))
	_, err := open(t, tr).ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`)
	_ = faultOf(t, err, registry.ErrInvalid)
	if len(tr.Calls()) != 1 {
		t.Errorf("%d calls, want 1", len(tr.Calls()))
	}
}

// TestCallsThatOvertakeEachOtherAllSucceed: a registry that wants growing numbers, and
// 32 callers of whom the last to draw is the first to arrive.
func TestCallsThatOvertakeEachOtherAllSucceed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		last, refused := uint64(0), 0
		first := uint64(20261012213000)
		tr := &adaptertest.Transport{Script: func(_ context.Context, _ int, c registry.Call) (registry.Reply, error) {
			n, err := strconv.ParseUint(c.OperationID, 10, 64)
			if err != nil {
				return registry.Reply{}, err
			}
			time.Sleep(time.Duration(64-(n-first)%64) * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			if n < last {
				refused++
				return stale(), nil
			}
			last = n
			return ok(identified), nil
		}}
		d := open(t, tr)
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				_, err := d.adapter.Call(context.Background(), "anpr-c030", "id-anpr", registry.Request{
					Scope:     &registry.Scope{Ente: "c_bf01", Environment: registry.Locale, Pratica: "1", Calls: &registry.CallLog{}},
					Richiesta: []byte(`{"codiceFiscale":"` + code + `"}`),
				})
				if err != nil {
					t.Errorf("a caller was refused: %v", err)
				}
			})
		}
		wg.Wait()
		if refused == 0 {
			t.Error("nobody was overtaken: the test shows nothing")
		}
	})
}

func TestACallerWhoLeavesGivesUpItsTurn(t *testing.T) {
	hold, held := make(chan struct{}), make(chan struct{})
	var once sync.Once
	tr := &adaptertest.Transport{Script: func(ctx context.Context, n int, _ registry.Call) (registry.Reply, error) {
		if n == 0 {
			return stale(), nil
		}
		once.Do(func() { close(held) })
		select {
		case <-hold:
			return ok(identified), nil
		case <-ctx.Done():
			return registry.Reply{}, ctx.Err()
		}
	}}
	d := open(t, tr)
	ask := func(ctx context.Context) error {
		_, err := d.adapter.Call(ctx, "anpr-c030", "id-anpr", registry.Request{
			Scope:     &registry.Scope{Ente: "c_bf01", Environment: registry.Locale, Pratica: "1", Calls: &registry.CallLog{}},
			Richiesta: []byte(`{"codiceFiscale":"` + code + `"}`),
		})
		return err
	}
	done := make(chan error, 1)
	go func() { done <- ask(context.Background()) }()
	<-held
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := ask(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
	if n := len(tr.Calls()); n != 2 {
		t.Errorf("%d calls: somebody was sent out of turn, to be overtaken or to overtake", n)
	}
	close(hold)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestOneSequenceForAllServices: EN079 refuses a number used for another service.
func TestOneSequenceForAllServices(t *testing.T) {
	type key struct{ ente, name string }
	var names []key
	state := stateFunc(func(ente, name string, floor uint64) (uint64, error) {
		names = append(names, key{ente, name})
		return floor + uint64(len(names)), nil
	})
	d := open(t, adaptertest.Play(ok(identified), ok(resident)), func(deps *registry.Deps) { deps.State = state })
	if _, err := d.residence(); err != nil {
		t.Fatal(err)
	}
	want := key{"c_bf01", "anpr/locale"}
	if len(names) != 2 || names[0] != want || names[1] != want {
		t.Errorf("numbers were drawn from %v, want twice from %v", names, want)
	}
}

type stateFunc func(ente, name string, floor uint64) (uint64, error)

func (f stateFunc) Next(_ context.Context, ente, name string, floor uint64) (uint64, error) {
	return f(ente, name, floor)
}

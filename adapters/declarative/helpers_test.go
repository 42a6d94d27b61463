// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/adapters/declarative"
	"github.com/snodo-pa/snodo/registry"
)

// cataloghi is the invented registry of testdata.
func cataloghi(t testing.TB) *registry.Recipe {
	t.Helper()
	recipe, err := registry.DecodeRecipe("cataloghi.yaml", read(t, "cataloghi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return recipe
}

// desk asks one service over scripted answers.
type desk struct {
	t       testing.TB
	service string
	adapter registry.Adapter
	wire    *adaptertest.Transport
}

func open(t testing.TB, recipe *registry.Recipe, answers ...registry.Reply) *desk {
	t.Helper()
	return openOver(t, recipe, adaptertest.Play(answers...), time.Time{})
}

func openOver(t testing.TB, recipe *registry.Recipe, wire *adaptertest.Transport, at time.Time) *desk {
	t.Helper()
	if at.IsZero() {
		at = now()
	}
	s := adaptertest.Subject{Recipes: map[string]*registry.Recipe{recipe.Name: recipe}, Now: at}
	a, err := declarative.New(s.Deps(wire))
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t: t, service: recipe.Name, adapter: a, wire: wire}
}

func (d *desk) ask(operation, richiesta string) (registry.Response, error) {
	d.t.Helper()
	return d.askFor(d.t.Context(), operation, richiesta)
}

func (d *desk) askFor(ctx context.Context, operation, richiesta string) (registry.Response, error) {
	d.t.Helper()
	return d.adapter.Call(ctx, d.service, operation, registry.Request{
		Scope: &registry.Scope{
			ExchangeID: "scambio-1", Ente: "c_bf01", Environment: registry.Locale, Procedimento: "prova", Pratica: "PRT 2026/7 & co",
			Operator: registry.Operator{UserID: "mat-00417", UserLocation: "SRV-01", LoA: "LoA3"}, Calls: &registry.CallLog{},
		},
		Richiesta: json.RawMessage(richiesta),
	})
}

// dati asks and wants an answer.
func (d *desk) dati(operation, richiesta, want string) registry.Response {
	d.t.Helper()
	out, err := d.ask(operation, richiesta)
	if err != nil {
		d.t.Fatal(err)
	}
	if string(out.Dati) != want {
		d.t.Errorf("dati are\n%s\nwant\n%s", out.Dati, want)
	}
	return out
}

// fault asks and wants a refusal of a kind.
func (d *desk) fault(operation, richiesta string, kind error) *registry.Fault {
	d.t.Helper()
	_, err := d.ask(operation, richiesta)
	var f *registry.Fault
	if !errors.Is(err, kind) || !errors.As(err, &f) {
		d.t.Fatalf("error is %v, want %v", err, kind)
	}
	return f
}

// refuses asks and wants a refusal of a kind, whatever it says.
func (d *desk) refuses(operation, richiesta string, kind error) {
	d.t.Helper()
	if f := d.fault(operation, richiesta, kind); f.Service != d.service {
		d.t.Errorf("the fault names %q", f.Service)
	}
}

func with(r registry.Reply, name, value string) registry.Reply {
	r.Header = r.Header.Clone()
	r.Header.Set(name, value)
	return r
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
)

// served is an adapter of which only the list of services matters.
type served []string

func (s served) Services() []string { return s }

func (s served) Call(context.Context, string, string, registry.Request) (registry.Response, error) {
	return registry.Response{}, registry.ErrUnsupported
}

func TestCatalogue(t *testing.T) {
	c, err := registry.NewCatalogue([]registry.Adapter{served{"inad-estratto"}, served{"anpr-c030", "anpr-c020"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"anpr-c020", "anpr-c030", "inad-estratto"}, c.Services()); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if a, err := c.Adapter("anpr-c020"); err != nil || len(a.Services()) != 2 {
		t.Errorf("adapter is %v, %v", a, err)
	}
	if _, err := c.Adapter("anpr-c099"); !errors.Is(err, registry.ErrUnsupported) {
		t.Errorf("an unknown service gives %v", err)
	}
	if _, err := registry.NewCatalogue([]registry.Adapter{served{"a"}, served{"b", "a"}}); err == nil {
		t.Error("a service with two adapters is accepted")
	}
}

func TestCallLogKeepsTheOrderAndIsSafe(t *testing.T) {
	var log registry.CallLog
	log.Add(registry.CallRecord{Service: "a"})
	log.Add(registry.CallRecord{Service: "b"})
	all := log.All()
	if len(all) != 2 || all[0].Service != "a" || all[1].Service != "b" {
		t.Fatalf("records are %+v", all)
	}
	all[0].Service = "changed"
	if log.All()[0].Service != "a" {
		t.Error("All hands out the log itself")
	}
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			log.Add(registry.CallRecord{})
			log.All()
		})
	}
	wg.Wait()
	if n := len(log.All()); n != 34 {
		t.Errorf("%d records, want 34", n)
	}
}

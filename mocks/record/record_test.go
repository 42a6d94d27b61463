// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package record

import (
	"strconv"
	"sync"
	"testing"
)

func TestRingKeepsTheLast(t *testing.T) {
	var r Ring
	for i := range Size + 10 {
		r.Add(Exchange{Path: strconv.Itoa(i)})
	}
	all := r.All()
	if len(all) != Size || all[0].Path != "10" || all[Size-1].Path != strconv.Itoa(Size+9) {
		t.Fatalf("%d kept, from %s to %s", len(all), all[0].Path, all[len(all)-1].Path)
	}
	all[0].Path = "changed"
	if r.All()[0].Path != "10" {
		t.Error("a caller can change what is kept")
	}
	r.Reset()
	if len(r.All()) != 0 {
		t.Error("reset forgets nothing")
	}
}

func TestRingIsSafeForConcurrentUse(t *testing.T) {
	var r Ring
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				r.Add(Exchange{})
				_ = r.All()
			}
		})
	}
	group.Wait()
	if len(r.All()) != Size {
		t.Fatalf("%d kept", len(r.All()))
	}
}

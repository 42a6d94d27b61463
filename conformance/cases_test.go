// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/conformance/cases"
	"github.com/snodo-pa/snodo/modi"
)

// TestTable runs every case of the layers that need no running service. A case that may
// be forgiven runs strictly, then once with each leniency that forgives it; one that may
// not runs again with all of them.
func TestTable(t *testing.T) {
	for _, c := range theTable(t) {
		switch c.Layer {
		case cases.LayerModi, cases.LayerTrust:
			t.Run(c.ID, func(t *testing.T) { play(t, c) })
		case cases.LayerReplay:
			t.Run(c.ID, func(t *testing.T) { playReplay(t, c) })
		case cases.LayerGateway, cases.LayerInteraction:
		}
	}
}

func play(t *testing.T, c cases.Case) {
	t.Parallel()
	m := build(t, c)
	_, err := newJudge(t, c, nil)(t.Context(), m)
	check(t, c, err)
	for _, l := range c.Lenient {
		_, err = newJudge(t, c, modi.Lenient{l})(t.Context(), m)
		if err != nil {
			t.Errorf("with the leniency %s: %v", l, err)
		}
	}
	if c.Layer == cases.LayerModi && c.Verdict == cases.Reject && !c.Expect.Undecided {
		_, err = newJudge(t, c, everyLeniency())(t.Context(), m)
		if err == nil {
			t.Error("accepted with all leniencies on: only those that a case names may make a difference")
		}
	}
}

func everyLeniency() modi.Lenient {
	var all modi.Lenient
	for _, l := range modi.Leniencies() {
		all = append(all, l.Name)
	}
	return all
}

// TestEveryLeniencyIsProbed wants a case for each leniency.
func TestEveryLeniencyIsProbed(t *testing.T) {
	probed := map[modi.Leniency]bool{}
	for _, c := range theTable(t) {
		for _, l := range c.Lenient {
			probed[l] = true
		}
	}
	for _, l := range modi.Leniencies() {
		if !probed[l.Name] {
			t.Errorf("no case needs %s", l.Name)
		}
	}
}

// TestWaiting prints how many cases wait for the layer that decides them.
func TestWaiting(t *testing.T) {
	counts := map[cases.Layer]map[cases.Verdict]int{}
	for _, c := range theTable(t) {
		if counts[c.Layer] == nil {
			counts[c.Layer] = map[cases.Verdict]int{}
		}
		counts[c.Layer][c.Verdict]++
	}
	for _, layer := range cases.Layers() {
		var parts []string
		sum := 0
		for _, v := range slices.Sorted(maps.Keys(counts[layer])) {
			parts = append(parts, fmt.Sprintf("%s %d", v, counts[layer][v]))
			sum += counts[layer][v]
		}
		state := "run here"
		if layer == cases.LayerGateway || layer == cases.LayerInteraction {
			state = "wait for a running service"
		}
		t.Logf("%-12s %4d cases %s (%s)", layer, sum, state, strings.Join(parts, ", "))
		if sum == 0 {
			t.Errorf("no case of the layer %s", layer)
		}
	}
}

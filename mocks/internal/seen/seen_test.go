// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package seen

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var start = time.Unix(1_767_225_600, 0)

func TestUsedOnce(t *testing.T) {
	var s Set
	for _, step := range []struct {
		id    string
		after time.Duration
		want  bool
	}{
		{"a", 0, true},
		{"a", 0, false},
		{"b", 0, true},
		{"a", 300 * time.Second, false}, // the last instant
		{"b", 301 * time.Second, true},
		{"a", 301 * time.Second, true},
		{"a", 301 * time.Second, false},
	} {
		if got := s.Use(step.id, start.Add(step.after), 300*time.Second); got != step.want {
			t.Errorf("%s after %s: %v", step.id, step.after, got)
		}
	}
}

func TestForgottenIdentifiersAreSweptOut(t *testing.T) {
	var s Set
	for i := range 1000 {
		s.Use(strconv.Itoa(i), start, time.Second)
	}
	s.Use("kept", start.Add(2*time.Second), time.Hour)
	if len(s.until) != 1001 {
		t.Errorf("swept before its time: %d left", len(s.until))
	}
	s.Use("last", start.Add(pruneEvery), time.Hour)
	if len(s.until) != 2 {
		t.Errorf("%d left", len(s.until))
	}
}

func TestOfManyOneWins(t *testing.T) {
	var s Set
	var won atomic.Int32
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			if s.Use("same", start, time.Minute) {
				won.Add(1)
			}
		})
	}
	group.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}

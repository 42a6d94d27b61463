// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestBackoffDoublesWithinItsBounds(t *testing.T) {
	b := Backoff{Base: 10 * time.Second, Max: time.Hour}
	for _, test := range []struct {
		attempt int
		part    float64
		want    time.Duration
	}{
		{1, 0, 10 * time.Second},
		{1, 0.5, 7500 * time.Millisecond},
		{2, 0, 20 * time.Second},
		{3, 0, 40 * time.Second},
		{9, 0, 2560 * time.Second},
		{10, 0, time.Hour},
		{Unlimited, 0, time.Hour},
	} {
		if got := b.delay(test.attempt, test.part); got != test.want {
			t.Errorf("delay(%d, %v) = %v, want %v", test.attempt, test.part, got, test.want)
		}
	}
	almostOne := math.Nextafter(1, 0)
	if got := b.delay(10, almostOne); got < 30*time.Minute {
		t.Errorf("delay = %v, want at least half", got)
	}
	if got := (Backoff{Base: time.Hour, Max: time.Minute}).delay(1, 0); got != time.Minute {
		t.Errorf("a base above the greatest delay waits %v", got)
	}
}

func TestPolicyDefaults(t *testing.T) {
	want := Policy{
		MaxAttempts: 8, Backoff: Backoff{10 * time.Second, time.Hour}, Timeout: 5 * time.Minute, Concurrency: 1,
		Lease: time.Minute, Keep: 7 * 24 * time.Hour,
	}
	if got := (Policy{}).withDefaults(); got != want {
		t.Errorf("%+v", got)
	}
	own := Policy{
		MaxAttempts: 1, Backoff: Backoff{1, 2}, GiveUpAfter: 3, Timeout: 4, Concurrency: 5, Lease: 6, Keep: 7,
	}
	if got := own.withDefaults(); got != own {
		t.Errorf("%+v", got)
	}
}

func TestNoErrorIsNoVerdict(t *testing.T) {
	if Permanent(nil) != nil || Retry(nil, time.Hour) != nil || Postpone(nil, time.Hour) != nil || Coded("x", nil) != nil {
		t.Error("an error was made of none")
	}
}

func TestVerdictsAreTheErrorsTheyHold(t *testing.T) {
	base := errors.New("base")
	for _, err := range []error{Permanent(base), Retry(base, 1), Coded("x", base)} {
		if !errors.Is(err, base) || err.Error() != "base" {
			t.Errorf("%v", err)
		}
	}
}

func TestClassifyNamesUncodedErrors(t *testing.T) {
	base := errors.New("base")
	classify := func(err error) string {
		if errors.Is(err, base) {
			return "known/base"
		}
		return ""
	}
	for want, err := range map[string]error{
		"known/base": base, "own": Coded("own", base), CodeError: errors.New("other"),
	} {
		if got := codeOf(err, classify); got != want {
			t.Errorf("code of %v = %q, want %q", err, got, want)
		}
	}
	if got := codeOf(base, func(error) string { return "Known Base" }); got != CodeError {
		t.Errorf("what is no code is stored as %q", got)
	}
}

// TestFieldsDoNotRunTogether: neighbours in what is sealed and looked up are kept apart.
func TestFieldsDoNotRunTogether(t *testing.T) {
	if string(joined("ab", "c")) == string(joined("a", "bc")) || string(joined("a")) == string(joined("a", "")) {
		t.Error("two lists of fields are written alike")
	}
}

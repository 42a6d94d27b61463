// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/jobs"
)

func mustWhen(t testing.TB, s string) jobs.When {
	t.Helper()
	w, err := jobs.ParseWhen(s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestParseWhen(t *testing.T) {
	for text, want := range map[string]string{
		"every 1s":                 "every 1s",
		"every 90s":                "every 1m30s",
		"every 15m jitter 2m":      "every 15m0s jitter 2m0s",
		"every 8784h":              "every 8784h0m0s",
		"daily 00:00":              "daily 00:00",
		"daily 23:59":              "daily 23:59",
		"daily 03:30 jitter 20m":   "daily 03:30 jitter 20m0s",
		"daily 03:30 jitter 12h":   "daily 03:30 jitter 12h0m0s",
		"every 30h jitter 11h59m":  "every 30h0m0s jitter 11h59m0s",
		"every 1s jitter 999ms":    "every 1s jitter 999ms",
		"every 1m jitter 59s999ms": "every 1m0s jitter 59.999s",
	} {
		got := mustWhen(t, text).String()
		if got != want || mustWhen(t, got).String() != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestParseWhenRefuses(t *testing.T) {
	for _, text := range []string{
		"", "every", "every ", "every 1m ", " every 1m", "every  1m", "every 1", "every -1m", "every 0s", "every 999ms", "every 8785h",
		"every 1m jitter", "every 1m jitter 0s", "every 1m jitter -1s", "every 1m jitter 1m", "every 1m jitter 1s 1s",
		"every 48h jitter 13h", "every 1m Jitter 1s", "Every 1m", "hourly 00:30", "never",
		"daily", "daily 3:30", "daily 03:3", "daily 0330", "daily 24:00", "daily 12:60", "daily -1:00", "daily +1:00",
		"daily 03:30:00", "daily 03:30 jitter 12h1s", "daily 03:30 jitter x", "* * * * *", "every 9223372036854775807h",
	} {
		if w, err := jobs.ParseWhen(text); err == nil {
			t.Errorf("%q is read as %q", text, w)
		}
	}
	if _, err := jobs.ParseWhen(strings.Repeat("x", 1000)); err == nil || len(err.Error()) > 200 {
		t.Errorf("the error repeats the whole text: %v", err)
	}
}

func TestNextOfEvery(t *testing.T) {
	at := time.Date(2026, 3, 29, 0, 59, 30, 0, time.UTC)
	if got := mustWhen(t, "every 1m jitter 10s").Next(at); !got.Equal(at.Add(time.Minute)) {
		t.Errorf("Next = %v: the turn of the clocks is nothing to it, and jitter is added by the worker", got)
	}
	if got := (jobs.When{}).Next(at); !got.IsZero() {
		t.Errorf("Next of nothing = %v", got)
	}
}

// TestNextOfDaily: the instants of days around the turns of the clocks of Rome, which sets them at 01:00 UTC.
func TestNextOfDaily(t *testing.T) {
	for _, test := range []struct{ name, when, after, want string }{
		{"the same day", "daily 10:00", "2026-06-01T07:59:59Z", "2026-06-01T08:00:00Z"},
		{"strictly after", "daily 10:00", "2026-06-01T08:00:00Z", "2026-06-02T08:00:00Z"},
		{"the day of Rome, not of UTC", "daily 00:30", "2026-06-01T22:15:00Z", "2026-06-01T22:30:00Z"},
		{"winter", "daily 10:00", "2026-01-01T00:00:00Z", "2026-01-01T09:00:00Z"},
		{"end of the year", "daily 00:00", "2026-12-31T23:00:00Z", "2027-01-01T23:00:00Z"},
		{"29 February", "daily 12:00", "2028-02-28T12:00:00Z", "2028-02-29T11:00:00Z"},

		{"spring: before the gap", "daily 01:59", "2026-03-28T12:00:00Z", "2026-03-29T00:59:00Z"},
		{"spring: first minute of the gap", "daily 02:00", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"spring: in the gap", "daily 02:30", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"spring: last minute of the gap", "daily 02:59", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"spring: after the gap", "daily 03:00", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"spring: later that day", "daily 03:01", "2026-03-28T12:00:00Z", "2026-03-29T01:01:00Z"},
		{"spring: in the gap, once", "daily 02:30", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
		{"spring: midnight", "daily 00:00", "2026-03-28T12:00:00Z", "2026-03-28T23:00:00Z"},

		{"autumn: before", "daily 01:59", "2026-10-24T12:00:00Z", "2026-10-24T23:59:00Z"},
		{"autumn: the first of two", "daily 02:00", "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z"},
		{"autumn: the first of two", "daily 02:30", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		{"autumn: not the second", "daily 02:30", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		{"autumn: asked between the two", "daily 02:30", "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z"},
		{"autumn: after", "daily 03:00", "2026-10-24T12:00:00Z", "2026-10-25T02:00:00Z"},
	} {
		after, err := time.Parse(time.RFC3339, test.after)
		if err != nil {
			t.Fatal(err)
		}
		if got := mustWhen(t, test.when).Next(after).Format(time.RFC3339); got != test.want {
			t.Errorf("%s: %s after %s is %s, want %s", test.name, test.when, test.after, got, test.want)
		}
	}
}

// TestDailyIsOnceADay walks two years of every time of day, a quarter of an hour apart.
func TestDailyIsOnceADay(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	for minute := 0; minute < 24*60; minute += 15 {
		when := mustWhen(t, time.Date(2026, 1, 1, 0, minute, 0, 0, time.UTC).Format("daily 15:04"))
		at := time.Date(2025, 12, 31, 23, 0, 0, -1, time.UTC)
		day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for range 730 {
			at = when.Next(at)
			if got := at.In(rome).Format(time.DateOnly); got != day.Format(time.DateOnly) {
				t.Fatalf("%v: %v is not on %s", when, at, day.Format(time.DateOnly))
			}
			day = day.AddDate(0, 0, 1)
		}
	}
}

// FuzzParseWhen: what is read is written in a form that is read as the same, and its instants go forward.
func FuzzParseWhen(f *testing.F) {
	for _, s := range []string{"every 1m", "every 15m jitter 2m", "daily 02:30", "daily 23:59 jitter 1h", "every 1h1m1.5s", "daily 2:30"} {
		f.Add(s, int64(1_790_000_000))
	}
	f.Fuzz(func(t *testing.T, s string, unix int64) {
		w, err := jobs.ParseWhen(s)
		if err != nil {
			return
		}
		again, err := jobs.ParseWhen(w.String())
		if err != nil || again.String() != w.String() {
			t.Fatalf("%q is written %q, which is read as %q, %v", s, w, again, err)
		}
		after := time.Unix(unix%(1<<33), 0)
		next := w.Next(after)
		if !next.After(after) || next.Sub(after) > 366*24*time.Hour || !w.Next(next).After(next) {
			t.Errorf("%v: after %v comes %v", w, after, next)
		}
	})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package jobs

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // daily schedules follow the clock of Rome, also where no zone database is installed
)

// A When says at which instants a schedule fires. The zero value fires never; see [ParseWhen].
type When struct {
	every  time.Duration // zero: daily
	minute int           // of the day
	jitter time.Duration
	rome   *time.Location
}

const (
	leastEvery = time.Second
	mostEvery  = 366 * 24 * time.Hour
	mostJitter = 12 * time.Hour // of a daily schedule: two of its days stay apart
)

// ParseWhen reads "every <duration>" or "daily HH:MM", each with " jitter <duration>" behind it or not, as in
// "every 15m jitter 2m". Durations are Go's; daily is by the clock of Europe/Rome. A jitter delays each instant by a
// random part of it. It is less than the time between two instants, and at most 12 hours.
func ParseWhen(s string) (When, error) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return When{}, fmt.Errorf("schedule: %w", err)
	}
	w := When{rome: rome}
	words := strings.Split(s, " ")
	if len(words) != 2 && (len(words) != 4 || words[2] != "jitter") {
		return When{}, fmt.Errorf(`schedule %.40q: expected "every <duration>" or "daily HH:MM", and "jitter <duration>"`, s)
	}
	period := 24 * time.Hour
	switch words[0] {
	case "every":
		w.every, err = time.ParseDuration(words[1])
		if err != nil || w.every < leastEvery || w.every > mostEvery {
			return When{}, fmt.Errorf("schedule %.40q: expected a duration from %v to %v", s, leastEvery, mostEvery)
		}
		period = w.every
	case "daily":
		if w.minute, err = minuteOf(words[1]); err != nil {
			return When{}, fmt.Errorf("schedule %.40q: %w", s, err)
		}
	default:
		return When{}, fmt.Errorf(`schedule %.40q: begins neither with "every" nor with "daily"`, s)
	}
	if len(words) == 4 {
		w.jitter, err = time.ParseDuration(words[3])
		if err != nil || w.jitter <= 0 || w.jitter >= period || w.jitter > mostJitter {
			return When{}, fmt.Errorf("schedule %.40q: expected a jitter above 0, below %v and at most %v", s, period, mostJitter)
		}
	}
	return w, nil
}

// minuteOf reads HH:MM.
func minuteOf(s string) (int, error) {
	hh, mm, ok := strings.Cut(s, ":")
	if !ok || len(hh) != 2 || len(mm) != 2 {
		return 0, fmt.Errorf("expected HH:MM")
	}
	h, err1 := strconv.ParseUint(hh, 10, 8)
	m, err2 := strconv.ParseUint(mm, 10, 8)
	if err1 != nil || err2 != nil || h > 23 || m > 59 {
		return 0, fmt.Errorf("expected a time from 00:00 to 23:59")
	}
	return int(h)*60 + int(m), nil
}

// String returns a form that [ParseWhen] reads and that is the same for equal values.
func (w When) String() string {
	if w.rome == nil {
		return "never"
	}
	s := fmt.Sprintf("daily %02d:%02d", w.minute/60, w.minute%60)
	if w.every > 0 {
		s = "every " + w.every.String()
	}
	if w.jitter > 0 {
		s += " jitter " + w.jitter.String()
	}
	return s
}

// Next returns the first instant after the given one, without jitter; the zero time when there is none. A daily schedule has one instant on each day of
// Rome: a time that does not exist on the day that summer time begins is the first instant after the gap, one that comes
// twice on the day that it ends is the first of the two.
func (w When) Next(after time.Time) time.Time {
	if w.rome == nil {
		return time.Time{}
	}
	if w.every > 0 {
		return after.Add(w.every)
	}
	local := after.In(w.rome)
	for day := local.Day(); ; day++ {
		if t := w.on(local.Year(), local.Month(), day); t.After(after) {
			return t.UTC()
		}
	}
}

// on returns the instant of a daily schedule on one day.
func (w When) on(year int, month time.Month, day int) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, w.rome)
	_, first := midnight.Zone()
	_, last := time.Date(year, month, day+1, 0, 0, 0, 0, w.rome).Zone()
	wall := time.Date(year, month, day, 0, w.minute, 0, 0, time.UTC)
	// Earlier first: the offset before the change when summer time ends, and only one of the two when it begins.
	for _, offset := range [...]int{first, last} {
		t := wall.Add(-time.Duration(offset) * time.Second)
		if local := t.In(w.rome); local.Hour()*60+local.Minute() == w.minute && local.Day() == wall.Day() {
			return t
		}
	}
	_, change := midnight.ZoneBounds()
	return change
}

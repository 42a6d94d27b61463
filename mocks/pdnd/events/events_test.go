// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package events

import (
	"crypto/rand"
	"errors"
	"regexp"
	"testing"
	"testing/iotest"
	"time"
)

type fixture struct {
	*Log
	t   *testing.T
	now time.Time
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Unix(1_767_225_600, 0)}
	f.Log = New(Options{Clock: func() time.Time { return f.now }, Rand: rand.Reader})
	return f
}

func (f *fixture) add(e Event) {
	f.t.Helper()
	if err := f.Append(e); err != nil {
		f.t.Fatal(err)
	}
}

func types(list []Event) string {
	text := ""
	for _, e := range list {
		text += e.Type
	}
	return text
}

var uuidv7 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestIdentifiersAreOrderedUUIDv7(t *testing.T) {
	f := newFixture(t)
	steps := []time.Duration{0, 0, time.Millisecond, -time.Hour, 0, 2 * time.Hour}
	last := ""
	for range 1000 {
		for _, step := range steps {
			f.now = f.now.Add(step)
			f.add(Event{Feed: KeyEvents, Type: "x"})
		}
	}
	for _, e := range f.All(KeyEvents) {
		if e.ID <= last || !uuidv7.MatchString(e.ID) {
			t.Fatalf("%s after %s", e.ID, last)
		}
		last = e.ID
	}
}

func TestReadIsExclusiveAscendingAndLimited(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		f.add(Event{Feed: KeyEvents, Type: name})
		f.add(Event{Feed: ProducerKeyEvents, Type: "other"})
	}
	all := f.Read(Query{Feed: KeyEvents, Limit: 10})
	if types(all) != "abcd" {
		t.Fatalf("all: %s", types(all))
	}
	for _, c := range []struct {
		after string
		limit int
		want  string
	}{
		{"", 2, "ab"},
		{all[0].ID, 2, "bc"},
		{all[1].ID, 500, "cd"},
		{all[3].ID, 500, ""},
	} {
		if got := types(f.Read(Query{Feed: KeyEvents, After: c.after, Limit: c.limit})); got != c.want {
			t.Errorf("after %q limit %d: %s, expected %s", c.after, c.limit, got, c.want)
		}
	}
}

func TestVisibilityAndDelegations(t *testing.T) {
	f := newFixture(t)
	f.add(Event{Feed: PurposeEvents, Type: "p"})
	f.add(Event{Feed: PurposeEvents, Type: "o", Seen: []string{"owner"}, Delegated: map[string]string{"delegate": "d1"}})
	f.add(Event{Feed: PurposeEvents, Type: "n", Seen: []string{}})
	for name, c := range map[string]struct {
		q    Query
		want string
	}{
		"owner":                           {Query{TenantID: "owner"}, "po"},
		"stranger":                        {Query{TenantID: "stranger"}, "p"},
		"delegate":                        {Query{TenantID: "delegate"}, "po"},
		"delegate without the delegation": {Query{TenantID: "delegate", Direct: true}, "p"},
		"delegate with it":                {Query{TenantID: "delegate", DelegationID: "d1"}, "o"},
		"delegate with another":           {Query{TenantID: "delegate", DelegationID: "d2"}, ""},
	} {
		c.q.Feed, c.q.Limit = PurposeEvents, 10
		if got := types(f.Read(c.q)); got != c.want {
			t.Errorf("%s: %s, expected %s", name, got, c.want)
		}
	}
}

func TestPurgedCursorIsSilent(t *testing.T) {
	f := newFixture(t)
	f.add(Event{Feed: KeyEvents, Type: "a"})
	cursor := f.All(KeyEvents)[0].ID
	f.now = f.now.Add(time.Hour)
	f.add(Event{Feed: KeyEvents, Type: "b"})
	f.now = f.now.Add(time.Hour)
	f.add(Event{Feed: KeyEvents, Type: "c"})
	f.Purge(f.now)
	if got := types(f.Read(Query{Feed: KeyEvents, After: cursor, Limit: 10})); got != "c" {
		t.Errorf("after a purge: %s, expected c without a word about b", got)
	}
}

func TestRetention(t *testing.T) {
	f := newFixture(t)
	f.add(Event{Feed: KeyEvents, Type: "a"})
	f.now = f.now.Add(Retention)
	if got := types(f.All(KeyEvents)); got != "a" {
		t.Errorf("at the limit: %q", got)
	}
	f.now = f.now.Add(time.Nanosecond)
	if got := types(f.All(KeyEvents)); got != "" {
		t.Errorf("past it: %q", got)
	}
}

func TestAppendWithoutRandomness(t *testing.T) {
	l := New(Options{Clock: time.Now, Rand: iotest.ErrReader(errors.New("broken"))})
	if err := l.Append(Event{Feed: KeyEvents}); !errors.Is(err, ErrRandom) {
		t.Errorf("%v", err)
	}
}

func TestFeedsAreThirteen(t *testing.T) {
	seen := map[Feed]bool{}
	for _, f := range Feeds() {
		seen[f] = true
	}
	if len(seen) != 13 || !PurposeEvents.Delegable() || KeyEvents.Delegable() {
		t.Errorf("%d feeds", len(seen))
	}
}

// TestMoreEventsThanAMillisecondCounts: past the 4096 ids of a millisecond the next one is
// borrowed, and the order holds when the clock catches up with it.
func TestMoreEventsThanAMillisecondCounts(t *testing.T) {
	f := newFixture(t)
	last := ""
	add := func(n int) {
		for range n {
			f.add(Event{Feed: KeyEvents, Type: "x"})
			all := f.all
			if id := all[len(all)-1].ID; id <= last || !uuidv7.MatchString(id) {
				t.Fatalf("%s after %s", id, last)
			} else {
				last = id
			}
		}
	}
	add(0x1000 + 1)
	f.now = f.now.Add(time.Millisecond) // the millisecond that was borrowed
	add(2)
	f.now = f.now.Add(time.Millisecond)
	add(2)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package quota_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/quota"
)

var errDown = errors.New("the store is down")

// memory is a store that several ledgers share. Around a write it does what it is told.
type memory struct {
	quota.Store // the rest is not called

	mu       sync.Mutex
	rows     map[string]quota.Usage
	declared []quota.Declared
	writes   int
	reads    int
	unread   error // of a reading of the rows
	rereads  int
	before   func() error // an error: nothing is stored
	after    func() error // an error: it is stored and nobody is told
}

func rowOf(u quota.Usage) string {
	return strings.Join([]string{u.Day, u.Environment, string(u.Direction), u.Eservice, u.Consumer, u.Purpose}, "|")
}

func (m *memory) AddUsage(_ context.Context, deltas []quota.Usage) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	if m.before != nil {
		if err := m.before(); err != nil {
			return err
		}
	}
	if m.rows == nil {
		m.rows = map[string]quota.Usage{}
	}
	for _, d := range deltas {
		row := m.rows[rowOf(d)]
		d.Used, d.Night, d.Stopped = d.Used+row.Used, d.Night+row.Night, d.Stopped || row.Stopped
		if row.ToldAt.After(d.ToldAt) {
			d.ToldLimit, d.ToldRemaining, d.ToldAt = row.ToldLimit, row.ToldRemaining, row.ToldAt
		}
		m.rows[rowOf(d)] = d
	}
	if m.after != nil {
		return m.after()
	}
	return nil
}

func (m *memory) Usage(_ context.Context, from, to string) ([]quota.Usage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	if m.unread != nil {
		return nil, m.unread
	}
	var list []quota.Usage
	for _, name := range slices.Sorted(maps.Keys(m.rows)) {
		if u := m.rows[name]; u.Day >= from && u.Day <= to {
			list = append(list, u)
		}
	}
	return list, nil
}

func (m *memory) Declared(context.Context) ([]quota.Declared, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rereads++
	return m.declared, nil
}

// stored is how many calls each day has.
func (m *memory) stored() map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	days := map[string]int64{}
	for _, row := range m.rows {
		days[row.Day] += row.Used
	}
	return days
}

// TestMidnightWhileACountIsOnItsWay lets a day end between the moment a count is taken
// off and the answer of the store: what was on its way is stored on its own day, once.
func TestMidnightWhileACountIsOnItsWay(t *testing.T) {
	for name, c := range map[string]struct {
		fails      error
		first, all map[string]int64 // stored after the first attempt, and after the second
	}{
		"the store takes it":    {nil, map[string]int64{"2026-01-01": 2}, map[string]int64{"2026-01-01": 2, "2026-01-02": 1}},
		"the store refuses it":  {errDown, map[string]int64{}, map[string]int64{"2026-01-01": 2, "2026-01-02": 1}},
		"the answer is too old": {context.DeadlineExceeded, map[string]int64{}, map[string]int64{"2026-01-01": 2, "2026-01-02": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &fixed{now: at(1, 22, 59)}
			s := &memory{}
			l := newLedger(t, quota.Config{Store: s, Clock: clock.Now})
			for range 2 {
				l.Count(out("a", "p"), quota.Limits{})
			}
			s.before = func() error {
				clock.set(at(1, 23, 0))
				l.Count(out("a", "p"), quota.Limits{}) // somebody calls in the new day meanwhile
				return c.fails
			}
			if err := l.Sync(t.Context()); !errors.Is(err, c.fails) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.first, s.stored()); diff != "" {
				t.Errorf("after the first attempt (-want +got):\n%s", diff)
			}
			s.before = nil
			for range 2 {
				if err := l.Sync(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(c.all, s.stored()); diff != "" {
				t.Errorf("in the end (-want +got):\n%s", diff)
			}
			if v := l.Check(out("a", "p"), quota.Limits{Purpose: 10}, false); v.Remaining != 9 {
				t.Errorf("the new day begins with %+v", v)
			}
		})
	}
}

// TestALostAnswerCountsTooManyNeverTooFew: the store has the count and nobody is told.
func TestALostAnswerCountsTooManyNeverTooFew(t *testing.T) {
	s := &memory{after: func() error { return errDown }}
	l := newLedger(t, quota.Config{Store: s, Clock: (&fixed{now: at(1, 12, 0)}).Now})
	l.Count(out("a", "p"), quota.Limits{})
	if err := l.Sync(t.Context()); !errors.Is(err, errDown) {
		t.Fatal(err)
	}
	s.after = nil
	l.Count(out("a", "p"), quota.Limits{})
	if err := l.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.stored()["2026-01-01"]; got < 2 || got > 3 {
		t.Errorf("%d calls stored of 2", got)
	}
	if v := l.Check(out("a", "p"), quota.Limits{Purpose: 10}, false); v.Remaining > 8 {
		t.Errorf("too few are known: %+v", v)
	}
}

// TestCallsGoOnWhileACountIsOnItsWay counts them with what is on its way, and stores them
// the next time.
func TestCallsGoOnWhileACountIsOnItsWay(t *testing.T) {
	s := &memory{}
	l := newLedger(t, quota.Config{Store: s, Clock: (&fixed{now: at(1, 12, 0)}).Now})
	limits := quota.Limits{Purpose: 3}
	l.Take(out("a", "p"), limits, false)
	var during []quota.Reason
	s.before = func() error {
		for range 3 {
			during = append(during, l.Take(out("a", "p"), limits, false).Refused)
		}
		return nil
	}
	if err := l.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]quota.Reason{"", "", quota.Purpose}, during); diff != "" {
		t.Errorf("meanwhile (-want +got):\n%s", diff)
	}
	s.before = nil
	if err := l.Sync(t.Context()); err != nil || s.stored()["2026-01-01"] != 3 {
		t.Errorf("%v: %v", err, s.stored())
	}
}

// TestWhatOneReplicaIsToldTheOthersLearn: that a registry stopped a purpose, and the
// newest of what it said of its own count.
func TestWhatOneReplicaIsToldTheOthersLearn(t *testing.T) {
	s, clock := &memory{}, &fixed{now: at(1, 12, 0)}
	one := newLedger(t, quota.Config{Store: s, Clock: clock.Now, Shared: true})
	two := newLedger(t, quota.Config{Store: s, Clock: clock.Now, Shared: true})
	one.Told(out("a", "p"), 100, 50)
	clock.set(at(1, 12, 1))
	two.Told(out("a", "p"), 100, 40)
	one.Stop(out("a", "q"))
	for _, l := range []*quota.Ledger{two, one, two} {
		if err := l.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if v := two.Check(out("a", "q"), quota.Limits{}, false); v.Refused != quota.Stopped {
		t.Errorf("the other replica goes on: %+v", v)
	}
	for name, l := range map[string]*quota.Ledger{"one": one, "two": two} {
		today := l.Today()
		if len(today) != 2 || today[0].ToldRemaining != 40 || !today[0].ToldAt.Equal(at(1, 12, 1)) {
			t.Errorf("%s: %+v", name, today)
		}
	}
	clock.set(at(1, 12, 2))
	one.Told(out("a", "p"), 100, 30) // newer than the store, not sent yet
	if today := one.Today(); today[0].ToldRemaining != 30 {
		t.Errorf("%+v", today)
	}
}

// TestAClockThatIsSetBack keeps the day when it is a little, for a limit would be given
// out twice; by hours it is another day.
func TestAClockThatIsSetBack(t *testing.T) {
	for name, c := range map[string]struct {
		to        time.Time
		remaining int64
	}{
		"a second before midnight": {at(1, 22, 59), 1},
		"just under an hour":       {at(1, 22, 1), 1},
		"an hour":                  {at(1, 22, 0), 2},
		"a day":                    {at(1, 12, 0), 2},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &fixed{now: at(1, 23, 0)} // midnight in Rome
			l := newLedger(t, quota.Config{Clock: clock.Now})
			l.Take(out("a", "p"), quota.Limits{Purpose: 2}, false)
			clock.set(c.to)
			if v := l.Check(out("a", "p"), quota.Limits{Purpose: 2}, false); v.Remaining != c.remaining {
				t.Errorf("%+v, expected %d left", v, c.remaining)
			}
		})
	}
}

// TestEachLimitWarnsAboutWhatItIsOf: the purpose, the consumer with all its purposes, the
// e-service with all its consumers; each once.
func TestEachLimitWarnsAboutWhatItIsOf(t *testing.T) {
	var got []quota.Warning
	l := newLedger(t, quota.Config{Clock: (&fixed{now: at(1, 12, 0)}).Now, Warn: func(w quota.Warning) { got = append(got, w) }})
	limits := quota.Limits{Purpose: 5, Consumer: 10, Total: 15}
	for _, c := range []struct{ consumer, purpose string }{
		{"a", "p"}, {"a", "p"}, {"a", "p"}, {"a", "p"}, // four fifths of a purpose
		{"a", "q"}, {"a", "q"}, {"a", "q"}, {"a", "q"}, // of another, and of the consumer
		{"b", "r"}, {"b", "r"}, {"b", "r"}, {"b", "r"}, // of one more, and of all
	} {
		if v := l.Take(out(c.consumer, c.purpose), limits, false); v.Refused != "" {
			t.Fatalf("%+v", v)
		}
	}
	consumer, all := out("a", ""), out("", "")
	want := []quota.Warning{
		{Key: out("a", "p"), Reason: quota.Purpose, Used: 4, Limit: 5},
		{Key: out("a", "q"), Reason: quota.Purpose, Used: 4, Limit: 5},
		{Key: consumer, Reason: quota.Consumer, Used: 8, Limit: 10},
		{Key: out("b", "r"), Reason: quota.Purpose, Used: 4, Limit: 5},
		{Key: all, Reason: quota.Total, Used: 12, Limit: 15},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTodayIsInAFixedOrder(t *testing.T) {
	l := newLedger(t, quota.Config{Clock: (&fixed{now: at(1, 19, 0)}).Now})
	keys := []quota.Key{
		{Environment: "collaudo", Direction: quota.Out, Eservice: "a", Consumer: "a", Purpose: "a"},
		{Environment: "collaudo", Direction: quota.In, Eservice: "z", Consumer: "z", Purpose: "z"},
		{Environment: "produzione", Direction: quota.Out, Eservice: "a", Consumer: "a", Purpose: "a"},
		{Environment: "collaudo", Direction: quota.Out, Eservice: "a", Consumer: "a", Purpose: "b"},
		{Environment: "collaudo", Direction: quota.Out, Eservice: "a", Consumer: "b", Purpose: "a"},
		{Environment: "collaudo", Direction: quota.Out, Eservice: "b", Consumer: "a", Purpose: "a"},
	}
	for _, k := range keys {
		l.Count(k, quota.Limits{})
	}
	var got []quota.Key
	for _, u := range l.Today() {
		got = append(got, u.Key)
		if u.Day != "2026-01-01" || u.Used != 1 || u.Night != 1 {
			t.Errorf("%+v", u)
		}
	}
	if diff := cmp.Diff([]quota.Key{keys[0], keys[3], keys[4], keys[5], keys[1], keys[2]}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWorkingHours end at 18:00 and begin at 08:00, in Italy.
func TestWorkingHours(t *testing.T) {
	for text, night := range map[string]bool{
		"07:59": true, "08:00": false, "12:00": false, "17:59": false, "18:00": true, "23:59": true, "00:00": true,
	} {
		local, err := time.ParseInLocation("2006-01-02 15:04", "2026-07-01 "+text, rome(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := quota.AtNight(local); got != night {
			t.Errorf("%s: %t", text, got)
		}
	}
}

func TestALedgerNeedsItsParts(t *testing.T) {
	for name, c := range map[string]quota.Config{"no location": {Clock: time.Now}, "no clock": {Location: time.UTC}} {
		if _, err := quota.New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	l := newLedger(t, quota.Config{Clock: (&fixed{now: at(1, 12, 0)}).Now})
	if err := errors.Join(l.Sync(t.Context()), l.Reread(t.Context())); err != nil {
		t.Errorf("without a store: %v", err)
	}
}

// TestTheTighterOfConfiguredAndDeclared as whoever shows the limits reads it.
func TestTheTighterOfConfiguredAndDeclared(t *testing.T) {
	s := &memory{declared: []quota.Declared{{Environment: "collaudo", Purpose: "p", DailyCalls: 30}, {Environment: "collaudo", Purpose: "q"}}}
	l := newLedger(t, quota.Config{Store: s, Clock: (&fixed{now: at(1, 12, 0)}).Now})
	if got := l.LimitOf(out("a", "p"), quota.Limits{Purpose: 40}); got.Purpose != 40 {
		t.Errorf("before it was read: %+v", got)
	}
	if err := l.Reread(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		purpose          string
		configured, want int64
	}{{"p", 0, 30}, {"p", 29, 29}, {"p", 31, 30}, {"q", 0, 0}, {"q", 7, 7}, {"", 7, 7}, {"z", 0, 0}} {
		if got := l.LimitOf(out("a", c.purpose), quota.Limits{Purpose: c.configured}); got.Purpose != c.want {
			t.Errorf("%q configured %d: %d, expected %d", c.purpose, c.configured, got.Purpose, c.want)
		}
	}
}

// TestAReadingThatFailsCountsNothingTwice: what was stored before it is stored.
func TestAReadingThatFailsCountsNothingTwice(t *testing.T) {
	s := &memory{}
	l := newLedger(t, quota.Config{Store: s, Clock: (&fixed{now: at(1, 12, 0)}).Now})
	for _, err := range []error{errDown, errDown, nil} {
		s.unread = err
		l.Count(out("a", "p"), quota.Limits{})
		if got := l.Sync(t.Context()); !errors.Is(got, err) {
			t.Fatal(got)
		}
	}
	if got := s.stored()["2026-01-01"]; got != 3 {
		t.Errorf("%d calls stored of 3", got)
	}
	if v := l.Check(out("a", "p"), quota.Limits{Consumer: 10}, false); v.Remaining != 7 {
		t.Errorf("%+v", v)
	}
}

// TestAProcessAloneReadsADayOnce, when it starts and when a day begins; what it counts it knows.
func TestAProcessAloneReadsADayOnce(t *testing.T) {
	clock := &fixed{now: at(1, 12, 0)}
	s := &memory{}
	if err := s.AddUsage(t.Context(), []quota.Usage{
		{Day: "2026-01-01", Key: out("a", "p"), Used: 4}, {Day: "2026-01-02", Key: out("a", "p"), Used: 1},
	}); err != nil {
		t.Fatal(err)
	}
	l := newLedger(t, quota.Config{Store: s, Clock: clock.Now})
	for _, step := range []struct {
		now         time.Time
		used, reads int64
	}{{at(1, 12, 0), 5, 1}, {at(1, 12, 1), 6, 1}, {at(1, 23, 1), 2, 2}, {at(1, 23, 2), 3, 2}} {
		clock.set(step.now)
		l.Count(out("a", "p"), quota.Limits{})
		if err := l.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		v := l.Check(out("a", "p"), quota.Limits{Purpose: 10, Consumer: 10, Total: 10}, false)
		if today := l.Today(); v.Remaining != 10-step.used || len(today) != 1 || today[0].Used != step.used || s.reads != int(step.reads) {
			t.Errorf("%v: %+v %+v after %d readings", step.now, v, today, s.reads)
		}
	}
}

// TestRunStoresEverySecond what there is to store: a process alone leaves the store in
// peace while nothing is called, a replica reads what the others did.
func TestRunStoresEverySecond(t *testing.T) {
	for name, c := range map[string]struct {
		shared        bool
		calls         int
		writes, reads int // in ten seconds and at the end
	}{
		"alone, without calls":    {false, 0, 0, 1},
		"alone, with one call":    {false, 1, 1, 1},
		"a replica without calls": {true, 0, 0, 11},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &memory{}
				l := newLedger(t, quota.Config{Store: s, Clock: time.Now, Shared: c.shared})
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					l.Run(ctx, func(err error) { t.Errorf("failed: %v", err) })
					close(done)
				}()
				for range c.calls {
					l.Count(out("a", "p"), quota.Limits{})
				}
				<-time.After(10*time.Second + time.Millisecond)
				synctest.Wait()
				stop()
				<-done
				if s.writes != c.writes || s.reads != c.reads {
					t.Errorf("%d writes and %d reads, expected %d and %d", s.writes, s.reads, c.writes, c.reads)
				}
			})
		})
	}
}

// TestRunTellsOfFailuresAndStoresAtTheEnd: every attempt that fails is told, none is
// given up, and what was counted last is stored after the context has ended.
func TestRunTellsOfFailuresAndStoresAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &memory{before: func() error { return errDown }}
		l := newLedger(t, quota.Config{Store: s, Clock: time.Now})
		ctx, stop := context.WithCancel(t.Context())
		failures := 0
		done := make(chan struct{})
		go func() {
			l.Run(ctx, func(error) { failures++ })
			close(done)
		}()
		l.Count(out("a", "p"), quota.Limits{})
		<-time.After(61*time.Second + time.Millisecond)
		synctest.Wait()
		if failures != 61 || s.rereads != 1 {
			t.Errorf("%d failures and %d readings of what was declared in 61 seconds", failures, s.rereads)
		}
		s.mu.Lock()
		s.before = nil
		s.mu.Unlock()
		stop()
		<-done
		if days := s.stored(); len(days) != 1 {
			t.Errorf("stored at the end: %v", days)
		}
	})
}

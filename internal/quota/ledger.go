// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package quota

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// warnAt is the part of a limit at which somebody should know, in hundredths.
const warnAt = 80

// Config are the parts of a Ledger. Clock and Location are mandatory.
type Config struct {
	Store    Store // nil keeps the count in this process alone
	Clock    func() time.Time
	Location *time.Location // Europe/Rome
	// Shared says that other processes use the same store: then their calls are read every
	// second, even when this one has made none; else what is stored of a day is read once.
	Shared bool
	// Warn is told once a day of every limit of which four fifths are used. It must not block.
	Warn func(Warning)
}

// A Warning is a limit that is nearly used up.
type Warning struct {
	Key
	Reason      Reason // which limit
	Used, Limit int64
}

// Ledger counts and decides. It is safe for concurrent use.
type Ledger struct {
	cfg Config

	syncing sync.Mutex // held by the one that talks to the store
	read    string     // the day whose rows were read last; of who holds syncing

	mu       sync.Mutex
	from, to time.Time // the day that is counted
	day      string
	rows     map[Key]*row
	sums     map[Key]int64 // by key without purpose, and without consumer too
	late     []Usage       // increments of earlier days that are not stored
	declared map[Key]int64 // by Declared.key
	failing  time.Time     // since when the store does not take calls; zero when it does
	warned   map[warnedKey]bool
}

type warnedKey struct {
	Key

	reason Reason
}

// row is a row of the day: what the store has, what is on its way there and what is new.
type row struct {
	stored         Usage
	flight, fresh  Usage // increments
	sent, modified bool  // flight, fresh hold something
}

func (r *row) used() int64 { return r.stored.Used + r.flight.Used + r.fresh.Used }

func (r *row) stopped() bool { return r.stored.Stopped || r.flight.Stopped || r.fresh.Stopped }

// New returns an empty ledger: Sync fills it, before which nothing should be counted.
func New(c Config) (*Ledger, error) {
	if c.Clock == nil || c.Location == nil {
		return nil, errors.New("quota: clock and location are mandatory")
	}
	if c.Warn == nil {
		c.Warn = func(Warning) {}
	}
	l := &Ledger{cfg: c, declared: map[Key]int64{}}
	l.roll(c.Clock())
	return l, nil
}

// Check decides about a call without counting it. batch is a call that no person waits for.
func (l *Ledger) Check(k Key, limits Limits, batch bool) Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Clock()
	l.roll(now)
	return l.judge(k, l.withDeclared(k, limits), batch, now)
}

// Take decides about a call and counts it when it may be made.
func (l *Ledger) Take(k Key, limits Limits, batch bool) Verdict {
	l.mu.Lock()
	now := l.cfg.Clock()
	l.roll(now)
	limits = l.withDeclared(k, limits)
	v := l.judge(k, limits, batch, now)
	var warnings []Warning
	if v.Refused == "" {
		l.add(k, now)
		if v.Limit > 0 {
			v.Remaining--
		}
		warnings = l.warnings(k, limits)
	}
	l.mu.Unlock()
	l.warn(warnings)
	return v
}

// Count counts one request on the wire, whatever came of it: registries count failed ones too.
func (l *Ledger) Count(k Key, limits Limits) {
	l.mu.Lock()
	now := l.cfg.Clock()
	l.roll(now)
	l.add(k, now)
	warnings := l.warnings(k, l.withDeclared(k, limits))
	l.mu.Unlock()
	l.warn(warnings)
}

// Told keeps what the registry said of its own count.
func (l *Ledger) Told(k Key, limit, remaining int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Clock()
	l.roll(now)
	r := l.row(k)
	r.fresh.ToldLimit, r.fresh.ToldRemaining, r.fresh.ToldAt, r.modified = limit, remaining, now, true
}

// Stop ends the calls of a purpose until midnight: the registry said that the quota is used
// up, and every further call would be counted as well.
func (l *Ledger) Stop(k Key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(l.cfg.Clock())
	r := l.row(k)
	r.fresh.Stopped, r.modified = true, true
}

// Today returns the rows of the day, as this process knows them, in a fixed order.
func (l *Ledger) Today() []Usage {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(l.cfg.Clock())
	out := make([]Usage, 0, len(l.rows))
	for k, r := range l.rows {
		u := latest(latest(r.stored, r.flight), r.fresh)
		u.Day, u.Key = l.day, k
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b Usage) int { return compare(a.Key, b.Key) })
	return out
}

// LimitOf is the limits with what was declared on PDND: the tighter of the two.
func (l *Ledger) LimitOf(k Key, limits Limits) Limits {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.withDeclared(k, limits)
}

func compare(a, b Key) int {
	return cmp.Or(strings.Compare(a.Environment, b.Environment), strings.Compare(string(a.Direction), string(b.Direction)),
		strings.Compare(a.Eservice, b.Eservice), strings.Compare(a.Consumer, b.Consumer), strings.Compare(a.Purpose, b.Purpose))
}

// latest adds what is newer to a row.
func latest(u, more Usage) Usage {
	u.Used, u.Night, u.Stopped = u.Used+more.Used, u.Night+more.Night, u.Stopped || more.Stopped
	if more.ToldAt.After(u.ToldAt) {
		u.ToldLimit, u.ToldRemaining, u.ToldAt = more.ToldLimit, more.ToldRemaining, more.ToldAt
	}
	return u
}

// roll begins a day when the last one is over; l.mu is held.
func (l *Ledger) roll(now time.Time) {
	if !now.Before(l.from) && now.Before(l.to) {
		return
	}
	if now.Before(l.from) && l.from.Sub(now) < time.Hour {
		return // a clock that was set back a little does not begin yesterday again
	}
	for k, r := range l.rows {
		for _, u := range []Usage{r.flight, r.fresh} {
			if u != (Usage{}) {
				u.Day, u.Key = l.day, k
				l.late = append(l.late, u)
			}
		}
	}
	local := now.In(l.cfg.Location)
	y, m, d := local.Date()
	l.from = time.Date(y, m, d, 0, 0, 0, 0, l.cfg.Location)
	l.to = time.Date(y, m, d+1, 0, 0, 0, 0, l.cfg.Location)
	l.day = local.Format(time.DateOnly)
	l.rows, l.sums, l.warned = map[Key]*row{}, map[Key]int64{}, map[warnedKey]bool{}
}

func (l *Ledger) row(k Key) *row {
	r := l.rows[k]
	if r == nil {
		r = &row{}
		l.rows[k] = r
	}
	return r
}

func (k Key) ofConsumer() Key { k.Purpose = ""; return k }
func (k Key) ofAll() Key      { k.Purpose, k.Consumer = "", ""; return k }

// add counts one call; l.mu is held.
func (l *Ledger) add(k Key, now time.Time) {
	r := l.row(k)
	r.fresh.Used++
	r.modified = true
	if AtNight(now.In(l.cfg.Location)) {
		r.fresh.Night++
	}
	l.sums[k.ofConsumer()]++
	l.sums[k.ofAll()]++
}

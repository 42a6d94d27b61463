// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package quota

import (
	"context"
	"slices"
	"time"
)

const (
	syncEvery     = time.Second
	declaredEvery = time.Minute
	// KeptDays is how many days of the ledger are kept: a mean of thirty needs no more.
	KeptDays = 400
)

// Run brings the calls of this process to the store until ctx ends, and then once more.
// failed is told of every attempt that fails.
func (l *Ledger) Run(ctx context.Context, failed func(error)) {
	ticker := time.NewTicker(syncEvery)
	defer ticker.Stop()
	reread := l.cfg.Clock().Add(declaredEvery)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := l.Sync(last); err != nil {
				failed(err)
			}
			return
		case <-ticker.C:
		}
		var err error
		if now := l.cfg.Clock(); !now.Before(reread) {
			err = l.Reread(ctx)
			reread = now.Add(declaredEvery)
		}
		if err == nil && (l.cfg.Shared || l.pending()) {
			err = l.Sync(ctx)
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}

func (l *Ledger) pending() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.late) > 0 || !l.failing.IsZero() {
		return true
	}
	for _, r := range l.rows {
		if r.modified {
			return true
		}
	}
	return false
}

// Reread reads what the purposes have declared.
func (l *Ledger) Reread(ctx context.Context) error {
	if l.cfg.Store == nil {
		return nil
	}
	list, err := l.cfg.Store.Declared(ctx)
	if err != nil {
		return err
	}
	declared := make(map[Key]int64, len(list))
	for _, d := range list {
		declared[d.key()] = d.DailyCalls
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.declared = declared
	return nil
}

// Sync stores what was counted since and reads what the other replicas have stored. After an
// error it is counted as not stored, and may then be counted twice: too many, never too few.
func (l *Ledger) Sync(ctx context.Context) error {
	if l.cfg.Store == nil {
		return nil
	}
	l.syncing.Lock()
	defer l.syncing.Unlock()
	day, err := l.send(ctx)
	if err == nil && (l.cfg.Shared || l.read != day) {
		err = l.fetch(ctx, day)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.failing = time.Time{}
	case l.failing.IsZero():
		l.failing = l.cfg.Clock()
	}
	return err
}

// send stores what is new and returns the day that is counted.
func (l *Ledger) send(ctx context.Context) (day string, err error) {
	deltas, late, day := l.takeOff()
	if all := slices.Concat(deltas, late); len(all) > 0 {
		err = l.cfg.Store.AddUsage(ctx, all)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.giveBack(late, day)
	case day == l.day:
		l.arrive()
	default: // the day has ended meanwhile, and roll took what was on its way as late
		l.forget(deltas)
	}
	return day, err
}

// fetch reads what the store has of a day.
func (l *Ledger) fetch(ctx context.Context, day string) error {
	rows, err := l.cfg.Store.Usage(ctx, day, day)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if day == l.day {
		l.land(rows)
		l.read = day
	}
	return nil
}

// takeOff moves what is new into flight and returns it.
func (l *Ledger) takeOff() (deltas, late []Usage, day string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(l.cfg.Clock())
	for k, r := range l.rows {
		if !r.modified {
			continue
		}
		r.flight, r.fresh, r.sent, r.modified = r.fresh, Usage{}, true, false
		u := r.flight
		u.Day, u.Key = l.day, k
		deltas = append(deltas, u)
	}
	late, l.late = l.late, nil
	return deltas, late, l.day
}

// giveBack makes what was on its way new again; l.mu is held. When the day has ended
// meanwhile, roll has done it.
func (l *Ledger) giveBack(late []Usage, day string) {
	l.late = append(l.late, late...)
	if day != l.day {
		return
	}
	for _, r := range l.rows {
		if r.sent {
			r.fresh, r.flight, r.sent, r.modified = latest(r.flight, r.fresh), Usage{}, false, true
		}
	}
}

// arrive counts what was on its way as stored; l.mu is held.
func (l *Ledger) arrive() {
	for _, r := range l.rows {
		if r.sent {
			r.stored, r.flight, r.sent = latest(r.stored, r.flight), Usage{}, false
		}
	}
}

// land replaces what is known of the day by what the store has; nothing is on its way, and l.mu is held.
func (l *Ledger) land(rows []Usage) {
	for _, u := range rows {
		r := l.row(u.Key)
		r.stored = u
	}
	l.sums = map[Key]int64{}
	for k, r := range l.rows {
		l.sums[k.ofConsumer()] += r.used()
		l.sums[k.ofAll()] += r.used()
	}
}

// forget takes what was stored after all out of what roll kept as late; l.mu is held.
func (l *Ledger) forget(stored []Usage) {
	kept := l.late[:0]
	for _, u := range l.late {
		found := -1
		for i, s := range stored {
			if s == u {
				found = i
				break
			}
		}
		if found < 0 {
			kept = append(kept, u)
			continue
		}
		stored = append(stored[:found:found], stored[found+1:]...)
	}
	l.late = kept
}

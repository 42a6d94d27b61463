// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package quota

import "time"

// blindFor is how long calls with a limit go on while the store does not take the count.
const blindFor = time.Minute

// level is one limit and what of it is used.
type level struct {
	reason      Reason
	used, limit int64
}

// levels are the limits that there are; l.mu is held. A key without row is read only.
func (l *Ledger) levels(k Key, limits Limits) [3]level {
	var own int64
	if r := l.rows[k]; r != nil {
		own = r.used()
	}
	return [3]level{
		{Purpose, own, limits.Purpose},
		{Consumer, l.sums[k.ofConsumer()], limits.Consumer},
		{Total, l.sums[k.ofAll()], limits.Total},
	}
}

// judge decides; l.mu is held.
func (l *Ledger) judge(k Key, limits Limits, batch bool, now time.Time) Verdict {
	v := Verdict{Reset: l.to.Sub(now)}
	for _, at := range l.levels(k, limits) {
		if at.limit == 0 {
			continue
		}
		left := max(at.limit-at.used, 0)
		if v.Limit == 0 || left < v.Remaining {
			v.Limit, v.Remaining = at.limit, left
		}
		if left == 0 && v.Refused == "" {
			v.Refused = at.reason
		}
	}
	r := l.rows[k]
	switch {
	case r != nil && r.stopped():
		v.Refused = Stopped
	case v.Refused != "" || v.Limit == 0:
	case !l.failing.IsZero() && now.Sub(l.failing) > blindFor:
		v.Refused, v.Reset = Unknown, 0
	case batch && v.Remaining*100 <= v.Limit*limits.Reserve:
		v.Refused = Reserved
	}
	return v
}

// withDeclared tightens limits by what PDND says was declared: by the purpose and, of an e-service of an ente, by itself;
// l.mu is held.
func (l *Ledger) withDeclared(k Key, limits Limits) Limits {
	if len(l.declared) == 0 {
		return limits
	}
	if k.Purpose != "" {
		tighten(&limits.Purpose, l.declared[Key{Environment: k.Environment, Purpose: k.Purpose}])
	}
	if k.Direction == In {
		own := Key{Environment: k.Environment, Direction: In, Eservice: k.Eservice}
		tighten(&limits.Total, l.declared[own])
		own.Consumer = everyConsumer
		tighten(&limits.Consumer, l.declared[own])
	}
	return limits
}

func tighten(limit *int64, declared int64) {
	if declared > 0 && (*limit == 0 || declared < *limit) {
		*limit = declared
	}
}

// warnings are the limits that have just become nearly used up; l.mu is held.
func (l *Ledger) warnings(k Key, limits Limits) []Warning {
	if limits.none() {
		return nil
	}
	var out []Warning
	for _, at := range l.levels(k, limits) {
		if at.limit == 0 || at.used*100 < at.limit*warnAt {
			continue
		}
		about := k
		switch at.reason { //nolint:exhaustive // levels have three reasons
		case Consumer:
			about = k.ofConsumer()
		case Total:
			about = k.ofAll()
		}
		if key := (warnedKey{about, at.reason}); !l.warned[key] {
			l.warned[key] = true
			out = append(out, Warning{Key: about, Reason: at.reason, Used: at.used, Limit: at.limit})
		}
	}
	return out
}

func (l *Ledger) warn(list []Warning) {
	for _, w := range list {
		l.cfg.Warn(w)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package byhand

import (
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/modi"
)

// unit is a unit of time in both languages, singular and plural.
type unit struct {
	size          time.Duration
	itOne, itMany string
	enOne, enMany string
	following     int // index of the unit that is told besides
}

// inWords says a duration roughly: its two largest units.
func inWords(d time.Duration) modi.Text {
	const day = 24 * time.Hour
	units := []unit{
		{size: 365 * day, itOne: "anno", itMany: "anni", enOne: "year", enMany: "years", following: 1},
		{size: day, itOne: "giorno", itMany: "giorni", enOne: "day", enMany: "days", following: 2},
		{size: time.Hour, itOne: "ora", itMany: "ore", enOne: "hour", enMany: "hours", following: 3},
		{size: time.Minute, itOne: "minuto", itMany: "minuti", enOne: "minute", enMany: "minutes", following: 4},
		{size: time.Second, itOne: "secondo", itMany: "secondi", enOne: "second", enMany: "seconds"},
	}
	d = d.Abs().Round(time.Second)
	for _, u := range units {
		if d < u.size {
			continue
		}
		out := u.count(d / u.size)
		rest := d % u.size
		if next := units[u.following]; u.following > 0 && rest >= next.size {
			more := next.count(rest / next.size)
			return text(out.IT+" e "+more.IT, out.EN+" and "+more.EN)
		}
		return out
	}
	return text("meno di un secondo", "less than a second")
}

func (u unit) count(n time.Duration) modi.Text {
	if n == 1 {
		return text("1 "+u.itOne, "1 "+u.enOne)
	}
	return text(fmt.Sprintf("%d %s", n, u.itMany), fmt.Sprintf("%d %s", n, u.enMany))
}

// fromNow says where an instant lies.
func fromNow(at, now time.Time) modi.Text {
	d := at.Sub(now)
	w := inWords(d)
	switch {
	case d.Abs() < time.Second:
		return text("adesso", "now")
	case d > 0:
		return text("fra "+w.IT, "in "+w.EN)
	default:
		return text(w.IT+" fa", w.EN+" ago")
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package vigilanza says how far the calls of the enti are from what is watched: the quotas,
// and the two indicators of anomalous use that the Ministry computes for ANPR since July 2026,
// a volume far above the ente's own mean and calls outside working hours.
//
// It owns the indicators and the names under which the ledger is shown. It depends on quota
// for the counts and on config for the names. It stops nothing: quotas do.
package vigilanza

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/quota"
)

// The Ministry publishes which indicators it watches and not where they begin. These are the
// hub's own thresholds, prudent ones: what they do not flag is ordinary work.
const (
	// Days is over how many days before a day the mean is taken.
	Days = 30
	// Factor is how far above the mean a day stands out.
	Factor = 3
	// Least is the least number of calls of a day that can stand out.
	Least = 10
	// WarnFrom is the part of a threshold from which somebody should know, in hundredths.
	WarnFrom = 66
)

// A Level says how near an indicator is to its threshold.
type Level string

// The levels.
const (
	Regolare   Level = "regolare"
	Attenzione Level = "attenzione" // two thirds of the threshold
	Oltre      Level = "oltre"      // the threshold or more
)

// An Indicator is one count of one day against the mean of the thirty days before.
type Indicator struct {
	Indicatore string   `json:"indicatore"` // volume | fuori-orario
	Ambiente   string   `json:"ambiente"`
	Servizio   string   `json:"servizio"` // recipe, or the e-service where no binding names it
	Fruitore   string   `json:"fruitore"` // tenant on PDND, or codice IPA
	Enti       []string `json:"enti"`     // those of this hub that call as it
	Giorno     string   `json:"giorno"`
	Chiamate   int64    `json:"chiamate"`
	Media      float64  `json:"media"`    // of the days with calls, of the last thirty
	Giorni     int      `json:"giorni"`   // how many those were
	Soglia     int64    `json:"soglia"`   // calls from which the day stands out
	Distanza   int64    `json:"distanza"` // calls left before; 0 when it does stand out
	Livello    Level    `json:"livello"`
}

// The indicators.
const (
	Volume      = "volume"
	FuoriOrario = "fuori-orario"
)

type series struct{ environment, eservice, consumer string }

// Assess computes both indicators of a day for every e-service that is called. rows are those
// of the day and of the thirty before; others are left out.
func Assess(rows []quota.Usage, day string) []Indicator {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil
	}
	first := date.AddDate(0, 0, -Days).Format(time.DateOnly)
	type counts struct{ volume, night map[string]int64 }
	all := map[series]counts{}
	for _, u := range rows {
		if u.Direction != quota.Out || u.Day < first || u.Day > day {
			continue
		}
		key := series{u.Environment, u.Eservice, u.Consumer}
		if all[key].volume == nil {
			all[key] = counts{map[string]int64{}, map[string]int64{}}
		}
		all[key].volume[u.Day] += u.Used
		all[key].night[u.Day] += u.Night
	}
	var out []Indicator
	for key, c := range all {
		for name, of := range map[string]map[string]int64{Volume: c.volume, FuoriOrario: c.night} {
			i := indicator(of, c.volume, day)
			i.Indicatore, i.Ambiente, i.Servizio, i.Fruitore = name, key.environment, key.eservice, key.consumer
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b Indicator) int {
		return cmp.Or(strings.Compare(a.Ambiente, b.Ambiente), strings.Compare(a.Servizio, b.Servizio),
			strings.Compare(a.Fruitore, b.Fruitore), strings.Compare(b.Indicatore, a.Indicatore))
	})
	return out
}

// indicator compares the count of a day with its mean over the earlier days that had calls at
// all. An ente without earlier days has no mean: only the least number counts.
func indicator(of, volume map[string]int64, day string) Indicator {
	i := Indicator{Giorno: day, Chiamate: of[day]}
	var sum int64
	for d, calls := range volume {
		if d < day && calls > 0 {
			sum += of[d]
			i.Giorni++
		}
	}
	if i.Giorni > 0 {
		i.Media = float64(sum) / float64(i.Giorni)
	}
	i.Soglia = max(int64(Factor*i.Media)+1, Least)
	i.Distanza = max(i.Soglia-i.Chiamate, 0)
	switch {
	case i.Distanza == 0 && i.Giorni > 0:
		i.Livello = Oltre
	case i.Chiamate*100 >= i.Soglia*WarnFrom && i.Giorni > 0:
		i.Livello = Attenzione
	default:
		i.Livello = Regolare
	}
	return i
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package kpi

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Figures are the figures of an e-service over some time. Ratios and times are absent where nothing was measured.
type Figures struct {
	Ente     string `json:"ente"`
	Ambiente string `json:"ambiente"`
	Servizio string `json:"servizio"`
	Giorno   string `json:"giorno,omitempty"` // of a row by day

	Chiamate     int64 `json:"chiamate"`     // with a verified voucher
	Riuscite     int64 `json:"riuscite"`     // the procedure's answer was delivered
	Guaste       int64 `json:"guaste"`       // answered with 500 and more
	Rifiutate    int64 `json:"rifiutate"`    // refused to a known caller
	SenzaVoucher int64 `json:"senzaVoucher"` // calls without a verified voucher
	// GuasteSenzaVoucher are those of senzaVoucher that were answered with 500 and more: the hub could not tell whose they were.
	GuasteSenzaVoucher int64 `json:"guasteSenzaVoucher"`

	Disponibilita *float64 `json:"disponibilita,omitempty"` // 1 - (guaste+guasteSenzaVoucher)/(chiamate+guasteSenzaVoucher)
	Successo      *float64 `json:"successo,omitempty"`      // riuscite/chiamate
	P50           *float64 `json:"p50ms,omitempty"`         // of riuscite, in milliseconds
	P90           *float64 `json:"p90ms,omitempty"`
	P99           *float64 `json:"p99ms,omitempty"`
}

// Caller is what one consumer did for one purpose.
type Caller struct {
	Ente      string    `json:"ente"`
	Ambiente  string    `json:"ambiente"`
	Servizio  string    `json:"servizio"`
	Fruitore  string    `json:"fruitore"`
	Finalita  string    `json:"finalita"`
	Chiamate  int64     `json:"chiamate"`
	Riuscite  int64     `json:"riuscite"`
	Guaste    int64     `json:"guaste"`
	Rifiutate int64     `json:"rifiutate"`
	Prima     time.Time `json:"prima"`
	Ultima    time.Time `json:"ultima"`
}

// Refusal is how often a rule refused or failed calls, those without a voucher too.
type Refusal struct {
	Ente     string `json:"ente"`
	Ambiente string `json:"ambiente"`
	Servizio string `json:"servizio"`
	Regola   string `json:"regola"`
	Chiamate int64  `json:"chiamate"`
}

// Report is what was counted from a day to another, both included.
type Report struct {
	Dal      string    `json:"dal"`
	Al       string    `json:"al"`
	Servizi  []Figures `json:"servizi"`
	Giorni   []Figures `json:"giorni"`
	Fruitori []Caller  `json:"fruitori"`
	Rifiuti  []Refusal `json:"rifiuti"`
}

// Callers tells who called, of all the days that are kept when the query names none, what this process has counted included.
// An error is a "don't know".
func (l *Ledger) Callers(ctx context.Context, q Query) ([]Caller, error) {
	if err := l.Sync(ctx); err != nil {
		return nil, err
	}
	if q.From == "" {
		q.From = "0000-00-00"
	}
	if q.To == "" {
		q.To = "9999-99-99"
	}
	calls, err := l.store.KPICalls(ctx, q)
	if err != nil {
		return nil, err
	}
	return callersOf(calls), nil
}

// Report reads the counts that were chosen and makes the figures of them, what this process has counted included. A query that
// names no days is of the last thirty, today's among them. An error is a "don't know".
func (l *Ledger) Report(ctx context.Context, q Query) (Report, error) {
	q = l.days(q)
	if err := l.Sync(ctx); err != nil {
		return Report{}, err
	}
	calls, err := l.store.KPICalls(ctx, q)
	if err != nil {
		return Report{}, err
	}
	counts, err := l.store.KPICounts(ctx, q)
	if err != nil {
		return Report{}, err
	}
	r := Report{Dal: q.From, Al: q.To}
	r.Giorni = figures(calls, counts, func(s Series) Series { return s })
	r.Servizi = figures(calls, counts, func(s Series) Series { s.Day = ""; return s })
	r.Fruitori = callersOf(calls)
	r.Rifiuti = refusals(counts)
	return r, nil
}

// Purge forgets the days that nobody compares with any more.
func (l *Ledger) Purge(ctx context.Context, now time.Time) (int, error) {
	return l.store.PurgeKPI(ctx, now.In(l.location).AddDate(0, 0, -KeptDays).Format(time.DateOnly))
}

func figures(calls []Calls, counts []Count, of func(Series) Series) []Figures {
	sums, times := map[Series]*Figures{}, map[Series][]int64{}
	for _, c := range calls {
		s := of(c.Series)
		f := sums[s]
		if f == nil {
			f = &Figures{Ente: s.Ente, Ambiente: s.Environment, Servizio: s.Service, Giorno: s.Day}
			sums[s] = f
		}
		if c.Consumer == "" {
			f.SenzaVoucher, f.GuasteSenzaVoucher = f.SenzaVoucher+c.Calls, f.GuasteSenzaVoucher+c.Faulty
			continue
		}
		f.Chiamate, f.Riuscite, f.Guaste, f.Rifiutate = f.Chiamate+c.Calls, f.Riuscite+c.Good, f.Guaste+c.Faulty, f.Rifiutate+c.Refused
	}
	for _, c := range counts {
		n, err := strconv.Atoi(c.Value)
		if c.Kind != KindTime || err != nil || n < 0 || n > intervals {
			continue
		}
		s := of(c.Series)
		if times[s] == nil {
			times[s] = make([]int64, intervals+1)
		}
		times[s][n] += c.Calls
	}
	list := make([]Figures, 0, len(sums))
	for s, f := range sums {
		if all := f.Chiamate + f.GuasteSenzaVoucher; all > 0 {
			f.Disponibilita = ratio(f.Chiamate-f.Guaste, all)
		}
		if f.Chiamate > 0 {
			f.Successo = ratio(f.Riuscite, f.Chiamate)
		}
		f.P50, f.P90, f.P99 = percentile(times[s], 50), percentile(times[s], 90), percentile(times[s], 99)
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b Figures) int {
		return cmp.Or(strings.Compare(a.Giorno, b.Giorno), strings.Compare(a.Ente, b.Ente), strings.Compare(a.Ambiente, b.Ambiente), strings.Compare(a.Servizio, b.Servizio))
	})
	return list
}

func ratio(part, whole int64) *float64 {
	r := float64(part) / float64(whole)
	return &r
}

// percentile is the time that so many hundredths of the calls took at most, interpolated within its interval; nil
// without calls.
func percentile(times []int64, hundredths int64) *float64 {
	var all int64
	for _, n := range times {
		all += n
	}
	if all == 0 {
		return nil
	}
	rank := (all*hundredths + 99) / 100 // the smallest number of calls that are so many hundredths
	var below int64
	for i, n := range times {
		if below+n < rank {
			below += n
			continue
		}
		low := 0.0
		if i > 0 {
			low = upTo(i - 1)
		}
		v := low + (upTo(i)-low)*float64(rank-below)/float64(n)
		return &v
	}
	return nil
}

func callersOf(calls []Calls) []Caller {
	sums := map[callsKey]*Caller{}
	for _, c := range calls {
		if c.Consumer == "" {
			continue
		}
		s := c.Series
		s.Day = ""
		key := callsKey{s, c.Consumer, c.Purpose}
		sum := sums[key]
		if sum == nil {
			sum = &Caller{Ente: s.Ente, Ambiente: s.Environment, Servizio: s.Service, Fruitore: c.Consumer, Finalita: c.Purpose, Prima: c.First, Ultima: c.Last}
			sums[key] = sum
		}
		sum.Chiamate, sum.Riuscite, sum.Guaste, sum.Rifiutate = sum.Chiamate+c.Calls, sum.Riuscite+c.Good, sum.Guaste+c.Faulty, sum.Rifiutate+c.Refused
		if c.First.Before(sum.Prima) {
			sum.Prima = c.First
		}
		if c.Last.After(sum.Ultima) {
			sum.Ultima = c.Last
		}
	}
	list := make([]Caller, 0, len(sums))
	for _, s := range sums {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Caller) int {
		return cmp.Or(strings.Compare(a.Ente, b.Ente), strings.Compare(a.Ambiente, b.Ambiente), strings.Compare(a.Servizio, b.Servizio),
			strings.Compare(a.Fruitore, b.Fruitore), strings.Compare(a.Finalita, b.Finalita))
	})
	return list
}

func refusals(counts []Count) []Refusal {
	sums := map[Refusal]int64{}
	for _, c := range counts {
		if c.Kind == KindRule {
			sums[Refusal{Ente: c.Ente, Ambiente: c.Environment, Servizio: c.Service, Regola: c.Value}] += c.Calls
		}
	}
	list := make([]Refusal, 0, len(sums))
	for r, n := range sums {
		r.Chiamate = n
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Refusal) int {
		return cmp.Or(strings.Compare(a.Ente, b.Ente), strings.Compare(a.Ambiente, b.Ambiente), strings.Compare(a.Servizio, b.Servizio),
			cmp.Compare(b.Chiamate, a.Chiamate), strings.Compare(a.Regola, b.Regola))
	})
	return list
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package kpi_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/kpi"
	"github.com/snodo-pa/snodo/internal/replay/replaytest"
	"github.com/snodo-pa/snodo/internal/store/storetest"
)

// memory is a store that may fail.
type memory struct {
	mu     sync.Mutex
	err    error
	calls  []kpi.Calls
	counts []kpi.Count
}

func (m *memory) AddKPI(_ context.Context, calls []kpi.Calls, counts []kpi.Count) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.calls, m.counts = append(m.calls, calls...), append(m.counts, counts...)
	return nil
}

func (m *memory) KPICalls(context.Context, kpi.Query) ([]kpi.Calls, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls, m.err
}

func (m *memory) KPICounts(context.Context, kpi.Query) ([]kpi.Count, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts, m.err
}

func (m *memory) PurgeKPI(context.Context, string) (int, error) { return 0, m.err }

func rome(t testing.TB) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func ledger(t testing.TB, s kpi.Store, clock func() time.Time) *kpi.Ledger {
	t.Helper()
	l, err := kpi.New(s, clock, rome(t))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func call(status int, rule string, took time.Duration) kpi.Call {
	return kpi.Call{
		Ente: "c_a", Environment: "collaudo", Service: "pratiche", Consumer: "c-1", Purpose: "p-1", Status: status, Rule: rule, Took: took,
	}
}

func TestWhatCountsAsWhat(t *testing.T) {
	at := time.Date(2026, 11, 1, 23, 30, 0, 0, time.UTC) // the second in Italy
	l := ledger(t, &memory{}, func() time.Time { return at })
	stranger := call(401, "pdnd.voucher/expired", time.Millisecond)
	stranger.Consumer, stranger.Purpose = "", ""
	for _, c := range []kpi.Call{
		call(200, "", 10*time.Millisecond), call(404, "", 10*time.Millisecond), // both are answers of the procedure
		call(429, "hub.exposure/quota-total", time.Millisecond), call(503, "hub.backend/unavailable", time.Second),
		call(500, "", time.Millisecond), stranger,
	} {
		l.Count(c)
	}
	r, err := l.Report(t.Context(), kpi.Query{From: "2026-11-01", To: "2026-11-30"})
	if err != nil || len(r.Servizi) != 1 || len(r.Giorni) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	got := r.Servizi[0]
	if got.Chiamate != 5 || got.Riuscite != 2 || got.Guaste != 2 || got.Rifiutate != 1 || got.SenzaVoucher != 1 {
		t.Errorf("%+v", got)
	}
	if *got.Disponibilita != 0.6 || *got.Successo != 0.4 {
		t.Errorf("available %v, success %v", *got.Disponibilita, *got.Successo)
	}
	if math.Abs(*got.P50-10) > 1 {
		t.Errorf("p50 %v", *got.P50)
	}
	if r.Giorni[0].Giorno != "2026-11-02" {
		t.Errorf("the day is %s", r.Giorni[0].Giorno)
	}
	want := []kpi.Caller{{
		Ente: "c_a", Ambiente: "collaudo", Servizio: "pratiche", Fruitore: "c-1", Finalita: "p-1",
		Chiamate: 5, Riuscite: 2, Guaste: 2, Rifiutate: 1, Prima: at, Ultima: at,
	}}
	if diff := cmp.Diff(want, r.Fruitori); diff != "" {
		t.Error(diff)
	}
	var rules []string
	for _, x := range r.Rifiuti {
		rules = append(rules, x.Regola)
	}
	if diff := cmp.Diff([]string{"hub.backend/unavailable", "hub.exposure/quota-total", "pdnd.voucher/expired"}, rules); diff != "" {
		t.Error(diff)
	}
}

func TestPercentilesAreKnownToATenth(t *testing.T) {
	l := ledger(t, &memory{}, time.Now)
	for ms := 1; ms <= 1000; ms++ {
		l.Count(call(200, "", time.Duration(ms)*time.Millisecond))
	}
	r, err := l.Report(t.Context(), kpi.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[float64]*float64{500: r.Servizi[0].P50, 900: r.Servizi[0].P90, 990: r.Servizi[0].P99} {
		if got == nil || math.Abs(*got-want)/want > 0.1 {
			t.Errorf("%v, want %v", *got, want)
		}
	}
	slow := ledger(t, &memory{}, time.Now)
	slow.Count(call(200, "", time.Hour))
	slow.Count(call(200, "", 0))
	r, err = slow.Report(t.Context(), kpi.Query{})
	if err != nil || *r.Servizi[0].P99 < 60_000 || *r.Servizi[0].P50 > 1 {
		t.Errorf("%+v, %v", r.Servizi, err)
	}
}

func TestWhatWasNotMeasuredIsAbsent(t *testing.T) {
	l := ledger(t, &memory{}, time.Now)
	stranger := call(401, "pdnd.voucher/expired", time.Millisecond)
	stranger.Consumer = ""
	l.Count(stranger)
	r, err := l.Report(t.Context(), kpi.Query{From: "2026-11-01", To: "2026-11-30"})
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(r.Servizi)
	if err != nil || strings.Contains(string(data), "p50ms") || strings.Contains(string(data), "disponibilita") {
		t.Errorf("%s, %v", data, err)
	}
	var b strings.Builder
	if err := r.CSV(&b, kpi.TableServices); err != nil || !strings.Contains(b.String(), "c_a,collaudo,pratiche,0,0,0,0,1,0,,,,,\r\n") {
		t.Errorf("%s, %v", b.String(), err)
	}
}

// TestNobodyGettingInIsNotAvailability: what failed before the hub knew whose call it was counts against the service, unless
// whoever calls can cause it at will.
func TestNobodyGettingInIsNotAvailability(t *testing.T) {
	l := ledger(t, &memory{}, time.Now)
	l.Count(call(200, "", time.Millisecond))
	shut := call(503, "hub.exposure/keys-undecided", time.Millisecond)
	shut.Consumer, shut.Purpose = "", ""
	for range 3 {
		l.Count(shut)
	}
	crowded := shut
	crowded.Rule, crowded.Anybody = "hub.internal/busy", true
	l.Count(crowded)
	known := call(503, "hub.internal/busy", time.Millisecond)
	known.Anybody = true
	l.Count(known)
	r, err := l.Report(t.Context(), kpi.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if f := r.Servizi[0]; f.Chiamate != 2 || f.Guaste != 1 || f.SenzaVoucher != 4 || f.GuasteSenzaVoucher != 3 || *f.Disponibilita != 0.2 || *f.Successo != 0.5 {
		t.Errorf("%+v, available %v", f, *f.Disponibilita)
	}
	alone := ledger(t, &memory{}, time.Now)
	alone.Count(shut)
	if r, err = alone.Report(t.Context(), kpi.Query{}); err != nil || *r.Servizi[0].Disponibilita != 0 || r.Servizi[0].Successo != nil {
		t.Errorf("%+v, %v", r.Servizi, err)
	}
}

// TestAReportWithoutDaysIsOfThirty, the last of them today in Italy.
func TestAReportWithoutDaysIsOfThirty(t *testing.T) {
	l := ledger(t, &memory{}, func() time.Time { return time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC) })
	for q, want := range map[kpi.Query][2]string{
		{}:                                     {"2026-11-02", "2026-12-01"},
		{To: "2026-10-31"}:                     {"2026-10-02", "2026-10-31"},
		{From: "2026-11-30"}:                   {"2026-11-30", "2026-12-01"},
		{From: "2026-01-01", To: "2026-01-02"}: {"2026-01-01", "2026-01-02"},
	} {
		if r, err := l.Report(t.Context(), q); err != nil || r.Dal != want[0] || r.Al != want[1] {
			t.Errorf("%+v: %s to %s, %v", q, r.Dal, r.Al, err)
		}
	}
}

// TestCallersOfAllDays, without the figures of the days.
func TestCallersOfAllDays(t *testing.T) {
	clock := replaytest.NewClock()
	l := ledger(t, storetest.SQLite(t).Migrated(t, clock.Now).KPI(), clock.Now)
	l.Count(call(200, "", time.Millisecond))
	clock.Advance(400 * 24 * time.Hour)
	l.Count(call(403, "hub.exposure/caller-suspended", time.Millisecond))
	list, err := l.Callers(t.Context(), kpi.Query{Ente: "c_a"})
	if err != nil || len(list) != 1 || list[0].Chiamate != 2 || list[0].Rifiutate != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err = l.Callers(t.Context(), kpi.Query{Ente: "c_b"}); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestTablesOfCSV(t *testing.T) {
	at := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	l := ledger(t, &memory{}, func() time.Time { return at })
	l.Count(call(200, "", time.Millisecond))
	l.Count(call(403, "hub.exposure/caller-suspended", time.Millisecond))
	r, err := l.Report(t.Context(), kpi.Query{From: "2026-11-01", To: "2026-11-30"})
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]string{
		kpi.TableServices: "2026-11-01,2026-11-30,c_a,collaudo,pratiche,2,1,0,1,0,0,1.0000,0.5000,1.0,1.0,1.0\r\n",
		kpi.TableDays:     "2026-11-02,2026-11-02,c_a,collaudo,pratiche,2,1,0,1,0,0,1.0000,0.5000,1.0,1.0,1.0\r\n",
		kpi.TableCallers:  "c_a,collaudo,pratiche,c-1,p-1,2,1,0,1,2026-11-02T10:00:00Z,2026-11-02T10:00:00Z\r\n",
		kpi.TableRefusals: "c_a,collaudo,pratiche,hub.exposure/caller-suspended,1\r\n",
	} {
		var b strings.Builder
		if err := r.CSV(&b, table); err != nil || !strings.HasSuffix(b.String(), want) || strings.Count(b.String(), "\r\n") != 2 {
			t.Errorf("%s: %v\n%s", table, err, b.String())
		}
		if table == kpi.TableDays && strings.Contains(b.String(), "c-1") {
			t.Error("times and volumes name a consumer")
		}
	}
	if err := r.CSV(&strings.Builder{}, "altro"); !errors.Is(err, kpi.ErrTable) {
		t.Error(err)
	}
	if len(kpi.Tables()) != 4 {
		t.Error("tables")
	}
}

func TestNothingIsLostWhileTheStoreIsAway(t *testing.T) {
	m := &memory{err: errors.New("no answer")}
	l := ledger(t, m, time.Now)
	for range 3 {
		l.Count(call(200, "", time.Millisecond))
		if err := l.Sync(t.Context()); err == nil {
			t.Fatal("the store is away")
		}
	}
	if _, err := l.Report(t.Context(), kpi.Query{}); err == nil {
		t.Error("a report without a store")
	}
	m.err = nil
	r, err := l.Report(t.Context(), kpi.Query{})
	if err != nil || r.Servizi[0].Chiamate != 3 || r.Servizi[0].P50 == nil {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRunStoresNowAndThenAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		l := ledger(t, m, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		go l.Run(ctx, func(err error) { t.Error(err) })
		l.Count(call(200, "", time.Millisecond))
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if len(m.calls) != 1 {
			t.Errorf("%d rows", len(m.calls))
		}
		l.Count(call(200, "", time.Millisecond))
		cancel()
		synctest.Wait()
		if len(m.calls) != 2 {
			t.Errorf("the last calls were not stored: %d rows", len(m.calls))
		}
	})
}

// TestReplicasAddUp over one database, and what is old is forgotten.
func TestReplicasAddUp(t *testing.T) {
	clock := replaytest.NewClock()
	s := storetest.SQLite(t).Migrated(t, clock.Now).KPI()
	one, two := ledger(t, s, clock.Now), ledger(t, s, clock.Now)
	one.Count(call(200, "", time.Millisecond))
	two.Count(call(503, "hub.backend/unavailable", time.Millisecond))
	if err := one.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := kpi.Query{From: "2000-01-01", To: "2100-01-01"}
	r, err := two.Report(t.Context(), all)
	if err != nil || r.Servizi[0].Chiamate != 2 || *r.Servizi[0].Disponibilita != 0.5 {
		t.Errorf("%+v, %v", r, err)
	}
	if n, err := one.Purge(t.Context(), clock.Now().AddDate(0, 0, kpi.KeptDays)); err != nil || n != 0 {
		t.Errorf("purged %d, %v", n, err)
	}
	if n, err := one.Purge(t.Context(), clock.Now().AddDate(0, 0, kpi.KeptDays+1)); err != nil || n == 0 {
		t.Errorf("purged %d, %v", n, err)
	}
}

func TestManyCountAtOnce(t *testing.T) {
	l := ledger(t, &memory{}, time.Now)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			l.Count(call(200, "", time.Millisecond))
			if err := l.Sync(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	r, err := l.Report(t.Context(), kpi.Query{})
	if err != nil || r.Servizi[0].Chiamate != 32 {
		t.Errorf("%+v, %v", r.Servizi, err)
	}
}

func TestALedgerWithoutPartsIsRefused(t *testing.T) {
	if _, err := kpi.New(nil, time.Now, time.UTC); err == nil {
		t.Error("no store")
	}
}

// FuzzPercentiles: p50 <= p90 <= p99, none beyond the slowest call by more than a fifth, and nothing is lost.
func FuzzPercentiles(f *testing.F) {
	f.Add([]byte{1, 2, 3, 250})
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, times []byte) {
		l := ledger(t, &memory{}, time.Now)
		slowest := time.Millisecond
		for _, b := range times {
			took := time.Duration(b) * time.Duration(b) * time.Millisecond
			slowest = max(slowest, took)
			l.Count(call(200, "", took))
		}
		r, err := l.Report(t.Context(), kpi.Query{})
		if err != nil {
			t.Fatal(err)
		}
		if len(times) == 0 {
			if len(r.Servizi) != 0 {
				t.Fatalf("%+v", r.Servizi)
			}
			return
		}
		s := r.Servizi[0]
		if s.Riuscite != int64(len(times)) {
			t.Fatalf("%d of %d calls", s.Riuscite, len(times))
		}
		if *s.P50 > *s.P90 || *s.P90 > *s.P99 || *s.P50 <= 0 || *s.P99 > 1.2*float64(slowest.Milliseconds()) {
			t.Fatalf("p50 %v, p90 %v, p99 %v of at most %v", *s.P50, *s.P90, *s.P99, slowest)
		}
	})
}

// TestFiguresOfSeveralEntiAndDaysStayApart, in a fixed order.
func TestFiguresOfSeveralEntiAndDaysStayApart(t *testing.T) {
	now := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	l := ledger(t, &memory{}, func() time.Time { return now })
	for _, day := range []int{3, 2} {
		now = time.Date(2026, 11, day, 10, 0, 0, 0, time.UTC)
		for _, ente := range []string{"c_b", "c_a"} {
			for _, consumer := range []string{"c-2", "c-1"} {
				c := call(403, "hub.exposure/caller-suspended", time.Millisecond)
				c.Ente, c.Consumer = ente, consumer
				l.Count(c)
			}
		}
	}
	r, err := l.Report(t.Context(), kpi.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var days, services, consumers, rules []string
	for _, f := range r.Giorni {
		days = append(days, f.Giorno+" "+f.Ente)
	}
	for _, f := range r.Servizi {
		services = append(services, f.Ente)
		if f.Chiamate != 4 || f.P50 != nil || *f.Disponibilita != 1 || *f.Successo != 0 {
			t.Errorf("%+v", f)
		}
	}
	for _, c := range r.Fruitori {
		consumers = append(consumers, c.Ente+" "+c.Fruitore)
		if c.Prima.Day() != 2 || c.Ultima.Day() != 3 || c.Rifiutate != 2 {
			t.Errorf("%+v", c)
		}
	}
	for _, x := range r.Rifiuti {
		rules = append(rules, x.Ente)
		if x.Chiamate != 4 {
			t.Errorf("%+v", x)
		}
	}
	for _, tc := range []struct{ want, got []string }{
		{[]string{"2026-11-02 c_a", "2026-11-02 c_b", "2026-11-03 c_a", "2026-11-03 c_b"}, days},
		{[]string{"c_a", "c_b"}, services},
		{[]string{"c_a c-1", "c_a c-2", "c_b c-1", "c_b c-2"}, consumers},
		{[]string{"c_a", "c_b"}, rules},
	} {
		if diff := cmp.Diff(tc.want, tc.got); diff != "" {
			t.Error(diff)
		}
	}
}

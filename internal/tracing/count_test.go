// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tracing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/registry"
)

// export makes the file of a day and returns its lines without the header.
func (w *week) export(day string) (csv string, lost int64) {
	w.t.Helper()
	file, err := w.desk.Export(w.t.Context(), comune, registry.Locale, day)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(file.CSV[len(header):]), file.Lost
}

func row(day, voucher, status, count string) string {
	return day + "," + pdndtest.PurposeID + "," + voucher + "," + status + "," + count + "\n"
}

// TestADayEndsAtMidnightInItaly, in both roles, also on the days of 23 and 25 hours.
func TestADayEndsAtMidnightInItaly(t *testing.T) {
	w := newWeek(t)
	w.clock.set(w.at(30, 9, 0))
	autumn := time.Date(2026, 10, 25, 0, 0, 0, 0, w.rome) // 25 hours
	for n, at := range []time.Time{
		autumn.Add(-time.Second), autumn, autumn.Add(25*time.Hour - time.Second), autumn.Add(25 * time.Hour),
	} {
		w.log.acquired(at, pdndtest.PurposeID, voucher(n), 200)
		w.log.exposed(evidence.KindErogazioneEsito, at, pdndtest.PurposeID, voucher(10+n), 201)
	}
	got, lost := w.export("2026-10-25")
	want := row("2026-10-25", voucher(1), "200", "1") + row("2026-10-25", voucher(2), "200", "1") +
		row("2026-10-25", voucher(11), "201", "1") + row("2026-10-25", voucher(12), "201", "1")
	if got != want || lost != 0 {
		t.Errorf("lost %d\n%s\nwant\n%s", lost, got, want)
	}
}

// TestWhatCannotBeCountedIsTold: an erased side record, and identifiers that PDND refuses.
func TestWhatCannotBeCountedIsTold(t *testing.T) {
	w := newWeek(t)
	w.clock.set(w.at(3, 9, 0))
	w.log.put(evidence.KindAcquisizioneEsito, w.at(2, 9, 0), evidence.Stored{
		Entry: evidence.Entry{Vouchers: []string{voucher(1)}}, SideState: evidence.SideErased,
	})
	w.log.acquired(w.at(2, 10, 0), pdndtest.PurposeID, "no-uuid", 200)
	w.log.put(evidence.KindErogazioneRifiuto, w.at(2, 11, 0), evidence.Stored{Entry: evidence.Entry{Status: 429}}) // the count of many
	w.log.acquired(w.at(2, 12, 0), pdndtest.PurposeID, voucher(2), 299)
	got, lost := w.export("2026-11-02")
	if want := row("2026-11-02", voucher(2), "200", "1"); got != want || lost != 2 {
		t.Errorf("lost %d, want 2\n%s\nwant\n%s", lost, got, want)
	}
}

// TestEveryPageOfTheEvidenceIsCounted.
func TestEveryPageOfTheEvidenceIsCounted(t *testing.T) {
	w := newWeek(t)
	w.clock.set(w.at(3, 9, 0))
	for n := range 2*evidence.MaxPage + 7 {
		w.log.acquired(w.at(2, 9, 0).Add(time.Duration(n)*time.Second), pdndtest.PurposeID, voucher(1), 200)
	}
	if got, _ := w.export("2026-11-02"); got != row("2026-11-02", voucher(1), "200", "2007") {
		t.Error(got)
	}
}

// brokenLog cannot be read.
type brokenLog struct{}

func (brokenLog) List(context.Context, evidence.Query) ([]evidence.Stored, error) {
	return nil, evidence.ErrUnavailable
}

// TestNothingIsSentWhileTheEvidenceCannotBeRead: a silent day and an unread one differ.
func TestNothingIsSentWhileTheEvidenceCannotBeRead(t *testing.T) {
	w := newWeek(t)
	log := w.log
	w.evidence = brokenLog{}
	w.begin()
	w.log.acquired(w.at(2, 9, 0), pdndtest.PurposeID, voucher(1), 200)
	w.night(3, 4)
	if state, _ := w.imported("2026-11-02"); state != "" {
		t.Errorf("sent: %s", state)
	}
	if _, err := w.desk.Export(t.Context(), comune, registry.Locale, "2026-11-02"); !errors.Is(err, evidence.ErrUnavailable) {
		t.Errorf("Export = %v", err)
	}
	w.evidence = log
	w.begin()
	w.night(3, 9)
	if state, rows := w.imported("2026-11-02"); state != "COMPLETED" || len(rows) != 1 {
		t.Errorf("%s %v", state, rows)
	}
}

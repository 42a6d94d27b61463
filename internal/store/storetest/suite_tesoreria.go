// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/store"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

var treasuryChannel = tesoreria.Channel{Ente: "c_a", Environment: "locale"}

func treasuryAt() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 5, time.UTC) }

func treasuryFlow() tesoreria.FlowRow {
	return tesoreria.FlowRow{
		Channel: treasuryChannel, FlowKey: tesoreria.FlowKey{Year: 2026, ID: "2026-1#a"}, State: tesoreria.Signed, ChangedAt: treasuryAt(),
		Facts: []byte(`{"a":1}`), Box: seal.Box{Key: []byte{1}, Data: []byte{2}},
	}
}

// inTreasury runs a change and tells its error.
func inTreasury(t *testing.T, kept store.Treasury, do func(ctx context.Context, tx tesoreria.Tx) error) error {
	t.Helper()
	return kept.Update(t.Context(), do)
}

// testTreasuryFlows: an identifier is used once for each ente, environment and year; a change needs the version it was
// read in.
func testTreasuryFlows(t *testing.T, db Database) {
	kept := db.Migrated(t, treasuryAt).Tesoreria()
	row := treasuryFlow()
	add := func(r tesoreria.FlowRow) error {
		return inTreasury(t, kept, func(ctx context.Context, tx tesoreria.Tx) error { return tx.AddFlow(ctx, r) })
	}
	if _, err := kept.Flow(t.Context(), row.Channel, row.FlowKey); !errors.Is(err, tesoreria.ErrNotFound) {
		t.Errorf("before it is there: %v", err)
	}
	if err := add(row); err != nil {
		t.Fatal(err)
	}
	if err := add(row); !errors.Is(err, tesoreria.ErrExists) {
		t.Errorf("an identifier is used twice: %v", err)
	}
	other := row
	other.Ente = "c_b"
	older := row
	older.Year, older.ChangedAt = 2025, row.ChangedAt.Add(-time.Hour)
	if err := errors.Join(add(other), add(older)); err != nil {
		t.Errorf("another ente and another year: %v", err)
	}
	row.Version = 1
	got, err := kept.Flow(t.Context(), row.Channel, row.FlowKey)
	if diff := cmp.Diff(row, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	set := func(r tesoreria.FlowRow) error {
		return inTreasury(t, kept, func(ctx context.Context, tx tesoreria.Tx) error { return tx.SetFlow(ctx, r) })
	}
	next := row
	next.State, next.ChangedAt, next.Facts, next.Box = tesoreria.Sent, row.ChangedAt.Add(time.Minute), []byte(`{}`), seal.Box{Key: []byte{3}, Data: []byte{4}}
	if err := set(next); err != nil {
		t.Fatal(err)
	}
	if err := set(next); !errors.Is(err, tesoreria.ErrMoved) {
		t.Errorf("a change over an old version: %v", err)
	}
	next.Version = 2
	if got, err = kept.Flow(t.Context(), row.Channel, row.FlowKey); err != nil || !cmp.Equal(next, got) {
		t.Errorf("%v %s", err, cmp.Diff(next, got))
	}
	list, err := kept.Flows(t.Context(), row.Channel, "", 10)
	if err != nil || len(list) != 2 || list[0].Year != 2026 || list[1].Year != 2025 || list[0].Box.Data != nil {
		t.Errorf("Flows = %v, %v", list, err)
	}
	if list, err = kept.Flows(t.Context(), row.Channel, tesoreria.Signed, 10); err != nil || len(list) != 1 || list[0].Year != 2025 {
		t.Errorf("Flows of a state = %v, %v", list, err)
	}
}

// testTreasuryOrders: orders are kept by kind, year and number and found by flow.
func testTreasuryOrders(t *testing.T, db Database) {
	kept := db.Migrated(t, treasuryAt).Tesoreria()
	order := func(collection bool, number int64, flow string) tesoreria.OrderRow {
		return tesoreria.OrderRow{
			Channel: treasuryChannel, OrderKey: tesoreria.OrderKey{Collection: collection, Year: 2026, Number: number}, Flow: flow,
			State: tesoreria.Prepared, ChangedAt: treasuryAt(), Facts: []byte(`{}`),
		}
	}
	put := func(rows ...tesoreria.OrderRow) error {
		return inTreasury(t, kept, func(ctx context.Context, tx tesoreria.Tx) error {
			for _, r := range rows {
				if err := tx.SetOrder(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := put(order(false, 31, "a"), order(true, 31, "a"), order(false, 4, "b")); err != nil {
		t.Fatal(err)
	}
	if err := put(order(false, 31, "b")); !errors.Is(err, tesoreria.ErrMoved) {
		t.Errorf("an order that is there is taken for a new one: %v", err)
	}
	row, err := kept.Order(t.Context(), treasuryChannel, tesoreria.OrderKey{Year: 2026, Number: 31})
	if err != nil || row.Version != 1 || row.Flow != "a" {
		t.Fatalf("Order = %+v, %v", row, err)
	}
	row.State, row.Flow = tesoreria.Executed, "b"
	if err := put(row); err != nil {
		t.Fatal(err)
	}
	if err := put(order(true, 5, "c"), row); !errors.Is(err, tesoreria.ErrMoved) {
		t.Errorf("a change over an old version: %v", err)
	}
	row.Version = 2
	all, err := kept.Orders(t.Context(), treasuryChannel, 2026, "b")
	if diff := cmp.Diff([]tesoreria.OrderRow{{
		Channel: treasuryChannel, OrderKey: tesoreria.OrderKey{Year: 2026, Number: 4}, Flow: "b", State: tesoreria.Prepared, Version: 1,
		ChangedAt: treasuryAt(), Facts: []byte(`{}`),
	}, row}, all); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if all, err = kept.Orders(t.Context(), treasuryChannel, 2026, ""); err != nil || len(all) != 3 {
		t.Errorf("Orders of the year = %v, %v", all, err) // reversale 5 was undone with the rest
	}
	if _, err := kept.Order(t.Context(), treasuryChannel, tesoreria.OrderKey{Collection: true, Year: 2026, Number: 5}); !errors.Is(err, tesoreria.ErrNotFound) {
		t.Errorf("Order that is not there: %v", err)
	}
}

// testTreasuryMessages: a message is listed once and ends once; a page of the cash book is kept once; a position moves
// from where it is.
func testTreasuryMessages(t *testing.T, db Database) {
	kept := db.Migrated(t, treasuryAt).Tesoreria()
	message := func(location string, at time.Time) tesoreria.MessageRow {
		return tesoreria.MessageRow{Channel: treasuryChannel, Location: location, List: tesoreria.ListAck, At: at, State: tesoreria.MessageListed, Facts: []byte(`{}`)}
	}
	var fresh [3]bool
	err := inTreasury(t, kept, func(ctx context.Context, tx tesoreria.Tx) (err error) {
		for i, m := range []tesoreria.MessageRow{message("/b", treasuryAt().Add(1)), message("/a", treasuryAt()), message("/b", treasuryAt())} {
			if fresh[i], err = tx.AddMessage(ctx, m); err != nil {
				return err
			}
		}
		return tx.MovePosition(ctx, treasuryChannel, tesoreria.ListAck, "1", "")
	})
	if err != nil || fresh != [3]bool{true, true, false} {
		t.Fatalf("new: %v, %v", fresh, err)
	}
	listed, err := kept.Messages(t.Context(), treasuryChannel, tesoreria.MessageListed)
	if err != nil || len(listed) != 2 || listed[0].Location != "/a" || !listed[1].At.Equal(treasuryAt().Add(1)) {
		t.Fatalf("Messages = %v, %v", listed, err)
	}
	done := listed[0]
	done.State, done.Facts, done.Box = tesoreria.MessageRead, []byte(`{"x":1}`), seal.Box{Key: []byte{1}, Data: []byte{2}}
	page := tesoreria.PageRow{
		Channel: treasuryChannel, ID: "GDC#001#001", Year: 2025, Day: "2026-03-01", Facts: []byte(`{}`), Box: seal.Box{Key: []byte{1}, Data: []byte{2}},
	}
	end := func(ctx context.Context, tx tesoreria.Tx) error {
		if _, err := tx.AddPage(ctx, page); err != nil {
			return err
		}
		return tx.EndMessage(ctx, done)
	}
	if err := inTreasury(t, kept, end); err != nil {
		t.Fatal(err)
	}
	if err := inTreasury(t, kept, end); !errors.Is(err, tesoreria.ErrMoved) {
		t.Errorf("a message ends twice: %v", err)
	}
	if read, err := kept.Messages(t.Context(), treasuryChannel, tesoreria.MessageRead); err != nil || !cmp.Equal([]tesoreria.MessageRow{done}, read) {
		t.Errorf("%v %s", err, cmp.Diff([]tesoreria.MessageRow{done}, read))
	}
	for _, c := range []struct {
		from, to string
		want     int
	}{{"2026-03-01", "2026-03-01", 1}, {"2026-03-02", "2026-12-31", 0}, {"2026-01-01", "2026-02-28", 0}} {
		pages, err := kept.Pages(t.Context(), treasuryChannel, c.from, c.to)
		if err != nil || len(pages) != c.want || c.want == 1 && !cmp.Equal(page, pages[0]) {
			t.Errorf("Pages %s %s = %v, %v", c.from, c.to, pages, err)
		}
	}
	testTreasuryYear(t, kept, page)
	err = inTreasury(t, kept, func(ctx context.Context, tx tesoreria.Tx) error {
		return tx.MovePosition(ctx, treasuryChannel, tesoreria.ListAck, "2", "0")
	})
	if !errors.Is(err, tesoreria.ErrMoved) {
		t.Errorf("a position moves from where it is not: %v", err)
	}
	if at, err := kept.Position(t.Context(), treasuryChannel, tesoreria.ListAck); err != nil || at != "1" {
		t.Errorf("Position = %q, %v", at, err)
	}
}

// testTreasuryYear: a page is of its year, which is not that of its day; its sums come without what is sealed.
func testTreasuryYear(t *testing.T, kept store.Treasury, page tesoreria.PageRow) {
	t.Helper()
	sums := page
	sums.Box = seal.Box{}
	for year, want := range map[int]int{2025: 1, 2026: 0} {
		whole, err := kept.YearPages(t.Context(), treasuryChannel, year)
		if err != nil || len(whole) != want || want == 1 && !cmp.Equal(page, whole[0]) {
			t.Errorf("YearPages %d = %v, %v", year, whole, err)
		}
		bare, err := kept.YearSums(t.Context(), treasuryChannel, year)
		if err != nil || len(bare) != want || want == 1 && !cmp.Equal(sums, bare[0]) {
			t.Errorf("YearSums %d = %v, %v", year, bare, err)
		}
	}
}

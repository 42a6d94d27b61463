// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/snodo-pa/snodo/internal/tesoreria"
)

const (
	flowColumns = `ente, environment, esercizio, id, state, version, changed_at, facts`
	sqlFlow     = `SELECT ` + flowColumns + `, box_key, box_data FROM tesoreria_flussi
		WHERE ente = $1 AND environment = $2 AND esercizio = $3 AND id = $4`
	sqlFlows = `SELECT ` + flowColumns + ` FROM tesoreria_flussi WHERE ente = $1 AND environment = $2 AND ($3 = '' OR state = $3)
		ORDER BY changed_at DESC, id LIMIT $4`
	orderColumns = `ente, environment, esercizio, collection, number, flow, state, version, changed_at, facts`
	sqlOrder     = `SELECT ` + orderColumns + ` FROM tesoreria_ordinativi
		WHERE ente = $1 AND environment = $2 AND esercizio = $3 AND collection = $4 AND number = $5`
	sqlOrders = `SELECT ` + orderColumns + ` FROM tesoreria_ordinativi
		WHERE ente = $1 AND environment = $2 AND esercizio = $3 AND ($4 = '' OR flow = $4) ORDER BY collection, number`
	sqlMessages = `SELECT ente, environment, location, list, at, state, facts, box_key, box_data FROM tesoreria_messaggi
		WHERE ente = $1 AND environment = $2 AND state = $3 ORDER BY at, location`
	pageColumns = `ente, environment, id, esercizio, day, facts`
	ofYear      = ` FROM tesoreria_giornale WHERE ente = $1 AND environment = $2 AND esercizio = $3 ORDER BY day, id`
	sqlPages    = `SELECT ` + pageColumns + `, box_key, box_data FROM tesoreria_giornale
		WHERE ente = $1 AND environment = $2 AND day >= $3 AND day <= $4 ORDER BY day, id`
	sqlYearPages = `SELECT ` + pageColumns + `, box_key, box_data` + ofYear
	sqlYearSums  = `SELECT ` + pageColumns + ofYear

	sqlAddFlow = `INSERT INTO tesoreria_flussi (` + flowColumns + `, box_key, box_data)
		VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9) ON CONFLICT DO NOTHING`
	sqlSetFlow = `UPDATE tesoreria_flussi SET state = $6, changed_at = $7, facts = $8, box_key = $9, box_data = $10, version = version + 1
		WHERE ente = $1 AND environment = $2 AND esercizio = $3 AND id = $4 AND version = $5`
	sqlAddOrder = `INSERT INTO tesoreria_ordinativi (` + orderColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9) ON CONFLICT DO NOTHING`
	sqlSetOrder = `UPDATE tesoreria_ordinativi SET flow = $7, state = $8, changed_at = $9, facts = $10, version = version + 1
		WHERE ente = $1 AND environment = $2 AND esercizio = $3 AND collection = $4 AND number = $5 AND version = $6`
	sqlAddMessage = `INSERT INTO tesoreria_messaggi (ente, environment, location, list, at, state, facts)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`
	sqlEndMessage = `UPDATE tesoreria_messaggi SET state = $4, facts = $5, box_key = $6, box_data = $7
		WHERE ente = $1 AND environment = $2 AND location = $3 AND state = $8`
	sqlAddPage = `INSERT INTO tesoreria_giornale (` + pageColumns + `, box_key, box_data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`
)

// treasury is the part of a Store that keeps flows, orders, messages and the cash book.
type treasury struct{ *Store }

var (
	_ tesoreria.Store     = treasury{}
	_ tesoreria.Positions = treasury{}
	_ tesoreria.Tx        = (*Tx)(nil)
)

// Treasury is what [Store.Tesoreria] returns.
type Treasury interface {
	tesoreria.Store
	tesoreria.Positions
}

// Tesoreria returns the treasuries of the store.
func (s *Store) Tesoreria() Treasury { return treasury{s} }

// Update implements [tesoreria.Store].
func (t treasury) Update(ctx context.Context, fn func(ctx context.Context, tx tesoreria.Tx) error) error {
	return t.Store.Update(ctx, func(ctx context.Context, tx *Tx) error { return fn(ctx, tx) })
}

// Flow implements [tesoreria.Store].
func (t treasury) Flow(ctx context.Context, c tesoreria.Channel, k tesoreria.FlowKey) (tesoreria.FlowRow, error) {
	list, err := rowsOf(ctx, t.Store, func(rows *sql.Rows) (tesoreria.FlowRow, error) { return scanFlow(rows, true) },
		sqlFlow, c.Ente, c.Environment, k.Year, k.ID)
	return only(list, err)
}

// Flows implements [tesoreria.Store].
func (t treasury) Flows(ctx context.Context, c tesoreria.Channel, s tesoreria.State, limit int) ([]tesoreria.FlowRow, error) {
	return rowsOf(ctx, t.Store, func(rows *sql.Rows) (tesoreria.FlowRow, error) { return scanFlow(rows, false) }, sqlFlows, c.Ente, c.Environment, string(s), limit)
}

// Order implements [tesoreria.Store].
func (t treasury) Order(ctx context.Context, c tesoreria.Channel, k tesoreria.OrderKey) (tesoreria.OrderRow, error) {
	list, err := rowsOf(ctx, t.Store, scanOrder, sqlOrder, c.Ente, c.Environment, k.Year, bit(k.Collection), k.Number)
	return only(list, err)
}

// Orders implements [tesoreria.Store].
func (t treasury) Orders(ctx context.Context, c tesoreria.Channel, year int, flow string) ([]tesoreria.OrderRow, error) {
	return rowsOf(ctx, t.Store, scanOrder, sqlOrders, c.Ente, c.Environment, year, flow)
}

// Messages implements [tesoreria.Store].
func (t treasury) Messages(ctx context.Context, c tesoreria.Channel, state string) ([]tesoreria.MessageRow, error) {
	return rowsOf(ctx, t.Store, func(rows *sql.Rows) (r tesoreria.MessageRow, err error) {
		var at int64
		var facts string
		err = rows.Scan(&r.Ente, &r.Environment, &r.Location, &r.List, &at, &r.State, &facts, &r.Box.Key, &r.Box.Data)
		r.At, r.Facts = time.Unix(0, at).UTC(), []byte(facts)
		return r, err
	}, sqlMessages, c.Ente, c.Environment, state)
}

// Pages implements [tesoreria.Store].
func (t treasury) Pages(ctx context.Context, c tesoreria.Channel, from, to string) ([]tesoreria.PageRow, error) {
	return rowsOf(ctx, t.Store, scanPage, sqlPages, c.Ente, c.Environment, from, to)
}

// YearPages implements [tesoreria.Store].
func (t treasury) YearPages(ctx context.Context, c tesoreria.Channel, year int) ([]tesoreria.PageRow, error) {
	return rowsOf(ctx, t.Store, scanPage, sqlYearPages, c.Ente, c.Environment, year)
}

// YearSums implements [tesoreria.Store].
func (t treasury) YearSums(ctx context.Context, c tesoreria.Channel, year int) ([]tesoreria.PageRow, error) {
	return rowsOf(ctx, t.Store, func(rows *sql.Rows) (r tesoreria.PageRow, err error) {
		var facts string
		err = rows.Scan(&r.Ente, &r.Environment, &r.ID, &r.Year, &r.Day, &facts)
		r.Facts = []byte(facts)
		return r, err
	}, sqlYearSums, c.Ente, c.Environment, year)
}

// positionOf names the cursor of a list.
func positionOf(c tesoreria.Channel, list string) CursorName {
	return CursorName{Ente: c.Ente, Environment: c.Environment, Feed: "tesoreria/" + list}
}

// Position implements [tesoreria.Positions].
func (t treasury) Position(ctx context.Context, c tesoreria.Channel, list string) (string, error) {
	cursor, err := t.State().Cursor(ctx, positionOf(c, list))
	return cursor.Value, err
}

// MovePosition implements [tesoreria.Tx].
func (t *Tx) MovePosition(ctx context.Context, c tesoreria.Channel, list, value, before string) error {
	err := t.SetCursor(ctx, positionOf(c, list), value, before)
	if errors.Is(err, ErrCursorMoved) {
		return tesoreria.ErrMoved
	}
	return err
}

// AddFlow implements [tesoreria.Tx].
func (t *Tx) AddFlow(ctx context.Context, r tesoreria.FlowRow) error {
	return t.changed(ctx, "add flow", tesoreria.ErrExists, sqlAddFlow, r.Ente, r.Environment, r.Year, r.ID, string(r.State), nanos(r.ChangedAt),
		string(r.Facts), r.Box.Key, r.Box.Data)
}

// SetFlow implements [tesoreria.Tx].
func (t *Tx) SetFlow(ctx context.Context, r tesoreria.FlowRow) error {
	return t.changed(ctx, "set flow", tesoreria.ErrMoved, sqlSetFlow, r.Ente, r.Environment, r.Year, r.ID, r.Version, string(r.State), nanos(r.ChangedAt),
		string(r.Facts), r.Box.Key, r.Box.Data)
}

// SetOrder implements [tesoreria.Tx].
func (t *Tx) SetOrder(ctx context.Context, r tesoreria.OrderRow) error {
	if r.Version == 0 {
		return t.changed(ctx, "add order", tesoreria.ErrMoved, sqlAddOrder, r.Ente, r.Environment, r.Year, bit(r.Collection), r.Number, r.Flow,
			string(r.State), nanos(r.ChangedAt), string(r.Facts))
	}
	return t.changed(ctx, "set order", tesoreria.ErrMoved, sqlSetOrder, r.Ente, r.Environment, r.Year, bit(r.Collection), r.Number, r.Version, r.Flow,
		string(r.State), nanos(r.ChangedAt), string(r.Facts))
}

// AddMessage implements [tesoreria.Tx].
func (t *Tx) AddMessage(ctx context.Context, r tesoreria.MessageRow) (bool, error) {
	return t.added(ctx, "add message", sqlAddMessage, r.Ente, r.Environment, r.Location, r.List, nanos(r.At), r.State, string(r.Facts))
}

// EndMessage implements [tesoreria.Tx].
func (t *Tx) EndMessage(ctx context.Context, r tesoreria.MessageRow) error {
	return t.changed(ctx, "end message", tesoreria.ErrMoved, sqlEndMessage, r.Ente, r.Environment, r.Location, r.State, string(r.Facts),
		r.Box.Key, r.Box.Data, tesoreria.MessageListed)
}

// AddPage implements [tesoreria.Tx].
func (t *Tx) AddPage(ctx context.Context, r tesoreria.PageRow) (bool, error) {
	return t.added(ctx, "add page", sqlAddPage, r.Ente, r.Environment, r.ID, r.Year, r.Day, string(r.Facts), r.Box.Key, r.Box.Data)
}

// changed runs a statement that has to change a row; when it does not, the error is none.
func (t *Tx) changed(ctx context.Context, doing string, none error, query string, args ...any) error {
	done, err := t.added(ctx, doing, query, args...)
	if err == nil && !done {
		return none
	}
	return err
}

func (t *Tx) added(ctx context.Context, doing, query string, args ...any) (bool, error) {
	n, err := t.tx.exec(ctx, query, args...)
	if err != nil {
		return false, unavailable(doing, err)
	}
	return n > 0, nil
}

// treasuryQueries are those of the transactions.
func treasuryQueries() []string {
	return []string{sqlAddFlow, sqlSetFlow, sqlAddOrder, sqlSetOrder, sqlAddMessage, sqlEndMessage, sqlAddPage}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// scanFlow reads a flow, with its box where the query has it.
func scanFlow(rows *sql.Rows, box bool) (tesoreria.FlowRow, error) {
	var r tesoreria.FlowRow
	var at int64
	var facts string
	var key, data []byte
	into := []any{&r.Ente, &r.Environment, &r.Year, &r.ID, &r.State, &r.Version, &at, &facts}
	if box {
		into = append(into, &key, &data)
	}
	err := rows.Scan(into...)
	r.ChangedAt, r.Facts = time.Unix(0, at).UTC(), []byte(facts)
	r.Box.Key, r.Box.Data = key, data
	return r, err
}

func scanPage(rows *sql.Rows) (r tesoreria.PageRow, err error) {
	var facts string
	err = rows.Scan(&r.Ente, &r.Environment, &r.ID, &r.Year, &r.Day, &facts, &r.Box.Key, &r.Box.Data)
	r.Facts = []byte(facts)
	return r, err
}

func scanOrder(rows *sql.Rows) (tesoreria.OrderRow, error) {
	var r tesoreria.OrderRow
	var at int64
	var collection int
	var facts string
	err := rows.Scan(&r.Ente, &r.Environment, &r.Year, &collection, &r.Number, &r.Flow, &r.State, &r.Version, &at, &facts)
	r.Collection, r.ChangedAt, r.Facts = collection == 1, time.Unix(0, at).UTC(), []byte(facts)
	return r, err
}

// rowsOf reads rows within the time of the store.
func rowsOf[T any](ctx context.Context, s *Store, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	list, err := collect(ctx, s.read, scan, query, args...)
	if err != nil {
		return nil, unavailable("read treasury", err)
	}
	return list, nil
}

// only is the one row of a list.
func only[T any](list []T, err error) (T, error) {
	var none T
	switch {
	case err != nil:
		return none, err
	case len(list) == 0:
		return none, tesoreria.ErrNotFound
	}
	return list[0], nil
}

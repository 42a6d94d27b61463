// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package tesoreria is the life of orders of payment and collection: from the accounting program to the treasurer and
// back.
//
// It owns the states of flows and orders, who may sign, the single use of a flow's identifier, the reading of what SIOPE+
// and the treasurer answer, and the reconciliation of the cash book with the orders and with payments. It depends on
// adapters/tesoreria/opi for the documents, on internal/jobs for what is done later and on internal/evidence, in which
// every change is durable before it takes effect. It never signs an order, but in the environment locale, and never
// knows how SIOPE+ is spoken to: it is handed a Siope.
package tesoreria

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/jobs"
)

// The "no"s. Every other error but those of package problem means "don't know".
var (
	// ErrNotFound means that there is no such flow or order.
	ErrNotFound = errors.New("no such flow or order")
	// ErrExists means that the identifier was used before.
	ErrExists = errors.New("flow identifier used already")
	// ErrMoved means that somebody else changed it meanwhile.
	ErrMoved = errors.New("changed by somebody else")
)

// A Channel is whose flows they are, and where they go.
type Channel struct{ Ente, Environment string }

// An OrderKey names an order of an ente.
type OrderKey = opi.OrderKey

// A FlowKey is what is used once for each ente.
type FlowKey struct {
	Year int
	ID   string // identificativo_flusso
}

// String names the flow in evidence and errors.
func (k FlowKey) String() string { return fmt.Sprintf("flusso/%d/%s", k.Year, k.ID) }

// A FlowRow is a flow as a store keeps it. Facts is JSON and names no person but by userID; the Box holds what does.
type FlowRow struct {
	Channel
	FlowKey
	State     State
	Version   int64 // grows with every change; 0 before it is stored
	ChangedAt time.Time
	Facts     []byte
	Box       seal.Box
}

// An OrderRow is an order as a store keeps it.
type OrderRow struct {
	Channel
	opi.OrderKey
	Flow      string // the last that spoke of it
	State     State
	Version   int64
	ChangedAt time.Time
	Facts     []byte
}

// The states of a message.
const (
	MessageListed  = "annunciato" // it is still to be fetched
	MessageRead    = "letto"
	MessageRefused = "rifiutato" // its signature or form is not good: it changed nothing
	MessageForeign = "estraneo"  // it is about flows that were sent by others
)

// A MessageRow is a message of SIOPE+ or of the treasurer.
type MessageRow struct {
	Channel
	Location string
	List     string
	At       time.Time // when it was made, by SIOPE+; or when it was first listed
	State    string
	Facts    []byte
	Box      seal.Box // the message whole, once it was fetched
}

// A PageRow is a page of the cash book.
type PageRow struct {
	Channel
	ID    string // identificativo_flusso_BT
	Year  int
	Day   string // YYYY-MM-DD
	Facts []byte
	Box   seal.Box // its movements
}

// A Store keeps flows, orders, messages and the cash book. Its methods are safe for concurrent use, also by several
// processes; an error that is none of this package's means "don't know".
type Store interface {
	// Update runs fn in one transaction, durable when Update returns nil.
	Update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// Flow returns a flow; [ErrNotFound].
	Flow(ctx context.Context, c Channel, k FlowKey) (FlowRow, error)
	// Flows lists flows without their boxes, the last changed first: of a state when it is not empty, at most limit.
	Flows(ctx context.Context, c Channel, s State, limit int) ([]FlowRow, error)
	// Order returns an order; [ErrNotFound].
	Order(ctx context.Context, c Channel, k opi.OrderKey) (OrderRow, error)
	// Orders lists the orders of a year by kind and number: of a flow when it is not empty.
	Orders(ctx context.Context, c Channel, year int, flow string) ([]OrderRow, error)
	// Messages lists the messages of a state, in the order in which they were made.
	Messages(ctx context.Context, c Channel, state string) ([]MessageRow, error)
	// Pages lists the pages of the cash book from one day to another, both included, by day and identifier.
	Pages(ctx context.Context, c Channel, from, to string) ([]PageRow, error)
	// YearPages lists the pages of the cash books of a year, whatever their day, by day and identifier.
	YearPages(ctx context.Context, c Channel, year int) ([]PageRow, error)
	// YearSums is YearPages without the boxes.
	YearSums(ctx context.Context, c Channel, year int) ([]PageRow, error)
}

// A Tx is a transaction in which jobs take part.
type Tx interface {
	jobs.Tx
	// AddFlow stores a new flow; [ErrExists].
	AddFlow(ctx context.Context, r FlowRow) error
	// SetFlow stores a flow over the version it was read in; [ErrMoved].
	SetFlow(ctx context.Context, r FlowRow) error
	// SetOrder stores an order: a new one when its version is 0, else over the version it was read in; [ErrMoved].
	SetOrder(ctx context.Context, r OrderRow) error
	// AddMessage notes that a message was listed, unless it is known already; it tells whether it was new.
	AddMessage(ctx context.Context, r MessageRow) (bool, error)
	// EndMessage stores what became of a listed message, or why it is still listed; [ErrMoved] when it was done with
	// before.
	EndMessage(ctx context.Context, r MessageRow) error
	// AddPage stores a page of the cash book, unless it is known already; it tells whether it was new.
	AddPage(ctx context.Context, r PageRow) (bool, error)
	// MovePosition notes how far a list was read; [ErrMoved].
	MovePosition(ctx context.Context, c Channel, list, value, before string) error
}

// Positions tells how far the lists were read.
type Positions interface {
	// Position returns what was noted last; empty for nothing.
	Position(ctx context.Context, c Channel, list string) (string, error)
}

// Upload is SIOPE+'s receipt of a flow.
type Upload struct{ Number, Location string }

// The lists of SIOPE+, in the order in which they are read.
const (
	ListAck      = "flusso/ack"
	ListEsito    = "flusso/esitoflusso"
	ListEsiti    = "esitoapplicativo"
	ListGiornale = "giornale"
)

func lists() []string { return []string{ListAck, ListEsito, ListEsiti, ListGiornale} }

// Item is a message that can be fetched.
type Item struct {
	Location string
	At       time.Time
}

// Siope is the way to SIOPE+ of one ente.
type Siope interface {
	// Upload sends a flow once.
	Upload(ctx context.Context, document []byte) (Upload, error)
	// List reads one page, from 1, of what was made in a window, and tells how many pages there are; fresh leaves out
	// what was fetched before.
	List(ctx context.Context, list string, from, to time.Time, page int, fresh bool) (items []Item, pages int, err error)
	// Fetch returns the document of a message.
	Fetch(ctx context.Context, location string) ([]byte, error)
	// Judge tells what an error of Upload means.
	Judge(err error) Judgement
	// Unreadable tells an answer that will not be better another time.
	Unreadable(err error) bool
}

// Judgement says whether a flow may have arrived.
type Judgement int

// The judgements of a failed upload.
const (
	Unknown   Judgement = iota // it may have arrived
	NotSent                    // it cannot have arrived, and may be sent again
	NotToSend                  // it cannot have arrived, and somebody has to set something right first
	Rejected                   // SIOPE+ does not take it as it is
)

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/firma"
)

// effect is what a message changes, computed before any of it takes effect.
type effect struct {
	facts   messageFacts
	state   string // of the message
	event   event
	flows   []FlowRow
	orders  []OrderRow
	page    *PageRow
	notices []notice
	warn    string // for the log: without personal data
}

// maxTries is how often a message is looked at again because what it is about was changed meanwhile.
const maxTries = 5

// readMessage fetches a message, verifies it and lets it take effect, once. What cannot be had now is left for the next
// time; what is not as it must be changes nothing and is kept as refused.
func (d *Desk) readMessage(ctx context.Context, c *channel, m MessageRow) error {
	data, err := c.siope.Fetch(ctx, m.Location)
	if err != nil {
		if c.siope.Unreadable(err) {
			return d.hold(ctx, c, m, "illeggibile")
		}
		return err
	}
	for range maxTries {
		e, err := d.understand(ctx, c, m, data)
		var held *heldError
		if errors.As(err, &held) {
			return d.hold(ctx, c, m, held.rule)
		}
		if err != nil {
			return err
		}
		if err = d.end(ctx, c, m, data, e); !errors.Is(err, ErrMoved) {
			return err
		}
		left, err := d.Store.Messages(ctx, c.Channel, MessageListed)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(left, func(r MessageRow) bool { return r.Location == m.Location }) {
			return nil // another replica was faster
		}
	}
	return fmt.Errorf("message of list %s: %w", m.List, ErrMoved)
}

// heldError is a message that is not believed for what this hub knows of its signer: that may be wrong here, and the
// message good.
type heldError struct{ rule string }

func (e *heldError) Error() string { return "message not believed: " + e.rule }

// hold leaves a message announced: it is fetched and judged again at every reading. That is told at once and logged every
// time.
func (d *Desk) hold(ctx context.Context, c *channel, m MessageRow, code string) error {
	id := exchangeOf(c, m)
	d.Logger.LogAttrs(ctx, slog.LevelWarn, "tesoreria: messaggio in sospeso: "+code, slog.String("ente", c.Ente), slog.String("elenco", m.List), slog.String("scambio", id))
	facts, err := get[messageFacts](m.Facts)
	if err != nil || facts.Code == code {
		return err
	}
	err = d.note(ctx, c, event{exchange: id + "/" + code, operation: "messaggio/sospeso", target: m.List, code: code, rules: []string{code}})
	if err != nil {
		return err
	}
	m.Facts = put(messageFacts{Code: code})
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		if err := tx.EndMessage(ctx, m); err != nil {
			return err
		}
		return d.tell(ctx, tx, c.Channel, notice{ID: id + "/" + code, Evento: "allarme", Riferimento: m.List, Codice: code})
	})
	if errors.Is(err, ErrMoved) {
		return nil // another replica has read it
	}
	return err
}

// exchangeOf names a message in the evidence.
func exchangeOf(c *channel, m MessageRow) string {
	sum := sha256.Sum256([]byte(c.Ente + "|" + c.Environment + "|" + m.Location))
	return "siope/" + hex.EncodeToString(sum[:16])
}

// end keeps a message with all that follows from it: first as evidence, then in one transaction.
func (d *Desk) end(ctx context.Context, c *channel, m MessageRow, data []byte, e *effect) error {
	var err error
	if m.Box, err = d.seal("messaggio", m.Location, data); err != nil {
		return err
	}
	e.event.exchange = exchangeOf(c, m)
	if e.event.target == "" {
		e.event.target = m.List
	}
	if err := d.note(ctx, c, e.event); err != nil {
		return err
	}
	if e.warn != "" {
		d.Logger.LogAttrs(ctx, slog.LevelWarn, "tesoreria: "+e.warn, slog.String("ente", c.Ente), slog.String("elenco", m.List), slog.String("scambio", e.event.exchange))
	}
	m.State, m.Facts = e.state, put(e.facts)
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		if err := tx.EndMessage(ctx, m); err != nil {
			return err
		}
		for _, f := range e.flows {
			if err := tx.SetFlow(ctx, f); err != nil {
				return err
			}
		}
		for _, o := range e.orders {
			if err := tx.SetOrder(ctx, o); err != nil {
				return err
			}
		}
		if e.page != nil {
			if _, err := tx.AddPage(ctx, *e.page); err != nil {
				return err
			}
		}
		for _, n := range e.notices {
			if err := d.tell(ctx, tx, c.Channel, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		d.Queue.Wake()
	}
	return err
}

// understand reads a message: structure, signature, whose it is, what it says.
func (d *Desk) understand(ctx context.Context, c *channel, m MessageRow, data []byte) (*effect, error) {
	refused := func(code string) *effect {
		return &effect{state: MessageRefused, facts: messageFacts{Code: code}, event: event{operation: "messaggio/rifiutato", code: code, rules: []string{code}}, warn: "messaggio rifiutato: " + code}
	}
	doc, err := opi.Read(data, opi.Limits{Bytes: 64 << 20})
	if err != nil {
		return refused("opi.xml"), nil //nolint:nilerr // it is refused, and that is kept
	}
	if doc.Kind() != opi.KindAck {
		err := c.treasurer(data, m.At)
		var no *firma.Refusal
		switch {
		case errors.As(err, &no) && no.Rule == ruleUntrusted:
			return nil, &heldError{no.Rule}
		case errors.As(err, &no):
			return refused(no.Rule), nil
		case err != nil:
			return nil, err
		}
	}
	var e *effect
	switch doc.Kind() {
	case opi.KindAck:
		e, err = d.ack(ctx, c, doc)
	case opi.KindRicezione:
		e, err = d.reception(ctx, c, doc)
	case opi.KindRifiuto:
		e, err = d.rejection(ctx, c, doc)
	case opi.KindEsiti:
		e, err = d.outcomes(ctx, c, doc)
	case opi.KindGiornale:
		e, err = d.journal(ctx, c, doc)
	default: // a flow, or the monthly prospect of liquid means: kept, and nothing follows
		e = &effect{state: MessageRead, event: event{operation: "messaggio/" + string(doc.Kind())}}
	}
	var faults opi.Faults
	switch {
	case errors.As(err, &faults):
		return refused("opi.structure"), nil
	case errors.Is(err, errNotOurs):
		return &effect{state: MessageForeign, facts: messageFacts{Kind: string(doc.Kind())}, event: event{operation: "messaggio/estraneo"}}, nil
	case err != nil:
		return nil, err
	}
	e.facts.Kind, e.facts.Odd = string(doc.Kind()), len(doc.Check(opi.Latest(doc.Kind()), opi.CheckOptions{}))
	return e, nil
}

// What holds a message back: neither speaks of the message alone.
const (
	ruleUntrusted = "opi.signature/untrusted"
	ruleTreasurer = "firma-non-del-tesoriere" // the signer is not the treasurer
)

// treasurer verifies the signature of a message of the treasurer, as of when the message was made: the certificate may
// have run out since. The signer is one whose certificate is itself in tesoriereCA, or who bears an identifier of
// firmeTesoriere: that a known authority vouches for somebody does not make them the treasurer.
func (c *channel) treasurer(data []byte, at time.Time) error {
	found, err := firma.Verify(data, firma.Options{
		Trusted: firma.Roots(c.bank, at), Now: at, Forms: []firma.Form{firma.XMLDSig, firma.XAdES}, Limits: opi.Limits{Bytes: 64 << 20},
	})
	if err != nil {
		return err
	}
	if c.pinned(found.Signer.Certificate) {
		return nil
	}
	for _, id := range []string{found.Signer.OrganizationID, found.Signer.CodiceFiscale} {
		if id != "" && slices.Contains(c.cfg.FirmeTesoriere, strings.ToUpper(id)) {
			return nil
		}
	}
	return &heldError{ruleTreasurer}
}

// errNotOurs means that a message is about flows that this hub did not send.
var errNotOurs = errors.New("about a flow of others")

// ours tells whether the header of a message names the ente.
func (c *channel) ours(h opi.TestataMessaggio) bool { return h.CodiceEnte == c.cfg.CodiceUfficio }

// flowOfMessage finds the flow that a message is about.
func (d *Desk) flowOfMessage(ctx context.Context, c *channel, h opi.TestataMessaggio, year int, id string) (FlowRow, error) {
	if !c.ours(h) {
		return FlowRow{}, errNotOurs
	}
	row, err := d.Store.Flow(ctx, c.Channel, FlowKey{year, id})
	if errors.Is(err, ErrNotFound) {
		return row, errNotOurs
	}
	return row, err
}

// advance makes the effect of a message that takes a flow one step on. What is late changes nothing, and is kept.
func (d *Desk) advance(ctx context.Context, c *channel, row FlowRow, ch change) (*effect, error) {
	e := &effect{
		state: MessageRead, facts: messageFacts{Flows: []string{row.ID}, Code: ch.code},
		event: event{operation: "flusso/" + string(ch.to), target: row.String(), code: ch.code, object: ch.object, values: ch.values(row.State)},
	}
	if !ch.to.follows(row.State) {
		e.event.operation, e.event.values["a"] = "flusso/in-ritardo", string(row.State)
		return e, nil
	}
	next, orders, err := d.planned(ctx, c, row, ch)
	if err != nil {
		return nil, err
	}
	e.flows, e.orders = []FlowRow{next}, orders
	e.notices = append(e.notices, notice{ID: fmt.Sprintf("%s/%d/%s", row.String(), row.Version, ch.to), Evento: "flusso", Flusso: row.ID, Esercizio: row.Year, Stato: ch.to, Codice: ch.code})
	return e, nil
}

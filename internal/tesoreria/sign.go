// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/firma"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/registry"
)

// signature is a good signature of a listed signatory.
type signature struct {
	*firma.Verified
	by        *SignedBy
	signatory string // userID
}

// verify holds the signature of a flow against the ente's signatories: it is good, of a certificate for firma digitale, by
// one of them, and not by who prepared the flow.
func (d *Desk) verify(c *channel, document []byte, preparer string) (signature, error) {
	return d.verifyAs(c, document, preparer, firma.XMLDSig, firma.XAdES)
}

// unwrap opens a p7m, whose signature is held to the same as that of a flow.
func (d *Desk) unwrap(c *channel, s Submission) ([]byte, error) {
	found, err := d.verifyAs(c, s.Data, s.Operator, firma.CAdES)
	if err != nil {
		return nil, err
	}
	return found.XML, nil
}

// verifyAs is verify for some forms of signature.
func (d *Desk) verifyAs(c *channel, document []byte, preparer string, forms ...firma.Form) (signature, error) {
	now := d.Clock()
	found, err := firma.Verify(document, firma.Options{
		Trusted: firma.Roots(c.signers, now), Now: now, Forms: forms, Limits: opi.Limits{Bytes: int(c.cfg.Massimo)}, Signatory: true, Envelope: true,
	})
	if err != nil {
		return signature{}, badSignature(err)
	}
	signer := found.Signer
	for _, f := range c.cfg.Firmatari {
		if !strings.EqualFold(f.CodiceFiscale, signer.CodiceFiscale) {
			continue
		}
		if c.prepared(preparer, signer.CodiceFiscale) {
			return signature{}, samePerson()
		}
		by := &SignedBy{CodiceFiscale: signer.CodiceFiscale, Name: signer.Name, Form: string(found.Form), Claimed: signer.SigningTime}
		return signature{found, by, f.Operatore}, nil
	}
	return signature{}, problem.New(problem.RuleTreasurySigner)
}

// prepared tells whether who prepared a flow is the person with a codice fiscale, by any of the userIDs under which they
// are a signatory.
func (c *channel) prepared(preparer, codiceFiscale string) bool {
	return slices.ContainsFunc(c.cfg.Firmatari, func(f config.Firmatario) bool {
		return strings.EqualFold(f.CodiceFiscale, codiceFiscale) && strings.EqualFold(f.Operatore, preparer)
	})
}

// signable tells whether somebody who is listed may sign what an operator prepared.
func (c *channel) signable(preparer string) bool {
	return slices.ContainsFunc(c.cfg.Firmatari, func(f config.Firmatario) bool { return !c.prepared(preparer, f.CodiceFiscale) })
}

// refused keeps in the evidence that a signature was refused, and why.
func (d *Desk) refused(ctx context.Context, c *channel, k FlowKey, operator string, why error) error {
	var p *problem.Error
	if !errors.As(why, &p) || p.Rule == problem.RuleStore {
		return why
	}
	id, err := d.newExchange()
	if err != nil {
		return err
	}
	err = d.note(ctx, c, event{exchange: id, operation: "flusso/firma-rifiutata", target: k.String(), operator: operator, rules: []string{string(p.Rule)}})
	if err != nil {
		return err
	}
	return why
}

// Document hands out a flow to be signed: from then on it is in_firma. A flow that is signed is handed out as it is.
func (d *Desk) Document(ctx context.Context, ente, application, operator string, k FlowKey) ([]byte, error) {
	c, row, text, err := d.open(ctx, ente, application, operator, k)
	if err != nil || row.State != Prepared {
		return text.Document, err
	}
	err = d.move(ctx, c, row, change{to: InFirma, operator: operator, application: application})
	return text.Document, err
}

// open finds a flow for who asks.
func (d *Desk) open(ctx context.Context, ente, application, operator string, k FlowKey) (*channel, FlowRow, flowText, error) {
	c, err := d.admit(ente, application, operator)
	if err != nil {
		return nil, FlowRow{}, flowText{}, err
	}
	row, err := d.Store.Flow(ctx, c.Channel, k)
	if err != nil {
		return nil, row, flowText{}, stored(err)
	}
	text, err := unseal[flowText](d, "flusso", row.String(), row.Box)
	if err != nil {
		return nil, row, text, stored(err)
	}
	return c, row, text, nil
}

// Attach takes the signed document of a flow that was handed out. It has to say what was prepared, to the letter.
func (d *Desk) Attach(ctx context.Context, ente, application, operator string, k FlowKey, signed []byte) (Flow, error) {
	c, row, text, err := d.open(ctx, ente, application, operator, k)
	if err != nil {
		return Flow{}, err
	}
	if row.State == Signed && bytes.Equal(text.Document, signed) {
		return d.flowOf(row)
	}
	if row.State != Prepared && row.State != InFirma {
		return Flow{}, wrongState(k.String(), row.State)
	}
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return Flow{}, stored(err)
	}
	found, err := d.verify(c, signed, facts.Preparer)
	if err == nil && !sameFlow(text.Document, signed) {
		err = problem.New(problem.RuleTreasuryChanged)
	}
	if err != nil {
		return Flow{}, d.refused(ctx, c, k, operator, err)
	}
	text.Document, text.Signer = signed, found.by
	err = d.move(ctx, c, row, change{
		to: Signed, operator: operator, application: application, text: &text, signatory: found.signatory, form: found.by.Form,
		facts: func(f *flowFacts) { f.Signer = found.signatory },
	})
	if err != nil {
		return Flow{}, err
	}
	return d.Flow(ctx, ente, application, k)
}

// sameFlow tells whether two documents say the same, but for the signature.
func sameFlow(prepared, signed []byte) bool {
	var texts [2][]byte
	for i, data := range [][]byte{prepared, signed} {
		doc, err := opi.Read(data, opi.Limits{Bytes: 1 << 30})
		if err != nil {
			return false
		}
		flow, err := doc.Flusso()
		if err != nil {
			return false
		}
		if texts[i], err = opi.Write(flow); err != nil {
			return false
		}
	}
	return bytes.Equal(texts[0], texts[1])
}

// SignRemotely has a provider sign a flow with the key of a signatory, who gives the one-time password of this flow.
func (d *Desk) SignRemotely(ctx context.Context, ente, application, operator string, k FlowKey, signatory, otp string) (Flow, error) {
	c, row, text, err := d.open(ctx, ente, application, operator, k)
	if err != nil {
		return Flow{}, err
	}
	if d.Remote == nil {
		return Flow{}, problem.New(problem.RuleTreasuryRemote)
	}
	if row.State != Prepared && row.State != InFirma {
		return Flow{}, wrongState(k.String(), row.State)
	}
	facts, err := get[flowFacts](row.Facts)
	if err != nil {
		return Flow{}, stored(err)
	}
	at := slices.IndexFunc(c.cfg.Firmatari, func(f config.Firmatario) bool { return f.Operatore == signatory })
	if at < 0 {
		return Flow{}, d.refused(ctx, c, k, operator, problem.New(problem.RuleTreasurySigner))
	}
	who := c.cfg.Firmatari[at].CodiceFiscale
	if c.prepared(facts.Preparer, who) { // before the password is spent
		return Flow{}, d.refused(ctx, c, k, operator, samePerson())
	}
	signed, err := d.Remote.Sign(ctx, ente, who, otp, text.Document)
	switch {
	case errors.Is(err, ErrRemoteRefused):
		return Flow{}, d.refused(ctx, c, k, operator, problem.New(problem.RuleTreasuryOTP))
	case err != nil:
		return Flow{}, problem.New(problem.RuleStore).Because(fmt.Errorf("remote signature: %w", err))
	}
	return d.Attach(ctx, ente, application, operator, k, signed)
}

// SignWithFile signs with the key in a file, which is worth nothing and only environment locale admits.
func (d *Desk) SignWithFile(ctx context.Context, ente, application, operator string, k FlowKey) (Flow, error) {
	c, row, text, err := d.open(ctx, ente, application, operator, k)
	if err != nil {
		return Flow{}, err
	}
	if c.Environment != registry.Locale || c.cfg.ChiaveFirma == "" || d.FileKey == nil {
		return Flow{}, d.refused(ctx, c, k, operator, problem.New(problem.RuleTreasuryKey))
	}
	if row.State != Prepared && row.State != InFirma {
		return Flow{}, wrongState(k.String(), row.State)
	}
	key, err := d.FileKey(ente)
	if err != nil {
		return Flow{}, problem.New(problem.RuleStore).Because(err)
	}
	signed, err := firma.Sign(text.Document, key.Key, key.Chain, d.Clock())
	if err != nil {
		return Flow{}, fmt.Errorf("tesoreria: %w", err)
	}
	return d.Attach(ctx, ente, application, operator, k, signed)
}

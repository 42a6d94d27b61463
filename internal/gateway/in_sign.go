// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// Times of produced tokens (design D15).
const (
	signBackDate = 5 * time.Second
	signLifetime = 300 * time.Second
)

// sign puts the patterns of the answer on one with a body. Errors are not signed unless the e-service wants every answer
// to be: the guideline asks for none and consumers do not expect it.
func (i *In) sign(_ context.Context, x *serving) error {
	if x.stream != nil {
		return i.signStream(x)
	}
	if !x.terms.signs() || !x.terms.signsAll && (len(x.reply.Body) == 0 || x.reply.Status >= 400) {
		return nil
	}
	return i.signReply(x, x.reply, modi.Bytes(x.reply.Body), x.voucher.ClientID)
}

// signReply signs an answer and its body with the key of the producer keychain for a client: iss and sub are the producer, or, where
// the key is named by its certificate, the ente's codice fiscale.
func (i *In) signReply(x *serving, r *Reply, body modi.Body, audience string) error {
	t, issuer := x.terms, x.exposed.producer
	key, err := x.exposed.key()
	if err != nil {
		return fmt.Errorf("sign answer: %w", err)
	}
	if t.AnswersByCertificate() {
		issuer = x.exposed.ente.CodiceFiscale
	}
	message := rest.Message{Header: r.Header, Body: body}
	stamp := rest.Stamp{Now: i.Clock(), Rand: i.Rand, BackDate: signBackDate, Lifetime: signLifetime}
	if t.AnswerIdentity != "" {
		_, err = rest.SignIDAuth(&message,
			rest.IDAuthInput{Pattern: t.AnswerIdentity, Issuer: issuer, Subject: issuer, Audience: audience}, stamp, key)
	}
	if err == nil && t.Answer != "" {
		x.answered, err = rest.SignIntegrity(&message, rest.IntegrityInput{
			Pattern: t.Answer, Issuer: issuer, Subject: issuer, Audience: audience, DigestEmpty: body.Len() == 0,
		}, stamp, key)
	}
	if err != nil {
		return fmt.Errorf("sign answer: %w", err)
	}
	return nil
}

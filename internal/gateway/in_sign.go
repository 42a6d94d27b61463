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

// sign puts INTEGRITY_REST_02 on an answer with a body: iss and sub are the producer, aud the caller's client, the key
// is the producer keychain's. Errors are not signed: the guideline asks for none and consumers do not expect it.
func (i *In) sign(_ context.Context, x *serving) error {
	if !x.exposed.signs || len(x.reply.Body) == 0 || x.reply.Status >= 400 {
		return nil
	}
	key, err := x.exposed.key()
	if err != nil {
		return fmt.Errorf("sign answer: %w", err)
	}
	message := rest.Message{Header: x.reply.Header, Body: modi.Bytes(x.reply.Body)}
	x.answered, err = rest.SignIntegrity(&message,
		rest.IntegrityInput{Issuer: x.exposed.producer, Subject: x.exposed.producer, Audience: x.voucher.ClientID},
		rest.Stamp{Now: i.Clock(), Rand: i.Rand, BackDate: signBackDate, Lifetime: signLifetime}, key)
	if err != nil {
		return fmt.Errorf("sign answer: %w", err)
	}
	return nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan_test

import (
	"context"

	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
)

func (c *crashing) CreateEservice(ctx context.Context, seed admin.EserviceSeed) (api.Eservice, error) {
	return stop(c, func() (api.Eservice, error) { return c.Writer.CreateEservice(ctx, seed) })
}

func (c *crashing) UploadInterface(ctx context.Context, e, d string, f api.File) (api.Document, error) {
	return stop(c, func() (api.Document, error) { return c.Writer.UploadInterface(ctx, e, d, f) })
}

func (c *crashing) PublishDescriptor(ctx context.Context, e, d string) (api.Descriptor, error) {
	return stop(c, func() (api.Descriptor, error) { return c.Writer.PublishDescriptor(ctx, e, d) })
}

func (c *crashing) CreateAgreement(ctx context.Context, seed admin.AgreementSeed) (api.Agreement, error) {
	return stop(c, func() (api.Agreement, error) { return c.Writer.CreateAgreement(ctx, seed) })
}

func (c *crashing) SubmitAgreement(ctx context.Context, id, notes string) (api.Agreement, error) {
	return stop(c, func() (api.Agreement, error) { return c.Writer.SubmitAgreement(ctx, id, notes) })
}

func (c *crashing) CreatePurpose(ctx context.Context, seed admin.PurposeSeed) (api.Purpose, error) {
	return stop(c, func() (api.Purpose, error) { return c.Writer.CreatePurpose(ctx, seed) })
}

func (c *crashing) ActivatePurpose(ctx context.Context, id, delegationID string) (api.Purpose, error) {
	return stop(c, func() (api.Purpose, error) { return c.Writer.ActivatePurpose(ctx, id, delegationID) })
}

func (c *crashing) AddClientKey(ctx context.Context, client string, seed admin.KeySeed) (modi.Key, error) {
	return stop(c, func() (modi.Key, error) { return c.Writer.AddClientKey(ctx, client, seed) })
}

func (c *crashing) AddKeychainKey(ctx context.Context, keychain string, seed admin.KeySeed) (modi.Key, error) {
	return stop(c, func() (modi.Key, error) { return c.Writer.AddKeychainKey(ctx, keychain, seed) })
}

func (c *crashing) LinkPurpose(ctx context.Context, client, purpose string) error {
	_, err := stop(c, func() (struct{}, error) { return struct{}{}, c.Writer.LinkPurpose(ctx, client, purpose) })
	return err
}

func (c *crashing) LinkEservice(ctx context.Context, keychain, eservice string) error {
	_, err := stop(c, func() (struct{}, error) { return struct{}{}, c.Writer.LinkEservice(ctx, keychain, eservice) })
	return err
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package onpdnd is the side of a rotation that PDND sees: the keys of a client or of a
// producer keychain, and whether PDND honours a new one.
//
// It depends on package admin, so that nothing that serves requests may import it.
package onpdnd

import (
	"context"
	"crypto"
	"errors"
	"time"

	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/rotation"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

// longest is the longest life that PDND gives a voucher, for what does not say its own.
const longest = 24 * time.Hour

// New returns the platform of a key: that of a keychain, of a client for e-services or of an
// API client. network is the ente's own; nil for the platform's.
func New(p *pdnd.Platform, a *admin.Client, s rotation.Subject, network pdnd.Doer) rotation.Platform {
	if s.Role == keys.RoleKeychain {
		return keychain{a, s.Owner}
	}
	return client{admin: a, platform: p, subject: s, network: network}
}

// settled makes a repeated write no error: what was asked for is there, or gone.
func settled(err error, already error) error {
	if errors.Is(err, already) {
		return nil
	}
	return err
}

type keychain struct {
	admin *admin.Client
	id    string
}

// Keys implements rotation.Platform.
func (k keychain) Keys(ctx context.Context) ([]modi.Key, error) {
	return k.admin.KeychainKeys(ctx, k.id)
}

// Add implements rotation.Platform.
func (k keychain) Add(ctx context.Context, name string, public crypto.PublicKey) error {
	_, err := k.admin.AddKeychainKey(ctx, k.id, admin.KeySeed{Name: name, Public: public})
	return err
}

// Delete implements rotation.Platform.
func (k keychain) Delete(ctx context.Context, kid string) error {
	return settled(k.admin.DeleteKeychainKey(ctx, k.id, kid), api.ErrNotFound)
}

// Live implements rotation.Platform: consumers find the key where they look for it.
func (k keychain) Live(ctx context.Context, key token.SigningKey) (bool, error) {
	_, err := k.admin.ProducerKey(ctx, key.KID)
	return found(err)
}

// Lifespan implements rotation.Platform. Answers outlive the vouchers they were asked for
// with: consumers may look the key up for as long as one can last.
func (k keychain) Lifespan(context.Context) (time.Duration, error) { return longest, nil }

func found(err error) (bool, error) {
	if errors.Is(err, api.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

type client struct {
	admin    *admin.Client
	platform *pdnd.Platform
	subject  rotation.Subject
	network  pdnd.Doer
}

// Keys implements rotation.Platform.
func (c client) Keys(ctx context.Context) ([]modi.Key, error) {
	return c.admin.ClientKeys(ctx, c.subject.Owner)
}

// Add implements rotation.Platform.
func (c client) Add(ctx context.Context, name string, public crypto.PublicKey) error {
	_, err := c.admin.AddClientKey(ctx, c.subject.Owner, admin.KeySeed{Name: name, Public: public})
	return err
}

// Delete implements rotation.Platform.
func (c client) Delete(ctx context.Context, kid string) error {
	return settled(c.admin.DeleteClientKey(ctx, c.subject.Owner, kid), api.ErrNotFound)
}

// Live implements rotation.Platform: PDND gives a voucher for every purpose that has one. Its
// copies of the platform follow within seconds, and until then it refuses without a reason.
func (c client) Live(ctx context.Context, key token.SigningKey) (bool, error) {
	if live, err := found(second(c.admin.ClientKey(ctx, key.KID))); !live {
		return false, err
	}
	purposes := []string{""}
	if !c.subject.API {
		active, err := c.active(ctx)
		if err != nil {
			return false, err
		}
		purposes = active
	}
	for _, id := range purposes {
		_, err := c.platform.TryVoucher(ctx, pdnd.VoucherRequest{
			PurposeID: id, Client: pdnd.Credentials{ClientID: c.subject.Owner, Key: key, Ente: c.subject.Ente, HTTP: c.network},
		})
		if errors.Is(err, registry.ErrConfig) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

func second[T any](_ T, err error) error { return err }

// active are the purposes of the client for which PDND gives vouchers.
func (c client) active(ctx context.Context) ([]string, error) {
	list, err := c.admin.ClientPurposes(ctx, c.subject.Owner)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range list {
		if p.CurrentVersion == nil || p.CurrentVersion.State != api.PurposeActive {
			continue
		}
		a, err := c.admin.PurposeAgreement(ctx, p.ID)
		if err != nil && !errors.Is(err, api.ErrRefused) {
			return nil, err
		}
		if err == nil && a.State == api.AgreementActive {
			ids = append(ids, p.ID)
		}
	}
	return ids, nil
}

// Lifespan implements rotation.Platform: the longest of the e-services that the client calls.
// What PDND does not tell about a purpose counts as the longest life there is.
func (c client) Lifespan(ctx context.Context) (time.Duration, error) {
	list, err := c.admin.ClientPurposes(ctx, c.subject.Owner)
	if err != nil || c.subject.API || len(list) == 0 {
		return longest, err
	}
	var most int64
	for _, p := range list {
		a, err := c.admin.PurposeAgreement(ctx, p.ID)
		if errors.Is(err, api.ErrRefused) {
			return longest, nil // a draft, or one archived long ago
		}
		if err != nil {
			return 0, err
		}
		d, err := c.admin.Descriptor(ctx, p.EserviceID, a.DescriptorID)
		if errors.Is(err, api.ErrRefused) {
			return longest, nil
		}
		if err != nil {
			return 0, err
		}
		most = max(most, d.VoucherLifespan)
	}
	return time.Duration(most) * time.Second, nil
}

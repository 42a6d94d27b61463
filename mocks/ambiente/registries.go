// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package ambiente

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/mocks/scripted"
)

// PurposeFor is the purpose for which the ente consumes a registry that is described as
// data: the same every time, so that configurations can name it.
func (e Ente) PurposeFor(script string) string {
	return e.TenantID[:len("b1000000-0000-4000-8000-")] + digits(script)
}

// digits are the last twelve of an identifier, taken from a name.
func digits(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:6])
}

// Scripts are the registries that are described as data.
func (a *Ambiente) Scripts() []scripted.Script { return slices.Clone(a.opts.Scripts) }

func (a *Ambiente) makeRegistries() error {
	if a.opts.Scripts == nil {
		builtin, err := scripted.Builtin()
		if err != nil {
			return err
		}
		a.opts.Scripts = builtin
	}
	var err error
	a.Registries, err = scripted.New(scripted.Options{
		Clock:   a.opts.Clock,
		Rand:    a.opts.Rand,
		Issuer:  a.PDND.Profile().Issuer,
		JWKSURL: func() string { return a.PDND.Profile().JWKSURL },
		Keys: func(_ context.Context, kid string) (string, *rsa.PublicKey, error) {
			client, key, ok := a.PDND.ClientKey(kid)
			if !ok {
				return "", nil, scripted.ErrKeyUnknown
			}
			return client, key, nil
		},
		Scripts: a.opts.Scripts,
	})
	return err
}

// registerRegistries registers the producers of the scripts, their e-services and a
// purpose of each ente for each.
func (a *Ambiente) registerRegistries() error {
	known := map[string]bool{}
	for _, script := range a.opts.Scripts {
		e := script.Eservice
		if !known[e.ProducerID] {
			if err := a.PDND.AddTenant(pdnd.Tenant{ID: e.ProducerID, Name: e.ProducerName, IPACode: e.ProducerIPA}); err != nil {
				return err
			}
			known[e.ProducerID] = true
		}
		if err := a.addEservice(e.ProducerID, e.EserviceID, e.DescriptorID, e.Title, e.Audience); err != nil {
			return err
		}
		if err := a.registerKeychain(script); err != nil {
			return err
		}
		for _, ente := range Enti() {
			if err := a.PDND.AddPurpose(pdnd.Purpose{
				ID: ente.PurposeFor(script.Name), ConsumerID: ente.TenantID, DescriptorID: e.DescriptorID,
				Clients: []string{ente.ConsumerClientID}, DailyCalls: dailyCalls,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// registerKeychain registers the key of signed answers.
func (a *Ambiente) registerKeychain(script scripted.Script) error {
	if !script.Signed() {
		return nil
	}
	id := script.Eservice.ProducerID[:len("b1000000-0000-4000-8000-")] + digits("portachiavi "+script.Name)
	if err := a.PDND.AddKeychain(pdnd.Keychain{
		ID: id, ProducerID: script.Eservice.ProducerID, Name: script.Name, Eservices: []string{script.Eservice.EserviceID},
	}); err != nil {
		return err
	}
	key, err := a.Registries.PublicKeyPEM(script.Name)
	if err != nil {
		return err
	}
	_, err = a.PDND.AddKeychainKey(id, key)
	return err
}

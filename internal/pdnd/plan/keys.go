// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan

import (
	"context"
	"maps"
	"slices"

	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

// clientSteps upload the keys with which a client of ente.yaml signs. A key that is on PDND
// and not in the folder is left there: who rotates keys takes them away.
func (s *scope) clientSteps(ctx context.Context, r Reader, name string) ([]Step, error) {
	client, err := s.Keys.Client(s.ente.CodiceIPA, name)
	if err != nil {
		return nil, err
	}
	there, err := r.ClientKeys(ctx, client.ID)
	if err != nil {
		return nil, err
	}
	target := "client/" + name
	steps := []Step{s.keyStep(ClientKeyAdd, target, client.ID, client.Assertion, there, Writer.AddClientKey)}
	if client.ModI.KID != client.Assertion.KID {
		steps = append(steps, s.keyStep(ClientKeyAdd, target, client.ID, client.ModI, there, Writer.AddClientKey))
	}
	return steps, nil
}

// keychainSteps upload the key that signs the answers of a keychain.
func (s *scope) keychainSteps(ctx context.Context, r Reader, name string) ([]Step, error) {
	keychain, err := s.Keys.Keychain(s.ente.CodiceIPA, name)
	if err != nil {
		return nil, err
	}
	there, err := r.KeychainKeys(ctx, keychain.ID)
	if err != nil {
		return nil, err
	}
	return []Step{s.keyStep(KeychainKeyAdd, "keychain/"+name, keychain.ID, keychain.Key, there, Writer.AddKeychainKey)}, nil
}

// addKey is a method of Writer as an expression: its receiver comes first.
type addKey func(w Writer, ctx context.Context, owner string, seed admin.KeySeed) (modi.Key, error)

func (s *scope) keyStep(action, target, owner string, key token.SigningKey, there []modi.Key, add addKey) Step {
	st := s.step(action, target, Done, result{object: key.KID}, Value{"kid", key.KID}, Value{"id", owner})
	if action == ClientKeyAdd {
		st.act.Client = owner
	}
	if slices.ContainsFunc(there, func(k modi.Key) bool { return k.KID == key.KID }) {
		return st
	}
	st.Status = Todo
	return st.doing(func(ctx context.Context, w Writer) (result, error) {
		_, err := add(w, ctx, owner, admin.KeySeed{Name: KeyName(key.KID), Public: key.Signer.Public()})
		return result{object: key.KID}, err
	})
}

// KeyName is how a key is called on PDND's pages.
func KeyName(kid string) string { return "snodo-" + kid[:min(len(kid), 12)] }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

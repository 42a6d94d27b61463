// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"crypto/rsa"

	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// Platform returns the state behind the server, to seed it and to look at it. What
// follows here are short ways to it.
func (s *Server) Platform() *platform.Platform { return s.world }

// AddTenant is [platform.Platform.AddTenant].
func (s *Server) AddTenant(t Tenant) error { return s.world.AddTenant(t) }

// AddEservice is [platform.Platform.AddEservice].
func (s *Server) AddEservice(e Eservice) error { return s.world.AddEservice(e) }

// AddDescriptor is [platform.Platform.AddDescriptor].
func (s *Server) AddDescriptor(d Descriptor) error { return s.world.AddDescriptor(d) }

// AddClient is [platform.Platform.AddClient].
func (s *Server) AddClient(c Client) error { return s.world.AddClient(c) }

// AddPurpose is [platform.Platform.AddPurpose].
func (s *Server) AddPurpose(p Purpose) error { return s.world.AddPurpose(p) }

// AddKeychain is [platform.Platform.AddKeychain].
func (s *Server) AddKeychain(k Keychain) error { return s.world.AddKeychain(k) }

// SetDescriptorState is [platform.Platform.SetDescriptorState].
func (s *Server) SetDescriptorState(id string, state DescriptorState) error {
	return s.world.SetDescriptorState(id, state)
}

// SetPurposeState is [platform.Platform.SetPurposeState].
func (s *Server) SetPurposeState(id, state string) error { return s.world.SetPurposeState(id, state) }

// SetAgreementState is [platform.Platform.SetAgreementState].
func (s *Server) SetAgreementState(purposeID, state string) error {
	return s.world.SetAgreementState(purposeID, state)
}

// AddClientKey is [platform.Platform.AddClientKey].
func (s *Server) AddClientKey(clientID string, publicPEM []byte) (string, error) {
	return s.world.AddClientKey(clientID, publicPEM)
}

// AddKeychainKey is [platform.Platform.AddKeychainKey].
func (s *Server) AddKeychainKey(keychainID string, publicPEM []byte) (string, error) {
	return s.world.AddKeychainKey(keychainID, publicPEM)
}

// RemoveKey is [platform.Platform.RemoveKey].
func (s *Server) RemoveKey(kid string) error { return s.world.RemoveKey(kid) }

// ClientKey returns the owner and the public key of a client's kid, as the platform API
// would, for mocks in the same process.
func (s *Server) ClientKey(kid string) (clientID string, key *rsa.PublicKey, ok bool) {
	k, ok := s.world.ClientKey(kid)
	if !ok {
		return "", nil, false
	}
	return k.ClientID, k.Public, true
}

// KeychainKey returns the owner and the public key of a producer keychain's kid.
func (s *Server) KeychainKey(kid string) (keychainID string, key *rsa.PublicKey, ok bool) {
	k, ok := s.world.KeychainKey(kid)
	if !ok {
		return "", nil, false
	}
	return k.KeychainID, k.Public, true
}

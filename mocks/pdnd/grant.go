// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"slices"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// grant is everything the registry says about an accepted assertion.
type grant struct {
	client     Client
	purpose    Purpose
	descriptor Descriptor
	eservice   Eservice
}

// lookup finds the key of an assertion. For a client and kid with a purpose there is a
// row only when that client is linked to that purpose; so an API client that sends a
// purpose is not found, and nobody learns which part was wrong.
func (s *Server) lookup(a *assertion) (grant, ownedKey, *Refusal) {
	missing := func(detail string) *Refusal {
		return refuse(StageLookup, Reason{"0006", "tokenGenerationStatesEntryNotFound", detail})
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var g grant
	key, ok := s.world.keys[a.kid]
	if !ok || key.client != a.clientID || key.client == "" {
		return g, key, missing("no such kid for this client")
	}
	g.client = s.world.clients[a.clientID]
	if a.purposeID == "" {
		return g, key, nil
	}
	if g.client.Kind == API {
		return g, key, missing("an API client has no purpose")
	}
	g.purpose, ok = s.world.purposes[a.purposeID]
	if !ok || !slices.Contains(g.purpose.Clients, a.clientID) {
		return g, key, missing("the client is not linked to this purpose")
	}
	g.descriptor = s.world.descriptors[g.purpose.DescriptorID]
	g.eservice = s.world.eservices[g.descriptor.EserviceID]
	return g, key, nil
}

// verifyAssertion checks the signature with the key found.
func verifyAssertion(a *assertion, key ownedKey) *Refusal {
	if err := a.token.Verify(key.pub); err != nil {
		return refuse(StageSignature, Reason{"0033", "invalidSignature", "the signature does not verify with the registered key"})
	}
	return nil
}

// state checks the platform states. API clients have none.
func (g grant) state() *Refusal {
	if g.client.Kind == API {
		return nil
	}
	if g.purpose.ID == "" {
		return refuse(StageState, Reason{"0030", "purposeIdNotProvided", "a consumer client must send purposeId"})
	}
	if g.eservice.AsyncExchange {
		return refuse(StageState, Reason{"0039", "asyncExchangeNotAllowed", "the e-service takes the asynchronous endpoint only"})
	}
	var reasons []Reason
	if g.purpose.AgreementState != Active {
		reasons = append(reasons, Reason{"0021", "invalidAgreementState", "the agreement is " + g.purpose.AgreementState})
	}
	if !slices.Contains([]DescriptorState{Published, Deprecated, Archiving}, g.descriptor.State) {
		reasons = append(reasons, Reason{"0022", "invalidDescriptorState", "the descriptor is " + string(g.descriptor.State)})
	}
	if g.purpose.State != Active {
		reasons = append(reasons, Reason{"0020", "invalidPurposeState", "the purpose is " + g.purpose.State})
	}
	if len(reasons) > 0 {
		return refuse(StageState, reasons...)
	}
	return nil
}

// tenant is whose quota a request counts on: the owner of the purpose, or of the API
// client.
func (g grant) tenant() string {
	if g.purpose.ConsumerID != "" {
		return g.purpose.ConsumerID
	}
	return g.client.TenantID
}

// reasonOf turns a broken DPoP rule into the platform's code for it.
func reasonOf(fault *rules.Fault) Reason {
	codes := map[string]string{
		"dpop-malformed":   "0003",
		"dpop-jti":         "0004",
		"dpop-iat-missing": "0006",
		"dpop-typ":         "0008",
		"dpop-jwk":         "0009",
		"dpop-htm":         "0011",
		"dpop-htu":         "0013",
		"dpop-alg":         "0017",
		"dpop-extra":       "0018",
		"dpop-iat-old":     "0020",
		"dpop-iat-future":  "0021",
	}
	return Reason{codes[fault.Name], fault.Name, fault.Detail}
}

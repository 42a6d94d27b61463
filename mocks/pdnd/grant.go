// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"slices"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
)

// grant is everything the authorizer's copy of the platform says about an accepted
// assertion.
type grant struct{ platform.Grant }

// lookup finds the key of an assertion. For a client and kid with a purpose there is a
// row only when that client is linked to that purpose; so an API client that sends a
// purpose is not found, and nobody learns which part was wrong. Rows follow the platform
// with the delay of the copy.
func (s *Server) lookup(a *assertion, now time.Time) (grant, *Refusal) {
	missing := func(detail string) *Refusal {
		return refuse(StageLookup, Reason{"0006", "tokenGenerationStatesEntryNotFound", detail})
	}
	copied := now.Add(-s.propagation())
	g, ok := s.world.KeyOf(a.clientID, a.kid, copied)
	if !ok {
		return grant{}, missing("no such kid for this client")
	}
	if a.purposeID == "" {
		return grant{g}, nil
	}
	if g.Client.Kind == API {
		return grant{}, missing("an API client has no purpose")
	}
	if g, ok = s.world.WithPurpose(g, a.purposeID, copied); !ok {
		return grant{}, missing("the client is not linked to this purpose")
	}
	return grant{g}, nil
}

// verifyAssertion checks the signature with the key found.
func verifyAssertion(a *assertion, key platform.Key) *Refusal {
	if err := a.token.Verify(key.Public); err != nil {
		return refuse(StageSignature, Reason{"0033", "invalidSignature", "the signature does not verify with the registered key"})
	}
	return nil
}

// state checks the platform states. API clients have none.
func (g grant) state() *Refusal {
	if g.Client.Kind == API {
		return nil
	}
	if g.Purpose.ID == "" {
		return refuse(StageState, Reason{"0030", "purposeIdNotProvided", "a consumer client must send purposeId"})
	}
	if g.Eservice.AsyncExchange {
		return refuse(StageState, Reason{"0039", "asyncExchangeNotAllowed", "the e-service takes the asynchronous endpoint only"})
	}
	var reasons []Reason
	if g.Agreement.State != Active {
		reasons = append(reasons, Reason{"0021", "invalidAgreementState", "the agreement is " + g.Agreement.State})
	}
	if !slices.Contains([]DescriptorState{Published, Deprecated, Archiving}, g.Descriptor.State) {
		reasons = append(reasons, Reason{"0022", "invalidDescriptorState", "the descriptor is " + string(g.Descriptor.State)})
	}
	if g.PurposeState != Active {
		reasons = append(reasons, Reason{"0020", "invalidPurposeState", "the purpose is " + g.PurposeState})
	}
	if len(reasons) > 0 {
		return refuse(StageState, reasons...)
	}
	return nil
}

// tenant is whose quota a request counts on: the owner of the purpose, also when a
// delegate's client asks, or of the API client.
func (g grant) tenant() string {
	if g.Purpose.ConsumerID != "" {
		return g.Purpose.ConsumerID
	}
	return g.Client.TenantID
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

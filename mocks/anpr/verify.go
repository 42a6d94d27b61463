// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// maxTokenAge is how old iat of a consumer's token may be.
const maxTokenAge = 300 * time.Second

// caller is who a verified request comes from.
type caller struct {
	clientID, consumerID, purposeID string
}

// verify runs the ModI checks of a request: voucher, integrity, evidence, replay.
func (s *Server) verify(r *http.Request, service Service, body []byte) (caller, *rules.Fault) {
	now := s.opts.Clock()
	voucher, fault := s.voucher(r, service, now)
	if fault != nil {
		return caller{}, fault
	}
	var who caller
	who.clientID, _ = voucher.String("client_id")
	who.consumerID, _ = voucher.String("consumerId")
	who.purposeID, _ = voucher.String("purposeId")
	party := rules.Party{
		ClientID: who.clientID,
		Audience: service.Audience,
		Now:      now,
		Window:   rules.Window{MaxAge: maxTokenAge, Future: s.opts.FutureTolerance},
	}
	jti, fault := s.integrity(r, party, body)
	if fault != nil {
		return caller{}, fault
	}
	if fault := s.evidence(r, party, voucher, who.purposeID); fault != nil {
		return caller{}, fault
	}
	// A token refused for its age cannot come back, so its jti may be forgotten then.
	if !s.replay.Use(who.clientID+" "+jti, now, maxTokenAge+s.opts.FutureTolerance) {
		return caller{}, &rules.Fault{Class: rules.ClassReplay, Name: "jti-replayed", Detail: "the jti was already used by this client"}
	}
	return who, nil
}

func (s *Server) voucher(r *http.Request, service Service, now time.Time) (rules.Members, *rules.Fault) {
	header, fault := rules.OneHeader(r.Header, "Authorization", rules.ClassToken)
	if fault != nil {
		return nil, fault
	}
	scheme, compact, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, &rules.Fault{Class: rules.ClassToken, Name: "scheme-invalid", Detail: "the scheme is not Bearer"}
	}
	t, kid, fault := rules.ParseVoucher(compact)
	if fault != nil {
		return nil, fault
	}
	key, err := s.platform.find(r.Context(), kid)
	if errors.Is(err, errNoSuchKey) {
		return nil, &rules.Fault{Class: rules.ClassToken, Name: "voucher-kid", Detail: "the kid is not the platform's"}
	}
	if err != nil {
		return nil, &rules.Fault{Class: rules.ClassUnknown, Name: "platform-unreachable", Detail: err.Error()}
	}
	if t.Verify(key) != nil {
		return nil, &rules.Fault{Class: rules.ClassToken, Name: "voucher-signature", Detail: "the signature does not verify"}
	}
	return t.Claims, rules.CheckVoucher(t.Claims, rules.Resource{
		Issuer:        s.opts.Issuer,
		Audience:      service.Audience,
		ProducerID:    s.opts.ProducerID,
		EserviceID:    service.EserviceID,
		DescriptorIDs: service.DescriptorIDs,
		Now:           now,
		Future:        s.opts.FutureTolerance,
	})
}

// integrity verifies INTEGRITY_REST_02 and returns the jti.
func (s *Server) integrity(r *http.Request, party rules.Party, body []byte) (string, *rules.Fault) {
	t, fault := s.partyToken(r, "Agid-JWT-Signature", party)
	if fault != nil {
		return "", fault
	}
	if fault := rules.CheckDigest(r.Header, body); fault != nil {
		return "", fault
	}
	if fault := rules.CheckSignedHeaders(t.Claims, r.Header); fault != nil {
		return "", fault
	}
	jti, _ := t.Claims.String("jti")
	return jti, nil
}

// evidence verifies AUDIT_REST_02.
func (s *Server) evidence(r *http.Request, party rules.Party, voucher rules.Members, purposeID string) *rules.Fault {
	t, fault := s.partyToken(r, "Agid-JWT-TrackingEvidence", party)
	if fault == nil {
		fault = rules.CheckEvidence(t.Claims, purposeID)
	}
	if fault == nil {
		fault = rules.CheckBinding(voucher, t.Raw)
	}
	if fault != nil && fault.Class == rules.ClassProfile {
		fault.Name = "evidence-" + fault.Name
	}
	return fault
}

// partyToken reads a token of the consumer from a header, verifies its signature with
// the key PDND has for its kid, which must be the voucher's client's, then its claims.
func (s *Server) partyToken(r *http.Request, name string, party rules.Party) (*rules.Token, *rules.Fault) {
	compact, fault := rules.OneHeader(r.Header, name, rules.ClassProfile)
	if fault != nil {
		return nil, fault
	}
	t, kid, fault := rules.ParseParty(compact)
	if fault != nil {
		return nil, fault
	}
	owner, key, fault := s.consumerKey(r.Context(), kid)
	if fault != nil {
		return nil, fault
	}
	if t.Verify(key) != nil {
		return nil, &rules.Fault{Class: rules.ClassProfile, Name: "signature-invalid", Detail: "the signature of " + name + " does not verify"}
	}
	if owner != party.ClientID {
		return nil, &rules.Fault{Class: rules.ClassDenied, Name: "key-owner", Detail: "the key of " + name + " belongs to another client"}
	}
	return t, rules.CheckParty(t.Claims, party)
}

func (s *Server) consumerKey(ctx context.Context, kid string) (string, *rsa.PublicKey, *rules.Fault) {
	owner, key, err := s.opts.Keys(ctx, kid)
	switch {
	case errors.Is(err, ErrKeyUnknown):
		return "", nil, &rules.Fault{Class: rules.ClassProfile, Name: "kid-unknown", Detail: "no client on PDND has this kid"}
	case err != nil:
		return "", nil, &rules.Fault{Class: rules.ClassUnknown, Name: "keys-unreachable", Detail: err.Error()}
	default:
		return owner, key, nil
	}
}

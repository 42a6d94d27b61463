// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package producer

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

// Verify runs the ModI checks of a request: voucher, then integrity, evidence and replay
// as far as the service wants them.
func (g *Gate) Verify(r *http.Request, service Service, body []byte) (Caller, *rules.Fault) {
	now := g.opts.Clock()
	voucher, fault := g.voucher(r, service, now)
	if fault != nil {
		return Caller{}, fault
	}
	var who Caller
	who.ClientID, _ = voucher.String("client_id")
	who.ConsumerID, _ = voucher.String("consumerId")
	who.PurposeID, _ = voucher.String("purposeId")
	party := rules.Party{
		ClientID: who.ClientID,
		Audience: service.Audience,
		Now:      now,
		Window:   rules.Window{MaxAge: maxTokenAge, Future: g.opts.Future},
	}
	jti := ""
	if service.Integrity {
		if jti, fault = g.integrity(r, party, body); fault != nil {
			return Caller{}, fault
		}
	}
	if service.Audit {
		if fault := g.evidence(r, party, voucher, who.PurposeID); fault != nil {
			return Caller{}, fault
		}
	}
	// A token refused for its age cannot come back, so its jti may be forgotten then.
	if jti != "" && !g.replay.Use(who.ClientID+" "+jti, now, maxTokenAge+g.opts.Future) {
		return Caller{}, &rules.Fault{Class: rules.ClassReplay, Name: "jti-replayed", Detail: "the jti was already used by this client"}
	}
	return who, nil
}

func (g *Gate) voucher(r *http.Request, service Service, now time.Time) (rules.Members, *rules.Fault) {
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
	key, err := g.platform.find(r.Context(), kid)
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
		Issuer:        g.opts.Issuer,
		Audience:      service.Audience,
		ProducerID:    service.ProducerID,
		EserviceID:    service.EserviceID,
		DescriptorIDs: service.DescriptorIDs,
		Now:           now,
		Future:        g.opts.Future,
	})
}

// integrity verifies INTEGRITY_REST_02 and returns the jti.
func (g *Gate) integrity(r *http.Request, party rules.Party, body []byte) (string, *rules.Fault) {
	t, fault := g.partyToken(r, "Agid-JWT-Signature", party)
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
func (g *Gate) evidence(r *http.Request, party rules.Party, voucher rules.Members, purposeID string) *rules.Fault {
	t, fault := g.partyToken(r, "Agid-JWT-TrackingEvidence", party)
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
func (g *Gate) partyToken(r *http.Request, name string, party rules.Party) (*rules.Token, *rules.Fault) {
	compact, fault := rules.OneHeader(r.Header, name, rules.ClassProfile)
	if fault != nil {
		return nil, fault
	}
	t, kid, fault := rules.ParseParty(compact)
	if fault != nil {
		return nil, fault
	}
	owner, key, fault := g.consumerKey(r.Context(), kid)
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

func (g *Gate) consumerKey(ctx context.Context, kid string) (string, *rsa.PublicKey, *rules.Fault) {
	owner, key, err := g.opts.Keys(ctx, kid)
	switch {
	case errors.Is(err, ErrKeyUnknown):
		return "", nil, &rules.Fault{Class: rules.ClassProfile, Name: "kid-unknown", Detail: "no client on PDND has this kid"}
	case err != nil:
		return "", nil, &rules.Fault{Class: rules.ClassUnknown, Name: "keys-unreachable", Detail: err.Error()}
	default:
		return owner, key, nil
	}
}

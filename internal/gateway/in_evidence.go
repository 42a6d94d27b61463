// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/problem"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
)

// intend stores the intent with the proofs of the request. The back end is called only when it is durable.
func (i *In) intend(ctx context.Context, x *serving) error {
	r := x.record(evidence.KindErogazioneIntento)
	x.describeRequest(&r.Side)
	x.keepRequest(&r.Side)
	receipt, err := i.append(ctx, r)
	if err != nil {
		return problem.New(problem.RuleIntentNotStored).Because(err)
	}
	x.intent = &receipt
	return nil
}

// conclude stores the outcome that closes the intent, or the refusal of a verified caller as far as its allowance of
// refusals goes. An outcome that cannot be stored withholds the answer; a refusal is refused anyway.
func (i *In) conclude(ctx context.Context, x *serving) error {
	kind := evidence.KindErogazioneEsito
	if x.intent == nil {
		kind = evidence.KindErogazioneRifiuto
	}
	r := x.record(kind)
	r.Status = x.status()
	if x.err != nil {
		r.Rules = problem.Rules(x.err)
	}
	if x.intent == nil {
		if r.Rules[0] == string(problem.RuleIntentNotStored) || !i.recordsRefusal(ctx, x) {
			return x.err
		}
		x.describeRequest(&r.Side)
	} else {
		r.Closes = &x.intent.Index
		x.describeAnswer(&r.Side)
	}
	_, err := i.append(ctx, r)
	switch {
	case err == nil:
		return x.err
	case x.intent != nil:
		return problem.New(problem.RuleOutcomeNotStored).Because(err)
	}
	i.Logger.LogAttrs(ctx, slog.LevelError, "rifiuto non registrato tra le prove",
		slog.String("scambio", x.id), slog.String("errore", err.Error()))
	return x.err
}

func (i *In) append(ctx context.Context, r evidence.Record) (evidence.Receipt, error) {
	began := i.Clock()
	receipt, err := i.Log.Append(ctx, r)
	i.Observer.evidence(string(r.Kind), err == nil, i.Clock().Sub(began))
	return receipt, err
}

func (x *serving) record(kind evidence.Kind) evidence.Record {
	v := x.voucher
	return evidence.Record{
		Entry: evidence.Entry{
			Ente: x.exposed.ente.CodiceIPA, Environment: x.exposed.binding.Environment, Kind: kind, Exchange: x.id,
			Service: x.exposed.recipe.Name, Operation: x.match.ID, Eservice: v.EserviceID, Descriptor: v.DescriptorID,
			Purpose: v.PurposeID, Client: v.ClientID, Vouchers: []string{v.JTI},
		},
		Subjects: x.subjects,
	}
}

// describeRequest keeps who called and how it was proved: the payload of the voucher, never its signature, and the
// tokens that the caller made for this request, whole.
func (x *serving) describeRequest(s *evidence.Side) {
	s.Method, s.URI, s.Peer = x.in.Method, x.rest, x.in.RemoteIP
	s.Operator = evidence.Operator{
		UserID: x.audit.UserID, Workstation: x.audit.UserLocation, LoA: x.audit.LoA, Assurance: operatoriDichiarati,
	}
	if x.audit.JTI == "" {
		s.Operator = evidence.Operator{}
	}
	if x.integrity.BodyDigest != "" {
		s.Digests = append(s.Digests, bodyDigest("request", x.integrity.BodyDigest))
	} else if x.upload != nil { // of which nothing else is kept
		s.Digests = appendDigest(s.Digests, x.upload)
	}
	keep := x.exposed.recipe.Evidence.Keep
	if keep == keepMetadata {
		return
	}
	s.Proofs = x.credentials()
	s.Proofs = appendProof(s.Proofs, evidence.TokenSignature, evidence.DirectionRequest, x.integrity)
	s.Proofs = appendProof(s.Proofs, evidence.TokenTracking, evidence.DirectionRequest, x.audit)
}

// keepRequest keeps the body where the exposure says so; of an upload its digest is kept, and no more. It is for the intent alone: only there the body is known to be
// the one that was signed, within the quota and a message of this e-service.
func (x *serving) keepRequest(s *evidence.Side) {
	if x.exposed.recipe.Evidence.Keep == keepMessages && len(x.in.Body) > 0 {
		s.Messages = append(s.Messages, evidence.Message{
			Direction: evidence.DirectionRequest, MediaType: x.in.Header.Get(headerContentType), Body: x.in.Body,
		})
	}
}

func (x *serving) describeAnswer(s *evidence.Side) {
	if x.answered.BodyDigest != "" {
		s.Digests = append(s.Digests, bodyDigest("response", x.answered.BodyDigest))
	}
	keep := x.exposed.recipe.Evidence.Keep
	if keep == keepMetadata {
		return
	}
	s.Proofs = appendProof(s.Proofs, evidence.TokenSignature, evidence.DirectionResponse, x.answered)
	if keep == keepMessages && x.reply != nil && len(x.reply.Body) > 0 {
		s.Messages = append(s.Messages, evidence.Message{
			Direction: evidence.DirectionResponse, MediaType: x.reply.Header.Get(headerContentType), Body: x.reply.Body,
		})
	}
}

// credentials are what says who called, without signatures: whoever reads them could call again. There is room for the
// two other proofs of a request.
func (x *serving) credentials() []evidence.Proof {
	kept := make([]evidence.Proof, 0, 3)
	if x.terms.byVoucher() {
		kept = append(kept, credential(evidence.TokenVoucher, x.voucher.KID, x.compact))
	}
	if x.identity != nil {
		kept = append(kept, credential(evidence.TokenIdentity, x.identity.KID, x.identity.Compact))
	}
	if x.possession != nil {
		kept = append(kept, credential(evidence.TokenDPoP, x.possession.KID, x.possession.Compact))
	}
	return kept
}

func credential(kind evidence.TokenKind, kid, compact string) evidence.Proof {
	return evidence.Proof{Token: kind, Direction: evidence.DirectionRequest, Kid: kid, Payload: payloadOf(compact)}
}

func appendProof(to []evidence.Proof, kind evidence.TokenKind, d evidence.Direction, p rest.Proof) []evidence.Proof {
	if p.Compact == "" {
		return to
	}
	return append(to, evidence.Proof{Token: kind, Direction: d, Kid: p.KID, Compact: p.Compact})
}

// bodyDigest reads a Digest header that has verified, or that the hub made.
func bodyDigest(name, header string) evidence.Digest {
	alg, value, _ := strings.Cut(header, "=")
	return evidence.Digest{Name: name, Algorithm: alg, Value: value}
}

// appendDigest adds the SHA-256 of a body that no token speaks of.
func appendDigest(to []evidence.Digest, body modi.Body) []evidence.Digest {
	sum, err := body.Digest(crypto.SHA256)
	if err != nil {
		return to
	}
	return append(to, evidence.Digest{Name: "request", Algorithm: crypto.SHA256.String(), Value: base64.StdEncoding.EncodeToString(sum)})
}

// payloadOf is the middle part of a token that has verified.
func payloadOf(compact string) json.RawMessage {
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	return payload
}

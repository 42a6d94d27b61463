// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
)

// auditKey names a tracking evidence by its bytes, together with all that it was held against: the e-service, what the
// operation asks, and the voucher, by its bytes, to which AUDIT_REST_02 binds it.
type auditKey struct {
	exposed           *exposed
	terms             *terms
	voucher, evidence [sha256.Size]byte
}

type knownAudit struct {
	proof        rest.Proof
	key          modi.Key // that verified it; another one under its kid makes the entry worthless
	since, until time.Time
}

func (k knownAudit) end() time.Time { return k.until }

// verifyAudit verifies AUDIT_REST_01 or 02; 02 whenever the voucher binds an evidence. Consumers send one evidence with its voucher many times: the verdict on the same
// bytes is the same while the key stands and the time lies between the verification and the first limit of a time
// claim. Whatever lies outside is verified anew, so that every refusal is the verifier's.
func (i *In) verifyAudit(ctx context.Context, x *serving, keys modi.KeyResolver) (rest.Proof, error) {
	key := auditKey{exposed: x.exposed, terms: x.terms, voucher: sumOf(x.compact)}
	values := x.in.Header.Values(rest.HeaderTrackingEvidence)
	if len(values) == 1 {
		key.evidence = sumOf(values[0])
		now := i.judging(x)()
		if known, ok := i.audits.get(key, now); ok && !now.Before(known.since) {
			current, err := keys.ResolveKey(ctx, known.proof.KID)
			if err == nil && current.Owner == known.key.Owner && current.Algorithm == known.key.Algorithm &&
				token.SamePublicKey(current.Public, known.key.Public) {
				return known.proof, nil
			}
			i.audits.drop(key)
		}
	}
	times, since := modi.PartyTimes(), i.judging(x)()
	pattern := x.terms.Audit
	if x.voucher.Digest != nil {
		pattern = modi.PatternAuditREST02
	}
	proof, err := rest.AuditVerifier{
		Pattern: pattern, Audience: x.exposed.binding.Audience, Owner: x.voucher.ClientID, PurposeID: x.voucher.PurposeID,
		Digest: x.voucher.Digest, Keys: keys, Clock: i.judging(x), Times: times, Lenient: x.exposed.lenient,
	}.Verify(ctx, x.in.Header)
	if err != nil {
		return proof, err
	}
	// The key was used a moment ago: this is a look into the resolver's cache.
	if signer, err := keys.ResolveKey(ctx, proof.KID); err == nil {
		until := proof.IssuedAt.Add(times.MaxAge)
		if proof.ExpiresAt.Before(until) {
			until = proof.ExpiresAt
		}
		i.audits.put(key, knownAudit{proof: proof, key: signer, since: since, until: until})
	}
	return proof, nil
}

// sumOf hashes a token. Usual tokens fit the buffer, so that no copy of them goes on the heap.
func sumOf(compact string) [sha256.Size]byte {
	var buffer [2048]byte
	return sha256.Sum256(append(buffer[:0], compact...))
}

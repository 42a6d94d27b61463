// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/internal/moditest"
	"github.com/snodo-pa/snodo/modi/rest"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/modi/voucher"
)

// call is a request with voucher, integrity and tracking evidence, and the verifier of
// the producer.
func call(tb testing.TB) (rest.Message, rest.Verifier) {
	tb.Helper()
	now := moditest.Now().Unix()
	audit := forge(tb, goodAudit(), moditest.RSA(tb, 0))
	vo := moditest.Forge(tb, `{"alg":"RS256","kid":"`+moditest.PlatformKID+`","typ":"at+jwt"}`, moditest.JSON(tb, map[string]any{
		"iss": moditest.Issuer, "sub": moditest.ClientID, "client_id": moditest.ClientID, "aud": moditest.Audience,
		"iat": now - 5, "nbf": now - 5, "exp": now + 595, "jti": "v1", "purposeId": moditest.PurposeID,
		"producerId": moditest.ProducerID, "consumerId": moditest.ConsumerID, "eserviceId": moditest.EserviceID,
		"descriptorId": moditest.DescriptorID, "digest": digestOf(audit),
	}), moditest.RSA(tb, 1))
	m := message(tb, goodIntegrity(), body, headers(
		"Content-Type", typeJSON, "Digest", digest256(body),
		"Authorization", "Bearer "+vo, rest.HeaderTrackingEvidence, audit,
	))
	return m, rest.Verifier{
		Voucher: &voucher.Verifier{
			Issuer: moditest.Issuer, Audience: moditest.Audience, ProducerID: moditest.ProducerID,
			EserviceID: moditest.EserviceID, DescriptorIDs: []string{moditest.DescriptorID},
			Keys:  moditest.Only(moditest.PlatformKID, "", moditest.RSA(tb, 1).Public()),
			Clock: moditest.Clock, Times: modi.VoucherTimes(),
		},
		Integrity: &rest.IntegrityVerifier{Audience: moditest.Audience, Keys: clientKeys(tb), Clock: moditest.Clock, Times: modi.PartyTimes()},
		Audit:     &rest.AuditVerifier{Audience: moditest.Audience, Keys: clientKeys(tb), Clock: moditest.Clock, Times: modi.PartyTimes()},
	}
}

// bareVerify are the three verifications that one call contains, and nothing else.
func bareVerify(tb testing.TB) func() error {
	tb.Helper()
	keys := []*rsa.PrivateKey{moditest.RSA(tb, 0), moditest.RSA(tb, 1), moditest.RSA(tb, 0)}
	sum := sha256.Sum256([]byte(body))
	signatures := make([][]byte, len(keys))
	for i, key := range keys {
		var err error
		signatures[i], err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			tb.Fatal(err)
		}
	}
	return func() error {
		for i, key := range keys {
			err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signatures[i])
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// bareProduce are the two signatures of one call, and nothing else.
func bareProduce(tb testing.TB) func() error {
	tb.Helper()
	key := moditest.RSA(tb, 0)
	sum := sha256.Sum256([]byte(body))
	return func() error {
		for range 2 {
			_, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// sideBySide runs the bare operations and ours in turn, so that a busy machine slows both,
// and reports how many times the bare cost ours is. The bar is 1.4.
func sideBySide(b *testing.B, bare, ours func() error) {
	b.Helper()
	b.ReportAllocs()
	timed := func(f func() error) time.Duration {
		start := time.Now()
		err := f()
		if err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	var floor, cost []time.Duration
	for b.Loop() {
		floor, cost = append(floor, timed(bare)), append(cost, timed(ours))
	}
	slices.Sort(floor)
	slices.Sort(cost)
	bareMedian, ourMedian := floor[len(floor)/2], cost[len(cost)/2]
	b.ReportMetric(float64(bareMedian.Nanoseconds()), "bare-ns")
	b.ReportMetric(float64(ourMedian.Nanoseconds()), "ours-ns")
	b.ReportMetric(float64(ourMedian)/float64(bareMedian), "x-bare")
}

// Voucher, integrity and tracking evidence of one request, against its three RSA
// verifications.
func BenchmarkVerifyCall(b *testing.B) {
	m, v := call(b)
	sideBySide(b, bareVerify(b), func() error {
		_, err := v.Verify(b.Context(), m)
		return err
	})
}

// The pair that a consumer makes for a call, integrity and tracking evidence, against its
// two RSA signatures.
func BenchmarkProduceCall(b *testing.B) {
	key := clientKey(b)
	sideBySide(b, bareProduce(b), func() error { return produce(key) })
}

func produce(key token.SigningKey) error {
	_, err := rest.SignAudit(rest.AuditInput{
		Issuer: moditest.ClientID, Audience: moditest.Audience, PurposeID: moditest.PurposeID,
		UserID: "operatore-17", UserLocation: "postazione-04",
	}, stamp(), key)
	if err != nil {
		return err
	}
	m := rest.Message{Header: headers("Content-Type", typeJSON), Body: modi.Bytes(body)}
	_, err = rest.SignIntegrity(&m, rest.IntegrityInput{Issuer: moditest.ClientID, Audience: moditest.Audience}, stamp(), key)
	return err
}

// Allocations are bounded here, where they do not depend on the machine: a change that
// doubles them is seen.
func TestAllocationsAreBounded(t *testing.T) {
	m, v := call(t)
	verify := testing.AllocsPerRun(50, func() {
		_, err := v.Verify(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
	})
	const maxVerify = 95
	if verify > maxVerify {
		t.Errorf("verifying voucher, integrity and evidence allocates %.0f times, at most %d", verify, maxVerify)
	}
	key := clientKey(t)
	made := testing.AllocsPerRun(5, func() {
		err := produce(key)
		if err != nil {
			t.Fatal(err)
		}
	})
	const maxProduce = 125
	if made > maxProduce {
		t.Errorf("making integrity and evidence allocates %.0f times, at most %d", made, maxProduce)
	}
	t.Logf("%.0f allocations to verify, %.0f to make", verify, made)
}

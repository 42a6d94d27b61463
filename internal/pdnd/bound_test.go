// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/dpop"
	"github.com/snodo-pa/snodo/registry"
)

func voucherOf(t *testing.T, w *pdndtest.World, r pdnd.VoucherRequest) pdnd.Voucher {
	t.Helper()
	v, err := w.Platform.Voucher(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestEveryKindOfVoucher: Bearer and DPoP, of a consumer client and of an API client.
func TestEveryKindOfVoucher(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	bound := w.Consumer()
	bound.DPoP = w.DPoP(0)
	for name, test := range map[string]struct {
		request       pdnd.VoucherRequest
		jkt, consumer string
	}{
		"consumer, Bearer": {pdnd.VoucherRequest{Client: w.Consumer(), PurposeID: pdndtest.PurposeID}, "", pdndtest.ComuneID},
		"consumer, DPoP":   {pdnd.VoucherRequest{Client: bound, PurposeID: pdndtest.PurposeID}, w.DPoP(0).KID, pdndtest.ComuneID},
		"API, Bearer":      {pdnd.VoucherRequest{Client: w.ReaderV2()}, "", ""},
		"API, DPoP":        {pdnd.VoucherRequest{Client: w.Reader()}, w.DPoP(0).KID, ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := voucherOf(t, w, test.request)
			if v.JKT != test.jkt || v.ConsumerID != test.consumer || v.JTI == "" {
				t.Errorf("bound to %q for consumer %q", v.JKT, v.ConsumerID)
			}
			if again := voucherOf(t, w, test.request); again != v {
				t.Error("asked for twice")
			}
		})
	}
}

// TestVouchersOfTwoDPoPKeysAreApart: whoever holds one key must not be handed the voucher
// that is bound to another.
func TestVouchersOfTwoDPoPKeysAreApart(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	var got []pdnd.Voucher
	for n := range 2 {
		c := w.Consumer()
		c.DPoP = w.DPoP(n)
		got = append(got, voucherOf(t, w, pdnd.VoucherRequest{Client: c, PurposeID: pdndtest.PurposeID}))
	}
	got = append(got, voucherOf(t, w, pdnd.VoucherRequest{Client: w.Consumer(), PurposeID: pdndtest.PurposeID}))
	if got[0].JTI == got[1].JTI || got[0].JTI == got[2].JTI || got[0].JKT == got[1].JKT {
		t.Error("one voucher for two keys")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, pdndtest.Audience+"/persone?a=b", nil)
	if err != nil {
		t.Fatal(err)
	}
	other := w.Consumer()
	other.DPoP = w.DPoP(1)
	if err := w.Platform.Authorize(req, other, got[0]); err == nil || req.Header.Get("Authorization") != "" {
		t.Errorf("authorized with another's key: %v", err)
	}
}

// TestProofAtTheResourceIsMadeForEveryCall: with ath, htm and htu of the request, and a jti
// of its own.
func TestProofAtTheResourceIsMadeForEveryCall(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	c := w.Consumer()
	c.DPoP = w.DPoP(0)
	v := voucherOf(t, w, pdnd.VoucherRequest{Client: c, PurposeID: pdndtest.PurposeID})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, pdndtest.Audience+"/persone?a=b", nil)
	if err != nil {
		t.Fatal(err)
	}
	jtis := map[string]bool{}
	for range 3 {
		if err := w.Platform.Authorize(req, c, v); err != nil {
			t.Fatal(err)
		}
		proof, err := dpop.Verifier{Clock: time.Now, Times: modi.ProofTimes()}.Verify(
			dpop.Request{Method: req.Method, URL: pdndtest.Audience + "/persone", Header: req.Header},
			dpop.Presented{Scheme: dpop.SchemeDPoP, Compact: v.Token}, v.JKT)
		if err != nil {
			t.Fatal(err)
		}
		jtis[proof.JTI] = true
	}
	if len(jtis) != 3 {
		t.Error("a proof was used twice")
	}
	bearer := voucherOf(t, w, pdnd.VoucherRequest{Client: w.Consumer(), PurposeID: pdndtest.PurposeID})
	if err := w.Platform.Authorize(req, w.Consumer(), bearer); err != nil || req.Header.Get(dpop.HeaderProof) != "" {
		t.Errorf("a Bearer voucher went with a proof: %v", err)
	}
}

// proofs keeps the proof of every attempt.
type proofs struct {
	*outbound.Client

	seen map[string]bool
}

func (p proofs) Do(ctx context.Context, req *http.Request, x outbound.Exchange) (*outbound.Response, error) {
	prepare := x.Prepare
	x.Prepare = func(attempt int, r *http.Request) error {
		err := prepare(attempt, r)
		p.seen[r.Header.Get(dpop.HeaderProof)] = true
		return err
	}
	return p.Client.Do(ctx, req, x)
}

// TestProofOfTheTokenRequestIsUsedOnce: a second attempt after a lost connection proves
// anew, since the platform remembers the jti.
func TestProofOfTheTokenRequestIsUsedOnce(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	if err := w.Mock.SetFaults(faults.Fault{Kind: faults.Cut, Path: "/token.oauth2", Times: 1}); err != nil {
		t.Fatal(err)
	}
	c, kept := w.Consumer(), proofs{w.HTTP, map[string]bool{}}
	c.DPoP, c.HTTP = w.DPoP(0), kept
	if v := voucherOf(t, w, pdnd.VoucherRequest{Client: c, PurposeID: pdndtest.PurposeID}); v.JKT == "" {
		t.Error("not bound")
	}
	if len(kept.seen) != 2 || kept.seen[""] {
		t.Errorf("%d proofs for two attempts", len(kept.seen))
	}
}

// TestDelegatorIsTheConsumer: the voucher of a delegate names the delegator, and one for
// anybody else is not used (PDND, delegation in fruizione).
func TestDelegatorIsTheConsumer(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	r := pdnd.VoucherRequest{Client: w.Delegate(), PurposeID: pdndtest.DelegatedID, ConsumerID: pdndtest.ComuneID}
	if v := voucherOf(t, w, r); v.ConsumerID != pdndtest.ComuneID {
		t.Errorf("consumer %s", v.ConsumerID)
	}
	r.ConsumerID = pdndtest.UnioneID
	_, err := w.Platform.Voucher(t.Context(), r)
	var fault *registry.Fault
	if !errors.As(err, &fault) || !errors.Is(err, registry.ErrConfig) || fault.Text.EN == "" {
		t.Fatalf("the delegate passes for the consumer: %v", err)
	}
	r.ConsumerID = pdndtest.ComuneID
	voucherOf(t, w, r) // one binding's mistake is not another's
}

// TestNewKeyNeverStopsTheOldOne: while PDND does not know a key yet, it is refused, and the
// key in use goes on.
func TestNewKeyNeverStopsTheOldOne(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	next := w.Consumer()
	next.Key = pdndtest.NewRSA()
	asNext := pdnd.VoucherRequest{Client: next, PurposeID: pdndtest.PurposeID}
	inUse := pdnd.VoucherRequest{Client: w.Consumer(), PurposeID: pdndtest.PurposeID}
	if _, err := w.Platform.TryVoucher(t.Context(), asNext); !errors.Is(err, registry.ErrConfig) {
		t.Fatalf("a key nobody uploaded: %v", err)
	}
	voucherOf(t, w, inUse)
	if _, err := w.Mock.AddClientKey(pdndtest.ConsumerID, pdndtest.PublicPEM(next.Key)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Platform.TryVoucher(t.Context(), asNext); err != nil {
		t.Fatalf("the refusal was remembered: %v", err)
	}
	before := voucherOf(t, w, inUse)
	if err := w.Mock.Platform().RemoveKey(w.Consumer().Key.KID); err != nil {
		t.Fatal(err)
	}
	if after := voucherOf(t, w, asNext); after != before {
		t.Error("a voucher that is still valid was thrown away with the key")
	}
}

// TestLookupsOverV3AreSigned: with a DPoP key the keys of parties come from v3, and an
// answer that PDND did not sign is no answer.
func TestLookupsOverV3AreSigned(t *testing.T) {
	kid := func(w *pdndtest.World) string { return w.Consumer().Key.KID }
	for _, kind := range []faults.Kind{faults.Unsigned, faults.BadSignature, faults.WrongDigest} {
		t.Run(string(kind), func(t *testing.T) {
			w := pdndtest.New(t, mock.Options{})
			if err := w.Mock.SetFaults(faults.Fault{Kind: kind, Path: "/v3/"}); err != nil {
				t.Fatal(err)
			}
			keys := w.Platform.ConsumerKeysFor(w.Reader(), pdndtest.ConsumerID)
			if _, err := keys.ResolveKey(t.Context(), kid(w)); !errors.Is(err, modi.ErrUndecided) {
				t.Errorf("believed: %v", err)
			}
			if err := w.Mock.SetFaults(); err != nil {
				t.Fatal(err)
			}
			key, err := keys.ResolveKey(t.Context(), kid(w))
			if err != nil || key.Owner != pdndtest.ConsumerID {
				t.Errorf("key of %q, %v", key.Owner, err)
			}
		})
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package transport_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/faults"
	"github.com/snodo-pa/snodo/registry"
)

// The mocks verify with code of their own: what they accept is what the pattern asks.
func TestSignedCallIsAcceptedAndItsReplyVerified(t *testing.T) {
	w := newWorld(t)
	c := c020()
	reply, err := w.do(t.Context(), c)
	if err != nil {
		t.Fatalf("Do = %v; ANPR refused: %v", err, w.amb.ANPR.LastRefusal())
	}
	if reply.Status != 200 || !strings.Contains(string(reply.Body), "QX48213ZB") {
		t.Fatalf("reply %d %s", reply.Status, reply.Body)
	}
	calls := w.calls.All()
	if len(calls) != 1 {
		t.Fatalf("%d calls recorded", len(calls))
	}
	r := calls[0]
	if r.Service != "anpr-c020" || r.EserviceID != ambiente.C020EserviceID || r.DescriptorID != ambiente.C020DescriptorID ||
		r.PurposeID != ambiente.BorgoFiorito().PurposeC020 || r.ClientID != ambiente.BorgoFiorito().ConsumerClientID ||
		len(r.VoucherJTI) != 36 || len(r.KID) != 43 || r.Status != 200 || r.OperationID != c.OperationID || r.Fault != "" ||
		!r.Ended.After(r.Started) {
		t.Errorf("record %+v", r)
	}
	for name, proof := range map[string]string{
		"request": r.RequestSignature, "evidence": r.TrackingEvidence, "response": r.ResponseSignature,
	} {
		if strings.Count(proof, ".") != 2 {
			t.Errorf("no %s proof is kept", name)
		}
	}
	if !strings.HasPrefix(r.RequestDigest, "SHA-256=") || !strings.HasPrefix(r.ResponseDigest, "SHA-256=") {
		t.Errorf("digests %q and %q", r.RequestDigest, r.ResponseDigest)
	}
}

func TestEveryCallHasAFreshEvidenceAndVoucher(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		if _, err := w.do(t.Context(), c020()); err != nil {
			t.Fatalf("%v; ANPR refused: %v", err, w.amb.ANPR.LastRefusal())
		}
	}
	calls := w.calls.All()
	if calls[0].VoucherJTI == calls[1].VoucherJTI || calls[0].TrackingEvidence == calls[1].TrackingEvidence {
		t.Fatal("a voucher or an evidence served two acquisitions")
	}
}

func TestReplyThatIsNotProperlySignedIsRefused(t *testing.T) {
	for kind, rule := range map[faults.Kind]string{
		faults.BadSignature: "modi.integrity/signature-invalid",
		faults.Unsigned:     "modi.integrity/token-missing",
		faults.WrongDigest:  "modi.integrity/digest-mismatch",
	} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWorld(t)
			if err := w.amb.ANPR.SetFaults(faults.Fault{Kind: kind}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = w.amb.ANPR.SetFaults() })
			for range 4 { // one more than would open the guard
				_, err := w.do(t.Context(), c020())
				var fault *registry.Fault
				if !errors.As(err, &fault) || !errors.Is(err, registry.ErrBadReply) || errors.Is(err, registry.ErrUnavailable) {
					t.Fatalf("Do = %v, want ErrBadReply", err)
				}
				if len(fault.Violations) == 0 || string(fault.Violations[0].Rule) != rule {
					t.Fatalf("violations %v, want %s", fault.Violations, rule)
				}
			}
			calls := w.calls.All()
			if len(calls) != 4 || calls[0].Fault != rule || calls[0].ResponseSignature != "" {
				t.Fatalf("%d attempts, the first with fault %q", len(calls), calls[0].Fault)
			}
		})
	}
}

func TestBusinessAnswersTripNothing(t *testing.T) {
	w := newWorld(t)
	c := c020()
	c.Body = []byte(strings.Replace(string(c.Body), "BNCMRC85C12D612V", "VRDNNA80A41H501H", 1))
	for range 5 {
		_, err := w.do(t.Context(), c)
		if !errors.Is(err, registry.ErrNotFound) {
			t.Fatalf("Do = %v, want ErrNotFound", err)
		}
	}
	if n := w.took("guard anpr-c020 open"); n != 0 {
		t.Fatal("a record that does not exist opened the guard")
	}
	if n := len(w.calls.All()); n != 5 {
		t.Fatalf("%d attempts for 5 calls", n)
	}
}

func TestStoppedRegistryOpensItsGuardOnlyAndRecovers(t *testing.T) {
	w := newWorld(t)
	if err := w.amb.ANPR.Stop(); err != nil {
		t.Fatal(err)
	}
	restarted := false
	t.Cleanup(func() {
		if !restarted {
			_ = w.amb.ANPR.Restart(context.Background())
		}
	})
	for range 3 {
		if _, err := w.do(t.Context(), c020()); !errors.Is(err, registry.ErrUnavailable) {
			t.Fatalf("Do = %v, want ErrUnavailable", err)
		}
	}
	before := len(w.calls.All())
	_, err := w.do(t.Context(), c020())
	var fault *registry.Fault
	if !errors.As(err, &fault) || !errors.Is(err, registry.ErrUnavailable) || fault.RetryAfter <= 0 || fault.Service != "anpr-c020" {
		t.Fatalf("behind an open guard: %v", err)
	}
	if len(w.calls.All()) != before {
		t.Fatal("a request was made behind an open guard")
	}
	if _, err := w.do(t.Context(), call(true)); err != nil {
		t.Fatalf("another host: %v", err)
	}
	restarted = true
	if err := w.amb.ANPR.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it recovers by itself", func() bool { _, err := w.do(t.Context(), c020()); return err == nil })
	for name, state := range w.transport.GuardStates() {
		if state != "closed" {
			t.Errorf("guard %s is %s", name, state)
		}
	}
}

func TestStoppedPDNDTripsNoRegistrysGuard(t *testing.T) {
	w := newWorld(t)
	if err := w.amb.PDND.Stop(); err != nil {
		t.Fatal(err)
	}
	restarted := false
	t.Cleanup(func() {
		if !restarted {
			_ = w.amb.PDND.Restart(context.Background())
		}
	})
	for range 8 {
		for _, c := range []registry.Call{c020(), call(true)} {
			_, err := w.do(t.Context(), c)
			if !errors.Is(err, registry.ErrPDND) || errors.Is(err, registry.ErrUnavailable) {
				t.Fatalf("Do = %v, want ErrPDND", err)
			}
		}
	}
	for name, state := range w.transport.GuardStates() {
		if state != "closed" {
			t.Errorf("guard %s is %s", name, state)
		}
	}
	if state := w.platform.GuardStates()["pdnd-token/locale"]; state == "closed" { // it may be time for a probe already
		t.Errorf("PDND's own guard is %s", state)
	}
	if n := len(w.calls.All()); n != 0 {
		t.Errorf("%d requests were made without a voucher", n)
	}
	restarted = true
	if err := w.amb.PDND.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it recovers by itself", func() bool { _, err := w.do(t.Context(), c020()); return err == nil })
}

func TestMaskedRefusalIsConfigAndTripsNothing(t *testing.T) {
	w := newWorld(t)
	ente := ambiente.BorgoFiorito()
	if err := w.amb.PDND.SetPurposeState(ente.PurposeC020, "SUSPENDED"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.amb.PDND.SetPurposeState(ente.PurposeC020, "ACTIVE") })
	for range 5 {
		_, err := w.do(t.Context(), c020())
		var fault *registry.Fault
		if !errors.As(err, &fault) || !errors.Is(err, registry.ErrConfig) || fault.Code != "015-0008" || fault.RegistryID == "" {
			t.Fatalf("Do = %v, want the masked refusal", err)
		}
		if !strings.Contains(fault.Text.IT, ente.PurposeC020) {
			t.Fatalf("the hint does not name the purpose: %s", fault.Text.IT)
		}
	}
	if n := w.took("guard anpr-c020 open"); n != 0 {
		t.Fatal("a refused voucher opened the registry's guard")
	}
	// The other ente goes on.
	if _, err := w.transport.Do(t.Context(), w.scope(ambiente.ValSerena()), c020()); err != nil {
		t.Fatalf("the other ente: %v", err)
	}
}

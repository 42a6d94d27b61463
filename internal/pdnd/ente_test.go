// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package pdnd

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// of is a request by a client of an ente.
func of(ente, client, purpose string) VoucherRequest {
	return VoucherRequest{Client: Credentials{ClientID: client, Key: ours(), Ente: ente}, PurposeID: purpose}
}

// TestThrottledVouchersAreHeldForTheWholeEnte: PDND counts the vouchers of a tenant, not
// of a client or a purpose.
func TestThrottledVouchersAreHeldForTheWholeEnte(t *testing.T) {
	const otherPurpose = "4f0a2d5e-0000-4000-8000-0000000000ff"
	f := newFake(t)
	f.set(&f.token, answer(429, map[string]string{"X-Rate-Limit-Interval": "3000"}, ""))
	p := f.platform()
	_ = refusedWith(t, p, of("c_bf01", clientID, purposeID))
	for _, r := range []VoucherRequest{
		of("c_bf01", clientID, purposeID), of("c_bf01", clientID, otherPurpose), of("c_bf01", apiID, purposeID), of("c_bf01", apiID, ""),
	} {
		fault := refusedWith(t, p, r)
		if !errors.Is(fault.Kind, registry.ErrThrottled) || fault.RetryAfter != 3*time.Second || f.count("/token") != 1 {
			t.Errorf("%q: fault %v after %v, %d requests", r.key(), fault.Kind, fault.RetryAfter, f.count("/token"))
		}
	}
	_ = refusedWith(t, p, of("c_vs01", clientID, purposeID))
	if f.count("/token") != 2 {
		t.Error("one ente's 429 held another ente back")
	}
	f.set(&f.token, nil)
	f.clock.forward(3 * time.Second)
	must(t, p, of("c_bf01", clientID, otherPurpose))
}

// TestRefusedVoucherIsOfItsPurposeAlone: unlike a 429, a masked 400 says nothing of others.
func TestRefusedVoucherIsOfItsPurposeAlone(t *testing.T) {
	f := newFake(t)
	f.set(&f.token, masked)
	p := f.platform()
	_ = refusedWith(t, p, of("c_bf01", clientID, purposeID))
	f.set(&f.token, nil)
	must(t, p, of("c_bf01", clientID, "4f0a2d5e-0000-4000-8000-0000000000ff"))
	_ = refusedWith(t, p, of("c_bf01", clientID, purposeID))
}

// TestThrottledAPIIsHeld: the platform API's 429 is not asked about again until its time
// is up, by any key and any API client of the ente.
func TestThrottledAPIIsHeld(t *testing.T) {
	f := newFake(t)
	p := f.platform()
	f.set(&f.api, answer(429, map[string]string{"X-Rate-Limit-Interval": "3000"}, ""))
	mine, theirs := api(), api()
	mine.Ente, theirs.Ente = "c_bf01", "c_vs01"
	for n := range 4 {
		wantUndecided(t, p.ConsumerKeysFor(mine, clientID), inventedKid(n))
	}
	if n := f.count("/v2/keys/" + inventedKid(0)); n != 1 || f.count("/v2/keys/"+inventedKid(3)) != 0 {
		t.Fatalf("asked %d times, and again while held", n)
	}
	f.set(&f.api, nil)
	resolves(t, p.ConsumerKeysFor(theirs, clientID), aPartys().KID)
	wantUndecided(t, p.ConsumerKeysFor(mine, clientID), inventedKid(9))
	f.clock.forward(3 * time.Second)
	wantUnknown(t, p.ConsumerKeysFor(mine, clientID), inventedKid(9))
}

// unreachable is the network of an ente that leads nowhere.
type unreachable struct{ reason outbound.Reason }

func (u unreachable) Do(context.Context, *http.Request, outbound.Exchange) (*outbound.Response, error) {
	return nil, &outbound.Error{Reason: u.reason}
}

// TestDeadNetworkOfOneEnteOpensNoOthersGuard: its guards are its own, for vouchers and for
// keys; PDND still answers everybody else.
func TestDeadNetworkOfOneEnteOpensNoOthersGuard(t *testing.T) {
	f := newFake(t)
	p := f.platform(func(o *Options) { o.Guard = registry.GuardSettings{Failures: 2, OpenFor: time.Hour} })
	dead := of("c_bf01", clientID, purposeID)
	dead.Client.HTTP = unreachable{outbound.ReasonRefused}
	for range 4 {
		if fault := refusedWith(t, p, dead); !errors.Is(fault.Kind, registry.ErrPDND) {
			t.Fatalf("fault %v", fault)
		}
	}
	states := p.GuardStates()
	if states["pdnd-token/locale/c_bf01"] != "open" || states["pdnd-token/locale"] != "closed" {
		t.Fatalf("guards %v", states)
	}
	must(t, p, of("c_vs01", clientID, purposeID))

	reader := Credentials{ClientID: apiID, Key: ours(), Ente: "c_bf01", HTTP: unreachable{outbound.ReasonRefused}}
	wantUndecided(t, p.ConsumerKeysFor(reader, clientID), aPartys().KID)
	resolves(t, p.ConsumerKeysFor(api(), clientID), aPartys().KID)
}

// TestNetworkSettingsOfOursAreNoOutageOfPDND: what the hub itself stops is counted by no
// guard and says what to set.
func TestNetworkSettingsOfOursAreNoOutageOfPDND(t *testing.T) {
	for _, reason := range []outbound.Reason{outbound.ReasonAddress, outbound.ReasonCertificate} {
		f := newFake(t)
		p := f.platform(func(o *Options) {
			o.Guard = registry.GuardSettings{Failures: 1, OpenFor: time.Hour}
			o.HTTP = unreachable{reason}
		})
		for range 3 {
			fault := refusedWith(t, p, plain())
			if !errors.Is(fault.Kind, registry.ErrSettings) || errors.Is(fault, registry.ErrPDND) || !strings.Contains(fault.Text.IT, "rete.ca") {
				t.Fatalf("%s: fault %v, %s", reason, fault, fault.Text.IT)
			}
		}
		if state := p.GuardStates()["pdnd-token/locale"]; state != "closed" {
			t.Errorf("%s: the guard is %s", reason, state)
		}
		if _, err := p.VoucherKeys().ResolveKey(t.Context(), pdndOwn().KID); !errors.Is(err, modi.ErrUndecided) {
			t.Errorf("%s: key set: %v", reason, err)
		}
	}
}

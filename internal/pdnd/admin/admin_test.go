// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package admin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
	"github.com/snodo-pa/snodo/mocks/faults"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

func ptr[T any](v T) *T { return &v }

const openapi = "openapi: 3.0.3\ninfo: {title: Stato istanza, version: '1'}\nservers:\n  - url: https://snodo.borgofiorito.invalid/modi\npaths: {}\n"

// TestNothingThatServesLinksAdmin: a process that answers the network cannot write on PDND.
func TestNothingThatServesLinksAdmin(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps",
		"../../gateway/...", "../../httpapi/...", "../../transport/...", "../../pdnd", "../../pdnd/api").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "internal/pdnd/api\n") {
		t.Fatal("the list is not of this module")
	}
	if strings.Contains(string(out), "internal/pdnd/admin\n") {
		t.Error("a package that serves requests imports the writes on PDND")
	}
}

// TestPublishesAnEservice: draft, interface, publication, and what changes afterwards.
func TestPublishesAnEservice(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	c, ctx := admin.New(w.Platform, w.Producer()), t.Context()
	e, err := c.CreateEservice(ctx, admin.EserviceSeed{
		Name: "Stato istanza", Description: "Stato di un'istanza presentata", Technology: "REST", Mode: "DELIVER",
		Descriptor: admin.DescriptorSeed{
			Audience: []string{"https://snodo.borgofiorito.invalid/v1"}, VoucherLifespan: 600,
			DailyCallsPerConsumer: 100, DailyCallsTotal: 1000, AgreementApprovalPolicy: "AUTOMATIC",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	drafts, err := c.Descriptors(ctx, e.ID, api.DescriptorDraft)
	if err != nil || len(drafts) != 1 {
		t.Fatalf("drafts %v, %v", drafts, err)
	}
	id := drafts[0].ID
	var no *api.Error
	if _, err := c.PublishDescriptor(ctx, e.ID, id); !errors.As(err, &no) || !no.Has("001-0002") {
		t.Errorf("published without an interface: %v", err)
	}
	draft := api.File{Name: "a.yaml", PrettyName: "Interfaccia", ContentType: "application/yaml", Content: []byte(openapi)}
	if _, err := c.UploadInterface(ctx, e.ID, id, draft); err != nil {
		t.Fatal(err)
	}
	if err := c.DeleteInterface(ctx, e.ID, id); err != nil {
		t.Fatal(err)
	}
	file := api.File{Name: `stato "1".yaml`, PrettyName: "Interfaccia", ContentType: "application/yaml", Content: []byte(openapi)}
	if doc, err := c.UploadInterface(ctx, e.ID, id, file); err != nil || doc.PrettyName != "Interfaccia" {
		t.Fatalf("document %+v, %v", doc, err)
	}
	if got, err := c.Interface(ctx, e.ID, id); err != nil || string(got.Content) != openapi || got.ContentType != "application/yaml" {
		t.Errorf("interface %+v, %v", got, err)
	}
	if changed, err := c.UpdateDraftEservice(ctx, e.ID, admin.EservicePatch{PersonalData: ptr(false), IsConsumerDelegable: ptr(true)}); err != nil || changed.PersonalData == nil || *changed.PersonalData {
		t.Fatalf("e-service %+v, %v", changed, err)
	}
	if d, err := c.UpdateDraftDescriptor(ctx, e.ID, id, admin.DescriptorPatch{VoucherLifespan: ptr(int64(900))}); err != nil || d.VoucherLifespan != 900 {
		t.Errorf("descriptor %+v, %v", d, err)
	}
	published, err := c.PublishDescriptor(ctx, e.ID, id)
	if err != nil || published.State != api.DescriptorPublished || !cmp.Equal(published.ServerURLs, []string{"https://snodo.borgofiorito.invalid/modi"}) {
		t.Fatalf("published %+v, %v", published, err)
	}
	afterwards(t, c, e.ID, id)
}

func afterwards(t *testing.T, c *admin.Client, eserviceID, id string) {
	t.Helper()
	ctx := t.Context()
	if d, err := c.UpdateQuotas(ctx, eserviceID, id, admin.Quotas{DailyCallsPerConsumer: ptr(int64(200))}); err != nil || d.DailyCallsPerConsumer != 200 {
		t.Errorf("quotas %+v, %v", d, err)
	}
	if e, err := c.UpdateEserviceName(ctx, eserviceID, "Stato istanze"); err != nil || e.Name != "Stato istanze" {
		t.Errorf("name %+v, %v", e, err)
	}
	if e, err := c.UpdateEserviceDescription(ctx, eserviceID, "Stato di ogni istanza"); err != nil || e.Description != "Stato di ogni istanza" {
		t.Errorf("description %+v, %v", e, err)
	}
	if e, err := c.UpdateEserviceDelegation(ctx, eserviceID, nil, ptr(true)); err != nil || !e.IsConsumerDelegable || !e.IsClientAccessDelegable {
		t.Errorf("delegation %+v, %v", e, err)
	}
}

// TestAsksForAccessAndDeclaresAPurpose: agreement, purpose, activation, more calls, link.
func TestAsksForAccessAndDeclaresAPurpose(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	c, ctx := admin.New(w.Platform, w.Admin()), t.Context()
	eserviceID, descriptorID := otherEservice(t, w)
	a, err := c.CreateAgreement(ctx, admin.AgreementSeed{EserviceID: eserviceID, DescriptorID: descriptorID})
	if err != nil || a.State != api.AgreementDraft {
		t.Fatalf("agreement %+v, %v", a, err)
	}
	if _, err := c.CreateAgreement(ctx, admin.AgreementSeed{EserviceID: eserviceID, DescriptorID: descriptorID}); !errors.Is(err, api.ErrConflict) {
		t.Errorf("two agreements: %v", err)
	}
	if a, err = c.SubmitAgreement(ctx, a.ID, ""); err != nil || a.State != api.AgreementActive {
		t.Fatalf("agreement %+v, %v", a, err)
	}
	p, err := c.CreatePurpose(ctx, admin.PurposeSeed{
		EserviceID: eserviceID, Title: "Iscrizioni al nido", Description: "Controllo delle iscrizioni", IsFreeOfCharge: true,
		FreeOfChargeReason: "Compiti istituzionali", DailyCalls: 60,
		RiskAnalysis: admin.RiskAnalysis{Version: "3.1", Answers: map[string][]string{
			"purpose": {"INSTITUTIONAL"}, "institutionalPurpose": {"Iscrizioni al nido"}, "usesPersonalData": {"NO"},
			"usesThirdPartyPersonalData": {"NO"}, "isRequestOnBehalfOfThirdParties": {"NO"},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = c.ActivatePurpose(ctx, p.ID, ""); err != nil || p.CurrentVersion == nil || p.CurrentVersion.State != api.PurposeActive {
		t.Fatalf("purpose %+v, %v", p, err)
	}
	if v, err := c.CreatePurposeVersion(ctx, p.ID, 1000); err != nil || v.State != api.PurposeWaitingForApproval {
		t.Errorf("version over the threshold %+v, %v", v, err)
	}
	if err := c.LinkPurpose(ctx, pdndtest.ConsumerID, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Platform.Voucher(ctx, pdnd.VoucherRequest{Client: w.Consumer(), PurposeID: p.ID, ConsumerID: pdndtest.ComuneID}); err != nil {
		t.Errorf("no voucher for the new purpose: %v", err)
	}
}

// otherEservice is one that the comune does not use yet.
func otherEservice(t *testing.T, w *pdndtest.World) (eserviceID, descriptorID string) {
	t.Helper()
	eserviceID, descriptorID = "30000000-0000-4000-8000-0000000000e1", "30000000-0000-4000-8000-0000000000d1"
	for _, err := range []error{
		w.Mock.AddEservice(platform.Eservice{ID: eserviceID, ProducerID: pdndtest.MinisteroID, Name: "Altro", Description: "Un altro e-service", PersonalData: ptr(false)}),
		w.Mock.AddDescriptor(platform.Descriptor{
			ID: descriptorID, EserviceID: eserviceID, Audience: []string{"b"}, VoucherLifespan: 60, DailyCallsPerConsumer: 100, DailyCallsTotal: 500,
		}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return eserviceID, descriptorID
}

// TestAddsAndDeletesKeys: of a client and of a keychain; the kid is the thumbprint.
func TestAddsAndDeletesKeys(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	comune, ministero, ctx := admin.New(w.Platform, w.Admin()), admin.New(w.Platform, w.Producer()), t.Context()
	next := w.Consumer()
	next.Key = pdndtest.NewRSA()
	seed := admin.KeySeed{Name: "demografici 2026", Public: next.Key.Signer.Public()}
	key, err := comune.AddClientKey(ctx, pdndtest.ConsumerID, seed)
	if err != nil || key.KID != next.Key.KID || key.Owner != pdndtest.ConsumerID {
		t.Fatalf("key %s of %s, %v", key.KID, key.Owner, err)
	}
	var no *api.Error
	if _, err := comune.AddClientKey(ctx, pdndtest.ConsumerID, seed); !errors.Is(err, api.ErrConflict) || !errors.As(err, &no) || no.Code != "006-0017" {
		t.Errorf("uploaded twice: %v", err)
	}
	if _, err := w.Platform.TryVoucher(ctx, pdnd.VoucherRequest{Client: next, PurposeID: pdndtest.PurposeID}); err != nil {
		t.Errorf("the new key is not live: %v", err)
	}
	if err := comune.DeleteClientKey(ctx, pdndtest.ConsumerID, key.KID); err != nil {
		t.Fatal(err)
	}
	if _, err := comune.ClientKey(ctx, key.KID); !errors.Is(err, api.ErrNotFound) {
		t.Errorf("a deleted key: %v", err)
	}
	chained, err := ministero.AddKeychainKey(ctx, pdndtest.KeychainID, seed)
	if err != nil || chained.Owner != pdndtest.KeychainID {
		t.Fatalf("key of %s, %v", chained.Owner, err)
	}
	if err := ministero.DeleteKeychainKey(ctx, pdndtest.KeychainID, chained.KID); err != nil {
		t.Error(err)
	}
	eserviceID, _ := otherEservice(t, w)
	if err := ministero.LinkEservice(ctx, pdndtest.KeychainID, eserviceID); err != nil {
		t.Error(err)
	}
}

func TestUploadsRSAOnly(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.New(w.Platform, w.Admin()).AddClientKey(t.Context(), pdndtest.ConsumerID, admin.KeySeed{Name: "ellittica", Public: ec.Public()}); err == nil || len(w.Mock.Requests()) != 0 {
		t.Errorf("sent to PDND: %v", err)
	}
}

// TestWriteIsNeverRepeated: whether one that got no answer has happened is for the caller
// to read.
func TestWriteIsNeverRepeated(t *testing.T) {
	for _, kind := range []faults.Kind{faults.Down, faults.Status, faults.Unsigned} {
		w := pdndtest.New(t, mock.Options{})
		c := admin.New(w.Platform, w.Admin())
		if _, err := c.Eservice(t.Context(), pdndtest.EserviceID); err != nil { // the voucher is there
			t.Fatal(err)
		}
		if err := w.Mock.SetFaults(faults.Fault{Kind: kind, Path: "/v3/", Times: 1}); err != nil {
			t.Fatal(err)
		}
		w.Mock.ResetRequests()
		err := c.DeleteClientKey(t.Context(), pdndtest.ConsumerID, w.Consumer().Key.KID)
		posted := 0
		for _, r := range w.Mock.Requests() {
			if r.Method == http.MethodDelete {
				posted++
			}
		}
		var fault *registry.Fault
		if !errors.As(err, &fault) || errors.Is(err, api.ErrRefused) || posted > 1 {
			t.Errorf("%s: %v after %d requests", kind, err, posted)
		}
	}
}

// TestAdminWhoIsNoLongerOne: PDND asks at every request whether the token's admin is still
// the client's.
func TestAdminWhoIsNoLongerOne(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	c := admin.New(w.Platform, w.Admin())
	seed := func() admin.KeySeed {
		return admin.KeySeed{Name: "nuova chiave", Public: pdndtest.NewRSA().Signer.Public()}
	}
	if _, err := c.AddClientKey(t.Context(), pdndtest.ConsumerID, seed()); err != nil {
		t.Fatal(err)
	}
	if err := w.Mock.Platform().SetClientAdmin(pdndtest.AdminID, ""); err != nil {
		t.Fatal(err)
	}
	var no *api.Error
	if _, err := c.AddClientKey(t.Context(), pdndtest.ConsumerID, seed()); !errors.As(err, &no) || !errors.Is(err, api.ErrForbidden) || !strings.HasSuffix(no.Code, "-9993") {
		t.Errorf("error %v", err)
	}
}

// TestFollowsThePropagation: a key is refused for as long as the token endpoint lags
// behind, and then live.
func TestFollowsThePropagation(t *testing.T) {
	var late atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
	w := pdndtest.New(t, mock.Options{Clock: clock})
	late.Add(int64(time.Minute)) // what was there before is known
	w.Mock.SetPropagationDelay(30 * time.Second)
	c := admin.New(w.Platform, w.Admin())
	next := w.Consumer()
	next.Key = pdndtest.NewRSA()
	if _, err := c.AddClientKey(t.Context(), pdndtest.ConsumerID, admin.KeySeed{Name: "nuova chiave", Public: next.Key.Signer.Public()}); err != nil {
		t.Fatal(err)
	}
	r := pdnd.VoucherRequest{Client: next, PurposeID: pdndtest.PurposeID}
	if _, err := w.Platform.TryVoucher(t.Context(), r); !errors.Is(err, registry.ErrConfig) {
		t.Fatalf("live at once: %v", err)
	}
	late.Add(int64(time.Minute))
	if _, err := w.Platform.TryVoucher(t.Context(), r); err != nil {
		t.Error(err)
	}
}

func TestAdminNeedsBothKeys(t *testing.T) {
	w := pdndtest.New(t, mock.Options{})
	for _, keys := range [][2]token.SigningKey{{w.Consumer().Key, {}}, {{}, w.DPoP(0)}} {
		if _, err := admin.NewCredentials(pdndtest.AdminID, "c_bf01", keys[0], keys[1], nil); err == nil {
			t.Error("credentials with one key")
		}
	}
}

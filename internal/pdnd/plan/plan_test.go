// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/pdnd/plan"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	"github.com/snodo-pa/snodo/registry"
)

// purposeSheet is a whole declaration; replace changes parts of it.
func purposeSheet(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(`recipe: registro
environment: locale
client: servizi
titolo: proprio
title: Iscrizione al nido
description: Verifica della residenza per l'iscrizione al nido comunale
isFreeOfCharge: true
freeOfChargeReason: Art. 50 CAD
dailyCalls: 400
consumerNotes: ""
riskAnalysis:
  version: "3.1"
  answers:
    purpose: [INSTITUTIONAL]
    institutionalPurpose: [Iscrizione al nido comunale]
    usesPersonalData: ["YES"]
    personalDataTypes: [OTHER]
    legalBasis: [PUBLIC_INTEREST]
    isRequestOnBehalfOfThirdParties: ["NO"]
approvazione:
  da: Elena Fontana
  il: "2026-06-10"
  atto: Determinazione 12/2026
  dpo: {consultato: Luca Neri, il: "2026-06-01"}
`)
}

func eserviceSheet(replace ...string) string {
	return strings.NewReplacer(replace...).Replace(`recipe: stato-istanza
environment: locale
name: Stato istanza - Borgo Fiorito
description: A che punto è un'istanza presentata al comune
audience: https://snodo.borgofiorito.invalid/modi/c_bf01/stato-istanza/v1
publicURL: https://snodo.borgofiorito.invalid/modi/c_bf01/stato-istanza/v1
voucherLifespan: 600
dailyCallsPerConsumer: 1000
dailyCallsTotal: 10000
agreementApprovalPolicy: AUTOMATIC
personalData: false
isConsumerDelegable: true
isClientAccessDelegable: true
keychain: risposte
`)
}

func TestThreeEntiWithThreeTitles(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	w.write("c_vs02", "pdnd/purposes/nido.yaml", purposeSheet("client: servizi", "client: c_bf01/servizi", "titolo: proprio", "titolo: delega PDND "+delegation))
	w.write("u_pi03", "pdnd/purposes/nido.yaml", purposeSheet("client: servizi", "client: c_bf01/servizi", "titolo: proprio", "titolo: funzione trasferita",
		"Iscrizione al nido\n", "Iscrizione al nido, funzione dell'unione\n"))

	titles := map[string]map[string]bool{}
	for _, e := range w.sync().Enti {
		for _, title := range e.Titles {
			titles[e.Ente] = map[string]bool{"chosen " + title.Chosen: true}
			for _, o := range title.Options {
				titles[e.Ente][o.Titolo] = o.Possible
			}
		}
	}
	want := map[string]map[string]bool{
		"c_bf01": {"chosen proprio": true, "proprio": true, "servizio art. 28": true, "delega PDND": true, "funzione trasferita": true},
		"c_vs02": {"chosen delega PDND " + delegation: true, "proprio": true, "servizio art. 28": true, "delega PDND": true, "funzione trasferita": true},
		"u_pi03": {"chosen funzione trasferita": true, "proprio": false, "servizio art. 28": false, "delega PDND": false, "funzione trasferita": true},
	}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
	left := w.apply()
	if left.Pending() != 0 {
		t.Errorf("left to do: %+v", left)
	}
	consumers := map[string]string{}
	for ente := range tenants {
		st := find(t, left, ente, plan.PurposeCreate, "purpose/nido")
		record, ok := w.mock.Platform().PurposeRecord(st.Values[0].Text)
		if !ok || st.Status != plan.Done {
			t.Fatalf("%s: purpose %+v", ente, st)
		}
		consumers[ente] = record.ConsumerID + " " + record.DelegationID
		if _, linked := record.Links[clients["c_bf01"]]; !linked {
			t.Errorf("%s: its purpose is not linked to the client", ente)
		}
	}
	if diff := cmp.Diff(map[string]string{
		"c_bf01": tenants["c_bf01"] + " ", "c_vs02": tenants["c_vs02"] + " " + delegation, "u_pi03": tenants["c_bf01"] + " ",
	}, consumers); diff != "" {
		t.Errorf("consumers (-want +got):\n%s", diff)
	}
}

func TestATitleIsHeldWhereThePlatformForbidsIt(t *testing.T) {
	w := newWorld(t)
	w.write("u_pi03", "pdnd/purposes/proprio.yaml", purposeSheet())
	w.write("c_vs02", "pdnd/purposes/chiuso.yaml", purposeSheet("recipe: registro", "recipe: chiuso", "client: servizi", "client: c_bf01/servizi",
		"titolo: proprio", "titolo: delega PDND "+delegation))
	w.write("c_bf01", "pdnd/purposes/trasferita.yaml", purposeSheet("client: servizi", "client: u_pi03/servizi", "titolo: proprio", "titolo: funzione trasferita"))
	p := w.sync()
	for ente, reason := range map[string]string{"u_pi03": "certified attributes: Comuni", "c_vs02": "isConsumerDelegable", "c_bf01": "u_pi03, to which"} {
		name := map[string]string{"u_pi03": "purpose/proprio", "c_vs02": "purpose/chiuso", "c_bf01": "purpose/trasferita"}[ente]
		if st := find(t, p, ente, plan.AgreementCreate, name); st.Status != plan.Held || !strings.Contains(st.Why.EN, reason) {
			t.Errorf("%s: %s %q, want it held for %q", ente, st.Status, st.Why.EN, reason)
		}
	}
}

func TestADelegationThatIsNotActiveIsLeftToAPerson(t *testing.T) {
	w := newWorld(t)
	other := id(97)
	w.write("c_vs02", "pdnd/purposes/nido.yaml", purposeSheet("client: servizi", "client: c_bf01/servizi", "titolo: proprio", "titolo: delega PDND "+other))
	if st := find(t, w.apply("c_vs02"), "c_vs02", plan.AgreementCreate, "purpose/nido"); st.Status != plan.Manual || st.Values[0].Text != other {
		t.Errorf("step = %+v", st)
	}
}

func TestAnEserviceIsPublishedAndThenLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	before := w.sync("c_bf01")
	if st := find(t, before, "c_bf01", plan.Publish, "eservice/stato-istanza"); st.Status != plan.Later {
		t.Errorf("publish before the e-service is made: %s", st.Status)
	}
	left := w.apply("c_bf01")
	made := find(t, left, "c_bf01", plan.EserviceCreate, "eservice/stato-istanza").Values[0].Text
	versions := w.mock.Platform().Descriptors(made)
	if len(versions) != 1 || versions[0].State != platform.Published {
		t.Fatalf("versions = %+v", versions)
	}
	if diff := cmp.Diff([]string{"https://snodo.borgofiorito.invalid/modi/c_bf01/stato-istanza/v1"}, versions[0].ServerURLs); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
	if chain, _ := w.mock.Platform().Keychain(chains["c_bf01"]); len(chain.Eservices) != 1 || chain.Eservices[0] != made {
		t.Errorf("keychain = %+v", chain)
	}
	if st := find(t, left, "c_bf01", plan.Copy, "eservice/stato-istanza"); st.Status != plan.Manual {
		t.Errorf("the ids are not asked to be copied: %+v", st)
	}
	kept := len(w.acts("c_bf01"))
	if again := w.apply("c_bf01"); again.Pending() != 0 || len(w.acts("c_bf01")) != kept {
		t.Errorf("a second apply did something: %d acts, then %d", kept, len(w.acts("c_bf01")))
	}
}

func (w *world) acts(ente string) []acts.Act {
	w.t.Helper()
	list, err := w.journal.Acts(context.Background(), ente, registry.Locale)
	w.must(err)
	return list
}

func TestAPublishedEserviceIsChangedWhereItMayBe(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	w.apply("c_bf01")
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet("Stato istanza -", "Stato pratica -", "A che punto", "Dice a che punto",
		"isClientAccessDelegable: true", "isClientAccessDelegable: false", "voucherLifespan: 600", "voucherLifespan: 300"))
	left := w.apply("c_bf01")
	made := find(t, left, "c_bf01", plan.EserviceCreate, "eservice/stato-istanza").Values[0].Text
	e, _ := w.mock.Platform().Eservice(made)
	d := w.mock.Platform().Descriptors(made)[0]
	if e.Name != "Stato pratica - Borgo Fiorito" || !strings.HasPrefix(e.Description, "Dice") || e.IsClientAccessDelegable || d.VoucherLifespan != 300 {
		t.Errorf("e-service %+v, version %+v", e, d)
	}
	if left.Pending() != 0 {
		t.Errorf("left to do: %+v", left)
	}
}

func TestWhatSnodoDidNotMakeIsNeverChanged(t *testing.T) {
	w := newWorld(t)
	yes, theirs, theirsV1 := false, id(70), id(71)
	w.must(w.mock.AddEservice(platform.Eservice{ID: theirs, ProducerID: tenants["c_bf01"], Name: "Stato istanza - Borgo Fiorito", Description: "Fatto a mano", PersonalData: &yes}),
		w.mock.AddDescriptor(platform.Descriptor{ID: theirsV1, EserviceID: theirs, Audience: []string{"https://a"}, VoucherLifespan: 600}),
		w.mock.AddPurpose(platform.Purpose{ID: id(72), ConsumerID: tenants["c_bf01"], DescriptorID: registroV1, Title: "Iscrizione al nido", DailyCalls: 10}))
	before, _ := w.mock.Platform().PurposeRecord(id(72))
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	left := w.apply("c_bf01")
	for action, target := range map[string]string{plan.EserviceCreate: "eservice/stato-istanza", plan.PurposeCreate: "purpose/nido"} {
		if st := find(t, left, "c_bf01", action, target); st.Status != plan.Manual {
			t.Errorf("%s: %s, want it left to a person", action, st.Status)
		}
	}
	// Named by the folder they are used, and still not changed.
	w.config.Enti["c_bf01"].Exposes["stato-istanza"] = &config.Expose{
		Recipe: "stato-istanza", Environment: registry.Locale, EserviceID: theirs, DescriptorIDs: []string{theirsV1},
		Audience: "https://snodo.borgofiorito.invalid/modi/c_bf01/stato-istanza/v1", PublicURL: "https://snodo.borgofiorito.invalid/modi/c_bf01/stato-istanza/v1",
	}
	w.config.Enti["c_bf01"].Procedimenti["nido"] = &config.Procedimento{Purposes: map[string]string{"registro": id(72)}}
	left = w.apply("c_bf01")
	for action, target := range map[string]string{plan.EserviceText: "eservice/stato-istanza", plan.PurposeVersion: "purpose/nido"} {
		if st := find(t, left, "c_bf01", action, target); st.Status != plan.Manual {
			t.Errorf("%s: %s, want it left to a person", action, st.Status)
		}
	}
	after, _ := w.mock.Platform().PurposeRecord(id(72))
	before.Links, after.Links = nil, nil
	if diff := cmp.Diff(before, after, cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.String(), "UpdatedAt") }, cmp.Ignore())); diff != "" {
		t.Errorf("the purpose was changed:\n%s", diff)
	}
	if e, _ := w.mock.Platform().Eservice(theirs); e.Description != "Fatto a mano" {
		t.Errorf("the e-service was changed: %+v", e)
	}
}

func TestAPurposeIsNotSentWithoutItsDeclaration(t *testing.T) {
	for name, c := range map[string]struct {
		replace []string
		reason  string
	}{
		"nobody approved":          {[]string{"  da: Elena Fontana\n", ""}, "approvazione.da is missing"},
		"no act":                   {[]string{"  atto: Determinazione 12/2026\n", ""}, "approvazione.atto is missing"},
		"approved in the future":   {[]string{`il: "2026-06-10"`, `il: "2999-01-01"`}, "approvazione.il is no past day"},
		"no DPO":                   {[]string{"consultato: Luca Neri, ", ""}, "approvazione.dpo.consultato is missing"},
		"DPO heard afterwards":     {[]string{`il: "2026-06-01"`, `il: "2026-06-11"`}, "after the approval"},
		"form of an old version":   {[]string{`"3.1"`, `"3.0"`}, "riskAnalysis.version"},
		"no institutional purpose": {[]string{"    institutionalPurpose: [Iscrizione al nido comunale]\n", ""}, "institutionalPurpose"},
		"no legal basis":           {[]string{"    legalBasis: [PUBLIC_INTEREST]\n", ""}, "legalBasis"},
		"denies personal data": {[]string{
			`usesPersonalData: ["YES"]`, `usesPersonalData: ["NO"]`, "    personalDataTypes: [OTHER]\n    legalBasis: [PUBLIC_INTEREST]\n",
			"    usesThirdPartyPersonalData: [\"NO\"]\n",
		}, "the e-service declares the opposite"},
		"over the threshold": {[]string{"dailyCalls: 400", "dailyCalls: 1001"}, "threshold is 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet(c.replace...))
			st := find(t, w.apply("c_bf01"), "c_bf01", plan.PurposeCreate, "purpose/nido")
			if st.Status != plan.Held || !strings.Contains(st.Why.EN, c.reason) {
				t.Errorf("%s: %q, want it held for %q", st.Status, st.Why.EN, c.reason)
			}
			if len(st.Values) < 7 || st.Values[2].Text != "Iscrizione al nido" {
				t.Errorf("the values are not printed: %v", st.Values)
			}
			if sent := w.mock.Platform().Purposes(tenants["c_bf01"]); len(sent) != 0 {
				t.Errorf("sent: %+v", sent)
			}
		})
	}
}

func TestTheSumOfThePurposesIsHeldToTheThreshold(t *testing.T) {
	w := newWorld(t)
	w.must(w.mock.AddPurpose(platform.Purpose{ID: id(72), ConsumerID: tenants["c_bf01"], DescriptorID: registroV1, Title: "Tributi", DailyCalls: 700}))
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	if st := find(t, w.apply("c_bf01"), "c_bf01", plan.PurposeCreate, "purpose/nido"); st.Status != plan.Held || !strings.Contains(st.Why.EN, "declare 700") {
		t.Errorf("%s %q", st.Status, st.Why.EN)
	}
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet("dailyCalls: 400", "dailyCalls: 300"))
	if st := find(t, w.apply("c_bf01"), "c_bf01", plan.PurposeActivate, "purpose/nido"); st.Status != plan.Done {
		t.Errorf("%s %q", st.Status, st.Why.EN)
	}
	// Its own load is not counted twice when it changes.
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet("dailyCalls: 400", "dailyCalls: 250"))
	left := w.apply("c_bf01")
	made := find(t, left, "c_bf01", plan.PurposeCreate, "purpose/nido").Values[0].Text
	if r, _ := w.mock.Platform().PurposeRecord(made); left.Pending() != 0 || r.Versions[len(r.Versions)-1].DailyCalls != 250 {
		t.Errorf("purpose %+v, left %+v", r, left)
	}
}

func TestARunThatDiesAnywhereIsResumed(t *testing.T) {
	const most = 30
	for _, after := range []bool{false, true} {
		died := 0
		for at := 1; at < most; at++ {
			w := newWorld(t)
			w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
			w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
			w.broken = &crash{at: at, after: after}
			_, err := w.planner().Apply(context.Background(), nil, "c_bf01")
			if err == nil {
				break
			}
			died++
			if !errors.Is(err, plan.ErrUnknownOutcome) || !errors.Is(err, errCrash) {
				t.Fatalf("write %d: %v", at, err)
			}
			w.broken = nil
			if left := w.apply("c_bf01"); left.Pending() != 0 {
				t.Errorf("write %d, after %v: left to do %+v", at, after, left)
			}
			w.wantOneOfEach(fmt.Sprintf("write %d, after %v", at, after))
		}
		if died < 9 || died == most-1 {
			t.Errorf("the run died at %d writes", died)
		}
	}
}

// wantOneOfEach checks that nothing was made twice, and that each has an act with its id.
func (w *world) wantOneOfEach(where string) {
	w.t.Helper()
	p := w.mock.Platform()
	made := map[string]string{}
	for _, a := range w.acts("c_bf01") {
		if a.Outcome == acts.Done && strings.HasSuffix(a.Action, "/create") {
			made[a.Action] += a.Object + " "
		}
	}
	agreements, purposes := p.Agreements(tenants["c_bf01"]), p.Purposes(tenants["c_bf01"])
	services, err := w.admin("c_bf01").Eservices(context.Background(), api.EserviceFilter{ProducerIDs: []string{tenants["c_bf01"]}})
	w.must(err)
	if len(agreements) != 1 || len(purposes) != 1 || len(services) != 1 {
		w.t.Fatalf("%s: %d agreements, %d purposes, %d e-services", where, len(agreements), len(purposes), len(services))
	}
	want := map[string]string{
		plan.AgreementCreate: agreements[0].ID + " ", plan.PurposeCreate: purposes[0].ID + " ", plan.EserviceCreate: services[0].ID + " ",
	}
	if diff := cmp.Diff(want, made); diff != "" {
		w.t.Errorf("%s: acts (-want +got):\n%s", where, diff)
	}
}

func TestEachStepIsAnActOfTheEnte(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	w.apply("c_bf01")
	var done []string
	for _, a := range w.acts("c_bf01") {
		done = append(done, a.Action+" "+string(a.Outcome)+" "+a.Operator)
		if a.Action == plan.PurposeCreate && (a.Approval == nil || a.Approval.By != "Elena Fontana" || a.Approval.DPO != "Luca Neri" || len(a.Approval.SHA256) != 64) {
			t.Errorf("approval of the declaration: %+v", a.Approval)
		}
	}
	want := []string{"client-key/add", "keychain-key/add", "agreement/create", "agreement/submit", "purpose/create", "purpose/activate", "client/link"}
	for i := range want {
		want[i] += " fatto mrossi"
	}
	if diff := cmp.Diff(want, done); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
}

func TestARefusalIsKeptAndTheOtherTargetsGoOn(t *testing.T) {
	w := newWorld(t)
	// Nobody of the tenant may handle the keys of this client: the platform says no.
	w.must(w.mock.AddClient(platform.Client{ID: id(73), TenantID: tenants["c_bf01"], Name: "senza utenti"}))
	w.strangers = id(73)
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	left, err := w.planner().Apply(context.Background(), nil, "c_bf01")
	if !errors.Is(err, api.ErrForbidden) || left == nil {
		t.Fatalf("Apply = %v, %v, want ErrForbidden beside a plan", left, err)
	}
	if st := find(t, left, "c_bf01", plan.Publish, "eservice/stato-istanza"); st.Status != plan.Done {
		t.Errorf("publish: %s", st.Status)
	}
	for _, a := range w.acts("c_bf01") {
		if a.Action == plan.ClientKeyAdd && (a.Outcome != acts.Refused || a.Status != 403 || a.Code == "") {
			t.Errorf("act = %+v", a)
		}
	}
}

func TestNothingIsWrittenWhenTheIntentCannotBeKept(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	w.must(w.log.Close())
	if _, err := w.planner().Apply(context.Background(), nil, "c_bf01"); err == nil {
		t.Fatal("Apply without a log succeeded")
	}
	if kids := w.mock.Platform().ClientKeys(clients["c_bf01"]); len(kids) != 0 {
		t.Errorf("uploaded without an intent: %v", kids)
	}
}

func TestSyncChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	p := w.sync("c_bf01")
	if p.Pending() < 10 {
		t.Errorf("%d steps to do", p.Pending())
	}
	if n := len(w.acts("c_bf01")) + len(w.mock.Platform().Agreements(tenants["c_bf01"])) + len(w.mock.Platform().ClientKeys(clients["c_bf01"])); n != 0 {
		t.Errorf("%d things changed", n)
	}
}

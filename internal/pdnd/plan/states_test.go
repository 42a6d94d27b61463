// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package plan_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
	"github.com/snodo-pa/snodo/internal/pdnd/plan"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	"github.com/snodo-pa/snodo/registry"
)

// TestADraftFollowsItsSheet stops a run before the publication and changes everything.
func TestADraftFollowsItsSheet(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	w.broken = &crash{at: 5} // after two keys, the e-service and its interface
	if _, err := w.planner().Apply(context.Background(), nil, "c_bf01"); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	w.broken = nil
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet("Stato istanza -", "Stato pratica -", "personalData: false", "personalData: true",
		"c_bf01/stato-istanza/v1", "c_bf01/stato-istanza/v2", "dailyCallsTotal: 10000", "dailyCallsTotal: 20000", "AUTOMATIC", "MANUAL",
		"isClientAccessDelegable: true", "isClientAccessDelegable: false"))
	p := w.sync("c_bf01")
	for _, action := range []string{plan.EserviceUpdate, plan.DescriptorUpdate, plan.InterfaceUpload} {
		if st := find(t, p, "c_bf01", action, "eservice/stato-istanza"); st.Status != plan.Todo {
			t.Errorf("%s: %s", action, st.Status)
		}
	}
	left := w.apply("c_bf01")
	made := find(t, left, "c_bf01", plan.EserviceCreate, "eservice/stato-istanza").Values[0].Text
	e, _ := w.mock.Platform().Eservice(made)
	d := w.mock.Platform().Descriptors(made)[0]
	if e.Name != "Stato pratica - Borgo Fiorito" || !*e.PersonalData || e.IsClientAccessDelegable || d.DailyCallsTotal != 20000 ||
		d.ApprovalPolicy != platform.Manual || !strings.HasSuffix(d.Audience[0], "/v2") || !strings.HasSuffix(d.ServerURLs[0], "/v2") || d.State != platform.Published {
		t.Errorf("e-service %+v, version %+v", e, d)
	}
}

func TestWhatAPublishedVersionFixesIsLeftToAPerson(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	w.apply("c_bf01")
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet("c_bf01/stato-istanza/v1", "c_bf01/stato-istanza/v2"))
	left := w.apply("c_bf01")
	for _, action := range []string{plan.DescriptorUpdate, plan.InterfaceUpload} {
		if st := find(t, left, "c_bf01", action, "eservice/stato-istanza"); st.Status != plan.Manual || !strings.Contains(st.Why.EN, "published") {
			t.Errorf("%s: %s %q", action, st.Status, st.Why.EN)
		}
	}
}

func TestASuspendedVersionIsLeftToAPerson(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/eservices/stato-istanza.yaml", eserviceSheet())
	made := find(t, w.apply("c_bf01"), "c_bf01", plan.EserviceCreate, "eservice/stato-istanza").Values[0].Text
	w.must(w.mock.Platform().SetDescriptorState(w.mock.Platform().Descriptors(made)[0].ID, platform.Suspended))
	if st := find(t, w.apply("c_bf01"), "c_bf01", plan.Publish, "eservice/stato-istanza"); st.Status != plan.Manual || !strings.Contains(st.Why.EN, "SUSPENDED") {
		t.Errorf("%s %q", st.Status, st.Why.EN)
	}
}

func TestAPurposeInEachStateIsTold(t *testing.T) {
	for state, want := range map[string]struct {
		status plan.Status
		why    string
	}{
		platform.Active:                  {plan.Done, ""},
		platform.StateWaitingForApproval: {plan.Manual, "producer's approval"},
		platform.StateSuspended:          {plan.Manual, "suspended"},
		platform.StateRejected:           {plan.Manual, "rejected"},
		platform.StateArchived:           {plan.Manual, "archived"},
	} {
		t.Run(state, func(t *testing.T) {
			w := newWorld(t)
			w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
			made := find(t, w.apply("c_bf01"), "c_bf01", plan.PurposeCreate, "purpose/nido").Values[0].Text
			w.must(w.mock.Platform().SetPurposeState(made, state))
			st := find(t, w.apply("c_bf01"), "c_bf01", plan.PurposeActivate, "purpose/nido")
			if st.Status != want.status || !strings.Contains(st.Why.EN, want.why) {
				t.Errorf("%s %q, want %s for %q", st.Status, st.Why.EN, want.status, want.why)
			}
		})
	}
}

func TestAnAgreementInEachStateIsTold(t *testing.T) {
	for state, why := range map[string]string{
		platform.StatePending: "waits for the producer", platform.StateSuspended: "SUSPENDED", platform.StateMissingCertifiedAttribute: "MISSING_CERTIFIED",
	} {
		t.Run(state, func(t *testing.T) {
			w := newWorld(t)
			w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
			made := find(t, w.apply("c_bf01"), "c_bf01", plan.PurposeCreate, "purpose/nido").Values[0].Text
			w.must(w.mock.Platform().SetAgreementState(made, state))
			w.write("c_bf01", "pdnd/purposes/mensa.yaml", purposeSheet("Iscrizione al nido\n", "Mensa scolastica\n"))
			left := w.apply("c_bf01")
			if st := find(t, left, "c_bf01", plan.AgreementSubmit, "purpose/mensa"); st.Status != plan.Manual || !strings.Contains(st.Why.EN, why) {
				t.Errorf("%s %q, want it left to a person for %q", st.Status, st.Why.EN, why)
			}
			if st := find(t, left, "c_bf01", plan.PurposeCreate, "purpose/mensa"); st.Status != plan.Later {
				t.Errorf("purpose without an active agreement: %s", st.Status)
			}
		})
	}
}

func TestADraftAgreementOfAPersonIsNotSubmitted(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	w.apply("c_bf01")
	// The same e-service, asked for by another comune through its own hands.
	w.write("c_vs02", "pdnd/purposes/nido.yaml", purposeSheet())
	w.must(w.mock.AddPurpose(platform.Purpose{ID: id(75), ConsumerID: tenants["c_vs02"], DescriptorID: registroV1, AgreementState: platform.StateDraft, State: platform.StateDraft}))
	left := w.apply("c_vs02")
	if st := find(t, left, "c_vs02", plan.AgreementSubmit, "purpose/nido"); st.Status != plan.Manual || !strings.Contains(st.Why.EN, "did not make") {
		t.Errorf("%s %q", st.Status, st.Why.EN)
	}
	if a := w.mock.Platform().Agreements(tenants["c_vs02"]); len(a) != 1 || a[0].State != platform.StateDraft {
		t.Errorf("agreements %+v", a)
	}
}

// thresholds shows with each attribute the threshold of those who hold it, which the mock
// applies and does not show.
type thresholds struct{ plan.Reader }

func (r thresholds) DescriptorAttributes(ctx context.Context, e, d string) ([]api.AttributeGroup, error) {
	groups, err := r.Reader.DescriptorAttributes(ctx, e, d)
	for _, g := range groups {
		for i := range g.Attributes {
			g.Attributes[i].DailyCallsPerConsumer = 450
		}
	}
	return groups, err
}

func TestACertifiedAttributeHasItsOwnThreshold(t *testing.T) {
	w := newWorld(t)
	w.read = func(r plan.Reader) plan.Reader { return thresholds{r} }
	grande, grandeV1 := id(76), id(77)
	yes := true
	w.must(w.mock.AddEservice(platform.Eservice{ID: grande, ProducerID: ministero, Name: "Registro grande", PersonalData: &yes}),
		w.mock.AddDescriptor(platform.Descriptor{
			ID: grandeV1, EserviceID: grande, Audience: []string{"https://grande.invalid"}, VoucherLifespan: 600, DailyCallsPerConsumer: 10, DailyCallsTotal: 5000,
			CertifiedGroups: [][]platform.Requirement{{{AttributeID: comuni, DailyCallsPerConsumer: 450}}},
		}))
	w.config.Consumes["registro"].Environments[registry.Locale] = registry.RecipeEnvironment{EserviceID: grande}
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	if st := find(t, w.apply("c_bf01"), "c_bf01", plan.PurposeActivate, "purpose/nido"); st.Status != plan.Done {
		t.Errorf("400 calls below the 450 of the attribute: %s %q", st.Status, st.Why.EN)
	}
	w.write("c_bf01", "pdnd/purposes/mensa.yaml", purposeSheet("Iscrizione al nido\n", "Mensa scolastica\n", "dailyCalls: 400", "dailyCalls: 51"))
	if st := find(t, w.apply("c_bf01"), "c_bf01", plan.PurposeCreate, "purpose/mensa"); st.Status != plan.Held || !strings.Contains(st.Why.EN, "threshold is 450") {
		t.Errorf("451 calls: %s %q", st.Status, st.Why.EN)
	}
}

func TestAPurposeOfAProcedimentoThatGivesNoVoucherIsTold(t *testing.T) {
	w := newWorld(t)
	w.must(w.mock.AddPurpose(platform.Purpose{ID: id(78), ConsumerID: tenants["c_bf01"], DescriptorID: registroV1, Title: "Tributi"}))
	w.config.Enti["c_bf01"].Consumes["registro"] = &config.Consume{Recipe: "registro", Environment: registry.Locale, Client: "servizi", Titolo: config.TitoloProprio}
	w.config.Enti["c_bf01"].Procedimenti["tributi"] = &config.Procedimento{Purposes: map[string]string{"registro": id(78)}}
	if n := w.sync("c_bf01").Open(); n != 0 {
		t.Errorf("%d steps left to a person while the purpose is active", n)
	}
	w.must(w.mock.Platform().SetPurposeState(id(78), platform.StateSuspended))
	if st := find(t, w.sync("c_bf01"), "c_bf01", plan.PurposeActivate, "procedimento/tributi"); st.Status != plan.Manual {
		t.Errorf("suspended: %s", st.Status)
	}
	w.config.Enti["c_bf01"].Procedimenti["tributi"].Purposes["registro"] = id(79)
	if st := find(t, w.sync("c_bf01"), "c_bf01", plan.PurposeActivate, "procedimento/tributi"); !strings.Contains(st.Why.EN, "not on PDND") {
		t.Errorf("unknown: %q", st.Why.EN)
	}
}

func TestAnEserviceWithoutAPublishedVersionCanBeUsedByNobody(t *testing.T) {
	w := newWorld(t)
	w.must(w.mock.Platform().SetDescriptorState(registroV1, platform.Suspended))
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	p := w.sync("c_bf01")
	for _, o := range p.Enti[0].Titles[0].Options {
		if o.Possible {
			t.Errorf("%s is possible", o.Titolo)
		}
	}
	if st := find(t, p, "c_bf01", plan.AgreementCreate, "purpose/nido"); st.Status != plan.Held {
		t.Errorf("agreement: %s", st.Status)
	}
}

func TestAPlatformThatDoesNotAnswerGivesNoPlan(t *testing.T) {
	w := newWorld(t)
	w.write("c_bf01", "pdnd/purposes/nido.yaml", purposeSheet())
	w.must(w.mock.Close())
	p, err := w.planner().Sync(context.Background(), "c_bf01")
	if err == nil || p != nil || errors.Is(err, api.ErrRefused) {
		t.Errorf("Sync = %+v, %v, want a don't know", p, err)
	}
}

func TestAModIKeyOfItsOwnIsUploadedToo(t *testing.T) {
	w := newWorld(t)
	w.apart = true
	w.apply("c_bf01")
	if kids := w.mock.Platform().ClientKeys(clients["c_bf01"]); len(kids) != 2 {
		t.Errorf("%d keys of the client, want 2", len(kids))
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/pdnd/plan"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

const nidoSheet = `recipe: anpr-c020
environment: locale
client: servizi
titolo: proprio
title: Iscrizione al nido comunale
description: Verifica della residenza per l'iscrizione al nido
isFreeOfCharge: true
freeOfChargeReason: Art. 50 CAD
dailyCalls: 100
riskAnalysis:
  version: "3.1"
  answers:
    purpose: [INSTITUTIONAL]
    institutionalPurpose: [Iscrizione al nido comunale]
    usesPersonalData: ["YES"]
    personalDataTypes: [OTHER]
    legalBasis: [PUBLIC_INTEREST]
    isRequestOnBehalfOfThirdParties: ["NO"]
`

const nidoApproval = `approvazione:
  da: Elena Fontana
  il: "2026-06-10"
  atto: Determinazione 12/2026
  dpo: {consultato: Luca Neri, il: "2026-06-01"}
`

// pdnd runs a command on the site's folder.
func (s *site) pdnd(args ...string) (code int, out, diagnostics string) {
	var stdout, stderr strings.Builder
	args = append([]string{"pdnd"}, append(args, "--config", s.dir, "--ente", ambiente.BorgoFiorito().CodiceIPA)...)
	code = run(context.Background(), args, func(string) string { return "" }, stdio{in: strings.NewReader(""), out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

func (s *site) writeSheet(t testing.TB, text string) {
	t.Helper()
	dir := filepath.Join(s.dir, "enti", ambiente.BorgoFiorito().CodiceIPA, "pdnd", "purposes")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "nido.yaml"), text)
}

func TestAPurposeIsPlannedHeldAndDeclared(t *testing.T) {
	s := newSite(t)
	e := ambiente.BorgoFiorito()
	if code, out, diagnostics := s.pdnd("sync"); code != exitYes || !strings.Contains(out, "servizio art. 28") {
		t.Fatalf("sync of what is in order: exit code %d\n%s%s", code, out, diagnostics)
	}
	s.writeSheet(t, nidoSheet)
	s.addAdmin(t, e)
	code, out, diagnostics := s.pdnd("apply", "--lang", "en")
	if code != exitYes || !strings.Contains(out, "approvazione is missing") || !strings.Contains(out, "title: Iscrizione al nido comunale") {
		t.Fatalf("apply without approval: exit code %d\n%s%s", code, out, diagnostics)
	}
	before := len(s.PDND.Platform().Purposes(e.TenantID))
	s.writeSheet(t, nidoSheet+nidoApproval)
	code, out, _ = s.pdnd("sync", "--output", "json")
	var view planJSON
	if err := json.Unmarshal([]byte(out), &view); err != nil || code != exitNo || len(view.Enti) != 1 || len(view.Enti[0].Titles) == 0 {
		t.Fatalf("sync: exit code %d, %v\n%s", code, err, out)
	}
	if now := len(s.PDND.Platform().Purposes(e.TenantID)); now != before {
		t.Errorf("sync made %d purposes", now-before)
	}
	code, out, diagnostics = s.pdnd("apply")
	if code != exitYes || !strings.Contains(diagnostics, "fatto: purpose/create") || !strings.Contains(out, "purposes.anpr-c020") {
		t.Fatalf("apply: exit code %d\n%s%s", code, out, diagnostics)
	}
	var kept httpapi.ActList
	if err := s.manage.Post(t.Context(), httpapi.PathActsSearch, httpapi.ActSearch{Ente: e.CodiceIPA, Environment: "locale"}, &kept); err != nil {
		t.Fatal(err)
	}
	for _, a := range kept.Acts {
		if a.Outcome != acts.Done || a.Action == plan.PurposeCreate && a.Approval.By != "Elena Fontana" {
			t.Errorf("act %+v", a)
		}
	}
	if len(kept.Acts) != 3 {
		t.Errorf("%d acts, want create, activate and link", len(kept.Acts))
	}
	code, out, diagnostics = s.pdnd("apply")
	if code != exitYes || strings.Contains(diagnostics, "fatto:") {
		t.Errorf("a second apply: exit code %d\n%s%s", code, out, diagnostics)
	}
}

// TestServeNeverReadsTheAdminClient: a file that no program could read does not keep the hub
// from starting, and no command but those that write opens it.
func TestServeNeverReadsTheAdminClient(t *testing.T) {
	s := newSite(t)
	s.stop(t)
	path := filepath.Join(s.dir, "enti", ambiente.BorgoFiorito().CodiceIPA, "pdnd-admin.yaml")
	writeFile(t, path, "{{ not YAML\n")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	s.start(t)
	if code, _, diagnostics := s.pdnd("sync"); code != exitYes {
		t.Errorf("sync: exit code %d\n%s", code, diagnostics)
	}
	if code, _, diagnostics := s.pdnd("apply"); code != exitUndecided || !strings.Contains(diagnostics, "pdnd-admin.yaml") {
		t.Errorf("apply: exit code %d\n%s", code, diagnostics)
	}
}

func TestNothingIsDeclaredWithoutTheHubThatRecordsIt(t *testing.T) {
	s := newSite(t)
	s.addAdmin(t, ambiente.BorgoFiorito())
	s.writeSheet(t, nidoSheet+nidoApproval)
	s.stop(t)
	before := len(s.PDND.Platform().Purposes(ambiente.BorgoFiorito().TenantID))
	if code, _, diagnostics := s.pdnd("apply"); code != exitUndecided || !strings.Contains(diagnostics, "snodo serve") {
		t.Errorf("apply: exit code %d\n%s", code, diagnostics)
	}
	if now := len(s.PDND.Platform().Purposes(ambiente.BorgoFiorito().TenantID)); now != before {
		t.Errorf("%d purposes were declared without a record", now-before)
	}
}

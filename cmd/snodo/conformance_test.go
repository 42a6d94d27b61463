// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/conformance"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/modi"
)

// tellConformance prints what did not pass.
func tellConformance(t *testing.T, r *conformance.Report) {
	t.Helper()
	for _, one := range r.Results {
		if one.Verdict == conformance.Fail || one.Verdict == conformance.Error {
			t.Errorf("%s %s: %s; expected %s, found %s", one.Verdict, one.Case.ID, one.Reason.EN, one.Expected.EN, one.Found.EN)
		}
	}
	t.Logf("%v %v", r.Counts, r.Notes)
}

// suiteKey makes a key of the suite: its private PEM in a file, and the public one.
func suiteKey(t *testing.T) (private string, public []byte) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	private = filepath.Join(t.TempDir(), "client.pem")
	writeFile(t, private, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	der, err = x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return private, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// TestTheHubAsErogatoreIsConforming: the suite is the Unione, which calls the hub with
// vouchers of the mock PDND.
func TestTheHubAsErogatoreIsConforming(t *testing.T) {
	s := newSite(t)
	ente, profile := ambiente.BorgoFiorito(), s.PDND.Profile()
	private, public := suiteKey(t)
	if _, err := s.PDND.AddClientKey(ambiente.UnioneClientID, public); err != nil {
		t.Fatal(err)
	}
	keychain := filepath.Join(t.TempDir(), "portachiavi.pem")
	writeFile(t, keychain, string(s.written.Public[ente.CodiceIPA].Keychain))
	r, err := conformance.Run(t.Context(), conformance.Config{
		Role: conformance.RoleErogatore, Target: s.exposedURL(ente), Parallel: 4,
		Patterns:      []modi.Pattern{modi.PatternVoucher, modi.PatternAuditREST02, modi.PatternIntegrityREST02},
		ReplyPatterns: []modi.Pattern{modi.PatternIntegrityREST02},
		Platform:      conformance.Platform{TokenURL: profile.TokenURL},
		Parties: conformance.Parties{
			Audience: ente.Audience, Client: ambiente.UnioneClientID, Purpose: ente.PurposeUnione, AssertionAudience: profile.AssertionAudience, Issuer: profile.Issuer,
			Producer: ente.TenantID, Consumer: ambiente.UnioneTenantID, Eservice: ente.EserviceID, Descriptor: ente.DescriptorID,
		},
		Keys:       conformance.Keys{Client: private, Producer: keychain},
		Operations: []conformance.Operation{{Method: http.MethodPost, Path: "/ricerche", Body: demoSearch, Safe: true, Idempotent: true}},
		OpenAPI:    "../../registry/recipes/exposes/stato-istanza.openapi.yaml",
		APIRules:   italianRules,
	})
	if err != nil {
		t.Fatal(err)
	}
	tellConformance(t, r)
	if r.Counts[conformance.Pass] < 250 || r.ExitCode() != conformance.ExitPass {
		t.Errorf("%v", r.Counts)
	}
}

// withReferee binds the e-service of the suite, which is asked natively: what its replies
// mean is nobody's business but the suite's.
func withReferee(eservice string) func(t testing.TB, dir string) {
	return func(t testing.TB, dir string) {
		t.Helper()
		ente := ambiente.BorgoFiorito()
		own := filepath.Join(dir, "enti", ente.CodiceIPA)
		consumes, err := os.ReadFile(filepath.Join(own, "consumes.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(own, "consumes.yaml"), string(consumes)+"\n- {recipe: arbitro, environment: locale, client: servizi, titolo: proprio, url: "+eservice+"}\n")
		writeFile(t, filepath.Join(own, "procedimenti", "arbitro.yaml"), `nome: arbitro
titolo: Prova di conformità
norma: CAD art. 50
baseGiuridica: art43
ufficio: servizi-scolastici
responsabile: Elena Fontana
applicazioni: [sportello]
operazioni: [{servizio: arbitro, passante: true}]
purposes: {arbitro: `+ente.PurposeC030+`}
conservazioneGiorni: 30
`)
		if err := os.MkdirAll(filepath.Join(dir, "recipes", "consumes"), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, "recipes", "consumes", "arbitro.yaml"), `name: arbitro
title: {it: Arbitro, en: Referee}
registry: Suite di conformità
adapter: declarative
patterns: {request: [AUDIT_REST_02, INTEGRITY_REST_02], response: [INTEGRITY_REST_02]}
environments:
  locale: {url: "https://arbitro.locale.invalid/v1", audience: "`+ambiente.C030Audience+`", eserviceId: `+ambiente.C030EserviceID+`, producerId: `+ambiente.MinisteroTenantID+`}
guard: {failures: 50, minCalls: 50, deadline: 2s}
`)
		appendRecipesDir(t, dir)
	}
}

// TestTheHubAsFruitoreIsConforming: the suite is an e-service of the Ministero, and an
// application makes the hub call it. PDND is the mock, which knows the suite's key as one
// of the Ministero's producer keychain, and publishes it for RS256.
func TestTheHubAsFruitoreIsConforming(t *testing.T) {
	ente := ambiente.BorgoFiorito()
	address, err := freeAddress("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, withReferee("http://"+address+"/eservice"))
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "fruitore.pem"), string(s.written.Public[ente.CodiceIPA].Client))
	writeFile(t, filepath.Join(dir, "pdnd.json"), string(fetched(t, s.PDND.Profile().JWKSURL)))
	suite, err := conformance.Open(t.Context(), conformance.Config{
		Role:          conformance.RoleFruitore,
		Patterns:      []modi.Pattern{modi.PatternVoucher, modi.PatternAuditREST02, modi.PatternIntegrityREST02},
		ReplyPatterns: []modi.Pattern{modi.PatternIntegrityREST02},
		Parties: conformance.Parties{
			Audience: ambiente.C030Audience, ReplyAudience: ente.ConsumerClientID, Client: ente.ConsumerClientID, Purpose: ente.PurposeC030,
			Producer: ambiente.MinisteroTenantID, Keychain: ambiente.MinisteroKeychain,
		},
		Keys:     conformance.Keys{Consumer: filepath.Join(dir, "fruitore.pem"), Platform: filepath.Join(dir, "pdnd.json")},
		Platform: conformance.Platform{Listen: address},
		Trigger: conformance.Trigger{Timeout: 20 * time.Second, Call: func(context.Context) (bool, error) {
			status, _, _ := s.native(t, http.MethodPost, fruizioni+ente.CodiceIPA+"/arbitro/verifiche", `{"pratica":"PRT-1"}`,
				append(nativeContext(), "Content-Type", "application/json", "Snodo-Procedimento", "arbitro")...)
			return status == http.StatusOK, nil
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = suite.Close() }()
	key, _, err := suite.Key("producer-keychain")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PDND.AddKeychainKey(ambiente.MinisteroKeychain, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})); err != nil {
		t.Fatal(err)
	}
	r, err := suite.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.Results = slices.DeleteFunc(r.Results, func(one conformance.Result) bool { // PDND publishes the suite's key for RS256 alone
		return strings.HasPrefix(one.Case.ID, "accept#rs384.") || strings.HasPrefix(one.Case.ID, "accept#rs512.")
	})
	tellConformance(t, r)
	if r.Counts[conformance.Pass] < 150 {
		t.Errorf("%v", r.Counts)
	}
}

// fetched is a public document of a mock.
func fetched(t *testing.T, address string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return body
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/registry"
)

// published reads a contract that its producer published. They are reference data kept
// outside the repository; where they are absent the check is skipped, loudly.
func published(t *testing.T, path ...string) []byte {
	t.Helper()
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(append([]string{shared, "contracts"}, path...)...))
	if err != nil {
		fmt.Fprintln(os.Stderr, "needs-shared: no published contracts in", shared)
		t.Skip("needs-shared: no published contracts; set SNODO_SHARED")
	}
	return data
}

// TestRequestsMatchThePublishedContracts holds what the recipes send against the
// documents of the producers themselves.
func TestRequestsMatchThePublishedContracts(t *testing.T) {
	ade := published(t, "ade", "VerificaCodiceFiscale.yaml")
	admits, err := adaptertest.OpenAPI(map[string][]byte{
		"ade-vcf1": ade, "ade-vcf2": ade, "inad-consultazione": published(t, "inad", "inad_extraction.yaml"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		service, operation, richiesta string
		answers                       []registry.Reply
	}{
		{"ade-vcf1", "verifica", `{"codiceFiscale":"` + bianchi + `"}`, []registry.Reply{reply(200, "{}")}},
		{"ade-vcf2", "verifica", `{"codiceFiscale":"07000001235"}`, []registry.Reply{reply(200, "{}")}},
		{"inad-consultazione", "domicilio", `{"codiceFiscale":"` + conti + `"}`, []registry.Reply{reply(200, "{}")}},
		{"inad-consultazione", "verifica", `{"codiceFiscale":"` + conti + `","domicilio":"a.b@pec.example","data":"2026-10-12"}`, []registry.Reply{reply(200, "{}")}},
		{"inad-consultazione", "elenco-richiesta", `{"codiciFiscali":["` + conti + `"]}`, []registry.Reply{reply(200, "{}")}},
		{"inad-consultazione", "elenco", `{"id":"` + listID + `"}`, []registry.Reply{with(reply(303, ""), "Location", "/listDigitalAddress/response/"+listID), reply(200, "{}")}},
	} {
		d := open(t, builtin(t, c.service)[c.service], c.answers...)
		_, _ = d.ask(c.operation, c.richiesta) // the answer is not what is looked at
		calls := d.wire.Calls()
		if len(calls) != len(c.answers) {
			t.Errorf("%s/%s: %d calls, want %d", c.service, c.operation, len(calls), len(c.answers))
		}
		for _, call := range calls {
			if err := admits(call); err != nil {
				t.Errorf("%s/%s: %v", c.service, c.operation, err)
			}
		}
	}
}

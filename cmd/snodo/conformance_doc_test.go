// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/conformance"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

const conformancePage = "../../docs/conformance/README.md"

// TestConformanceAgainstTheMocks follows the whole run of docs/conformance: its file is
// saved, its commands are run in one shell and one folder. Only the ports are others.
func TestConformanceAgainstTheMocks(t *testing.T) {
	page, err := os.ReadFile(conformancePage)
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "\n## Una prova da cima a fondo\n")
	section, _, _ = strings.Cut(section, "\n## ")
	borgo := ambiente.BorgoFiorito()
	for _, id := range []string{ambiente.UnioneClientID, borgo.PurposeUnione, borgo.Audience} {
		if !found || !strings.Contains(section, id) {
			t.Errorf("the section does not name %s", id)
		}
	}
	folder := shortDir(t)
	script := literally(t, section)
	for _, port := range []string{"18080", "18081"} {
		script = strings.ReplaceAll(script, port, freePort(t))
	}
	script = strings.ReplaceAll(script, "--port 19090", "--port 0")
	out, err := runPage(t, folder, "set -eu\n"+script)
	if err != nil {
		t.Fatalf("%v\n%s%s%s", err, out, logOf(folder, "mock.log"), logOf(folder, "serve.log"))
	}
	data, err := os.ReadFile(filepath.Join(folder, "rapporti", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := conformance.ReadReport(data)
	if err != nil || r.Counts[conformance.Pass] < 250 || r.ExitCode() != conformance.ExitPass {
		t.Errorf("%v: %+v", err, r)
	}
}

// conformanceCLI runs a command of the suite and gives what it said.
func conformanceCLI(t *testing.T, args ...string) (code int, out, diagnostics string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"conformance"}, args...), func(string) string { return "" }, stdio{in: strings.NewReader(""), out: &o, err: &e})
	return code, o.String(), e.String()
}

// TestConformanceMisuse: what is missing is said at once, with what may be given, and
// nothing waits for somebody who does not know where the suite is.
func TestConformanceMisuse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "prova.yaml")
	writeFile(t, file, "role: erogatore\npaterns: []\nparties: {cleint: x}\n")
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"no role":               {[]string{"run"}, []string{"manca role: erogatore"}},
		"no trigger":            {[]string{"run", "--role", "fruitore", "--parties-audience", "a"}, []string{"manca trigger", "snodo conformance serve"}},
		"a file with two typos": {[]string{"run", "--config", file}, []string{"riga 2: paterns è sconosciuto", "riga 3: parties.cleint è sconosciuto; valori ammessi audience"}},
		"a part of no id":       {[]string{"run", "--role", "openapi", "--openapi", "x", "--only", "custm-header"}, []string{`contiene "custm-header"`}},
		"a circumstance":        {[]string{"run", "--role", "openapi", "--openapi", "x", "--setup", "firma"}, []string{"valori ammessi", "signature-header"}},
		"a number for a time":   {[]string{"run", "--role", "openapi", "--openapi", "x", "--network-timeout", "5"}, []string{"--network-timeout", "5s"}},
		"serve, of a token":     {[]string{"serve", "--role", "token"}, []string{"erogatore e fruitore"}},
	} {
		code, _, said := conformanceCLI(t, c.args...)
		if code != 2 {
			t.Errorf("%s: exit code %d", name, code)
		}
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%s: there is no %q in\n%s", name, want, said)
			}
		}
	}
}

// TestConformanceRunSaysWhereItIs before it plays, with what its vouchers say.
func TestConformanceRunSaysWhereItIs(t *testing.T) {
	_, _, said := conformanceCLI(t, "run", "--role", "fruitore", "--parties-audience", "https://api.ente.example/v1", "--patterns", "PDND_VOUCHER", "--trigger-command", "false", "--only", "pdnd.voucher/expired#sent")
	for _, want := range []string{"/token.oauth2", "/eservice", "/.well-known/jwks.json", "iss", "uat.example", "purposeId", "descriptorId"} {
		if !strings.Contains(said, want) {
			t.Errorf("there is no %q in\n%s", want, said)
		}
	}
}

// TestConformanceExplains what a report names: circumstances, the remedy of a case that a
// service may have agreed not to admit, and the rules for OpenAPI documents.
func TestConformanceExplains(t *testing.T) {
	for id, want := range map[string]string{
		"accept#rs384.integrity-02": "--setup rs256-only", "oas.info/api-id-missing": "x-api-id",
		"modi.integrity/jti-missing#absent.integrity-02": "INTEGRITY_REST_02, jti",
	} {
		if code, out, said := conformanceCLI(t, "explain", id); code != exitYes || !strings.Contains(out, want) {
			t.Errorf("%s: %d, there is no %q in\n%s%s", id, code, want, out, said)
		}
	}
	if code, out, _ := conformanceCLI(t, "list", "--role", "erogatore"); code != exitYes || !strings.Contains(out, "[setup: signature-header]") {
		t.Errorf("%d: the list tells no circumstances", code)
	}
	if code, _, _ := conformanceCLI(t, "explain", "oas.info/nulla"); code == exitYes {
		t.Error("a rule that is not there is explained")
	}
}

// TestConformanceReadsTheKeysOfPDND: the answer for one key, as the patterns' own examples
// have it, judges a message.
func TestConformanceReadsTheKeysOfPDND(t *testing.T) {
	examples := "../../docs/patterns/examples/"
	code, out, said := conformanceCLI(t, "run", "--role", "token", "--patterns", "PDND_VOUCHER,INTEGRITY_REST_02", "--parties-audience", "https://api.ente.example/rest/anagrafe/v1",
		"--keys-consumer", examples+"client.json", "--files", examples+"integrity-rest-02.http", "--at", "2026-03-02T09:00:00Z", "--only", "modi.integrity/signature-invalid")
	if code != exitYes {
		t.Errorf("%d\n%s%s", code, out, said)
	}
}

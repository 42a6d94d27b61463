// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
)

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// TestFlagsWinOverEnvironmentOverFile is the precedence of the three.
func TestFlagsWinOverEnvironmentOverFile(t *testing.T) {
	file := []byte(`
role: erogatore
target: https://file.example
patterns: [PDND_VOUCHER]
parallel: 2
network: {timeout: 3s}
parties: {audience: https://file.example/v1, client: file}
operations:
  - {method: POST, path: /ricerche, body: '{}', safe: true}
`)
	c, err := Load("prova.yaml", file, env(map[string]string{
		"SNODO_CONF_TARGET": "https://env.example", "SNODO_CONF_PARTIES_CLIENT": "env", "SNODO_CONF_PATTERNS": "PDND_VOUCHER, INTEGRITY_REST_02",
		"SNODO_CONF_ALLOW_WRITES": "true",
	}), map[string]string{"target": "https://flag.example", "network-timeout": "7s"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Target != "https://flag.example" || c.Parties.Client != "env" || c.Parties.Audience != "https://file.example/v1" ||
		c.Network.Timeout != 7*time.Second || c.Parallel != 2 || !c.AllowWrites || len(c.Operations) != 1 || !c.Operations[0].Safe {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff([]modi.Pattern{modi.PatternVoucher, modi.PatternIntegrityREST02}, c.Patterns); diff != "" {
		t.Error(diff)
	}
}

func TestBadSettingsAreToldAllTogether(t *testing.T) {
	_, err := Load("", nil, env(map[string]string{"SNODO_CONF_PARALLEL": "molti", "SNODO_CONF_NETWORK_LATE": "presto"}), map[string]string{"allow-writes": "forse"})
	var m *Misuse
	if !errors.As(err, &m) || len(m.Faults) != 3 {
		t.Fatalf("%v", err)
	}
	for _, name := range []string{"SNODO_CONF_PARALLEL", "SNODO_CONF_NETWORK_LATE", "--allow-writes"} {
		if !strings.Contains(err.Error(), name) || !strings.Contains(m.In("it"), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	if _, err := Load("prova.yaml", []byte("ruolo: erogatore"), env(nil), nil); !errors.As(err, &m) {
		t.Errorf("an unknown member: %v", err)
	}
}

// TestEverySettingIsExplained in both languages, with a flag and a variable of its own.
func TestEverySettingIsExplained(t *testing.T) {
	flags, vars := map[string]bool{}, map[string]bool{}
	for _, n := range Names() {
		about := About(n.Path)
		if about.IT == "" || about.EN == "" {
			t.Errorf("%s is not explained", n.Path)
		}
		if flags[n.Flag] || vars[n.Env] || strings.ContainsAny(n.Flag, "_.") || !strings.HasPrefix(n.Env, EnvPrefix) {
			t.Errorf("%+v", n)
		}
		flags[n.Flag], vars[n.Env] = true, true
	}
	for path := range settingTexts() {
		if !flags[strings.NewReplacer(".", "-", "_", "-").Replace(path)] {
			t.Errorf("%s is explained and does not exist", path)
		}
	}
}

// TestSettingsInAReportHoldNoSecret: what a trigger sends, and names and passwords in
// addresses, stay out.
func TestSettingsInAReportHoldNoSecret(t *testing.T) {
	c := Config{
		Role: RoleFruitore, Target: "https://utente:parola@api.ente.example/v1",
		Trigger: Trigger{URL: "http://localhost/segreto", Body: "segreto", Command: []string{"segreto"}, Method: "POST"},
		Network: Network{Proxy: "http://utente:parola@proxy.example:3128"}, Keys: Keys{Client: "client.pem"},
		Operations: []Operation{{Method: "GET", Path: "/persone/" + person}},
	}
	var text strings.Builder
	for _, s := range c.settings() {
		text.WriteString(s.Name + "=" + s.Value + "\n")
	}
	for _, secret := range []string{"segreto", "parola", person} {
		if strings.Contains(text.String(), secret) {
			t.Errorf("%s is there:\n%s", secret, text.String())
		}
	}
	for _, wanted := range []string{"keys.client=client.pem", "target=https://‹…›@api.ente.example/v1", "trigger.method=POST"} {
		if !strings.Contains(text.String(), wanted) {
			t.Errorf("%s is not there:\n%s", wanted, text.String())
		}
	}
}

// TestWhatIsMissingIsSaid for each role, in both languages.
func TestWhatIsMissingIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   []string
	}{
		"no role":                   {Config{}, []string{"role"}},
		"erogatore":                 {Config{Role: RoleErogatore}, []string{"target", "operations", "parties.audience"}},
		"erogatore, PDND":           {Config{Role: RoleErogatore, Target: "https://x.example", Operations: posting(), Parties: Parties{Audience: "a"}, Platform: Platform{TokenURL: "https://auth.example"}}, []string{"keys.client", "parties.client", "parties.purpose", "parties.assertion_audience"}},
		"operation":                 {Config{Role: RoleErogatore, Target: "https://x.example", Operations: []Operation{{Path: "x"}}, Parties: Parties{Audience: "a"}}, []string{"operations[0].method", "operations[0].path"}},
		"address":                   {Config{Role: RoleErogatore, Target: "x.example", Operations: posting(), Parties: Parties{Audience: "a"}}, []string{"target"}},
		"fruitore":                  {Config{Role: RoleFruitore}, []string{"parties.audience", "trigger"}},
		"token":                     {Config{Role: RoleToken}, []string{"files", "patterns"}},
		"server":                    {Config{Role: RoleServer}, []string{"target", "keys.client", "parties.client", "parties.purpose", "parties.assertion_audience"}},
		"openapi":                   {Config{Role: RoleOpenAPI}, []string{"openapi"}},
		"a time":                    {Config{Role: RoleFruitore, Serve: true, Parties: Parties{Audience: "a"}, At: "2026-03-02T09:00:00Z"}, []string{"at"}},
		"a time without its unit":   {Config{Role: RoleOpenAPI, OpenAPI: "x", Network: Network{Timeout: 5}}, []string{"network.timeout"}},
		"serve, of no server":       {Config{Role: RoleToken, Serve: true}, []string{"role"}},
		"serve, with the true PDND": {Config{Role: RoleErogatore, Serve: true, Platform: Platform{TokenURL: "https://auth.example"}}, []string{"platform.token_url"}},
		"a circumstance":            {Config{Role: RoleOpenAPI, OpenAPI: "x", Setup: []string{"signature-header", "setup:algorithms", "firma"}}, []string{"signature-header, signed-headers"}},
		"a part of no id":           {Config{Role: RoleOpenAPI, OpenAPI: "x", Only: []string{"info#complete", "custm-header"}}, []string{"custm-header"}},
		"no case left":              {Config{Role: RoleOpenAPI, OpenAPI: "x", Only: []string{"closed#bodies"}, Severity: "must"}, []string{"severity"}},
		"words":                     {Config{Role: RoleOpenAPI, OpenAPI: "x", Severity: "alta", Patterns: []modi.Pattern{"ALTRO"}}, []string{"severity", "patterns"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Run(t.Context(), c.config)
			var m *Misuse
			if !errors.As(err, &m) || len(m.Faults) != len(c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			for i, word := range c.want {
				if !strings.Contains(m.Faults[i].IT, word) || !strings.Contains(m.Faults[i].EN, word) {
					t.Errorf("%+v does not name %s", m.Faults[i], word)
				}
			}
		})
	}
}

// TestEveryFaultOfAFileIsTold with the file, the line and what is admitted: nobody should
// mend a file one fault at a time.
func TestEveryFaultOfAFileIsTold(t *testing.T) {
	file := []byte(`role: erogatore
paterns: [PDND_VOUCHER]
parties:
  cleint: c
network: {timeout: 5, late: 3s}
parallel: molti
operations:
  - GET /stato
  - {method: POST, path: /x, idempotant: true}
  - GET
trigger: ora
`)
	_, err := Load("prova.yaml", file, env(map[string]string{"SNODO_CONF_OPERATIONS": "{metod: GET}"}), map[string]string{"network-late": "5"})
	var m *Misuse
	if !errors.As(err, &m) {
		t.Fatal(err)
	}
	want := []string{
		"prova.yaml, riga 2: paterns è sconosciuto; valori ammessi role, target", "prova.yaml, riga 4: parties.cleint è sconosciuto", "prova.yaml, riga 5: network.timeout: serve una durata come 5s",
		"prova.yaml, riga 6: parallel: serve un numero intero", "prova.yaml, riga 9: operations[1].idempotant è sconosciuto; valori ammessi method, path",
		"prova.yaml, riga 10: operations[2]", "prova.yaml, riga 11: trigger: serve un oggetto", `--network-late "5": serve una durata come 5s`, "SNODO_CONF_OPERATIONS, riga 1: [0].metod è sconosciuto",
	}
	for _, one := range want {
		if !strings.Contains(m.In("it"), one) {
			t.Errorf("there is no %q in\n%s", one, m.In("it"))
		}
	}
	if len(m.Faults) != len(want) {
		t.Errorf("%d faults, want %d:\n%s", len(m.Faults), len(want), m.In("it"))
	}
	for _, bad := range []string{"role: [", "role: a\nrole: b", "- x", "testo", "role: !a x", "keys: &k {}"} {
		if _, err := Load("prova.yaml", []byte(bad), env(nil), nil); err == nil || !strings.Contains(err.Error(), "prova.yaml, line ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestEverySettingNeedsNoFile: operations and the fields of a trigger are given by flags and
// variables too, in the form of the file.
func TestEverySettingNeedsNoFile(t *testing.T) {
	c, err := Load("", nil, env(map[string]string{"SNODO_CONF_TRIGGER_HEADERS": "{Authorization: Bearer x}"}), map[string]string{"operations": "GET /stato"})
	if err != nil || len(c.Operations) != 1 || c.Operations[0] != (Operation{Method: "GET", Path: "/stato"}) || c.Trigger.Headers["Authorization"] != "Bearer x" {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = Load("", []byte("operations: [GET /vecchia]"), env(nil), map[string]string{"operations": `[{method: POST, path: /ricerche, body: '{"a":[1,2]}', safe: true}, GET /stato]`})
	if err != nil || len(c.Operations) != 2 || c.Operations[0].Body != `{"a":[1,2]}` || !c.Operations[0].Safe {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzSettings(f *testing.F) {
	for _, seed := range []string{"role: token", "operations: [GET /x, {path: y}]", "trigger: {headers: {a: b}}", "a: &x {b: *x}", "- <<: {a: 1}", "? [a]\n: b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Load("x", []byte(text), env(nil), nil); err != nil {
			var m *Misuse
			if !errors.As(err, &m) || len(m.Faults) == 0 {
				t.Errorf("%v", err)
			}
		}
	})
}

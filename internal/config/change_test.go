// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/internal/config"
)

// The files of the base configuration that the tests change.
const (
	hubFile      = "snodo.yaml"
	profileFile  = "locale.yaml"
	enteFile     = "enti/c_bf01/ente.yaml"
	consumesFile = "enti/c_bf01/consumes.yaml"
	exposesFile  = "enti/c_bf01/exposes.yaml"
	asiloFile    = "enti/c_bf01/procedimenti/iscrizione-asilo.yaml"
	otherFile    = "enti/c_vs02/ente.yaml"
	otherBinds   = "enti/c_vs02/consumes.yaml"
)

// edit replaces one piece of one file of the base.
type edit struct{ file, old, new string }

// changed writes the base with some edits, each of which must change something.
func changed(t *testing.T, edits ...edit) string {
	t.Helper()
	base := archive(t, "base.txtar")
	texts := map[string]string{}
	for _, f := range base.Files {
		texts[f.Name] = string(f.Data)
	}
	var files []txtar.File
	for _, e := range edits {
		after := strings.Replace(texts[e.file], e.old, e.new, 1)
		if after == texts[e.file] {
			t.Fatalf("%q is not in %s", e.old, e.file)
		}
		texts[e.file] = after
		files = append(files, txtar.File{Name: e.file, Data: []byte(after)})
	}
	return folder(t, files...)
}

// TestAccepts changes a sound configuration into others that are sound too.
func TestAccepts(t *testing.T) {
	for name, edits := range map[string][]edit{
		"TLS with client certificates on gestione": {{
			hubFile, "store:",
			"  gestione: {address: \"0.0.0.0:9082\", tls: {certificate: keys/cert.pem, key: keys/tls.pem, clientCA: keys/ca.pem}}\nstore:",
		}},
		"one TLS key for two faces": {
			{hubFile, `applicazioni: {address: "127.0.0.1:9080"}`, `applicazioni: {address: "10.2.0.1:9080", tls: {certificate: keys/cert.pem, key: keys/tls.pem}}`},
			{hubFile, `esposizione: {address: "0.0.0.0:9081"}`, `esposizione: {address: "[::]:9081", tls: {certificate: keys/cert.pem, key: keys/tls.pem}}`},
			{hubFile, `trustedProxies: ["10.1.0.0/16"]`, ""},
		},
		"any free port, twice": {
			{hubFile, "127.0.0.1:9080", "127.0.0.1:0"}, {hubFile, "0.0.0.0:9081", "127.0.0.1:0"},
		},
		"localhost, IPv6":             {{hubFile, "127.0.0.1:9080", "localhost:9080"}, {hubFile, "0.0.0.0:9081", "[::1]:9081"}},
		"PostgreSQL by file":          {{hubFile, "{kind: sqlite, path: data/prova.db}", "{kind: postgresql, dsnFile: keys/dsn}"}},
		"PostgreSQL by environment":   {{hubFile, "{kind: sqlite, path: data/prova.db}", "{kind: postgresql, dsnEnv: SNODO_DSN}"}},
		"no store block":              {{hubFile, "store: {kind: sqlite, path: data/prova.db}\n", ""}},
		"titolo: funzione trasferita": {{consumesFile, "titolo: proprio", "titolo: funzione trasferita"}},
		"titolo: servizio art. 28":    {{consumesFile, "titolo: proprio", "titolo: servizio art. 28"}},
		"one key for assertions and messages": {
			{enteFile, "modiKey: keys/bf-modi.pem", "modiKey: keys/bf-client.pem"},
		},
		"the key's own kid, written out": {
			{enteFile, "key: keys/bf-client.pem", "key: keys/bf-client.pem\n    kid: nLIUwSDVBHfp7yFRFsRJnQSy8dQdkXAAU9RrSSSaY_8"},
		},
		"a key as a file: reference": {
			{enteFile, "key: keys/bf-client.pem", "key: \"file:keys/bf%2Dclient.pem?pin-source=file:keys/pin\""},
		},
		"a key in a token": {
			{enteFile, "key: keys/bf-client.pem", "key: \"pkcs11:token=hub;object=client?module-path=/usr/lib/p11.so&pin-source=file:keys/pin\""},
		},
		"ids of different kinds may be equal": {
			{exposesFile, "b1000000-0000-4000-8000-000000000005", "b1000000-0000-4000-8000-000000000006"},
		},
		"a procedimento without a form for the pratica": {{asiloFile, "praticaFormato: ^[A-Z]{2,6}/[0-9]{4}/[0-9]{1,7}$\n", ""}},
		"its own responsabile":                          {{asiloFile, "ufficio: scuola", "ufficio: tributi\nresponsabile: Elena Neri"}},
		"check by sample":                               {{asiloFile, "art43\n", "art71-campione\n"}},
		"check of a doubt":                              {{asiloFile, "art43\n", "art71-dubbio\n"}},
		"no client, no binding": {
			{otherFile, "clients:\n  anagrafe: {environment: collaudo, id: b2000000-0000-4000-8000-000000000002, key: keys/vs-client.pem}\n", ""},
			{otherBinds, "- {recipe: anpr-c030, environment: collaudo, client: anagrafe, titolo: servizio art. 28}", "[]"},
		},
		"a profile in place of a built-in one": {
			{hubFile, "  locale: locale.yaml", "  locale: locale.yaml\n  collaudo: collaudo.yaml"},
		},
		"clear text to a back end": {{exposesFile, "deadline: 5s", "deadline: 100ms"}},
		"older descriptors may still be called": {
			{exposesFile, "[b1000000-0000-4000-8000-000000000006]", "[b1000000-0000-4000-8000-000000000006, b1000000-0000-4000-8000-000000000007]"},
		},
		"network of the back end": {{exposesFile, "deadline: 5s", "rete: {ca: keys/interna.pem, proxy: \"http://127.0.0.1:3128\", ip_uscita: \"2001:db8::1\"}"}},
		"client certificate":      {{consumesFile, "rete: {ca: keys/anpr-ca.pem}", "rete: {ca: keys/anpr-ca.pem, certificato_client: keys/mtls.pem}"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := changed(t, edits...)
			write(t, filepath.Join(dir, "collaudo.yaml"), []byte(`name: collaudo
issuer: uat.interop.pagopa.it
tokenURL: https://auth.uat.interop.pagopa.it/token.oauth2
assertionAudience: auth.uat.interop.pagopa.it/client-assertion
jwksURL: https://uat.interop.pagopa.it/.well-known/jwks.json
apiBase: https://api.uat.interop.pagopa.it
apiAudience: api.uat.interop.pagopa.it/m2m
`))
			c, err := config.Load(dir)
			if err != nil {
				t.Fatalf("refused:\n%v", err)
			}
			if name == "a profile in place of a built-in one" && c.Environments["collaudo"].APIAudience != "api.uat.interop.pagopa.it/m2m" {
				t.Error("the built-in profile stayed")
			}
		})
	}
}

// TestOneMistakeIsOneFault: a mistake is reported once, where it is, and does not drag
// others along.
func TestOneMistakeIsOneFault(t *testing.T) {
	for name, c := range map[string]struct {
		edit
		want string
	}{
		"gestione beyond the machine": {
			edit{hubFile, "store:", "  gestione: {address: \"0.0.0.0:9082\", tls: {certificate: keys/c.pem, key: keys/k.pem}}\nstore:"},
			"snodo.yaml:5: listeners.gestione is reachable from other machines: give it tls with clientCA, or a socket",
		},
		"clear text beyond the machine": {
			edit{hubFile, `trustedProxies: ["10.1.0.0/16"]`, ""},
			"snodo.yaml:4: listeners.esposizione is reachable from other machines in clear: give it tls, or name in trustedProxies the proxy that ends TLS before it",
		},
		"every address, no port": {
			edit{hubFile, "0.0.0.0:9081", "0.0.0.0"}, "snodo.yaml:4: listeners.esposizione.address is not of the form 127.0.0.1:8080",
		},
		"unknown environment": {
			edit{consumesFile, "environment: locale", "environment: test"},
			`enti/c_bf01/consumes.yaml:2: environment is "test": write one of produzione, collaudo, attestazione, locale`,
		},
		"the client of another environment": {
			edit{consumesFile, "client: anagrafe", "client: prova"},
			`enti/c_bf01/consumes.yaml:3: client prova is of environment "collaudo", the binding of "locale": they never mix`,
		},
		"no address for locale": {
			edit{consumesFile, "  url: https://127.0.0.1:9001/govway/rest/in/MinInternoPortaANPR-PDND/C030-servizioAccertamentoIdUnicoNazionale/v1\n", ""},
			"enti/c_bf01/consumes.yaml:1: url is missing",
		},
		"an address for collaudo": {
			edit{otherBinds, "client: anagrafe", "client: anagrafe, url: \"https://127.0.0.1:9001\""},
			"enti/c_vs02/consumes.yaml:1: url is only for environment locale: elsewhere the recipe knows it",
		},
		"delegation without its id": {
			edit{consumesFile, "delega PDND d1000000-0000-4000-8000-000000000001", "delega PDND"},
			`enti/c_bf01/consumes.yaml:12: titolo is "delega PDND": write proprio, funzione trasferita, servizio art. 28 or delega PDND followed by the id of the delegation`,
		},
		"titolo in capitals": {
			edit{consumesFile, "titolo: proprio", "titolo: Proprio"},
			`enti/c_bf01/consumes.yaml:4: titolo is "Proprio": write proprio, funzione trasferita, servizio art. 28 or delega PDND followed by the id of the delegation`,
		},
		"audience of two": {
			edit{exposesFile, "audience: https://snodo.locale.invalid/modi/c_bf01/stato-istanza/v1", "audience: a,b"},
			"enti/c_bf01/exposes.yaml:5: audience holds a comma or a space: PDND joins audiences by commas, write the one of this e-service",
		},
		"public address of another ente": {
			edit{exposesFile, "9081/modi/c_bf01", "9081/modi/c_vs02"},
			"enti/c_bf01/exposes.yaml:8: publicURL does not end with /modi/c_bf01/stato-istanza/v1, where the hub serves the e-service",
		},
		"public address of another version": {
			edit{exposesFile, "publicURL: http://127.0.0.1:9081/modi/c_bf01/stato-istanza/v1", "publicURL: http://127.0.0.1:9081/modi/c_bf01/stato-istanza/v2"},
			"enti/c_bf01/exposes.yaml:8: publicURL does not end with /modi/c_bf01/stato-istanza/v1, where the hub serves the e-service",
		},
		"no tenant to check vouchers against": {
			edit{enteFile, "tenants:\n  locale: b1000000-0000-4000-8000-000000000001\n", ""},
			"enti/c_bf01/consumes.yaml:12: with this titolo the consumer is c_bf01, and tenants.locale of its ente.yaml is missing: vouchers are compared with that id\n" +
				"enti/c_bf01/exposes.yaml:2: tenants.locale of ente.yaml is missing: vouchers are checked against the ente's id on PDND",
		},
		"deadline without a unit": {
			edit{exposesFile, "deadline: 5s", "deadline: 5"},
			`enti/c_bf01/exposes.yaml:7: expected a duration such as "30s", "5m" or "24h"`,
		},
		"back end that may outlive the exchange": {
			edit{exposesFile, "deadline: 5s", "deadline: 60s"},
			"enti/c_bf01/exposes.yaml:7: backEnd.deadline is 1m0s, and limits.request of snodo.yaml is 1m0s: the whole exchange would end before the back end may answer",
		},
		"proxy of the hub that is no URL": {
			edit{hubFile, "store:", "rete: {proxy: \"proxy:3128\"}\nstore:"}, "snodo.yaml:5: rete.proxy is not an absolute URL",
		},
		"roots of the hub that are not there": {
			edit{hubFile, "store:", "rete: {ca: keys/absent.pem}\nstore:"}, "snodo.yaml:5: rete.ca: there is no file keys/absent.pem",
		},
		"retired checkpoint key that is not there": {
			edit{enteFile, "  provenance: keys/bf-sigillo.pem", "  previousCheckpoints: [keys/absent.pem]\n  provenance: keys/bf-sigillo.pem"},
			"enti/c_bf01/ente.yaml:22: seal.previousCheckpoints[0]: there is no file keys/absent.pem",
		},
		"field nobody has": {
			edit{asiloFile, "[residenza, aire]", "[residenza, reddito]"},
			`enti/c_bf01/procedimenti/iscrizione-asilo.yaml:10: operazioni[0].campi[1] is "reddito": write one of residenza, generalita, identificativi, aire, esistenzaInVita`,
		},
		"purpose in capitals": {
			edit{asiloFile, "anpr-c030: b1000000", "anpr-c030: B1000000"},
			"enti/c_bf01/procedimenti/iscrizione-asilo.yaml:13: purposes.anpr-c030 is not a UUID in lower case, as PDND shows it",
		},
		"one purpose for two services": {
			edit{asiloFile, "b1000000-0000-4000-8000-000000000030", "b1000000-0000-4000-8000-000000000020"},
			"enti/c_bf01/procedimenti/iscrizione-asilo.yaml:13: purposes.anpr-c030 is also the purpose of anpr-c020: on PDND a purpose belongs to one e-service",
		},
		"a form for the pratica that is open at the end": {
			edit{asiloFile, "{1,7}$", "{1,7}"},
			"enti/c_bf01/procedimenti/iscrizione-asilo.yaml:16: praticaFormato does not begin with ^ and end with $: it describes the whole number",
		},
		"kept for no time": {
			edit{asiloFile, "1825", "0"},
			"enti/c_bf01/procedimenti/iscrizione-asilo.yaml:15: conservazioneGiorni is 0: write the days for which the details of an acquisition are kept",
		},
		"level of assurance": {
			edit{enteFile, "loa: LoA3", "loa: livello di garanzia 3"},
			"enti/c_bf01/ente.yaml:34: operatori.mat-00417.loa is longer than the 20 characters registries admit",
		},
		"codice fiscale of a person": {
			edit{enteFile, "codiceFiscale: 81234500015", "codiceFiscale: BNCMRC85C12D612V"},
			"enti/c_bf01/ente.yaml:3: codiceFiscale is not the eleven digits of an ente",
		},
		"folder of another ente": {
			edit{enteFile, "codiceIPA: c_bf01", "codiceIPA: C_BF01"},
			`enti/c_bf01/ente.yaml:1: codiceIPA is "C_BF01" but the folder is named "c_bf01": they must be the same`,
		},
		"a code that is none": {
			edit{enteFile, "codiceIPA: c_bf01", "codiceIPA: ../c_bf01"},
			"enti/c_bf01/ente.yaml:1: codiceIPA is not a code of the IPA index: letters, digits, _ and -",
		},
		"key that is not there": {
			edit{enteFile, "keys/bf-client.pem", "keys/absent.pem"},
			"enti/c_bf01/ente.yaml:10: clients.anagrafe.key: there is no file keys/absent.pem",
		},
		"folder for a key": {
			edit{enteFile, "keys/bf-client.pem", "enti"}, "enti/c_bf01/ente.yaml:10: clients.anagrafe.key: there is no file enti",
		},
		"one key for client and keychain": {
			edit{enteFile, "key: keys/bf-keychain.pem", "key: keys/bf-client.pem"},
			"enti/c_bf01/ente.yaml:20: keychains.istanze.key is the file of clients.anagrafe.key (enti/c_bf01/ente.yaml:10) too: every role has a key of its own",
		},
		"seal with the key of messages": {
			edit{enteFile, "provenance: keys/bf-sigillo.pem", "provenance: keys/bf-modi.pem"},
			"enti/c_bf01/ente.yaml:22: seal.provenance is the file of clients.anagrafe.modiKey (enti/c_bf01/ente.yaml:11) too: every role has a key of its own",
		},
		"key of another ente": {
			edit{otherFile, "key: keys/vs-client.pem", "key: keys/bf-client.pem"},
			"enti/c_vs02/ente.yaml:7: clients.anagrafe.key is the file of clients.anagrafe.key (enti/c_bf01/ente.yaml:10) too: every role has a key of its own",
		},
		"master key of the hub in an ente": {
			edit{otherFile, "provenance: keys/vs-sigillo.pem", "provenance: keys/master.key"},
			"enti/c_vs02/ente.yaml:10: seal.provenance is the file of masterKeyFile (snodo.yaml:6) too: every role has a key of its own",
		},
		"client of another ente": {
			edit{otherFile, "b2000000-0000-4000-8000-000000000002", "b1000000-0000-4000-8000-000000000002"},
			"enti/c_vs02/ente.yaml:7: the client id is also written at enti/c_bf01/ente.yaml:9: it belongs to one ente and one use",
		},
		"scheme in the audience of assertions": {
			edit{profileFile, "assertionAudience: ", "assertionAudience: https://"},
			"locale.yaml:4: assertionAudience has no scheme: auth.interop.pagopa.it/client-assertion, for example",
		},
		"version in the base of the API": {
			edit{profileFile, "apiBase: http://127.0.0.1:9000", "apiBase: http://127.0.0.1:9000/v3"},
			"locale.yaml:6: apiBase ends before /v2 and /v3, without a final slash",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.TrimSuffix(faultsOf(t, changed(t, c.edit)), "\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLeavesTheFolderAlone: checking a configuration writes nothing into it.
func TestLeavesTheFolderAlone(t *testing.T) {
	dir := folder(t)
	list := func() (names []string) {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil {
				names = append(names, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	before := list()
	if _, err := config.Load(dir); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, list()); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

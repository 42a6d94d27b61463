// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/internal/config"
)

const (
	ownBinding = "client: anagrafe, titolo: servizio art. 28"
	delega     = "titolo: delega PDND d1000000-0000-4000-8000-000000000002"
	// The other ente of the base with a client of the same environment.
	lent = "clients:\n  prestato: {environment: collaudo, id: b1000000-0000-4000-8000-000000000099, key: keys/lent.pem, dpopKey: keys/lent-dpop.pem}\n"
	// A tenant of the ente that lends it.
	tenants = "tenants:\n  locale: b1000000-0000-4000-8000-000000000001\n"
	both    = tenants + "  collaudo: b1000000-0000-4000-8000-000000000098\n"
)

// TestTitoloSaysWhoTheConsumerIs: the four titoli of a binding, with the ente's own client
// and with another's.
func TestTitoloSaysWhoTheConsumerIs(t *testing.T) {
	const comune, unione = "b2000000-0000-4000-8000-000000000001", "b1000000-0000-4000-8000-000000000098"
	for name, test := range map[string]struct{ binding, owner, consumer, tenant, delegation string }{
		"proprio":                      {"client: anagrafe, titolo: proprio", "c_vs02", "c_vs02", comune, ""},
		"servizio art. 28":             {ownBinding, "c_vs02", "c_vs02", comune, ""},
		"delega, the delegate's":       {"client: c_bf01/prestato, " + delega, "c_bf01", "c_vs02", comune, "d1000000-0000-4000-8000-000000000002"},
		"delega, kept by itself":       {"client: anagrafe, " + delega, "c_vs02", "c_vs02", comune, "d1000000-0000-4000-8000-000000000002"},
		"function transferred":         {"client: c_bf01/prestato, titolo: funzione trasferita", "c_bf01", "c_bf01", unione, ""},
		"function transferred to it":   {"client: anagrafe, titolo: funzione trasferita", "c_vs02", "c_vs02", comune, ""},
		"vouchers bound to a DPoP key": {"client: c_bf01/prestato, dpop: true, " + delega, "c_bf01", "c_vs02", comune, "d1000000-0000-4000-8000-000000000002"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := config.Load(changed(t,
				edit{otherBinds, ownBinding + "}", test.binding + "}\n"}, edit{enteFile, "clients:\n", lent}, edit{enteFile, tenants, both},
			))
			if err != nil {
				t.Fatal(err)
			}
			ente := c.Enti["c_vs02"]
			b := ente.Consumes["anpr-c030"]
			owner, _ := c.OwnerOf(ente, b)
			consumer, tenant := c.ConsumerOf(ente, b)
			client, ok := c.ClientOf(ente, b)
			if owner.CodiceIPA != test.owner || consumer.CodiceIPA != test.consumer || tenant != test.tenant || b.Delegation() != test.delegation ||
				!ok || client.Environment != "collaudo" {
				t.Errorf("owner %s, consumer %s (%s), delegation %q", owner.CodiceIPA, consumer.CodiceIPA, tenant, b.Delegation())
			}
		})
	}
}

// TestRefusesClientsThatATitoloDoesNotAllow: told once, at the line of the mistake.
func TestRefusesClientsThatATitoloDoesNotAllow(t *testing.T) {
	for name, test := range map[string]struct {
		edits []edit
		want  string
	}{
		"another's client, proprio": {
			[]edit{{otherBinds, ownBinding, "client: c_bf01/prestato, titolo: proprio"}},
			"enti/c_vs02/consumes.yaml:1: the client is another ente's: only the titoli funzione trasferita and delega PDND allow it",
		},
		"an ente that is not there": {
			[]edit{{otherBinds, ownBinding, "client: c_xx00/prestato, " + delega}},
			`enti/c_vs02/consumes.yaml:1: ente "c_xx00" is not known: there are c_bf01, c_vs02`,
		},
		"a client that is not there": {
			[]edit{{otherBinds, ownBinding, "client: c_bf01/nessuno, " + delega}},
			`enti/c_vs02/consumes.yaml:1: client "nessuno" is not known: there are anagrafe, prestato, prova`,
		},
		"its own, with its code": {
			[]edit{{otherBinds, ownBinding, "client: c_vs02/anagrafe, titolo: proprio"}},
			"enti/c_vs02/consumes.yaml:1: client is the ente's own: write anagrafe alone",
		},
		"no tenant to compare with": {
			[]edit{{otherBinds, ownBinding, "client: c_bf01/prestato, titolo: funzione trasferita"}},
			"enti/c_vs02/consumes.yaml:1: with this titolo the consumer is c_bf01, and tenants.collaudo of its ente.yaml is missing: vouchers are compared with that id",
		},
		"dpop without a key": {
			[]edit{{otherBinds, ownBinding, "dpop: true, client: anagrafe, titolo: proprio"}},
			"enti/c_vs02/consumes.yaml:1: dpop needs clients.anagrafe.dpopKey of c_vs02, which is missing",
		},
		"one file for two roles": {
			[]edit{{enteFile, "key: keys/bf-client.pem", "key: keys/bf-client.pem\n    dpopKey: keys/bf-client.pem"}},
			"enti/c_bf01/ente.yaml:11: clients.anagrafe.dpopKey is the file of clients.anagrafe.key (enti/c_bf01/ente.yaml:10) too: every role has a key of its own",
		},
		"a previous key that is not there": {
			[]edit{{enteFile, "key: keys/bf-client.pem", "key: keys/bf-client.pem\n    previous: [keys/absent.pub.pem]"}},
			"enti/c_bf01/ente.yaml:11: clients.anagrafe.previous[0]: there is no file keys/absent.pub.pem",
		},
		"JWKS of the API that is no URL": {
			[]edit{{profileFile, "apiAudience:", "apiJwksURL: jwks\napiAudience:"}},
			"locale.yaml:7: apiJwksURL is not an absolute URL",
		},
	} {
		t.Run(name, func(t *testing.T) {
			edits := test.edits
			if test.edits[0].file == otherBinds {
				edits = append(edits, edit{enteFile, "clients:\n", lent})
			}
			if diff := cmp.Diff(test.want+"\n", faultsOf(t, changed(t, edits...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestARecipeThatWantsDPoPNeedsItsKey: what the e-service wants is not left to whoever binds it.
func TestARecipeThatWantsDPoPNeedsItsKey(t *testing.T) {
	own := archive(t, "own-recipes.txtar")
	for i, f := range own.Files {
		text := strings.Replace(string(f.Data), "request: [AUDIT_REST_02, ", "request: [REST_JWS_2021_POP, AUDIT_REST_02, ", 1)
		own.Files[i].Data = []byte(text)
	}
	want := "recipe anpr-c030 wants vouchers bound to a key (REST_JWS_2021_POP): it needs clients.anagrafe.dpopKey of c_vs02, which is missing"
	if faults := faultsOf(t, folder(t, own.Files...)); !strings.Contains(faults, want) {
		t.Errorf("%s, want %s", faults, want)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/modi"
)

// keyRole says what a key is for and what to do with a new one.
type keyRole struct {
	role keys.Role
	what modi.Text
	next modi.Text   // where the public key goes
	line []modi.Text // where the configuration names the file: %s is its path
}

// same is a line that the two languages share.
func same(line string) modi.Text { return modi.Text{IT: line, EN: line} }

func inEnte() modi.Text { return same("# enti/<codiceIPA>/ente.yaml") }

// keyRoles are the roles in the order of the documentation.
func keyRoles() []keyRole { return append(uploadedRoles(), ownRoles()...) }

// uploadedRoles are those whose public keys PDND is given.
func uploadedRoles() []keyRole {
	return []keyRole{
		{
			role: keys.RoleClient,
			what: modi.Text{IT: "client PDND: firma le client assertion (RSA 2048)", EN: "PDND client: signs client assertions (RSA 2048)"},
			next: modi.Text{
				IT: "Caricare la chiave pubblica su PDND, tra le chiavi del client e-service (o del client API Interop, se questa è la sua). " +
					"PDND le dà il kid qui sopra: nella configurazione si può omettere. Poi associare al client le finalità.",
				EN: "Upload the public key to PDND, among the keys of the e-service client (or of the Interop API client, when this one is for it). " +
					"PDND names it by the kid above, which the configuration may leave out. Then link the purposes to the client.",
			},
			line: []modi.Text{
				inEnte(),
				{
					IT: "clients: {<nome>: {environment: <ambiente>, id: <id del client>, key: %s}}",
					EN: "clients: {<name>: {environment: <environment>, id: <id of the client>, key: %s}}",
				},
				{
					IT: "apiClients: {<ambiente>: {id: <id del client>, key: %s}}   # se è del client API",
					EN: "apiClients: {<environment>: {id: <id of the client>, key: %s}}   # when it is of the API client",
				},
			},
		},
		{
			role: keys.RoleModI,
			what: modi.Text{IT: "firme ModI di un client, se distinte (RSA 2048)", EN: "ModI signatures of a client, when kept apart (RSA 2048)"},
			next: modi.Text{
				IT: "Caricare la chiave pubblica su PDND, nello stesso client e-service, accanto a quella delle client assertion. PDND le dà il kid qui sopra.",
				EN: "Upload the public key to PDND, to the same e-service client, beside the one of the client assertions. PDND names it by the kid above.",
			},
			line: []modi.Text{inEnte(), {IT: "clients: {<nome>: {…, modiKey: %s}}", EN: "clients: {<name>: {…, modiKey: %s}}"}},
		},
		{
			role: keys.RoleKeychain,
			what: modi.Text{IT: "portachiavi erogatore: firma le risposte (RSA 2048)", EN: "producer keychain: signs answers (RSA 2048)"},
			next: modi.Text{
				IT: "Caricare la chiave pubblica su PDND nel portachiavi erogatore, e associare il portachiavi all'e-service. PDND le dà il kid qui sopra.",
				EN: "Upload the public key to PDND to the producer keychain, and link the keychain to the e-service. PDND names it by the kid above.",
			},
			line: []modi.Text{inEnte(), {
				IT: "keychains: {<nome>: {environment: <ambiente>, id: <id del portachiavi>, key: %s}}",
				EN: "keychains: {<name>: {environment: <environment>, id: <id of the keychain>, key: %s}}",
			}},
		},
	}
}

// ownRoles are those whose keys never go to PDND.
func ownRoles() []keyRole {
	return []keyRole{
		{
			role: keys.RoleProvenance,
			what: modi.Text{IT: "sigillo dell'ente: firma la provenienza (EC P-256)", EN: "seal of the ente: signs provenance (EC P-256)"},
			next: modi.Text{
				IT: "Non si carica su PDND: lo Snodo pubblica la chiave con questo kid in /v1/enti/<codiceIPA>/sigillo/jwks.json.",
				EN: "It is not uploaded to PDND: the hub publishes the key under this kid at /v1/enti/<codiceIPA>/sigillo/jwks.json.",
			},
			line: []modi.Text{inEnte(), same("seal: {provenance: %s}")},
		},
		{
			role: keys.RoleCheckpoint,
			what: modi.Text{IT: "sigillo dell'ente: firma i checkpoint (Ed25519)", EN: "seal of the ente: signs checkpoints (Ed25519)"},
			next: modi.Text{
				IT: "Non si carica su PDND: consegnare l'impronta a chi verificherà le prove (snodo evidence verify --trust), per una via diversa dal file.",
				EN: "It is not uploaded to PDND: give the fingerprint to whoever will verify the evidence (snodo evidence verify --trust), by another way than the file.",
			},
			line: []modi.Text{inEnte(), same("seal: {checkpoint: %s}")},
		},
		{
			role: keys.RoleIdentity,
			what: modi.Text{IT: "identità verso i gestionali: firma chi chiama (EC P-256)", EN: "identity towards back ends: signs who calls (EC P-256)"},
			next: modi.Text{
				IT: "Non si carica su PDND: lo Snodo pubblica la chiave con questo kid in /v1/enti/<codiceIPA>/identita/jwks.json, dove i gestionali la leggono.",
				EN: "It is not uploaded to PDND: the hub publishes the key under this kid at /v1/enti/<codiceIPA>/identita/jwks.json, where back ends read it.",
			},
			line: []modi.Text{inEnte(), same("seal: {identity: %s}")},
		},
		{
			role: keys.RoleDPoP,
			what: modi.Text{IT: "prove DPoP (EC P-256)", EN: "DPoP proofs (EC P-256)"},
			next: modi.Text{
				IT: "Non si carica: la chiave pubblica viaggia dentro ogni prova DPoP. La configurazione non la nomina.",
				EN: "It is not uploaded: the public key travels inside every DPoP proof. The configuration does not name it.",
			},
		},
		{
			role: keys.RoleMaster,
			what: modi.Text{IT: "chiave che cifra le prove (32 byte)", EN: "key that encrypts the evidence (32 bytes)"},
			next: modi.Text{
				IT: "Non ha parte pubblica. Conservarne due copie sigillate in due luoghi, lontano dalla base dati: se si perde, i dati riservati non si leggono più.",
				EN: "It has no public half. Keep two sealed copies in two places, apart from the database: when it is lost, the side records can never be read again.",
			},
			line: []modi.Text{same("# snodo.yaml"), same("masterKeyFile: %s")},
		},
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unsigned is a token that nobody signed, to be looked at.
func unsigned(header, claims string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".AAAA"
}

const instantOfTexts = "2026-03-02T09:00:00Z"

// What a person reads of a message, whole: a change of it is a change that people see.
func TestModiInspectReadsLikeThis(t *testing.T) {
	evidence := unsigned(`{"alg":"RS256","typ":"JWT","kid":"nHSvbEVU9Ib6oYVqeWw0cQmN4mnvB7JLy9V7pkkZTHo"}`,
		`{"iss":"c-1","aud":"https://api.ente.example/v1/","iat":1772441990,"exp":1772442290,"jti":"1","purposeId":"p","dnonce":1234567890123,"userID":"u","userLocation":"l","loa":"LoA3"}`)
	text := "POST /v1/istanze HTTP/1.1\r\nHost: api.ente.example\r\nAgid-JWT-TrackingEvidence: " + evidence + "\r\nDigest: x\r\n\r\n{}"
	args := []string{"modi", "inspect", "-", "--at", instantOfTexts, "--audience", "https://api.ente.example/v1"}
	const claims = `
  {
    "iss": "c-1",
    "aud": "https://api.ente.example/v1/",
    "iat": 1772441990,
    "exp": 1772442290,
    "jti": "1",
    "purposeId": "p",
    "dnonce": 1234567890123,
    "userID": "u",
    "userLocation": "l",
    "loa": "LoA3"
  }
`
	const header = `
  {
    "alg": "RS256",
    "typ": "JWT",
    "kid": "nHSvbEVU9Ib6oYVqeWw0cQmN4mnvB7JLy9V7pkkZTHo"
  }
`
	code, got, _ := command(t, text, args...)
	want := "Agid-JWT-TrackingEvidence: somiglia a AUDIT_REST_02\n  intestazione" + header + "  claim" + claims +
		`  iat: 2026-03-02 08:59:50 UTC, creato 10 secondi fa
  exp: 2026-03-02 09:04:50 UTC, scade fra 4 minuti e 50 secondi
  • c'è "loa": il nome del claim è LoA, maiuscole comprese
  • aud: differisce per la barra finale; attesa https://api.ente.example/v1
    [modi.audit/audience-mismatch]

messaggio
  • Digest: non è SHA-256=, SHA-384= o SHA-512= seguito dal base64 con riempimento
    [modi.integrity/digest-malformed]
`
	if diff := cmp.Diff(want, got); diff != "" || code != exitYes {
		t.Errorf("exit code %d (-want +got):\n%s", code, diff)
	}
	code, got, _ = command(t, text, append(args, "--lang", "en")...)
	want = "Agid-JWT-TrackingEvidence: looks like AUDIT_REST_02\n  header" + header + "  claims" + claims +
		`  iat: 2026-03-02 08:59:50 UTC, issued 10 seconds ago
  exp: 2026-03-02 09:04:50 UTC, expires in 4 minutes and 50 seconds
  • there is "loa": the claim's name is LoA, capitals included
  • aud: differs by the final slash; expected https://api.ente.example/v1
    [modi.audit/audience-mismatch]

message
  • Digest: this is not SHA-256=, SHA-384= or SHA-512= followed by padded base64
    [modi.integrity/digest-malformed]
`
	if diff := cmp.Diff(want, got); diff != "" || code != exitYes {
		t.Errorf("exit code %d (-want +got):\n%s", code, diff)
	}
}

// What a person reads of a refusal.
func TestModiVerifyReadsLikeThis(t *testing.T) {
	key := rsaSigner(t)
	code, out, diagnostics := command(t, signed, "modi", "sign", "--pattern", "INTEGRITY_REST_02", "--key", key.key, "--client-id", "c-1",
		"--audience", "https://api.ente.example/v1", "--at", instantOfTexts)
	if code != exitYes {
		t.Fatal(diagnostics)
	}
	args := []string{"modi", "verify", "--pattern", "INTEGRITY_REST_02", "--keys", key.public, "--at", instantOfTexts, "--audience", "https://api.ente.example"}
	code, got, _ := command(t, strings.Replace(out, "{}", "{ }", 1), args...)
	want := `  ✗ RIFIUTATO: 2 regole violate

  ✗ Agid-JWT-Signature: aud di un altro destinatario
  regola: modi.integrity/audience-mismatch (INTEGRITY_REST_02)
  atteso: "https://api.ente.example"
  trovato: "https://api.ente.example/v1"
  indizio: differisce per la versione (/v1)
  rimedio: usare l'audience pubblicata per il servizio, carattere per carattere: ambiente,
  percorso, versione, barra finale

  ✗ Agid-JWT-Signature: Digest diverso dal corpo ricevuto
  regola: modi.integrity/digest-mismatch (INTEGRITY_REST_02)
  atteso: SHA-256 dei 3 byte ricevuti
  trovato: un altro valore
  indizio: è il digest dello stesso JSON scritto in altro modo: va calcolato sui byte
  inviati, senza riscriverli
  rimedio: calcolare il Digest sui byte effettivamente inviati, dopo la compressione e
  senza riscrivere il JSON
`
	if code != exitNo {
		t.Errorf("exit code %d", code)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	code, got, _ = command(t, out, append(args[:len(args)-1], "https://api.ente.example/v1")...)
	_, jti, _ := strings.Cut(got, "jti: ")
	jti, _, _ = strings.Cut(jti, "\n")
	_, kid, _ := strings.Cut(got, "kid: ")
	kid, _, _ = strings.Cut(kid, "\n")
	want = `  ✓ ACCETTATO

  ✓ INTEGRITY_REST_02 valido
  iss: c-1
  sub: c-1
  aud: https://api.ente.example/v1
  jti: ` + jti + `
  kid: ` + kid + `
  alg: RS256
  iat: 2026-03-02 08:59:55 UTC, creato 5 secondi fa
  exp: 2026-03-02 09:04:55 UTC, scade fra 4 minuti e 55 secondi
`
	if code != exitYes || len(jti) != 36 || len(kid) != 43 {
		t.Errorf("exit code %d, jti %q, kid %q", code, jti, kid)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package provenance

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/modi/token"
)

func sealKey(t *testing.T) (token.SigningKey, Keys) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return token.SigningKey{KID: kid, Algorithm: token.ES256, Signer: key}, Keys{{KID: kid, Public: key.Public()}}
}

func sample() Provenance {
	return Provenance{
		Registro: "Anagrafe inventata", Servizio: "anagrafe", Operazione: "residenza", Ambiente: "locale",
		Istante: time.Date(2026, 3, 10, 10, 0, 0, 123456789, time.UTC), IDOperazione: "7", EserviceID: "e", PurposeID: "p",
		Scambio: "00000000-0000-4000-8000-000000000001", Ente: "c_a", Evidenza: Evidence{Indice: 4, Foglia: "AAAA"},
	}
}

var dati = json.RawMessage(`{"residenza":{"via":"Via <Roma>"}}`)

func TestVerifiesWhatItSigned(t *testing.T) {
	key, keys := sealKey(t)
	firma, err := Sign(dati, sample(), key)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := Verify(context.Background(), dati, sample(), firma, keys)
	if err != nil || kid != key.KID {
		t.Fatalf("got %s, %v", kid, err)
	}
	// An answer that went over the wire verifies too.
	text, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	var back Provenance
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(context.Background(), dati, back, firma, keys); err != nil {
		t.Error(err)
	}
}

func TestRejectsOtherData(t *testing.T) {
	key, keys := sealKey(t)
	firma, err := Sign(dati, sample(), key)
	if err != nil {
		t.Fatal(err)
	}
	altered := sample()
	altered.Registro = "Un'altra"
	later := sample()
	later.Istante = later.Istante.Add(time.Second)
	for name, tc := range map[string]struct {
		dati json.RawMessage
		p    Provenance
	}{
		"one byte of the data": {json.RawMessage(strings.Replace(string(dati), "Roma", "Rome", 1)), sample()},
		"another registry":     {dati, altered},
		"another instant":      {dati, later},
	} {
		if _, err := Verify(context.Background(), tc.dati, tc.p, firma, keys); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRejectsTokensThatAreNotTheSeals(t *testing.T) {
	key, keys := sealKey(t)
	firma, err := Sign(dati, sample(), key)
	if err != nil {
		t.Fatal(err)
	}
	var refusal *modi.Refusal
	if _, err := Verify(context.Background(), dati, sample(), firma[:len(firma)-4]+"AAAA", keys); !errors.As(err, &refusal) {
		t.Errorf("altered signature: %v", err)
	}
	if _, err := Verify(context.Background(), dati, sample(), "x.y.z", keys); !errors.As(err, &refusal) {
		t.Errorf("no token: %v", err)
	}
	_, others := sealKey(t)
	if _, err := Verify(context.Background(), dati, sample(), firma, others); !errors.Is(err, modi.ErrKeyUnknown) {
		t.Errorf("unpublished key: %v", err)
	}
	integrity, err := token.Sign(token.Integrity(), token.HeaderExtra{}, map[string]any{"jti": "x"}, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(context.Background(), dati, sample(), integrity, keys); !errors.As(err, &refusal) {
		t.Errorf("a token of another kind: %v", err)
	}
}

func TestSignWantsASeal(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Sign(dati, sample(), token.SigningKey{KID: kid, Algorithm: token.RS256, Signer: key}); err == nil {
		t.Error("signed with RSA: provenance is ES256")
	}
}

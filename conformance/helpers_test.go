// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package conformance

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/conformance/internal/forge"
	"github.com/snodo-pa/snodo/conformance/internal/standintest"
	"github.com/snodo-pa/snodo/modi"
)

// ownKey is the key of the party under test.
var ownKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// theKeys are the keys of the suite in all tests: making them is slow.
var theKeys = sync.OnceValue(func() *forge.World {
	n := forge.InventedNames()
	delete(n, "platform-kid")
	return forge.NewWorld(time.Now(), rand.Reader, n)
})

func privatePEM(t testing.TB, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func publicPEM(t testing.TB, key *rsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// parties are the invented ones of the forge.
func parties() Parties {
	n := forge.InventedNames()
	return Parties{
		Audience: n["audience"], Client: n["client"], Purpose: n["purpose"], Producer: n["producer"], Consumer: n["consumer"],
		Eservice: n["eservice"], Descriptor: n["descriptor"], Keychain: n["keychain"], Issuer: n["issuer"], AssertionAudience: n["assertion-aud"],
	}
}

// terms tell a stand-in where the suite is.
func terms(t testing.TB, s *Suite, patterns ...modi.Pattern) standintest.Terms {
	t.Helper()
	at, err := s.Addresses()
	if err != nil {
		t.Fatal(err)
	}
	n := s.config.Parties
	return standintest.Terms{
		Patterns: patterns, Suite: at.Base, Eservice: at.Eservice + "/servizio", CA: at.CA, Key: privatePEM(t, ownKey()), Audience: n.Audience, Issuer: n.Issuer,
		AssertionAud: n.AssertionAudience, Client: n.Client, Purpose: n.Purpose, Producer: n.Producer, EserviceID: n.Eservice, Descriptor: n.Descriptor, Keychain: n.Keychain,
	}
}

func open(t testing.TB, c Config) *Suite {
	t.Helper()
	c.keysOf = theKeys()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// serve starts a stand-in in this process.
func serve(t testing.TB, terms standintest.Terms) string {
	t.Helper()
	h, err := terms.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// posting is an operation with a body that changes nothing.
func posting() []Operation {
	return []Operation{{Method: "POST", Path: "/servizio", Body: `{"pratica":"2026/0042","richiesta":"verifica"}`, Safe: true, Idempotent: true}}
}

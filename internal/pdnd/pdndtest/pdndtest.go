// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package pdndtest gives tests a PDND over TCP with a producer, two consumers and the
// clients of each, and a Platform that speaks to it. Everything in it is invented.
package pdndtest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	mock "github.com/snodo-pa/snodo/mocks/pdnd"
	"github.com/snodo-pa/snodo/mocks/pdnd/platform"
	"github.com/snodo-pa/snodo/modi/token"
	"github.com/snodo-pa/snodo/registry"
)

// The ids of the world.
const (
	ComuneID     = "30000000-0000-4000-8000-000000000001" // consumer, c_bf01
	UnioneID     = "30000000-0000-4000-8000-000000000002" // delegate, u_vs01
	MinisteroID  = "30000000-0000-4000-8000-000000000003" // producer
	EserviceID   = "30000000-0000-4000-8000-000000000004" // delegable
	DescriptorID = "30000000-0000-4000-8000-000000000005"
	PurposeID    = "30000000-0000-4000-8000-000000000006" // of the comune
	DelegatedID  = "30000000-0000-4000-8000-000000000007" // of the comune, linked to the unione's client
	DelegationID = "30000000-0000-4000-8000-000000000008"
	ConsumerID   = "30000000-0000-4000-8000-000000000009" // clients: of the comune
	DelegateID   = "30000000-0000-4000-8000-00000000000a" // of the unione
	ReaderID     = "30000000-0000-4000-8000-00000000000b" // API client of the comune
	AdminID      = "30000000-0000-4000-8000-00000000000c" // API client of the comune with an admin
	ProducerID   = "30000000-0000-4000-8000-00000000000d" // API client of the ministero with an admin
	AdminUserID  = "30000000-0000-4000-8000-00000000000e"
	ProducerUser = "30000000-0000-4000-8000-00000000000f"
	KeychainID   = "30000000-0000-4000-8000-000000000010" // of the ministero
)

// Audience is the audience of the e-service.
const Audience = "https://api.ministero.invalid/v1"

// rsaKeys are made once: their generation dwarfs everything else. The last signs as PDND.
var rsaKeys = sync.OnceValue(func() []token.SigningKey {
	keys := make([]token.SigningKey, 7)
	for i := range keys {
		keys[i] = NewRSA()
	}
	return keys
})

var dpopKeys = sync.OnceValue(func() []token.SigningKey {
	keys := make([]token.SigningKey, 2)
	for i := range keys {
		signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		keys[i] = signing(signer, token.ES256)
	}
	return keys
})

// NewRSA makes a key of the kind that PDND takes.
func NewRSA() token.SigningKey {
	signer, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return signing(signer, token.RS256)
}

func signing(signer crypto.Signer, alg token.Algorithm) token.SigningKey {
	kid, err := token.Thumbprint(signer.Public())
	if err != nil {
		panic(err)
	}
	return token.SigningKey{KID: kid, Algorithm: alg, Signer: signer}
}

// PublicPEM writes the public part of a key as PDND takes it.
func PublicPEM(key token.SigningKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key.Signer.Public())
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// World is a PDND and a Platform that speaks to it.
type World struct {
	Mock     *mock.Server
	Platform *pdnd.Platform
	HTTP     *outbound.Client

	t testing.TB
}

// New starts a world. change may alter the options of the Platform.
func New(t testing.TB, o mock.Options, change ...func(*pdnd.Options)) *World {
	t.Helper()
	if own, ok := rsaKeys()[6].Signer.(*rsa.PrivateKey); ok && o.SigningKey == nil {
		o.SigningKey = own
	}
	server, err := mock.New(o)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Mock: server, t: t}
	w.seed()
	if err := server.Start(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w.HTTP, err = outbound.New(outbound.Settings{
		Egress:     outbound.Egress{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		BackoffMin: time.Millisecond, BackoffMax: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.HTTP.Close)
	options := pdnd.Options{
		Profile: w.Environment(), HTTP: w.HTTP, Clock: o.Clock, Rand: rand.Reader,
		Guard: registry.GuardSettings{Failures: 1000, MinCalls: 100_000},
	}
	for _, c := range change {
		c(&options)
	}
	w.Platform, err = pdnd.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Platform.Close)
	return w
}

// Environment is the profile of the world, named locale.
func (w *World) Environment() config.Environment {
	p := w.Mock.Profile()
	return config.Environment{
		Name: registry.Locale, Issuer: p.Issuer, TokenURL: p.TokenURL, AssertionAudience: p.AssertionAudience,
		JWKSURL: p.JWKSURL, APIBase: strings.TrimSuffix(p.APIBaseURL, "/v2"), APIAudience: p.M2MAudience,
	}
}

func (w *World) must(errs ...error) {
	w.t.Helper()
	for _, err := range errs {
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *World) seed() {
	w.t.Helper()
	s, yes := w.Mock, true
	p := s.Platform()
	w.must(
		s.AddTenant(platform.Tenant{ID: ComuneID, Name: "Comune di Borgo Fiorito", IPACode: "c_bf01", Users: []platform.User{{ID: AdminUserID, Role: "admin"}}}),
		s.AddTenant(platform.Tenant{ID: UnioneID, Name: "Unione di Val Serena", IPACode: "u_vs01"}),
		s.AddTenant(platform.Tenant{ID: MinisteroID, Name: "Ministero", IPACode: "m_min", Users: []platform.User{{ID: ProducerUser, Role: "admin"}}}),
		s.AddEservice(platform.Eservice{
			ID: EserviceID, ProducerID: MinisteroID, Name: "Consultazione", Description: "Consultazione di prova",
			PersonalData: &yes, IsConsumerDelegable: true, IsClientAccessDelegable: true,
		}),
		s.AddDescriptor(platform.Descriptor{
			ID: DescriptorID, EserviceID: EserviceID, Audience: []string{Audience}, VoucherLifespan: 600,
			DailyCallsPerConsumer: 1000, DailyCallsTotal: 5000,
		}),
		p.AddDelegation(platform.Delegation{ID: DelegationID, Kind: "consumer", DelegatorID: ComuneID, DelegateID: UnioneID, EserviceID: EserviceID, State: "ACTIVE"}),
		s.AddClient(platform.Client{ID: ConsumerID, TenantID: ComuneID, Name: "demografici", Users: []string{AdminUserID}}),
		s.AddClient(platform.Client{ID: DelegateID, TenantID: UnioneID, Name: "demografici"}),
		s.AddClient(platform.Client{ID: ReaderID, TenantID: ComuneID, Name: "letture", Kind: platform.API}),
		s.AddClient(platform.Client{ID: AdminID, TenantID: ComuneID, Name: "scritture", Kind: platform.API, AdminID: AdminUserID}),
		s.AddClient(platform.Client{ID: ProducerID, TenantID: MinisteroID, Name: "scritture", Kind: platform.API, AdminID: ProducerUser}),
		s.AddPurpose(platform.Purpose{ID: PurposeID, ConsumerID: ComuneID, DescriptorID: DescriptorID, Clients: []string{ConsumerID}, Title: "Anagrafe", DailyCalls: 100}),
		s.AddPurpose(platform.Purpose{
			ID: DelegatedID, ConsumerID: ComuneID, DescriptorID: DescriptorID, Clients: []string{DelegateID},
			Title: "Anagrafe delegata", DailyCalls: 100, DelegationID: DelegationID,
		}),
		s.AddKeychain(platform.Keychain{ID: KeychainID, ProducerID: MinisteroID, Name: "risposte", Eservices: []string{EserviceID}, Users: []string{ProducerUser}}),
	)
	for i, client := range []string{ConsumerID, DelegateID, ReaderID, AdminID, ProducerID} {
		_, err := s.AddClientKey(client, PublicPEM(rsaKeys()[i]))
		w.must(err)
	}
	_, err := s.AddKeychainKey(KeychainID, PublicPEM(rsaKeys()[5]))
	w.must(err)
}

// Consumer is the client of the comune for e-services.
func (w *World) Consumer() pdnd.Credentials {
	return pdnd.Credentials{ClientID: ConsumerID, Key: rsaKeys()[0], Ente: "c_bf01"}
}

// Delegate is the client of the unione, which acts for the comune.
func (w *World) Delegate() pdnd.Credentials {
	return pdnd.Credentials{ClientID: DelegateID, Key: rsaKeys()[1], Ente: "c_bf01"}
}

// Reader is the API client of the comune that may only read, over API v3.
func (w *World) Reader() pdnd.Credentials {
	return pdnd.Credentials{ClientID: ReaderID, Key: rsaKeys()[2], DPoP: w.DPoP(0), Ente: "c_bf01"}
}

// ReaderV2 is Reader over API v2.
func (w *World) ReaderV2() pdnd.Credentials {
	c := w.Reader()
	c.DPoP = token.SigningKey{}
	return c
}

// DPoP is one of two DPoP keys.
func (w *World) DPoP(n int) token.SigningKey { return dpopKeys()[n] }

// KeychainKey is the key of the ministero's keychain.
func (w *World) KeychainKey() token.SigningKey { return rsaKeys()[5] }

// Admin may write for the comune.
func (w *World) Admin() admin.Credentials { return w.admin(AdminID, "c_bf01", rsaKeys()[3]) }

// Producer may write for the ministero.
func (w *World) Producer() admin.Credentials { return w.admin(ProducerID, "m_min", rsaKeys()[4]) }

// ProducerReader reads for the ministero, over API v2.
func (w *World) ProducerReader() pdnd.Credentials {
	return pdnd.Credentials{ClientID: ProducerID, Key: rsaKeys()[4], Ente: "m_min"}
}

func (w *World) admin(id, ente string, key token.SigningKey) admin.Credentials {
	w.t.Helper()
	c, err := admin.NewCredentials(id, ente, key, w.DPoP(1), nil)
	w.must(err)
	return c
}

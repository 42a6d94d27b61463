// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package evidencetest is the suite that every evidence.Store passes, and what tests need to open a log. It depends on
// evidence and the standard library; it knows the tables of internal/store by name, because it alters them.
package evidencetest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/seal"
)

// Hub is the hub name of the logs of this package.
const Hub = "snodo.test"

// Invented enti.
const (
	EnteA = "c_z001"
	EnteB = "c_z002"
)

// CodiceFiscale belongs to nobody; its check character is right.
const CodiceFiscale = "BNCMRC85C12D612U"

// A Database is one database under test.
type Database struct {
	// Open returns a store over the database through connections of its own, as another process would have.
	Open func(t *testing.T) evidence.Store
	// Exec runs a statement as somebody who has the database but not the hub would.
	Exec func(t *testing.T, statement string)
}

// Keys are the seals of the enti of a test.
type Keys struct {
	mu   sync.Mutex
	keys map[string]*evidence.Signer
}

// Signers returns the seal of an ente and makes it when it is new.
func (k *Keys) Signers(ente string) (evidence.Signers, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil {
		k.keys = make(map[string]*evidence.Signer)
	}
	if k.keys[ente] == nil {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return evidence.Signers{}, err
		}
		if k.keys[ente], err = evidence.NewSigner(evidence.Origin(Hub, ente), private); err != nil {
			return evidence.Signers{}, err
		}
	}
	return evidence.Signers{Current: k.keys[ente]}, nil
}

// Trust returns the trust in the seal of an ente.
func (k *Keys) Trust(t *testing.T, ente string) evidence.Trust {
	t.Helper()
	s, err := k.Signers(ente)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := evidence.ParseTrust(s.Current.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

// Config returns a configuration with fresh keys that signs checkpoints only when asked.
func Config(t testing.TB) (evidence.Config, *Keys) {
	t.Helper()
	master := make([]byte, seal.MasterKeySize)
	if _, err := rand.Read(master); err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.New(master, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := &Keys{}
	return evidence.Config{
		Hub: Hub, Sealer: sealer, Signers: keys.Signers, Clock: time.Now, Rand: rand.Reader,
		Logger: slog.New(slog.DiscardHandler), CheckpointEvery: 1 << 40, CheckpointInterval: time.Hour,
	}, keys
}

// Start opens a log that is closed with the test.
func Start(t testing.TB, store evidence.Store, cfg evidence.Config) *evidence.Log {
	t.Helper()
	l, err := evidence.Open(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// Intent returns a record that opens an exchange.
func Intent(ente, exchange string) evidence.Record {
	return evidence.Record{
		Entry: evidence.Entry{
			Ente: ente, Environment: "locale", Kind: evidence.KindAcquisizioneIntento, Exchange: exchange,
			Service: "anpr-c020", Operation: "accertamento-residenza", Purpose: "f5b1f0a3-8c3b-4a57-8c0e-1f6f43c9b001",
		},
		Side: evidence.Side{
			Application: "anagrafe", Pratica: "2026/42", Procedimento: "iscrizione-nido", Ufficio: "scuola",
			BaseGiuridica: "art43", Operator: evidence.Operator{Type: "persona", UserID: "m.rossi", LoA: "SUBSTANTIAL"},
		},
		Subjects: []string{CodiceFiscale},
	}
}

// Outcome returns the record that closes an intent.
func Outcome(intent evidence.Record, index int64) evidence.Record {
	r := intent
	r.Kind, r.Closes, r.Status = evidence.KindAcquisizioneEsito, &index, 200
	r.Vouchers = []string{"voucher-of-" + r.Exchange}
	r.Side.Calls = []evidence.Call{{Service: r.Service, Attempt: 1, Status: 200, IDOperazioneClient: "7"}}
	r.Side.Digests = []evidence.Digest{{Name: "response", Algorithm: "SHA-256", Value: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}
	return r
}

// MustAppend keeps a record or ends the test.
func MustAppend(t testing.TB, l *evidence.Log, r evidence.Record) evidence.Receipt {
	t.Helper()
	receipt, err := l.Append(context.Background(), r)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	return receipt
}

// Fill appends n closed exchanges, which are 2n entries.
func Fill(t testing.TB, l *evidence.Log, ente string, n int) {
	t.Helper()
	for i := range n {
		intent := Intent(ente, fmt.Sprintf("%s-%03d", ente, i))
		MustAppend(t, l, Outcome(intent, MustAppend(t, l, intent).Index))
	}
}

// Export returns the export of an ente or ends the test.
func Export(t testing.TB, l *evidence.Log, q evidence.ExportQuery) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := l.Export(context.Background(), q, &b); err != nil {
		t.Fatalf("Export: %v", err)
	}
	return b.Bytes()
}

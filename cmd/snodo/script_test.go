// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/evidence/seal"
	"github.com/snodo-pa/snodo/internal/store"
)

// TestMain lets the test binary be the command itself, for scripts and for the tests
// that need a hub in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"snodo": runAsCommand, "sqlite3": runAsSQLite3})
}

// runAsCommand is main for the copies of the test binary called snodo. With
// SNODO_CPUPROFILE the process writes a profile of itself, for who tunes a benchmark.
func runAsCommand() {
	if path := os.Getenv("SNODO_CPUPROFILE"); path != "" {
		file, err := os.Create(path)
		if err == nil {
			err = pprof.StartCPUProfile(file)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(exitUndecided)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	pprof.StopCPUProfile()
	os.Exit(code)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: os.Getenv("SNODO_UPDATE") != "",
		Setup:         prepareScript,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"certificate": scriptCertificate,
			"exits":       scriptExits,
			"flip":        scriptFlip,
			"evidence":    scriptEvidence,
			"folder":      scriptFolder,
		},
	})
}

// prepareScript gives every script the language and terminal of a fresh machine.
func prepareScript(env *testscript.Env) error {
	env.Setenv("SNODO_LANG", "")
	env.Setenv("SNODO_CONFIG", "")
	env.Setenv("COLUMNS", "")
	return nil
}

// scriptExits runs snodo and compares its exit code: exits CODE ARGS...
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: exits CODE ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	err = ts.Exec("snodo", args[1:]...)
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// scriptFlip changes one bit of one byte of a file: flip FILE OFFSET, counted from the
// end when negative.
func scriptFlip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip FILE OFFSET")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	if at < 0 {
		at += len(data)
	}
	data[at] ^= 1
	ts.Check(os.WriteFile(path, data, 0o600))
}

// scriptCertificate writes a key and a certificate of itself, good for signing:
// certificate KEY CERTIFICATE.
func scriptCertificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate KEY CERTIFICATE")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app-fruitore"}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{args[0]: {Type: "PRIVATE KEY", Bytes: private}, args[1]: {Type: "CERTIFICATE", Bytes: certificate}} {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(block), 0o600))
	}
}

// scriptEvidence writes an export of a small log and puts the fingerprint of its key in
// $TRUST: evidence FILE.
func scriptEvidence(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: evidence FILE")
	}
	ctx := context.Background()
	opened, err := store.Open(ctx, store.Config{DSN: "sqlite:" + ts.MkAbs("evidence.db"), Clock: time.Now, Rand: rand.Reader})
	ts.Check(err)
	defer func() { ts.Check(opened.Close()) }()
	_, err = opened.Migrate(ctx)
	ts.Check(err)
	sealer, err := seal.New(make([]byte, 32), rand.Reader)
	ts.Check(err)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	ts.Check(err)
	signer, err := evidence.NewSigner(evidence.Origin("snodo.example", "c_bf01"), key)
	ts.Check(err)
	log, err := evidence.Open(opened.Evidence(), evidence.Config{
		Hub: "snodo.example", Sealer: sealer, Clock: time.Now, Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler),
		Signers: func(string) (evidence.Signers, error) { return evidence.Signers{Current: signer}, nil },
	})
	ts.Check(err)
	for i := range 5 {
		_, err := log.Append(ctx, evidence.Record{
			Entry: evidence.Entry{
				Ente: "c_bf01", Environment: "locale", Kind: evidence.KindAcquisizioneRifiuto,
				Exchange: fmt.Sprintf("s%d", i), Service: "anpr-c020", Operation: "residenza", Status: 422,
			},
			Side: evidence.Side{Pratica: "NIDO-2026-0000042", Application: "sportello"},
		})
		ts.Check(err)
	}
	file, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(log.Export(ctx, evidence.ExportQuery{Ente: "c_bf01", Sides: true}, file))
	ts.Check(file.Close())
	ts.Check(log.Close())
	fingerprint, err := evidence.Fingerprint(signer.VerifierKey())
	ts.Check(err)
	ts.Setenv("TRUST", fingerprint)
	ts.Setenv("VKEY", signer.VerifierKey())
}

// scriptFolder writes a good configuration folder: folder DIR.
func scriptFolder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: folder DIR")
	}
	const prefix = "b1000000-0000-4000-8000-0000000000"
	_, err := folder.Write(ts.MkAbs(args[0]), folder.World{
		Name: "snodo.example", Applicazioni: "127.0.0.1:8181", Esposizione: "127.0.0.1:8282", Gestione: "dati/s",
		Platform: folder.Platform{
			Issuer: "interop.locale.invalid", TokenURL: "http://127.0.0.1:9090/token.oauth2",
			AssertionAudience: "auth.interop.locale.invalid/client-assertion",
			JWKSURL:           "http://127.0.0.1:9090/.well-known/jwks.json", APIBase: "http://127.0.0.1:9090",
			APIAudience: "interop.locale.invalid/m2m",
		},
		C030URL: "https://127.0.0.1:9091/c030/v1", C020URL: "https://127.0.0.1:9091/c020/v1",
		ANPRCA: []byte("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"),
		Enti: []folder.Ente{{
			CodiceIPA: "c_bf01", Denominazione: "Comune di Borgo Fiorito", CodiceFiscale: "00918273640",
			TenantID: prefix + "01", ClientID: prefix + "02", APIClientID: prefix + "03", KeychainID: prefix + "04",
			PurposeC030: prefix + "05", PurposeC020: prefix + "06", EserviceID: prefix + "07", DescriptorID: prefix + "08",
			Audience:   "https://snodo.locale.invalid/modi/c_bf01/stato-istanza/v1",
			PublicURL:  "http://127.0.0.1:8282/modi/c_bf01/stato-istanza/v1",
			BackEndURL: "http://127.0.0.1:9092",
		}},
	}, rand.Reader)
	ts.Check(err)
}

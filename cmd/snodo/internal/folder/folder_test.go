// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package folder_test

import (
	"crypto/rand"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
)

const ca = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"

func ente(codiceIPA, fiscal, prefix string) folder.Ente {
	return folder.Ente{
		CodiceIPA: codiceIPA, Denominazione: "Comune di " + codiceIPA, CodiceFiscale: fiscal,
		TenantID: prefix + "01", ClientID: prefix + "02", APIClientID: prefix + "03", KeychainID: prefix + "04",
		PurposeC030: prefix + "05", PurposeC020: prefix + "06", EserviceID: prefix + "07", DescriptorID: prefix + "08",
		Audience:   "https://snodo.locale.invalid/modi/" + codiceIPA + "/stato-istanza/v1",
		PublicURL:  "http://127.0.0.1:8282/modi/" + codiceIPA + "/stato-istanza/v1",
		BackEndURL: "http://127.0.0.1:9092",
	}
}

func world() folder.World {
	return folder.World{
		Name: "snodo.locale", Applicazioni: "127.0.0.1:8181", Esposizione: "127.0.0.1:8282", Gestione: "dati/gestione.sock",
		Platform: folder.Platform{
			Issuer: "interop.locale.invalid", TokenURL: "http://127.0.0.1:9090/token.oauth2",
			AssertionAudience: "auth.interop.locale.invalid/client-assertion",
			JWKSURL:           "http://127.0.0.1:9090/.well-known/jwks.json", APIBase: "http://127.0.0.1:9090",
			APIAudience: "interop.locale.invalid/m2m",
		},
		C030URL: "https://127.0.0.1:9091/c030/v1", C020URL: "https://127.0.0.1:9091/c020/v1", ANPRCA: []byte(ca),
		Enti: []folder.Ente{
			ente("c_bf01", "00918273640", "b1000000-0000-4000-8000-0000000000"),
			ente("c_vs02", "00827364514", "b2000000-0000-4000-8000-0000000000"),
		},
	}
}

func TestFolderIsAValidConfiguration(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snodo")
	written, err := folder.Write(dir, world(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.Enti) != 2 || loaded.Enti["c_bf01"].Procedimenti[folder.Procedimento] == nil {
		t.Errorf("enti %v", loaded.Enti)
	}
	if _, err := keys.Open(loaded); err != nil {
		t.Errorf("keys: %v", err)
	}
	for _, codice := range []string{"c_bf01", "c_vs02"} {
		public := written.Public[codice]
		for name, pem := range map[string][]byte{
			"client": public.Client, "api": public.API, "keychain": public.Keychain, "checkpoint": written.Checkpoint[codice],
		} {
			if !strings.Contains(string(pem), "BEGIN PUBLIC KEY") {
				t.Errorf("%s: public key of %s is %q", codice, name, pem)
			}
		}
	}
}

func TestNothingInTheFolderIsReadableByOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snodo")
	if _, err := folder.Write(dir, world(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFolderInUseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "snodo.yaml")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Write(dir, world(), rand.Reader); err == nil {
		t.Error("written over somebody's configuration")
	}
	data, err := os.ReadFile(file)
	if err != nil || string(data) != "mine" {
		t.Errorf("file is now %q, %v", data, err)
	}
}

func TestKeysAreNeverTheSameTwice(t *testing.T) {
	a, errA := folder.Write(filepath.Join(t.TempDir(), "a"), world(), rand.Reader)
	b, errB := folder.Write(filepath.Join(t.TempDir(), "b"), world(), rand.Reader)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if string(a.Public["c_bf01"].Client) == string(b.Public["c_bf01"].Client) {
		t.Error("two folders share a key")
	}
}

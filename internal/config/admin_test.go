// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/internal/config"
)

const (
	adminFile = "enti/c_bf01/pdnd-admin.yaml"
	goodAdmin = "locale: {id: b1000000-0000-4000-8000-0000000000a0, key: keys/admin.pem, dpopKey: keys/admin-dpop.pem}\n"
)

func withAdmin(t *testing.T, text string) (*config.Config, string) {
	t.Helper()
	dir := folder(t, txtar.File{Name: adminFile, Data: []byte(text)})
	c, err := config.Load(dir)
	if err != nil {
		t.Fatalf("Load looks into the admin file:\n%v", err)
	}
	return c, dir
}

func TestLoadsTheAdminFileApart(t *testing.T) {
	c, _ := withAdmin(t, goodAdmin)
	got, err := config.LoadAdmin(c, "c_bf01")
	want := map[string]config.AdminClient{"locale": {
		ID: "b1000000-0000-4000-8000-0000000000a0", Key: "keys/admin.pem", DPoPKey: "keys/admin-dpop.pem",
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	if _, err := config.LoadAdmin(c, "c_vs02"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an ente without the file: %v", err)
	}
	if _, err := config.LoadAdmin(c, "c_xx00"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such ente: %v", err)
	}
}

// TestServingNeedsNoAdminFile: whatever is wrong with it, or with its keys, Load neither
// reads nor reports it.
func TestServingNeedsNoAdminFile(t *testing.T) {
	for _, text := range []string{"nonsense: [", "locale: {key: keys/absent.pem}"} {
		c, dir := withAdmin(t, text)
		if err := os.Chmod(filepath.Join(dir, adminFile), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(dir); err != nil {
			t.Error(err)
		}
		if _, err := config.LoadAdmin(c, "c_bf01"); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestRefusesAdminFiles(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an environment that is none": {
			"prova: {id: b1000000-0000-4000-8000-0000000000a0, key: keys/admin.pem, dpopKey: keys/admin-dpop.pem}",
			adminFile + `:1: prova is "prova": write one of produzione, collaudo, attestazione, locale`,
		},
		"nothing in it": {
			"locale: {}",
			adminFile + ":1: locale.dpopKey is missing\n" + adminFile + ":1: locale.id is missing\n" + adminFile + ":1: locale.key is missing",
		},
		"the reading client": {
			"locale:\n  id: b1000000-0000-4000-8000-000000000003\n  key: keys/admin.pem\n  dpopKey: keys/admin-dpop.pem",
			adminFile + ":2: it is the client of apiClients.locale of ente.yaml: the admin client is one of its own",
		},
		"a key of another role": {
			"locale:\n  id: b1000000-0000-4000-8000-0000000000a0\n  key: keys/bf-api.pem\n  dpopKey: keys/admin-dpop.pem",
			adminFile + ":3: locale.key is the file of apiClients.locale.key (ente.yaml) too: every role has a key of its own",
		},
		"a key of no file": {
			"locale:\n  id: b1000000-0000-4000-8000-0000000000a0\n  key: keys/absent.pem\n  dpopKey: keys/admin-dpop.pem",
			adminFile + ":3: locale.key: there is no file keys/absent.pem",
		},
		"an unknown key": {
			goodAdmin + "collaudo: {clientId: x}",
			"", // whatever the words: it is refused
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := withAdmin(t, test.text)
			_, err := config.LoadAdmin(c, "c_bf01")
			var faults *config.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error %v", err)
			}
			if test.want != "" {
				if diff := cmp.Diff(test.want, faults.In("en")); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

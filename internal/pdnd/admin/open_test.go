// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package admin_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/pdndtest"
)

// folder is a configuration of one ente with an admin file and its keys.
func folder(t *testing.T, text string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	for name, role := range map[string]keys.Role{"admin.pem": keys.RoleClient, "dpop.pem": keys.RoleDPoP} {
		if _, err := keys.Generate(rand.Reader, role, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "enti", "c_bf01"), 0o700); err != nil {
		t.Fatal(err)
	}
	if text != "" {
		if err := os.WriteFile(filepath.Join(dir, "enti", "c_bf01", "pdnd-admin.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &config.Config{Dir: dir, Enti: map[string]*config.Ente{"c_bf01": {CodiceIPA: "c_bf01"}}}
}

func open(c *config.Config, environment string) (admin.Credentials, error) {
	return admin.Open(c, keys.Files{Path: c.Path}, "c_bf01", environment, nil)
}

func TestOpensTheAdminClient(t *testing.T) {
	c := folder(t, "collaudo: {id: "+pdndtest.AdminID+", key: admin.pem, dpopKey: dpop.pem}\n")
	got, err := open(c, "collaudo")
	if err != nil || got.ClientID() != pdndtest.AdminID || len(got.KID()) != 43 {
		t.Errorf("client %s, %v", got.ClientID(), err)
	}
	if _, err := open(c, "produzione"); !errors.Is(err, keys.ErrNotFound) {
		t.Errorf("another environment: %v", err)
	}
}

func TestAdminFileThatIsNotThere(t *testing.T) {
	if _, err := open(folder(t, ""), "collaudo"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestAdminKeysSuitTheirRoles: the DPoP key is no assertion key, nor the other way round.
func TestAdminKeysSuitTheirRoles(t *testing.T) {
	_, err := open(folder(t, "collaudo: {id: "+pdndtest.AdminID+", key: dpop.pem, dpopKey: admin.pem}\n"), "collaudo")
	if !errors.Is(err, keys.ErrUnsuitable) || strings.Count(err.Error(), "pdnd-admin.yaml") != 2 {
		t.Error(err)
	}
}

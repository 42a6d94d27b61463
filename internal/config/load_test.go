// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/registry"
)

func updating() bool { return flag.Lookup("update").Value.String() == "true" }

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the faults found into testdata")
	flag.Parse()
	os.Exit(m.Run())
}

// archive reads a txtar file of testdata.
func archive(t *testing.T, name string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// folder writes the base configuration with the given files in place of its own, and
// a file for every key that any of them names. An empty file removes that of the base.
func folder(t *testing.T, changes ...txtar.File) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range append(archive(t, "base.txtar").Files, changes...) {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if len(f.Data) == 0 {
			if err := os.RemoveAll(name); err != nil {
				t.Fatal(err)
			}
			continue
		}
		write(t, name, f.Data)
		for _, word := range strings.FieldsFunc(string(f.Data), func(r rune) bool { return strings.ContainsRune(" \n[]{},", r) }) {
			if strings.HasPrefix(word, "keys/") && !strings.Contains(word, "absent") {
				write(t, filepath.Join(dir, word), []byte("not opened here"))
			}
		}
	}
	return dir
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// faultsOf loads a folder that must be refused and gives its faults in English.
func faultsOf(t *testing.T, dir string) string {
	t.Helper()
	return faultsIn(t, dir, "en")
}

func faultsIn(t *testing.T, dir, lang string) string {
	t.Helper()
	_, err := config.Load(dir)
	var faults *config.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("Load: error is %v, want *Faults", err)
	}
	return faults.In(lang) + "\n"
}

// TestReportsEveryFaultAtOnce loads each archive of testdata over the base and compares
// all the faults found with those its last two files expect, in English and in Italian.
func TestReportsEveryFaultAtOnce(t *testing.T) {
	names, err := filepath.Glob("testdata/faults-*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives in testdata: %v", err)
	}
	for _, name := range names {
		name = filepath.Base(name)
		t.Run(strings.TrimSuffix(name, ".txtar"), func(t *testing.T) {
			a := archive(t, name)
			wants := a.Files[len(a.Files)-2:]
			if wants[0].Name != "want" || wants[1].Name != "want.it" {
				t.Fatalf("the last files are %s and %s, not want and want.it", wants[0].Name, wants[1].Name)
			}
			dir := folder(t, a.Files[:len(a.Files)-2]...)
			for i, lang := range []string{"en", "it"} {
				got := faultsIn(t, dir, lang)
				if updating() {
					wants[i].Data = []byte(got)
				}
				if diff := cmp.Diff(string(wants[i].Data), got); diff != "" {
					t.Errorf("faults in %s (-want +got):\n%s", lang, diff)
				}
				if strings.Contains(got, "%!") {
					t.Errorf("a format and its arguments do not match in %s:\n%s", lang, got)
				}
			}
			if updating() {
				write(t, filepath.Join("testdata", name), txtar.Format(a))
			}
		})
	}
}

func TestLoadsASoundFolder(t *testing.T) {
	dir := folder(t)
	c, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	consumes, exposes, err := registry.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	borgo := c.Enti["c_bf01"]
	got := map[string]any{
		"dir":             c.Dir,
		"path":            c.Path("keys/master.key"),
		"absolute":        c.Path("/etc/snodo.key"),
		"gestione":        c.Hub.Listeners.Gestione.Socket,
		"body":            c.Hub.Limits.Body,
		"request":         c.Hub.Limits.Request,
		"checkpointEvery": c.Hub.Evidence.CheckpointEvery,
		"store":           c.Hub.Store,
		"environments":    len(c.Environments),
		"collaudo":        c.Environments["collaudo"].TokenURL,
		"codiceFiscale":   borgo.CodiceFiscale,
		"operatori":       borgo.Applicazioni["gestionale-scuola"].Operatori,
		"api":             borgo.APIClients["locale"].Environment,
		"quota":           borgo.Consumes["anpr-c030"].QuotaDaily,
		"rate":            borgo.Consumes["anpr-c030"].RatePerSecond,
		"deadline":        borgo.Exposes["stato-istanza"].BackEnd.Deadline,
		"responsabile":    borgo.Procedimenti["iscrizione-asilo"].Responsabile,
		"conservazione":   borgo.Procedimenti["iscrizione-asilo"].Conservazione,
		"other ente":      c.Enti["c_vs02"].Consumes["anpr-c030"].Environment,
		"recipes":         len(c.Consumes) + len(c.Exposes) - len(consumes) - len(exposes),
	}
	want := map[string]any{
		"dir":             dir,
		"path":            filepath.Join(dir, "keys", "master.key"),
		"absolute":        "/etc/snodo.key",
		"gestione":        config.DefaultGestione,
		"body":            int64(config.DefaultBody),
		"request":         config.DefaultRequest,
		"checkpointEvery": 30 * time.Second,
		"store":           config.Store{Kind: config.StoreSQLite, Path: "data/prova.db"},
		"environments":    2,
		"collaudo":        "https://auth.uat.interop.pagopa.it/token.oauth2",
		"codiceFiscale":   "81234500015",
		"operatori":       config.OperatoriElenco,
		"api":             "locale",
		"quota":           int64(15000),
		"rate":            5.5,
		"deadline":        5 * time.Second,
		"responsabile":    "Anna Ferri",
		"conservazione":   1825 * 24 * time.Hour,
		"other ente":      "collaudo",
		"recipes":         0, // but the built-in ones
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

func TestLoadsOwnRecipesInPlaceOfBuiltInOnes(t *testing.T) {
	a := archive(t, "own-recipes.txtar")
	c, err := config.Load(folder(t, a.Files...))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Consumes["anpr-c030"].Registry; got != "ANPR di prova" {
		t.Errorf("anpr-c030 is the built-in recipe: its registry is %q", got)
	}
	if c.Consumes["anpr-c020"] == nil {
		t.Error("anpr-c020 is gone: an own recipe replaces only the one of its name")
	}
}

func TestRefusesAFolderThatIsNone(t *testing.T) {
	for name, dir := range map[string]string{
		"absent":      filepath.Join(t.TempDir(), "nowhere"),
		"a file":      filepath.Join(folder(t), config.HubFile),
		"empty names": filepath.Join(t.TempDir(), ""),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := config.Load(dir)
			if err == nil || c != nil {
				t.Fatalf("Load(%q) = %v, %v: want an error and no configuration", dir, c, err)
			}
		})
	}
}

// TestRefusesKeysThatOthersCanRead repeats the permissions literally: the list that the
// code uses may not shrink unseen.
func TestRefusesKeysThatOthersCanRead(t *testing.T) {
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777} {
		t.Run(mode.String(), func(t *testing.T) {
			dir := folder(t)
			if err := os.Chmod(filepath.Join(dir, "keys", "bf-client.pem"), mode); err != nil {
				t.Fatal(err)
			}
			if got := faultsOf(t, dir); !strings.Contains(got, "enti/c_bf01/ente.yaml:10: clients.anagrafe.key: keys/bf-client.pem can be read by others") {
				t.Errorf("faults are:\n%s", got)
			}
		})
	}
}

func TestBuiltinEnvironmentsSpeakToDifferentPlatforms(t *testing.T) {
	profiles := config.BuiltinEnvironments()
	if len(profiles) != 3 {
		t.Fatalf("there are %d profiles, want 3", len(profiles))
	}
	seen := map[string]string{}
	for name, p := range profiles {
		if p.Name != name {
			t.Errorf("profile %s is named %q", name, p.Name)
		}
		for _, value := range []string{p.Issuer, p.TokenURL, p.AssertionAudience, p.JWKSURL, p.APIBase, p.APIAudience, p.TracingURL} {
			if other, shared := seen[value]; shared || value == "" {
				t.Errorf("%q of %s is also of %s", value, name, other)
			}
			seen[value] = name
		}
	}
	want := config.Environment{
		Name: "produzione", Issuer: "interop.pagopa.it", TokenURL: "https://auth.interop.pagopa.it/token.oauth2",
		AssertionAudience: "auth.interop.pagopa.it/client-assertion", JWKSURL: "https://interop.pagopa.it/.well-known/jwks.json",
		APIBase: "https://api.interop.pagopa.it", APIAudience: "interop.pagopa.it/m2m",
		TracingURL: "https://api.tracing.interop.pagopa.it",
	}
	if diff := cmp.Diff(want, profiles["produzione"]); diff != "" {
		t.Errorf("produzione (-want +got):\n%s", diff)
	}
}

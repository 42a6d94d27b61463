// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package folder_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/config"
)

// TestAFolderGoesOn: the same keys, the addresses of now, what was changed by hand, and the e-services that are new.
func TestAFolderGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snodo")
	w := world()
	w.Addresses = map[string]string{"pdnd": "127.0.0.1:9090", "istanze": "127.0.0.1:9092", "gone": "127.0.0.1:9094"}
	first, err := folder.Write(dir, w, rand.Reader)
	if err != nil || first.Again {
		t.Fatal(first.Again, err)
	}
	read := func(name string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	const exposes = "enti/c_bf01/exposes.yaml"
	mine := strings.Replace(read(exposes), "deadline: 5s", "deadline: 4s # 127.0.0.1:90922", 1)
	if err := os.WriteFile(filepath.Join(dir, exposes), []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	master, key := read("chiavi/master.key"), read("enti/c_bf01/chiavi/client.pem")

	w.Addresses = map[string]string{"pdnd": "127.0.0.1:19090", "istanze": "127.0.0.1:19092"}
	w.Platform.TokenURL = "http://127.0.0.1:19090/token.oauth2"
	w.ANPRCA = []byte(strings.Replace(ca, "MA==", "MAE=", 1))
	for i := range w.Enti {
		e := &w.Enti[i]
		e.BackEndURL = "http://127.0.0.1:19092"
		e.Offerti = []folder.Offerto{{
			Recipe: "conferma-autocertificazioni", EserviceID: e.EserviceID[:34] + "17", DescriptorID: e.EserviceID[:34] + "18", Audience: e.Audience + "/altro",
			PublicURL: "http://127.0.0.1:8282/modi/" + e.CodiceIPA + "/conferma-autocertificazioni/v1", BackEndURL: "http://127.0.0.1:19093",
		}}
	}
	for range 2 { // and once more
		again, err := folder.Write(dir, w, rand.Reader)
		if err != nil || !again.Again || !slices.Equal(again.Kept, []string{exposes}) {
			t.Fatalf("%v %v, %v", again.Again, again.Kept, err)
		}
		if diff := cmp.Diff(first.Public, again.Public); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(first.Checkpoint, again.Checkpoint); diff != "" {
			t.Error(diff)
		}
	}
	if read("chiavi/master.key") != master || read("enti/c_bf01/chiavi/client.pem") != key {
		t.Error("the keys are others")
	}
	if !strings.Contains(read("locale.yaml"), "127.0.0.1:19090/token") || !strings.Contains(read("enti/c_vs02/reti/anpr-ca.pem"), "MAE=") {
		t.Error("the mocks are where they were")
	}
	for name, wants := range map[string][]string{
		exposes:                    {"deadline: 4s # 127.0.0.1:90922", "url: http://127.0.0.1:19092\n", "- recipe: conferma-autocertificazioni\n"},
		"enti/c_vs02/exposes.yaml": {"deadline: 5s", "url: http://127.0.0.1:19092\n", "- recipe: conferma-autocertificazioni\n"},
	} {
		for _, want := range wants {
			if strings.Count(read(name), want) < 1 || strings.Count(read(name), "- recipe: conferma") != 1 {
				t.Errorf("%s lacks %s:\n%s", name, want, read(name))
			}
		}
	}
	if _, err := config.Load(dir); err != nil {
		t.Error(err)
	}
}

func TestAFolderOfSomebodyElseDoesNotGoOn(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a configuration": {"snodo.yaml": "name: x\n"}, "another mark": {"simulazioni.json": "{}"}, "a damaged mark": {"simulazioni.json": "{"},
	} {
		dir := t.TempDir()
		for file, text := range files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := folder.ReadMark(dir); !errors.Is(err, folder.ErrTaken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m, err := folder.ReadMark(filepath.Join(t.TempDir(), "nessuna")); m != nil || err != nil {
		t.Error(m, err)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package keys_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
)

// fixtures are the key files of two enti by name, made once: RSA keys take long to make.
var fixtures = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	files := map[string][]byte{}
	for _, code := range []string{"c_bf01", "c_vs02"} {
		for name, role := range map[string]keys.Role{
			"client": keys.RoleClient, "tributi": keys.RoleClient, "tributi-modi": keys.RoleModI, "api": keys.RoleClient,
			"kc": keys.RoleKeychain, "seal": keys.RoleProvenance, "checkpoint": keys.RoleCheckpoint, "old": keys.RoleProvenance,
			"old-checkpoint": keys.RoleCheckpoint,
		} {
			path := filepath.Join(dir, code+"-"+name+".pem")
			g, err := keys.Generate(rand.Reader, role, path)
			if err != nil {
				return nil, err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			files[filepath.Base(path)] = data
			files[code+"-"+name+"-pub.pem"] = g.PublicPEM
		}
	}
	return files, nil
})

// world is a configuration of two enti whose keys exist.
func world(t *testing.T) *config.Config {
	t.Helper()
	files, err := fixtures()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := &config.Config{Dir: dir, Enti: map[string]*config.Ente{}}
	for _, code := range []string{"c_bf01", "c_vs02"} {
		file := func(name string) string { return filepath.Join(dir, code+"-"+name+".pem") }
		c.Enti[code] = &config.Ente{
			CodiceIPA: code,
			Clients: map[string]config.Client{
				"demografici": {Environment: "locale", ID: code + "-client", Key: file("client")},
				"tributi":     {Environment: "locale", ID: code + "-tributi", Key: file("tributi"), ModIKey: file("tributi-modi")},
			},
			APIClients: map[string]config.Client{"locale": {ID: code + "-api", Key: file("api")}},
			Keychains:  map[string]config.Keychain{"erogazione": {Environment: "locale", ID: code + "-kc", Key: file("kc")}},
			Seal: config.Seal{
				Provenance: file("seal"), Previous: []string{file("old-pub")},
				Checkpoint: file("checkpoint"), PreviousCheckpoints: []string{file("old-checkpoint-pub")},
			},
		}
	}
	return c
}

func TestRingOpensEveryKeyOnce(t *testing.T) {
	ring, err := keys.Open(world(t))
	if err != nil {
		t.Fatal(err)
	}
	client, err := ring.Client("c_bf01", "demografici")
	if err != nil || client.ID != "c_bf01-client" || client.ModI.KID != client.Assertion.KID {
		t.Fatalf("Client = %+v, %v", client.ID, err)
	}
	client, err = ring.Client("c_bf01", "tributi")
	if err != nil || client.ModI.KID == client.Assertion.KID || client.ModI.KID == "" {
		t.Fatalf("client with two keys: %v", err)
	}
	api, err := ring.APIClient("c_vs02", "locale")
	if err != nil || api.Environment != "locale" || api.Assertion.Signer == nil {
		t.Fatalf("APIClient = %+v, %v", api.ID, err)
	}
	chain, err := ring.Keychain("c_bf01", "erogazione")
	if err != nil || chain.ID != "c_bf01-kc" || chain.Key.KID == "" {
		t.Fatalf("Keychain = %+v, %v", chain.ID, err)
	}
	seal, err := ring.Provenance("c_bf01")
	if err != nil || seal.Algorithm != "ES256" {
		t.Fatalf("Provenance = %v, %v", seal.Algorithm, err)
	}
	previous, err := ring.PreviousProvenance("c_bf01")
	if err != nil || len(previous) != 1 || previous[0].KID == seal.KID || len(previous[0].KID) != 43 {
		t.Fatalf("PreviousProvenance = %v, %v", previous, err)
	}
	key, err := ring.Checkpoint("c_bf01")
	if err != nil || key == nil {
		t.Fatalf("Checkpoint: %v", err)
	}
	retired, err := ring.PreviousCheckpoints("c_bf01")
	if err != nil || len(retired) != 1 || retired[0].Equal(key.Public()) {
		t.Fatalf("PreviousCheckpoints = %v, %v", retired, err)
	}
}

func TestRingKnowsNoOtherKeys(t *testing.T) {
	c := world(t)
	c.Enti["c_vs02"].Seal = config.Seal{}
	ring, err := keys.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := ring.Client("c_bf01", "altro")
	_, err2 := ring.APIClient("c_bf01", "produzione")
	_, err3 := ring.Keychain("c_bf01", "altro")
	_, err4 := ring.Provenance("c_vs02")
	_, err5 := ring.Checkpoint("c_vs02")
	_, err6 := ring.Client("c_zz99", "demografici")
	_, err7 := ring.PreviousProvenance("c_zz99")
	for i, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
		if !errors.Is(err, keys.ErrNotFound) {
			t.Errorf("question %d: %v, want ErrNotFound", i+1, err)
		}
	}
}

func TestRingRefusesMixedKeys(t *testing.T) {
	for name, mix := range map[string]func(bf, vs *config.Ente){
		"one client key in two enti": func(bf, vs *config.Ente) {
			setClient(vs, "demografici", func(c *config.Client) { c.Key = bf.Clients["demografici"].Key })
		},
		"one key in two clients of an ente": func(bf, _ *config.Ente) {
			setClient(bf, "tributi", func(c *config.Client) { c.Key = bf.Clients["demografici"].Key })
		},
		"API client with the key of a consumer client": func(bf, _ *config.Ente) {
			bf.APIClients["locale"] = config.Client{ID: "x", Key: bf.Clients["demografici"].Key}
		},
		"keychain with a client key": func(bf, _ *config.Ente) {
			bf.Keychains["erogazione"] = config.Keychain{ID: "x", Key: bf.Clients["demografici"].Key}
		},
		"integrity key of another client": func(bf, _ *config.Ente) {
			setClient(bf, "demografici", func(c *config.Client) { c.ModIKey = bf.Clients["tributi"].ModIKey })
		},
		"one seal in two enti": func(bf, vs *config.Ente) { vs.Seal.Provenance = bf.Seal.Provenance },
		"one checkpoint key in two enti": func(bf, vs *config.Ente) {
			vs.Seal.Checkpoint = bf.Seal.Checkpoint
		},
		"previous checkpoint key still in use": func(_, vs *config.Ente) {
			vs.Seal.PreviousCheckpoints = []string{strings.Replace(vs.Seal.Checkpoint, ".pem", "-pub.pem", 1)}
		},
		"previous checkpoint key of another ente": func(bf, vs *config.Ente) {
			vs.Seal.PreviousCheckpoints = bf.Seal.PreviousCheckpoints
		},
		"previous seal of another ente": func(bf, vs *config.Ente) { vs.Seal.Previous = bf.Seal.Previous },
	} {
		t.Run(name, func(t *testing.T) {
			c := world(t)
			mix(c.Enti["c_bf01"], c.Enti["c_vs02"])
			_, err := keys.Open(c)
			if !errors.Is(err, keys.ErrMixed) {
				t.Fatalf("Open = %v, want ErrMixed", err)
			}
		})
	}
}

func setClient(e *config.Ente, name string, change func(*config.Client)) {
	c := e.Clients[name]
	change(&c)
	e.Clients[name] = c
}

func TestRingAllowsTheIntegrityKeyToBeTheClientKeyBySetting(t *testing.T) {
	c := world(t)
	setClient(c.Enti["c_bf01"], "demografici", func(c *config.Client) { c.ModIKey = c.Key })
	if _, err := keys.Open(c); err != nil {
		t.Fatal(err)
	}
}

func TestRingReportsEveryFaultAtOnce(t *testing.T) {
	c := world(t)
	bf, vs := c.Enti["c_bf01"], c.Enti["c_vs02"]
	setClient(bf, "demografici", func(c *config.Client) { c.Key = bf.Seal.Provenance })
	setClient(bf, "tributi", func(c *config.Client) { c.KID = strings.Repeat("A", 43) })
	bf.Keychains["vuoto"] = config.Keychain{ID: "x"}
	vs.Seal.Provenance = vs.Seal.Checkpoint
	vs.Seal.Previous = []string{filepath.Join(c.Dir, "nessuno.pem")}
	vs.Seal.PreviousCheckpoints = []string{filepath.Join(c.Dir, "c_vs02-old-pub.pem")}
	_, err := keys.Open(c)
	if err == nil {
		t.Fatal("no fault was found")
	}
	for _, want := range []string{
		"c_bf01: clients.demografici.key", "needs RSA",
		"c_bf01: clients.tributi.key", "thumbprint",
		"c_bf01: keychains.vuoto", "no key is configured",
		"c_vs02: seal.provenance", "c_vs02: seal.previous[0]", "c_vs02: seal.previousCheckpoints[0]: key does not suit its role",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the fault list lacks %q:\n%v", want, err)
		}
	}
}

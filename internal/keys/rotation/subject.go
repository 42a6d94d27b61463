// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package rotation

import (
	"maps"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/keys"
)

// Subject is one setting of a configuration that names a key PDND knows.
type Subject struct {
	Ente        string // codice IPA
	Environment string
	Role        keys.Role // RoleClient, RoleModI or RoleKeychain
	Name        string    // local name of the client or keychain; of an API client its environment
	Setting     string    // in ente.yaml: clients.servizi.key
	Owner       string    // id of the client or keychain on PDND
	Ref         string    // reference to the key
	KID         string    // as the configuration pins it; "" when it does not
	API         bool      // of an API client
}

// ErrUnknown reports that a configuration has no such key.
var ErrUnknown = bilingual.New("la configurazione non ha questa chiave", "the configuration has no such key")

// Subjects lists every key of a configuration that PDND knows, sorted by ente and setting. A
// client whose ModI key is its own assertion key has it once.
func Subjects(c *config.Config) []Subject {
	var list []Subject
	for _, code := range slices.Sorted(maps.Keys(c.Enti)) {
		list = append(list, subjectsOf(code, c.Enti[code])...)
	}
	return list
}

func subjectsOf(code string, e *config.Ente) []Subject {
	var list []Subject
	for _, environment := range slices.Sorted(maps.Keys(e.APIClients)) {
		a := e.APIClients[environment]
		list = append(list, Subject{code, environment, keys.RoleClient, environment, "apiClients." + environment + ".key", a.ID, a.Key, a.KID, true})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Clients)) {
		k := e.Clients[name]
		list = append(list, Subject{code, k.Environment, keys.RoleClient, name, "clients." + name + ".key", k.ID, k.Key, k.KID, false})
		if k.ModIKey != "" && k.ModIKey != k.Key {
			list = append(list, Subject{code, k.Environment, keys.RoleModI, name, "clients." + name + ".modiKey", k.ID, k.ModIKey, k.ModIKID, false})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Keychains)) {
		k := e.Keychains[name]
		list = append(list, Subject{code, k.Environment, keys.RoleKeychain, name, "keychains." + name + ".key", k.ID, k.Key, k.KID, false})
	}
	return list
}

// Find returns the key of an ente that stands at a setting.
func Find(c *config.Config, ente, setting string) (Subject, error) {
	var known []string
	for _, s := range Subjects(c) {
		if s.Ente != ente {
			continue
		}
		if s.Setting == setting {
			return s, nil
		}
		known = append(known, s.Setting)
	}
	return Subject{}, bilingual.Errorf("%w: %s di %s; ci sono %s", "%w: %s of %s; there are %s", ErrUnknown, setting, ente, strings.Join(known, ", "))
}

// KID is the kid of the key in use at a setting.
func (l *Live) KID(s Subject) (string, error) {
	switch {
	case s.Role == keys.RoleKeychain:
		k, err := l.Keychain(s.Ente, s.Name)
		return k.Key.KID, err
	case s.API:
		c, err := l.APIClient(s.Ente, s.Name)
		return c.Assertion.KID, err
	case s.Role == keys.RoleModI:
		c, err := l.Client(s.Ente, s.Name)
		return c.ModI.KID, err
	default:
		c, err := l.Client(s.Ente, s.Name)
		return c.Assertion.KID, err
	}
}

// ErrByHand reports a key that this program cannot replace by itself.
var ErrByHand = bilingual.New("questa chiave si sostituisce a mano", "this key is replaced by hand")

// Path is the path of the key, which must be a PEM file of its own: a token or a PKCS#12
// file is changed with the tools of whoever made it.
func (s Subject) Path(c *config.Config) (string, error) {
	path := strings.TrimPrefix(s.Ref, keys.SchemeFile)
	if strings.HasPrefix(s.Ref, keys.SchemePKCS11) || path != s.Ref && strings.ContainsAny(path, "?%") {
		return "", bilingual.Errorf("%w: %s di %s non è un file PEM", "%w: %s of %s is no PEM file", ErrByHand, s.Setting, s.Ente)
	}
	return c.Path(path), nil
}

// file is the path of a key that may be replaced.
func (s Subject) file(c *config.Config) (string, error) {
	if s.KID != "" {
		return "", bilingual.Errorf("%w: %s di %s ha un kid scritto nella configurazione; toglierlo, lo Snodo lo calcola", "%w: %s of %s has a kid written in the configuration; take it away, the hub computes it", ErrByHand, s.Setting, s.Ente)
	}
	return s.Path(c)
}

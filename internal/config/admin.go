// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// AdminClient is an API client with an admin user (m2m-admin), which may write on PDND in
// the ente's name. Config does not hold it: only the commands that write ask for it.
type AdminClient struct {
	ID      string `yaml:"id"`      // clientId
	Key     string `yaml:"key"`     // PEM file, RSA: signs assertions
	KID     string `yaml:"kid"`     // "" = RFC 7638 thumbprint of the key
	DPoPKey string `yaml:"dpopKey"` // PEM file, EC P-256: API v3 takes bound vouchers only
}

// LoadAdmin reads enti/<codiceIPA>/pdnd-admin.yaml of a checked configuration: the admin
// clients of the ente by environment. The error is *Faults, or wraps fs.ErrNotExist when
// the ente has no such file. Load never opens that file, nor its keys.
func LoadAdmin(c *Config, codiceIPA string) (map[string]AdminClient, error) {
	ente, ok := c.Enti[codiceIPA]
	if !ok {
		return nil, bilingual.Errorf("l'ente %s non è configurato", "ente %s is not configured", codiceIPA)
	}
	file := path.Join(entiDir, codiceIPA, adminFile)
	if _, err := os.Stat(c.Path(file)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, fs.ErrNotExist)
	}
	l := &loader{cfg: c, reports: map[string]*yamlfile.Report{}}
	var clients map[string]AdminClient
	if report, ok := l.read(file, &clients, true); ok {
		l.checkAdmin(report, clients, ente)
	}
	if faults := l.all(); len(faults) > 0 {
		faults.Sort()
		return nil, &Faults{List: faults}
	}
	return clients, nil
}

// checkAdmin checks the clients and that they and their keys have no other use.
func (l *loader) checkAdmin(r *yamlfile.Report, clients map[string]AdminClient, ente *Ente) {
	ask := checks{r}
	files := fileCheck{cfg: l.cfg, owner: map[string]string{}}
	for path, ref := range ente.keyRefs() {
		if file, ok := keyFile(ref); ok {
			files.owner[l.cfg.Path(file)] = path + " (" + enteFile + ")"
		}
	}
	for _, environment := range sortedKeys(clients) {
		client := clients[environment]
		if !ask.oneOf(environment, registry.Environments(), environment) {
			continue
		}
		ask.uuid(client.ID, environment, "id")
		ask.kid(client.KID, environment, "kid")
		if client.ID != "" && client.ID == ente.APIClients[environment].ID {
			r.Addf(yamlfile.Path(environment, "id"), "è il client di apiClients.%s di %s: quello di amministrazione è un client a sé",
				"it is the client of apiClients.%s of %s: the admin client is one of its own", environment, enteFile)
		}
		if r.Require(client.Key, environment, "key") {
			files.secret(r, client.Key, environment, "key")
		}
		if r.Require(client.DPoPKey, environment, "dpopKey") {
			files.secret(r, client.DPoPKey, environment, "dpopKey")
		}
	}
}

// keyRefs are the references to private keys in ente.yaml, by setting.
func (e *Ente) keyRefs() map[string]string {
	refs := map[string]string{"seal.provenance": e.Seal.Provenance, "seal.checkpoint": e.Seal.Checkpoint}
	for name, c := range e.Clients {
		refs["clients."+name+".key"], refs["clients."+name+".dpopKey"] = c.Key, c.DPoPKey
		refs["clients."+name+".modiKey"] = c.ModIKey
	}
	for environment, c := range e.APIClients {
		refs["apiClients."+environment+".key"], refs["apiClients."+environment+".dpopKey"] = c.Key, c.DPoPKey
	}
	for name, k := range e.Keychains {
		refs["keychains."+name+".key"] = k.Key
	}
	for name, ref := range refs {
		if ref == "" {
			delete(refs, name)
		}
	}
	return refs
}

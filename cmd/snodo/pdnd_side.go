// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/keys"
	"github.com/snodo-pa/snodo/internal/keys/pkcs11"
	"github.com/snodo-pa/snodo/internal/outbound"
	"github.com/snodo-pa/snodo/internal/outbound/rete"
	"github.com/snodo-pa/snodo/internal/pdnd"
	"github.com/snodo-pa/snodo/internal/pdnd/acts"
	"github.com/snodo-pa/snodo/internal/pdnd/admin"
	"github.com/snodo-pa/snodo/internal/pdnd/api"
)

// declarant is a command that acts on PDND in the name of the enti: it alone opens the keys of
// the admin clients, and the running hub keeps the record of what it does.
type declarant struct {
	app       *app
	config    *config.Config
	provider  *pkcs11.Provider
	ring      *keys.Ring
	clients   *rete.Clients
	hub       *management.Client
	platforms map[string]*pdnd.Platform
	admins    map[[2]string]*admin.Client // by ente and environment
}

// openDeclarant opens what such a command needs. The caller closes it.
func (a *app) openDeclarant(f *socketFlags) (*declarant, error) {
	loaded, err := a.loadConfig(f.dir)
	if err != nil {
		return nil, err
	}
	d := &declarant{app: a, config: loaded, platforms: map[string]*pdnd.Platform{}, admins: map[[2]string]*admin.Client{}}
	if d.hub, err = a.hub(f); err != nil {
		return nil, err
	}
	d.provider = pkcs11.Over(keys.Files{Path: loaded.Path})
	if d.ring, err = keys.OpenWith(loaded, d.provider); err != nil {
		return nil, errors.Join(bilingual.Errorf("chiavi: %w", "keys: %w", err), d.Close())
	}
	if d.clients, err = rete.New(loaded, outbound.Settings{Clock: a.clock}); err != nil {
		return nil, errors.Join(bilingual.Errorf("rete: %w", "network: %w", err), d.Close())
	}
	return d, nil
}

// Close releases everything.
func (d *declarant) Close() error {
	for _, p := range d.platforms {
		p.Close()
	}
	if d.clients != nil {
		d.clients.Close()
	}
	return d.provider.Close()
}

// platform is the PDND of an environment, also of one that no binding names yet.
func (d *declarant) platform(environment string) (*pdnd.Platform, error) {
	if p := d.platforms[environment]; p != nil {
		return p, nil
	}
	profile, known := d.config.Environments[environment]
	if !known {
		if profile, known = config.BuiltinEnvironments()[environment]; !known {
			return nil, d.app.errorf("l'ambiente %s non ha un profilo: indicarlo in environments", "environment %s has no profile: name it in environments", environment)
		}
	}
	network, err := d.clients.For(d.config.Hub.Rete)
	if err != nil {
		return nil, bilingual.Errorf("rete: %w", "network: %w", err)
	}
	p, err := pdnd.New(pdnd.Options{Profile: profile, HTTP: network, Clock: d.app.clock, Rand: d.app.rand, Guard: d.app.guard})
	if err != nil {
		return nil, fmt.Errorf("PDND %s: %w", environment, err)
	}
	d.platforms[environment] = p
	return p, nil
}

// network is the ente's own, nil when it has none.
func (d *declarant) network(ente string) (pdnd.Doer, error) {
	own := d.config.Enti[ente].Rete
	if own == nil {
		return nil, nil
	}
	client, err := d.clients.For(own)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ente, err)
	}
	return client, nil
}

// admin opens the admin client of an ente.
func (d *declarant) admin(ente, environment string) (*admin.Client, error) {
	key := [2]string{ente, environment}
	if c := d.admins[key]; c != nil {
		return c, nil
	}
	p, err := d.platform(environment)
	if err != nil {
		return nil, err
	}
	network, err := d.network(ente)
	if err != nil {
		return nil, err
	}
	if file := "enti/" + ente + "/pdnd-admin.yaml"; noFile(d.config.Path(file)) {
		return nil, absentError{d.app.errorf("manca %s: per scrivere su PDND serve un client API dell'ente con un amministratore, come spiega docs/configuration.md",
			"%s is missing: to write on PDND takes an API client of the ente with an admin, as docs/configuration.md explains", file)}
	}
	credentials, err := admin.Open(d.config, d.provider, ente, environment, network)
	if err != nil {
		return nil, err
	}
	d.admins[key] = admin.New(p, credentials)
	return d.admins[key], nil
}

func noFile(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// absentError is fs.ErrNotExist in words of its own.
type absentError struct{ error }

// Is implements errors.Is.
func (absentError) Is(target error) bool { return target == fs.ErrNotExist }

// reader reads as the API client of an ente, which may read and nothing else; the admin client
// stands in for it where there is none.
func (d *declarant) reader(ente, environment string) (*api.Client, error) {
	client, err := d.ring.APIClient(ente, environment)
	if errors.Is(err, keys.ErrNotFound) {
		writer, err := d.admin(ente, environment)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, d.app.errorf("%s: per leggere su PDND serve apiClients.%s in ente.yaml, o pdnd-admin.yaml", "%s: to read on PDND apiClients.%s in ente.yaml is needed, or pdnd-admin.yaml", ente, environment)
		}
		if err != nil {
			return nil, err
		}
		return writer.Client, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := d.platform(environment)
	if err != nil {
		return nil, err
	}
	network, err := d.network(ente)
	if err != nil {
		return nil, err
	}
	return api.New(p, pdnd.Credentials{ClientID: client.ID, Key: client.Assertion, DPoP: client.DPoP, Ente: ente, HTTP: network}), nil
}

// person names who runs the command and where, for the record.
func person() (operator, workstation string) {
	operator = "sconosciuto"
	if u, err := user.Current(); err == nil {
		operator = u.Username
	}
	workstation, err := os.Hostname()
	if err != nil {
		workstation = "sconosciuta"
	}
	return operator, workstation
}

// hubJournal keeps acts in the log of the running hub.
type hubJournal struct{ hub *management.Client }

// Begin implements acts.Journal.
func (j hubJournal) Begin(ctx context.Context, a acts.Act) (acts.Begun, error) {
	var begun acts.Begun
	err := j.hub.Post(ctx, httpapi.PathActs, a, &begun)
	return begun, err
}

// End implements acts.Journal.
func (j hubJournal) End(ctx context.Context, b acts.Begun, a acts.Act) error {
	var ended acts.Begun
	return j.hub.Post(ctx, httpapi.PathActsEnd, httpapi.EndedAct{Begun: b, Act: a}, &ended)
}

// Acts implements acts.Journal.
func (j hubJournal) Acts(ctx context.Context, ente, environment string) ([]acts.Act, error) {
	var list httpapi.ActList
	err := j.hub.Post(ctx, httpapi.PathActsSearch, httpapi.ActSearch{Ente: ente, Environment: environment}, &list)
	return list.Acts, err
}

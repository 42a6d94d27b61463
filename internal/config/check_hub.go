// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// maxPerAddress is what a listener holds in all.
const maxPerAddress = 4096

// hubCheck looks at snodo.yaml.
type hubCheck struct {
	*yamlfile.Report
	hub Hub
	l   *loader
}

func (c hubCheck) all() {
	ask := checks{c.Report}
	if c.Require(c.hub.Name, "name") && !hostForm.MatchString(c.hub.Name) {
		c.Addf(yamlfile.Path("name"), "name è l'origine dei checkpoint, scritto come un host: snodo.ente.example",
			"name is the origin of the checkpoints, written like a host: snodo.ente.example")
	}
	c.listeners()
	c.store()
	c.Require(c.hub.MasterKeyFile, "masterKeyFile")
	ask.within(c.hub.Evidence.CheckpointEvery, time.Second, 24*time.Hour, "evidence", "checkpointEvery")
	ask.within(c.hub.Limits.Request, time.Second, 10*time.Minute, "limits", "request")
	if c.hub.Limits.Body < 1024 || c.hub.Limits.Body > 64<<20 {
		c.Addf(yamlfile.Path("limits", "body"), "limits.body è %d: scrivere i byte, da 1024 a %d",
			"limits.body is %d: write bytes from 1024 to %d", c.hub.Limits.Body, 64<<20)
	}
	if n := c.hub.Limits.ConnectionsPerAddress; n < 1 || n > maxPerAddress {
		c.Addf(yamlfile.Path("limits", "connectionsPerAddress"), "limits.connectionsPerAddress è %d: scrivere da 1 a %d",
			"limits.connectionsPerAddress is %d: write from 1 to %d", n, maxPerAddress)
	}
	ask.within(c.hub.EventsEvery, time.Second, time.Hour, "eventsEvery")
	ask.prefixes(c.hub.TrustedProxies, "trustedProxies")
	ask.prefixes(c.hub.Egress.AllowPrivate, "egress", "allowPrivate")
	ask.rete(c.hub.Rete, "rete")
	ask.url(c.hub.ProblemBase, true, "problemBase")
	if !strings.HasSuffix(c.hub.ProblemBase, "/") {
		c.Addf(yamlfile.Path("problemBase"), "problemBase non finisce con /",
			"problemBase does not end with /")
	}
	for _, name := range sortedKeys(c.hub.Environments) {
		if ask.oneOf(name, registry.Environments(), "environments", name) {
			c.Require(c.hub.Environments[name], "environments", name)
		}
	}
}

// listeners checks where each face listens and that nothing personal, and no key,
// travels in clear beyond the machine.
func (c hubCheck) listeners() {
	faces := map[string]Listener{
		"applicazioni": c.hub.Listeners.Applicazioni,
		"esposizione":  c.hub.Listeners.Esposizione,
		"gestione":     c.hub.Listeners.Gestione,
	}
	taken := map[string]string{}
	for _, name := range sortedKeys(faces) {
		face := faces[name]
		switch {
		case face.Address != "" && face.Socket != "":
			c.Addf(listenerPath(name), "listeners.%s ha sia un indirizzo sia un socket: scriverne uno",
				"listeners.%s has both an address and a socket: write one", name)
			continue
		case face.Socket != "" && name != "gestione":
			c.Addf(listenerPath(name, "socket"), "listeners.%s.socket: solo gestione ascolta su un socket Unix",
				"listeners.%s.socket: only gestione listens on a Unix socket", name)
			continue
		case face.Socket != "":
			continue
		}
		c.address(name, face)
		if other, both := taken[face.Address]; both && !strings.HasSuffix(face.Address, ":0") {
			c.Addf(listenerPath(name, "address"), "listeners.%s e listeners.%s hanno lo stesso indirizzo",
				"listeners.%s and listeners.%s have the same address", other, name)
		}
		taken[face.Address] = name
	}
}

func listenerPath(steps ...string) []any {
	path := []any{"listeners"}
	for _, s := range steps {
		path = append(path, s)
	}
	return path
}

func (c hubCheck) address(name string, face Listener) {
	at := listenerPath(name, "address")
	host, port, err := net.SplitHostPort(face.Address)
	if n, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		c.Addf(at, "listeners.%s.address non ha la forma 127.0.0.1:8080",
			"listeners.%s.address is not of the form 127.0.0.1:8080", name)
		return
	} else if addr, err := netip.ParseAddr(host); host != "" && host != "localhost" && err != nil {
		c.Addf(at, "listeners.%s.address: prima della porta %d scrivere un indirizzo IP, non un nome",
			"listeners.%s.address: write an IP address before port %d, not a name", name, n)
		return
	} else if host == "localhost" || addr.IsLoopback() {
		c.certificate(name, face.TLS)
		return
	}
	switch {
	case name == "gestione" && (face.TLS == nil || face.TLS.ClientCA == ""):
		c.Addf(at, "listeners.gestione è raggiungibile da altre macchine: dargli tls con clientCA, o un socket",
			"listeners.gestione is reachable from other machines: give it tls with clientCA, or a socket")
	case face.TLS == nil && len(c.hub.TrustedProxies) == 0:
		c.Addf(at, "listeners.%s è raggiungibile in chiaro da altre macchine: dargli tls, o indicare in trustedProxies il proxy che termina TLS davanti a lui",
			"listeners.%s is reachable from other machines in clear: give it tls, or name in trustedProxies the proxy that ends TLS before it", name)
	}
	c.certificate(name, face.TLS)
}

func (c hubCheck) certificate(name string, t *TLS) {
	if t != nil {
		c.Require(t.Certificate, listenerPath(name, "tls", "certificate")...)
		c.Require(t.Key, listenerPath(name, "tls", "key")...)
	}
}

func (c hubCheck) store() {
	s := c.hub.Store
	at := func(key string) []any { return yamlfile.Path("store", key) }
	switch s.Kind {
	case StoreSQLite:
		if s.DSNFile != "" || s.DSNEnv != "" {
			c.Addf(at("kind"), "uno store di tipo sqlite ha un path, non dsnFile né dsnEnv",
				"a store of kind sqlite has a path, neither dsnFile nor dsnEnv")
		}
	case StorePostgreSQL:
		if (s.DSNFile == "") == (s.DSNEnv == "") {
			c.Addf(at("kind"), "uno store di tipo postgresql prende la stringa di connessione da dsnFile oppure da dsnEnv",
				"a store of kind postgresql takes its connection string from either dsnFile or dsnEnv")
		}
		if s.Path != "" {
			c.Addf(at("path"), "store.path è per il tipo sqlite",
				"store.path is for kind sqlite")
		}
	default:
		checks{c.Report}.oneOf(s.Kind, []string{StoreSQLite, StorePostgreSQL}, "store", "kind")
	}
}

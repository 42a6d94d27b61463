// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// privateBits are the permissions nobody but the owner may have on a secret.
const privateBits = 0o077

// checkKeyFiles checks that every file named is there, that secrets are readable by
// their owner alone, and that no private key serves two roles or two enti (D17). What
// is inside is checked by whoever opens the file.
func (l *loader) checkKeyFiles() {
	f := fileCheck{cfg: l.cfg, owner: map[string]string{}}
	if hub := l.reports[HubFile]; hub != nil {
		f.hub(hub, l.cfg.Hub)
	}
	for _, e := range l.enti {
		f.ente(e)
	}
}

// fileCheck remembers which role each private key was first given.
type fileCheck struct {
	cfg   *Config
	owner map[string]string // by absolute path
}

func (f fileCheck) hub(r *yamlfile.Report, h Hub) {
	f.secret(r, h.MasterKeyFile, "masterKeyFile")
	f.secret(r, h.Store.DSNFile, "store", "dsnFile")
	f.rete(r, h.Rete, "rete")
	faces := map[string]Listener{
		"applicazioni": h.Listeners.Applicazioni,
		"esposizione":  h.Listeners.Esposizione,
		"gestione":     h.Listeners.Gestione,
	}
	for _, name := range sortedKeys(faces) {
		if t := faces[name].TLS; t != nil {
			f.present(r, t.Certificate, "listeners", name, "tls", "certificate")
			f.present(r, t.ClientCA, "listeners", name, "tls", "clientCA")
			f.private(r, t.Key, "listeners", name, "tls", "key") // faces of one host may share it
		}
	}
}

func (f fileCheck) ente(e *enteFiles) {
	for _, name := range sortedKeys(e.ente.Clients) {
		c := e.ente.Clients[name]
		f.secret(e.main, c.Key, "clients", name, "key")
		if c.ModIKey != c.Key { // one key for both uses is a choice, not a mistake
			f.secret(e.main, c.ModIKey, "clients", name, "modiKey")
		}
	}
	for _, environment := range sortedKeys(e.ente.APIClients) {
		f.secret(e.main, e.ente.APIClients[environment].Key, "apiClients", environment, "key")
	}
	for _, name := range sortedKeys(e.ente.Keychains) {
		f.secret(e.main, e.ente.Keychains[name].Key, "keychains", name, "key")
	}
	f.secret(e.main, e.ente.Seal.Provenance, "seal", "provenance")
	f.secret(e.main, e.ente.Seal.Checkpoint, "seal", "checkpoint")
	for i, file := range e.ente.Seal.Previous {
		f.present(e.main, file, "seal", "previous", i)
	}
	for i, file := range e.ente.Seal.PreviousCheckpoints {
		f.present(e.main, file, "seal", "previousCheckpoints", i)
	}
	f.rete(e.main, e.ente.Rete, "rete")
	for i, b := range e.consumeList {
		if b != nil {
			f.rete(e.consumes, b.Rete, i, "rete")
		}
	}
	for i, x := range e.exposeList {
		if x != nil {
			f.rete(e.exposes, x.BackEnd.Rete, i, "backEnd", "rete")
		}
	}
}

func (f fileCheck) rete(r *yamlfile.Report, n *Rete, path ...any) {
	if n != nil {
		f.present(r, n.CA, append(slices.Clone(path), "ca")...)
		f.private(r, n.CertificatoClient, append(slices.Clone(path), "certificato_client")...)
	}
}

// secret checks a private file that serves one role only.
func (f fileCheck) secret(r *yamlfile.Report, file string, path ...any) {
	if !f.private(r, file, path...) {
		return
	}
	absolute := filepath.Clean(f.cfg.Path(file))
	if first, taken := f.owner[absolute]; taken {
		r.Addf(path, "%s is the file of %s too: every role has a key of its own", yamlfile.Name(path), first)
		return
	}
	f.owner[absolute] = yamlfile.Name(path) + " (" + where(r, path) + ")"
}

// private checks that only the owner can read a file.
func (f fileCheck) private(r *yamlfile.Report, file string, path ...any) bool {
	info := f.present(r, file, path...)
	if info != nil && info.Mode().Perm()&privateBits != 0 {
		r.Addf(path, "%s: %s can be read by others (%04o): chmod 600", yamlfile.Name(path), file, info.Mode().Perm())
	}
	return info != nil
}

// present checks that a file is there; no name is no file.
func (f fileCheck) present(r *yamlfile.Report, file string, path ...any) os.FileInfo {
	if file == "" {
		return nil
	}
	info, err := os.Stat(f.cfg.Path(file))
	if err != nil || !info.Mode().IsRegular() {
		r.Addf(path, "%s: there is no file %s", yamlfile.Name(path), file)
		return nil
	}
	return info
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
		f.secret(e.main, c.DPoPKey, "clients", name, "dpopKey")
		f.public(e.main, c.Previous, "clients", name, "previous")
	}
	for _, environment := range sortedKeys(e.ente.APIClients) {
		c := e.ente.APIClients[environment]
		f.secret(e.main, c.Key, "apiClients", environment, "key")
		f.secret(e.main, c.DPoPKey, "apiClients", environment, "dpopKey")
		f.public(e.main, c.Previous, "apiClients", environment, "previous")
	}
	for _, name := range sortedKeys(e.ente.Keychains) {
		f.secret(e.main, e.ente.Keychains[name].Key, "keychains", name, "key")
		f.public(e.main, e.ente.Keychains[name].Previous, "keychains", name, "previous")
	}
	f.secret(e.main, e.ente.Seal.Provenance, "seal", "provenance")
	f.secret(e.main, e.ente.Seal.Checkpoint, "seal", "checkpoint")
	f.secret(e.main, e.ente.Seal.Identity, "seal", "identity")
	f.public(e.main, e.ente.Seal.PreviousIdentities, "seal", "previousIdentities")
	f.public(e.main, e.ente.Seal.Previous, "seal", "previous")
	f.public(e.main, e.ente.Seal.PreviousCheckpoints, "seal", "previousCheckpoints")
	f.rete(e.main, e.ente.Rete, "rete")
	f.tesoreria(e.main, e.ente.Tesoreria)
	for i, b := range e.consumeList {
		if b != nil {
			f.rete(e.consumes, b.Rete, i, "rete")
		}
	}
	for i, x := range e.exposeList {
		if x != nil {
			f.rete(e.exposes, x.BackEnd.Rete, i, "backEnd", "rete")
			f.fiducia(e.exposes, x.Fiducia, i, "fiducia")
		}
	}
}

func (f fileCheck) rete(r *yamlfile.Report, n *Rete, path ...any) {
	if n != nil {
		f.present(r, n.CA, append(slices.Clone(path), "ca")...)
		f.private(r, n.CertificatoClient, append(slices.Clone(path), "certificato_client")...)
	}
}

// public checks files of public keys.
func (f fileCheck) public(r *yamlfile.Report, files []string, path ...any) {
	for i, file := range files {
		f.present(r, file, append(slices.Clone(path), i)...)
	}
}

// secret checks a private file that serves one role only. A key in a token (pkcs11:) has
// no file; that it serves one role is seen when it is opened.
func (f fileCheck) secret(r *yamlfile.Report, ref string, path ...any) {
	file, ok := keyFile(ref)
	if !ok || !f.private(r, file, path...) {
		return
	}
	absolute := filepath.Clean(f.cfg.Path(file))
	if first, taken := f.owner[absolute]; taken {
		r.Addf(path, "%s è anche il file di %s: ogni ruolo ha una chiave propria",
			"%s is the file of %s too: every role has a key of its own", yamlfile.Name(path), first)
		return
	}
	f.owner[absolute] = yamlfile.Name(path) + " (" + where(r, path) + ")"
}

// keyFile is the file of a reference to a key: the reference itself, or the path in a
// file: URI. It is false for a key that is in no file.
func keyFile(ref string) (string, bool) {
	if strings.HasPrefix(ref, "pkcs11:") {
		return "", false
	}
	rest, ok := strings.CutPrefix(ref, "file:")
	if !ok {
		return ref, true
	}
	where, _, _ := strings.Cut(rest, "?")
	if strings.HasPrefix(where, "///") {
		where = where[2:]
	}
	if path, err := url.PathUnescape(where); err == nil {
		return path, true
	}
	return where, true // whoever opens it says what is wrong
}

// private checks that only the owner can read a file.
func (f fileCheck) private(r *yamlfile.Report, file string, path ...any) bool {
	info := f.present(r, file, path...)
	if info != nil && info.Mode().Perm()&privateBits != 0 {
		r.Addf(path, "%s: %s può essere letto da altri (%04o): chmod 600",
			"%s: %s can be read by others (%04o): chmod 600", yamlfile.Name(path), file, info.Mode().Perm())
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
		r.Addf(path, "%s: il file %s non c'è",
			"%s: there is no file %s", yamlfile.Name(path), file)
		return nil
	}
	return info
}

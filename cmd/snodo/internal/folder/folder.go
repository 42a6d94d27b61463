// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package folder writes a whole configuration folder, keys included, that points the hub
// at mocks of PDND and of the registries.
//
// It owns the templates and the names inside them (uffici, operatori, procedimento), and what
// becomes of them when the same folder is written again. It depends on internal/keys to make
// keys at run time. It knows no mock: addresses and
// identifiers are handed in.
package folder

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/template"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/keys"
)

//go:embed template
var templates embed.FS

// Names that the folder gives to what an application must name in a call.
const (
	Applicazione = "sportello"
	Procedimento = "iscrizione-asilo"
	Pratica      = "NIDO-2026-0000042"
	// ProcedimentoRegistri may ask everything of every Registro.
	ProcedimentoRegistri = "prova-registri"
	Operatore            = "mat-00417"
	Postazione           = "SCUOLA-02"
	LoA                  = "LoA3"
)

// World is what the folder describes: where the hub listens, the mock platform, the
// enti.
type World struct {
	Name                      string // origin of checkpoints
	Applicazioni, Esposizione string // addresses the hub listens on
	Gestione                  string // socket, relative to the folder or absolute
	Platform                  Platform
	C030URL, C020URL          string
	ANPRCA                    []byte // PEM of the private CA of the registry
	RecipesDir                string // folder of own recipes, "" when there are none
	Registri                  []Registro
	Enti                      []Ente
	// Asked are the addresses of the hub as they were asked for, Addresses those of the hub and the mocks, by name.
	Asked, Addresses map[string]string
}

// Platform is the PDND profile of the environment "locale".
type Platform struct {
	Issuer, TokenURL, AssertionAudience, JWKSURL, APIBase, APIAudience string
}

// Ente is one ente with its identifiers on the platform.
type Ente struct {
	CodiceIPA, Denominazione, CodiceFiscale string
	TenantID                                string
	ClientID, APIClientID, KeychainID       string
	PurposeC030, PurposeC020                string
	EserviceID, DescriptorID, Audience      string
	PublicURL, BackEndURL                   string
	Purposes                                map[string]string // of the Registri, by recipe
	Offerti                                 []Offerto
	Tesoreria                               *Tesoreria // nil: the ente has its treasury elsewhere
}

// Offerto is an e-service that an ente exposes. One called stato-istanza takes the place of
// the ente's own.
type Offerto struct {
	Recipe, EserviceID, DescriptorID, Audience string
	PublicURL, BackEndURL                      string
}

// StatoIstanza tells whether the ente's own back end answers for stato-istanza.
func (e Ente) StatoIstanza() bool {
	return !slices.ContainsFunc(e.Offerti, func(o Offerto) bool { return o.Recipe == "stato-istanza" })
}

// Registro is a further e-service that the enti consume.
type Registro struct {
	Recipe, URL string
	ANPRCA      bool // it stands behind the private CA of the simulated ANPR
	Operazioni  []Operazione
}

// Operazione is an operation of a Registro with all its fields.
type Operazione struct {
	Nome  string
	Campi []string
}

// PublicKeys are the public halves to register on the platform, in PEM.
type PublicKeys struct{ Client, API, Keychain []byte }

// Written tells what Write made beside the configuration itself.
type Written struct {
	Public map[string]PublicKeys // by codice IPA
	// Checkpoint holds the public key of each ente's checkpoints in PEM, by codice IPA.
	Checkpoint map[string][]byte
	// Again tells that the folder was there already, Kept which of its files somebody has changed since.
	Again bool
	Kept  []string
}

// Write makes the folder dir. One that it has written before it writes again: keys stay, and so does what somebody has
// changed since, save for the addresses of the mocks and the e-services that exposes.yaml lacks. An error leaves it half
// written; it wraps ErrTaken when the folder is somebody else's.
func Write(dir string, w World, random io.Reader) (Written, error) {
	before, err := ReadMark(dir)
	if err != nil {
		return Written{}, err
	}
	for _, sub := range []string{"dati", "chiavi"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return Written{}, bilingual.Errorf("creazione della cartella: %w", "make folder: %w", err)
		}
	}
	f := newFiles(dir, w, before)
	if err := f.render("snodo.yaml", "snodo.yaml", w); err != nil {
		return Written{}, err
	}
	if err := f.render("locale.yaml", "locale.yaml", w.Platform); err != nil {
		return Written{}, err
	}
	if master := filepath.Join("chiavi", "master.key"); !f.there(master) {
		if _, err := keys.Generate(random, keys.RoleMaster, filepath.Join(dir, master)); err != nil {
			return Written{}, err
		}
	}
	written := Written{Public: map[string]PublicKeys{}, Checkpoint: map[string][]byte{}, Again: before != nil}
	for _, ente := range w.Enti {
		if err := f.ente(w, ente, random, &written); err != nil {
			return Written{}, fmt.Errorf("ente %s: %w", ente.CodiceIPA, err)
		}
	}
	written.Kept = f.keptFiles()
	return written, f.close()
}

func (f *files) ente(w World, ente Ente, random io.Reader, written *Written) error {
	base := filepath.Join("enti", ente.CodiceIPA)
	for _, sub := range []string{"chiavi", "procedimenti", "reti"} {
		if err := os.MkdirAll(filepath.Join(f.dir, base, sub), 0o700); err != nil {
			return bilingual.Errorf("creazione della cartella: %w", "make folder: %w", err)
		}
	}
	values := struct {
		Ente
		C030URL, C020URL string
		Registri         []Registro
	}{ente, w.C030URL, w.C020URL, w.Registri}
	pages := map[string]string{
		"ente.yaml":         "ente.yaml",
		"consumes.yaml":     "consumes.yaml",
		"exposes.yaml":      "exposes.yaml",
		"procedimento.yaml": filepath.Join("procedimenti", Procedimento+".yaml"),
	}
	if len(w.Registri) > 0 {
		pages["registri.yaml"] = filepath.Join("procedimenti", ProcedimentoRegistri+".yaml")
	}
	for name, target := range pages {
		if err := f.render(name, filepath.Join(base, target), values); err != nil {
			return err
		}
	}
	if err := f.put(filepath.Join(base, "reti", "anpr-ca.pem"), w.ANPRCA); err != nil {
		return err
	}
	if err := f.treasury(base, ente.Tesoreria, random); err != nil {
		return err
	}
	return f.keys(base, ente.CodiceIPA, random, written)
}

// keys makes the keys of an ente that are not there yet.
func (f *files) keys(base, codiceIPA string, random io.Reader, written *Written) error {
	var public PublicKeys
	var checkpoint []byte
	for _, key := range []struct {
		file string
		role keys.Role
		into *[]byte
	}{
		{"client.pem", keys.RoleClient, &public.Client},
		{"api.pem", keys.RoleClient, &public.API},
		{"keychain.pem", keys.RoleKeychain, &public.Keychain},
		{"sigillo.pem", keys.RoleProvenance, nil},
		{"checkpoint.pem", keys.RoleCheckpoint, &checkpoint},
	} {
		file := filepath.Join(base, "chiavi", key.file)
		if !f.there(file) {
			if _, err := keys.Generate(random, key.role, filepath.Join(f.dir, file)); err != nil {
				return err
			}
		}
		if key.into == nil {
			continue
		}
		var err error
		if *key.into, err = f.publicOf(file); err != nil {
			return err
		}
	}
	written.Public[codiceIPA] = public
	written.Checkpoint[codiceIPA] = checkpoint
	return nil
}

func (f *files) render(name, target string, values any) error {
	page, err := template.New(name+".tmpl").Option("missingkey=error").ParseFS(templates, "template/"+name+".tmpl")
	if err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, values); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	return f.put(target, out.Bytes())
}

func write(dir, target string, data []byte) error {
	if err := os.WriteFile(filepath.Join(dir, target), data, 0o600); err != nil { //nolint:gosec // the folder is the user's own argument
		return bilingual.Errorf("scrittura della configurazione: %w", "write configuration: %w", err)
	}
	return nil
}

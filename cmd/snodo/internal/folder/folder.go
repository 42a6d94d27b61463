// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package folder writes a whole configuration folder, keys included, that points the hub
// at mocks of PDND and of the registries.
//
// It owns the templates and the names inside them (uffici, operatori, procedimento). It
// depends on internal/keys to make keys at run time. It knows no mock: addresses and
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
}

// Write makes the folder dir, which must be absent or empty. An error leaves it half
// written.
func Write(dir string, w World, random io.Reader) (Written, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return Written{}, bilingual.Errorf("lettura della cartella: %w", "read folder: %w", err)
	}
	if len(entries) > 0 {
		return Written{}, bilingual.Errorf("la cartella %s non è vuota: nulla è stato scritto", "folder %s is not empty: nothing was written", dir)
	}
	for _, sub := range []string{"dati", "chiavi"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return Written{}, bilingual.Errorf("creazione della cartella: %w", "make folder: %w", err)
		}
	}
	if err := render(dir, "snodo.yaml", "snodo.yaml", w); err != nil {
		return Written{}, err
	}
	if err := render(dir, "locale.yaml", "locale.yaml", w.Platform); err != nil {
		return Written{}, err
	}
	if _, err := keys.Generate(random, keys.RoleMaster, filepath.Join(dir, "chiavi", "master.key")); err != nil {
		return Written{}, err
	}
	written := Written{Public: map[string]PublicKeys{}, Checkpoint: map[string][]byte{}}
	for _, ente := range w.Enti {
		if err := writeEnte(dir, w, ente, random, &written); err != nil {
			return Written{}, fmt.Errorf("ente %s: %w", ente.CodiceIPA, err)
		}
	}
	return written, nil
}

func writeEnte(dir string, w World, ente Ente, random io.Reader, written *Written) error {
	base := filepath.Join("enti", ente.CodiceIPA)
	for _, sub := range []string{"chiavi", "procedimenti", "reti"} {
		if err := os.MkdirAll(filepath.Join(dir, base, sub), 0o700); err != nil {
			return bilingual.Errorf("creazione della cartella: %w", "make folder: %w", err)
		}
	}
	values := struct {
		Ente
		C030URL, C020URL string
		Registri         []Registro
	}{ente, w.C030URL, w.C020URL, w.Registri}
	files := map[string]string{
		"ente.yaml":         "ente.yaml",
		"consumes.yaml":     "consumes.yaml",
		"exposes.yaml":      "exposes.yaml",
		"procedimento.yaml": filepath.Join("procedimenti", Procedimento+".yaml"),
	}
	if len(w.Registri) > 0 {
		files["registri.yaml"] = filepath.Join("procedimenti", ProcedimentoRegistri+".yaml")
	}
	for name, target := range files {
		if err := render(dir, name, filepath.Join(base, target), values); err != nil {
			return err
		}
	}
	if err := write(dir, filepath.Join(base, "reti", "anpr-ca.pem"), w.ANPRCA); err != nil {
		return err
	}
	if err := writeTreasury(dir, base, ente.Tesoreria, random); err != nil {
		return err
	}
	return writeKeys(dir, base, ente.CodiceIPA, random, written)
}

func writeKeys(dir, base, codiceIPA string, random io.Reader, written *Written) error {
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
		made, err := keys.Generate(random, key.role, filepath.Join(dir, base, "chiavi", key.file))
		if err != nil {
			return err
		}
		if key.into != nil {
			*key.into = made.PublicPEM
		}
	}
	written.Public[codiceIPA] = public
	written.Checkpoint[codiceIPA] = checkpoint
	return nil
}

func render(dir, name, target string, values any) error {
	page, err := template.New(name+".tmpl").Option("missingkey=error").ParseFS(templates, "template/"+name+".tmpl")
	if err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, values); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	return write(dir, target, out.Bytes())
}

func write(dir, target string, data []byte) error {
	if err := os.WriteFile(filepath.Join(dir, target), data, 0o600); err != nil {
		return bilingual.Errorf("scrittura della configurazione: %w", "write configuration: %w", err)
	}
	return nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// The files of an ente.
const (
	entiDir         = "enti"
	enteFile        = "ente.yaml"
	consumesFile    = "consumes.yaml"
	exposesFile     = "exposes.yaml"
	procedimentiDir = "procedimenti"
	adminFile       = "pdnd-admin.yaml" // LoadAdmin reads it, Load never does
)

// enteFiles is one folder of enti/ while it is being checked.
type enteFiles struct {
	folder       string // codice IPA, by the folder's name
	ente         *Ente
	main         *yamlfile.Report
	consumes     *yamlfile.Report // nil when there is no such file
	exposes      *yamlfile.Report // nil when there is no such file
	consumeList  []*Consume       // in the order of the file
	exposeList   []*Expose        // in the order of the file
	procedimenti map[string]*yamlfile.Report
}

func (l *loader) readEnti() {
	folders, err := fs.ReadDir(l.files, entiDir)
	if err != nil {
		l.faultf(entiDir, "la cartella manca: contiene una cartella per ogni ente, con il nome del suo codice IPA",
			"the folder is missing: it holds a folder for each ente, named by its codice IPA")
		return
	}
	for _, entry := range folders {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if !entry.IsDir() {
			l.strayYAML(path.Join(entiDir, entry.Name()), modi.Text{
				IT: "ogni ente è una cartella con il nome del suo codice IPA", EN: "every ente is a folder named by its codice IPA",
			})
			continue
		}
		l.readEnte(entry.Name())
	}
	if len(l.cfg.Enti) == 0 {
		l.faultf(entiDir, "non c'è alcun ente: aggiungere una cartella con il nome del suo codice IPA",
			"there is no ente: add a folder named by its codice IPA")
	}
}

func (l *loader) readEnte(folder string) {
	dir := path.Join(entiDir, folder)
	e := &enteFiles{folder: folder, ente: &Ente{}, procedimenti: map[string]*yamlfile.Report{}}
	var readable bool
	e.main, readable = l.read(path.Join(dir, enteFile), e.ente, true)
	e.ente.fillDefaults()
	e.consumes, _ = l.read(path.Join(dir, consumesFile), &e.consumeList, false)
	e.exposes, _ = l.read(path.Join(dir, exposesFile), &e.exposeList, false)
	e.index()
	l.readProcedimenti(dir, e)
	l.strayInEnte(dir, e)
	if readable { // the other checks would only repeat that the ente is unknown
		l.enti = append(l.enti, e)
	}
	l.cfg.Enti[folder] = e.ente
}

// index finds bindings by recipe; of two for the same recipe the first stays, and the
// check of the bindings reports the other.
func (e *enteFiles) index() {
	e.ente.Consumes = map[string]*Consume{}
	for _, c := range e.consumeList {
		if c != nil && e.ente.Consumes[c.Recipe] == nil {
			e.ente.Consumes[c.Recipe] = c
		}
	}
	e.ente.Exposes = map[string]*Expose{}
	for _, x := range e.exposeList {
		if x == nil {
			continue
		}
		x.fillDefaults()
		if e.ente.Exposes[x.Recipe] == nil {
			e.ente.Exposes[x.Recipe] = x
		}
	}
}

func (l *loader) readProcedimenti(dir string, e *enteFiles) {
	e.ente.Procedimenti = map[string]*Procedimento{}
	files, err := fs.ReadDir(l.files, path.Join(dir, procedimentiDir))
	if err != nil {
		return // an ente that only exposes has none
	}
	for _, entry := range files {
		file := path.Join(dir, procedimentiDir, entry.Name())
		name, isYAML := strings.CutSuffix(entry.Name(), ".yaml")
		if !isYAML || entry.IsDir() {
			l.strayYAML(file, modi.Text{IT: "un procedimento è un file <nome>.yaml", EN: "a procedimento is a file <nome>.yaml"})
			continue
		}
		p := &Procedimento{}
		if report, ok := l.read(file, p, true); ok {
			p.fillDefaults(e.ente)
			e.procedimenti[name] = report
			e.ente.Procedimenti[name] = p
		}
	}
}

// strayInEnte reports YAML files that nobody would read, so that a misspelt name does
// not silently configure nothing.
func (l *loader) strayInEnte(dir string, e *enteFiles) {
	entries, err := fs.ReadDir(l.files, dir)
	if err != nil {
		l.faultf(dir, "la cartella non si può leggere",
			"the folder cannot be read")
		return
	}
	known := []string{enteFile, consumesFile, exposesFile, adminFile}
	all := strings.Join(known, ", ")
	for _, entry := range entries {
		if !entry.IsDir() && !slices.Contains(known, entry.Name()) && !e.readsFile(entry.Name()) {
			l.strayYAML(path.Join(dir, entry.Name()), modi.Text{
				IT: "i file di un ente sono " + all + " e " + procedimentiDir + "/<nome>.yaml",
				EN: "the files of an ente are " + all + " and " + procedimentiDir + "/<nome>.yaml",
			})
		}
	}
}

func (l *loader) strayYAML(file string, why modi.Text) {
	if ext := path.Ext(file); ext == ".yaml" || ext == ".yml" {
		l.faultf(file, "questo file non viene letto: %s",
			"this file is not read: %s", why)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// HubFile is the file that makes a folder a configuration.
const HubFile = "snodo.yaml"

// Load reads and checks the folder, fills the defaults and returns the whole
// configuration. Its error is *Faults with every mistake found in any file, or tells
// that dir is not such a folder. It opens no key: whether a key fits its role is found
// by who opens it.
func Load(dir string) (*Config, error) { return LoadChanged(dir, nil) }

// LoadChanged is Load of the folder as it would be with other contents of some files, by their paths below it with slashes.
func LoadChanged(dir string, changed map[string][]byte) (*Config, error) {
	l, err := load(dir, changed)
	if err != nil {
		return nil, err
	}
	l.check()
	if faults := l.all(); len(faults) > 0 {
		faults.Sort()
		return nil, &Faults{List: faults}
	}
	return l.cfg, nil
}

// LoadDraft reads what it can of a folder that is still being written, without checking
// it: only for saying what it holds, never for serving. The error tells that dir is not
// a folder.
func LoadDraft(dir string) (*Config, error) {
	l, err := load(dir, nil)
	if err != nil {
		return nil, err
	}
	return l.cfg, nil
}

func load(dir string, changed map[string][]byte) (*loader, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, bilingual.Errorf("cartella di configurazione: %w", "configuration folder: %w", err)
	}
	if info, err := os.Stat(absolute); err != nil || !info.IsDir() {
		return nil, bilingual.Errorf("cartella di configurazione %s: non c'è o non è una cartella",
			"configuration folder %s: it is not there or is no folder", dir)
	}
	l := &loader{
		cfg:     &Config{Dir: absolute, Environments: map[string]Environment{}, Enti: map[string]*Ente{}},
		files:   os.DirFS(absolute),
		changed: changed,
		reports: map[string]*yamlfile.Report{},
	}
	l.readHub()
	l.readRecipes()
	l.readEnti()
	return l, nil
}

// Path resolves a file named in the configuration against its folder; an absolute one
// is returned as it is.
func (c *Config) Path(rel string) string {
	if rel == "" || filepath.IsAbs(rel) {
		return rel
	}
	return filepath.Join(c.Dir, filepath.FromSlash(rel))
}

// loader is one run of Load.
type loader struct {
	cfg     *Config
	files   fs.FS
	changed map[string][]byte           // contents of files in the place of those in the folder
	reports map[string]*yamlfile.Report // by file, for the files that could be parsed
	loose   yamlfile.Faults             // faults of files that could not, or that are not YAML
	broken  map[string]bool             // own recipes with faults, "exposes/name"
	enti    []*enteFiles
}

// read parses and binds one file. It reports false when the file is absent or cannot
// be parsed; only a required one is a fault when absent.
func (l *loader) read(file string, into any, required bool) (*yamlfile.Report, bool) {
	data, err := l.contents(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !required:
		return nil, false
	case errors.Is(err, fs.ErrNotExist):
		l.faultf(file, "il file manca",
			"the file is missing")
		return nil, false
	case err != nil:
		l.faultf(file, "il file non si può leggere",
			"the file cannot be read")
		return nil, false
	}
	doc, err := yamlfile.Parse(file, data)
	var faults yamlfile.Faults
	if errors.As(err, &faults) {
		l.loose = append(l.loose, faults...)
		return nil, false
	}
	report := doc.Report(doc.Into(into))
	l.reports[file] = report
	return report, true
}

func (l *loader) contents(file string) ([]byte, error) {
	if data, changed := l.changed[file]; changed {
		return data, nil
	}
	at := l.cfg.Path(file)
	return fs.ReadFile(os.DirFS(filepath.Dir(at)), filepath.Base(at))
}

func (l *loader) faultf(file, it, en string, args ...any) {
	l.loose = append(l.loose, yamlfile.NewFault(file, 0, it, en, args...))
}

func (l *loader) all() yamlfile.Faults {
	faults := l.loose
	for _, r := range l.reports {
		faults = append(faults, r.Faults()...)
	}
	return faults
}

func (l *loader) readHub() {
	if _, ok := l.read(HubFile, &l.cfg.Hub, true); ok {
		l.cfg.Hub.fillDefaults()
	}
}

// readRecipes joins the built-in recipes with the folder's own, which take the place
// of built-in ones of the same name.
func (l *loader) readRecipes() {
	consumes, exposes, err := registry.Builtin()
	if err != nil {
		l.faultf(HubFile, "le ricette incluse sono danneggiate: %v",
			"the built-in recipes are damaged: %v", modi.Text{IT: bilingual.In(err, "it"), EN: err.Error()})
		return
	}
	l.cfg.Consumes, l.cfg.Exposes = consumes, exposes
	dir := l.cfg.Hub.RecipesDir
	if dir == "" {
		return
	}
	if info, err := os.Stat(l.cfg.Path(dir)); err != nil || !info.IsDir() {
		l.reports[HubFile].Addf(yamlfile.Path("recipesDir"), "la cartella %s non c'è",
			"folder %s is not there", dir)
		return
	}
	own, ownExposes, err := registry.ReadRecipes(os.DirFS(l.cfg.Path(dir)), path.Clean(filepath.ToSlash(dir)))
	var faults yamlfile.Faults
	if errors.As(err, &faults) {
		l.loose = append(l.loose, faults...)
		l.setAside(faults)
	}
	for name, recipe := range own {
		consumes[name] = recipe
	}
	for name, exposure := range ownExposes {
		exposes[name] = exposure
	}
	l.checkDocuments(path.Clean(filepath.ToSlash(dir)), ownExposes)
}

// setAside takes out the recipes that own ones with faults were to replace: what names them is not held against others, nor
// told that they are not there.
func (l *loader) setAside(faults yamlfile.Faults) {
	l.broken = map[string]bool{}
	for _, f := range faults {
		kind, name := path.Base(path.Dir(f.File)), strings.TrimSuffix(path.Base(f.File), ".yaml")
		l.broken[kind+"/"+name] = true
		if kind == "exposes" {
			delete(l.cfg.Exposes, name)
		} else {
			delete(l.cfg.Consumes, name)
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/folder"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/mocks/ambiente"
	"github.com/snodo-pa/snodo/mocks/anpr"
	"github.com/snodo-pa/snodo/mocks/scripted"
	"github.com/snodo-pa/snodo/registry"
)

// registri are the registries of a world that are described as data: built-in and own.
type registri struct {
	dir     string // absolute, "" when there are no own ones
	scripts []scripted.Script
	recipes map[string]*registry.Recipe
	offered []ambiente.Offered
}

// readRegistri reads the built-in recipes and mocks and those of a folder: consumes/ holds
// recipes, mocks/ the data of their mocks. An own one takes the place of a built-in one
// of its name.
func readRegistri(dir string) (registri, error) {
	var r registri
	var err error
	if r.recipes, _, err = registry.Builtin(); err != nil {
		return r, err
	}
	if r.scripts, err = scripted.Builtin(); err != nil || dir == "" {
		return r, err
	}
	if r.dir, err = filepath.Abs(dir); err != nil {
		return r, bilingual.Errorf("--registri: %w", "--registri: %w", err)
	}
	if !holdsRecipes(r.dir) {
		return r, bilingual.Errorf("--registri %s: la cartella non c'è, o non ha consumes, exposes, mocks né backends",
			"--registri %s: there is no such folder, or it has neither consumes, exposes, mocks nor backends", dir)
	}
	own, exposes, err := registry.ReadRecipes(os.DirFS(r.dir), dir)
	if err != nil {
		return r, err
	}
	maps.Copy(r.recipes, own)
	if err := r.readOffered(dir, exposes); err != nil {
		return r, err
	}
	ownScripts, err := scripted.Load(os.DirFS(filepath.Join(r.dir, "mocks")))
	if err != nil {
		return r, bilingual.Errorf("simulazioni di %s: %w", "mocks of %s: %w", dir, err)
	}
	for _, script := range ownScripts {
		r.scripts = slices.DeleteFunc(r.scripts, func(s scripted.Script) bool { return s.Name == script.Name })
		r.scripts = append(r.scripts, script)
	}
	return r, nil
}

// holdsRecipes tells a folder of recipes from another one.
func holdsRecipes(dir string) bool {
	return slices.ContainsFunc([]string{"consumes", "exposes", "mocks", "backends"}, func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err == nil && info.IsDir()
	})
}

// readOffered finds the own e-services that have a back end as data, in backends/.
func (r *registri) readOffered(dir string, exposes map[string]*registry.Exposure) error {
	backEnds, err := scripted.LoadBackEnds(os.DirFS(filepath.Join(r.dir, "backends")))
	if err != nil {
		return bilingual.Errorf("gestionali finti di %s: %w", "mock back ends of %s: %w", dir, err)
	}
	for _, name := range slices.Sorted(maps.Keys(exposes)) {
		if backEnd, there := backEnds[name]; there {
			r.offered = append(r.offered, ambiente.Offered{Name: name, Major: exposes[name].Major, BackEnd: backEnd})
		}
	}
	return nil
}

// describeOffered are the own e-services that an ente offers, beside stato-istanza of the
// built-in ones.
func (w *world) describeOffered(e ambiente.Ente) []folder.Offerto {
	var all []folder.Offerto
	for _, o := range w.registri.offered {
		all = append(all, folder.Offerto{
			Recipe: o.Name, EserviceID: e.EserviceOf(o.Name), DescriptorID: e.DescriptorOf(o.Name), Audience: e.AudienceOf(o.Name, o.Major),
			PublicURL: w.offeredURL(e, o.Name, o.Major), BackEndURL: w.BackEnds[o.Name].URL(),
		})
	}
	return all
}

// offeredURL is where the hub exposes an e-service of an ente.
func (w *world) offeredURL(e ambiente.Ente, name string, major int) string {
	return fmt.Sprintf("http://%s/modi/%s/%s/v%d", w.esposizione, e.CodiceIPA, name, major)
}

// describeRegistri are the registries that have both a recipe and a mock.
func (w *world) describeRegistri() []folder.Registro {
	var all []folder.Registro
	for _, script := range w.registri.scripts {
		recipe := w.registri.recipes[script.Name]
		if recipe == nil {
			continue
		}
		all = append(all, describeRegistro(recipe, w.Registries.URL()+script.Eservice.Path, false))
	}
	return append(all, w.describeANPR()...)
}

// describeANPR are the e-services of ANPR beside C030 and C020, which the folder always
// binds.
func (w *world) describeANPR() []folder.Registro {
	var all []folder.Registro
	for _, e := range anpr.Catalogue() {
		recipe := w.registri.recipes[e.Recipe]
		if recipe == nil || e.Recipe == "anpr-c030" || e.Recipe == "anpr-c020" {
			continue
		}
		all = append(all, describeRegistro(recipe, w.ANPR.URL()+e.Path, true))
	}
	return all
}

func describeRegistro(recipe *registry.Recipe, url string, ownCA bool) folder.Registro {
	one := folder.Registro{Recipe: recipe.Name, URL: url, ANPRCA: ownCA}
	for _, name := range slices.Sorted(maps.Keys(recipe.Operations)) {
		one.Operazioni = append(one.Operazioni, folder.Operazione{Nome: name, Campi: recipe.Operations[name].Fields})
	}
	return one
}

// purposes are those of an ente for the registries.
func (w *world) purposes(e ambiente.Ente) map[string]string {
	ids := map[string]string{}
	for _, r := range w.describeRegistri() {
		ids[r.Recipe] = e.PurposeFor(r.Recipe)
	}
	ids["anpr-c030"] = e.PurposeANPR("anpr-c030") // which the others of ANPR call on their way
	return ids
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/snodo-pa/snodo/registry/yamlfile"
)

//go:embed recipes
var builtin embed.FS

// openAPISuffix ends the name of the document beside an exposes recipe.
const openAPISuffix = ".openapi.yaml"

// Builtin returns the recipes that ship with the hub, by name. The maps are the
// caller's own.
func Builtin() (consumes map[string]*Recipe, exposes map[string]*Exposure, err error) {
	files, err := fs.Sub(builtin, "recipes")
	if err != nil {
		return nil, nil, fmt.Errorf("open the built-in recipes: %w", err)
	}
	return ReadRecipes(files, "recipes")
}

// BuiltinExposure returns the files of a built-in exposes recipe as they are written: to
// copy them and change the copy.
func BuiltinExposure(name string) (recipe, document []byte, err error) {
	recipe, err = builtin.ReadFile("recipes/exposes/" + name + ".yaml")
	if err != nil {
		return nil, nil, fmt.Errorf("built-in exposes recipe %q: %w", name, fs.ErrNotExist)
	}
	document, err = builtin.ReadFile("recipes/exposes/" + name + openAPISuffix)
	if err != nil {
		return nil, nil, fmt.Errorf("document of the built-in exposes recipe %q: %w", name, err)
	}
	return recipe, document, nil
}

// ReadRecipes reads consumes/*.yaml and exposes/*.yaml below a folder, whose name
// shown is used in faults. A recipe's name is its file's. The error is of type
// yamlfile.Faults and lists the faults of all the files, or tells that a file could
// not be read; sound recipes are returned beside it.
func ReadRecipes(folder fs.FS, shown string) (consumes map[string]*Recipe, exposes map[string]*Exposure, err error) {
	r := recipeReader{folder: folder, shown: shown}
	consumes = map[string]*Recipe{}
	exposes = map[string]*Exposure{}
	r.each("consumes", func(file string, data []byte) error {
		recipe, err := DecodeRecipe(path.Join(shown, file), data)
		if err == nil && r.named(file, recipe.Name) {
			consumes[recipe.Name] = recipe
		}
		return err
	})
	r.each("exposes", func(file string, data []byte) error {
		exposure, err := DecodeExposure(path.Join(shown, file), data, r.openAPI(file))
		if err == nil && r.named(file, exposure.Name) {
			exposes[exposure.Name] = exposure
		}
		return err
	})
	return consumes, exposes, r.faults.Err()
}

type recipeReader struct {
	folder fs.FS
	shown  string
	faults yamlfile.Faults
}

// each decodes the recipes of one kind and collects their faults.
func (r *recipeReader) each(kind string, decode func(file string, data []byte) error) {
	files, err := fs.Glob(r.folder, kind+"/*.yaml")
	if err != nil {
		r.fault(kind, "non si può elencare",
			"cannot be listed")
		return
	}
	for _, file := range files {
		if strings.HasSuffix(file, openAPISuffix) {
			continue
		}
		data, err := fs.ReadFile(r.folder, file)
		if err != nil {
			r.fault(file, "non si può leggere",
				"cannot be read")
			continue
		}
		var faults yamlfile.Faults
		if errors.As(decode(file, data), &faults) {
			r.faults = append(r.faults, faults...)
		}
	}
}

// openAPI reads the document an exposes recipe names; nil when it cannot, which the
// check of the recipe then reports.
func (r *recipeReader) openAPI(recipe string) []byte {
	data, err := fs.ReadFile(r.folder, recipe)
	if err != nil {
		return nil
	}
	doc, err := yamlfile.Parse(recipe, data)
	if err != nil {
		return nil
	}
	document, err := fs.ReadFile(r.folder, path.Join(path.Dir(recipe), path.Base(doc.Text("openapi"))))
	if err != nil {
		return nil
	}
	return document
}

// named reports a recipe whose file has another name.
func (r *recipeReader) named(file, name string) bool {
	if want := strings.TrimSuffix(path.Base(file), ".yaml"); name != want {
		r.fault(file,
			"la ricetta si chiama %[1]q: il suo file deve essere %[1]s.yaml",
			"the recipe is named %[1]q: its file must be %[1]s.yaml", name)
		return false
	}
	return true
}

func (r *recipeReader) fault(file, it, en string, args ...any) {
	r.faults = append(r.faults, yamlfile.NewFault(path.Join(r.shown, file), 0, it, en, args...))
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry

import (
	"cmp"

	"github.com/snodo-pa/snodo/registry/yamlfile"
)

// DecodeRecipe reads one consumes recipe, fills its defaults and checks it. The error
// is of type yamlfile.Faults and lists every fault of the file; file is only the name
// shown in it.
func DecodeRecipe(file string, data []byte) (*Recipe, error) {
	doc, err := yamlfile.Parse(file, data)
	if err != nil {
		return nil, err
	}
	recipe := &Recipe{}
	c := recipeCheck{Report: doc.Report(doc.Into(recipe)), r: recipe}
	c.all()
	if err := c.Faults().Err(); err != nil {
		return nil, err
	}
	recipe.Guard = recipe.Guard.WithDefaults()
	recipe.Produce = recipe.Produce.withDefaults()
	recipe.Evidence.Keep = cmp.Or(recipe.Evidence.Keep, KeepProofs)
	return recipe, nil
}

// DecodeExposure reads one exposes recipe, fills its defaults and checks it; openapi
// is the content of the file it names. The error is of type yamlfile.Faults. Whether
// the OpenAPI document is itself valid is found when it is compiled for use.
func DecodeExposure(file string, data, openapi []byte) (*Exposure, error) {
	doc, err := yamlfile.Parse(file, data)
	if err != nil {
		return nil, err
	}
	exposure := &Exposure{}
	c := exposureCheck{Report: doc.Report(doc.Into(exposure)), e: exposure}
	c.all(openapi)
	if err := c.Faults().Err(); err != nil {
		return nil, err
	}
	exposure.Guard = exposure.Guard.WithDefaults()
	exposure.Evidence.Keep = cmp.Or(exposure.Evidence.Keep, KeepProofs)
	exposure.ResponsePolicy = cmp.Or(exposure.ResponsePolicy, PolicyRefuse)
	exposure.Document = openapi
	return exposure, nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/snodo-pa/snodo/registry"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

//go:embed errors.yaml
var errorsFile []byte

//go:embed tables.yaml
var tablesFile []byte

// Errors is the table of ANPR's own errors: what stands behind the rows of each recipe.
// It fails only when the file built into the program is broken.
func Errors() ([]registry.RecipeError, error) {
	var file struct {
		Errors []registry.RecipeError `yaml:"errors"`
	}
	return file.Errors, read("errors.yaml", errorsFile, &file)
}

// tables are ANPR's code tables: member name, code, description.
type tables map[string]map[string]string

func readTables() (tables, error) {
	t := tables{}
	return t, read("tables.yaml", tablesFile, &t)
}

func read(name string, data []byte, into any) error {
	doc, err := yamlfile.Parse(name, data)
	if err != nil {
		return err
	}
	return doc.Into(into).Err()
}

// Members and tables of a household, whose codes mean different things by its kind.
const (
	memberLegame     = "codiceLegame"
	memberTipoLegame = "tipoLegame"
	tableConvivenza  = "codiceLegameConvivenza"
	convivenza       = "4"
)

// describe writes beside every code of a block its description. A block without codes
// stays as it came, byte by byte.
func (t tables) describe(block json.RawMessage) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(block))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read a block: %w", err)
	}
	if !t.walk(v) {
		return block, nil
	}
	out, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write a block: %w", err)
	}
	return out, nil
}

// walk tells whether it has written anything.
func (t tables) walk(v any) (wrote bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			wrote = t.walk(item) || wrote
		}
	case map[string]any:
		found := map[string]any{}
		for name, value := range v {
			code, isText := value.(string)
			if !isText {
				wrote = t.walk(value) || wrote
				continue
			}
			table := name
			if name == memberLegame && v[memberTipoLegame] == convivenza {
				table = tableConvivenza
			}
			if text, known := t[table][code]; known {
				found["descrizione"+strings.ToUpper(name[:1])+name[1:]] = text
			}
		}
		for name, text := range found {
			if _, taken := v[name]; !taken {
				v[name], wrote = text, true
			}
		}
	}
	return wrote
}

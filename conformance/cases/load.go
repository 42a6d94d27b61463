// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package cases

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed data/*.yaml
var data embed.FS

// All returns the cases in the order of the files and their lines. The slice is the
// caller's own; what the cases hold is shared and must not be changed. The error lists
// everything that is wrong with the data.
func All() ([]Case, error) {
	list, err := table()
	return append([]Case(nil), list...), err
}

// table reads the data once.
var table = sync.OnceValues(func() ([]Case, error) { return load(data) })

// load reads every file of data/ and checks the whole.
func load(files fs.FS) ([]Case, error) {
	names, err := fs.Glob(files, "data/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list data: %w", err)
	}
	var all []Case
	var faults []error
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read data: %w", err)
		}
		list, err := parse(text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", path.Base(name), err))
		}
		all = append(all, list...)
	}
	faults = append(faults, check(all)...)
	return all, errors.Join(faults...)
}

// parse reads one file: unknown and repeated keys are faults.
func parse(text []byte) ([]Case, error) {
	var chapter struct {
		Cases []row `yaml:"cases"`
	}
	err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&chapter)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	var all []Case
	var faults []error
	for _, r := range chapter.Cases {
		list, err := r.expand()
		if err != nil {
			faults = append(faults, fmt.Errorf("case %s: %w", r.ID, err))
		}
		all = append(all, list...)
	}
	return all, errors.Join(faults...)
}

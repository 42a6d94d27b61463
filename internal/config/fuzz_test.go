// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
)

// FuzzLoad puts any bytes in place of ente.yaml: Load must answer with a configuration
// or with *Faults that each name a file.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"codiceIPA: c_bf01\n", "- 1\n", "a: &a [*a]\n", "clients: {x: {}}\n", "\x00", "seal:\n  previous: [x]\nuffici: null\n",
		"operatori: {1: {uffici: [[]]}}\n", "? {a: b}\n: c\n", "!!binary x", "--- a\n--- b\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, config.HubFile), []byte("name: snodo.example\n"))
		write(t, filepath.Join(dir, "enti", "c_bf01", "ente.yaml"), data)
		_, err := config.Load(dir)
		var faults *config.Faults
		if !errors.As(err, &faults) || len(faults.List) == 0 {
			t.Fatalf("error is %v, want *Faults: there is no master key", err)
		}
		for _, fault := range faults.List {
			if fault.File == "" || fault.Message.EN == "" || fault.Message.IT == "" {
				t.Errorf("fault %+v says neither where nor what", fault)
			}
		}
	})
}

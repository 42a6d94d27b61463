// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config

import "github.com/snodo-pa/snodo/registry/yamlfile"

// Fault is one mistake of the configuration: the file below the folder, the line and
// what to write instead.
type Fault = yamlfile.Fault

// Faults is the error of Load: every mistake of the folder, sorted by file and line.
type Faults struct{ List []Fault }

// Error gives one fault for each line, in English.
func (f *Faults) Error() string { return f.In("en") }

// In gives one fault for each line in a language: English for "en", else Italian.
func (f *Faults) In(lang string) string { return yamlfile.Faults(f.List).In(lang) }

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Command problemdocs writes docs/problems from the rule table: one page for each rule and an index. Pages of rules
// that are no more are removed. With -check it writes nothing and fails when a page is not current.
//
// It depends on internal/problem alone and touches only Markdown files below the folder it is given.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/snodo-pa/snodo/internal/problem"
)

func main() {
	out := flag.String("out", "docs/problems", "folder of the pages")
	check := flag.Bool("check", false, "fail when a page is missing, old or too many; write nothing")
	flag.Parse()
	run := write
	if *check {
		run = compare
	}
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "problemdocs:", err)
		os.Exit(1)
	}
}

func write(out string) error {
	pages := problem.Pages()
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		path := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // pages of a public repository
			return err
		}
		if err := os.WriteFile(path, []byte(pages[name]), 0o644); err != nil { //nolint:gosec // pages of a public repository
			return err
		}
	}
	extra, err := unknown(out, pages)
	if err != nil {
		return err
	}
	for _, path := range extra {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

func compare(out string) error {
	pages := problem.Pages()
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		have, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name))) //nolint:gosec // pages of a public repository
		switch {
		case err != nil:
			faults = append(faults, err)
		case string(have) != pages[name]:
			faults = append(faults, fmt.Errorf("%s is not current: run make generate", name))
		}
	}
	extra, err := unknown(out, pages)
	if err != nil {
		return err
	}
	for _, path := range extra {
		faults = append(faults, fmt.Errorf("%s belongs to no rule: run make generate", path))
	}
	return errors.Join(faults...)
}

// unknown lists the Markdown files below out that are not pages.
func unknown(out string, pages map[string]string) ([]string, error) {
	var extra []string
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		rel, err := filepath.Rel(out, path)
		if err != nil {
			return err
		}
		if _, ok := pages[filepath.ToSlash(rel)]; !ok {
			extra = append(extra, path)
		}
		return nil
	})
	return extra, err
}

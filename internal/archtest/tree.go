// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Module is the path that the project's own packages begin with.
const Module = "github.com/snodo-pa/snodo"

// file is one file of the source tree.
type file struct {
	path string // from the root, with slashes
	text []byte
}

// goFile is a parsed file. A file that does not parse is not one; the compiler
// tells of it better.
type goFile struct {
	file
	set  *token.FileSet
	tree *ast.File
}

// lines is the number of lines of the file.
func (f file) lines() int { return bytes.Count(f.text, []byte("\n")) }

// folder is the folder of the file from the root, "." at the root itself.
func (f file) folder() string { return path.Dir(f.path) }

// isTest tells code that only tests run: test files, and the suites that several
// packages run against themselves, whose names end in "test".
func (f file) isTest() bool {
	return strings.HasSuffix(f.path, "_test.go") || isSuite(f.folder())
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func (f file) isGenerated() bool { return generated.Match(f.text) }

// line is the number of the line that a node begins on.
func (f goFile) line(n ast.Node) int { return f.set.Position(n.Pos()).Line }

// at names a place in the file as editors understand it.
func (f goFile) at(n ast.Node) string { return fmt.Sprintf("%s:%d", f.path, f.line(n)) }

// isSuite tells a package of tests for other packages by its import path or folder.
func isSuite(pkg string) bool {
	name := path.Base(pkg)
	return strings.HasSuffix(name, "test") && name != "archtest" && name != "test"
}

// findRoot goes up from a folder to the one that holds go.mod.
func findRoot(from string) (string, error) {
	for dir := from; ; dir = filepath.Dir(dir) {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("look for go.mod: %w", err)
		}
		if filepath.Dir(dir) == dir {
			return "", fmt.Errorf("no go.mod at or above %s", from)
		}
	}
}

// readTree reads every file that belongs to the project: all but the repository's
// own data and what .gitignore names. It does not ask git, so that it sees a file
// before it is added and works on an unpacked archive.
func readTree(root fs.FS) ([]file, error) {
	ignored, err := readIgnore(root)
	if err != nil {
		return nil, err
	}
	var files []file
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case name == ".git" || ignored(name):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		files = append(files, file{name, text})
		return nil
	})
	return files, err
}

// readIgnore understands the forms that our .gitignore uses: a folder from the
// root (/bin/), and a pattern for a name anywhere (*.db).
func readIgnore(root fs.FS) (func(name string) bool, error) {
	text, err := fs.ReadFile(root, ".gitignore")
	if errors.Is(err, fs.ErrNotExist) {
		return func(string) bool { return false }, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read .gitignore: %w", err)
	}
	var folders, patterns []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "/") && strings.HasSuffix(line, "/"):
			folders = append(folders, strings.Trim(line, "/"))
		case strings.ContainsAny(line, "/!") || !validPattern(line):
			return nil, fmt.Errorf(".gitignore: pattern %q: only /folder/ and name patterns are understood here", line)
		default:
			patterns = append(patterns, line)
		}
	}
	return func(name string) bool {
		for _, folder := range folders {
			if name == folder {
				return true
			}
		}
		for _, pattern := range patterns {
			if matched, err := path.Match(pattern, path.Base(name)); err == nil && matched {
				return true
			}
		}
		return false
	}, lines.Err()
}

func validPattern(pattern string) bool {
	_, err := path.Match(pattern, "")
	return err == nil
}

// parseGo parses the Go files among files.
func parseGo(files []file) ([]goFile, error) {
	var out []goFile
	for _, f := range files {
		if path.Ext(f.path) != ".go" || strings.Contains("/"+f.folder()+"/", "/testdata/") {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, f.path, f.text, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("parse: %w", err)
		}
		out = append(out, goFile{f, set, tree})
	}
	return out, nil
}

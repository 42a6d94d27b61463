// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sort"
	"strings"
)

// pkg is what `go list -json` tells of a package.
type pkg struct {
	ImportPath   string
	Standard     bool
	Module       *struct{ Path string }
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// listPackages asks the go command for packages, in the default build. Packages
// that do not load are still listed: the compiler tells what is wrong with them.
func listPackages(ctx context.Context, root string, args ...string) ([]pkg, error) {
	args = append([]string{"list", "-e", "-json=ImportPath,Standard,Module,Imports,TestImports,XTestImports"}, args...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, &stderr)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("read what go list printed: %w", err)
		}
		pkgs = append(pkgs, p)
	}
}

// own is the path of one of our packages from the module's root, such as
// "internal/store"; false for a package of somebody else.
func own(importPath string) (string, bool) {
	if importPath == Module {
		return ".", true
	}
	return strings.CutPrefix(importPath, Module+"/")
}

// within tells whether a package is folder or below it.
func within(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

// withinAny tells whether a package is in one of the folders.
func withinAny(pkg string, folders ...string) bool {
	for _, folder := range folders {
		if within(pkg, folder) {
			return true
		}
	}
	return false
}

// edge is one import: who, whom, and whether only tests do it.
type edge struct {
	from, to string
	test     bool
}

// edges lists every import by our packages, in a stable order.
func edges(pkgs []pkg) []edge {
	var out []edge
	for _, p := range pkgs {
		from, ours := own(p.ImportPath)
		if !ours {
			continue
		}
		for _, to := range p.Imports {
			out = append(out, edge{from, to, isSuite(from)})
		}
		for _, to := range append(append([]string{}, p.TestImports...), p.XTestImports...) {
			out = append(out, edge{from, to, true})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return fmt.Sprint(out[i]) < fmt.Sprint(out[j])
	})
	return out
}

// modulesSeen maps the modules of others that our packages import directly to the
// packages that do; pkgs must hold the dependencies too.
func modulesSeen(pkgs []pkg) map[string][]string {
	modules := map[string]string{}
	for _, p := range pkgs {
		if p.Module != nil {
			modules[p.ImportPath] = p.Module.Path
		}
	}
	seen := map[string][]string{}
	for _, p := range pkgs {
		from, ours := own(p.ImportPath)
		if !ours {
			continue
		}
		for _, to := range p.Imports {
			if module := modules[to]; module != "" && module != Module {
				seen[module] = append(seen[module], from)
			}
		}
	}
	return seen
}

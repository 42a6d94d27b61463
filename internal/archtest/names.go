// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"sort"
	"strings"
)

// checkDocumented finds packages without a comment, and exported names of packages
// without one: types, functions, methods, constants, variables and the methods of
// interfaces. A comment on a group of constants or variables covers the group.
func checkDocumented(files []goFile) []string {
	packages := map[string]bool{}
	var found []string
	for _, f := range files {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		packages[f.folder()] = packages[f.folder()] || f.tree.Doc != nil
		if f.isGenerated() {
			continue
		}
		for _, decl := range f.tree.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if exportedFunc(d) && d.Doc == nil {
					found = append(found, fmt.Sprintf("%s: %s has no comment", f.at(d), funcName(d)))
				}
			case *ast.GenDecl:
				found = append(found, undocumentedSpecs(f, d)...)
			}
		}
	}
	for folder, documented := range packages {
		if !documented {
			found = append(found, fmt.Sprintf("%s: the package has no comment", folder))
		}
	}
	sort.Strings(found)
	return found
}

func undocumentedSpecs(f goFile, d *ast.GenDecl) []string {
	var found []string
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if !s.Name.IsExported() {
				continue
			}
			if d.Doc == nil && s.Doc == nil {
				found = append(found, fmt.Sprintf("%s: %s has no comment", f.at(s), s.Name.Name))
			}
			found = append(found, undocumentedMethods(f, s)...)
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					found = append(found, fmt.Sprintf("%s: %s has no comment", f.at(name), name.Name))
				}
			}
		}
	}
	return found
}

// undocumentedMethods looks into an interface: what its methods promise is nowhere
// else. The comment of an interface of one method speaks for that method.
func undocumentedMethods(f goFile, s *ast.TypeSpec) []string {
	face, ok := s.Type.(*ast.InterfaceType)
	if !ok || len(face.Methods.List) == 1 {
		return nil
	}
	var found []string
	for _, m := range face.Methods.List {
		if len(m.Names) == 1 && m.Names[0].IsExported() && m.Doc == nil && m.Comment == nil {
			found = append(found, fmt.Sprintf("%s: %s.%s has no comment", f.at(m), s.Name.Name, m.Names[0].Name))
		}
	}
	return found
}

// exportedFunc tells a function, or a method of an exported type, that others see.
func exportedFunc(d *ast.FuncDecl) bool {
	return d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d)))
}

func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	return receiver(d) + "." + d.Name.Name
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// checkPackageVars finds state that a whole package shares: a variable that is
// assigned to after its declaration, or whose type exists only to be changed.
func checkPackageVars(files []goFile) []string {
	byFolder := map[string][]goFile{}
	for _, f := range files {
		if !f.isTest() {
			byFolder[f.folder()] = append(byFolder[f.folder()], f)
		}
	}
	var found []string
	for _, group := range byFolder {
		vars := map[string]*ast.ValueSpec{}
		for _, f := range group {
			found = append(found, collectVars(f, vars)...)
		}
		for _, f := range group {
			found = append(found, reassigned(f, vars)...)
		}
	}
	sort.Strings(found)
	return found
}

// collectVars adds a file's package-level variables to vars, and finds those that
// are made to be changed.
func collectVars(f goFile, vars map[string]*ast.ValueSpec) []string {
	var found []string
	for _, decl := range f.tree.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for _, name := range v.Names {
				if name.Name != "_" {
					vars[name.Name] = v
				}
			}
			if changing(v.Type) {
				found = append(found, fmt.Sprintf("%s: %s is state shared by the package", f.at(v), v.Names[0].Name))
			}
		}
	}
	return found
}

// changing tells a type of sync or sync/atomic, a channel, or a pointer to one.
func changing(t ast.Expr) bool {
	switch x := t.(type) {
	case *ast.ChanType:
		return true
	case *ast.StarExpr:
		return changing(x.X)
	case *ast.IndexExpr:
		return changing(x.X)
	case *ast.SelectorExpr:
		of, ok := x.X.(*ast.Ident)
		return ok && (of.Name == "sync" || of.Name == "atomic")
	}
	return false
}

func reassigned(f goFile, vars map[string]*ast.ValueSpec) []string {
	var found []string
	ast.Inspect(f.tree, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for _, left := range x.Lhs {
				if name, ok := packageVar(left, vars); ok && x.Tok != token.DEFINE {
					found = append(found, fmt.Sprintf("%s: %s is assigned to after its declaration", f.at(x), name))
				}
			}
		case *ast.IncDecStmt:
			if name, ok := packageVar(x.X, vars); ok {
				found = append(found, fmt.Sprintf("%s: %s is assigned to after its declaration", f.at(x), name))
			}
		}
		return true
	})
	return found
}

// packageVar tells whether the left side of an assignment is, or is a part of, a
// package-level variable. A name that the parser resolved inside the file is one
// only when it was declared at the top.
func packageVar(e ast.Expr, vars map[string]*ast.ValueSpec) (string, bool) {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.Ident:
			decl, known := vars[x.Name]
			if !known {
				return "", false
			}
			return x.Name, x.Obj == nil || x.Obj.Decl == decl
		default:
			return "", false
		}
	}
}

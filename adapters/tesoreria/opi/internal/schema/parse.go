// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Suffix is what the names of files of rules end with.
const Suffix = ".rules"

// Parse reads a file of rules and those it builds on, by name without Suffix, from the root of fsys. An error says the
// file and line.
//
// A file is lines; those that begin with # are comments, and tabs at the beginning say what belongs to what:
//
//	namespace URI                 of what the file declares
//	include FILE                  declarations of the same namespace
//	import PREFIX FILE            of another, which ref names by the prefix
//	simple NAME TYPE
//	complex NAME [mixed]          with its content below
//	element NAME [TYPE]           of any document; with its content below where it has no TYPE
//
// Below complex and element stand
//
//	seq|choice [MIN..MAX]         with items below
//	e NAME [MIN..MAX] [TYPE]      an element, as above
//	ref [PREFIX:]NAME [MIN..MAX]  an element that is declared with "element"
//	any [MIN..MAX] any|other skip|lax|strict
//	attr NAME optional|required TYPE
//	content TYPE                  text alone
//	unique NAME CHILD FIELD...
//
// A TYPE is the name of one, xs: before those of XML Schema, and what restricts it: length=, minLength=, maxLength=,
// totalDigits=, fractionDigits=, min=, max=, collapse, pattern="…"[,"…"], enum="…"[,"…"], default="…" for the element.
func Parse(fsys fs.FS, file string) (*Set, error) {
	l := &loader{
		fsys: fsys, seen: map[string]string{},
		set: &Set{elements: map[name]*element{}, complex: map[name]*complexType{}, simple: map[name]*simpleType{}},
	}
	if _, err := l.load(file); err != nil {
		return nil, err
	}
	if err := l.set.link(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return l.set, nil
}

type loader struct {
	fsys fs.FS
	seen map[string]string // file to namespace
	set  *Set
}

// line is one line with what is below it.
type line struct {
	number int
	tokens []string
	below  []*line
}

func (l *loader) load(file string) (space string, err error) {
	if space, ok := l.seen[file]; ok {
		return space, nil
	}
	text, err := fs.ReadFile(l.fsys, file+Suffix)
	if err != nil {
		return "", fmt.Errorf("rules: %w", err)
	}
	top, err := outline(string(text))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	b := &builder{loader: l, prefixes: map[string]string{}}
	if len(top) > 0 && top[0].tokens[0] == "namespace" && len(top[0].tokens) == 2 {
		b.space = top[0].tokens[1]
		top = top[1:]
	}
	l.seen[file] = b.space
	for _, ln := range top {
		if err := b.top(ln); err != nil {
			return "", fmt.Errorf("%s:%d: %w", file, ln.number, err)
		}
	}
	return b.space, nil
}

func outline(text string) ([]*line, error) {
	root := &line{}
	open := []*line{root}
	for i, raw := range strings.Split(text, "\n") {
		body := strings.TrimLeft(raw, "\t")
		depth := len(raw) - len(body)
		if body == "" || strings.HasPrefix(body, "#") {
			continue
		}
		if depth >= len(open) {
			return nil, fmt.Errorf("line %d is too far to the right", i+1)
		}
		tokens, err := split(body)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if len(tokens) == 0 {
			continue // spaces alone
		}
		ln := &line{number: i + 1, tokens: tokens}
		open[depth].below = append(open[depth].below, ln)
		open = append(open[:depth+1], ln)
	}
	return root.below, nil
}

// split cuts a line at its spaces, but for those within quotes.
func split(body string) ([]string, error) {
	var out []string
	var token strings.Builder
	for body != "" {
		switch body[0] {
		case ' ':
			if token.Len() > 0 {
				out = append(out, token.String())
				token.Reset()
			}
			body = body[1:]
		case '"':
			quoted, err := strconv.QuotedPrefix(body)
			if err != nil {
				return nil, fmt.Errorf("a quote is not closed: %w", err)
			}
			token.WriteString(quoted)
			body = body[len(quoted):]
		default:
			token.WriteByte(body[0])
			body = body[1:]
		}
	}
	if token.Len() > 0 {
		out = append(out, token.String())
	}
	return out, nil
}

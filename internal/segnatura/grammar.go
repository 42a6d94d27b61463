// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package segnatura

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

//go:embed grammar.txt
var grammarText string

// texts are the types of texts. The CAP of the published schema has six digits by mistake: the five of a real one are taken
// too.
func texts() map[string]string {
	return map[string]string{
		"testo": `(?s)\s*\S.*`, "libero": `(?s).*`, "booleano": `\s*(true|false|1|0)\s*`,
		"registro": `[A-Za-z0-9_.-]{1,16}`, "numero": `[0-9]{7,20}`, "undici": `[0-9]{11}`, "cap": `[0-9]{5,6}`, "istat": `[0-9]{6}`,
		"data":   `[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(Z|[+-][0-9]{2}:[0-9]{2})?`,
		"ora":    `([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?`,
		"codice": `[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]`,
		"intero": `[+-]?[0-9]{1,18}`, "indirizzo": `smtp|url|other`, "versione": `3\.0\.0`, "lingua": `it`,
		"nomefile": `[^/\\\x00-\x1f]{1,255}`, "mime": `[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}`,
		"base64": `\s*[A-Za-z0-9+/\s]{4,}={0,2}\s*`, "algoritmo": `SHA-256|SHA-384|SHA-512`,
	}
}

// kind is a type of the grammar.
type kind struct {
	text       *regexp.Regexp // nil for a group
	members    []choice
	attributes map[string]attribute
}

// choice is one place of a sequence: one of some members.
type choice []member

type member struct {
	name, kind string
	least      int
	many       bool
}

type attribute struct {
	text     *regexp.Regexp
	required bool
}

// grammar reads the text once. A mistake in it shows in the tests, all of it being used by every message.
var grammar = sync.OnceValues(func() (map[string]*kind, error) {
	kinds := map[string]*kind{"Firma": {}}
	simple := map[string]*regexp.Regexp{}
	for name, pattern := range texts() {
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil {
			return nil, err
		}
		simple[name], kinds[name] = re, &kind{text: re}
	}
	for line := range strings.Lines(grammarText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		k := &kind{attributes: map[string]attribute{}}
		for _, word := range words[1:] {
			if err := k.add(word, simple); err != nil {
				return nil, fmt.Errorf("type %s: %w", words[0], err)
			}
		}
		kinds[words[0]] = k
	}
	return kinds, nil
})

func (k *kind) add(word string, simple map[string]*regexp.Regexp) error {
	if name, isText := strings.CutPrefix(word, "="); isText {
		k.text = simple[name]
		return nil
	}
	if rest, isAttribute := strings.CutPrefix(word, "@"); isAttribute {
		name, of, _ := strings.Cut(rest, ":")
		plain := strings.TrimSuffix(name, "!")
		if simple[of] == nil {
			return fmt.Errorf("attribute %s has no type", plain)
		}
		k.attributes[plain] = attribute{text: simple[of], required: plain != name}
		return nil
	}
	var c choice
	for one := range strings.SplitSeq(word, "|") {
		name, of, _ := strings.Cut(one, ":")
		m := member{name: strings.TrimRight(name, "?*+"), kind: of, least: 1}
		switch name[len(m.name):] {
		case "?":
			m.least = 0
		case "*":
			m.least, m.many = 0, true
		case "+":
			m.many = true
		}
		c = append(c, m)
	}
	k.members = append(k.members, c)
	return nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package xmltree

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

// Words are a text in Italian and in English. As an error it is the English one.
type Words struct{ IT, EN string }

// Error is the English text.
func (w Words) Error() string { return w.EN }

// say formats both texts with the same arguments.
func say(it, en string, args ...any) Words {
	return Words{fmt.Sprintf(it, args...), fmt.Sprintf(en, args...)}
}

// reasonOf puts an error of reading into words.
func reasonOf(err error) Words {
	var known Words
	if errors.As(err, &known) {
		return known
	}
	message := err.Error()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		message = syntax.Msg
	}
	for _, w := range syntaxWords() {
		if rest, ok := strings.CutPrefix(message, w.EN); ok {
			return Words{w.IT + rest, message}
		}
	}
	return Words{message, message}
}

// syntaxWords are what encoding/xml says of text that is no XML, by how it begins.
func syntaxWords() []Words {
	return []Words{
		{"il documento finisce a metà", "unexpected EOF"},
		{"carattere o entità non ammessi: ", "invalid character entity "},
		{"un carattere che XML non ammette: ", "illegal character code "},
		{"byte che non sono UTF-8", "invalid UTF-8"},
		{"non è un nome: ", "invalid XML name: "},
		{"serve un nome di elemento dopo <", "expected element name after <"},
		{"carattere non ammesso nel tag di chiusura: ", "invalid characters between </"},
		{"serve /> per chiudere l'elemento", "expected /> in element"},
		{"serve un nome di attributo nell'elemento", "expected attribute name in element"},
		{"attributo senza = nell'elemento", "attribute name without = in element"},
		{"valore di attributo senza virgolette nell'elemento", "unquoted or missing attribute value in element"},
		{"< dentro il valore di un attributo", "unescaped < inside quoted string"},
		{"]]> fuori da una sezione CDATA", "unescaped ]]> not in CDATA section"},
		{"CDATA scritto male", "invalid <![ sequence"},
		{"commento scritto male", "invalid sequence <!- not part of <!--"},
		{"-- dentro un commento", `invalid sequence "--" not allowed in comments`},
		{"serve il nome di un'istruzione dopo <?", "expected target name after <?"},
		{"versione di XML non ammessa: ", "unsupported version "},
	}
}

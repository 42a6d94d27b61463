// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package proposte holds, as data, which operations and fields an office usually needs for a purpose.
//
// It owns proposte.yaml: a proposal of this project, to be confirmed by the DPO of each ente, that comes from no circular.
// It depends on modi and on the YAML reader of the configuration. It authorises nothing: a procedimento does.
package proposte

import (
	_ "embed" // the table
	"slices"
	"sync"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry/yamlfile"
)

//go:embed proposte.yaml
var source []byte

// Table is the whole file.
type Table struct {
	Stato modi.Text `yaml:"stato" json:"stato"` // what the rows are worth
	// CircolareDAIT73 is the place of the mapping of circolare DAIT 73/2023, which the project does not hold.
	CircolareDAIT73 []Citata   `yaml:"circolareDAIT73del2023" json:"circolareDAIT73del2023"`
	Proposte        []Proposta `yaml:"proposte" json:"proposte"`
}

// Proposta is what one office needs for one purpose.
type Proposta struct {
	Nome       string       `yaml:"nome" json:"nome"`
	Ufficio    modi.Text    `yaml:"ufficio" json:"ufficio"`
	Finalita   modi.Text    `yaml:"finalita" json:"finalita"`
	Base       string       `yaml:"base" json:"base"` // baseGiuridica of a procedimento
	Operazioni []Operazione `yaml:"operazioni" json:"operazioni"`
}

// Citata is a row taken from a document, with its page.
type Citata struct {
	Fonte      string       `yaml:"fonte" json:"fonte"`
	Nome       string       `yaml:"nome" json:"nome"`
	Ufficio    modi.Text    `yaml:"ufficio" json:"ufficio"`
	Finalita   modi.Text    `yaml:"finalita" json:"finalita"`
	Base       string       `yaml:"base" json:"base"`
	Operazioni []Operazione `yaml:"operazioni" json:"operazioni"`
}

// Operazione is an operation of a recipe and the fields proposed of it, in the words of a procedimento.
type Operazione struct {
	Servizio   string   `yaml:"servizio" json:"servizio"`
	Operazione string   `yaml:"operazione" json:"operazione"`
	Modo       string   `yaml:"modo" json:"modo,omitempty"` // "" is accertamento
	Campi      []string `yaml:"campi" json:"campi"`
}

// read parses the embedded file, whose faults the tests of this package find.
var read = sync.OnceValue(func() Table {
	t, err := parse(source)
	if err != nil {
		return Table{}
	}
	return t
})

func parse(data []byte) (Table, error) {
	var t Table
	doc, err := yamlfile.Parse("proposte.yaml", data)
	if err != nil {
		return t, err
	}
	return t, doc.Into(&t).Err()
}

// All returns the table, for reading alone.
func All() Table { return read() }

// Find returns the row of a name.
func Find(nome string) (Proposta, bool) {
	list := All().Proposte
	i := slices.IndexFunc(list, func(p Proposta) bool { return p.Nome == nome })
	if nome == "" || i < 0 {
		return Proposta{}, false
	}
	return list[i], true
}

// Beyond lists what a procedimento asks beyond a row: operations that it does not propose, fields that it does not, and
// data where it proposes a comparison.
func (p Proposta) Beyond(asked []Operazione) []Operazione {
	var more []Operazione
	for _, a := range asked {
		i := slices.IndexFunc(p.Operazioni, func(o Operazione) bool { return o.Servizio == a.Servizio && o.Operazione == a.Operazione })
		if i < 0 {
			more = append(more, a)
			continue
		}
		extra := slices.DeleteFunc(slices.Clone(a.Campi), func(f string) bool { return slices.Contains(p.Operazioni[i].Campi, f) })
		if len(extra) > 0 || p.Operazioni[i].Modo != "" && a.Modo != p.Operazioni[i].Modo {
			more = append(more, Operazione{Servizio: a.Servizio, Operazione: a.Operazione, Modo: a.Modo, Campi: extra})
		}
	}
	return more
}

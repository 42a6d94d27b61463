// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package segnatura

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// Identificatore names a registration of a protocol register.
type Identificatore struct {
	CodiceAmministrazione string `json:"codice_amministrazione"`
	CodiceAOO             string `json:"codice_aoo"`
	CodiceRegistro        string `json:"codice_registro"`
	NumeroRegistrazione   string `json:"numero_registrazione"`
	DataRegistrazione     string `json:"data_registrazione"`
}

// Documento is what a segnatura says of one document.
type Documento struct {
	NomeFile, MimeType string
	Algoritmo          string // SHA-256, SHA-384 or SHA-512
	Impronta           []byte
	Elsewhere          bool // it is not in the message: CollocazioneTelematica says where
}

// Segnatura is one that has the structure of edition 3.0.0.
type Segnatura struct {
	Identificatore Identificatore
	Documenti      []Documento // the primary one first
	Staccate       []string    // files of detached signatures, seals and time stamps
	Destinatari    []string    // codici IPA of the administrations it is addressed to
}

// Fault is one place of a segnatura that is not as it must be.
type Fault struct {
	Place string // path of names
	Text  modi.Text
}

// maxFaults bounds what is told of one message.
const maxFaults = 32

// Parse reads a segnatura. With faults there is none; the first fault stands for all when the text is no XML.
func Parse(data []byte) (*Segnatura, []Fault) {
	root, err := readTree(data)
	if err != nil {
		return nil, []Fault{{Place: "/", Text: modi.Text{
			IT: "la segnatura non è un documento XML senza DTD e di al più 1 MiB", EN: "the segnatura is not one XML document without DTD of at most 1 MiB",
		}}}
	}
	kinds, err := grammar()
	if err != nil {
		return nil, []Fault{{Place: "/", Text: modi.Text{IT: "la struttura non si può leggere", EN: "the structure cannot be read"}}}
	}
	c := &checker{kinds: kinds}
	if root.name != rootName || root.space != namespace {
		c.fault("/", "l'elemento radice non è SegnaturaInformatica di http://www.agid.gov.it/protocollo/", "the root is not SegnaturaInformatica of http://www.agid.gov.it/protocollo/")
		return nil, c.faults
	}
	c.group(root, kinds["Segnatura"], "/"+rootName)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	return extract(root), nil
}

// checker holds a tree against the grammar.
type checker struct {
	kinds  map[string]*kind
	faults []Fault
}

func (c *checker) fault(place, it, en string, args ...any) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, Fault{Place: place, Text: modi.Text{IT: fmt.Sprintf(it, args...), EN: fmt.Sprintf(en, args...)}})
	}
}

func (c *checker) element(n *node, of, place string) {
	if of == "Firma" {
		c.signature(n, place)
		return
	}
	if n.space != namespace {
		c.fault(place, "l'elemento non è dello spazio dei nomi della segnatura", "the element is not of the namespace of the segnatura")
		return
	}
	k := c.kinds[of]
	if k.text == nil {
		c.group(n, k, place)
		return
	}
	c.attributes(n, k, place)
	if len(n.children) > 0 || !k.text.MatchString(n.text) {
		c.fault(place, "il valore non ha la forma prevista", "the value is not of the form that is wanted")
	}
}

// signature wants a signature with its parts; whether it holds is found by the protocol system.
func (c *checker) signature(n *node, place string) {
	if n.space != signatures || n.at("SignedInfo", "Reference", "DigestValue").value() == "" || n.at("SignatureValue").value() == "" {
		c.fault(place, "manca la firma elettronica (XAdES) della segnatura", "the electronic signature (XAdES) of the segnatura is missing")
	}
}

func (c *checker) group(n *node, k *kind, place string) {
	c.attributes(n, k, place)
	if strings.TrimSpace(n.text) != "" {
		c.fault(place, "c'è del testo tra gli elementi", "there is text between the elements")
	}
	left := n.children
	for _, choice := range k.members {
		var taken int
		m := choice[0]
		for _, one := range choice {
			if len(left) > 0 && left[0].name == one.name {
				m = one
			}
		}
		for taken < len(left) && left[taken].name == m.name && (taken == 0 || m.many) {
			c.element(left[taken], m.kind, place+"/"+m.name)
			taken++
		}
		if taken < m.least {
			c.fault(place, "manca %s", "%s is missing", names(choice))
		}
		left = left[taken:]
	}
	if len(left) > 0 {
		c.fault(place, "un elemento non è previsto, è ripetuto o non è al suo posto, dopo il numero %d", "an element is not foreseen, is repeated or is out of place, after number %d", len(n.children)-len(left))
	}
}

func names(c choice) string {
	all := make([]string, len(c))
	for i, m := range c {
		all[i] = m.name
	}
	return strings.Join(all, " | ")
}

func (c *checker) attributes(n *node, k *kind, place string) {
	if len(n.strange) > 0 {
		c.fault(place, "un attributo non è dello spazio dei nomi della segnatura: scrivere p:nomeFile, non nomeFile", "an attribute is not of the namespace of the segnatura: write p:nomeFile, not nomeFile")
	}
	for name, value := range n.attributes {
		if a, known := k.attributes[name]; !known || !a.text.MatchString(value) {
			c.fault(place, "un attributo non è previsto o non ha la forma prevista", "an attribute is not foreseen or not of the form that is wanted")
		}
	}
	for name, a := range k.attributes {
		if _, there := n.attributes[name]; a.required && !there {
			c.fault(place+"/@"+name, "manca l'attributo %s", "attribute %s is missing", name)
		}
	}
}

// extract takes what the hub needs out of a tree of the right structure.
func extract(root *node) *Segnatura {
	id := root.at("Intestazione", "Identificatore")
	s := &Segnatura{Identificatore: Identificatore{
		CodiceAmministrazione: id.at("CodiceAmministrazione").value(), CodiceAOO: id.at("CodiceAOO").value(), CodiceRegistro: id.at("CodiceRegistro").value(),
		NumeroRegistrazione: id.at("NumeroRegistrazione").value(), DataRegistrazione: id.at("DataRegistrazione").value(),
	}}
	for _, n := range root.at("Descrizione").children {
		switch n.name {
		case "Destinatario":
			if code := n.at("Amministrazione", "CodiceIPAAmministrazione").value(); code != "" {
				s.Destinatari = append(s.Destinatari, code)
			}
		case "DocumentoPrimario", "Allegato":
			s.document(n)
		}
	}
	return s
}

func (s *Segnatura) document(n *node) {
	impronta, _ := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.at("Impronta").text), "")) // what is no base64 equals no digest
	d := Documento{
		NomeFile: n.attributes["nomeFile"], MimeType: n.attributes["mimeType"], Impronta: impronta,
		Algoritmo: n.at("Impronta").attributes["algoritmo"], Elsewhere: n.at("CollocazioneTelematica") != nil,
	}
	if d.Algoritmo == "" {
		d.Algoritmo = "SHA-256"
	}
	s.Documenti = append(s.Documenti, d)
	for _, part := range []string{"firmatoDigitalmente", "sigillatoElettronicamente", "marcaturaTemporale"} {
		if signs := n.at(part); signs != nil {
			for _, one := range signs.children {
				if one.name == "Detached" {
					s.Staccate = append(s.Staccate, one.attributes["nomeFile"])
				}
			}
		}
	}
}

// File is a file of a message.
type File struct {
	Name    string
	Content []byte
}

// CheckFiles holds the files of a message against what the segnatura says of them: each document is there, once, and is the one
// whose digest was taken; nothing else is there but detached signatures.
func (s *Segnatura) CheckFiles(files []File) []Fault {
	c := &checker{}
	known := map[string]bool{}
	for i, f := range files {
		place := fmt.Sprintf("/file/%d", i)
		if known[f.Name] {
			c.fault(place, "due file hanno lo stesso nome", "two files share a name")
		}
		known[f.Name] = true
		at := slices.IndexFunc(s.Documenti, func(d Documento) bool { return d.NomeFile == f.Name })
		switch {
		case at < 0 && !slices.Contains(s.Staccate, f.Name):
			c.fault(place, "il file non è nella segnatura", "the file is not in the segnatura")
		case at >= 0 && !slices.Equal(digest(s.Documenti[at].Algoritmo, f.Content), s.Documenti[at].Impronta):
			c.fault(place, "l'impronta del file non è quella della segnatura", "the digest of the file is not that of the segnatura")
		}
	}
	for i, d := range s.Documenti {
		if !known[d.NomeFile] && !d.Elsewhere {
			c.fault(fmt.Sprintf("/documento/%d", i), "il documento della segnatura non è tra i file", "the document of the segnatura is not among the files")
		}
	}
	return c.faults
}

func digest(algorithm string, content []byte) []byte {
	switch algorithm {
	case "SHA-384":
		sum := sha512.Sum384(content)
		return sum[:]
	case "SHA-512":
		sum := sha512.Sum512(content)
		return sum[:]
	default:
		sum := sha256.Sum256(content)
		return sum[:]
	}
}

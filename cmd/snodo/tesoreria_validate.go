// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

// maxValidated bounds a file that is validated, in bytes.
const maxValidated = 64 << 20

// validation is the result of tesoreria validate.
type validation struct {
	File     string            `json:"file"`
	Kind     opi.Kind          `json:"documento,omitempty"`
	Version  opi.Version       `json:"versione,omitempty"`
	Conforms []opi.Version     `json:"conforme,omitempty"` // the versions whose structure it has
	Signed   bool              `json:"firmato"`            // whether it holds a signature, not whether that is good
	Valid    bool              `json:"valido"`
	Faults   []tesoreria.Fault `json:"errori"`

	found opi.Faults
}

func (a *app) tesoreriaValidate() *cobra.Command {
	var version string
	var year int
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: a.t("controlla un documento OPI, senza uno Snodo in esecuzione", "check a document of OPI, without a running hub"),
		Long: a.t("Qualsiasi documento: flusso di ordinativi, ack, ricezione, rifiuto, esiti, giornale di cassa, disponibilità\n"+
			"liquide; dei flussi anche JSON e CSV, e oltre alla struttura le somme, i codici, gli IBAN. Della firma\n"+
			"si dice solo se c'è.\n\n"+csvHelp("it")+"\n\nEsce con 0 se il documento è valido, con 1 se non lo è, e ne dice ogni errore con riga e regola; con 2\nse il file non si può leggere.",
			"Any document: flow of orders, ack, reception, refusal, outcomes, cash book, liquid means; flows also as JSON\n"+
				"and CSV, and beyond their structure sums, codes, IBANs. Of a signature it only says whether it is there.\n\n"+csvHelp("en")+"\n\n"+
				"Exits with 0 when the document is valid, with 1 when it is not, and tells every fault with its line and\nrule; with 2 when the file cannot be read."),
		Example: "  snodo tesoreria validate flusso.xml\n  snodo tesoreria validate giornale.xml --versione 1.8\n  snodo tesoreria validate mandati.csv --esercizio 2026",
		Args:    a.exactArgs("FILE"),
	}
	cmd.Flags().StringVar(&version, "versione", "", a.t("1.6.1 | 1.7.1 | 1.8; altrimenti l'ultima del documento", "1.6.1 | 1.7.1 | 1.8; otherwise the last of the document"))
	cmd.Flags().IntVar(&year, "esercizio", 0, a.t("di un CSV; altrimenti l'anno in corso", "of a CSV; otherwise the present year"))
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		data, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		if isP7M(args[0], data) {
			return a.errorf("%s è un p7m, e qui si controlla ciò che contiene: estrarlo con\n  openssl cms -verify -noverify -inform DER -in %[1]s -out flusso.xml\nSIOPE+ non prende p7m: la firma va dentro l'XML",
				"%s is a p7m, and what is inside is checked here: take it out with\n  openssl cms -verify -noverify -inform DER -in %[1]s -out flusso.xml\nSIOPE+ takes no p7m: the signature goes inside the XML", args[0])
		}
		if known := slices.Contains([]string{".json", ".csv", ".xml"}, strings.ToLower(filepath.Ext(args[0]))); !known && !isMarkup(data) {
			return a.errorf("%s: non è CSV, JSON o XML; da Excel salvare come CSV UTF-8", "%s: it is no CSV, JSON or XML; from Excel save as CSV UTF-8", args[0])
		}
		if year == 0 {
			year = a.clock().Year()
		}
		found := validation{File: args[0], Version: opi.Version(version)}
		found.check(data, year)
		if err := a.emit(found, func(w *terminal.Writer) { a.showValidation(w, found) }); err != nil {
			return err
		}
		if !found.Valid {
			return no(nil)
		}
		return nil
	}
	return cmd
}

// csvHelp lists the columns of a CSV.
func csvHelp(lang string) string {
	var lines []string
	line := opi.Text{IT: "Colonne di un CSV, una riga per beneficiario o versante:", EN: "Columns of a CSV, one row for each beneficiario or versante:"}.In(lang)
	for _, name := range opi.Columns() {
		if len(line)+len(name) > 100 {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimLeft(line+" "+name, " ")
	}
	more := opi.Text{
		IT: "Ogni altra si chiama come l'elemento OPI che riempie. Obbligatorie, esempi: docs/adapters/tesoreria.it.md",
		EN: "Any other is called as the element of OPI that it fills. Which are needed, examples: docs/adapters/tesoreria.md",
	}.In(lang)
	return strings.Join(append(lines, line, more), "\n")
}

// check fills in the result.
func (v *validation) check(data []byte, year int) {
	limits := opi.Limits{Bytes: maxValidated}
	var in *opi.Input
	var faults opi.Faults
	switch strings.ToLower(filepath.Ext(v.File)) {
	case ".json":
		in, faults = opi.FromJSON(data, limits)
	case ".csv":
		in, faults = opi.FromCSV(data, placeholders(), year, limits)
	default:
		faults = v.document(data, limits)
		if len(faults) == 0 && v.Kind == opi.KindFlusso {
			in, faults = opi.FromXML(data, limits)
		}
	}
	if in != nil {
		v.Kind = opi.KindFlusso
		if v.Version == "" {
			v.Version = opi.Latest(v.Kind)
		}
		faults = in.Check(v.Version, opi.Policy{})
	}
	v.found = faults
	v.Faults = tesoreria.FaultsOf(faults)
	v.Valid = len(faults) == 0
}

// isP7M tells a p7m by its name, or by how it begins: as DER or as PEM.
func isP7M(file string, data []byte) bool {
	return strings.EqualFold(filepath.Ext(file), ".p7m") || bytes.HasPrefix(data, []byte{0x30, 0x80}) || bytes.HasPrefix(data, []byte{0x30, 0x82}) ||
		bytes.HasPrefix(data, []byte{0x30, 0x83}) || bytes.HasPrefix(data, []byte("-----BEGIN "))
}

// isMarkup tells what begins as XML does, in UTF-8 or with the mark of UTF-16.
func isMarkup(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))), []byte("<")) ||
		bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff})
}

// document checks the structure of ready XML.
func (v *validation) document(data []byte, limits opi.Limits) opi.Faults {
	doc, err := opi.Read(data, limits)
	var faults opi.Faults
	if errors.As(err, &faults) {
		return faults
	}
	if err != nil {
		return opi.Faults{{Rule: "opi.xml/not-well-formed", What: opi.Text{IT: err.Error(), EN: err.Error()}}}
	}
	v.Kind, v.Conforms, v.Signed = doc.Kind(), doc.Conforms(), doc.Signatures() > 0
	if v.Version == "" {
		v.Version = opi.Latest(v.Kind)
	}
	unsigned := v.Kind == opi.KindFlusso && !v.Signed // still to be signed
	return doc.Check(v.Version, opi.CheckOptions{Unsigned: unsigned})
}

// placeholders is a header for a CSV file, which has none: the ente's comes when it is submitted.
func placeholders() opi.Testata {
	return opi.Testata{
		CodiceABI: "00000", IdentificativoFlusso: "controllo", DataOraCreazioneFlusso: "2026-01-01T00:00:00", CodiceEnte: "AAAAAA",
		DescrizioneEnte: "ente", CodiceISTATEnte: "000000000", CodiceFiscaleEnte: "00000000000",
		CodiceTramiteEnte: "A2A-00000000", CodiceTramiteBT: "A2A-00000000", CodiceEnteBT: "0",
	}
}

func (a *app) showValidation(w *terminal.Writer, v validation) {
	if v.Valid {
		w.Say(terminal.Good, fmt.Sprintf("%s: %s %s", v.File, v.Kind, v.Version))
		if v.Kind == opi.KindFlusso && !v.Signed {
			w.Line(a.t("Non è firmato.", "It is not signed."))
		}
		return
	}
	w.Say(terminal.Bad, fmt.Sprintf("%s: %d %s", v.File, len(v.Faults), a.t("errori", "faults")))
	for _, f := range v.found {
		w.Line(f.In(a.lang))
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/snodo-pa/snodo/internal/tesoreria/xlsx"
)

// journalColumns are the columns of an exported cash book.
func journalColumns() []string {
	return []string{
		"giornale", "conto_evidenza", "numero_movimento", "data_movimento", "tipo_movimento", "tipo_documento", "tipo_operazione", "numero_documento",
		"progressivo_documento", "importo", "numero_bolletta_quietanza", "tipo_esecuzione", "cliente", "causale", "codice_riferimento_operazione", "flusso",
	}
}

func (m Movimento) cells() []any {
	return []any{
		m.Giornale, m.Conto, m.NumeroMovimento, string(m.DataMovimento), m.TipoMovimento, m.TipoDocumento, m.TipoOperazione, m.NumeroDocumento,
		m.ProgressivoDocumento, xlsx.Euro(m.Importo), m.NumeroBollettaQuietanza, m.TipoEsecuzione, m.Cliente.Anagrafica, m.Causale,
		m.CodiceRiferimentoOperazione, m.IdentificativoFlusso,
	}
}

// WriteXLSX writes a cash book as a workbook.
func WriteXLSX(w io.Writer, rows []Movimento) error {
	header := []any{}
	for _, name := range journalColumns() {
		header = append(header, name)
	}
	sheet := [][]any{header}
	for _, m := range rows {
		sheet = append(sheet, m.cells())
	}
	return xlsx.Write(w, "giornale di cassa", sheet)
}

// WriteCSV writes a cash book as CSV in UTF-8, separated by semicolons as Italian spreadsheets expect, amounts with a
// comma. A text that a spreadsheet would take for a formula has an apostrophe before it.
func WriteCSV(w io.Writer, rows []Movimento) error {
	out := csv.NewWriter(w)
	out.Comma = ';'
	if err := out.Write(journalColumns()); err != nil {
		return fmt.Errorf("tesoreria: csv: %w", err)
	}
	for _, m := range rows {
		var line []string
		for _, value := range m.cells() {
			text := fmt.Sprint(value)
			switch v := value.(type) {
			case xlsx.Euro:
				text = strings.Replace(m.Importo.String(), ".", ",", 1)
			case string:
				if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
					text = "'" + v
				}
			}
			line = append(line, text)
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("tesoreria: csv: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

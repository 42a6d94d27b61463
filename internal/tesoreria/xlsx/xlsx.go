// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package xlsx writes one sheet of rows as an Office Open XML workbook (ECMA-376), which spreadsheets open.
//
// It owns that much of the format: texts, amounts with two decimals, whole numbers. It depends on the standard library.
// It writes no formulas: what a cell holds is never computed by who opens it.
package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Euro is an amount in cents; its cell is a number with two decimals.
type Euro int64

// Write writes a workbook with one sheet. Cells are string, int64, int or Euro; anything else is an error, as is a name of
// a sheet that is empty or longer than 31 characters.
func Write(w io.Writer, sheet string, rows [][]any) error {
	if sheet == "" || len(sheet) > 31 || strings.ContainsAny(sheet, `[]:*?/\`) {
		return fmt.Errorf("xlsx: %q is no name of a sheet", sheet)
	}
	body, err := cells(rows)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(w)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", types},
		{"_rels/.rels", relations},
		{"xl/workbook.xml", fmt.Sprintf(workbook, escape(sheet))},
		{"xl/_rels/workbook.xml.rels", workbookRelations},
		{"xl/styles.xml", styles},
		{"xl/worksheets/sheet1.xml", head + `<worksheet xmlns="` + main + `"><sheetData>` + body + `</sheetData></worksheet>`},
	} {
		entry, err := archive.Create(part.name)
		if err != nil {
			return fmt.Errorf("xlsx: %w", err)
		}
		if _, err := io.WriteString(entry, part.text); err != nil {
			return fmt.Errorf("xlsx: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	return nil
}

func cells(rows [][]any) (string, error) {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for j, value := range row {
			at := column(j) + strconv.Itoa(i+1)
			switch v := value.(type) {
			case string:
				fmt.Fprintf(&b, `<c r="%s" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, escape(v))
			case int:
				fmt.Fprintf(&b, `<c r="%s"><v>%d</v></c>`, at, v)
			case int64:
				fmt.Fprintf(&b, `<c r="%s"><v>%d</v></c>`, at, v)
			case Euro:
				fmt.Fprintf(&b, `<c r="%s" s="1"><v>%s</v></c>`, at, v.text())
			default:
				return "", fmt.Errorf("xlsx: a cell cannot be a %T", value)
			}
		}
		b.WriteString(`</row>`)
	}
	return b.String(), nil
}

func (e Euro) text() string {
	sign, n := "", int64(e)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// column is the letter of a column: A, …, Z, AA, …
func column(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// escape writes a text; characters that XML has no room for become question marks.
func escape(text string) string {
	var b strings.Builder
	clean := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return '?'
		}
		return r
	}, text)
	if err := xml.EscapeText(&b, []byte(clean)); err != nil {
		return "" // a Builder does not fail
	}
	return b.String()
}

const (
	head     = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`
	main     = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	packages = "http://schemas.openxmlformats.org/package/2006/"
	office   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

	types = head + `<Types xmlns="` + packages + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`
	relations = head + `<Relationships xmlns="` + packages + `relationships"><Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	workbook  = head + `<workbook xmlns="` + main + `" xmlns:r="` + office + `"><sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>`

	workbookRelations = head + `<Relationships xmlns="` + packages + `relationships"><Relationship Id="rId1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + office + `/styles" Target="styles.xml"/></Relationships>`
	styles = head + `<styleSheet xmlns="` + main + `"><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>` +
		`<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>` +
		`<cellXfs count="2"><xf xfId="0"/><xf xfId="0" numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>`
)

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// parts opens a workbook and checks that every part is XML.
func parts(t *testing.T, data []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range r.File {
		entry, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(entry)
		if err != nil {
			t.Fatal(err)
		}
		found[f.Name] = string(text)
		dec := xml.NewDecoder(bytes.NewReader(text))
		for {
			if _, err = dec.Token(); err != nil {
				break
			}
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	return found
}

func TestASheetHoldsTextsAndAmounts(t *testing.T) {
	var out bytes.Buffer
	rows := [][]any{{"causale", "importo"}, {`=SUM(A1) <b> & "c"` + "\x01", Euro(-120005), int64(7), 3}}
	if err := Write(&out, "giornale", rows); err != nil {
		t.Fatal(err)
	}
	found := parts(t, out.Bytes())
	sheet := found["xl/worksheets/sheet1.xml"]
	for _, want := range []string{
		`<c r="A2" t="inlineStr"><is><t xml:space="preserve">=SUM(A1) &lt;b&gt; &amp; &#34;c&#34;?</t></is></c>`,
		`<c r="B2" s="1"><v>-1200.05</v></c>`, `<c r="C2"><v>7</v></c>`, `<c r="D2"><v>3</v></c>`,
	} {
		if !strings.Contains(sheet, want) {
			t.Errorf("no %s in\n%s", want, sheet)
		}
	}
	if strings.Contains(sheet, "<f>") || !strings.Contains(found["xl/workbook.xml"], `name="giornale"`) {
		t.Error("a formula, or a sheet of another name")
	}
}

func TestColumnsHaveLetters(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := column(i); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
}

func TestRefusesWhatASheetHasNoRoomFor(t *testing.T) {
	if Write(io.Discard, "a/b", nil) == nil || Write(io.Discard, "", nil) == nil || Write(io.Discard, "x", [][]any{{1.5}}) == nil {
		t.Error("accepted")
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package segnatura

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// good is a segnatura of Borgo Fiorito for Val Serena, of a letter and an annex with a detached signature.
func good() string {
	letter, annex := sha256.Sum256([]byte("lettera")), sha512.Sum512([]byte("planimetria"))
	return `<?xml version="1.0" encoding="UTF-8"?>
<p:SegnaturaInformatica xmlns:p="http://www.agid.gov.it/protocollo/" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" p:versione="3.0.0" p:lang="it">
<p:Intestazione>
<p:Identificatore><p:CodiceAmministrazione p:descrizione="Comune di Borgo Fiorito">c_bf01</p:CodiceAmministrazione><p:CodiceAOO>ABF0001</p:CodiceAOO>
<p:CodiceRegistro>PG</p:CodiceRegistro><p:NumeroRegistrazione>0012345</p:NumeroRegistrazione><p:DataRegistrazione>2026-10-12</p:DataRegistrazione>
<p:OraRegistrazione>10:15:00</p:OraRegistrazione></p:Identificatore>
<p:Oggetto>Richiesta di parere</p:Oggetto>
<p:Classifica><p:Denominazione>Edilizia privata</p:Denominazione><p:CodicePath><p:Livello>06</p:Livello><p:SubLivello><p:Livello>03</p:Livello></p:SubLivello></p:CodicePath></p:Classifica>
<p:Fascicolo><p:Denominazione>PE 88/2026</p:Denominazione><p:CodiceFascicolo>2026-06.03-88</p:CodiceFascicolo></p:Fascicolo>
<p:Riservato>false</p:Riservato></p:Intestazione>
<p:Descrizione>
<p:Mittente><p:Amministrazione><p:DenominazioneAmministrazione>Comune di Borgo Fiorito</p:DenominazioneAmministrazione>
<p:CFAmministrazione>00918273640</p:CFAmministrazione><p:CodiceIPAAmministrazione>c_bf01</p:CodiceIPAAmministrazione>
<p:ContattiAmministrazione><p:IndirizzoPostale><p:Toponimo><p:dug>Via</p:dug><p:duf>Roma</p:duf></p:Toponimo><p:Civico>1</p:Civico><p:CAP>50100</p:CAP>
<p:Comune p:CodiceISTAT="048001">Borgo Fiorito</p:Comune><p:Nazione>Italia</p:Nazione></p:IndirizzoPostale>
<p:IndirizzoTelematico p:tipo="smtp">protocollo@pec.example</p:IndirizzoTelematico></p:ContattiAmministrazione></p:Amministrazione></p:Mittente>
<p:Destinatario p:confermaRicezione="true" p:perConoscenza="false"><p:Amministrazione><p:DenominazioneAmministrazione>Comune di Val Serena</p:DenominazioneAmministrazione>
<p:CodiceIPAAmministrazione>c_vs02</p:CodiceIPAAmministrazione></p:Amministrazione></p:Destinatario>
<p:Destinatario><p:PersonaFisica><p:Nome>Anna</p:Nome><p:Cognome>Rossi</p:Cognome></p:PersonaFisica></p:Destinatario>
<p:DocumentoPrimario p:nomeFile="lettera.pdf" p:mimeType="application/pdf"><p:Impronta p:algoritmo="SHA-256">` + b64(letter[:]) + `</p:Impronta>
<p:firmatoDigitalmente><p:UnDetached>true</p:UnDetached></p:firmatoDigitalmente></p:DocumentoPrimario>
<p:Allegato p:nomeFile="planimetria.dwg" p:mimeType="image/vnd.dwg"><p:Descrizione>Planimetria</p:Descrizione><p:Impronta p:algoritmo="SHA-512">` + b64(annex[:]) + `</p:Impronta>
<p:firmatoDigitalmente><p:Detached p:nomeFile="planimetria.p7s" p:order="1">true</p:Detached></p:firmatoDigitalmente></p:Allegato>
<p:Allegato p:nomeFile="altrove.zip" p:mimeType="application/zip"><p:Impronta>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</p:Impronta>
<p:CollocazioneTelematica><p:HostValue>https://files.example</p:HostValue><p:PathValue>/a</p:PathValue></p:CollocazioneTelematica></p:Allegato>
</p:Descrizione>
<ds:Signature><ds:SignedInfo><ds:Reference URI=""><ds:DigestValue>UExBQ0VIT0xERVI=</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>UExBQ0VIT0xERVI=</ds:SignatureValue></ds:Signature>
</p:SegnaturaInformatica>`
}

func goodFiles() []File {
	return []File{{"lettera.pdf", []byte("lettera")}, {"planimetria.dwg", []byte("planimetria")}, {"planimetria.p7s", []byte("firma")}}
}

func TestReadsASegnatura(t *testing.T) {
	s, faults := Parse([]byte(good()))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := Identificatore{"c_bf01", "ABF0001", "PG", "0012345", "2026-10-12"}
	if diff := cmp.Diff(want, s.Identificatore); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"c_vs02"}, s.Destinatari); diff != "" {
		t.Error(diff)
	}
	if len(s.Documenti) != 3 || s.Documenti[2].Algoritmo != "SHA-256" || !s.Documenti[2].Elsewhere {
		t.Errorf("%+v", s.Documenti)
	}
	if faults := s.CheckFiles(goodFiles()); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestStructure changes one piece of a sound segnatura.
func TestStructure(t *testing.T) {
	for name, c := range map[string]struct{ old, replacement, place string }{
		"edition":                     {`p:versione="3.0.0"`, `p:versione="2.0.0"`, "/SegnaturaInformatica"},
		"no edition":                  {` p:versione="3.0.0"`, ``, "/SegnaturaInformatica/@versione"},
		"attribute of no namespace":   {`p:lang="it"`, `lang="it"`, "/SegnaturaInformatica"},
		"another namespace":           {`"http://www.agid.gov.it/protocollo/"`, `"http://www.digitPa.gov.it/protocollo/"`, "/"},
		"number of six digits":        {"0012345", "012345", "/SegnaturaInformatica/Intestazione/Identificatore/NumeroRegistrazione"},
		"register":                    {">PG<", ">Protocollo Generale<", "/SegnaturaInformatica/Intestazione/Identificatore/CodiceRegistro"},
		"no date":                     {"<p:DataRegistrazione>2026-10-12</p:DataRegistrazione>", "", "/SegnaturaInformatica/Intestazione/Identificatore"},
		"a date that is none":         {"2026-10-12", "12/10/2026", "/SegnaturaInformatica/Intestazione/Identificatore/DataRegistrazione"},
		"no subject":                  {"<p:Oggetto>Richiesta di parere</p:Oggetto>", "", "/SegnaturaInformatica/Intestazione"},
		"empty subject":               {">Richiesta di parere<", "> <", "/SegnaturaInformatica/Intestazione/Oggetto"},
		"two subjects":                {"</p:Oggetto>", "</p:Oggetto><p:Oggetto>x</p:Oggetto>", "/SegnaturaInformatica/Intestazione"},
		"out of order":                {"<p:Oggetto>Richiesta di parere</p:Oggetto>\n<p:Classifica>", "<p:Classifica>", "/SegnaturaInformatica/Intestazione"},
		"unknown element":             {"<p:Civico>", "<p:Interno>2</p:Interno><p:Civico>", "/SegnaturaInformatica/Descrizione/Mittente/Amministrazione/ContattiAmministrazione/IndirizzoPostale"},
		"element of another language": {"<p:Civico>1</p:Civico>", "<ds:Civico>1</ds:Civico>", "/SegnaturaInformatica/Descrizione/Mittente/Amministrazione/ContattiAmministrazione/IndirizzoPostale/Civico"},
		"ISTAT code":                  {`p:CodiceISTAT="048001"`, `p:CodiceISTAT="48001"`, "/SegnaturaInformatica/Descrizione/Mittente/Amministrazione/ContattiAmministrazione/IndirizzoPostale/Comune"},
		"unknown attribute":           {`p:tipo="smtp"`, `p:genere="smtp"`, "/SegnaturaInformatica/Descrizione/Mittente/Amministrazione/ContattiAmministrazione/IndirizzoTelematico"},
		"no addressee":                {"p:Destinatario", "p:Allegato", "/SegnaturaInformatica/Descrizione"},
		"no primary document":         {"p:DocumentoPrimario", "p:Allegato", "/SegnaturaInformatica/Descrizione"},
		"two kinds of sender":         {"</p:Amministrazione></p:Mittente>", "</p:Amministrazione><p:PersonaFisica><p:Nome>A</p:Nome><p:Cognome>B</p:Cognome></p:PersonaFisica></p:Mittente>", "/SegnaturaInformatica/Descrizione/Mittente"},
		"algorithm":                   {`p:algoritmo="SHA-256"`, `p:algoritmo="MD5"`, "/SegnaturaInformatica/Descrizione/DocumentoPrimario/Impronta"},
		"file name with a folder":     {`p:nomeFile="lettera.pdf"`, `p:nomeFile="../lettera.pdf"`, "/SegnaturaInformatica/Descrizione/DocumentoPrimario"},
		"no media type":               {` p:mimeType="application/pdf"`, ``, "/SegnaturaInformatica/Descrizione/DocumentoPrimario/@mimeType"},
		"text between":                {"<p:Descrizione>\n<p:Mittente>", "<p:Descrizione>testo<p:Mittente>", "/SegnaturaInformatica/Descrizione"},
		"elements in a text":          {">Richiesta di parere<", "><p:b>x</p:b>Richiesta<", "/SegnaturaInformatica/Intestazione/Oggetto"},
		"no signature":                {"<ds:SignatureValue>UExBQ0VIT0xERVI=</ds:SignatureValue>", "", "/SegnaturaInformatica/Signature"},
		"a signature of their own":    {`xmlns:ds="http://www.w3.org/2000/09/xmldsig#"`, `xmlns:ds="urn:x"`, "/SegnaturaInformatica/Signature"},
		"a DTD":                       {`encoding="UTF-8"?>`, `encoding="UTF-8"?><!DOCTYPE x [<!ENTITY e "e">]>`, "/"},
		"an entity":                   {">Richiesta di parere<", ">&e;<", "/"},
		"two roots":                   {"</p:SegnaturaInformatica>", "</p:SegnaturaInformatica><x/>", "/"},
		"cut":                         {"</p:SegnaturaInformatica>", "", "/"},
		"nesting":                     {"<p:SubLivello><p:Livello>03</p:Livello></p:SubLivello>", strings.Repeat("<p:SubLivello><p:Livello>1</p:Livello>", 50) + strings.Repeat("</p:SubLivello>", 50), "/"},
		"size":                        {">Richiesta di parere<", ">" + strings.Repeat("x", maxSegnatura) + "<", "/"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good(), c.old) {
				t.Fatalf("nothing to change: %s", c.old)
			}
			s, faults := Parse([]byte(strings.ReplaceAll(good(), c.old, c.replacement)))
			if s != nil || len(faults) == 0 || faults[0].Place != c.place || faults[0].Text.IT == "" || faults[0].Text.EN == "" {
				t.Errorf("faults %+v, want one at %s", faults, c.place)
			}
		})
	}
}

func TestFaultsAreBoundedAndQuoteNothing(t *testing.T) {
	_, faults := Parse([]byte(strings.ReplaceAll(good(), "</p:Descrizione>", strings.Repeat(`<p:Allegato p:nomeFile="RSSMRA85T10A562S"/>`, 100)+"</p:Descrizione>")))
	if len(faults) != maxFaults {
		t.Errorf("%d faults", len(faults))
	}
	for _, f := range faults {
		if strings.Contains(f.Place+f.Text.IT+f.Text.EN, "RSSMRA") {
			t.Errorf("a value is told: %+v", f)
		}
	}
}

func TestFiles(t *testing.T) {
	s, faults := Parse([]byte(good()))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	change := func(edit func(f []File) []File) []File { return edit(goodFiles()) }
	for name, c := range map[string]struct {
		files []File
		place string
	}{
		"changed":  {change(func(f []File) []File { f[1].Content = []byte("altra"); return f }), "/file/1"},
		"missing":  {goodFiles()[1:], "/documento/0"},
		"further":  {append(goodFiles(), File{"altro.pdf", nil}), "/file/3"},
		"repeated": {append(goodFiles(), goodFiles()[0]), "/file/3"},
		"none":     {nil, "/documento/0"},
	} {
		faults := s.CheckFiles(c.files)
		if len(faults) == 0 || faults[0].Place != c.place {
			t.Errorf("%s: %+v", name, faults)
		}
	}
}

// TestTakesTheConstructedExample, which stays outside the repository.
func TestTakesTheConstructedExample(t *testing.T) {
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	text, err := os.ReadFile(filepath.Join(shared, "contracts", "aoo", "examples", "segnatura.xml"))
	if err != nil {
		t.Skip("needs-shared: no example of a segnatura; set SNODO_SHARED")
	}
	if _, faults := Parse(text); len(faults) > 0 {
		t.Error(faults)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good()))
	f.Add([]byte(`<p:SegnaturaInformatica xmlns:p="http://www.agid.gov.it/protocollo/"><p:Descrizione/></p:SegnaturaInformatica>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, faults := Parse(data)
		if (s == nil) == (len(faults) == 0) {
			t.Fatalf("%v, %v", s, faults)
		}
		if s != nil {
			s.CheckFiles(goodFiles())
		}
	})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"github.com/snodo-pa/snodo/adapters/tesoreria/opi/internal/schema"
)

// Rule is one rule that a document may break.
type Rule struct {
	ID    string
	Title Text
}

// Rules lists all rules that faults of this package name. Those of signatures are listed by opi/firma.
func Rules() []Rule {
	return append(structureRules(), []Rule{
		{"opi.flow/total", Text{"totale diverso dalla somma delle parti", "total other than the sum of its parts"}},
		{"opi.flow/already-issued", Text{"numero già emesso", "number that was issued already"}},
		{"opi.flow/unsettled", Text{"ordinativo di cui si attende un esito", "order that waits for an outcome"}},
		{"opi.flow/not-issued", Text{"ordinativo mai emesso", "order that was never issued"}},
		{"opi.flow/closed-year", Text{"esercizio chiuso", "closed year"}},
		{"opi.flow/date", Text{"data fuori dall'esercizio", "date outside the year"}},
		{"opi.flow/ente", Text{"dato di testata diverso da quello dell'ente", "header that is not the ente's"}},
		{"opi.flow/iban", Text{"IBAN errato", "wrong IBAN"}},
		{"opi.flow/cig", Text{"CIG errato", "wrong CIG"}},
		{"opi.flow/cup", Text{"CUP errato", "wrong CUP"}},
		{"opi.flow/siope-code", Text{"codice SIOPE errato o mancante", "SIOPE code that is wrong or missing"}},
		{"opi.flow/fiscal-code", Text{"codice fiscale o partita IVA errati", "wrong codice fiscale or partita IVA"}},
		{"opi.flow/payment-data", Text{"dati del modo di pagamento mancanti", "data of the way of payment missing"}},
		{"opi.flow/replacement", Text{"ordinativo da sostituire non indicato", "order to replace not named"}},
		{"opi.flow/withholding", Text{"ritenuta senza la sua reversale", "withholding without its order to collect"}},
		{"opi.input/not-json", Text{"JSON non leggibile", "JSON that cannot be read"}},
		{"opi.input/unknown-field", Text{"campo non previsto", "unknown field"}},
		{"opi.input/type", Text{"valore di un altro tipo", "value of another type"}},
		{"opi.input/not-csv", Text{"CSV non leggibile", "CSV that cannot be read"}},
		{"opi.input/column", Text{"colonna non prevista o mancante", "column unknown or missing"}},
		{"opi.input/disagreement", Text{"righe dello stesso ordinativo discordi", "rows of one order that disagree"}},
	}...)
}

func structureRules() []Rule {
	return []Rule{
		{"opi.xml/not-well-formed", Text{"XML non ben formato", "XML that is not well formed"}},
		{"opi.xml/doctype", Text{"DOCTYPE non ammesso", "DOCTYPE not admitted"}},
		{"opi.xml/too-large", Text{"documento oltre i limiti", "document beyond the limits"}},
		{"opi.xml/encoding", Text{"codifica non letta", "encoding not read"}},
		{"opi.xml/unknown-document", Text{"documento sconosciuto", "unknown document"}},
		{"opi.structure/version", Text{"versione sconosciuta", "unknown version"}},
		{"opi.structure/unexpected-element", Text{"elemento fuori posto", "element out of place"}},
		{"opi.structure/missing-element", Text{"elemento mancante", "missing element"}},
		{"opi.structure/text-not-allowed", Text{"testo fuori posto", "text out of place"}},
		{"opi.structure/unexpected-attribute", Text{"attributo non previsto", "unknown attribute"}},
		{"opi.structure/missing-attribute", Text{"attributo mancante", "missing attribute"}},
		{"opi.structure/xsi", Text{"attributo xsi non ammesso", "xsi attribute not admitted"}},
		{"opi.structure/type", Text{"valore di un altro tipo", "value of another type"}},
		{"opi.structure/length", Text{"lunghezza errata", "wrong length"}},
		{"opi.structure/min-length", Text{"valore troppo corto", "value too short"}},
		{"opi.structure/max-length", Text{"valore troppo lungo", "value too long"}},
		{"opi.structure/pattern", Text{"valore di un'altra forma", "value of another form"}},
		{"opi.structure/enumeration", Text{"valore non previsto", "value that is not one of those admitted"}},
		{"opi.structure/total-digits", Text{"troppe cifre", "too many digits"}},
		{"opi.structure/fraction-digits", Text{"troppi decimali", "too many decimals"}},
		{"opi.structure/min", Text{"valore troppo piccolo", "value too small"}},
		{"opi.structure/max", Text{"valore troppo grande", "value too great"}},
		{"opi.structure/unique", Text{"valore ripetuto", "value that is there twice"}},
	}
}

// structural tells a fault of the structure.
func structural(f schema.Fault) Fault {
	return Fault{
		Rule: "opi.structure/" + string(f.Code), Path: f.At.Path(), Field: f.At.Local, Line: f.At.Line, Column: f.At.Column,
		What: structuralText(f),
	}
}

func structuralText(f schema.Fault) Text {
	switch f.Code {
	case schema.CodeUnexpected:
		if f.Want == "" {
			return textf("l'elemento %s qui non è previsto", "element %s is not expected here", f.Name)
		}
		return textf("l'elemento %s qui non è previsto; ci si aspetta: %s", "element %s is not expected here; expected: %s", f.Name, f.Want)
	case schema.CodeMissing:
		return textf("manca un elemento; ci si aspetta: %s", "an element is missing; expected: %s", f.Want)
	case schema.CodeText:
		return Text{IT: "qui non è ammesso testo, solo elementi", EN: "no text is admitted here, only elements"}
	case schema.CodeUnknownAttribute:
		return textf("l'attributo %s non è previsto", "attribute %s is not expected", f.Name)
	case schema.CodeMissingAttribute:
		return textf("manca l'attributo %s", "attribute %s is missing", f.Name)
	case schema.CodeInstance:
		return textf("l'attributo xsi:%s non è ammesso", "attribute xsi:%s is not admitted", f.Name)
	case schema.CodeUnique:
		return textf("%[2]s: valore già usato da un altro %[1]s", "%[2]s: value that another %[1]s has already", f.Name, f.Want)
	default:
		return valueText(f)
	}
}

func valueText(f schema.Fault) Text {
	var t Text
	switch f.Code {
	case schema.CodeType:
		t = typeText(f.Want)
	case schema.CodeLength:
		t = textf("servono %s caratteri", "%s characters are needed", f.Want)
	case schema.CodeMinLength:
		t = textf("serve almeno una lunghezza di %s", "a length of %s at least is needed", f.Want)
	case schema.CodeMaxLength:
		t = textf("la lunghezza massima è %s", "the length may be %s at most", f.Want)
	case schema.CodePattern:
		t = textf("la forma deve essere %s", "the form has to be %s", f.Want)
	case schema.CodeEnumeration:
		t = textf("i valori ammessi sono: %s", "the values admitted are: %s", f.Want)
	case schema.CodeTotalDigits:
		t = textf("al massimo %s cifre", "%s digits at most", f.Want)
	case schema.CodeFractionDigits:
		t = textf("al massimo %s decimali", "%s decimals at most", f.Want)
	case schema.CodeMin:
		t = textf("il valore minimo è %s", "the value is %s at least", f.Want)
	case schema.CodeMax:
		t = textf("il valore massimo è %s", "the value is %s at most", f.Want)
	default:
		t = textf("regola %s non rispettata", "rule %s is broken", string(f.Code))
	}
	if f.Name != "" {
		return textf("attributo %s: %s", "attribute %s: %s", f.Name, t)
	}
	return t
}

// typeText says what a type of XML Schema is, in words.
func typeText(xs string) Text {
	switch xs {
	case "decimal":
		return amountText()
	case "integer", "nonNegativeInteger", "positiveInteger", "long":
		return Text{IT: "serve un numero intero", EN: "a whole number is needed"}
	case "date":
		return Text{IT: `serve una data come "2026-10-12"`, EN: `a date such as "2026-10-12" is needed`}
	case "dateTime":
		return Text{IT: `servono data e ora come "2026-10-12T09:30:15"`, EN: `date and time such as "2026-10-12T09:30:15" are needed`}
	}
	what := "xs:" + xs
	return textf("il valore deve essere di tipo %s", "the value has to be of type %s", what)
}

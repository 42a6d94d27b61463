// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import "strings"

// reason tells in the language of the command why a file of evidence does not hold: the
// verification writes English alone, from a closed list.
func (a *app) reason(text string) string {
	if a.lang == "en" {
		return text
	}
	return strings.NewReplacer(reasons()...).Replace(text)
}

// reasons pairs the words of evidence.AlteredError with Italian ones.
func reasons() []string {
	return []string{
		"header: ", "intestazione: ",
		"or a larger one: ", "o uno più grande: ",
		"or a later one: ", "o una successiva: ",
		"the file ends here", "il file finisce qui",
		"the line is cut, or longer than any that is written", "la riga è troncata, o più lunga di quelle che si scrivono",
		"not in canonical form", "non è in forma canonica",
		"not the expected JSON object", "non è l'oggetto JSON atteso",
		"data after the JSON object", "ci sono dati dopo l'oggetto JSON",
		"size, range and number of checkpoints contradict each other", "dimensione, intervallo e numero di checkpoint si contraddicono",
		"no keys, or too many", "nessuna chiave, o troppe",
		"a key is malformed or not of this origin", "una chiave è malformata o non è di questa origine",
		"out of order", "fuori ordine",
		"the header announces ", "l'intestazione annuncia queste prove: ",
		" entries", "",
		"wrong number of hashes in the line", "numero sbagliato di hash nella riga",
		" stands in its place", " è al suo posto",
		"entry ", "la prova ",
		"the leaf does not match its hash", "la foglia non corrisponde al suo hash",
		"the leaf belongs to another ente", "la foglia è di un altro ente",
		"the side record that the leaf commits to is not mentioned", "i dati riservati che la foglia impegna non sono nominati",
		"a side record is mentioned where the leaf commits to none", "sono nominati dati riservati che la foglia non impegna",
		"the salt of the side record has the wrong length", "il sale dei dati riservati ha lunghezza sbagliata",
		"the side record is not what the leaf commits to", "i dati riservati non sono quelli che la foglia impegna",
		"a side record stands where none is announced", "ci sono dati riservati dove non ne sono annunciati",
		"its side record was missing, or not what the leaf commits to, when the file was made",
		"i suoi dati riservati mancavano, o non erano quelli che la foglia impegna, quando il file è stato scritto",
		"unknown state of the side record", "stato dei dati riservati sconosciuto",
		"the entries before it do not give the root that was signed", "le prove che lo precedono non danno la radice firmata",
		"the file goes on after its end", "il file continua dopo la sua fine",
		"not exactly one signature in canonical form", "le firme in forma canonica non sono esattamente una",
		"no key of the log has signed it", "nessuna chiave del registro lo ha firmato",
		"signature does not hold", "la firma non torna",
		"not a checkpoint of ", "non è un checkpoint di ",
		"size is not a number", "la dimensione non è un numero",
		"leaf: instant is not RFC 3339", "foglia: l'istante non è RFC 3339",
		"leaf: not in canonical form", "foglia: non è in forma canonica",
		"leaf: ", "foglia: ",
	}
}

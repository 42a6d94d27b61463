// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import "net/http"

// ko is a negative answer of the registry itself, as opposed to its gateway.
type ko struct {
	status int
	errore Errore
}

// The texts of EN122 are two different facts under one code.
const (
	TestoNonRegistrato = "Soggetto non registrato in ANPR"
	TestoCancellato    = "Soggetto cancellato da ANPR"
)

// testoUsareIDANPR is the warning on a search by codice fiscale (DM 3/3/2023).
const testoUsareIDANPR = "Si consiglia di utilizzare l'identificativo unico nazionale idANPR come criterio di ricerca"

func notFound(testo string) *ko {
	return &ko{http.StatusNotFound, Errore{Codice: "EN122", Tipo: "E", Testo: testo}}
}

func ambiguous() *ko {
	return &ko{http.StatusBadRequest, Errore{
		Codice: "EN067", Tipo: "E", Testo: "Trovati piu' soggetti per i dati anagrafici specificati nella richiesta",
	}}
}

func missingField(campo string) *ko {
	return &ko{http.StatusBadRequest, Errore{
		Codice: "EN081", Tipo: "E", Testo: "Campo " + campo + " obbligatorio assente", Campo: campo,
	}}
}

// businessRule is EN148 of type E: one code for every rule, only the text tells which.
func businessRule(testo, campo string) *ko {
	return &ko{http.StatusBadRequest, Errore{Codice: "EN148", Tipo: "E", Testo: testo, Campo: campo}}
}

// otherService is EN079, in the words of the registry's table of errors.
func otherService() *ko {
	return &ko{http.StatusBadRequest, Errore{
		Codice: "EN079", Tipo: "E", Testo: "id operazione comune gia' presente per un servizio diverso", Campo: "idOperazioneClient",
	}}
}

// pending is EN179: one massive request at a time.
func pending() *ko {
	return &ko{http.StatusBadRequest, Errore{Codice: "EN179", Tipo: "E", Testo: "E' ancora presente una richiesta dello stesso tipo in lavorazione"}}
}

// resource is about the file of a massive request.
func resource(testo string) *ko {
	return &ko{http.StatusNotFound, Errore{Codice: "404", Tipo: "E", Testo: testo}}
}

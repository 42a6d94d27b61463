// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"net/http"

	"github.com/snodo-pa/snodo/modi"
)

// jobRows are the rules of what operators ask of the queue.
func jobRows() []Row {
	return []Row{
		{
			Rule: RuleUnknownJob, Status: http.StatusNotFound, Source: sourceHub,
			Title:  modi.Text{IT: "Nessun lavoro con questo id", EN: "No job with this id"},
			Remedy: modi.Text{IT: "Elencare i lavori fermi e riprovare.", EN: "List the dead letters and try again."},
		},
		{
			Rule: RuleJobNotDead, Status: http.StatusConflict, Source: sourceHub,
			Title: modi.Text{IT: "Il lavoro non è fermo", EN: "The job is not a dead letter"},
			Remedy: modi.Text{
				IT: "Solo un lavoro fermo si ripete o si abbandona: gli altri vanno avanti da soli.",
				EN: "Only a dead letter is retried or discarded: the others go on by themselves.",
			},
		},
		{
			Rule: RuleDiscardReason, Status: http.StatusUnprocessableEntity, Source: sourceHub,
			Title: modi.Text{IT: "Motivo non accettabile", EN: "Reason that cannot be kept"},
			Remedy: modi.Text{
				IT: "Da 1 a 200 byte su una riga, senza codici fiscali: il motivo resta in chiaro.",
				EN: "1 to 200 bytes of one line, without codici fiscali: the reason is kept in clear.",
			},
		},
	}
}

// tracingRows are the rules of what operators ask of PDND Tracing.
func tracingRows() []Row {
	return []Row{
		{
			Rule: RuleTracingOff, Status: http.StatusUnprocessableEntity, Source: "PDND Tracing",
			Title: modi.Text{IT: "L'ente non ha detto chi invia il tracing", EN: "The ente has not said who submits its tracing"},
			Remedy: modi.Text{
				IT: "Il primo invio apre un obbligo quotidiano: scrivere tracing.<ambiente>.invia in ente.yaml.",
				EN: "The first submission starts a daily duty: write tracing.<environment>.invia in ente.yaml.",
			},
		},
		{
			Rule: RuleTracingDay, Status: http.StatusUnprocessableEntity, Source: "PDND Tracing",
			Title: modi.Text{IT: "Giorno non tracciabile", EN: "Day that cannot be traced"},
			Remedy: modi.Text{
				IT: "Indicare un giorno già finito, AAAA-MM-GG, non anteriore a tracing.<ambiente>.dal.",
				EN: "Name a day that is over, YYYY-MM-DD, not before tracing.<environment>.dal.",
			},
		},
		{
			Rule: RuleTracingOtherFile, Status: http.StatusUnprocessableEntity, Source: "PDND Tracing",
			Title: modi.Text{IT: "Il CSV di un altro sistema dell'ente non è valido", EN: "The CSV of another system of the ente is not valid"},
			Remedy: modi.Text{
				IT: "Correggere il file indicato: PDND rifiuterebbe il file intero dell'ente.",
				EN: "Mend the file named: PDND would refuse the whole file of the ente.",
			},
		},
	}
}

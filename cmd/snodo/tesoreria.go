// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

func (a *app) tesoreriaCommand() *cobra.Command {
	return a.group("tesoreria", a.t("ordinativi, esiti e giornale di cassa, con il tesoriere attraverso SIOPE+", "orders, outcomes and cash book, with the treasurer through SIOPE+"),
		"  snodo tesoreria validate flusso.xml\n  snodo tesoreria send flusso.xml --ente c_bf01 --operatore mat-00230\n"+
			"  snodo tesoreria status --ente c_bf01\n  snodo tesoreria journal --ente c_bf01 --dal 2026-10-01 --al 2026-10-31 --formato xlsx --file ottobre.xlsx",
		a.tesoreriaValidate(), a.tesoreriaSend(), a.tesoreriaSign(), a.tesoreriaWithdraw(), a.tesoreriaStatus(), a.tesoreriaJournal(), a.tesoreriaBalances(),
		a.tesoreriaReconcile())
}

// treasuryFlags name the ente and who asks.
type treasuryFlags struct {
	socket         *socketFlags
	ente, operator string
}

func (a *app) treasuryFlags(cmd *cobra.Command, operator bool) *treasuryFlags {
	f := &treasuryFlags{socket: a.managed(cmd)}
	cmd.Flags().StringVar(&f.ente, "ente", "", a.t("codice IPA", "IPA code"))
	if operator {
		cmd.Flags().StringVar(&f.operator, "operatore", "", a.t("chi prepara o presenta il flusso (userID)", "who prepares or presents the flow (userID)"))
		a.require(cmd, "ente", "operatore")
		return f
	}
	a.require(cmd, "ente")
	return f
}

func (f *treasuryFlags) header() http.Header {
	h := http.Header{}
	if f.operator != "" {
		h.Set("Snodo-Operatore", url.PathEscape(f.operator))
	}
	return h
}

func (f *treasuryFlags) query(pairs ...string) url.Values {
	q := url.Values{"ente": {f.ente}}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}

// mediaOf tells the form of a flow by the name of its file.
func (a *app) mediaOf(file string) (string, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".xml":
		return "application/xml", nil
	case ".p7m":
		return "application/pkcs7-mime", nil
	case ".json":
		return "application/json", nil
	case ".csv":
		return "text/csv", nil
	}
	return "", a.errorf("%s: un flusso è un file .xml, .p7m, .json o .csv; da Excel salvare come CSV UTF-8", "%s: a flow is a .xml, .p7m, .json or .csv file; from Excel save as CSV UTF-8", file)
}

func (a *app) tesoreriaSend() *cobra.Command {
	var year int
	var id string
	cmd := &cobra.Command{
		Use:   "send FILE",
		Short: a.t("presenta un flusso: se è firmato parte, altrimenti resta da firmare", "submit a flow: signed ones are sent, others wait for a signature"),
		Long: a.t("Il flusso è controllato per intero prima di essere tenuto. XML, JSON o CSV (una riga per beneficiario).\n"+
			"Le colonne del CSV sono in snodo tesoreria validate --help.\n\n"+
			"Esce con 1 se il flusso ha errori o la firma non è ammessa: nulla è stato inviato.",
			"The flow is checked as a whole before it is kept. XML, JSON or CSV (one row for each beneficiario).\n"+
				"The columns of the CSV are in snodo tesoreria validate --help.\n\n"+
				"Exits with 1 when the flow has faults or the signature is not admitted: nothing was sent."),
		Example: "  snodo tesoreria send flusso-firmato.xml --ente c_bf01 --operatore mat-00230\n  snodo tesoreria send mandati.csv --ente c_bf01 --operatore mat-00230 --esercizio 2026",
		Args:    a.exactArgs("FILE"),
	}
	f := a.treasuryFlags(cmd, true)
	cmd.Flags().IntVar(&year, "esercizio", 0, a.t("di un CSV; altrimenti l'anno in corso", "of a CSV; otherwise the present year"))
	cmd.Flags().StringVar(&id, "flusso", "", a.t("identificativo di un CSV; altrimenti uno nuovo", "identifier of a CSV; otherwise a new one"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		media, err := a.mediaOf(args[0])
		if err != nil {
			return err
		}
		data, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		years := ""
		if year != 0 {
			years = strconv.Itoa(year)
		}
		var got tesoreria.Flow
		sent := management.Content{Media: media, Data: data, Header: f.header()}
		query := f.query("esercizio", years, "flusso", id)
		if err := hub.Send(cmd.Context(), "/v1/tesoreria/flussi", query, sent, &got); err != nil {
			return a.allFaults(cmd.Context(), hub, f, query, sent, err)
		}
		if got.SenzaFirmatari {
			a.hint("nessuno può firmare questo flusso: %s l'ha preparato ed è il solo firmatario in ente.yaml. Ritirarlo (snodo tesoreria withdraw %d %s) e farlo presentare a un altro operatore",
				"nobody may sign this flow: %s has prepared it and is the only signatory in ente.yaml. Withdraw it (snodo tesoreria withdraw %d %s) and have another operator submit it",
				got.Preparatore, got.Esercizio, got.Flusso)
		}
		return a.emit(got, func(w *terminal.Writer) { a.showFlow(w, got) })
	}
	return cmd
}

func (a *app) tesoreriaSign() *cobra.Command {
	var signed, save string
	var key bool
	cmd := &cobra.Command{
		Use:   "sign ESERCIZIO FLUSSO",
		Short: a.t("scarica un flusso da firmare, o carica quello firmato", "download a flow to be signed, or upload the signed one"),
		Long: a.t("Con --salva scarica il documento: il firmatario lo firma alla propria postazione. Con --firmato lo carica:\n"+
			"deve dire, alla lettera, ciò che è stato preparato, ed essere firmato da un firmatario dell'ente che non\n"+
			"l'ha preparato. --chiave usa la chiave di prova, e solo nell'ambiente locale.",
			"With --salva it downloads the document: the signatory signs it at their own desk. With --firmato it uploads\n"+
				"it: it has to say, to the letter, what was prepared, and be signed by a signatory of the ente who did not\n"+
				"prepare it. --chiave uses the key for trials, in environment locale alone."),
		Example: "  snodo tesoreria sign 2026 2026-0000001-20261012-093000 --ente c_bf01 --operatore mat-00230 --salva flusso.xml\n" +
			"  snodo tesoreria sign 2026 2026-0000001-20261012-093000 --ente c_bf01 --operatore mat-00110 --firmato flusso-firmato.xml",
		Args: a.exactArgs(a.t("ESERCIZIO", "YEAR"), a.t("FLUSSO", "FLOW")),
	}
	f := a.treasuryFlags(cmd, true)
	cmd.Flags().StringVar(&save, "salva", "", a.t("dove scrivere il documento da firmare", "where to write the document to be signed"))
	cmd.Flags().StringVar(&signed, "firmato", "", a.t("il documento firmato", "the signed document"))
	cmd.Flags().BoolVar(&key, "chiave", false, a.t("firma con la chiave di prova", "sign with the key for trials"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		path := flowPath(args)
		sent := management.Content{Media: "application/json", Data: []byte(`{"modo":"chiave"}`), Header: f.header()}
		switch {
		case save != "" && signed == "" && !key:
			data, err := hub.Fetch(cmd.Context(), path+"/documento", f.query(), f.header())
			if err != nil {
				return a.treasuryNo(f, err)
			}
			return os.WriteFile(save, data, 0o600)
		case signed != "" && save == "" && !key:
			if sent.Data, err = os.ReadFile(signed); err != nil { // #nosec G304 -- the file that was asked for
				return err
			}
			sent.Media = "application/xml"
		case !key || save != "" || signed != "":
			return a.errorf("serve uno tra --salva, --firmato e --chiave", "one of --salva, --firmato and --chiave is needed")
		}
		var got tesoreria.Flow
		if err := hub.Send(cmd.Context(), path+"/firma", f.query(), sent, &got); err != nil {
			return a.treasuryNo(f, err)
		}
		return a.emit(got, func(w *terminal.Writer) { a.showFlow(w, got) })
	}
	return cmd
}

func (a *app) showFlow(w *terminal.Writer, f tesoreria.Flow) {
	w.Say(mood(f.Stato), fmt.Sprintf("%s %d: %s", f.Flusso, f.Esercizio, f.Stato))
	w.Table([][]string{
		{a.t("MANDATI", "MANDATI"), a.t("PAGAMENTI", "PAYMENTS"), "REVERSALI", a.t("INCASSI", "COLLECTIONS"), a.t("FIRMATARIO", "SIGNATORY"), a.t("CODICE", "CODE")},
		{strconv.Itoa(f.Mandati), f.Pagamenti.String(), strconv.Itoa(f.Reversali), f.Incassi.String(), f.Firmatario, f.Codice},
	})
	if waits := a.noACK(f); waits != "" {
		w.Line(waits)
	}
	for _, e := range f.Errori {
		w.Line(e.Codice + " " + e.Elemento + " " + e.Descrizione)
	}
}

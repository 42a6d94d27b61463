// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/tesoreria"
)

func (a *app) tesoreriaStatus() *cobra.Command {
	var flow, order, state string
	var year int
	cmd := &cobra.Command{
		Use:   "status",
		Short: a.t("a che punto sono i flussi e gli ordinativi", "where flows and orders are"),
		Long: a.t("Senza altro elenca i flussi; con --esercizio e --flusso quel flusso con i suoi ordinativi; con --esercizio\n"+
			"e --ordinativo quell'ordinativo. Esce con 1 se il flusso o l'ordinativo è stato rifiutato o non eseguito.",
			"By itself it lists flows; with --esercizio and --flusso that flow with its orders; with --esercizio and\n"+
				"--ordinativo that order. Exits with 1 when the flow or order was refused or not executed."),
		Example: "  snodo tesoreria status --ente c_bf01 --stato rifiutato\n  snodo tesoreria status --ente c_bf01 --esercizio 2026 --ordinativo mandato/1287",
		Args:    a.noArgs,
	}
	f := a.treasuryFlags(cmd, false)
	cmd.Flags().IntVar(&year, "esercizio", 0, a.t("esercizio", "year"))
	cmd.Flags().StringVar(&flow, "flusso", "", a.t("identificativo del flusso", "identifier of the flow"))
	cmd.Flags().StringVar(&order, "ordinativo", "", "mandato/N | reversale/N")
	cmd.Flags().StringVar(&state, "stato", "", a.t("solo i flussi in questo stato", "only flows in this state"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		base := "/v1/tesoreria/"
		if order != "" {
			var o tesoreria.Order
			if err := hub.Get(cmd.Context(), base+"ordinativi/"+strconv.Itoa(year)+"/"+order, f.query(), &o); err != nil {
				return answered(err)
			}
			return a.verdictOn(o.Stato, a.emit(o, func(w *terminal.Writer) { a.showOrders(w, []tesoreria.Order{o}) }))
		}
		if flow != "" {
			return a.flowStatus(cmd, hub, f, base+"flussi/"+strconv.Itoa(year)+"/"+url.PathEscape(flow))
		}
		var list struct {
			Flussi []tesoreria.Flow `json:"flussi"`
		}
		if err := hub.Get(cmd.Context(), base+"flussi", f.query("stato", state), &list); err != nil {
			return answered(err)
		}
		return a.emit(list, func(w *terminal.Writer) {
			rows := [][]string{{a.t("FLUSSO", "FLOW"), a.t("ESERCIZIO", "YEAR"), a.t("STATO", "STATE"), "MANDATI", "REVERSALI", a.t("CODICE", "CODE")}}
			for _, x := range list.Flussi {
				rows = append(rows, []string{x.Flusso, strconv.Itoa(x.Esercizio), string(x.Stato), strconv.Itoa(x.Mandati), strconv.Itoa(x.Reversali), x.Codice})
			}
			w.Table(rows)
		})
	}
	return cmd
}

func (a *app) flowStatus(cmd *cobra.Command, hub *management.Client, f *treasuryFlags, path string) error {
	var whole struct {
		tesoreria.Flow
		Ordinativi []tesoreria.Order `json:"ordinativi"`
	}
	for to, at := range map[any]string{&whole.Flow: path, &whole: path + "/ordinativi"} {
		text, err := hub.Fetch(cmd.Context(), at, f.query(), nil)
		if err != nil {
			return answered(err)
		}
		if err := json.Unmarshal(text, to); err != nil {
			return err
		}
	}
	return a.verdictOn(whole.Stato, a.emit(whole, func(w *terminal.Writer) {
		a.showFlow(w, whole.Flow)
		a.showOrders(w, whole.Ordinativi)
	}))
}

// verdictOn is the exit code of a state.
func (a *app) verdictOn(s tesoreria.State, err error) error {
	if err == nil && mood(s) == terminal.Bad {
		return no(nil)
	}
	return err
}

func mood(s tesoreria.State) terminal.Mark {
	if slices.Contains([]tesoreria.State{tesoreria.Refused, tesoreria.NotExecuted, tesoreria.Reversed}, s) {
		return terminal.Bad
	}
	return terminal.Good
}

func (a *app) showOrders(w *terminal.Writer, orders []tesoreria.Order) {
	rows := [][]string{{a.t("ORDINATIVO", "ORDER"), a.t("OPERAZIONE", "OPERATION"), a.t("IMPORTO", "AMOUNT"), a.t("STATO", "STATE"), a.t("FLUSSO", "FLOW")}}
	for _, o := range orders {
		rows = append(rows, []string{fmt.Sprintf("%s/%d", o.Tipo, o.Numero), o.Operazione, o.Importo.String(), string(o.Stato), o.Flusso})
	}
	w.Table(rows)
}

func (a *app) tesoreriaJournal() *cobra.Command {
	var from, to, form, file string
	cmd := &cobra.Command{
		Use:   "journal",
		Short: a.t("il giornale di cassa di un periodo, anche come CSV o XLSX", "the cash book of a period, also as CSV or XLSX"),
		Example: "  snodo tesoreria journal --ente c_bf01 --dal 2026-10-01 --al 2026-10-31 --formato xlsx --file ottobre.xlsx\n" +
			"  snodo tesoreria journal --ente c_bf01 --dal 2026-10-12 --al 2026-10-12 --formato csv",
		Args: a.noArgs,
	}
	f := a.treasuryFlags(cmd, false)
	cmd.Flags().StringVar(&from, "dal", "", a.t("primo giorno, AAAA-MM-GG", "first day, YYYY-MM-DD"))
	cmd.Flags().StringVar(&to, "al", "", a.t("ultimo giorno, AAAA-MM-GG", "last day, YYYY-MM-DD"))
	cmd.Flags().StringVar(&form, "formato", "csv", "json | csv | xlsx")
	cmd.Flags().StringVar(&file, "file", "-", a.t("dove scrivere, - per lo standard output", "where to write, - for standard output"))
	a.require(cmd, "ente", "dal", "al")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		data, err := hub.Fetch(cmd.Context(), "/v1/tesoreria/giornale", f.query("dal", from, "al", to, "formato", form), nil)
		if err != nil {
			return answered(err)
		}
		if file == "-" {
			_, err = a.io.out.Write(data)
			return err
		}
		return os.WriteFile(file, data, 0o600)
	}
	return cmd
}

func (a *app) tesoreriaReconcile() *cobra.Command {
	var year int
	var payments string
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: a.t("confronta ordinativi, giornale di cassa e pagamenti di un esercizio", "hold orders, cash book and payments of a year against each other"),
		Long: a.t("Dice gli scarti tra esiti e giornale, i provvisori ancora da regolarizzare, i saldi. Con --pagamenti un CSV\n"+
			"(iuv,iur,importo,data) di incassi pagoPA si abbina ai movimenti per IUV e IUR.\n\nEsce con 0 se tutto quadra al centesimo, con 1 se qualcosa non quadra o un pagamento non si trova.",
			"Tells where outcomes and cash book differ, the provvisori still to be regularised, the balances. With\n"+
				"--pagamenti a CSV (iuv,iur,importo,data) of pagoPA payments is matched with the movements by IUV and IUR.\n\n"+
				"Exits with 0 when all agrees to the cent, with 1 when something does not or a payment is not found."),
		Example: "  snodo tesoreria reconcile --ente c_bf01 --esercizio 2026 --pagamenti incassi.csv",
		Args:    a.noArgs,
	}
	f := a.treasuryFlags(cmd, false)
	cmd.Flags().IntVar(&year, "esercizio", 0, a.t("esercizio", "year"))
	cmd.Flags().StringVar(&payments, "pagamenti", "", a.t("CSV dei pagamenti", "CSV of the payments"))
	a.require(cmd, "ente", "esercizio")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		asked := map[string]any{"esercizio": year, "pagamenti": []tesoreria.Payment{}}
		if payments != "" {
			list, err := a.readPayments(payments)
			if err != nil {
				return err
			}
			asked["pagamenti"] = list
		}
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		body, err := json.Marshal(asked)
		if err != nil {
			return err
		}
		var r tesoreria.Riconciliazione
		if err := hub.Send(cmd.Context(), "/v1/tesoreria/riconciliazioni", f.query(), management.Content{Media: "application/json", Data: body}, &r); err != nil {
			return answered(err)
		}
		if err := a.emit(r, func(w *terminal.Writer) { a.showReconciled(w, r) }); err != nil {
			return err
		}
		if !r.Quadra || slices.ContainsFunc(r.Pagamenti, func(p tesoreria.Abbinato) bool { return p.Stato == "non-trovato" || p.Stato == "importo-diverso" }) {
			return no(nil)
		}
		return nil
	}
	return cmd
}

// readPayments reads a CSV with the columns iuv, iur, importo and data, in any order.
func (a *app) readPayments(file string) ([]tesoreria.Payment, error) {
	data, err := os.Open(file) // #nosec G304 -- the file that was asked for
	if err != nil {
		return nil, err
	}
	defer func() { _ = data.Close() }() // only read
	in := csv.NewReader(data)
	header, err := in.Read()
	if err != nil {
		return nil, a.errorf("%s: non è un CSV", "%s: not a CSV", file)
	}
	at := func(name string) int { return slices.Index(header, name) }
	if at("iuv") < 0 || at("importo") < 0 {
		return nil, a.errorf("%s: servono almeno le colonne iuv e importo", "%s: columns iuv and importo at least are needed", file)
	}
	var list []tesoreria.Payment
	for line := 2; ; line++ {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, a.errorf("%s, riga %d: illeggibile", "%s, line %d: cannot be read", file, line)
		}
		amount, err := opi.ParseImporto(strings.Replace(cells[at("importo")], ",", ".", 1))
		if err != nil {
			return nil, a.errorf("%s, riga %d: importo illeggibile", "%s, line %d: amount that cannot be read", file, line)
		}
		p := tesoreria.Payment{IUV: cells[at("iuv")], Importo: amount}
		if i := at("iur"); i >= 0 {
			p.IUR = cells[i]
		}
		if i := at("data"); i >= 0 {
			p.Data = cells[i]
		}
		list = append(list, p)
	}
}

func (a *app) showReconciled(w *terminal.Writer, r tesoreria.Riconciliazione) {
	if r.Quadra {
		w.Say(terminal.Good, a.t("esiti e giornale di cassa quadrano al centesimo", "outcomes and cash book agree to the cent"))
	} else {
		w.Say(terminal.Bad, a.t("esiti e giornale di cassa non quadrano", "outcomes and cash book do not agree"))
	}
	w.Table([][]string{
		{"", a.t("ESEGUITI", "EXECUTED"), a.t("ESITI", "OUTCOMES"), a.t("GIORNALE", "CASH BOOK"), a.t("APERTI", "OPEN")},
		{"mandati", strconv.Itoa(r.Mandati.Eseguiti), r.Mandati.Importo.String(), r.Mandati.Giornale.String(), strconv.Itoa(r.Mandati.Aperti)},
		{"reversali", strconv.Itoa(r.Reversali.Eseguiti), r.Reversali.Importo.String(), r.Reversali.Giornale.String(), strconv.Itoa(r.Reversali.Aperti)},
	})
	for _, s := range r.Differenze {
		w.Line(fmt.Sprintf("%s/%d: %s (%s, %s)", s.Ordinativo, s.Progressivo, s.Motivo, s.Esito, s.Giornale))
	}
	for _, s := range r.Saldi.Allarmi {
		w.Line(a.t("allarme: ", "alarm: ") + s)
	}
	for _, s := range r.Sospesi {
		w.Line(fmt.Sprintf("%s %d %s: %s %s", a.t("provvisorio", "provvisorio"), s.Numero, s.Direzione, s.Residuo, s.Giorno))
	}
	for _, p := range r.Pagamenti {
		w.Line(fmt.Sprintf("IUV %s: %s %s %s", p.IUV, p.Importo, p.Stato, p.Ordinativo))
	}
}

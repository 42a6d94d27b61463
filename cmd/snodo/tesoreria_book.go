// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

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
	cmd.Flags().StringVar(&state, "stato", "", a.t("solo i flussi in questo stato, come in_firma o rifiutato", "only flows in this state, as in_firma or rifiutato"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := a.checkStatus(year, flow, order, state); err != nil {
			return err
		}
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
			rows := [][]string{{a.t("FLUSSO", "FLOW"), a.t("ESERCIZIO", "YEAR"), a.t("STATO", "STATE"), "MANDATI", "REVERSALI", a.t("CODICE", "CODE"), "ACK"}}
			for _, x := range list.Flussi {
				rows = append(rows, []string{x.Flusso, strconv.Itoa(x.Esercizio), string(x.Stato), strconv.Itoa(x.Mandati), strconv.Itoa(x.Reversali), x.Codice, a.noACK(x)})
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

// noACK tells how long the ACK of a flow that left has not come; "" when none is waited for.
func (a *app) noACK(f tesoreria.Flow) string {
	if f.SenzaACKDal.IsZero() {
		return ""
	}
	const manyMinutes, manyHours = 2 * time.Hour, 48 * time.Hour
	wait := max(a.clock().Sub(f.SenzaACKDal), 0)
	n, it, en := wait/time.Minute, "minuti", "minutes"
	switch {
	case wait >= manyHours:
		n, it, en = wait/(24*time.Hour), "giorni", "days"
	case wait >= manyMinutes:
		n, it, en = wait/time.Hour, "ore", "hours"
	}
	said := fmt.Sprintf(a.t("nessun ACK da %d %s", "no ACK for %d %s"), int(n), a.t(it, en))
	if f.ACKMancante {
		said += a.t(": chiedere al tesoriere o al supporto di SIOPE+", ": ask the treasurer or the support of SIOPE+")
	}
	return said
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
	a.require(cmd, "dal", "al")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !slices.Contains([]string{"json", "csv", "xlsx"}, form) {
			return a.errorf("--formato %q: serve json, csv o xlsx", "--formato %q: json, csv or xlsx is needed", form)
		}
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

func (a *app) tesoreriaBalances() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "balances " + a.t("ESERCIZIO", "YEAR"),
		Aliases: []string{"saldi"},
		Short:   a.t("i saldi di un esercizio, giornale per giornale", "the balances of a year, cash book by cash book"),
		Long: a.t("Il saldo calcolato dai movimenti, accanto a quello del tesoriere, e gli allarmi.\n\n"+
			"Esce con 0 se non c'è alcun allarme, con 1 altrimenti, con 2 se l'esercizio non ha giornali.",
			"The balance computed from the movements, next to that of the treasurer, and the alarms.\n\n"+
				"Exits with 0 when there is no alarm, with 1 otherwise, with 2 when the year has no cash book."),
		Example: "  snodo tesoreria balances 2026 --ente c_bf01",
		Args:    a.exactArgs(a.t("ESERCIZIO", "YEAR")),
	}
	f := a.treasuryFlags(cmd, false)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		hub, err := a.hub(f.socket)
		if err != nil {
			return err
		}
		var s tesoreria.Saldi
		if err := hub.Get(cmd.Context(), "/v1/tesoreria/saldi/"+args[0], f.query(), &s); err != nil {
			return answered(err)
		}
		if err := a.emit(s, func(w *terminal.Writer) { a.showBalances(w, s) }); err != nil {
			return err
		}
		switch {
		case len(s.Giornali) == 0:
			return undecided()
		case len(s.Allarmi) > 0:
			return no(nil)
		}
		return nil
	}
	return cmd
}

func (a *app) showBalances(w *terminal.Writer, s tesoreria.Saldi) {
	amount := func(i *opi.Importo) string {
		if i == nil {
			return "-"
		}
		return i.String()
	}
	rows := [][]string{{a.t("GIORNALE", "CASH BOOK"), a.t("GIORNO", "DAY"), a.t("ENTRATE", "INCOME"), a.t("USCITE", "OUTGO"), a.t("SALDO FINALE", "FINAL BALANCE"), a.t("ALLARMI", "ALARMS")}}
	for _, g := range s.Giornali {
		rows = append(rows, []string{g.Giornale, g.Giorno, g.Entrate.String(), g.Uscite.String(), amount(g.Dopo), strings.Join(g.Allarmi, " ")})
	}
	switch {
	case len(s.Giornali) == 0:
		w.Say(terminal.Bad, fmt.Sprintf(a.t("nessun giornale di cassa nell'esercizio %d", "no cash book in year %d"), s.Esercizio))
		return
	case len(s.Allarmi) > 0:
		w.Say(terminal.Bad, a.t("il giornale di cassa non quadra: ", "the cash book does not agree: ")+strings.Join(s.Allarmi, " "))
	default:
		w.Say(terminal.Good, a.t("il giornale di cassa quadra", "the cash book agrees"))
	}
	w.Table(append(rows, []string{a.t("esercizio", "year"), strconv.Itoa(s.Esercizio), s.Entrate.String(), s.Uscite.String(), amount(s.Saldo), ""}))
	w.Line(a.t("saldo del tesoriere: ", "balance of the treasurer: ") + amount(s.Tesoriere))
}

func (a *app) tesoreriaReconcile() *cobra.Command {
	var year int
	var payments string
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: a.t("confronta ordinativi, giornale di cassa e pagamenti di un esercizio", "hold orders, cash book and payments of a year against each other"),
		Long: a.t("Dice gli scarti tra esiti e giornale, i provvisori ancora da regolarizzare, i saldi. Con --pagamenti un CSV\n"+
			"di incassi pagoPA si abbina ai movimenti per IUV e IUR: colonne iuv e importo, e se ci sono iur e data, separate\n"+
			"da virgola, punto e virgola o tabulazione.\n\nEsce con 0 se tutto quadra al centesimo, con 1 se qualcosa non quadra o un pagamento non si trova, con 2 se\n"+
			"l'esercizio non ha ordinativi né giornali: non c'è nulla da confrontare.",
			"Tells where outcomes and cash book differ, the provvisori still to be regularised, the balances. With\n"+
				"--pagamenti a CSV of pagoPA payments is matched with the movements by IUV and IUR: columns iuv and importo, and\n"+
				"where there are any iur and data, separated by comma, semicolon or tab.\n\n"+
				"Exits with 0 when all agrees to the cent, with 1 when something does not or a payment is not found, with 2 when\n"+
				"the year has neither orders nor cash books: there is nothing to hold together."),
		Example: "  snodo tesoreria reconcile --ente c_bf01 --esercizio 2026 --pagamenti incassi.csv",
		Args:    a.noArgs,
	}
	f := a.treasuryFlags(cmd, false)
	cmd.Flags().IntVar(&year, "esercizio", 0, a.t("esercizio", "year"))
	cmd.Flags().StringVar(&payments, "pagamenti", "", a.t("CSV dei pagamenti", "CSV of the payments"))
	a.require(cmd, "esercizio")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if year == 0 {
			return a.errorf("manca --esercizio; vedere %s --help", "--esercizio is missing; see %s --help", cmd.CommandPath())
		}
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
		if r.Ordinativi == 0 && r.Movimenti == 0 {
			return undecided()
		}
		if !r.Quadra || slices.ContainsFunc(r.Pagamenti, unmatched) {
			return no(nil)
		}
		return nil
	}
	return cmd
}

// readPayments reads a CSV with the columns iuv, importo, iur and data, in any order.
func (a *app) readPayments(file string) ([]tesoreria.Payment, error) {
	data, err := os.ReadFile(file) // #nosec G304 -- the file that was asked for
	if err != nil {
		return nil, err
	}
	list, faults := tesoreria.ReadPayments(data)
	if len(faults) > 0 {
		return nil, a.errorf("%s:\n%s", "%s:\n%s", file, faults.In(a.lang))
	}
	return list, nil
}

// unmatched tells a payment that the cash book does not have, or not with its amount.
func unmatched(p tesoreria.Abbinato) bool {
	return p.Stato == "non-trovato" || p.Stato == "importo-diverso"
}

func (a *app) showReconciled(w *terminal.Writer, r tesoreria.Riconciliazione) {
	switch {
	case r.Ordinativi == 0 && r.Movimenti == 0:
		w.Say(terminal.Bad, fmt.Sprintf(a.t("nessun ordinativo e nessun giornale di cassa nell'esercizio %d", "no order and no cash book in year %d"), r.Esercizio))
		return
	case r.Quadra:
		w.Say(terminal.Good, a.t("esiti e giornale di cassa quadrano al centesimo", "outcomes and cash book agree to the cent"))
	default:
		w.Say(terminal.Bad, a.t("esiti e giornale di cassa non quadrano", "outcomes and cash book do not agree"))
	}
	w.Table([][]string{
		{"", a.t("RIGHE ESEGUITE", "EXECUTED LINES"), a.t("ESITI", "OUTCOMES"), a.t("GIORNALE", "CASH BOOK"), a.t("RIGHE APERTE", "OPEN LINES")},
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
	if len(r.Pagamenti) == 0 {
		return
	}
	amiss := 0
	for _, p := range r.Pagamenti {
		if unmatched(p) {
			amiss++
		}
	}
	if amiss > 0 {
		w.Say(terminal.Bad, fmt.Sprintf(a.t("pagamenti: %d su %d non trovati nel giornale di cassa, o con un altro importo", "payments: %d of %d not found in the cash book, or with another amount"), amiss, len(r.Pagamenti)))
	} else {
		w.Say(terminal.Good, fmt.Sprintf(a.t("pagamenti: tutti nel giornale di cassa (%d)", "payments: all in the cash book (%d)"), len(r.Pagamenti)))
	}
	for _, p := range r.Pagamenti {
		w.Line(fmt.Sprintf("IUV %s: %s %s %s", p.IUV, p.Importo, p.Stato, p.Ordinativo))
	}
}

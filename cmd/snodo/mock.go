// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/mocks/ambiente"
)

// mockPort is the port of the mock PDND; ANPR and the back ends take the next ones.
const mockPort = 9090

type mockOptions struct {
	dir                       string
	port                      int
	applicazioni, esposizione string
	registri                  string
}

func (a *app) mockCommand() *cobra.Command {
	var o mockOptions
	cmd := &cobra.Command{
		Use:   "mock",
		Short: a.t("avvia le simulazioni di PDND, ANPR e del gestionale e scrive una configurazione che le usa", "run the mocks of PDND, ANPR and the back end and write a configuration that uses them"),
		Long: a.t("Le simulazioni rifiutano ciò che rifiutano i sistemi veri. La cartella scritta contiene chiavi\n"+
			"appena generate, già registrate sulla PDND simulata: «snodo serve --config CARTELLA» la usa così\n"+
			"com'è. I guasti si accendono con PUT /_mock/faults su ciascuna simulazione.\n\n"+
			"Una cartella che ha già scritto la riprende: stesse chiavi e stessi indirizzi e identificativi; ciò che si è\n"+
			"cambiato a mano resta. Ciò che era solo nelle simulazioni ricomincia; lo Snodo va riavviato.",
			"The mocks refuse what the real systems refuse. The folder written holds keys made just now and\n"+
				"already registered on the mock PDND: `snodo serve --config FOLDER` uses it as it is. Faults are\n"+
				"turned on by PUT /_mock/faults on each mock.\n\n"+
				"A folder that it has written before it goes on with: the same keys, addresses and ids; what was\n"+
				"changed by hand stays. What was in the mocks alone begins anew; the hub has to be started again."),
		Example: "  snodo mock --dir snodo-mock\n  snodo serve --config snodo-mock",
		Args:    a.noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.mock(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "", a.t("cartella da creare, o da riprendere", "folder to make, or to go on with"))
	f.IntVar(&o.port, "port", mockPort, a.t("porta della PDND simulata; ANPR e i gestionali prendono le successive; 0: porte libere", "port of the mock PDND; ANPR and the back ends take the next ones; 0: free ports"))
	f.StringVar(&o.applicazioni, "applicazioni", demoApplicazioni, a.t("indirizzo dello Snodo per le applicazioni, nella configurazione", "address of the hub for applications, in the configuration"))
	f.StringVar(&o.esposizione, "esposizione", demoEsposizione, a.t("indirizzo dello Snodo per le altre amministrazioni, nella configurazione", "address of the hub for other administrations, in the configuration"))
	f.StringVar(&o.registri, "registri", "", a.t("cartella di ricette proprie con le loro simulazioni, come la scrive «snodo new consumes»", "folder of own recipes with their mocks, as `snodo new consumes` writes it"))
	a.require(cmd, "dir")
	return cmd
}

// mock runs the mocks until ctx ends.
func (a *app) mock(ctx context.Context, o mockOptions) error {
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return fmt.Errorf("--dir: %w", err)
	}
	w, err := startWorld(ctx, a, worldOptions{
		dir: dir, basePort: o.port, applicazioni: o.applicazioni, esposizione: o.esposizione, socket: "dati/gestione.sock",
		registri: o.registri, again: true,
	})
	if err != nil {
		return err
	}
	result, err := a.checkFolder(ctx, dir, nil) // an own recipe may be wrong
	if err != nil {
		result.Faults = append(result.Faults, faultLine{Message: a.say(err)})
	}
	summary := w.summary()
	summary.Faults, summary.Hints = result.Faults, result.Hints
	if err := a.emit(summary, func(t *terminal.Writer) { a.showWorld(t, w, result) }); err != nil {
		_ = w.Close()
		return err
	}
	<-ctx.Done()
	return w.Close()
}

// worldSummary is the result of mock: where everything is and what it is called.
type worldSummary struct {
	Dir        string            `json:"dir"`
	PDND       string            `json:"pdnd"`
	ANPR       string            `json:"anpr"`
	SIOPE      string            `json:"siope"`
	Registries map[string]string `json:"registries"`
	Procedures map[string]string `json:"procedures"`
	Enti       []ambiente.Ente   `json:"enti"`
	Unione     map[string]string `json:"unione"`
	Caller     string            `json:"caller"`            // the Unione for plain HTTP clients
	Offered    map[string]string `json:"offered,omitempty"` // back ends of own e-services
	Faults     []faultLine       `json:"faults,omitempty"`  // of the configuration written, as config check lists them
	Hints      []string          `json:"hints,omitempty"`
}

func (w *world) summary() worldSummary {
	s := worldSummary{
		Dir: w.dir, PDND: w.PDND.URL(), ANPR: w.ANPR.URL(), SIOPE: w.SIOPE.URL(), Procedures: map[string]string{}, Enti: ambiente.Enti(),
		Unione: map[string]string{"tenantId": ambiente.UnioneTenantID, "clientId": ambiente.UnioneClientID},
	}
	s.Caller, s.Offered = w.Caller.URL(), map[string]string{}
	for name, backEnd := range w.BackEnds {
		s.Offered[name] = backEnd.URL()
	}
	s.Registries = map[string]string{}
	for _, r := range w.describeRegistri() {
		s.Registries[r.Recipe] = r.URL
	}
	for _, e := range s.Enti {
		s.Procedures[e.CodiceIPA] = w.Procedures[e.CodiceIPA].URL()
	}
	return s
}

func (a *app) showWorld(t *terminal.Writer, w *world, result checked) {
	t.Title(a.t("Snodo: simulazioni attive", "Snodo: mocks running"))
	rows := [][]string{{a.t("CHI", "WHO"), a.t("DOVE", "WHERE")}, {"PDND", w.PDND.URL()}, {"ANPR", w.ANPR.URL()}}
	rows = append(rows, []string{"SIOPE+", w.SIOPE.URL() + "  (mTLS: enti/" + ambiente.BorgoFiorito().CodiceIPA + "/chiavi/siope-client.pem)"})
	for _, e := range ambiente.Enti() {
		rows = append(rows, []string{a.t("istanze ", "practices ") + e.CodiceIPA, w.Procedures[e.CodiceIPA].URL()})
	}
	for _, r := range w.describeRegistri() {
		rows = append(rows, []string{r.Recipe, r.URL})
	}
	for _, name := range slices.Sorted(maps.Keys(w.BackEnds)) {
		rows = append(rows, []string{a.t("gestionale ", "back end ") + name, w.BackEnds[name].URL()})
	}
	t.Table(append(rows, []string{a.t("Unione, che chiama Snodo", "Unione, which calls the hub"), w.Caller.URL()}))
	for _, e := range ambiente.Enti() {
		t.Blank()
		t.Para(e.CodiceIPA + "  " + e.Nome)
		t.Table([][]string{
			{"PDND", "ID"},
			{"tenant", e.TenantID},
			{"client", e.ConsumerClientID},
			{"client API", e.APIClientID},
			{a.t("finalità C030", "purpose C030"), e.PurposeC030},
			{a.t("finalità C020", "purpose C020"), e.PurposeC020},
			{a.t("portachiavi", "keychain"), e.KeychainID},
			{"e-service", e.EserviceID},
			{"descriptor", e.DescriptorID},
			{"audience", e.Audience},
			{a.t("finalità dell'Unione", "purpose of the Unione"), e.PurposeUnione},
		})
	}
	t.Blank()
	t.Para(ambiente.UnioneCodiceIPA + "  " + ambiente.UnioneNome)
	t.Table([][]string{{"PDND", "ID"}, {"tenant", ambiente.UnioneTenantID}, {"client", ambiente.UnioneClientID}})
	t.Blank()
	if w.written.Again {
		t.Para(a.t("La cartella è stata ripresa: chiavi e identificativi sono gli stessi.", "The folder goes on: keys and identifiers are the same."))
	}
	for _, file := range w.written.Kept {
		t.Line(a.t("Cambiato a mano, e lasciato così: ", "Changed by hand, and left so: ") + file)
	}
	if !result.Valid || len(result.Hints) > 0 { // as config check says it
		t.Say(terminal.Bad, a.t("Nella configurazione c'è da correggere:", "In the configuration there is something to mend:"))
		a.showChecked(t, checked{Faults: result.Faults, Hints: result.Hints})
		t.Blank()
	}
	t.Para(a.t("In un altro terminale:", "In another terminal:"))
	t.Code("snodo serve --config " + w.dir)
	t.Para(a.t("Ctrl-C le ferma.", "Ctrl-C stops them."))
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/httpapi"
	"github.com/snodo-pa/snodo/internal/problem"
)

// socketFlags says where the running hub listens for commands.
type socketFlags struct{ socket, dir string }

// managed adds --socket and --config to a command that calls a running hub.
func (a *app) managed(cmd *cobra.Command) *socketFlags {
	var f socketFlags
	cmd.Flags().StringVar(&f.socket, "socket", a.getenv("SNODO_SOCKET"),
		a.t("socket di gestione dello Snodo in esecuzione (anche SNODO_SOCKET; se manca lo dice la configurazione)",
			"management socket of the running hub (also SNODO_SOCKET; when absent the configuration says it)"))
	a.configFlag(cmd, &f.dir)
	return &f
}

// hub returns a client for the running hub.
func (a *app) hub(f *socketFlags) (*management.Client, error) {
	if f.socket != "" {
		return management.New(f.socket, a.lang), nil
	}
	loaded, err := a.loadConfig(f.dir)
	if err != nil {
		return nil, err
	}
	socket := loaded.Hub.Listeners.Gestione.Socket
	if socket == "" {
		return nil, a.errorf("la configurazione non indica un socket di gestione: usare --socket", "the configuration names no management socket: use --socket")
	}
	return management.New(loaded.Path(socket), a.lang), nil
}

// answered turns the hub's "no" into the exit code of a no. A request that makes no sense
// to the hub is wrong use, and stays undecided.
func answered(err error) error {
	var refused *management.RefusedError
	if !errors.As(err, &refused) || refused.Status/100 != 4 || refused.Status == http.StatusBadRequest ||
		refused.Rule == string(problem.RuleUnknownEnte) || refused.Rule == string(problem.RuleCodiceFiscale) {
		return err
	}
	return no(err)
}

func (a *app) keysAPICommand() *cobra.Command {
	return a.group("api", a.t("chiavi delle applicazioni che chiamano l'API di acquisizione", "keys of the applications that call the acquisition API"),
		"  snodo keys api new --ente c_bf01 --applicazione sportello\n  snodo keys api list --ente c_bf01",
		a.keysAPINewCommand(), a.keysAPIListCommand(), a.keysAPIRevokeCommand())
}

func (a *app) keysAPINewCommand() *cobra.Command {
	var ente, application string
	cmd := &cobra.Command{
		Use:   "new",
		Short: a.t("crea la chiave di un'applicazione e la mostra una sola volta", "make the key of an application and show it once"),
		Long: a.t("Lo Snodo conserva solo l'impronta SHA-256 della chiave: chi la perde ne crea un'altra e revoca\nquella persa.",
			"The hub keeps only the SHA-256 of the key: who loses it makes another and revokes the lost one."),
		Example: "  snodo keys api new --ente c_bf01 --applicazione sportello --config /etc/snodo",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&ente, "ente", "", a.t("codice IPA", "IPA code"))
	cmd.Flags().StringVar(&application, "applicazione", "", a.t("nome dell'applicazione in ente.yaml", "name of the application in ente.yaml"))
	a.require(cmd, "ente", "applicazione")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		var made httpapi.ChiaveNuova
		err = hub.Post(cmd.Context(), "/v1/chiavi", map[string]string{"ente": ente, "applicazione": application}, &made)
		if err != nil {
			return answered(err)
		}
		a.hint("questa chiave non sarà più mostrata: consegnarla all'applicazione ora", "this key is not shown again: hand it to the application now")
		return a.emit(made, func(w *terminal.Writer) { w.Line(made.Segreto) })
	}
	return cmd
}

func (a *app) keysAPIListCommand() *cobra.Command {
	var ente string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   a.t("elenca le chiavi delle applicazioni di un ente", "list the keys of the applications of an ente"),
		Example: "  snodo keys api list --ente c_bf01 --output json",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&ente, "ente", "", a.t("codice IPA", "IPA code"))
	a.require(cmd, "ente")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		var list struct {
			Chiavi []httpapi.Chiave `json:"chiavi"`
		}
		err = hub.Get(cmd.Context(), "/v1/chiavi", url.Values{"ente": {ente}}, &list)
		if err != nil {
			return answered(err)
		}
		return a.emit(list, func(w *terminal.Writer) { a.showAPIKeys(w, list.Chiavi) })
	}
	return cmd
}

func (a *app) showAPIKeys(w *terminal.Writer, list []httpapi.Chiave) {
	rows := [][]string{{"ID", a.t("APPLICAZIONE", "APPLICATION"), a.t("CREATA", "MADE"), a.t("REVOCATA", "REVOKED")}}
	for _, k := range list {
		revoked := ""
		if k.Revocata != nil {
			revoked = k.Revocata.UTC().Format(time.RFC3339)
		}
		rows = append(rows, []string{k.ID, k.Applicazione, k.Creata.UTC().Format(time.RFC3339), revoked})
	}
	w.Table(rows)
}

func (a *app) keysAPIRevokeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "revoke ID",
		Short:   a.t("revoca una chiave: da subito non vale più", "revoke a key: it stops being valid at once"),
		Example: "  snodo keys api revoke 3f9a0c52",
		Args:    a.exactArgs("ID"),
	}
	socket := a.managed(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		err = hub.Delete(cmd.Context(), "/v1/chiavi/"+url.PathEscape(args[0]))
		if err != nil {
			return answered(err)
		}
		return a.emit(map[string]string{"id": args[0]}, func(w *terminal.Writer) {
			w.Say(terminal.Good, a.t("chiave revocata: ", "key revoked: ")+args[0])
		})
	}
	return cmd
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/conformance"
	"github.com/snodo-pa/snodo/conformance/report"
	"github.com/snodo-pa/snodo/internal/schema/apirules"
)

func (a *app) conformanceCommand() *cobra.Command {
	return a.group("conformance", a.t("prova di conformità ModI e PDND di un erogatore, di un fruitore o di un token, anche di altri",
		"ModI and PDND conformance test of a provider, a consumer or a token, also of others"),
		"  snodo conformance run --config prova.yaml\n"+
			"  snodo conformance serve --role fruitore --platform-listen 127.0.0.1:9555 --parties-audience https://api.ente.example/v1\n"+
			"  snodo conformance list --role erogatore --output json\n"+
			"  snodo conformance explain modi.integrity/digest-mismatch#body-changed.integrity-02\n"+
			"  snodo conformance diff prima.json dopo.json",
		a.conformanceRunCommand(), a.conformanceServeCommand(), a.conformanceListCommand(), a.conformanceExplainCommand(), a.conformanceDiffCommand())
}

// conformanceOptions are the flags that run and serve share.
type conformanceOptions struct {
	config, reports string
	yes             bool
}

// conformanceFlags adds a flag for every setting that a text can give.
func (a *app) conformanceFlags(cmd *cobra.Command, o *conformanceOptions) {
	f := cmd.Flags()
	f.StringVar(&o.config, "config", "", a.t("file YAML della prova", "YAML file of the run"))
	f.StringVar(&o.reports, "reports", "", a.t("cartella in cui scrivere report.json, junit.xml, report.html e badges.json", "folder in which to write report.json, junit.xml, report.html and badges.json"))
	f.BoolVar(&o.yes, "yes", false, a.t("non chiedere conferma prima delle operazioni non idempotenti", "do not ask before operations that are not idempotent"))
	for _, n := range conformance.Names() {
		about := conformance.About(n.Path).In(a.lang) + " (" + n.Env + ")"
		if n.Bool {
			f.Bool(n.Flag, false, about)
			continue
		}
		f.String(n.Flag, "", about)
	}
}

// conformanceConfig puts flags, environment and file together.
func (a *app) conformanceConfig(cmd *cobra.Command, o conformanceOptions) (conformance.Config, error) {
	var file []byte
	if o.config != "" {
		var err error
		if file, err = os.ReadFile(o.config); err != nil {
			return conformance.Config{}, fileError(o.config, err)
		}
	}
	given := map[string]string{}
	for _, n := range conformance.Names() {
		if flag := cmd.Flags().Lookup(n.Flag); flag.Changed {
			given[n.Flag] = flag.Value.String()
		}
	}
	c, err := conformance.Load(o.config, file, a.getenv, given)
	if err != nil {
		return c, err
	}
	c.Clock, c.Rand, c.APIRules = a.clock, a.rand, italianRules
	if !o.yes {
		c.Confirm = a.confirmOperation
	}
	return c, nil
}

// italianRules holds an OpenAPI document against the Italian rules that the hub publishes
// its own e-services by.
func italianRules(document []byte) ([]conformance.APIFinding, error) {
	var out []conformance.APIFinding
	for _, f := range apirules.Check(document) {
		out = append(out, conformance.APIFinding{
			Rule: string(f.Rule), Where: f.Place, Severity: italianSeverity(f.Severity), Message: conformance.Text{IT: f.Text.IT, EN: f.Text.EN},
		})
	}
	return out, nil
}

// italianSeverity is a severity of the Italian rules in the words of the suite.
func italianSeverity(s apirules.Severity) string {
	if s == apirules.Error {
		return "strict"
	}
	return "advisory"
}

// confirmOperation asks before an operation that is not idempotent. Nobody to ask is a no.
func (a *app) confirmOperation(_ context.Context, op conformance.Operation) (bool, error) {
	if !a.io.person {
		return false, nil
	}
	fmt.Fprintf(a.io.err, a.t("%s %s non è idempotente: chiamarla più volte? [s/N] ", "%s %s is not idempotent: call it many times? [y/N] "), op.Method, op.Path)
	line, err := bufio.NewReader(a.io.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "s" || answer == "y" || answer == "si" || answer == "sì" || answer == "yes", nil
}

func (a *app) conformanceRunCommand() *cobra.Command {
	var o conformanceOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: a.t("gioca i casi e scrive il rapporto", "play the cases and write the report"),
		Long: a.t("Gioca i casi della suite contro chi è in prova. Le impostazioni vengono dalle opzioni, poi\n"+
			"dall'ambiente (SNODO_CONF_*), poi dal file. Senza --allow-writes chiama solo operazioni sicure.\n\n"+
			"Esce con 0 se almeno un caso è stato giocato e nessuno è fallito, con 1 se uno è fallito (anche solo\n"+
			"advisory: --severity must o strict per non giocarli), con 2 se nulla è deciso (errore della suite,\n"+
			"nessun caso giocato, impostazioni mancanti).",
			"Plays the cases of the suite against who is under test. Settings come from the flags, then the\n"+
				"environment (SNODO_CONF_*), then the file. Without --allow-writes it calls safe operations only.\n\n"+
				"Exits with 0 when at least one case was played and none failed, 1 when one failed (an advisory one\n"+
				"as well: --severity must or strict leaves them out), 2 when nothing is decided (an error of the\n"+
				"suite, no case played, settings missing)."),
		Example: "  snodo conformance run --config prova.yaml --reports rapporti\n" +
			"  SNODO_CONF_TARGET=https://api.ente.example/v1 snodo conformance run --config prova.yaml --output json",
		Args: a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.conformanceConfig(cmd, o)
			if err != nil {
				return err
			}
			return a.conformancePlay(cmd.Context(), c, o)
		},
	}
	a.conformanceFlags(cmd, &o)
	return cmd
}

// conformancePlay opens the suite, says where it is and plays: a party under test that is
// set up by hand must be told before it is asked.
func (a *app) conformancePlay(ctx context.Context, c conformance.Config, o conformanceOptions) error {
	suite, err := conformance.Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = suite.Close() }()
	if err := a.tellSuite(suite, c.Role); err != nil {
		return err
	}
	r, err := suite.Run(ctx)
	if err != nil {
		return err
	}
	return a.conformanceVerdict(r, o)
}

// tellSuite says where the suite answers as PDND, and what its vouchers and tokens say: who
// is under test is set up with it. A suite that plays nobody says nothing.
func (a *app) tellSuite(suite *conformance.Suite, role conformance.Role) error {
	at, err := suite.Addresses()
	if err != nil || at.Base == "" {
		return err
	}
	rows := []conformance.Setting{{Name: "JWKS", Value: at.JWKS}, {Name: a.t("chiavi", "keys"), Value: at.Base + "/keys/{kid}, " + at.Base + "/producerKeys/{kid}"}}
	if role == conformance.RoleFruitore {
		rows = append([]conformance.Setting{{Name: a.t("token", "tokens"), Value: at.TokenURL}, {Name: "e-service", Value: at.Eservice}}, rows...)
	}
	for _, row := range append(rows, suite.Claims()...) {
		a.hint("%-12s %s", "%-12s %s", row.Name, row.Value)
	}
	return nil
}

// conformanceVerdict writes the report and ends with its exit code.
func (a *app) conformanceVerdict(r *conformance.Report, o conformanceOptions) error {
	if o.reports != "" {
		if err := a.writeReports(r, o.reports); err != nil {
			return err
		}
		a.hint("rapporto: %s", "report: %s", filepath.Join(o.reports, "report.html"))
	}
	var err error
	if a.output == "json" {
		err = report.JSON(a.io.out, r)
	} else {
		err = report.Text(a.io.out, r, a.lang)
	}
	switch {
	case err != nil:
		return err
	case r.ExitCode() == conformance.ExitFail:
		return no(nil)
	case r.ExitCode() == conformance.ExitUndecided:
		return undecided()
	default:
		return nil
	}
}

// writeReports writes every form of a report into a folder.
func (a *app) writeReports(r *conformance.Report, folder string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fileError(folder, err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"report.json": func(w io.Writer) error { return report.JSON(w, r) },
		"junit.xml":   func(w io.Writer) error { return report.JUnit(w, r, a.lang) },
		"report.html": func(w io.Writer) error { return report.HTML(w, r, a.lang) },
		"badges.json": func(w io.Writer) error { return report.BadgesJSON(w, r, a.lang) },
	} {
		path := filepath.Join(folder, name)
		file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the folder the user names
		if err != nil {
			return fileError(path, err)
		}
		if err = errors.Join(write(file), file.Close()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

func (a *app) conformanceServeCommand() *cobra.Command {
	var o conformanceOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: a.t("fa la parte di PDND e dell'e-service per chi è in prova, e ne osserva i messaggi", "play PDND and the e-service for who is under test, and watch its messages"),
		Long: a.t("Con --role fruitore resta in ascolto come PDND ed e-service, e giudica ogni messaggio che arriva; con\n"+
			"Ctrl-C scrive il rapporto. Con --role erogatore pubblica le chiavi con cui run firmerà (--keys-folder).",
			"With --role fruitore it listens as PDND and e-service and judges every message that comes; with\n"+
				"Ctrl-C it writes the report. With --role erogatore it publishes the keys that run will sign with (--keys-folder)."),
		Example: "  snodo conformance serve --role fruitore --platform-listen 127.0.0.1:9555 \\\n" +
			"    --parties-audience https://api.ente.example/v1 --patterns PDND_VOUCHER,INTEGRITY_REST_02",
		Args: a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.conformanceConfig(cmd, o)
			if err != nil {
				return err
			}
			return a.conformanceServe(cmd.Context(), c, o)
		},
	}
	a.conformanceFlags(cmd, &o)
	return cmd
}

func (a *app) conformanceServe(ctx context.Context, c conformance.Config, o conformanceOptions) error {
	c.Serve = true
	suite, err := conformance.Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = suite.Close() }()
	if err := a.tellSuite(suite, c.Role); err != nil {
		return err
	}
	if c.Role != conformance.RoleFruitore {
		<-ctx.Done()
		return nil
	}
	r, err := suite.Run(ctx)
	if err != nil {
		return err
	}
	return a.conformanceVerdict(r, o)
}

func (a *app) conformanceDiffCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "diff " + a.t("PRIMA DOPO", "BEFORE AFTER"),
		Short:   a.t("confronta due rapporti JSON: 1 se qualcosa è peggiorato", "compare two JSON reports: 1 when something is worse"),
		Example: "  snodo conformance diff ieri/report.json oggi/report.json",
		Args:    a.exactArgs(a.t("PRIMA", "BEFORE"), a.t("DOPO", "AFTER")),
		RunE: func(_ *cobra.Command, args []string) error {
			var reports [2]*conformance.Report
			for i, name := range args {
				data, err := os.ReadFile(name) // #nosec G304 -- the file that was asked for
				if err != nil {
					return fileError(name, err)
				}
				if reports[i], err = conformance.ReadReport(data); err != nil {
					return a.errorf("%s: %w", "%s: %w", name, err)
				}
			}
			d := conformance.Compare(reports[0], reports[1])
			var errText error
			err := a.emit(d, func(*terminal.Writer) { errText = report.Difference(a.io.out, d, a.lang) })
			switch {
			case err != nil || errText != nil:
				return errors.Join(err, errText)
			case len(d.Worse) > 0:
				return no(nil)
			default:
				return nil
			}
		},
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/management"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/evidence"
	"github.com/snodo-pa/snodo/internal/httpapi"
)

func (a *app) evidenceCommand() *cobra.Command {
	return a.group("evidence", a.t("prove degli scambi: elenco, esportazione, verifica, cancellazione", "evidence of the exchanges: list, export, verification, erasure"),
		"  snodo evidence list --ente c_bf01\n  snodo evidence verify prove.jsonl --trust 9c1f…",
		a.evidenceListCommand(), a.evidenceShowCommand(), a.evidenceExportCommand(), a.evidenceVerifyCommand(), a.evidenceEraseCommand())
}

// evidenceList is the answer of the hub to a search.
type evidenceList struct {
	Prove []httpapi.Prova `json:"prove"`
}

// evidenceQuery is the search, as the hub takes it.
type evidenceQuery struct {
	Ente     string `json:"ente"`
	Ambiente string `json:"ambiente,omitempty"`
	Da       string `json:"da,omitempty"`
	A        string `json:"a,omitempty"`
	Tipo     string `json:"tipo,omitempty"`
	Scambio  string `json:"scambio,omitempty"`
	Soggetto string `json:"soggetto,omitempty"`
	Dopo     *int64 `json:"dopo,omitempty"`
	Limite   int    `json:"limite,omitempty"`
}

func (a *app) evidenceListCommand() *cobra.Command {
	var query evidenceQuery
	var subjectFile string
	var most int
	cmd := &cobra.Command{
		Use:   "list",
		Short: a.t("elenca le prove di un ente", "list the evidence of an ente"),
		Long: a.t("Le prove che riguardano una persona si cercano con --soggetto-file: il codice fiscale si legge dal\n"+
			"file (- per lo standard input), così non resta tra gli argomenti del processo.",
			"The evidence about a person is searched by --soggetto-file: the codice fiscale is read from the\n"+
				"file (- for standard input), so that it does not stay among the arguments of the process."),
		Example: "  snodo evidence list --ente c_bf01 --da 2026-10-01\n  snodo evidence list --ente c_bf01 --soggetto-file - --output json",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	f := cmd.Flags()
	f.StringVar(&query.Ente, "ente", "", a.t("codice IPA", "IPA code"))
	f.StringVar(&query.Ambiente, "ambiente", "", "produzione | collaudo | attestazione | locale")
	a.periodFlags(cmd, &query.Da, &query.A)
	f.StringVar(&query.Tipo, "tipo", "", "acquisizione/esito, erogazione/rifiuto, …")
	f.StringVar(&query.Scambio, "scambio", "", a.t("identificativo dello scambio", "identifier of the exchange"))
	f.StringVar(&subjectFile, "soggetto-file", "", a.t("file con il codice fiscale, - per lo standard input", "file with the codice fiscale, - for standard input"))
	f.IntVar(&most, "limite", 0, a.t("quante al più; 0: tutte", "how many at most; 0: all"))
	a.require(cmd, "ente")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if most < 0 {
			return a.errorf("--limite: atteso un numero non negativo", "--limite: expected a number that is not negative")
		}
		if err := a.period(&query.Da, &query.A); err != nil {
			return err
		}
		var err error
		if query.Soggetto, err = a.subject(subjectFile); err != nil {
			return err
		}
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		list, err := allEvidence(cmd.Context(), hub, query, most, evidence.MaxPage)
		if err != nil {
			return answered(err)
		}
		return a.emit(list, func(w *terminal.Writer) { a.showEvidence(w, list.Prove) })
	}
	return cmd
}

// allEvidence asks for page after page until the search is exhausted or most records,
// when not 0, were found. page is how many to ask for at once, 1 to evidence.MaxPage.
func allEvidence(ctx context.Context, hub *management.Client, query evidenceQuery, most, page int) (evidenceList, error) {
	all := evidenceList{Prove: []httpapi.Prova{}}
	for {
		query.Limite = page
		if most > 0 {
			query.Limite = min(page, most-len(all.Prove))
		}
		var found evidenceList
		if err := hub.Post(ctx, "/v1/prove/ricerca", query, &found); err != nil {
			return evidenceList{}, err
		}
		all.Prove = append(all.Prove, found.Prove...)
		if len(found.Prove) < query.Limite || len(all.Prove) == most {
			return all, nil
		}
		query.Dopo = &found.Prove[len(found.Prove)-1].Indice
	}
}

// periodFlags adds --da and --a to a command; period reads them.
func (a *app) periodFlags(cmd *cobra.Command, from, to *string) {
	cmd.Flags().StringVar(from, "da", "", a.t("da quando: AAAA-MM-GG (ore 0 UTC) o istante RFC 3339", "from when: YYYY-MM-DD (midnight UTC) or RFC 3339 instant"))
	cmd.Flags().StringVar(to, "a", "", a.t("a quando, escluso: AAAA-MM-GG (ore 0 UTC) o istante RFC 3339", "to when, excluded: YYYY-MM-DD (midnight UTC) or RFC 3339 instant"))
}

// period rewrites both ends of a period as the hub takes them; "" leaves an end open.
func (a *app) period(from, to *string) error {
	for _, end := range []struct {
		flag string
		text *string
	}{{"--da", from}, {"--a", to}} {
		if *end.text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, *end.text)
		if err != nil {
			at, err = time.Parse(time.RFC3339, *end.text)
		}
		if err != nil {
			return a.errorf("%s: atteso 2026-10-01 oppure 2026-10-01T00:00:00Z", "%s: expected 2026-10-01 or 2026-10-01T00:00:00Z", end.flag)
		}
		*end.text = at.Format(time.RFC3339Nano)
	}
	return nil
}

// subject reads a codice fiscale from a file; "" names none. What a person types at the
// terminal ends with the line, so that more can be asked.
func (a *app) subject(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	if file == "-" && a.io.person {
		line, err := a.readLine()
		return strings.ToUpper(strings.TrimSpace(line)), err
	}
	reader, err := a.open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = reader.Close() }()
	data, err := io.ReadAll(io.LimitReader(reader, 64))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return strings.ToUpper(strings.TrimSpace(string(data))), nil
}

// maxLine bounds what a person types.
const maxLine = 256

// readLine reads one line of standard input and no byte beyond it.
func (a *app) readLine() (string, error) {
	var line []byte
	for one := make([]byte, 1); len(line) < maxLine; line = append(line, one[0]) {
		_, err := io.ReadFull(a.io.in, one)
		if errors.Is(err, io.EOF) || err == nil && one[0] == '\n' {
			break
		}
		if err != nil {
			return "", fmt.Errorf("standard input: %w", err)
		}
	}
	return string(line), nil
}

func (a *app) showEvidence(w *terminal.Writer, list []httpapi.Prova) {
	if len(list) == 0 {
		w.Say(terminal.Note, a.t("nessuna prova", "no record"))
		return
	}
	rows := [][]string{{
		a.t("N.", "NO."), a.t("ISTANTE", "INSTANT"), a.t("TIPO", "KIND"), a.t("SERVIZIO", "SERVICE"), a.t("STATO", "STATUS"), a.t("REGOLE", "RULES"),
	}}
	for _, r := range list {
		status := ""
		if r.Stato != 0 {
			status = strconv.Itoa(r.Stato)
		}
		rows = append(rows, []string{strconv.FormatInt(r.Indice, 10), r.Istante.UTC().Format(time.RFC3339), r.Tipo, r.Servizio, status, strings.Join(r.Regole, " ")})
	}
	w.Table(rows)
}

func (a *app) evidenceShowCommand() *cobra.Command {
	var ente string
	cmd := &cobra.Command{
		Use:     "show " + a.t("INDICE", "INDEX"),
		Short:   a.t("mostra una prova per intero", "show one record whole"),
		Example: "  snodo evidence show 41 --ente c_bf01",
		Args:    a.exactArgs(a.t("INDICE", "INDEX")),
	}
	socket := a.managed(cmd)
	cmd.Flags().StringVar(&ente, "ente", "", a.t("codice IPA", "IPA code"))
	a.require(cmd, "ente")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := strconv.ParseUint(args[0], 10, 63); err != nil {
			return a.errorf("INDICE: atteso il numero di una prova", "INDEX: expected the number of a record")
		}
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		var record json.RawMessage
		err = hub.Get(cmd.Context(), "/v1/prove/"+url.PathEscape(ente)+"/"+args[0], nil, &record)
		if err != nil {
			return answered(err)
		}
		return a.emit(record, func(w *terminal.Writer) { w.JSON(record) })
	}
	return cmd
}

// exportOptions are the flags of evidence export.
type exportOptions struct {
	ente, file, from, to string
	sides                bool
}

func (a *app) evidenceExportCommand() *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: a.t("esporta le prove di un ente in un file che chiunque può verificare", "export the evidence of an ente to a file that anybody can verify"),
		Long: a.t("Senza --riservati il file contiene solo le voci pubbliche; con --riservati anche i dati cifrati,\n"+
			"in chiaro: operatore, pratica, messaggi. Il file non si sovrascrive mai.",
			"Without --riservati the file holds the public entries only; with it also the encrypted data, in\n"+
				"clear: operator, case, messages. A file is never overwritten."),
		Example: "  snodo evidence export --ente c_bf01 --file prove.jsonl\n  snodo evidence verify prove.jsonl --trust 9c1f…",
		Args:    a.noArgs,
	}
	socket := a.managed(cmd)
	f := cmd.Flags()
	f.StringVar(&o.ente, "ente", "", a.t("codice IPA", "IPA code"))
	f.StringVar(&o.file, "file", "", a.t("file da scrivere, - per lo standard output", "file to write, - for standard output"))
	a.periodFlags(cmd, &o.from, &o.to)
	f.BoolVar(&o.sides, "riservati", false, a.t("includere i dati riservati, in chiaro", "include the reserved data, in clear"))
	a.require(cmd, "ente", "file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := a.period(&o.from, &o.to); err != nil {
			return err
		}
		hub, err := a.hub(socket)
		if err != nil {
			return err
		}
		return a.evidenceExport(cmd, hub, o)
	}
	return cmd
}

func (a *app) evidenceExport(cmd *cobra.Command, hub *management.Client, o exportOptions) error {
	out := io.WriteCloser(plainWriter{a.io.out})
	if o.file != "-" {
		file, err := os.OpenFile(o.file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return bilingual.Errorf("esportazione: %w", "export: %w", err)
		}
		out = file
	}
	query := url.Values{"riservati": {strconv.FormatBool(o.sides)}}
	for name, value := range map[string]string{"da": o.from, "a": o.to} {
		if value != "" {
			query.Set(name, value)
		}
	}
	err := hub.Stream(cmd.Context(), "/v1/prove/"+url.PathEscape(o.ente)+"/export", query, out)
	errClose := out.Close()
	if err == nil {
		err = errClose
	}
	if err != nil && o.file != "-" {
		_ = os.Remove(o.file) // half an export is no export
	}
	if err != nil || o.file == "-" {
		return answered(err)
	}
	return a.emit(map[string]string{"file": o.file}, func(w *terminal.Writer) {
		w.Say(terminal.Good, a.t("prove esportate in ", "evidence exported to ")+o.file)
	})
}

// plainWriter is a stream that is not ours to close.
type plainWriter struct{ io.Writer }

func (plainWriter) Close() error { return nil }

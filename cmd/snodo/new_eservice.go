// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/scaffold"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/internal/schema/apirules"
	"github.com/snodo-pa/snodo/mocks/scripted"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

type newEserviceOptions struct {
	openapi, from, name, dir string
	request, response        []string
	enti, config             string
	mock                     string
}

func (a *app) newEserviceCommand() *cobra.Command {
	var o newEserviceOptions
	cmd := &cobra.Command{
		Use:   "eservice",
		Short: a.t("da un documento OpenAPI, o da un modello, un e-service da offrire", "from an OpenAPI document, or from a template, an e-service to offer"),
		Long: a.t("Scrive CARTELLA/exposes/NOME.yaml, la ricetta, CARTELLA/exposes/NOME.openapi.yaml, il documento che si\n"+
			"pubblica, e CARTELLA/backends/NOME.yaml, un gestionale finto che risponde con gli esempi. Al documento\n"+
			"aggiunge ciò che le regole italiane vogliono (/status, errori problem+json, X-RateLimit-*, 429 e 503 con\n"+
			"Retry-After, contatto, formati e limiti) e dice che cosa resta da decidere.\n\n"+
			"Con --enti lo collega agli enti di un file che non lo offrono ancora; senza --openapi né --from prende la\n"+
			"ricetta che è già nella cartella. Con --mock avvia anche il gestionale finto, fino a Ctrl-C.\n\n"+
			"Esce con 0 se il documento non ha errori, con 1 se ne restano.",
			"Writes FOLDER/exposes/NAME.yaml, the recipe, FOLDER/exposes/NAME.openapi.yaml, the document that is\n"+
				"published, and FOLDER/backends/NAME.yaml, a mock back end that answers with the examples. It adds to the\n"+
				"document what the Italian rules want (/status, problem+json errors, X-RateLimit-*, 429 and 503 with\n"+
				"Retry-After, contact, formats and bounds) and says what is left to decide.\n\n"+
				"With --enti it binds it to the enti of a file that do not offer it yet; without --openapi and --from it takes\n"+
				"the recipe that is in the folder already. With --mock it starts the mock back end too, until Ctrl-C.\n\n"+
				"Exits with 0 when the document has no errors, with 1 when some are left."),
		Example: "  snodo new eservice --openapi pratiche.yaml --name ricerca-pratiche --dir ricette\n" +
			"  snodo new eservice --from stato-istanza --dir ricette --mock 127.0.0.1:8090\n" +
			"  snodo new eservice --openapi pratiche.yaml --name ricerca-pratiche --dir ricette --enti enti.yaml --config /etc/snodo\n" +
			"  snodo new eservice --name ricerca-pratiche --dir ricette --enti altri-enti.yaml --config /etc/snodo",
		Args: a.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.newEservice(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.openapi, "openapi", "", a.t("documento OpenAPI 3.0 del servizio, in YAML o JSON", "OpenAPI 3.0 document of the service, in YAML or JSON"))
	f.StringVar(&o.from, "from", "", a.t("al posto di --openapi, un modello incluso: ", "instead of --openapi, a built-in template: ")+strings.Join(templates(), ", "))
	f.StringVar(&o.name, "name", "", a.t("nome dell'e-service, come ricerca-pratiche; con --from, quello del modello", "name of the e-service, such as ricerca-pratiche; with --from, the template's"))
	f.StringVar(&o.dir, "dir", "", a.t("cartella delle ricette proprie", "folder of own recipes"))
	f.StringSliceVar(&o.request, "request", []string{string(modi.PatternAuditREST02), string(modi.PatternIntegrityREST02)}, a.t("pattern della richiesta, oltre al voucher; con --from, quelli del modello", "patterns of the request, beside the voucher; with --from, the template's"))
	f.StringSliceVar(&o.response, "response", []string{string(modi.PatternIntegrityREST02)}, a.t("pattern della risposta; con --from, quelli del modello", "patterns of the answer; with --from, the template's"))
	f.StringVar(&o.enti, "enti", "", a.t("file YAML degli enti che lo offrono: aggiunge una voce al loro exposes.yaml", "YAML file of the enti that offer it: adds an item to their exposes.yaml"))
	a.configFlag(cmd, &o.config)
	f.StringVar(&o.mock, "mock", "", a.t("indirizzo su cui avviare il gestionale finto, come 127.0.0.1:8090", "address at which to start the mock back end, such as 127.0.0.1:8090"))
	a.require(cmd, "dir")
	return cmd
}

// templates are the built-in e-services.
func templates() []string {
	_, exposes, err := registry.Builtin()
	if err != nil {
		return nil // whatever runs says so
	}
	return slices.Sorted(maps.Keys(exposes))
}

// newEserviceSummary is the result of new eservice.
type newEserviceSummary struct {
	Recipe     string            `json:"recipe"`
	Document   string            `json:"document"`
	BackEnd    string            `json:"backEnd"`
	Left       bool              `json:"left,omitempty"` // the files were there already, and the same
	Operations []string          `json:"operations"`
	Changes    []string          `json:"changes,omitempty"`
	Findings   []findingLine     `json:"findings,omitempty"`
	Enti       map[string]string `json:"enti,omitempty"`  // codice IPA -> exposes.yaml, where it was bound
	Bound      []string          `json:"bound,omitempty"` // enti that offered it already
	Mock       string            `json:"mock,omitempty"`
	Push       bool              `json:"push,omitempty"`   // it offers NONBLOCK_PUSH_REST
	Review     bool              `json:"review,omitempty"` // lines of the recipe or of the document wait for a person
}

type findingLine struct {
	Severity string `json:"severity"`
	Rule     string `json:"rule"`
	Place    string `json:"place"`
	Message  string `json:"message"`
	Source   string `json:"source"`
}

func (a *app) newEservice(ctx context.Context, o newEserviceOptions) error {
	made, err := a.publish(&o)
	if made.Document == nil {
		return err
	}
	summary := newEserviceSummary{
		Recipe:   filepath.Join(o.dir, "exposes", o.name+".yaml"),
		Document: filepath.Join(o.dir, "exposes", o.name+".openapi.yaml"),
		BackEnd:  filepath.Join(o.dir, "backends", o.name+".yaml"), Operations: made.Operations,
	}
	files, errBind := a.bindings(o, made, &summary)
	if errBind != nil {
		return errBind
	}
	wrote, errWrite := a.writeEservice([]newFile{{summary.Recipe, made.Recipe}, {summary.Document, made.Document}, {summary.BackEnd, made.BackEnd}})
	if errWrite != nil {
		return errWrite
	}
	summary.Left = len(wrote) == 0
	summary.Push = bytes.Contains(made.Recipe, []byte("pattern: "+registry.NonBlockingPush))
	summary.Review = bytes.Contains(slices.Concat(made.Recipe, made.Document), []byte(scaffold.Review))
	if err != nil {
		return err // what was written has to be corrected by hand
	}
	if err := a.soundWith(ctx, o.config, files); err != nil {
		for _, path := range wrote {
			_ = os.Remove(path)
		}
		return err
	}
	if summary.Enti, err = writeBindings(o.config, files); err != nil {
		return err
	}
	for _, c := range made.Changes {
		summary.Changes = append(summary.Changes, a.t(c.IT, c.EN))
	}
	for _, f := range made.Findings {
		summary.Findings = append(summary.Findings, findingLine{string(f.Severity), string(f.Rule), f.Place, a.t(f.Text.IT, f.Text.EN), f.Source})
	}
	return a.newEserviceDone(ctx, o, summary, made)
}

// newFile is a file to be made.
type newFile struct {
	path string
	text []byte
}

// writeEservice makes the files of an e-service that are not there and tells which. Where one is there and is another, none is
// made and the error says what can be done.
func (a *app) writeEservice(files []newFile) (wrote []string, err error) {
	files = slices.DeleteFunc(files, func(f newFile) bool { return len(f.text) == 0 })
	var there []string
	other := ""
	for _, f := range files {
		text, err := os.ReadFile(f.path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, bilingual.Errorf("lettura di %s: %w", "read %s: %w", f.path, err)
		}
		there = append(there, f.path)
		if !bytes.Equal(text, f.text) {
			other = f.path
		}
	}
	if other != "" {
		return nil, a.errorf("%s c'è già, ed è diverso: nulla è stato scritto. Per collegare enti alla ricetta che c'è, togliere --openapi e --from; per rifarla, prima: rm %s",
			"%s is there already, and is another one: nothing was written. To bind enti to the recipe that is there, leave --openapi and --from out; to make it anew, first: rm %s",
			other, strings.Join(there, " "))
	}
	for _, f := range files {
		if slices.Contains(there, f.path) {
			continue
		}
		if err := writeNew(f.path, f.text); err != nil {
			return wrote, err
		}
		wrote = append(wrote, f.path)
	}
	return wrote, nil
}

// publish makes the files, from a document or from a template, or finds them where they were made before.
func (a *app) publish(o *newEserviceOptions) (scaffold.Published, error) {
	switch {
	case o.openapi != "" && o.from != "":
		return scaffold.Published{}, a.errorf("serve --openapi oppure --from", "--openapi or --from is needed")
	case o.from != "":
		if o.name == "" {
			o.name = o.from
		}
		if !slices.Contains(templates(), o.from) {
			return scaffold.Published{}, a.errorf("--from %s: scrivere uno tra %s", "--from %s: write one of %s", o.from, strings.Join(templates(), ", "))
		}
		return scaffold.Template(o.from, o.name)
	case o.openapi == "" && (o.enti == "" || o.name == ""):
		return scaffold.Published{}, a.errorf("serve --openapi oppure --from; per collegare enti a una ricetta che c'è, --name ed --enti",
			"--openapi or --from is needed; to bind enti to a recipe that is there, --name and --enti")
	case o.name == "":
		return scaffold.Published{}, a.errorf("con --openapi serve --name", "--openapi needs --name")
	case o.openapi == "":
		return a.published(o)
	}
	document, err := readOpenAPI(o.openapi)
	if err != nil {
		return scaffold.Published{}, err
	}
	e := scaffold.Eservice{Name: o.name}
	for _, p := range o.request {
		e.Request = append(e.Request, modi.Pattern(p))
	}
	for _, p := range o.response {
		e.Response = append(e.Response, modi.Pattern(p))
	}
	return scaffold.Publish(e, document)
}

// published reads the files of an e-service that is in the folder of own recipes already.
func (a *app) published(o *newEserviceOptions) (scaffold.Published, error) {
	var p scaffold.Published
	for path, into := range map[string]*[]byte{"exposes/" + o.name + ".yaml": &p.Recipe, "exposes/" + o.name + ".openapi.yaml": &p.Document, "backends/" + o.name + ".yaml": &p.BackEnd} {
		text, err := os.ReadFile(filepath.Join(o.dir, filepath.FromSlash(path)))
		if err != nil && (into != &p.BackEnd || !os.IsNotExist(err)) {
			return scaffold.Published{}, a.errorf("in --dir non c'è la ricetta %s: serve --openapi oppure --from (%w)", "there is no recipe %s in --dir: --openapi or --from is needed (%w)", o.name, err)
		}
		*into = text
	}
	return p, scaffold.Read(o.name, &p)
}

// newEserviceDone starts the mock back end where asked, tells what was done and waits.
func (a *app) newEserviceDone(ctx context.Context, o newEserviceOptions, s newEserviceSummary, made scaffold.Published) error {
	var server *scripted.BackEndServer
	if o.mock != "" {
		description, err := scripted.ParseBackEnd(made.BackEnd)
		if err != nil {
			return err
		}
		if server, err = scripted.NewBackEnd(description, scripted.BackEndOptions{Clock: a.clock, Rand: a.rand}); err != nil {
			return err
		}
		if err := server.Start(ctx, o.mock); err != nil {
			return bilingual.Errorf("gestionale finto: %w", "mock back end: %w", err)
		}
		s.Mock = server.URL()
	}
	err := a.emit(s, func(w *terminal.Writer) { a.showNewEservice(w, o, s) })
	if server != nil {
		if err == nil {
			<-ctx.Done()
		}
		_ = server.Close()
	}
	if n := len(apirules.Errors(made.Findings)); err == nil && n > 0 {
		return no(a.errorf("il documento ha ancora %d errori: decidere che cosa farne, poi correggerlo", "the document still has %d errors: decide what to do about them, then correct it", n))
	}
	return err
}

func (a *app) showNewEservice(w *terminal.Writer, o newEserviceOptions, s newEserviceSummary) {
	w.Title(map[bool]string{false: a.t("Scritti", "Written"), true: a.t("C'erano già, e sono rimasti così", "There already, and left as they are")}[s.Left])
	rows := [][]string{{a.t("ricetta", "recipe"), s.Recipe}, {a.t("documento", "document"), s.Document}, {a.t("gestionale finto", "mock back end"), s.BackEnd}}
	for _, ente := range slices.Sorted(maps.Keys(s.Enti)) {
		rows = append(rows, []string{ente, s.Enti[ente]})
	}
	w.Table(rows)
	for _, ente := range s.Bound {
		w.Line(ente + a.t(": lo offre già", ": offers it already"))
	}
	for _, c := range s.Changes {
		w.Line("+ " + c)
	}
	for _, f := range s.Findings {
		tone := a.t("avviso", "warning")
		if f.Severity == string(apirules.Error) {
			tone = a.t("errore", "error")
		}
		w.Line(tone + " " + f.Place + ": " + f.Message + " (" + f.Rule + ", " + f.Source + ")")
	}
	if s.Mock != "" {
		w.Para(a.t("Gestionale finto: ", "Mock back end: ") + s.Mock + a.t(" (Ctrl-C lo ferma)", " (Ctrl-C stops it)"))
		return
	}
	if slices.ContainsFunc(s.Findings, func(f findingLine) bool { return f.Severity == string(apirules.Error) }) {
		w.Para(a.t("Prima si tolgono gli errori: nel documento scritto, o in quello di partenza; per rifare i file, prima:",
			"First the errors have to go: from the document written, or from the one it was made of; to make the files anew, first:"))
		w.Code("rm " + s.Recipe + " " + s.Document + " " + s.BackEnd)
		return
	}
	if s.Push {
		w.Para(a.t("Offre risposte con richiamata: finché callbacks del collegamento non dice a chi, POST con X-ReplyTo riceve 403; il resto funziona.",
			"It offers answers by callback: until callbacks of the binding says to whom, a POST with X-ReplyTo gets 403; the rest works."))
	}
	if s.Review {
		w.Para(a.t("Rivedere le righe segnate «DA RIVEDERE», poi provare:", "Look at the lines marked “DA RIVEDERE”, then try:"))
	} else {
		w.Para(a.t("Per provarlo:", "To try it:"))
	}
	w.Code("snodo mock --dir snodo-mock --registri " + o.dir)
}

// readOpenAPI reads a document of a bounded size.
func readOpenAPI(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxOpenAPI {
		err = bilingual.Errorf("supera gli "+strconv.Itoa(maxOpenAPI>>20)+" MiB", "it is larger than "+strconv.Itoa(maxOpenAPI>>20)+" MiB")
	}
	if err != nil {
		return nil, bilingual.Errorf("lettura di --openapi: %w", "read --openapi: %w", err)
	}
	document, err := os.ReadFile(path) //nolint:gosec // the path is the user's own argument
	if err != nil {
		return nil, bilingual.Errorf("lettura di --openapi: %w", "read --openapi: %w", err)
	}
	return bytes.TrimPrefix(document, []byte("\xef\xbb\xbf")), nil
}

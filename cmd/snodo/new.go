// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/scaffold"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/bilingual"
)

// maxOpenAPI bounds the document read, in bytes.
const maxOpenAPI = 8 << 20

type newConsumesOptions struct{ openapi, name, dir string }

func (a *app) newCommand() *cobra.Command {
	return a.group("new", a.t("scrive una ricetta: di ciò che si chiede, o di ciò che si offre", "write a recipe: of what is asked for, or of what is offered"),
		"  snodo new consumes --openapi registro.yaml --name registro-prova --dir ricette\n  snodo new eservice --openapi pratiche.yaml --name ricerca-pratiche --dir ricette",
		a.newConsumesCommand(), a.newEserviceCommand())
}

func (a *app) newConsumesCommand() *cobra.Command {
	var o newConsumesOptions
	cmd := &cobra.Command{
		Use:   "consumes",
		Short: a.t("da un documento OpenAPI, una ricetta di fruizione e la sua simulazione", "from an OpenAPI document, a consumes recipe and its mock"),
		Long: a.t("Scrive CARTELLA/consumes/NOME.yaml, la ricetta, e CARTELLA/mocks/NOME.yaml, i dati della sua\n"+
			"simulazione. Funzionano così come sono; le righe segnate «DA RIVEDERE» dicono ciò che un documento\n"+
			"OpenAPI non sa. Poi: «snodo mock --dir PROVA --registri CARTELLA».",
			"Writes FOLDER/consumes/NAME.yaml, the recipe, and FOLDER/mocks/NAME.yaml, the data of its mock.\n"+
				"They work as they are; the lines marked “DA RIVEDERE” say what an OpenAPI document does not know.\n"+
				"Then: `snodo mock --dir TRIAL --registri FOLDER`."),
		Example: "  snodo new consumes --openapi registro.yaml --name registro-prova --dir ricette\n  snodo mock --dir prova --registri ricette",
		Args:    a.noArgs,
		RunE:    func(*cobra.Command, []string) error { return a.newConsumes(o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.openapi, "openapi", "", a.t("documento OpenAPI 3.0 dell'e-service, in YAML o JSON", "OpenAPI 3.0 document of the e-service, in YAML or JSON"))
	f.StringVar(&o.name, "name", "", a.t("nome del servizio, come registro-prova", "name of the service, such as registro-prova"))
	f.StringVar(&o.dir, "dir", "", a.t("cartella delle ricette proprie", "folder of own recipes"))
	a.require(cmd, "openapi", "name", "dir")
	return cmd
}

// newConsumesSummary is the result of new consumes.
type newConsumesSummary struct {
	Recipe     string   `json:"recipe"`
	Mock       string   `json:"mock"`
	Operations []string `json:"operations"`
}

func (a *app) newConsumes(o newConsumesOptions) error {
	document, err := readOpenAPI(o.openapi)
	if err != nil {
		return err
	}
	files, unfinished := scaffold.Write(o.name, document)
	if files.Recipe == nil {
		return unfinished
	}
	made := newConsumesSummary{
		Recipe:     filepath.Join(o.dir, "consumes", o.name+".yaml"),
		Mock:       filepath.Join(o.dir, "mocks", o.name+".yaml"),
		Operations: files.Operations,
	}
	for path, text := range map[string][]byte{made.Recipe: files.Recipe, made.Mock: files.Mock} {
		if err := writeNew(path, text); err != nil {
			return err
		}
	}
	if unfinished != nil {
		return unfinished
	}
	return a.emit(made, func(t *terminal.Writer) {
		t.Title(a.t("Scritti", "Written"))
		t.Table([][]string{{a.t("ricetta", "recipe"), made.Recipe}, {a.t("simulazione", "mock"), made.Mock}})
		t.Para(a.t("Rivedere le righe segnate «DA RIVEDERE», poi provare:", "Look at the lines marked “DA RIVEDERE”, then try:"))
		t.Code("snodo mock --dir snodo-mock --registri " + o.dir)
	})
}

// writeNew makes a file that must not be there yet.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return bilingual.Errorf("creazione della cartella: %w", "make folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the path is the user's own argument
	if errors.Is(err, fs.ErrExist) {
		return bilingual.Errorf("%s c'è già: nulla è stato scritto al suo posto", "%s is there already: nothing was written in its place", path)
	}
	if err != nil {
		return bilingual.Errorf("scrittura: %w", "write: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

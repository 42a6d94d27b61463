// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/snodo-pa/snodo/internal/backend"
	"github.com/snodo-pa/snodo/internal/config"
	"github.com/snodo-pa/snodo/internal/gateway"
	"github.com/snodo-pa/snodo/internal/schema"
)

func (a *app) exposesViewCommand() *cobra.Command {
	var dir, recipe, kind string
	cmd := &cobra.Command{
		Use:   "view",
		Short: a.t("scrive lo scheletro di una vista, da una ricetta", "write the skeleton of a view, from a recipe"),
		Long: a.t("Una vista risponde a un e-service senza codice: dice quali righe di una base dati o di un file sono la risposta\n"+
			"di ogni operazione. Lo scheletro ha già operazioni, parametri e membri del documento OpenAPI; restano da scrivere\n"+
			"la fonte, le query e i nomi delle colonne. snodo config check dice che cosa manca.",
			"A view answers an e-service without code: it says which rows of a database or of a file are the answer of each\n"+
				"operation. The skeleton has the operations, parameters and members of the OpenAPI document already; source,\n"+
				"queries and names of columns are left to write. snodo config check tells what is missing."),
		Example: "  snodo exposes view --ricetta stato-istanza --fonte sqlite > enti/c_bf01/stato-istanza.vista.yaml",
		Args:    a.noArgs,
	}
	a.configFlag(cmd, &dir)
	cmd.Flags().StringVar(&recipe, "ricetta", "", a.t("ricetta dell'e-service", "recipe of the e-service"))
	cmd.Flags().StringVar(&kind, "fonte", "sqlite", "sqlite | postgresql | mariadb | csv | json")
	a.require(cmd, "ricetta")
	cmd.RunE = func(*cobra.Command, []string) error {
		loaded, err := config.LoadDraft(dir)
		if err != nil {
			return err
		}
		exposure := loaded.Exposes[recipe]
		if exposure == nil {
			return a.errorf("--ricetta %s: ci sono %s. Le ricette proprie sono nella cartella recipesDir della configurazione: --config è %s",
				"--ricetta %s: there are %s. Own recipes are in the folder recipesDir of the configuration: --config is %s",
				recipe, strings.Join(slices.Sorted(maps.Keys(loaded.Exposes)), ", "), dir)
		}
		document, err := schema.Compile(exposure.Document)
		if err != nil {
			return err
		}
		text, err := backend.Skeleton(document.Without(gateway.StatusPath), kind)
		if err != nil {
			return a.errorf("--fonte %s: scrivere sqlite, postgresql, mariadb, csv o json", "--fonte %s: write sqlite, postgresql, mariadb, csv or json", kind)
		}
		_, err = a.io.out.Write([]byte(text))
		return err
	}
	return cmd
}

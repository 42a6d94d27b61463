// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Command gen writes the structural rules of the documents of OPI from the schemas that AgID and Banca d'Italia
// publish, which are not part of this project. They are read from contracts/siope below SNODO_SHARED; what is written is
// the compact form that internal/schema reads.
//
// It depends on internal/xmltree to read the schemas. What it does not understand in a schema is an error: no rule is
// left out silently.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// source is a schema and the name of the rules made of it.
type source struct{ path, name string }

// sources are the versions in use. Messages have not changed since 1.6.1.
func sources() []source {
	return []source{
		{"xsd/xmldsig-core-schema.xsd", "xmldsig"},
		{"xsd/OPI_GLOBAL_V_1_6_1.xsd", "global-1.6.1"},
		{"xsd/OPI_FLUSSO_ORDINATIVI_V_1_6_1.xsd", "flusso_ordinativi-1.6.1"},
		{"xsd/OPI_FLUSSO_ORDINATIVI_V_1_7_1.xsd", "flusso_ordinativi-1.7.1"},
		{"xsd/OPI_MSG_ACK_SIOPE_V_1_6_1.xsd", "messaggio_ack_siope-1.6.1"},
		{"xsd/OPI_MSG_RICEZIONE_FLUSSO_V_1_6_1.xsd", "messaggio_ricezione_flusso-1.6.1"},
		{"xsd/OPI_MSG_RIFIUTO_FLUSSO_V_1_6_1.xsd", "messaggio_rifiuto_flusso-1.6.1"},
		{"xsd/OPI_MSG_ESITO_APPLICATIVO_V_1_6_1.xsd", "messaggi_esito_applicativo-1.6.1"},
		{"xsd/OPI_GIORNALE_DI_CASSA_V_1_6_1.xsd", "flusso_giornale_di_cassa-1.6.1"},
		{"xsd/OPI_GIORNALE_DI_CASSA_V_1_7_1.xsd", "flusso_giornale_di_cassa-1.7.1"},
		{"xsd-payhub/OPI_GIORNALE_DI_CASSA_V_1_8.xsd", "flusso_giornale_di_cassa-1.8"},
		{"xsd/OPI_DISPONIBILITA_LIQUIDE_V_1_6_1.xsd", "flusso_disponibilita_liquide-1.6.1"},
		{"xsd/OPI_DISPONIBILITA_LIQUIDE_V_1_7_1.xsd", "flusso_disponibilita_liquide-1.7.1"},
	}
}

func main() {
	out := flag.String("out", "adapters/tesoreria/opi/rules", "folder of the rules")
	flag.Parse()
	shared := os.Getenv("SNODO_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	if err := run(filepath.Join(shared, "contracts", "siope"), *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(from, out string) error {
	var failed []error
	for _, s := range sources() {
		text, err := rules(from, s)
		if err == nil {
			err = os.WriteFile(filepath.Join(out, s.name+".rules"), []byte(text), 0o644) //nolint:gosec // a public file
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/internal/config"
)

const (
	c020Binding = "titolo: delega PDND d1000000-0000-4000-8000-000000000001\n"
	c030Purpose = "  anpr-c030: b1000000-0000-4000-8000-000000000030\n"
	c030Asked   = "  - {servizio: anpr-c030, operazione: id-anpr, campi: [idANPR]}\n"
)

// TestC030MayBeMissingWhereTheBindingSaysSo: without the setting its purpose is needed,
// with it the purpose may be there or not.
func TestC030MayBeMissingWhereTheBindingSaysSo(t *testing.T) {
	const consumes, procedimento = "enti/c_bf01/consumes.yaml", "enti/c_bf01/procedimenti/iscrizione-asilo.yaml"
	spare := func(word string) edit {
		return edit{consumes, c020Binding, c020Binding + "  senza_c030: " + word + "\n"}
	}
	noPurpose, notAsked := edit{procedimento, c030Purpose, ""}, edit{procedimento, c030Asked, ""}
	for name, test := range map[string]struct {
		edits []edit
		fault string
	}{
		"needed":                {[]edit{notAsked, noPurpose}, "purposes.anpr-c030 is missing"},
		"rifiuta":               {[]edit{spare("rifiuta"), notAsked, noPurpose}, "purposes.anpr-c030 is missing"},
		"avvisa":                {[]edit{spare("avvisa"), notAsked, noPurpose}, ""},
		"avvisa, with C030":     {[]edit{spare("avvisa"), notAsked}, ""},
		"avvisa, asked by name": {[]edit{spare("avvisa"), noPurpose}, "purposes.anpr-c030 is missing"},
		"another word":          {[]edit{spare("forse")}, "senza_c030"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(changed(t, test.edits...))
			switch {
			case test.fault == "" && err != nil:
				t.Error(err)
			case test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)):
				t.Errorf("error is %v, want %s", err, test.fault)
			}
		})
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package config_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/snodo-pa/snodo/internal/config"
)

func TestChiamata(t *testing.T) {
	call, err := config.ParseChiamata("GET /persone/{cf}/figli")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"persone/X/figli": true, "persone//figli": false, "persone/X": false, "persone/X/figli/": false, "Persone/X/figli": false,
		"persone/X/altro": false,
	} {
		if got := call.Matches("GET", strings.Split(path, "/")); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
	if call.Matches("POST", []string{"persone", "X", "figli"}) {
		t.Error("another method matches")
	}
	root, err := config.ParseChiamata("POST /")
	if err != nil || !root.Matches("POST", []string{""}) {
		t.Errorf("the address of the service itself: %+v %v", root, err)
	}
	for _, bad := range []string{"", "GET", "GET x", "get /x", "TRACE /x", "GET /x ", "GET /{}", "GET /{a", "GET /a?b", "GET //", "GET /a/"} {
		if _, err := config.ParseChiamata(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

const hinted = `nome: iscrizione-asilo
titolo: Controlli
norma: DPR 445/2000 art. 71
baseGiuridica: art71-dubbio
ufficio: scuola
applicazioni: [gestionale-scuola]
operazioni:
  - {servizio: anpr-c020, operazione: residenza, campi: [residenza, aire]}
  - {servizio: anpr-c030, operazione: id-anpr, campi: [idANPR]}
purposes:
  anpr-c030: b1000000-0000-4000-8000-000000000030
  anpr-c020: b1000000-0000-4000-8000-000000000020
conservazioneGiorni: 1825
proposta: tributi-residenza
`

func hints(t *testing.T, procedimento string) string {
	t.Helper()
	c, err := config.Load(folder(t, txtar.File{Name: "enti/c_bf01/procedimenti/iscrizione-asilo.yaml", Data: []byte(procedimento)}))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, h := range c.Hints() {
		if h.Ente == "c_bf01" && h.Procedimento == "iscrizione-asilo" {
			b.WriteString(h.Text.EN + "\n")
			if h.Text.IT == "" || h.Text.IT == h.Text.EN {
				t.Errorf("no Italian: %+v", h)
			}
		}
	}
	return b.String()
}

func TestHintsTellWhatMayBeMoreThanNeeded(t *testing.T) {
	got := hints(t, hinted)
	for _, want := range []string{
		"anpr-c020/residenza [aire] goes beyond proposta tributi-residenza (proposal, to be confirmed by the DPO",
		"the registry compares them itself with anpr-c008",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("hints lack %q:\n%s", want, got)
		}
	}
	quiet := strings.NewReplacer("art71-dubbio", "art43", "residenza, aire", "residenza").Replace(hinted)
	if got := hints(t, quiet); got != "" {
		t.Errorf("hints on what is within the row: %s", got)
	}
	compared := strings.NewReplacer("aire]}", "aire], modo: verifica}", "proposta: tributi-residenza\n", "").Replace(hinted)
	if got := hints(t, compared); got != "" {
		t.Errorf("hints on a verifica: %s", got)
	}
	whole := strings.NewReplacer("operazione: id-anpr, campi: [idANPR]}", "operazione: id-anpr, campi: [idANPR]}\n  - {servizio: anpr-c030, passante: true}",
		"art71-dubbio", "art43", "proposta: tributi-residenza\n", "").Replace(hinted)
	if got := hints(t, whole); !strings.Contains(got, "anpr-c030 is passante") || !strings.Contains(got, "whole service") {
		t.Errorf("hints on native calls: %s", got)
	}
}

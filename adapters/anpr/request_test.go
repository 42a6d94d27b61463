// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/adapters/anpr"
	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// TestRequestBytes compares with a request whose digest was computed elsewhere: the
// order of members and the absence of blanks are part of what is signed.
func TestRequestBytes(t *testing.T) {
	tr := adaptertest.Play(ok(resident))
	d := open(t, tr, func(deps *registry.Deps) { deps.State = fixedNumber(20261012000042) })
	if _, err := d.ask("anpr-c020", "residenza", `{"idANPR":"QX48213ZB"}`); err != nil {
		t.Fatal(err)
	}
	body := tr.Calls()[0].Body
	want := `{"idOperazioneClient":"20261012000042","criteriRicerca":{"idANPR":"QX48213ZB"},"datiRichiesta":{"dataRiferimentoRichiesta":"2026-10-12","motivoRichiesta":"PROT-2026-0012345","casoUso":"C020"}}`
	if string(body) != want {
		t.Errorf("body is\n%s\nwant\n%s", body, want)
	}
	sum := sha256.Sum256(body)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != "nlaaMZXv1kpEzwc1wWlmJ/uuuCeuxySW7Mc5HkmVHw8=" {
		t.Errorf("digest is %s", got)
	}
}

func TestC020ByCodeAsksC030First(t *testing.T) {
	tr := adaptertest.Play(ok(identified), ok(resident))
	d := open(t, tr)
	if _, err := d.residence(); err != nil {
		t.Fatal(err)
	}
	calls := tr.Calls()
	if len(calls) != 2 || calls[0].Service != "anpr-c030" || calls[1].Service != "anpr-c020" {
		t.Fatalf("calls are %+v", calls)
	}
	first, second := request(t, calls[0]), request(t, calls[1])
	if diff := cmp.Diff(map[string]any{"codiceFiscale": code}, first.CriteriRicerca); diff != "" {
		t.Errorf("C030 was asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"idANPR": idANPR}, second.CriteriRicerca); diff != "" {
		t.Errorf("C020 was asked (-want +got):\n%s", diff)
	}
	if first.DatiRichiesta["casoUso"] != "C030" || second.DatiRichiesta["casoUso"] != "C020" {
		t.Errorf("cases of use are %s, %s", first.DatiRichiesta["casoUso"], second.DatiRichiesta["casoUso"])
	}
	if first.IDOperazioneClient != "20261012213000" || second.IDOperazioneClient != "20261012213001" {
		t.Errorf("numbers are %s, %s: want the clock's and the next", first.IDOperazioneClient, second.IDOperazioneClient)
	}
	for i, c := range calls {
		if c.OperationID != request(t, c).IDOperazioneClient || d.calls.All()[i].OperationID != c.OperationID {
			t.Errorf("call %d: the evidence has another operation id than the request", i)
		}
	}
}

func TestC020StopsWhereC030Does(t *testing.T) {
	tr := adaptertest.Play(ko(404, "EN122", "E", "Soggetto cancellato da ANPR"), ok(resident))
	_, err := open(t, tr).residence()
	if f := faultOf(t, err, registry.ErrNotFound); f.Service != "anpr-c030" || len(tr.Calls()) != 1 {
		t.Errorf("service %s, %d calls", f.Service, len(tr.Calls()))
	}
}

func TestDemographicCriteriaArePassedOnAsTheyAre(t *testing.T) {
	tr := adaptertest.Play(ok(identified))
	if _, err := open(t, tr).ask("anpr-c030", "id-anpr", byData); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"cognome": "BIANCHI", "nome": "MARCO", "sesso": "M",
		"datiNascita": map[string]any{
			"dataEvento":   "1985-03-12",
			"luogoNascita": map[string]any{"comune": map[string]any{"nomeComune": "FIRENZE", "codiceIstat": "048017", "siglaProvinciaIstat": "FI"}},
		},
	}
	if diff := cmp.Diff(want, request(t, tr.Calls()[0]).CriteriRicerca); diff != "" {
		t.Errorf("criteria (-want +got):\n%s", diff)
	}
}

func TestCodiceFiscaleIsSentInItsNormalForm(t *testing.T) {
	tr := adaptertest.Play(ok(identified))
	if _, err := open(t, tr).ask("anpr-c030", "id-anpr", `{"codiceFiscale":" bncmrc85c12d612v "}`); err != nil {
		t.Fatal(err)
	}
	if got := request(t, tr.Calls()[0]).CriteriRicerca["codiceFiscale"]; got != code {
		t.Errorf("codice fiscale sent is %v", got)
	}
}

// TestReferenceDateIsADayOfRome: at 22:30 UTC of 12 October Rome is already in the 13th.
func TestReferenceDateIsADayOfRome(t *testing.T) {
	for _, c := range []struct {
		now         time.Time
		asked, want string
	}{
		{now(), "", "2026-10-12"},
		{now().Add(time.Hour), "", "2026-10-13"},
		{now().Add(time.Hour), `,"dataRiferimento":"2026-10-13"`, "2026-10-13"},
		{now(), `,"dataRiferimento":"1998-02-28"`, "1998-02-28"},
	} {
		tr := adaptertest.Play(ok(resident))
		d := open(t, tr, func(deps *registry.Deps) { deps.Clock = func() time.Time { return c.now } })
		if _, err := d.ask("anpr-c020", "residenza", `{"idANPR":"QX48213ZB"`+c.asked+`}`); err != nil {
			t.Fatal(err)
		}
		if got := request(t, tr.Calls()[0]).DatiRichiesta["dataRiferimentoRichiesta"]; got != c.want {
			t.Errorf("at %s, asked%s: %s, want %s", c.now, c.asked, got, c.want)
		}
	}
}

func TestRefusesBeforeAnyCall(t *testing.T) {
	for name, c := range map[string]struct{ service, operation, richiesta string }{
		"check character":        {"anpr-c030", "id-anpr", `{"codiceFiscale":"BNCMRC85C12D612W"}`},
		"nothing asked":          {"anpr-c030", "id-anpr", `{}`},
		"code and data":          {"anpr-c030", "id-anpr", `{"codiceFiscale":"BNCMRC85C12D612V","datiNascita":{}}`},
		"idANPR at C030":         {"anpr-c030", "id-anpr", `{"idANPR":"QX48213ZB"}`},
		"unknown member":         {"anpr-c030", "id-anpr", `{"codice":"BNCMRC85C12D612V"}`},
		"no object":              {"anpr-c030", "id-anpr", `[]`},
		"nothing at all":         {"anpr-c030", "id-anpr", ``},
		"C020 check character":   {"anpr-c020", "residenza", `{"codiceFiscale":"BNCMRC85C12D612W"}`},
		"C020 by two keys":       {"anpr-c020", "residenza", `{"codiceFiscale":"BNCMRC85C12D612V","idANPR":"QX48213ZB"}`},
		"C020 by none":           {"anpr-c020", "residenza", `{"dataRiferimento":"2026-10-12"}`},
		"C020 in the future":     {"anpr-c020", "residenza", `{"idANPR":"QX48213ZB","dataRiferimento":"2026-10-13"}`},
		"C020 on no day":         {"anpr-c020", "residenza", `{"idANPR":"QX48213ZB","dataRiferimento":"2026-02-30"}`},
		"C020 on a written day":  {"anpr-c020", "residenza", `{"idANPR":"QX48213ZB","dataRiferimento":"12/10/2026"}`},
		"C020 by code, future":   {"anpr-c020", "residenza", `{"codiceFiscale":"BNCMRC85C12D612V","dataRiferimento":"2027-01-01"}`},
		"C020 with a wrong type": {"anpr-c020", "residenza", `{"idANPR":5}`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, never(t)).ask(c.service, c.operation, c.richiesta)
			f := faultOf(t, err, registry.ErrInvalid)
			if f.Service != c.service || f.Text.IT == "" || strings.Contains(f.Text.IT+f.Text.EN+err.Error(), "BNCMRC") {
				t.Errorf("fault is %+v", f)
			}
		})
	}
}

func TestPraticaIsWrittenInTheCharactersOfANPR(t *testing.T) {
	for pratica, want := range map[string]string{
		"PROT-2026-0012345":      "PROT-2026-0012345",
		"PRT/2026/0000123":       "PRT-2026-0000123",
		"Prot. n. 12 del 3/4":    "Prot. n. 12 del 3-4",
		"città_1 (bis)":          "città-1 -bis-",
		"l’atto «12»":            "l'atto \"12\"",
		" \t123\n":               "123",
		"a\u0301bc 1":            "abc 1",
		"Straße Ž 9":             "Straße Ž 9",
		"2×3":                    "2-3",
		"дело 7":                 "---- 7",
		strings.Repeat("à", 240): strings.Repeat("à", 240),
	} {
		tr := adaptertest.Play(ok(identified))
		d := open(t, tr)
		d.pratica = pratica
		if _, err := d.ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`); err != nil {
			t.Errorf("%q: %v", pratica, err)
			continue
		}
		if got := request(t, tr.Calls()[0]).DatiRichiesta["motivoRichiesta"]; got != want {
			t.Errorf("%q is sent as %q, want %q", pratica, got, want)
		}
	}
	for _, pratica := range []string{"", "  ", "///", "- -", strings.Repeat("a", 241), "\xff1"} {
		d := open(t, never(t))
		d.pratica = pratica
		_, err := d.ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`)
		_ = faultOf(t, err, registry.ErrInvalid)
	}
}

// FuzzPratica: whatever is sent keeps to ANPR's alphabet, written here a second time.
func FuzzPratica(f *testing.F) {
	for _, seed := range []string{"PRT/2026/1", "", "à’×\u0301", "\x00\xff", strings.Repeat("/", 300)} {
		f.Add(seed)
	}
	const marks = `,.-'":; `
	s := subject(f)
	f.Fuzz(func(t *testing.T, pratica string) {
		tr := adaptertest.Play(ok(identified))
		d := openOver(t, s, tr)
		d.pratica = pratica
		if _, err := d.ask("anpr-c030", "id-anpr", `{"codiceFiscale":"`+code+`"}`); err != nil {
			_ = faultOf(t, err, registry.ErrInvalid)
			return
		}
		got := request(t, tr.Calls()[0]).DatiRichiesta["motivoRichiesta"]
		if n := utf8.RuneCountInString(got); n < 1 || n > 240 {
			t.Errorf("%d characters are sent", n)
		}
		for _, r := range got {
			plain := r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune(marks, r)
			if !plain && (r < 0xC0 || r > 0x17E || r == 0xD7 || r == 0xF7) {
				t.Errorf("character %U is sent", r)
			}
		}
	})
}

func TestNoNumberIsNotANo(t *testing.T) {
	down := errors.New("the store is down")
	d := open(t, never(t), func(deps *registry.Deps) { deps.State = noNumber{down} })
	_, err := d.residence()
	f := faultOf(t, err, registry.ErrState)
	if !errors.Is(err, down) || errors.Is(err, modi.ErrUndecided) || f.Service != "anpr-c030" || f.Text.IT == "" {
		t.Errorf("fault is %+v, want the state of the hub with its cause", f)
	}
}

func TestNewRefusesRecipesItCannotServe(t *testing.T) {
	for name, change := range map[string]func(map[string]*registry.Recipe){
		"C030 is not there":          func(r map[string]*registry.Recipe) { delete(r, "anpr-c030") },
		"C030 is of another adapter": func(r map[string]*registry.Recipe) { r["anpr-c030"].Adapter = "inad" },
		"unknown case of use": func(r map[string]*registry.Recipe) {
			op := r["anpr-c030"].Operations["id-anpr"]
			op.CasoUso = "C099"
			r["anpr-c030"].Operations["id-anpr"] = op
		},
		"needs nothing": func(r map[string]*registry.Recipe) {
			op := r["anpr-c020"].Operations["residenza"]
			op.Needs = nil
			r["anpr-c020"].Operations["residenza"] = op
		},
		"needs itself": func(r map[string]*registry.Recipe) {
			op := r["anpr-c020"].Operations["residenza"]
			op.Needs = []string{"anpr-c020"}
			r["anpr-c020"].Operations["residenza"] = op
		},
	} {
		r := recipes(t)
		change(r)
		if a, err := anpr.New(registry.Deps{Recipes: r}); err == nil {
			t.Errorf("%s: accepted %v", name, a.Services())
		}
	}
}

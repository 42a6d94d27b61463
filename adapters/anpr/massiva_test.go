// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/registry"
)

const other = "CNTGLI88L65G999B"

// row is one answer of a massive result, about a codice fiscale.
func row(code string) string {
	return `{"idOperazioneANPR":"0","listaSoggetti":{"datiSoggetto":[{"generalita":{"codiceFiscale":{"codFiscale":"` + code +
		`"}},"identificativi":{"idANPR":"QX48213ZB"}}]}}`
}

func result(rows ...string) string {
	return `{"risposteMassive":[` + strings.Join(rows, ",") + `]}`
}

func TestRowsAreSentWithoutHeaderPackedAndOnce(t *testing.T) {
	tr := adaptertest.Play(ok(`{"idOperazioneANPR":"777","stato":1}`))
	out, err := open(t, tr).ask("anpr-massivo-030", "richiesta", `{"codiciFiscali":["`+other+`","`+strings.ToLower(code)+`","`+code+`"]}`)
	if err != nil {
		t.Fatal(err)
	}
	var sent struct{ TipoRicerca, File string }
	if err := json.Unmarshal(tr.Calls()[0].Body, &sent); err != nil {
		t.Fatal(err)
	}
	packed, err := base64.StdEncoding.DecodeString(sent.File)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil || string(plain) != code+"\n"+other+"\n" || sent.TipoRicerca != "1" {
		t.Errorf("sent %q of kind %s (%v)", plain, sent.TipoRicerca, err)
	}
	if tr.Calls()[0].Idempotent || string(out.Dati) != `{"idOperazioneANPR":"777","righe":2,"stato":"in elaborazione"}` {
		t.Errorf("dati are %s; idempotent %v: a second submission is another request", out.Dati, tr.Calls()[0].Idempotent)
	}
	if len(out.Subjects) != 2 {
		t.Errorf("subjects are %v", out.Subjects)
	}
}

// TestResultIsReconciledWithTheRows: twice, never asked for, left out.
func TestResultIsReconciledWithTheRows(t *testing.T) {
	body := result(row(code), row(code), row("FRRLCU41A08G713F"), `{"idOperazioneANPR":"0"}`)
	for name, reply := range map[string]registry.Reply{"packed": packed(body), "plain": ok(body)} {
		out, err := open(t, adaptertest.Play(reply)).ask("anpr-massivo-030", "risultato",
			`{"idOperazioneANPR":"777","codiciFiscali":["`+other+`","`+code+`"]}`)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := `{"assenti":["` + other + `"],"conteggi":{"richieste":2,"ricevute":1,"assenti":1,"doppie":1,"estranee":1},` +
			`"idOperazioneANPR":"777","righe":[{"chiave":"` + code + `","identificativi":{"idANPR":"QX48213ZB"}}]}`
		if string(out.Dati) != want {
			t.Errorf("%s: dati are\n%s\nwant\n%s", name, out.Dati, want)
		}
		if said := fmt.Sprint(out.Notes); len(notesOn(out, "conteggi")) != 2 || strings.Contains(said+fmt.Sprint(out.Subjects), "FRRLCU") {
			t.Errorf("%s: notes %s, subjects %v", name, said, out.Subjects)
		}
	}
}

func TestMassiveRequestsThatANPRWouldRefuseAreNotMade(t *testing.T) {
	many := make([]string, 2001)
	for i := range many {
		many[i] = fmt.Sprintf("AA%05dAA", i)
	}
	list, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][3]string{
		"nobody":             {"anpr-massivo-019", "richiesta", `{}`},
		"two kinds of key":   {"anpr-massivo-019", "richiesta", `{"codiciFiscali":["` + code + `"],"idANPR":["QX48213ZB"]}`},
		"a wrong code":       {"anpr-massivo-019", "richiesta", `{"codiciFiscali":["BNCMRC85C12D612W"]}`},
		"a wrong id":         {"anpr-massivo-019", "richiesta", `{"idANPR":["QX"]}`},
		"too many":           {"anpr-massivo-019", "richiesta", `{"idANPR":` + string(list) + `}`},
		"a day to come":      {"anpr-massivo-019", "richiesta", `{"idANPR":["QX48213ZB"],"dataRiferimento":"2027-01-01"}`},
		"an id with a slash": {"anpr-massivo-019", "risultato", `{"idOperazioneANPR":"../x","idANPR":["QX48213ZB"]}`},
		"no id":              {"anpr-massivo-019", "cancellazione", `{}`},
		"unknown member":     {"anpr-massivo-019", "cancellazione", `{"id":"1"}`},
	} {
		_, err := open(t, never(t)).ask(c[0], c[1], c[2])
		if f := faultOf(t, err, registry.ErrInvalid); strings.Contains(f.Text.IT+f.Error(), "BNCMRC") {
			t.Errorf("%s: fault is %+v", name, f)
		}
	}
}

func TestMassiveAnswersThatCannotBeUsed(t *testing.T) {
	bomb := func() registry.Reply {
		var file bytes.Buffer
		z := gzip.NewWriter(&file)
		blank := bytes.Repeat([]byte(" "), 1<<20)
		for range 65 {
			_, _ = z.Write(blank)
		}
		_ = z.Close()
		return registry.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/gzip"}}, Body: file.Bytes()}
	}
	for name, c := range map[string]struct {
		operation string
		reply     registry.Reply
	}{
		"larger than anything asked for": {"risultato", bomb()},
		"cut":                            {"risultato", registry.Reply{Status: 200, Header: packed("x").Header, Body: packed(result()).Body[:20]}},
		"a row of no shape":              {"risultato", ok(`{"risposteMassive":[{"listaSoggetti":{"datiSoggetto":[{"generalita":7}]}}]}`)},
		"no list":                        {"risultato", ok(`{}`)},
		"another request deleted":        {"cancellazione", ok(`{"idOperazioneANPR":"778","stato":4}`)},
		"no state":                       {"cancellazione", ok(`{"idOperazioneANPR":"777"}`)},
	} {
		richiesta := `{"idOperazioneANPR":"777"}`
		if c.operation == "risultato" {
			richiesta = `{"idOperazioneANPR":"777","codiciFiscali":["` + code + `"]}`
		}
		if _, err := open(t, adaptertest.Play(c.reply)).ask("anpr-massivo-030", c.operation, richiesta); !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("%s: error is %v, want ErrBadReply", name, err)
		}
	}
}

// FuzzResult: whatever a file holds, only rows of people asked for are delivered.
func FuzzResult(f *testing.F) {
	f.Add(packed(result(row(code))).Body)
	f.Add([]byte(result(row(other), row(code))))
	f.Add([]byte{0x1f, 0x8b})
	s := subject(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		tr := adaptertest.Play(registry.Reply{Status: 200, Header: http.Header{"Content-Type": {"application/gzip"}}, Body: body})
		out, err := openOver(t, s, tr).ask("anpr-massivo-030", "risultato", `{"idOperazioneANPR":"777","codiciFiscali":["`+code+`"]}`)
		if err != nil {
			_ = faultOf(t, err, registry.ErrBadReply)
			return
		}
		if strings.Contains(string(out.Dati), other) {
			t.Errorf("delivered %s", out.Dati)
		}
	})
}

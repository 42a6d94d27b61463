// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/registry"
)

// FuzzAnswer gives every operation of INAD any answer: dati, or a fault of a known kind
// that names nobody.
func FuzzAnswer(f *testing.F) {
	f.Add(200, contiHome)
	f.Add(404, nobodyHome)
	f.Add(303, `{}`)
	f.Add(200, `{"list":[{"codiceFiscale":1,"digitalAddress":[[]]}]}`)
	f.Add(500, `<html>`)
	recipe := builtin(f, "inad-consultazione")["inad-consultazione"]
	questions := map[string]string{
		"domicilio":        `{"codiceFiscale":"` + conti + `"}`,
		"verifica":         `{"codiceFiscale":"` + conti + `","domicilio":"a@b.it","data":"2026-10-12"}`,
		"elenco-richiesta": `{"codiciFiscali":["` + conti + `"]}`,
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		answer := registry.Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
		for operation, richiesta := range questions {
			out, err := openOver(t, recipe, adaptertest.Play(answer), now()).ask(operation, richiesta)
			if err == nil {
				if status < 200 || status > 299 || len(out.Dati) == 0 {
					t.Errorf("%s: status %d gives %s", operation, status, out.Dati)
				}
				continue
			}
			var fault *registry.Fault
			if !errors.As(err, &fault) || fault.Kind == nil || strings.Contains(fmt.Sprintf("%+v", *fault), conti) {
				t.Errorf("%s: %v", operation, err)
			}
		}
	})
}

// FuzzQuestion gives an operation any richiesta: a call whose path stays where the recipe
// put it, or a refusal before any call.
func FuzzQuestion(f *testing.F) {
	f.Add(`{"autore":"a","lingue":["it"]}`)
	f.Add(`{"autore":"../../x","lingue":"a&b=c"}`)
	f.Add(`{"autore":{"x":1}}`)
	f.Add(`[]`)
	recipe := cataloghi(f)
	f.Fuzz(func(t *testing.T, richiesta string) {
		d := open(t, recipe, reply(200, `{"dati":{"opere":[]}}`))
		_, err := d.ask("opere", richiesta)
		calls := d.wire.Calls()
		if err != nil && (!errors.Is(err, registry.ErrInvalid) || len(calls) > 0) {
			t.Errorf("%v after %d calls", err, len(calls))
		}
		for _, c := range calls {
			path, query, _ := strings.Cut(c.Path, "?")
			if strings.Count(path, "/") != 2 || !strings.HasPrefix(path, "/opere/") || strings.Contains(path, "..") && len(path) == len("/opere/..") {
				t.Errorf("path is %s", c.Path)
			}
			if strings.ContainsAny(query, " #?") {
				t.Errorf("query is %s", query)
			}
		}
	})
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package registry_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// received is 11:00 in Rome.
func received() time.Time { return time.Date(2026, 10, 12, 9, 0, 0, 0, time.UTC) }

func said(s string) modi.Text { return modi.Text{IT: s, EN: s} }

// tabled is a recipe with a table in which order, dropping and every criterion matter.
func tabled() *registry.Recipe {
	return &registry.Recipe{
		Name:       "prova",
		ErrorShape: registry.RecipeErrorShape{List: "errori", Code: "codice", Type: "tipo", Text: "dettaglio/testo", ID: "operazione"},
		Errors: []registry.RecipeError{
			{Codes: []string{"D1"}, Kind: registry.KindIgnore},
			{Codes: []string{"D2"}, Kind: registry.KindWarn, Say: said("avviso")},
			{Codes: []string{"K1"}, Type: "E", Text: "Non Trovato", Kind: registry.KindNotFound, Say: said("codice, tipo e testo")},
			{Codes: []string{"K1"}, Type: "E", Kind: registry.KindInvalid, Say: said("codice e tipo")},
			{Codes: []string{"K1", "K2"}, Kind: registry.KindAmbiguous, Say: said("codice")},
			{Status: []int{404, 410}, Empty: true, Kind: registry.KindNotFound, Say: said("vuoto")},
			{Codes: []string{"Q"}, Kind: registry.KindQuota, Say: said("quota")},
			{Type: "FIRMA", Kind: registry.KindSignature, Say: said("tipo")},
			{Text: "manutenzione", Kind: registry.KindUnavailable, Say: said("testo")},
			{Status: []int{500}, Kind: registry.KindDenied, Say: said("stato")},
		},
	}
}

func one(code, kind, text string) string {
	return fmt.Sprintf(`{"codice":%q,"tipo":%q,"dettaglio":{"testo":%q}}`, code, kind, text)
}

func listed(errs ...string) string {
	return `{"operazione":"op-7","errori":[` + strings.Join(errs, ",") + `]}`
}

// TestTheFirstRowThatMatchesDecides among rows that all match; an error that a row drops
// is not revived by a later one.
func TestTheFirstRowThatMatchesDecides(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		says   string // the row; "" for the status
		code   string
	}{
		"all three criteria":          {400, listed(one("K1", "E", "soggetto NON TROVATO in archivio")), registry.ErrNotFound, "codice, tipo e testo", "K1"},
		"two of them":                 {400, listed(one("K1", "E", "altro")), registry.ErrInvalid, "codice e tipo", "K1"},
		"the code alone":              {400, listed(one("K1", "W", "non trovato")), registry.ErrAmbiguous, "codice", "K1"},
		"another code of the row":     {400, listed(one("K2", "E", "")), registry.ErrAmbiguous, "codice", "K2"},
		"codes are told by case":      {400, listed(one("k1", "", "")), registry.ErrInvalid, "", "k1"},
		"the type alone":              {400, listed(one("", "FIRMA", "")), registry.ErrSignature, "tipo", ""},
		"the text alone":              {400, listed(one("", "", "In Manutenzione")), registry.ErrUnavailable, "testo", ""},
		"the status alone":            {500, listed(one("X9", "", "")), registry.ErrDenied, "stato", "X9"},
		"a code before the status":    {500, listed(one("K2", "", "")), registry.ErrAmbiguous, "codice", "K2"},
		"dropped":                     {400, listed(one("D1", "", "")), registry.ErrInvalid, "", "D1"},
		"dropped before the status":   {500, listed(one("D1", "", "")), registry.ErrUnavailable, "", "D1"},
		"dropped with a text":         {400, listed(one("D1", "FIRMA", "manutenzione")), registry.ErrInvalid, "", "D1"},
		"a warning is no failure":     {500, listed(one("D2", "", "")), registry.ErrUnavailable, "", "D2"},
		"dropped, then one that is":   {400, listed(one("D1", "", ""), one("K2", "", "")), registry.ErrAmbiguous, "codice", "K2"},
		"first error before row":      {400, listed(one("K2", "", ""), one("K1", "E", "non trovato")), registry.ErrAmbiguous, "codice", "K2"},
		"no body where there is none": {410, "", registry.ErrNotFound, "vuoto", ""},
		"blanks are no body":          {404, " \r\n\t", registry.ErrNotFound, "vuoto", ""},
		"no body of another status":   {400, "", registry.ErrInvalid, "", ""},
		"a body where there is none":  {404, "{}", registry.ErrUnavailable, "", ""},
		"empty list":                  {404, listed(), registry.ErrUnavailable, "", ""},
		"list that is none":           {500, `{"errori":{"codice":"K1"}}`, registry.ErrUnavailable, "", ""},
		"list of texts":               {500, `{"errori":["K1"]}`, registry.ErrDenied, "stato", ""},
		"null":                        {500, `null`, registry.ErrUnavailable, "", ""},
		"cut body":                    {500, `{"errori":[{"codice":"K1"`, registry.ErrUnavailable, "", ""},
		"two documents":               {500, listed(one("K1", "", "")) + `{}`, registry.ErrUnavailable, "", ""},
		"page":                        {500, "<html>K1 manutenzione</html>", registry.ErrUnavailable, "", ""},
		"gateway":                     {404, govway(404, "NotFound"), registry.ErrUnavailable, "", "NotFound"},
		"gateway, denied":             {403, govway(403, "AuthorizationDeny"), registry.ErrDenied, "", "AuthorizationDeny"},
		"numeric code":                {500, `{"errori":[{"codice":7}]}`, registry.ErrDenied, "stato", "7"},
		"code that is an object":      {400, `{"errori":[{"codice":{"K1":"K1"}}]}`, registry.ErrInvalid, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := tabled().Classify(registry.Reply{Status: c.status, Header: http.Header{}, Body: []byte(c.body), Received: received()})
			var f *registry.Fault
			if !errors.As(err, &f) || !errors.Is(err, c.kind) {
				t.Fatalf("error is %v, want %v", err, c.kind)
			}
			if f.Service != "prova" || f.Status != c.status || f.Code != c.code || f.Text.IT == "" || f.Text.EN == "" {
				t.Errorf("fault is %+v", f)
			}
			if byRow := slices.ContainsFunc(tabled().Errors, func(row registry.RecipeError) bool { return row.Say.IT == f.Text.IT }); byRow != (c.says != "") || byRow && f.Text.IT != c.says {
				t.Errorf("the row %q decided, want %q", f.Text.IT, c.says)
			}
			if strings.HasPrefix(c.body, `{"operazione":"op-7"`) && !strings.HasSuffix(c.body, "]}{}") && f.RegistryID != "op-7" {
				t.Errorf("registry id is %q", f.RegistryID)
			}
		})
	}
}

func govway(status int, title string) string {
	return fmt.Sprintf(`{"type":"https://govway.org/handling-errors/%d/%s.html","title":%q,"govway_id":"g-1","codice":"K1"}`, status, title, title)
}

func TestAGoodAnswerIsNoError(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204, 206, 299} {
		if err := tabled().Classify(registry.Reply{Status: status, Body: []byte(listed(one("K1", "", "")))}); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
	for _, status := range []int{0, 100, 199, 300, 302, 303, 304, 307} {
		if err := tabled().Classify(registry.Reply{Status: status}); !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("%d: %v, want ErrBadReply", status, err)
		}
	}
}

// TestQuotaEndsAtMidnightOfRome unless the registry says when.
func TestQuotaEndsAtMidnightOfRome(t *testing.T) {
	for after, want := range map[string]time.Duration{
		"": 13 * time.Hour, "0": 13 * time.Hour, "soon": 13 * time.Hour, "90": 90 * time.Second,
		"Mon, 12 Oct 2026 09:05:00 GMT": 5 * time.Minute, "99999999999999999999": registry.MaxRetryAfter,
	} {
		err := tabled().Classify(registry.Reply{Status: 400, Header: http.Header{"Retry-After": {after}}, Body: []byte(listed(one("Q", "", ""))), Received: received()})
		var f *registry.Fault
		if !errors.Is(err, registry.ErrThrottled) || !errors.As(err, &f) || f.RetryAfter != want {
			t.Errorf("Retry-After %q: %v, %+v, want %v", after, err, f, want)
		}
	}
}

// TestNoFaultHoldsWhatTheRegistryWrote, wherever in the answer a person is named.
func TestNoFaultHoldsWhatTheRegistryWrote(t *testing.T) {
	const person = "BNCMRC85C12D612V"
	const sentence = "il soggetto " + person + " Marco Bianchi"
	places := map[string]string{
		"code":              listed(one(sentence, "E", "")),
		"type":              listed(one("K1", sentence, "")),
		"text":              listed(one("K1", "E", sentence)),
		"id":                `{"operazione":"` + sentence + `","errori":[]}`,
		"name":              `{"` + person + `":"x"}`,
		"page":              "<p>" + sentence + "</p>",
		"title":             `{"type":"https://govway.org/handling-errors/x","title":"` + sentence + `","detail":"` + sentence + `","govway_id":"` + sentence + `"}`,
		"text without JSON": sentence,
	}
	for _, status := range []int{302, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503} {
		for place, body := range places {
			err := tabled().Classify(registry.Reply{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body), Received: received()})
			var f *registry.Fault
			if !errors.As(err, &f) {
				t.Fatalf("%d %s: %v", status, place, err)
			}
			if shown := fmt.Sprintf("%v %+v %v", err, *f, f.Err); strings.Contains(shown, person) || strings.Contains(shown, "Bianchi") {
				t.Errorf("%d %s: the fault shows %s", status, place, shown)
			}
		}
	}
}

// TestOneTableServesManyCallers at once, and none changes it.
func TestOneTableServesManyCallers(t *testing.T) {
	recipe := tabled()
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			code := []string{"K1", "K2", "Q", "X"}[i%4]
			for range 50 {
				err := recipe.Classify(registry.Reply{Status: 400 + i%2*100, Body: []byte(listed(one(code, "", ""))), Received: received()})
				var f *registry.Fault
				if !errors.As(err, &f) || f.Code != code {
					t.Errorf("%s: %v", code, err)
				}
				f.Text, f.Code = modi.Text{}, "changed"
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff(tabled(), recipe); diff != "" {
		t.Errorf("the recipe has changed (-want +got):\n%s", diff)
	}
}

// TestOutcomesOfAGoodStatus have the kinds of errors, with the answer's own wait.
func TestOutcomesOfAGoodStatus(t *testing.T) {
	kinds := map[registry.ErrorKind]error{
		registry.KindNotFound: registry.ErrNotFound, registry.KindAmbiguous: registry.ErrAmbiguous, registry.KindInvalid: registry.ErrInvalid,
		registry.KindDenied: registry.ErrDenied, registry.KindSignature: registry.ErrSignature, registry.KindThrottled: registry.ErrThrottled,
		registry.KindQuota: registry.ErrThrottled, registry.KindUnavailable: registry.ErrUnavailable, registry.KindNotReady: registry.ErrNotReady,
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		outcome := registry.RecipeOutcome{Kind: kind, Say: said("esito")}
		f := outcome.RefusedBy("prova", registry.Reply{Status: 200, RegistryID: "r-1", Header: http.Header{"Retry-After": {"7"}}, Received: received()}, "C-1")
		if !errors.Is(f, kinds[kind]) || f.Service != "prova" || f.Code != "C-1" || f.RegistryID != "r-1" || f.RetryAfter != 7*time.Second || f.Text.IT != "esito" {
			t.Errorf("%s: fault is %+v", kind, f)
		}
		if f = outcome.RefusedBy("prova", registry.Reply{Status: 200}, "Marco Bianchi"); f.Code != "" {
			t.Errorf("%s: code is %q", kind, f.Code)
		}
	}
}

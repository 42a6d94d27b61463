// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/adapters/adaptertest"
	"github.com/snodo-pa/snodo/adapters/declarative"
	"github.com/snodo-pa/snodo/registry"
)

// paged is the recipe of cataloghi whose operation opere pages in another way.
func paged(t *testing.T, change func(*registry.RecipePaging, *registry.RecipeOperation)) *registry.Recipe {
	t.Helper()
	recipe := cataloghi(t)
	op := recipe.Operations["opere"]
	paging := *op.Paging
	change(&paging, &op)
	op.Paging = &paging
	recipe.Operations["opere"] = op
	return recipe
}

func works(next string, titles ...string) string {
	var items []string
	for _, title := range titles {
		items = append(items, fmt.Sprintf(`{"titolo":%q,"stato":"x"}`, title))
	}
	return fmt.Sprintf(`{"dati":{"opere":[%s]},"prossima":%s}`, strings.Join(items, ","), next)
}

// TestHostilePages: half an answer looks whole, so that every doubt refuses all of it.
func TestHostilePages(t *testing.T) {
	byStatus := func(p *registry.RecipePaging, _ *registry.RecipeOperation) { p.More = []int{206} }
	byNumber := func(p *registry.RecipePaging, _ *registry.RecipeOperation) {
		p.By, p.More, p.MaxPages = registry.PageByNumber, []int{206}, 1000
	}
	many := func(p *registry.RecipePaging, _ *registry.RecipeOperation) { p.MaxPages = 1000 }
	none := func(_ *registry.RecipePaging, op *registry.RecipeOperation) {
		op.Outcomes = []registry.RecipeOutcome{{When: []registry.Condition{{At: "body/esito", In: []string{"NESSUNO"}}}, Kind: registry.KindNotFound}}
	}
	about := func(_ *registry.RecipePaging, op *registry.RecipeOperation) {
		op.Same = []registry.Sameness{{At: "body/autore", Is: "richiesta/autore"}}
	}
	keep := func(*registry.RecipePaging, *registry.RecipeOperation) {}
	for name, c := range map[string]struct {
		change  func(*registry.RecipePaging, *registry.RecipeOperation)
		answers []registry.Reply
		kind    error
		calls   int
	}{
		"endless":                     {keep, []registry.Reply{reply(200, works(`"a"`, "1")), reply(200, works(`"b"`, "2")), reply(200, works(`"c"`, "3"))}, registry.ErrBadReply, 3},
		"a loop of one":               {many, []registry.Reply{reply(200, works(`"a"`, "1"))}, registry.ErrBadReply, 2},
		"a loop of two":               {many, []registry.Reply{reply(200, works(`"a"`)), reply(200, works(`"b"`)), reply(200, works(`"a"`))}, registry.ErrBadReply, 3},
		"a next page that is a list":  {keep, []registry.Reply{reply(200, works(`["a"]`, "1"))}, registry.ErrBadReply, 1},
		"a next page that is a group": {keep, []registry.Reply{reply(200, works(`{"da":"a"}`, "1"))}, registry.ErrBadReply, 1},
		"more, and none named":        {byStatus, []registry.Reply{reply(206, works(`null`, "1"))}, registry.ErrBadReply, 1},
		"more, and an empty page":     {byNumber, []registry.Reply{reply(206, works(`null`))}, registry.ErrBadReply, 1},
		"the second page fails":       {keep, []registry.Reply{reply(200, works(`"a"`, "1")), reply(503, "")}, registry.ErrUnavailable, 2},
		"the second page is cut":      {keep, []registry.Reply{reply(200, works(`"a"`, "1")), reply(200, `{"dati":{"opere":[`)}, registry.ErrBadReply, 2},
		"the second page is HTML":     {keep, []registry.Reply{reply(200, works(`"a"`, "1")), with(reply(200, "<html>"), "Content-Type", "text/html")}, registry.ErrBadReply, 2},
		"the second page is no list":  {keep, []registry.Reply{reply(200, works(`"a"`, "1")), reply(200, `{"dati":{"opere":{"0":{}}}}`)}, registry.ErrBadReply, 2},
		"the second page moved":       {keep, []registry.Reply{reply(200, works(`"a"`, "1")), with(reply(302, ""), "Location", "https://altrove.example")}, registry.ErrBadReply, 2},
		"an answer that is none":      {none, []registry.Reply{reply(200, `{"esito":"NESSUNO"}`)}, registry.ErrNotFound, 1},
		"first about somebody else":   {about, []registry.Reply{reply(200, `{"autore":"b",`+works(`"a"`, "1")[1:]), reply(200, `{"autore":"a",`+works(`null`, "2")[1:])}, registry.ErrBadReply, 1},
		"second about somebody else":  {about, []registry.Reply{reply(200, `{"autore":"a",`+works(`"a"`, "1")[1:]), reply(200, `{"autore":"b",`+works(`null`, "2")[1:])}, registry.ErrBadReply, 2},
		"no dati at all":              {keep, []registry.Reply{reply(200, `{"prossima":null}`)}, registry.ErrBadReply, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, paged(t, c.change), c.answers...)
			d.refuses("opere", `{"autore":"a"}`, c.kind)
			if got := len(d.wire.Calls()); got != c.calls {
				t.Errorf("%d calls were made, want %d", got, c.calls)
			}
		})
	}
}

// TestPagesEndWhereTheRegistrySays, by each of the ways.
func TestPagesEndWhereTheRegistrySays(t *testing.T) {
	for name, c := range map[string]struct {
		paging  registry.RecipePaging
		answers []registry.Reply
		paths   []string
	}{
		"empty cursor":            {registry.RecipePaging{By: "cursor", Param: "da", Next: "prossima"}, []registry.Reply{reply(200, works(`"a"`, "1")), reply(200, works(`""`, "2"))}, []string{"/opere/a", "/opere/a?da=a"}},
		"cursor that is a number": {registry.RecipePaging{By: "cursor", Param: "da", Next: "prossima"}, []registry.Reply{reply(200, works(`0`, "1")), reply(200, works(`null`, "2"))}, []string{"/opere/a", "/opere/a?da=0"}},
		"cursor past the last":    {registry.RecipePaging{By: "cursor", Param: "da", Next: "prossima", More: []int{206}}, []registry.Reply{reply(206, works(`"a"`, "1")), reply(200, works(`"b"`, "2"))}, []string{"/opere/a", "/opere/a?da=a"}},
		"cursor that is a query":  {registry.RecipePaging{By: "cursor", Param: "da", Next: "prossima"}, []registry.Reply{reply(200, works(`"a&da=b#c"`, "1")), reply(200, works(`null`, "2"))}, []string{"/opere/a", "/opere/a?da=a%26da%3Db%23c"}},
		"short page, by offset":   {registry.RecipePaging{By: "offset", Param: "da", Start: 1, Size: &registry.PagingSize{Value: 1}}, []registry.Reply{reply(200, works(`null`, "1")), reply(200, works(`null`))}, []string{"/opere/a?da=1", "/opere/a?da=2"}},
		"short page, by number":   {registry.RecipePaging{By: "page", Param: "p", Size: &registry.PagingSize{Param: "n", Value: 2}}, []registry.Reply{reply(200, works(`null`, "1", "2")), reply(200, works(`null`, "3"))}, []string{"/opere/a?n=2&p=0", "/opere/a?n=2&p=1"}},
		"more than asked for":     {registry.RecipePaging{By: "page", Param: "p", Size: &registry.PagingSize{Value: 1}}, []registry.Reply{reply(200, works(`null`, "1", "2", "3")), reply(200, works(`null`))}, []string{"/opere/a?p=0", "/opere/a?p=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			recipe := paged(t, func(p *registry.RecipePaging, _ *registry.RecipeOperation) {
				c.paging.Items, c.paging.MaxPages = p.Items, 5
				*p = c.paging
			})
			d := open(t, recipe, c.answers...)
			if _, err := d.ask("opere", `{"autore":"a"}`); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.paths, paths(d)); diff != "" {
				t.Errorf("paths (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRetryAfterWhilePolling in every form a registry may write it.
func TestRetryAfterWhilePolling(t *testing.T) {
	for value, c := range map[string]struct {
		took  time.Duration
		ready bool
	}{
		"3":                             {3 * time.Second, true},
		"Mon, 12 Oct 2026 09:00:04 GMT": {4 * time.Second, true},
		"Mon, 12 Oct 2026 08:00:00 GMT": {time.Second, true}, // past: the recipe's own wait
		"0":                             {time.Second, true},
		"-7":                            {time.Second, true},
		"domani":                        {time.Second, true},
		"86401":                         {0, false},
		"99999999999999999999":          {0, false},
		"Mon, 12 Oct 2099 09:00:00 GMT": {0, false},
	} {
		t.Run(value, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ready := with(reply(200, ""), "Location", "/risorse/R")
				d := open(t, cataloghi(t), with(reply(202, ""), "Retry-After", value), ready, reply(200, `{"opera":"Uno"}`))
				_, err := d.ask("ritira", `{"id":"7"}`)
				var f *registry.Fault
				switch {
				case c.ready && err != nil:
					t.Error(err)
				case !c.ready && (!errors.Is(err, registry.ErrNotReady) || !errors.As(err, &f) || f.RetryAfter != registry.MaxRetryAfter):
					t.Errorf("error is %v (%+v), want ErrNotReady after a day", err, f)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
			})
		})
	}
}

// TestSlowAnswersUseUpThePatience: the deadline of the recipe counts the calls too.
func TestSlowAnswersUseUpThePatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		slow := &adaptertest.Transport{Script: func(context.Context, int, registry.Call) (registry.Reply, error) {
			time.Sleep(4 * time.Second)
			return reply(202, ""), nil
		}}
		_, err := openOver(t, cataloghi(t), slow, now()).ask("ritira", `{"id":"7"}`)
		if !errors.Is(err, registry.ErrNotReady) {
			t.Errorf("error is %v, want ErrNotReady", err)
		}
		// 4s, wait 1s, 4s: a wait of 2s more would pass the 10s of the recipe.
		if took := time.Since(began); took != 9*time.Second || len(slow.Calls()) != 2 {
			t.Errorf("it took %v and %d calls", took, len(slow.Calls()))
		}
	})
}

// TestAFailureWhilePollingEndsIt with its own kind.
func TestAFailureWhilePollingEndsIt(t *testing.T) {
	for name, c := range map[string]struct {
		answer registry.Reply
		kind   error
	}{
		"out of order":       {reply(503, ""), registry.ErrUnavailable},
		"too fast":           {reply(429, ""), registry.ErrThrottled},
		"denied":             {reply(403, ""), registry.ErrDenied},
		"a bare 404":         {reply(404, ""), registry.ErrUnavailable},
		"a cut 404":          {reply(404, `{"errori":[{"codice":"404"`), registry.ErrUnavailable},
		"a page for the 404": {with(reply(404, "<html>404"), "Content-Type", "text/html"), registry.ErrUnavailable},
		"a gateway's 404":    {reply(404, `{"type":"https://govway.org/handling-errors/404/NotFound.html","title":"NotFound"}`), registry.ErrUnavailable},
		"moved":              {with(reply(307, ""), "Location", "/altrove"), registry.ErrBadReply},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := open(t, cataloghi(t), reply(202, ""), c.answer)
				d.refuses("ritira", `{"id":"7"}`, c.kind)
				if n := len(d.wire.Calls()); n != 2 {
					t.Errorf("%d calls were made", n)
				}
			})
		})
	}
}

// TestSeeOtherIsNeverFollowed: wherever it points, the second call goes where the recipe
// says, with an id that is one part of a path; and not at all when what it points to is not what was asked for.
func TestSeeOtherIsNeverFollowed(t *testing.T) {
	recipe := builtin(t, "inad-consultazione")["inad-consultazione"]
	for location, calls := range map[string]int{
		"https://altrove.example/listDigitalAddress/response/" + listID: 2, "http://169.254.169.254/" + listID: 2, "/x/../" + listID: 2,
		"": 1, "//altrove.example/x": 1, "http://169.254.169.254/latest/meta-data": 1,
		"/rest/inad/v1/domiciliodigitale/extract/" + conti: 1, "file:///etc/passwd": 1, "javascript:alert(1)": 1, "\x00": 1,
	} {
		ready := with(reply(303, `{"state":"DISPONIBILE"}`), "Location", location)
		d := open(t, recipe, ready, reply(200, `{"list":[]}`))
		_, err := d.ask("elenco", `{"id":"`+listID+`"}`)
		if n := len(d.wire.Calls()); n != calls || (calls == 2) != (err == nil) || err != nil && !errors.Is(err, registry.ErrBadReply) {
			t.Errorf("%q: %v after %d calls, want %d", location, err, n, calls)
		}
		for _, c := range d.wire.Calls() {
			if !strings.HasPrefix(c.Path, "/listDigitalAddress/") || !strings.HasSuffix(c.Path, "/"+listID) {
				t.Errorf("%q: a call goes to %s", location, c.Path)
			}
		}
	}
	// Where the recipe does take the id from the answer, it takes one part of a path.
	for location, path := range map[string]string{
		"https://altrove.example/depositi/R-7": "/risorse/R-7", "https://altrove.example/a/R-7/?x=../y": "/risorse/R-7", "R-7#x": "/risorse/R-7",
		"/a/..": "", "/a/%2e%2e": "", "/a/b%2Fc": "", "/a/b%5Cc": "", "/a/b%0Ac": "", "/a/%zz": "", "https://altrove.example": "", "/": "", "?x=R-7": "",
	} {
		d := open(t, cataloghi(t), with(reply(200, ""), "Location", location), reply(200, `{"opera":"Uno"}`))
		_, err := d.ask("ritira", `{"id":"7"}`)
		if calls := d.wire.Calls(); path == "" {
			if !errors.Is(err, registry.ErrBadReply) || len(calls) != 1 {
				t.Errorf("%q: %v after %d calls, want ErrBadReply after one", location, err, len(calls))
			}
		} else if err != nil || len(calls) != 2 || calls[1].Path != path {
			t.Errorf("%q: %v, calls %+v, want %s", location, err, calls, path)
		}
	}
}

// TestTheSecondCallFails in its own right, and is not polled.
func TestTheSecondCallFails(t *testing.T) {
	ready := with(reply(200, ""), "Location", "/risorse/R")
	for name, c := range map[string]struct {
		answer registry.Reply
		kind   error
	}{
		"pending again": {reply(202, ""), registry.ErrBadReply},
		"pending 404":   {reply(404, pending404), registry.ErrUnavailable},
		"see other":     {with(reply(303, ""), "Location", "/altrove"), registry.ErrBadReply},
		"gone":          {reply(410, ""), registry.ErrNotFound},
		"cut":           {reply(200, `{"opera":`), registry.ErrBadReply},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, cataloghi(t), ready, c.answer)
			d.refuses("ritira", `{"id":"7"}`, c.kind)
			if n := len(d.wire.Calls()); n != 2 {
				t.Errorf("%d calls were made", n)
			}
		})
	}
}

// TestManyCallersShareAnAdapter: 32 at once, each with its own question and answer.
func TestManyCallersShareAnAdapter(t *testing.T) {
	echo := &adaptertest.Transport{Script: func(_ context.Context, _ int, c registry.Call) (registry.Reply, error) {
		author := strings.TrimPrefix(c.Path, "/opere/")
		return reply(200, works("null", author)), nil
	}}
	d := openOver(t, cataloghi(t), echo, now())
	var all sync.WaitGroup
	for i := range 32 {
		all.Go(func() {
			want := fmt.Sprintf(`{"opere":[{"titolo":"autore-%d"}],"totale":1}`, i)
			for range 20 {
				out, err := d.ask("opere", fmt.Sprintf(`{"autore":"Autore-%d"}`, i))
				if err != nil || string(out.Dati) != want {
					t.Errorf("dati are %s, %v, want %s", out.Dati, err, want)
				}
			}
		})
	}
	all.Wait()
}

// brokenState hands out no numbers.
type brokenState struct{}

func (brokenState) Next(context.Context, string, string, uint64) (uint64, error) {
	return 0, errors.New("the store is gone")
}

// TestWithoutANumberNothingIsSent: the store of the hub, not the registry, is at fault.
func TestWithoutANumberNothingIsSent(t *testing.T) {
	recipe := cataloghi(t)
	wire := adaptertest.Play(reply(200, "{}"))
	deps := adaptertest.Subject{Recipes: map[string]*registry.Recipe{recipe.Name: recipe}, Now: now()}.Deps(wire)
	deps.State = brokenState{}
	compiled, err := declarative.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, service: recipe.Name, adapter: compiled, wire: wire}
	f := d.fault("deposita", `{"opera":{}}`, registry.ErrState)
	if len(wire.Calls()) != 0 || errors.Is(f, registry.ErrUnavailable) || !strings.Contains(f.Text.IT, "nulla è stato inviato") {
		t.Errorf("%d calls, fault %+v", len(wire.Calls()), f)
	}
}

// TestUnknownOperations are refused before anything else is looked at.
func TestUnknownOperations(t *testing.T) {
	d := open(t, cataloghi(t), reply(200, "{}"))
	for _, operation := range []string{"", "OPERE", "opere ", "../opere", "cancella"} {
		d.refuses(operation, `segreto`, registry.ErrUnsupported)
	}
	if _, err := d.adapter.Call(t.Context(), "altro", "opere", registry.Request{}); !errors.Is(err, registry.ErrUnsupported) {
		t.Errorf("another service: %v", err)
	}
	if diff := cmp.Diff([]string{"cataloghi"}, d.adapter.Services()); diff != "" || len(d.wire.Calls()) != 0 {
		t.Errorf("services %s, %d calls", diff, len(d.wire.Calls()))
	}
}

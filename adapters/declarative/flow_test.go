// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package declarative_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/registry"
)

func paths(d *desk) []string {
	var all []string
	for _, c := range d.wire.Calls() {
		all = append(all, c.Path)
	}
	return all
}

func TestPagesByCursor(t *testing.T) {
	page := func(title, next string) registry.Reply {
		return reply(200, fmt.Sprintf(`{"dati":{"opere":[{"titolo":%q,"stato":"libera"}]},"prossima":%s}`, title, next))
	}
	d := open(t, cataloghi(t), page("Uno", `"p 2"`), page("Due", "3"), page("Tre", "null"))
	d.dati("opere", `{"autore":"a"}`, `{"opere":[{"titolo":"Uno"},{"titolo":"Due"},{"titolo":"Tre"}],"totale":3}`)
	if diff := cmp.Diff([]string{"/opere/a", "/opere/a?da=p%202", "/opere/a?da=3"}, paths(d)); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	// A fourth page is more than the recipe allows: half an answer is not delivered.
	open(t, cataloghi(t), page("Uno", `"x"`)).refuses("opere", `{"autore":"a"}`, registry.ErrBadReply)
	open(t, cataloghi(t), page("Uno", `"x"`), reply(200, `{"dati":{"opere":{}}}`)).refuses("opere", `{"autore":"a"}`, registry.ErrBadReply)
}

func TestPagesByOffset(t *testing.T) {
	d := open(t, cataloghi(t), reply(200, `[1,2]`), reply(200, `[3,4]`), reply(200, `[]`))
	d.dati("schede", `{}`, `{"schede":[1,2,3,4]}`)
	if diff := cmp.Diff([]string{"/schede?quante=2&salta=0", "/schede?quante=2&salta=2", "/schede?quante=2&salta=4"}, paths(d)); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	open(t, cataloghi(t), reply(200, `[1]`)).dati("schede", `{}`, `{"schede":[1]}`)
	open(t, cataloghi(t), reply(200, `{"list":[]}`)).refuses("schede", `{}`, registry.ErrBadReply)
}

func TestPagesByNumberWhileTheStatusSaysMore(t *testing.T) {
	recipe := cataloghi(t)
	op := recipe.Operations["schede"]
	op.Paging = &registry.RecipePaging{By: registry.PageByNumber, Param: "pagina", Start: 1, More: []int{206}, MaxPages: 5}
	recipe.Operations["schede"] = op
	d := open(t, recipe, reply(206, `[1]`), reply(206, `[2]`), reply(200, `[3]`))
	d.dati("schede", `{}`, `{"schede":[1,2,3]}`)
	if diff := cmp.Diff([]string{"/schede?pagina=1", "/schede?pagina=2", "/schede?pagina=3"}, paths(d)); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

const pending404 = `{"errori":[{"codice":"404","testo":"Risorsa in attesa"}]}`

func TestPollingWaitsLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ready := with(reply(200, ""), "Location", "/risorse/R 9")
		d := open(t, cataloghi(t), reply(404, pending404), reply(202, ""), ready, reply(200, `{"opera":"Uno"}`))
		d.dati("ritira", `{"id":"7"}`, `{"opera":"Uno"}`)
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %v, want 1s and 2s", took)
		}
		if diff := cmp.Diff([]string{"/depositi/7", "/depositi/7", "/depositi/7", "/risorse/R%209"}, paths(d)); diff != "" {
			t.Errorf("paths (-want +got):\n%s", diff)
		}
	})
}

func TestPollingEndsWithNotReady(t *testing.T) {
	for name, c := range map[string]struct {
		answer registry.Reply
		caller time.Duration
		took   time.Duration
		after  time.Duration
	}{
		"patience of the recipe":       {reply(202, ""), time.Hour, 7 * time.Second, 4 * time.Second}, // 1+2+4, then 4 would pass 10
		"the caller leaves earlier":    {reply(202, ""), 5 * time.Second, 3 * time.Second, 4 * time.Second},
		"the registry says when":       {with(reply(202, ""), "Retry-After", "600"), time.Hour, 0, 600 * time.Second},
		"the registry asks for little": {with(reply(202, ""), "Retry-After", "6"), time.Hour, 6 * time.Second, 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.caller)
				defer cancel()
				began := time.Now()
				_, err := open(t, cataloghi(t), c.answer).askFor(ctx, "ritira", `{"id":"7"}`)
				var f *registry.Fault
				if !errors.Is(err, registry.ErrNotReady) || !errors.As(err, &f) || f.RetryAfter != c.after || f.Text.IT == "" {
					t.Errorf("error is %v (%+v), want ErrNotReady after %v", err, f, c.after)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %v, want %v", took, c.took)
				}
			})
		})
	}
}

func TestPollingStopsWithItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		d := open(t, cataloghi(t), reply(202, ""))
		if _, err := d.askFor(ctx, "ritira", `{"id":"7"}`); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want context.Canceled", err)
		}
		if n := len(d.wire.Calls()); n != 1 {
			t.Errorf("%d calls were made", n)
		}
	})
}

// TestOtherAnswersWhilePolling are not taken for "not ready".
func TestOtherAnswersWhilePolling(t *testing.T) {
	d := open(t, cataloghi(t), reply(404, `{"errori":[{"codice":"K1","testo":"assente"}]}`))
	d.refuses("ritira", `{"id":"7"}`, registry.ErrNotFound)
	open(t, cataloghi(t), reply(303, "")).refuses("ritira", `{"id":"7"}`, registry.ErrBadReply)
	// Ready, but without saying where: the second call cannot be made.
	open(t, cataloghi(t), reply(200, "{}")).refuses("ritira", `{"id":"7"}`, registry.ErrBadReply)
}

// TestAValueThatMeansNone is replaced by the default.
func TestAValueThatMeansNone(t *testing.T) {
	for body, want := range map[string]string{`{"opera":"nessuna"}`: "ignota", `{}`: "ignota", `{"opera":"Uno"}`: "Uno"} {
		open(t, cataloghi(t), with(reply(200, "{}"), "Location", "/x/1"), reply(200, body)).
			dati("ritira", `{"id":"7"}`, `{"opera":"`+want+`"}`)
	}
}

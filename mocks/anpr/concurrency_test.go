// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/snodo-pa/snodo/mocks/fruitore"
	"github.com/snodo-pa/snodo/mocks/internal/rules"
)

// together makes the same call many times at once and returns what came back.
func (w *world) together(times int, body []byte, hooks fruitore.Hooks) []*fruitore.Reply {
	w.t.Helper()
	client := w.consumer("C020")
	replies := make([]*fruitore.Reply, times)
	var group sync.WaitGroup
	for i := range replies {
		group.Go(func() {
			reply, err := client.Do(w.t.Context(), http.MethodPost, url(w, "C020"), body, hooks)
			if err != nil {
				w.t.Error(err)
				reply = &fruitore.Reply{}
			}
			replies[i] = reply
		})
	}
	group.Wait()
	return replies
}

func count(replies []*fruitore.Reply, status int) int {
	n := 0
	for _, r := range replies {
		if r.Status == status {
			n++
		}
	}
	return n
}

func TestReplayRaceHasOneWinner(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	replies := w.together(12, w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{Signature: claim("jti", "raced")})
	if count(replies, http.StatusOK) != 1 || count(replies, http.StatusConflict) != 11 {
		t.Errorf("%d answers, %d conflicts", count(replies, http.StatusOK), count(replies, http.StatusConflict))
	}
}

func TestOneOperationAskedManyTimesAtOnce(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true})
	replies := w.together(12, w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{})
	for _, r := range replies {
		if r.Status != http.StatusOK || string(r.Body) != string(replies[0].Body) {
			t.Errorf("%d %s", r.Status, r.Body)
		}
	}
}

func TestQuotaIsExact(t *testing.T) {
	w := newWorld(t, Options{PlainHTTP: true, Quota: 4})
	replies := w.together(12, w.body("C020", `{"idANPR":"QX48213ZB"}`), fruitore.Hooks{})
	if count(replies, http.StatusOK) != 4 || count(replies, http.StatusTooManyRequests) != 8 {
		t.Errorf("%d answers, %d refusals", count(replies, http.StatusOK), count(replies, http.StatusTooManyRequests))
	}
}

func TestQuotaFollowsTheDaysOfRome(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	must(t, err)
	q := quota{limit: 1}
	take := func(utc time.Time) (bool, http.Header) {
		h := http.Header{}
		return q.take(h, "k", utc.In(rome)), h
	}
	// The clocks go back on 25 October 2026: that day has 25 hours in Rome.
	for _, step := range []struct {
		at    string
		want  bool
		reset string
	}{
		{"2026-10-24T21:59:59Z", true, ""},
		{"2026-10-24T22:00:00Z", true, ""}, // midnight in summer time
		{"2026-10-24T22:00:01Z", false, "90000"},
		{"2026-10-25T22:59:59Z", false, "2"},
		{"2026-10-25T23:00:00Z", true, ""}, // midnight in winter time
	} {
		at, err := time.Parse(time.RFC3339, step.at)
		must(t, err)
		got, h := take(at)
		if got != step.want || h.Get("Retry-After") != step.reset || h.Get("X-RateLimit-Reset") != step.reset {
			t.Errorf("%s: %v %v", step.at, got, h)
		}
	}
}

func TestPlatformKeysThatCannotBeRead(t *testing.T) {
	good, err := json.Marshal(rules.RSAJWK(&testKeys()[0].PublicKey, "k"))
	must(t, err)
	for name, c := range map[string]struct {
		status int
		body   string
	}{
		"small key":  {200, `{"keys":[{"kty":"RSA","kid":"k","n":"AA","e":"AQAB"}]}`},
		"twice":      {200, `{"keys":[` + string(good) + `,` + string(good) + `]}`},
		"no kid":     {200, `{"keys":[` + strings.Replace(string(good), `"kid":"k"`, `"x":1`, 1) + `]}`},
		"no object":  {200, `{"keys":[1]}`},
		"no list":    {200, `{"keys":1}`},
		"HTML":       {200, `<html>`},
		"bad status": {500, `{"keys":[` + string(good) + `]}`},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			t.Cleanup(server.Close)
			p := platformKeys{url: func() string { return server.URL }, clock: time.Now}
			if key, err := p.find(t.Context(), "k"); err == nil || errors.Is(err, errNoSuchKey) {
				t.Errorf("found %v, %v", key, err)
			}
		})
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import (
	"net/http"
	"sync"
	"testing"

	"github.com/snodo-pa/snodo/mocks/fruitore"
)

// together makes the same call many times at once and returns what came back.
func (w *world) together(times int, body []byte, hooks fruitore.Hooks) []*fruitore.Reply {
	w.t.Helper()
	client := w.consumer("C020")
	replies := make([]*fruitore.Reply, times)
	var group sync.WaitGroup
	for i := range replies {
		group.Go(func() {
			reply, err := client.Do(w.t.Context(), http.MethodPost, endpoint(w, "C020"), body, hooks)
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

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package siope

import (
	"regexp"
	"testing"
	"time"
)

// TestNumbersOfAServerAreNotThoseOfTheOneBefore: a hub that has read the messages of one reads those of the next.
func TestNumbersOfAServerAreNotThoseOfTheOneBefore(t *testing.T) {
	names := regexp.MustCompile(`<identificativo_flusso_BT>([^<]+)<`)
	seen := map[string]bool{}
	for run, id := range []string{"F1", "F2"} {
		w := started(t, Options{})
		w.pass(time.Duration(run) * time.Second)
		again, err := New(w.opts) // as the mock that is started a second later
		if err != nil {
			t.Fatal(err)
		}
		w.since, w.progress, w.enti = again.since, again.progress, again.enti
		w.send(good(id))
		w.pass(time.Second)
		for _, list := range []string{listAck, listEsito, listEsiti, listGiornale} {
			items := w.list(list, "").Items
			if len(items) == 0 {
				t.Fatalf("nothing in %s", list)
			}
			found := names.FindStringSubmatch(w.last(list))
			for _, item := range items {
				if seen[item.Location] {
					t.Errorf("%s is used again", item.Location)
				}
				seen[item.Location] = true
			}
			if found != nil && seen[found[1]] {
				t.Errorf("%s is used again", found[1])
			}
			if found != nil {
				seen[found[1]] = true
			}
		}
	}
}

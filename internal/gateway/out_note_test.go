// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package gateway

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/modi"
	"github.com/snodo-pa/snodo/registry"
)

// TestAWarningTellsNoFieldThatIsNotAllowed: what a note says of a field outside the whitelist is dropped with the field,
// and a comparison of the hub's own gives verdicts alone.
func TestAWarningTellsNoFieldThatIsNotAllowed(t *testing.T) {
	about := func(text string, fields ...string) registry.Note {
		return registry.Note{Fields: fields, Text: modi.Text{IT: text, EN: text}}
	}
	for name, c := range map[string]struct {
		asked Acquisition
		want  []string
	}{
		"data":                    {newAcquisition(), []string{"anyone", "residence", "both allowed", "again", "anyone", "residence", "both allowed"}},
		"a comparison of the hub": {newVerification(`{"nome":"MARIO"}`), []string{"anyone", "again", "anyone"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newOutWorld(t)
			w.register.avvisi = []modi.Text{{IT: "anyone", EN: "anyone"}}
			w.register.notes = []registry.Note{
				about("residence", "residenza"), about("hidden", "figli"), about("one hidden", "residenza", "figli"),
				about("both allowed", "nome", "residenza"), about("no field"),
			}
			c.asked.IdempotencyKey = "chiave-1"
			var got []string
			for i := range 2 { // the second is remembered: it says what the first said
				if i > 0 {
					got = append(got, "again")
				}
				answer, err := w.Acquire(context.Background(), c.asked)
				if err != nil {
					t.Fatal(err)
				}
				for _, a := range answer.Avvisi {
					got = append(got, a.EN)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("avvisi (-want +got):\n%s", diff)
			}
		})
	}
}

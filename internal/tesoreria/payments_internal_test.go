// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestReferencesInACausale as pagoPA's guidelines write them, and as people do.
func TestReferencesInACausale(t *testing.T) {
	for text, want := range map[string][2]string{
		"/RFB/01000000000012345/45.00/TXT/Refezione":        {"01000000000012345", ""},
		"/RFS/RF23567483937849450550875/10.00":              {"RF23567483937849450550875", ""},
		"Refezione IUV 01000000000012345 IUR: ab12cd34":     {"01000000000012345", "AB12CD34"},
		"iuv=01000000000012345, IUV 01000000000012346":      {"01000000000012345 01000000000012346", ""},
		"/RFB/01000000000012345 IUV 01000000000012345":      {"01000000000012345", ""},
		"Affitto novembre":                                  {"", ""},
		"IUV 123 troppo corto":                              {"", ""},
		"PRIVIUV01000000000012345 non è una parola a parte": {"", ""},
	} {
		got := references(text)
		if diff := cmp.Diff(want, [2]string{strings.Join(got.iuv, " "), strings.Join(got.iur, " ")}); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func FuzzReferences(f *testing.F) {
	f.Add("/RFB/01000000000012345/45.00/TXT/x IUR 123456")
	f.Fuzz(func(t *testing.T, text string) {
		for _, code := range append(references(text).iuv, references(text).iur...) {
			if code == "" || len(code) > 35 || strings.ToUpper(code) != code {
				t.Errorf("%q", code)
			}
		}
	})
}

func TestStatesOnlyGoForward(t *testing.T) {
	life := []State{Prepared, InFirma, Signed, Sending, Sent, Acquired, Taken}
	for i, from := range life {
		for j, to := range life {
			want := j > i || from == Sending && to == Signed
			if to.follows(from) != want {
				t.Errorf("%s after %s: %t", to, from, !want)
			}
		}
		if Refused.follows(from) != (i >= 3 && from != Taken) || Withdrawn.follows(from) != (i < 3) {
			t.Errorf("refused or withdrawn after %s", from)
		}
	}
	for _, from := range []State{Refused, Withdrawn} {
		for _, to := range append(life, Refused, Withdrawn) {
			if to.follows(from) {
				t.Errorf("%s after %s", to, from)
			}
		}
	}
}

func TestTheStateOfAnOrderIsThatOfItsLines(t *testing.T) {
	for name, c := range map[string]struct {
		lines []State
		want  State
	}{
		"none told":          {[]State{"", ""}, Sent},
		"all executed":       {[]State{Executed, Executed}, Executed},
		"one is open":        {[]State{Executed, ""}, Partly},
		"one failed":         {[]State{Executed, NotExecuted}, Partly},
		"all failed":         {[]State{NotExecuted, NotExecuted}, NotExecuted},
		"failed and open":    {[]State{NotExecuted, ""}, Taken},
		"both ways":          {[]State{Executed, Regularised}, Executed},
		"all regularised":    {[]State{Regularised, Regularised}, Regularised},
		"reversed":           {[]State{Reversed}, Reversed},
		"reversed, executed": {[]State{Reversed, Executed}, Partly},
	} {
		var lines []Line
		for _, s := range c.lines {
			lines = append(lines, Line{State: s})
		}
		if got := stateOf(lines, Sent); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestOutcomesMayComeTwice and contradict each other: an order that has ended stays as it is.
func TestOutcomesMayComeTwice(t *testing.T) {
	row := OrderRow{State: Taken, Facts: put(orderFacts{Lines: []Line{{Number: 1, Amount: 5}}})}
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for _, word := range []string{"ACQUISITO", "PAGATO", "PAGATO", "NON ESEGUIBILE", "NON ACQUISITO", "ACQUISITO"} {
		at = at.Add(time.Minute)
		if err := apply(&row, outcome{word: word, line: 1}, at); err != nil {
			t.Fatal(err)
		}
	}
	facts, err := get[orderFacts](row.Facts)
	if err != nil || row.State != Executed || len(facts.History) != 1 || facts.Lines[0].State != Executed {
		t.Errorf("%s, %+v, %v", row.State, facts, err)
	}
	if err := apply(&row, outcome{word: "STORNATO"}, at); err != nil || row.State != Reversed {
		t.Errorf("a reversal: %s, %v", row.State, err)
	}
}

func TestALineEndsOnce(t *testing.T) {
	for _, c := range []struct {
		from, to State
		want     bool
	}{
		{"", Executed, true},
		{Executed, Executed, false},
		{Executed, NotExecuted, false},
		{NotExecuted, Executed, false},
		{Executed, Reversed, true},
		{Executed, Regularised, true},
		{Reversed, Executed, true},
		{Cancelled, Executed, false},
	} {
		if lineFollows(c.from, c.to) != c.want {
			t.Errorf("%q to %q: %t", c.from, c.to, !c.want)
		}
	}
}

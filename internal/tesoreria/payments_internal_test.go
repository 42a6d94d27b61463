// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package tesoreria

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/adapters/tesoreria/opi"
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
		changed, err := apply(&row, outcome{word: word, line: 1}, at)
		if err != nil || changed != (word == "PAGATO" && row.ChangedAt.Equal(at)) {
			t.Fatal(word, changed, err)
		}
	}
	facts, err := get[orderFacts](row.Facts)
	if err != nil || row.State != Executed || len(facts.History) != 1 || facts.Lines[0].State != Executed {
		t.Errorf("%s, %+v, %v", row.State, facts, err)
	}
	if _, err := apply(&row, outcome{word: "STORNATO"}, at); err != nil || row.State != Reversed {
		t.Errorf("a reversal: %s, %v", row.State, err)
	}
}

// TestOutcomesOfVariationsAreStored: also those that lead back to the state the order had.
func TestOutcomesOfVariationsAreStored(t *testing.T) {
	was := &orderBefore{Flow: "F-1", Operation: "INSERIMENTO", State: Taken, Amount: 5, Lines: []Line{{Number: 1, Amount: 5}}}
	for word, c := range map[string]struct {
		before *orderBefore
		want   State
		flow   string
	}{
		"VARIATO":           {was, Taken, "F-2"},
		"NON VARIATO":       {was, Taken, "F-1"},
		"NON ANNULLATO":     {was, Taken, "F-1"},
		"ANNULLATO":         {was, Cancelled, "F-2"},
		"NON SOSTITUITO":    {nil, NotExecuted, "F-2"},
		"NON REGOLARIZZATO": {nil, NotExecuted, "F-2"},
	} {
		row := OrderRow{Flow: "F-2", State: Taken, Facts: put(orderFacts{Operation: "VARIAZIONE", Amount: 6, Lines: []Line{{Number: 1, Amount: 6}}, Before: c.before})}
		at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		changed, err := apply(&row, outcome{word: word, line: 1}, at)
		facts, errFacts := get[orderFacts](row.Facts)
		if err != nil || errFacts != nil || !changed || !row.ChangedAt.Equal(at) || row.State != c.want || row.Flow != c.flow || facts.Before != nil {
			t.Errorf("%s: %t %+v %+v", word, changed, row, facts)
		}
		if c.flow == "F-1" && (facts.Operation != "INSERIMENTO" || facts.Amount != 5 || len(facts.History) != 1) {
			t.Errorf("%s: %+v", word, facts)
		}
		if changed, err := apply(&row, outcome{word: word, line: 1}, at.Add(time.Hour)); err != nil || changed {
			t.Errorf("%s twice: %t, %v", word, changed, err)
		}
	}
}

// TestTheSumsOfABookMayBeOnAnyOfItsPages: what one page says and another leaves out is held against the movements.
func TestTheSumsOfABookMayBeOnAnyOfItsPages(t *testing.T) {
	amount := func(n opi.Importo) *opi.Importo { return &n }
	first := pageFacts{Book: "GDC-1", Page: 1, Pages: 2, Rows: 1, Income: 70}
	last := pageFacts{Book: "GDC-1", Page: 2, Pages: 2, Rows: 1, Outgo: 20}
	sums := pageFacts{Before: amount(100), TotalIn: amount(71), TotalOut: amount(21), After: amount(151), YearBalance: amount(152)}
	want := []string{AlarmIncome, AlarmOutgo, AlarmFinal, AlarmYear}
	for name, spread := range map[string]func(a, b *pageFacts){
		"on the first": func(a, _ *pageFacts) { a.said(sums) },
		"on the last":  func(_, b *pageFacts) { b.said(sums) },
		"on both":      func(a, b *pageFacts) { a.said(sums); b.said(sums) },
		"some on each": func(a, b *pageFacts) {
			a.said(pageFacts{Before: sums.Before, TotalIn: sums.TotalIn})
			b.said(pageFacts{TotalOut: sums.TotalOut, After: sums.After, YearBalance: sums.YearBalance})
		},
	} {
		a, b := first, last
		spread(&a, &b)
		s, err := balancesOf([]PageRow{{ID: "1", Day: "2026-03-01", Facts: put(a)}, {ID: "2", Day: "2026-03-01", Facts: put(b)}}, 2026)
		if err != nil || !slices.Equal(s.Allarmi, want) {
			t.Errorf("%s: %v, %v", name, s.Allarmi, err)
		}
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

// TestPaymentsAreReadAsFlowsAre: with semicolons, a mark, capitals and commas; every fault with its row and column.
func TestPaymentsAreReadAsFlowsAre(t *testing.T) {
	got, faults := ReadPayments([]byte("\ufeffIUV;Importo;Data;iur\n01000000000000001;1.220,50;12/10/2026;\n;3.00;;R-1\n"))
	want := []Payment{{IUV: "01000000000000001", Importo: 122050, Data: "2026-10-12"}, {IUR: "R-1", Importo: 300}}
	if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
		t.Errorf("%s %v", diff, faults)
	}
	got, faults = ReadPayments([]byte("iuv,importo,data\n,1,\n1,1.220,ieri\n"))
	text := faults.In("it")
	if got != nil || len(faults) != 3 || !strings.Contains(text, "riga 2, iuv") || !strings.Contains(text, "riga 3, importo") || !strings.Contains(text, "riga 3, data") {
		t.Errorf("%v\n%s", got, text)
	}
	if _, faults = ReadPayments([]byte("iuv;colore\n")); len(faults) != 2 {
		t.Error(faults)
	}
}

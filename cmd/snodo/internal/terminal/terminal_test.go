// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package terminal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
)

func plain(t *testing.T, write func(w *terminal.Writer)) string {
	t.Helper()
	var out bytes.Buffer
	w := terminal.New(&out, 60, false)
	write(w)
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWrapBreaksAtSpaces(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"empty":           {"", []string{""}},
		"fits":            {"una riga", []string{"una riga"}},
		"breaks":          {"la città è già lì", []string{"la città", "è già lì"}},
		"keeps new lines": {"a\nb", []string{"a", "b"}},
		"long word":       {"x interoperabilità", []string{"x", "interoperabilità"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, terminal.Wrap(tt.text, 9)); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSayAlignsContinuationUnderItsText(t *testing.T) {
	got := plain(t, func(w *terminal.Writer) {
		w.Say(terminal.Good, strings.Repeat("parola ", 10))
		w.Say(terminal.Bad, "no")
		w.Say(terminal.Note, "nota")
	})
	want := "  ✓ parola parola parola parola parola parola parola parola\n" +
		"    parola parola\n" +
		"  ✗ no\n" +
		"  • nota\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestHeadingsAndParagraphs(t *testing.T) {
	got := plain(t, func(w *terminal.Writer) {
		w.Title("Snodo")
		w.Step(1, "Primo")
		w.Para("Testo.")
		w.Code("curl -s https://127.0.0.1")
	})
	want := "Snodo\n" + strings.Repeat("═", 60) + "\n\n1  Primo\n" + strings.Repeat("─", 60) + "\n" +
		"  Testo.\n    curl -s https://127.0.0.1\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestTableAlignsAccentedCells(t *testing.T) {
	got := plain(t, func(w *terminal.Writer) {
		w.Table([][]string{{"NOME", "STATO"}, {"città", "ok"}, {"x", ""}})
	})
	want := "  NOME   STATO\n  città  ok\n  x\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestTableMovesALastCellThatDoesNotFit(t *testing.T) {
	long := strings.Repeat("x", 50)
	got := plain(t, func(w *terminal.Writer) {
		w.Table([][]string{{"A", "B"}, {"uno due tre", long}, {"corta", "b"}})
	})
	want := "  A            B\n  uno due tre\n      " + long + "\n  corta        b\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestColourOnlyWhenAsked(t *testing.T) {
	var coloured bytes.Buffer
	terminal.New(&coloured, 0, true).Say(terminal.Good, "fatto")
	if !strings.Contains(coloured.String(), "\x1b[32m✓\x1b[0m") {
		t.Errorf("no colour in %q", coloured.String())
	}
	var out bytes.Buffer
	terminal.For(&out, func(string) string { return "" }).Say(terminal.Good, "fatto")
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("colour although the output is no terminal: %q", out.String())
	}
}

func TestWidthFollowsColumnsWithinBounds(t *testing.T) {
	for columns, want := range map[string]int{"": 90, "20": 60, "72": 72, "400": 100, "x": 90} {
		var out bytes.Buffer
		terminal.For(&out, func(name string) string {
			if name == "COLUMNS" {
				return columns
			}
			return ""
		}).Title("t")
		_, rule, _ := strings.Cut(out.String(), "\n")
		if got := utf8.RuneCountInString(strings.TrimSpace(rule)); got != want {
			t.Errorf("COLUMNS=%q: width %d, want %d", columns, got, want)
		}
	}
}

type failing struct{ calls int }

func (f *failing) Write([]byte) (int, error) {
	f.calls++
	return 0, errors.New("disk full")
}

func TestFirstWriteErrorIsKept(t *testing.T) {
	out := &failing{}
	w := terminal.New(out, 0, false)
	w.Line("a")
	w.Line("b")
	if w.Err() == nil || out.calls != 1 {
		t.Errorf("err %v after %d writes, want one write and its error", w.Err(), out.calls)
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/snodo-pa/snodo/conformance"
)

const header = "<!-- SPDX-" + "FileCopyrightText: 2026 The Snodo authors -->\n<!-- SPDX-" + "License-Identifier: CC-BY-4.0 -->\n" +
	"<!-- Written from the cases of the suite; edit those. -->\n"

// Pages are the pages that list the cases, by file name: one for each area of rules, one
// for the cases that must be accepted, and the index of them all, cases.md. Italian
// comes first.
func Pages() (map[string]string, error) {
	all, err := conformance.Cases()
	if err != nil {
		return nil, err
	}
	byArea := map[string][]conformance.Case{}
	for _, c := range all {
		byArea[areaOf(c)] = append(byArea[areaOf(c)], c)
	}
	pages := map[string]string{}
	var index strings.Builder
	fmt.Fprintf(&index, "%s# I casi della suite\n\n%d casi. Una riga per ogni variante: i casi di più messaggi della stessa variante stanno insieme.\n\n"+
		"*The cases of the suite: a line for each variant. `snodo conformance explain ID` tells one in full.*\n\n| Pagina | Casi | Ruoli in prova |\n| --- | --- | --- |\n", header, len(all))
	for _, area := range slices.Sorted(maps.Keys(byArea)) {
		name := fileOf(area)
		pages[name] = casesPage(area, byArea[area])
		fmt.Fprintf(&index, "| [%s](%s) | %d | %s |\n", area, name, len(byArea[area]), rolesOf(byArea[area]))
	}
	circumstances, err := conformance.Circumstances()
	if err != nil {
		return nil, err
	}
	index.WriteString(circumstancesTable(circumstances))
	pages["cases.md"] = index.String()
	return pages, nil
}

// circumstancesTable lists what the setting setup may say.
func circumstancesTable(list []conformance.Circumstance) string {
	var b strings.Builder
	b.WriteString("\n## Circostanze\n\nCiò che un messaggio non può creare, e che `setup` dichiara (`--setup signature-header,optional`). *What the setting `setup` declares.*\n\n" +
		"| Nome | Significato |\n| --- | --- |\n")
	for _, c := range list {
		fmt.Fprintf(&b, "| `%s` | %s<br>*%s* |\n", strings.TrimPrefix(c.Name, "setup:"), cell(c.About.IT), cell(c.About.EN))
	}
	return b.String()
}

// areaOf is the part of an id before the fault; accept for positive cases.
func areaOf(c conformance.Case) string {
	rule, _, _ := strings.Cut(c.ID, "#")
	name, _, _ := strings.Cut(rule, "/")
	return name
}

func fileOf(area string) string { return "cases-" + strings.ReplaceAll(area, ".", "-") + ".md" }

func rolesOf(list []conformance.Case) string {
	seen := map[string]bool{}
	for _, c := range list {
		for _, r := range c.Roles {
			seen[string(r)] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(seen)), ", ")
}

// variant is the lines of one page that differ only in the message they start from.
type variant struct {
	conformance.Case

	id       string
	subjects []string
}

func variants(list []conformance.Case) []variant {
	var out []variant
	place := map[string]int{}
	for _, c := range list {
		id := strings.TrimSuffix(c.ID, "."+c.Subject)
		i, ok := place[id]
		if !ok {
			i = len(out)
			place[id] = i
			out = append(out, variant{Case: c, id: id})
		}
		if id != c.ID {
			out[i].subjects = append(out[i].subjects, c.Subject)
		}
	}
	return out
}

func casesPage(area string, list []conformance.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s# %s\n\n[Tutti i casi](cases.md)\n\n| Caso | Titolo | Atteso | Gravità | Messaggi | Fonte |\n| --- | --- | --- | --- | --- | --- |\n", header, area)
	for _, v := range variants(list) {
		title := v.Title.IT
		if v.Title.EN != v.Title.IT {
			title += "<br>*" + v.Title.EN + "*"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", v.id, cell(title), expect(v.Case), v.Severity, cell(strings.Join(v.subjects, ", ")), cell(v.Source))
	}
	return b.String()
}

func expect(c conformance.Case) string {
	switch c.Expect {
	case "accept":
		return "accettato"
	case "undecided":
		return "503"
	case "observe":
		return "osservato"
	default:
		return fmt.Sprintf("rifiutato (%d)", c.Status)
	}
}

// cell writes a text so that it stays in its cell.
func cell(text string) string { return strings.NewReplacer("|", "\\|", "\n", " ").Replace(text) }

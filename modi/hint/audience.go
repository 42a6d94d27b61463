// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package hint

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"github.com/snodo-pa/snodo/modi"
)

// maxAudience is the length in bytes above which an audience is not looked at.
const maxAudience = 2048

// Audience explains why none of the audiences is the one wanted. Being almost the same is
// told before being on the same host, whichever audience it is about; of audiences that are
// equally close the first counts.
func Audience(got []string, want string) modi.Text {
	for _, near := range []func(got, want string) modi.Text{almost, samePlace} {
		for _, a := range got {
			if len(a) > maxAudience || len(want) > maxAudience {
				continue
			}
			if t := near(a, want); t != (modi.Text{}) {
				return t
			}
		}
	}
	return modi.Text{}
}

// nearness is one way of being almost the same: what is left when it is taken away.
type nearness struct {
	without func(string) string
	text    modi.Text
}

func nearnesses() []nearness {
	return []nearness{
		{strings.TrimSpace, text("spazi all'inizio o alla fine", "spaces at the beginning or at the end")},
		{func(s string) string { return strings.TrimRight(s, "/") }, text("differisce per la barra finale", "differs by the final slash")},
		{strings.ToLower, text("differisce per maiuscole e minuscole", "differs by upper and lower case")},
		{withoutScheme, text("differisce per lo schema (https://)", "differs by the scheme (https://)")},
		{withoutPDND, text(
			"differisce per -PDND: l'audience del servizio non è l'indirizzo su cui lo si chiama",
			"differs by -PDND: the audience of the service is not the address at which it is called",
		)},
		{withoutVersion, text("differisce per la versione (/v1)", "differs by the version (/v1)")},
		{withoutEnvironment, text("è di un altro ambiente (uat, att, produzione)", "is of another environment (uat, att, production)")},
	}
}

func withoutScheme(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		return rest
	}
	return s
}

// environments are the words by which addresses tell them apart.
const environments = "uat|att|test|val|coll|collaudo|preprod"

var (
	pdndName    = regexp.MustCompile(`(?i)-pdnd\b`)
	version     = regexp.MustCompile(`(?i)/v?[0-9]+(\.[0-9]+)*$`)
	environment = regexp.MustCompile(`(?i)[.-](` + environments + `)\b|\b(` + environments + `)\b[.-]?`)
)

func withoutPDND(s string) string    { return pdndName.ReplaceAllString(s, "") }
func withoutVersion(s string) string { return version.ReplaceAllString(strings.TrimRight(s, "/"), "") }

func withoutEnvironment(s string) string {
	return environment.ReplaceAllString(s, "")
}

// almost tells of an audience that is the wanted one but for its form.
func almost(got, want string) modi.Text {
	if t := several(got, want); t != (modi.Text{}) {
		return t
	}
	all := func(s string) string { return s }
	for _, n := range nearnesses() {
		if n.without(got) == n.without(want) {
			return n.text
		}
		before := all
		all = func(s string) string { return n.without(before(s)) }
	}
	if all(got) == all(want) {
		return text(
			"differisce per più cose insieme: barra finale, maiuscole, schema, -PDND, versione o ambiente",
			"differs by several things at once: final slash, case, scheme, -PDND, version or environment",
		)
	}
	return modi.Text{}
}

// several finds the audience wanted inside a string that should be a list.
func several(got, want string) modi.Text {
	var items []string
	if err := json.Unmarshal([]byte(got), &items); err == nil {
		for _, item := range items {
			if item == want {
				return text("la lista è scritta dentro una stringa: aud va scritto come lista JSON", "the list is written inside a string: write aud as a JSON list")
			}
		}
	}
	if parts := strings.Split(got, ","); len(parts) > 1 {
		for _, part := range parts {
			if strings.TrimSpace(part) == want {
				return text("più audience separate da virgole: aud va scritto come lista JSON", "several audiences joined by commas: write aud as a JSON list")
			}
		}
	}
	return modi.Text{}
}

// samePlace tells of addresses on the same host.
func samePlace(got, want string) modi.Text {
	a, errA := url.Parse(got)
	b, errB := url.Parse(want)
	if errA != nil || errB != nil || a.Host == "" || !strings.EqualFold(a.Host, b.Host) {
		return modi.Text{}
	}
	switch {
	case strings.HasPrefix(b.Path, strings.TrimRight(a.Path, "/")+"/"):
		return text("manca la parte finale del percorso", "the end of the path is missing")
	case strings.HasPrefix(a.Path, strings.TrimRight(b.Path, "/")+"/"):
		return text("c'è percorso in più: l'audience è quella del servizio, non l'indirizzo dell'operazione", "there is too much path: the audience is the service's, not the address of the operation")
	default:
		return text("stesso host, altro percorso: forse l'audience di un altro servizio", "same host, other path: maybe the audience of another service")
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package problem

import (
	"strconv"
	"strings"
	"time"

	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
)

// MediaType is the media type of a problem document (RFC 9457 §6.1).
const MediaType = "application/problem+json"

// DefaultBase is the base URL of problem types when none is configured.
const DefaultBase = "https://snodo.example/problems/"

// Problem is an RFC 9457 document with the members of this hub.
type Problem struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail,omitempty"`
	Instance   string      `json:"instance,omitempty"` // urn:uuid of the exchange
	Rule       modi.RuleID `json:"rule"`
	Rimedio    string      `json:"rimedio,omitempty"` // what the caller can do
	Violations []Violation `json:"violations,omitempty"`
	Scambio    string      `json:"scambio,omitempty"` // id of the exchange, as evidence keeps it
	Ente       string      `json:"ente,omitempty"`
	Servizio   string      `json:"servizio,omitempty"`
	Codice     string      `json:"codice,omitempty"`    // the registry's own error code
	GovWayID   string      `json:"govway_id,omitempty"` // the registry's own id of the exchange
}

// Violation is one broken rule inside a problem.
type Violation struct {
	Rule     modi.RuleID  `json:"rule"`
	Pattern  modi.Pattern `json:"pattern,omitempty"`
	Title    string       `json:"title,omitempty"`
	Where    string       `json:"where,omitempty"` // place in the message: JSON pointer, "query name", "header Name"
	Expected string       `json:"expected,omitempty"`
	Found    string       `json:"found,omitempty"`
}

// From builds the document for an error in a language ("en", anything else is Italian). base is the base URL of the
// problem types, "" for DefaultBase. The duration is the Retry-After to send; 0 means none.
func From(err error, lang, base string) (Problem, time.Duration) {
	x := Explain(err)
	p := Problem{
		Type: TypeURL(base, x.Row.Rule), Title: Say(x.Row.Title, lang), Status: x.Row.Status,
		Rule: x.Row.Rule, Rimedio: Say(x.Row.Remedy, lang), Detail: Say(x.Detail, lang),
		Scambio: x.Place.Exchange, Ente: x.Place.Ente, Servizio: x.Place.Servizio,
		Codice: x.Code, GovWayID: x.RegistryID,
	}
	if p.Scambio != "" {
		p.Instance = "urn:uuid:" + p.Scambio
	}
	for _, v := range x.Violations {
		p.Violations = append(p.Violations, titled(lang,
			Violation{Rule: v.Rule, Pattern: v.Pattern, Expected: phrase(v.Expected, lang), Found: phrase(v.Found, lang)}))
	}
	for _, s := range x.Spots {
		p.Violations = append(p.Violations, titled(lang,
			Violation{Rule: s.Rule, Where: s.Where, Expected: Say(s.Expected, lang), Found: Say(s.Found, lang)}))
	}
	if p.Detail == "" {
		p.Detail = summary(p.Violations, lang)
	}
	if x.More > 0 {
		more := modi.Text{IT: "Altri punti non elencati", EN: "Further places not listed"}
		p.Detail += ". " + Say(more, lang) + ": " + strconv.Itoa(x.More)
	}
	return p, x.RetryAfter
}

func titled(lang string, v Violation) Violation {
	if row, ok := Lookup(v.Rule); ok {
		v.Title = Say(row.Title, lang)
	}
	return v
}

// phrase is what the verifiers say in English, in a language. The protocol's own terms inside are not translated.
func phrase(s, lang string) string {
	if lang == "en" || s == "" {
		return s
	}
	return bilingual.Phrase(s).IT
}

// summary is the detail of an error that has only violations: for each its title, what the rule wants and what came.
func summary(vs []Violation, lang string) string {
	at, expected, found := modi.Text{IT: "punto", EN: "place"}, modi.Text{IT: "atteso", EN: "expected"}, modi.Text{IT: "trovato", EN: "found"}
	parts := make([]string, 0, len(vs))
	for _, v := range vs {
		part := v.Title
		if part == "" {
			part = string(v.Rule)
		}
		if v.Where != "" {
			part += "; " + Say(at, lang) + ": " + v.Where
		}
		if v.Expected != "" {
			part += "; " + Say(expected, lang) + ": " + v.Expected
		}
		if v.Found != "" {
			part += "; " + Say(found, lang) + ": " + v.Found
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ". ")
}

// TypeURL is the problem type of a rule.
func TypeURL(base string, id modi.RuleID) string {
	if base == "" {
		base = DefaultBase
	}
	return strings.TrimSuffix(base, "/") + "/" + string(id)
}

// Say picks the language of a text; Italian unless lang is "en".
func Say(t modi.Text, lang string) string {
	if lang == "en" && t.EN != "" {
		return t.EN
	}
	return t.IT
}

// Language reads Accept-Language: "en" when English is preferred to Italian, else "it".
func Language(acceptLanguage string) string {
	best, bestQ := "it", 0.0
	for part := range strings.SplitSeq(acceptLanguage, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if primary != "it" && primary != "en" {
			continue
		}
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			parsed, err := strconv.ParseFloat(v, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		if q > bestQ {
			best, bestQ = primary, q
		}
	}
	return best
}

// Challenge is the WWW-Authenticate value of a 401, "" for every other status (RFC 6750 §3: no error code when the
// caller sent no credential at all; RFC 9449 §7.1).
func (p Problem) Challenge() string {
	switch {
	case p.Status != 401:
		return ""
	case p.Rule == RuleNoKey, p.Rule == modi.VoucherTokenMissing:
		return `Bearer realm="snodo"`
	case strings.HasPrefix(string(p.Rule), string(modi.AreaDPoP)+"/"):
		return `DPoP realm="snodo", error="invalid_dpop_proof", algs="ES256 RS256"`
	default:
		return `Bearer realm="snodo", error="invalid_token"`
	}
}

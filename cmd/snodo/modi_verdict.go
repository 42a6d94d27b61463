// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"time"

	"github.com/snodo-pa/snodo/cmd/snodo/internal/byhand"
	"github.com/snodo-pa/snodo/cmd/snodo/internal/terminal"
	"github.com/snodo-pa/snodo/internal/bilingual"
	"github.com/snodo-pa/snodo/modi"
)

// modiVerdict is the result of modi verify. Scripts read it: its members do not change.
type modiVerdict struct {
	Accepted   bool            `json:"accepted"`
	Violations []modiViolation `json:"violations"`
	Proofs     []modiProof     `json:"proofs"`
}

type modiViolation struct {
	Rule     modi.RuleID  `json:"rule"`
	Pattern  modi.Pattern `json:"pattern"`
	Expected string       `json:"expected"`
	Found    string       `json:"found"`
	Hint     string       `json:"hint"`
}

type modiProof struct {
	Pattern  modi.Pattern `json:"pattern"`
	Issuer   string       `json:"issuer"`
	Subject  string       `json:"subject"`
	Audience string       `json:"audience"`
	JTI      string       `json:"jti"`
	KID      string       `json:"kid"`
	Alg      string       `json:"alg"`
	IssuedAt string       `json:"issuedAt"` // RFC 3339; empty when the token has none
	Expires  string       `json:"expires"`
}

func (a *app) modiVerdict(v byhand.Verdict) modiVerdict {
	out := modiVerdict{Accepted: v.Accepted, Violations: []modiViolation{}, Proofs: []modiProof{}}
	for _, x := range v.Violations {
		advice := byhand.Advice(x)
		out.Violations = append(out.Violations, modiViolation{x.Rule, x.Pattern, x.Expected, x.Found, a.t(advice.IT, advice.EN)})
	}
	for _, p := range v.Proofs {
		out.Proofs = append(out.Proofs, modiProof{
			p.Pattern, p.Issuer, p.Subject, p.Audience, p.JTI, p.KID, p.Algorithm, stamp(p.IssuedAt), stamp(p.Expires),
		})
	}
	return out
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (a *app) showModiVerdict(w *terminal.Writer, v byhand.Verdict, now time.Time) {
	switch n := len(v.Violations); {
	case v.Accepted && len(v.Proofs) == 0:
		w.Say(terminal.Good, a.t("ACCETTATO: il messaggio non ha prove e non ne doveva avere", "ACCEPTED: the message has no proofs and needed none"))
	case v.Accepted:
		w.Say(terminal.Good, a.t("ACCETTATO", "ACCEPTED"))
	case n == 1:
		w.Say(terminal.Bad, a.t("RIFIUTATO: 1 regola violata", "REFUSED: 1 broken rule"))
	default:
		w.Say(terminal.Bad, fmt.Sprintf(a.t("RIFIUTATO: %d regole violate", "REFUSED: %d broken rules"), n))
	}
	for _, x := range v.Violations {
		a.showViolation(w, x)
	}
	for _, p := range v.Proofs {
		w.Blank()
		w.Say(terminal.Good, fmt.Sprintf(a.t("%s valido", "%s holds"), p.Pattern))
		for _, row := range [][2]string{
			{"iss", p.Issuer},
			{"sub", p.Subject},
			{"aud", p.Audience},
			{"jti", p.JTI},
			{"kid", p.KID},
			{"alg", p.Algorithm},
			{"iat", a.when("iat", p.IssuedAt, now)},
			{"exp", a.when("exp", p.Expires, now)},
		} {
			if row[1] != "" {
				w.Para(row[0] + ": " + row[1])
			}
		}
	}
}

func (a *app) showViolation(w *terminal.Writer, x modi.Violation) {
	rule := byhand.RuleOf(x.Rule)
	w.Blank()
	w.Say(terminal.Bad, a.t(rule.Title.IT, rule.Title.EN))
	w.Para(fmt.Sprintf("%s: %s (%s)", a.t("regola", "rule"), x.Rule, x.Pattern))
	expected, found := bilingual.Phrase(x.Expected), bilingual.Phrase(x.Found)
	for _, row := range []struct{ it, en, value string }{
		{"atteso", "expected", a.t(expected.IT, expected.EN)},
		{"trovato", "found", a.t(found.IT, found.EN)},
		{"indizio", "hint", a.t(x.Hint.IT, x.Hint.EN)},
		{"rimedio", "remedy", a.t(rule.Remedy.IT, rule.Remedy.EN)},
	} {
		if row.value != "" {
			w.Para(a.t(row.it, row.en) + ": " + row.value)
		}
	}
}

// when is a time and where it lies.
func (a *app) when(claim string, at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	words := byhand.TimeWords(claim, at, now)
	return at.UTC().Format("2006-01-02 15:04:05 UTC") + ", " + a.t(words.IT, words.EN)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package modi

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// texts are all texts that a person may read, by where they stand.
func texts() map[string]Text {
	out := map[string]Text{}
	for _, r := range Rules() {
		out[string(r.ID)+" title"], out[string(r.ID)+" remedy"] = r.Title, r.Remedy
	}
	for _, l := range Leniencies() {
		out["leniency "+string(l.Name)] = l.Text
	}
	return out
}

// Words that only one of the two languages has: a text with them under the other language
// was put in the wrong place.
var (
	italian = regexp.MustCompile(`(?i)\b(il|lo|gli|un|una|uno|che|nel|della|dello|del|dei|delle|degli|di|con|assente|firmare|aggiungere|scrivere|inviare)\b|[àèéìòù]`)
	english = regexp.MustCompile(`(?i)\b(the|of|with|missing|is|are|not|write|add|send|another|without|and)\b`)
)

func TestTextsAreInTheirLanguage(t *testing.T) {
	for where, text := range texts() {
		if found := italian.FindString(text.EN); found != "" {
			t.Errorf("%s: %q in the English %q", where, found, text.EN)
		}
		if found := english.FindString(text.IT); found != "" {
			t.Errorf("%s: %q in the Italian %q", where, found, text.IT)
		}
	}
}

// Texts go into one line of a terminal, of a problem document and of a table in Markdown.
func TestTextsAreOneTidyLine(t *testing.T) {
	for where, text := range texts() {
		for language, s := range map[string]string{"it": text.IT, "en": text.EN} {
			switch {
			case s == "" || strings.TrimSpace(s) != s || strings.HasSuffix(s, "."):
				t.Errorf("%s %s: empty, or with something at its ends: %q", where, language, s)
			case strings.ContainsAny(s, "|\r\n\t`<>") || strings.Contains(s, "  "):
				t.Errorf("%s %s: not for one line: %q", where, language, s)
			case utf8.RuneCountInString(s) > 200:
				t.Errorf("%s %s: %d characters", where, language, utf8.RuneCountInString(s))
			case strings.Count(s, "(") != strings.Count(s, ")"):
				t.Errorf("%s %s: brackets of %q", where, language, s)
			}
		}
		for _, r := range text.EN {
			if r > unicode.MaxASCII {
				t.Errorf("%s: %q in the English", where, r)
			}
		}
	}
}

// technical are the words that are not of a language: names of claims and headers, numbers,
// algorithms. Both languages must say the same of them.
var technical = regexp.MustCompile(`\b(?:[a-z]+_[a-z_]+|[a-z]+[A-Z][A-Za-z]*|x5[a-zA-Z#0-9]+|cnf\.jkt|[a-z]{2}h|iss|sub|aud|iat|nbf|exp|jti|kid|typ|alg|jwk|ath|htm|htu|dnonce|[A-Z]{2,}[A-Z0-9_-]*[A-Z0-9]|\d+)\b`)

func TestLanguagesNameTheSameThings(t *testing.T) {
	for where, text := range texts() {
		names := func(s string) []string {
			out := technical.FindAllString(s, -1)
			slices.Sort(out)
			return slices.Compact(out)
		}
		if diff := cmp.Diff(names(text.IT), names(text.EN)); diff != "" {
			t.Errorf("%s: the languages name different things (-it +en):\n%s%s\n%s", where, diff, text.IT, text.EN)
		}
	}
}

// Two rules of one token that read the same could not be told apart by who reads them.
func TestTitlesOfATokenDiffer(t *testing.T) {
	seen := map[string]RuleID{}
	for _, r := range Rules() {
		for _, title := range []string{"it " + r.Title.IT, "en " + r.Title.EN} {
			if other, ok := seen[title]; ok {
				t.Errorf("%s and %s read the same: %q", other, r.ID, title)
			}
			seen[title] = r.ID
		}
	}
}

// A source leads to a document: an RFC with its section, a pattern or profile of the
// guideline, or a rule of PDND.
func TestSourcesLeadSomewhere(t *testing.T) {
	form := regexp.MustCompile(`RFC \d{4} (§|Appendix)\S|(ID_AUTH|INTEGRITY|AUDIT)_REST_|PROFILE_|PDND|LG Sicurezza|LG Interoperabilità`)
	for _, r := range Rules() {
		if !form.MatchString(r.Source) {
			t.Errorf("%s: source %q", r.ID, r.Source)
		}
	}
}

// A fault means the same in every token, so it deserves the same kind of answer; the
// exceptions are told here.
func TestAFaultHasOneClassForTokensOfOneKind(t *testing.T) {
	classes := map[Fault]map[Class][]Area{}
	for _, r := range Rules() {
		area, fault, _ := strings.Cut(string(r.ID), "/")
		if strings.HasPrefix(area, "modi.") {
			if classes[Fault(fault)] == nil {
				classes[Fault(fault)] = map[Class][]Area{}
			}
			classes[Fault(fault)][r.Class] = append(classes[Fault(fault)][r.Class], Area(area))
		}
	}
	for fault, byClass := range classes {
		if len(byClass) > 1 {
			t.Errorf("%s: %v", fault, byClass)
		}
	}
}

// A leniency bends what a verifier may find wrong in the form of a message. None of them
// touches signature, key, certificate's trust, owner, replay or the bytes themselves.
func TestLenienciesBendFormsOnly(t *testing.T) {
	firm := []Fault{
		FaultSignatureInvalid, FaultAlgorithmNotAllowed, FaultKeyUnknown, FaultKeyUnsuitable, FaultOwnerMismatch, FaultReplayed,
		FaultDigestMismatch, FaultSignedHeaderMismatch, FaultSignedHeaderMissing, FaultSignedHeaderCount, FaultDigestNotSigned,
		FaultCertificateUntrusted, FaultCertificateRevoked, FaultCertificateExpired, FaultSignerMismatch, FaultExpired, FaultTooOld,
		FaultIssuerMismatch, FaultPurposeMismatch, FaultTokenMissing, FaultTokenRepeated, FaultHeaderNotAllowed,
	}
	for _, l := range Leniencies() {
		for _, id := range l.Rules {
			area, fault, _ := strings.Cut(string(id), "/")
			if !strings.HasPrefix(area, "modi.") || slices.Contains(firm, Fault(fault)) {
				t.Errorf("%s bends %s", l.Name, id)
			}
		}
	}
}

// A leniency about the token itself is for every token that the e-service agrees on.
func TestTokenLenienciesAreForEveryToken(t *testing.T) {
	for _, l := range tokenLeniencies() {
		areas := map[Area]int{}
		for _, id := range l.Rules {
			area, _, _ := strings.Cut(string(id), "/")
			areas[Area(area)]++
		}
		want := map[Area]int{AreaIDAuth: areas[AreaAudit], AreaIntegrity: areas[AreaAudit], AreaAudit: areas[AreaAudit]}
		if l.Name == LenientDnonce {
			want = map[Area]int{AreaAudit: 2}
		}
		if diff := cmp.Diff(want, areas); diff != "" {
			t.Errorf("%s (-want +got):\n%s", l.Name, diff)
		}
	}
}

// Leniencies is made anew at each call: a caller cannot change what the next one sees.
func TestLenienciesReturnsACopy(t *testing.T) {
	first := Leniencies()
	first[0].Name, first[0].Rules[0] = "changed", "changed"
	if again := Leniencies(); again[0].Name == "changed" || again[0].Rules[0] == "changed" {
		t.Error("a caller changed the list")
	}
}

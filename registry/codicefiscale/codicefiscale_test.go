// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package codicefiscale_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/snodo-pa/snodo/registry/codicefiscale"
)

// All people and enti are invented.
func TestAccepts(t *testing.T) {
	for name, code := range map[string]string{
		"man":                     "BNCMRC85C12D612V",
		"woman, day + 40":         "CNTGLI88L65G999B",
		"last day of the year":    "FOXDAA71T71H501L",
		"29 February":             "VRDGUO00B29Z127I",
		"born abroad":             "KWLWEA90P54Z127L",
		"omocodia, one letter":    "BNCMRC85C12D61NK",
		"omocodia, two letters":   "BNCMRC85C12D6MNV",
		"omocodia, every letter":  "BNCMRCURCMNDSMNB",
		"organisation":            "81234500015",
		"organisation, leading 0": "07123450483",
	} {
		if err := codicefiscale.Valid(code); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, code := range map[string]string{
		"empty":                           "",
		"wrong check character":           "BNCMRC85C12D612W",
		"omocodia keeping the old check":  "BNCMRC85C12D61NV",
		"two digits exchanged":            "BNCMRC58C12D612V",
		"lower case":                      "bncmrc85c12d612v",
		"fifteen characters":              "BNCMRC85C12D612",
		"seventeen characters":            "BNCMRC85C12D612VV",
		"a space at the end":              "BNCMRC85C12D612 ",
		"letter that stands for no digit": "BNCMRC8AC12D612Q",
		"month that does not exist":       "BNCMRC85F12D612D",
		"day 0":                           "BNCMRC85C00D612Q",
		"day 40":                          "BNCMRC85C40D612U",
		"day 72":                          "BNCMRC85C72D612B",
		"30 February":                     "BNCMRC85B30D612O",
		"31 April":                        "BNCMRC85D31D612U",
		"letters beyond ASCII":            "BNCMRC85C12D61È",
		"ten digits":                      "8123450001",
		"wrong control digit":             "81234500016",
		"eleven zeros":                    "00000000000",
		"a letter among eleven":           "8123450001O",
	} {
		err := codicefiscale.Valid(code)
		if !errors.Is(err, codicefiscale.ErrInvalid) {
			t.Errorf("%s: error is %v, want ErrInvalid", name, err)
			continue
		}
		if code != "" && strings.Contains(err.Error(), code) {
			t.Errorf("%s: the error quotes the code", name)
		}
	}
}

func TestAnyOneWrongCharacterIsFound(t *testing.T) {
	const code = "BNCMRC85C12D612V"
	for i := range code {
		for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" {
			altered := code[:i] + string(c) + code[i+1:]
			if altered != code && codicefiscale.Valid(altered) == nil {
				t.Errorf("position %d: %c passes unnoticed", i+1, c)
			}
		}
	}
}

func TestValidOrganisationRefusesPeople(t *testing.T) {
	if err := codicefiscale.ValidOrganisation("81234500015"); err != nil {
		t.Error(err)
	}
	for _, code := range []string{"BNCMRC85C12D612V", "81234500016", "", "812345000150"} {
		if err := codicefiscale.ValidOrganisation(code); !errors.Is(err, codicefiscale.ErrInvalid) {
			t.Errorf("%q: error is %v, want ErrInvalid", code, err)
		}
	}
}

func TestValidPersonRefusesOrganisations(t *testing.T) {
	for _, code := range []string{"BNCMRC85C12D612V", "BNCMRC85C12D61NK"} {
		if err := codicefiscale.ValidPerson(code); err != nil {
			t.Error(err)
		}
	}
	for _, code := range []string{"81234500015", "BNCMRC85C12D612W", "", "BNCMRC85C12D612VX"} {
		if err := codicefiscale.ValidPerson(code); !errors.Is(err, codicefiscale.ErrInvalid) {
			t.Errorf("%q: error is %v, want ErrInvalid", code, err)
		}
	}
}

func TestNormalKeepsOmocodia(t *testing.T) {
	for in, want := range map[string]string{
		" bncmrc85c12d612v\n": "BNCMRC85C12D612V",
		"BNCMRC85C12D61NK":    "BNCMRC85C12D61NK",
		"":                    "",
	} {
		if got := codicefiscale.Normal(in); got != want {
			t.Errorf("Normal(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzValid: no input panics, and what is accepted is in normal form.
func FuzzValid(f *testing.F) {
	for _, seed := range []string{"BNCMRC85C12D612V", "BNCMRCURCMNDSMNB", "81234500015", "", "\x00", "ÀÀÀÀÀÀÀÀ", "0000000000000000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := codicefiscale.Valid(s)
		if err == nil && codicefiscale.Normal(s) != s {
			t.Errorf("%q is accepted but not normal", s)
		}
		if err != nil && !errors.Is(err, codicefiscale.ErrInvalid) {
			t.Errorf("error is %v, want ErrInvalid", err)
		}
		if codicefiscale.ValidPerson(s) == nil && !codicefiscale.Within("x"+strings.ToLower(s)+"1") {
			t.Errorf("%q is a code and is not found in a text", s)
		}
	})
}

// TestWithinFindsWhatMayBeACode wherever it stands, and whatever its check character: a text must not name a person.
func TestWithinFindsWhatMayBeACode(t *testing.T) {
	for text, want := range map[string]bool{
		"BNCMRC85C12D612V": true, "bncmrc85c12d612v": true, "BNCMRC85C12D61NK": true, "BNCMRCURCMNDSMNB": true,
		"istanza di BNCMRC85C12D612V, respinta": true, "xBNCMRC85C12D612V9": true, "pratica_bncmrc85c12d612w": true,
		"": false, "BNCMRC85C12D612": false, "BNCMRC 85C12 D612V": false, "BNCMRC85F12D612V": false, "81234500015": false,
		"pdnd.events/unavailable": false,
	} {
		if got := codicefiscale.Within(text); got != want {
			t.Errorf("Within(%q) = %v", text, got)
		}
	}
}

// TestOneWrongDigitOfAnOrganisationIsFound, and two neighbours exchanged but for 0 and 9,
// which the control digit cannot tell.
func TestOneWrongDigitOfAnOrganisationIsFound(t *testing.T) {
	const code = "07123450483"
	for i := range code {
		for d := byte('0'); d <= '9'; d++ {
			altered := code[:i] + string(d) + code[i+1:]
			if altered != code && codicefiscale.ValidOrganisation(altered) == nil {
				t.Errorf("position %d: %c passes unnoticed", i+1, d)
			}
		}
		if i == 0 || code[i] == code[i-1] || code[i]+code[i-1] == '0'+'9' {
			continue
		}
		exchanged := code[:i-1] + string(code[i]) + string(code[i-1]) + code[i+1:]
		if codicefiscale.ValidOrganisation(exchanged) == nil {
			t.Errorf("positions %d and %d exchanged pass unnoticed", i, i+1)
		}
	}
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

// Package codicefiscale tells whether a string is an Italian tax code: the sixteen
// characters of a person (DM 23 December 1976), also in the forms given to people who
// would share one (omocodia), or the eleven digits of an organisation or of a person
// with a provisional code. It owns the syntax only: whether a code was ever assigned
// is known to the Agenzia delle Entrate alone.
//
// It depends on the standard library and never quotes a code in an error.
package codicefiscale

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrInvalid is wrapped by every error of this package.
var ErrInvalid = errors.New("not a codice fiscale")

const (
	personLength = 16
	digitsLength = 11
)

// Normal trims spaces and writes letters in upper case, the form in which registries
// store and compare codes. It does not fold omocodia: two codes that differ in it
// belong to two people.
func Normal(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// Valid checks a code in its normal form: length, alphabet, date of birth and check
// character. The error wraps ErrInvalid, says what is wrong and never holds the code.
func Valid(s string) error {
	switch len(s) {
	case personLength:
		return person(s)
	case digitsLength:
		return organisation(s)
	default:
		return fmt.Errorf("%w: it has %d characters, not 16 or 11", ErrInvalid, len(s))
	}
}

// ValidPerson accepts only the sixteen characters of a person.
func ValidPerson(s string) error {
	if len(s) != personLength {
		return fmt.Errorf("%w: it has %d characters, not 16", ErrInvalid, len(s))
	}
	return person(s)
}

// ValidOrganisation accepts only the eleven digits of an organisation.
func ValidOrganisation(s string) error {
	if len(s) != digitsLength {
		return fmt.Errorf("%w: it has %d characters, not 11", ErrInvalid, len(s))
	}
	return organisation(s)
}

// Form is the shape of a person's code as a regular expression (RE2), in upper case and without bounds, for who takes
// codes out of texts: there what only looks like one counts as one. It holds no group.
const Form = `[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]`

var within = regexp.MustCompile(`(?i)` + Form)

// Within tells whether a text holds what may be the code of a person, in upper or lower case and also inside a longer
// word: sixteen characters of the form, whatever their check character.
func Within(s string) bool { return within.MatchString(s) }

// The shape of a personal code: L letter, D digit or its omocodia letter, M month.
const personShape = "LLLLLLDDMDDLDDDL"

func person(s string) error {
	plain := make([]byte, 0, personLength) // omocodia undone, to read the date
	for i := range personLength {
		c := s[i]
		ok := false
		switch personShape[i] {
		case 'L':
			ok = c >= 'A' && c <= 'Z'
		case 'M':
			ok = strings.IndexByte(months, c) >= 0
		case 'D':
			c, ok = digit(c)
		}
		if !ok {
			return fmt.Errorf("%w: character %d is not allowed there", ErrInvalid, i+1)
		}
		plain = append(plain, c)
	}
	if !validDay(plain) {
		return fmt.Errorf("%w: the day of birth does not exist", ErrInvalid)
	}
	if s[15] != checkLetter(s[:15]) {
		return fmt.Errorf("%w: the check character does not match", ErrInvalid)
	}
	return nil
}

// months are the letters of January to December.
const months = "ABCDEHLMPRST"

// omocodia are the letters that stand for the digits 0 to 9.
const omocodia = "LMNPQRSTUV"

// digit undoes omocodia.
func digit(c byte) (byte, bool) {
	if c >= '0' && c <= '9' {
		return c, true
	}
	if i := strings.IndexByte(omocodia, c); i >= 0 {
		return "0123456789"[i], true
	}
	return c, false
}

// validDay reads month and day, to which 40 is added for women. 29 February is
// accepted in every year: two digits do not tell the century.
func validDay(plain []byte) bool {
	days := [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	last := days[strings.IndexByte(months, plain[8])]
	day := int(plain[9]-'0')*10 + int(plain[10]-'0')
	if day > 40 {
		day -= 40
	}
	return day >= 1 && day <= last
}

// checkLetter weighs the fifteen characters of s, as they are written: odd positions
// by the table of the decree, even ones by their rank.
func checkLetter(s string) byte {
	odd := [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range len(s) {
		rank := int(s[i] - '0')
		if s[i] >= 'A' {
			rank = int(s[i] - 'A')
		}
		if i%2 == 0 { // the first character is at an odd position
			rank = odd[rank]
		}
		sum += rank
	}
	return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[sum%26]
}

// organisation checks eleven digits by their control digit (Luhn, as for a partita
// IVA).
func organisation(s string) error {
	sum := 0
	for i := range digitsLength {
		if s[i] < '0' || s[i] > '9' {
			return fmt.Errorf("%w: character %d is not a digit", ErrInvalid, i+1)
		}
		n := int(s[i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	if sum%10 != 0 || s == "00000000000" {
		return fmt.Errorf("%w: the control digit does not match", ErrInvalid)
	}
	return nil
}

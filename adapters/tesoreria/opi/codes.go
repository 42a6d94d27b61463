// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	ibanForm   = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)
	italian    = regexp.MustCompile(`^(?:IT|SM)[0-9]{2}[A-Z][0-9]{10}[A-Z0-9]{12}$`)
	cupForm    = regexp.MustCompile(`^[A-Z][0-9]{2}[A-Z][0-9]{11}$`)
	personForm = regexp.MustCompile(`^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$`)
	bodyForm   = regexp.MustCompile(`^[0-9]{11}$`)
)

// validIBAN checks the form and both check digits of ISO 13616, and of Italian and Sammarinese ones the length.
func validIBAN(iban string) bool {
	if !ibanForm.MatchString(iban) || (strings.HasPrefix(iban, "IT") || strings.HasPrefix(iban, "SM")) && !italian.MatchString(iban) {
		return false
	}
	rest := 0
	for _, c := range iban[4:] + iban[:4] {
		value := strconv.Itoa(int(c - '0'))
		if c >= 'A' {
			value = strconv.Itoa(int(c-'A') + 10)
		}
		for _, digit := range value {
			rest = (rest*10 + int(digit-'0')) % 97
		}
	}
	return rest == 1
}

// IsPersonalCode tells whether a text is the codice fiscale of a person: its form, and its last character.
func IsPersonalCode(code string) bool {
	return personForm.MatchString(code) && checkLetter(code) == code[15]
}

// validFiscalCode checks the last character of a codice fiscale of a person (DM 23 December 1976) or of a body, which
// is also that of a partita IVA. What has the form of neither is not judged: it may be foreign.
func validFiscalCode(code string) bool {
	if bodyForm.MatchString(code) {
		return checkDigit(code) == 0
	}
	return len(code) != 16 || IsPersonalCode(code)
}

// oddValues are the values of 0-9 and A-Z at the odd places of a codice fiscale.
const oddValues = "\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15" +
	"\x01\x00\x05\x07\x09\x0d\x0f\x11\x13\x15\x02\x04\x12\x14\x0b\x03\x06\x08\x0c\x0e\x10\x0a\x16\x19\x18\x17"

func checkLetter(code string) byte {
	sum := 0
	for i := range 15 {
		c := int(code[i] - '0')
		if code[i] >= 'A' {
			c = int(code[i]-'A') + 10
		}
		switch {
		case i%2 == 0:
			sum += int(oddValues[c])
		case c >= 10:
			sum += c - 10
		default:
			sum += c
		}
	}
	return byte('A' + sum%26)
}

func checkDigit(code string) int {
	sum := 0
	for i := range 11 {
		d := int(code[i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum % 10
}

// placeholderCIG tells a CIG of zeros, which programs write where there is none.
func placeholderCIG(cig string) bool { return strings.Trim(cig, "0") == "" }

// siopeTitle checks a code of ten digits against the titles of the integrated chart of accounts (DPR 132/2013, Dlgs
// 118/2011): 1-5 and 7 for payments, 1-7 and 9 for collections. Shorter codes belong to bodies with charts of their own.
func siopeTitle(code string, collection bool) bool {
	if len(code) != 10 {
		return true
	}
	if collection {
		return strings.ContainsRune("12345679", rune(code[0]))
	}
	return strings.ContainsRune("123457", rune(code[0]))
}

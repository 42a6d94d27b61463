// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package anpr

import "strings"

// codiceFiscale computes the code of a person from surname, name, sex (M or F), date of
// birth (YYYY-MM-DD) and cadastral code of the place of birth (DM 23/12/1976). The names
// must be upper case; accents are dropped.
func codiceFiscale(cognome, nome, sesso, nascita, luogo string) string {
	const months = "ABCDEHLMPRST"
	month := int(nascita[5]-'0')*10 + int(nascita[6]-'0')
	day := []byte(nascita[8:10])
	if sesso == "F" {
		day[0] += 4
	}
	code := surnamePart(cognome) + namePart(nome) + nascita[2:4] + months[month-1:month] + string(day) + luogo
	return code + string(controlChar(code))
}

// omocodia replaces the last digits of a code, as many as asked, with the letters that
// tell apart two people with the same data.
func omocodia(code string, replaced int) string {
	const letters = "LMNPQRSTUV"
	b := []byte(code[:15])
	for i := len(b) - 1; i >= 0 && replaced > 0; i-- {
		if b[i] >= '0' && b[i] <= '9' {
			b[i] = letters[b[i]-'0']
			replaced--
		}
	}
	return string(b) + string(controlChar(string(b)))
}

// controlChar is the sixteenth character of the first fifteen.
func controlChar(first15 string) byte {
	const odd = "BAFHJNPRTVCESULDGIMOQKWZYX"
	sum := 0
	for i := range len(first15) {
		c := first15[i]
		value := int(c - 'A')
		if c >= '0' && c <= '9' {
			value = int(c - '0')
		}
		if i%2 == 0 {
			sum += int(odd[value] - 'A')
		} else {
			sum += value
		}
	}
	return byte('A' + sum%26)
}

func surnamePart(s string) string {
	consonants, vowels := split(s)
	return (consonants + vowels + "XXX")[:3]
}

func namePart(s string) string {
	consonants, vowels := split(s)
	if len(consonants) >= 4 {
		consonants = consonants[:1] + consonants[2:4]
	}
	return (consonants + vowels + "XXX")[:3]
}

func split(s string) (consonants, vowels string) {
	plain := strings.NewReplacer("À", "A", "È", "E", "É", "E", "Ì", "I", "Í", "I", "Ò", "O", "Ù", "U")
	for _, c := range plain.Replace(s) {
		switch {
		case strings.ContainsRune("AEIOU", c):
			vowels += string(c)
		case c >= 'A' && c <= 'Z':
			consonants += string(c)
		}
	}
	return consonants, vowels
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package schema

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// builtin is a type of XML Schema, part 2.
type builtin int

const (
	noBuiltin builtin = iota
	typeString
	typeAny
	typeDecimal
	typeInteger
	typeNonNegative
	typePositive
	typeLong
	typeDate
	typeDateTime
	typeBase64
	typeURI
	typeID
)

func builtinOf(xs string) builtin {
	switch xs {
	case "string":
		return typeString
	case "anySimpleType":
		return typeAny
	case "decimal":
		return typeDecimal
	case "integer":
		return typeInteger
	case "nonNegativeInteger":
		return typeNonNegative
	case "positiveInteger":
		return typePositive
	case "long":
		return typeLong
	case "date":
		return typeDate
	case "dateTime":
		return typeDateTime
	case "base64Binary":
		return typeBase64
	case "anyURI":
		return typeURI
	case "ID":
		return typeID
	}
	return noBuiltin
}

func (b builtin) String() string {
	return [...]string{
		"", "string", "anySimpleType", "decimal", "integer", "nonNegativeInteger", "positiveInteger", "long", "date", "dateTime", "base64Binary",
		"anyURI", "ID",
	}[b]
}

// preserves tells whether white space belongs to the value.
func (b builtin) preserves() bool { return b == typeString || b == typeAny }

// admits tells whether a text, its white space already collapsed where the type asks for it, is of the type. n is the
// value of a number.
func (b builtin) admits(text string) (n number, ok bool) {
	switch b {
	case typeDecimal:
		return parseNumber(text)
	case typeInteger, typeNonNegative, typePositive, typeLong:
		if strings.Contains(text, ".") {
			return n, false
		}
		if n, ok = parseNumber(text); !ok {
			return n, false
		}
		return n, b.inRange(n)
	case typeDate:
		return n, isDate(text)
	case typeDateTime:
		return n, isDateTime(text)
	case typeBase64:
		return n, isBase64(text)
	case typeURI:
		return n, isURI(text)
	case typeID:
		return n, ncName.MatchString(text)
	case typeString, typeAny, noBuiltin:
	}
	return n, true
}

func (b builtin) inRange(n number) bool {
	switch b {
	case typeNonNegative:
		return !n.negative
	case typePositive:
		return !n.negative && !n.zero()
	case typeLong:
		least, _ := parseNumber("-9223372036854775808")
		most, _ := parseNumber("9223372036854775807")
		return n.compare(least) >= 0 && n.compare(most) <= 0
	default:
		return true
	}
}

// number is a decimal: no zeros before the whole part or after the fraction; zero is not negative.
type number struct {
	negative        bool
	whole, fraction string
}

// maxDigits is how many digits a number may be written with, zeros in front not counted. XML Schema asks for 18 at
// least; 24 is what libxml2 reads.
const maxDigits = 24

func parseNumber(text string) (number, bool) {
	n := number{negative: strings.HasPrefix(text, "-")}
	if text != "" && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if !digits(whole) || !digits(fraction) || whole == "" && fraction == "" {
		return n, false
	}
	n.whole = strings.TrimLeft(whole, "0")
	if len(n.whole)+len(fraction) > maxDigits {
		return n, false
	}
	n.fraction = strings.TrimRight(fraction, "0")
	n.negative = n.negative && !n.zero()
	return n, true
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func (n number) zero() bool { return n.whole == "" && n.fraction == "" }

func (n number) compare(m number) int {
	sign := 1
	if n.negative != m.negative {
		if n.negative {
			return -1
		}
		return 1
	}
	if n.negative {
		sign = -1
	}
	if len(n.whole) != len(m.whole) {
		return sign * (len(n.whole) - len(m.whole))
	}
	return sign * strings.Compare(n.whole+"."+n.fraction, m.whole+"."+m.fraction)
}

// String is the canonical form, with which equal values are equal texts.
func (n number) String() string {
	out := n.whole + "." + n.fraction
	if n.negative {
		out = "-" + out
	}
	return out
}

var (
	dateForm = regexp.MustCompile(`^(-?(?:[1-9][0-9]{4,8}|[0-9]{4}))-([0-9]{2})-([0-9]{2})(.*)$`)
	timeForm = regexp.MustCompile(`^T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(.*)$`)
	zoneForm = regexp.MustCompile(`^(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?$`)
	ncName   = regexp.MustCompile(`^[\p{L}_][\p{L}\p{Nd}\p{M}._\-·]*$`)
	percent  = regexp.MustCompile(`%(?:[^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?$)`)
)

// day reads the date at the beginning of a text and gives what follows.
func day(text string) (rest string, ok bool) {
	found := dateForm.FindStringSubmatch(text)
	if found == nil {
		return "", false
	}
	year, err := strconv.Atoi(found[1])
	if err != nil || year == 0 {
		return "", false
	}
	month, _ := strconv.Atoi(found[2])
	of, _ := strconv.Atoi(found[3])
	last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return found[4], month >= 1 && month <= 12 && of >= 1 && of <= last
}

func isDate(text string) bool {
	rest, ok := day(text)
	return ok && zoneForm.MatchString(rest)
}

func isDateTime(text string) bool {
	rest, ok := day(text)
	found := timeForm.FindStringSubmatch(rest)
	if !ok || found == nil {
		return false
	}
	clock := found[1] + found[2] + found[3]
	endOfDay := clock == "240000" && strings.Trim(found[4], ".0") == ""
	return (endOfDay || found[1] <= "23" && found[2] <= "59" && found[3] <= "59") && zoneForm.MatchString(found[5])
}

// isBase64 reads the lexical form of part 2, §3.2.16: bits that are cut off are zero.
func isBase64(text string) bool {
	text = strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "").Replace(text)
	if len(text)%4 != 0 {
		return false
	}
	body := strings.TrimRight(text, "=")
	for _, c := range []byte(body) {
		if !strings.ContainsRune(base64Alphabet, rune(c)) {
			return false
		}
	}
	switch len(text) - len(body) {
	case 0:
		return true
	case 1:
		return strings.IndexByte(base64Alphabet, body[len(body)-1])%4 == 0
	case 2:
		return strings.IndexByte(base64Alphabet, body[len(body)-1])%16 == 0
	}
	return false
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

func isURI(text string) bool {
	if strings.Count(text, "#") > 1 || percent.MatchString(text) {
		return false
	}
	_, err := url.Parse(strings.ReplaceAll(text, " ", "%20"))
	return err == nil
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Importo is an amount in cents of euro. Its text, in XML as in JSON, is euro with two decimals: "1220.00". JSON has it
// as a string: a number would leave open whether it is cents or euro, and pass through binary fractions.
type Importo int64

// maxImporto is the greatest amount that OPI has room for: fifteen digits.
const maxImporto Importo = 999_999_999_999_999

var errImporto = errors.New("not an amount of at most thirteen digits and two decimals after a point")

// ParseImporto reads "1220", "1220.5", "1220.50" and the same with a minus.
func ParseImporto(text string) (Importo, error) {
	digits, negative := strings.CutPrefix(strings.TrimPrefix(text, "+"), "-")
	whole, cents, point := strings.Cut(digits, ".")
	cents = strings.TrimRight(cents, "0")
	whole = strings.TrimLeft(whole, "0")
	if strings.Trim(digits, "0123456789.") != "" || strings.Trim(digits, ".") == "" || len(cents) > 2 || len(whole) > 13 ||
		point && strings.Contains(digits[strings.IndexByte(digits, '.')+1:], ".") || strings.HasPrefix(text, "+-") {
		return 0, errImporto
	}
	n, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	if err != nil {
		return 0, errImporto
	}
	if negative {
		n = -n
	}
	return Importo(n), nil
}

// String is the amount in euro, with two decimals after a point.
func (i Importo) String() string {
	sign, n := "", uint64(i) //nolint:gosec // the sign is taken off below
	if i < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// Plus adds two amounts. A sum beyond what an int64 holds stays at its end: amounts without number never add up to a
// small one.
func (i Importo) Plus(other Importo) Importo {
	switch {
	case other > 0 && i > math.MaxInt64-other:
		return math.MaxInt64
	case other < 0 && i < math.MinInt64-other:
		return math.MinInt64
	}
	return i + other
}

// MarshalJSON writes the text as a string.
func (i Importo) MarshalJSON() ([]byte, error) { return json.Marshal(i.String()) }

// UnmarshalJSON reads the text from a string; a number is refused.
func (i *Importo) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("an amount is a string such as \"1220.00\": %w", err)
	}
	n, err := ParseImporto(text)
	*i = n
	return err
}

// Data is a date as XML Schema writes it, "2026-10-12"; a time zone may follow.
type Data string

// NewData is the day of an instant in the place of the instant.
func NewData(t time.Time) Data { return Data(t.Format(time.DateOnly)) }

// Time is the beginning of the day in UTC. The time zone, where there is one, is left out.
func (d Data) Time() (time.Time, error) {
	return time.Parse(time.DateOnly, string(d[:min(len(d), len(time.DateOnly))]))
}

// DataOra is an instant as XML Schema writes it, "2026-10-12T09:30:15"; without a time zone it is that of Rome.
type DataOra string

// NewDataOra writes an instant in the place of the instant, to the second, without time zone.
func NewDataOra(t time.Time) DataOra { return DataOra(t.Format("2006-01-02T15:04:05")) }

// Time reads the instant; rome is for one without a time zone.
func (d DataOra) Time(rome *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, string(d)); err == nil {
		return t, nil
	}
	return time.ParseInLocation("2006-01-02T15:04:05", string(d), rome)
}

// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package opi

import (
	"encoding/json"
	"testing"
	"time"
)

func TestImporto(t *testing.T) {
	for text, want := range map[string]Importo{
		"0": 0, "1220": 122000, "1220.5": 122050, "1220.50": 122050, "1220.500": 122050, "-0.01": -1, "+3": 300, "001.10": 110, ".5": 50, "5.": 500,
		"9999999999999.99": maxImporto, "-9999999999999.99": -maxImporto,
	} {
		got, err := ParseImporto(text)
		if err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
		if again, err := ParseImporto(got.String()); err != nil || again != got {
			t.Errorf("%s: %d, %v", got, again, err)
		}
	}
	for _, text := range []string{"", ".", "-", "+", "1,5", "1.005", "1e3", " 1", "1 ", "--1", "+-1", "1.2.3", "12345678901234", "0x1", "١"} {
		if got, err := ParseImporto(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
	for n, want := range map[Importo]string{0: "0.00", 5: "0.05", -5: "-0.05", 122000: "1220.00", -1 << 63: "-92233720368547758.08"} {
		if n.String() != want {
			t.Errorf("%d: %s", int64(n), n)
		}
	}
}

func TestSumsOfImportoStayAtTheEnd(t *testing.T) {
	const most, least = Importo(1<<63 - 1), Importo(-1 << 63)
	for _, c := range []struct{ a, b, want Importo }{{1, 2, 3}, {-5, 2, -3}, {most, 1, most}, {most, -1, most - 1}, {least, -1, least}, {least, most, -1}} {
		if got := c.a.Plus(c.b); got != c.want {
			t.Errorf("%d + %d = %d", c.a, c.b, got)
		}
	}
}

func TestImportoInJSON(t *testing.T) {
	out, err := json.Marshal(struct{ A Importo }{122050})
	if err != nil || string(out) != `{"A":"1220.50"}` {
		t.Errorf("%s, %v", out, err)
	}
	var in struct{ A Importo }
	if err := json.Unmarshal(out, &in); err != nil || in.A != 122050 {
		t.Errorf("%d, %v", in.A, err)
	}
	for _, bad := range []string{`{"A":1220.50}`, `{"A":122050}`, `{"A":"1.220,50"}`, `{"A":true}`} {
		if err := json.Unmarshal([]byte(bad), &in); err == nil {
			t.Errorf("%s is %s", bad, in.A)
		}
	}
}

func TestDates(t *testing.T) {
	day := time.Date(2026, 10, 12, 23, 59, 58, 7, time.UTC)
	if d := NewData(day); d != "2026-10-12" {
		t.Error(d)
	}
	if got, err := Data("2026-10-12+02:00").Time(); err != nil || !got.Equal(time.Date(2026, 10, 12, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Data("12/10").Time(); err == nil {
		t.Error("read a date that is none")
	}
	if d := NewDataOra(day); d != "2026-10-12T23:59:58" {
		t.Error(d)
	}
	rome := time.FixedZone("Rome", 7200)
	for text, want := range map[DataOra]string{"2026-10-12T09:00:00": "07:00:00", "2026-10-12T09:00:00Z": "09:00:00", "2026-10-12T09:00:00.5+01:00": "08:00:00"} {
		if got, err := text.Time(rome); err != nil || got.UTC().Format(time.TimeOnly) != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if _, err := DataOra("domani").Time(rome); err == nil {
		t.Error("read an instant that is none")
	}
}

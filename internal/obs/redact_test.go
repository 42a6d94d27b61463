// SPDX-FileCopyrightText: 2026 The Snodo authors
// SPDX-License-Identifier: EUPL-1.2

package obs

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestUsualTextsAreNotSuspect: the expression does not run over what nearly every line holds.
func TestUsualTextsAreNotSuspect(t *testing.T) {
	for _, s := range []string{
		"", "richiesta", "esposizione", "/modi/{codiceIPA}/stato-istanza/v1/ricerche", "POST", "192.0.2.7", "2001:db8::17",
		"00000000-0000-4000-8000-000000000001", "0123456789012345678901234567890123456789", "modi.integrity/digest-mismatch",
		"2026-03-10T10:00:00.123456789Z", "anpr-c030", "1.234ms", "ASILO-2026-0001",
	} {
		if suspect(s) {
			t.Errorf("%q is suspect", s)
		}
	}
}

func TestWhatIsFoundIsSuspect(t *testing.T) {
	for _, s := range []string{
		jws, pem, key, strings.ToUpper(key), name, "x_" + name, "(" + name + ")", "rssmra85t10a562s", "RSSMRA85T10A56NH", "è" + jws,
		"-----begin x-----", "R\u017fSMRA85T10A562S",
	} {
		if got := sensitive.ReplaceAllString(s, Hidden); got != s && !suspect(s) {
			t.Errorf("%q is passed over", s)
		}
	}
}

// FuzzSuspect: the quick look never passes over what the expression would take out.
func FuzzSuspect(f *testing.F) {
	for _, s := range []string{jws, pem, key, name, "a.b.c", "aaaaaaaa.bbbbbbbb.c", "o_", "-----", "R\u017fSMRA85T10A562S"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := Redact(s), sensitive.ReplaceAllString(s, Hidden); got != want {
			t.Errorf("Redact(%q) = %q, want %q", s, got, want)
		}
	})
}

// BenchmarkAccessLine is one line as the access log writes it.
func BenchmarkAccessLine(b *testing.B) {
	l := NewLogger(io.Discard, slog.LevelInfo)
	b.ReportAllocs()
	for b.Loop() {
		l.LogAttrs(context.Background(), slog.LevelInfo, "richiesta",
			slog.String("ascolto", "esposizione"), slog.String("ente", "c_bf01"), slog.String("servizio", "stato-istanza"),
			slog.String("uri", "/modi/{codiceIPA}/stato-istanza/v1/istanze/{id}"), slog.String("operazione", "leggiIstanza"),
			slog.String("metodo", "GET"), slog.Int("esito", 200), slog.String("ip", "192.0.2.7"),
			slog.String("fruitore", "50000000-0000-4000-8000-000000000001"),
			slog.String("id_richiesta", "00112233445566778899aabbccddeeff"),
			slog.String("scambio", "00000000-0000-4000-8000-000000000001"), slog.String("regola", ""),
			slog.Duration("durata", 1234*time.Microsecond))
	}
}

// FuzzRedact looks for a codice fiscale or a token that survives among arbitrary text.
func FuzzRedact(f *testing.F) {
	f.Add("prima ", " dopo")
	f.Add("{\"codiceFiscale\":\"", "\"}")
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.ContainsAny(before, "\x00") {
			return
		}
		// Set apart as texts are: a word that runs on is not a codice fiscale.
		for _, s := range []string{name, jws, key} {
			if got := Redact(before + " " + s + " " + after); strings.Contains(got, s) {
				t.Errorf("%q survives in %q", s, got)
			}
		}
	})
}
